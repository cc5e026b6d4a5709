//go:build unix

package embedded_test

import (
	"syscall"
	"time"
)

// cpuTime is the processor's time that this process has used: what a busy machine does not change.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
