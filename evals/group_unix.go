//go:build unix

package evals

import (
	"os/exec"
	"syscall"
)

// grouped starts a program in a process group of its own, so that what it starts in turn can be ended with it.
func grouped(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return killGroup(c) }
}

// killGroup ends the program and whatever it has started and left in its group.
func killGroup(c *exec.Cmd) error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
