//go:build !unix

package main

import "time"

// cpuTime is not known here; the report has zeros.
func cpuTime() time.Duration { return 0 }
