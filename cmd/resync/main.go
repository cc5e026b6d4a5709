// Command resync lets people ask a workload scheduler questions: in a web page, over REST and MCP, and at the terminal. It reads and
// never changes the plan. This package wires the rooms together and knows no rule about plans: one file per subcommand.
//
// Start at run; every test starts it the same way.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the plan's zone must be known where the machine has no zone files
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, &program{args: os.Args, environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr, clock: time.Now})
	stop()
	os.Exit(code)
}

// program is one start of resync: all that it takes from outside.
type program struct {
	args    []string
	environ []string
	dir     string // folder of settings.toml; empty: the working folder
	in      io.Reader
	out     io.Writer // data only
	err     io.Writer // everything else
	clock   func() time.Time
}
