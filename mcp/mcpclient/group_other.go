//go:build !unix

package mcpclient

import "os/exec"

// Here a program has no group of its own: it alone is ended, and its children go when their pipes break.
func inGroup(*exec.Cmd) {}

func endGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
