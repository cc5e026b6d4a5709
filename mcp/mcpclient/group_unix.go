//go:build unix

package mcpclient

import (
	"os/exec"
	"syscall"
)

// inGroup gives the program a process group of its own, so that its children can be ended with it, and so that an interrupt at the
// terminal is ours to pass on.
func inGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// endGroup asks the group to end. An error means that nobody is left.
func endGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
