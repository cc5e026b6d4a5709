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
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // the plan's zone must be known where the machine has no zone files
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals // whoever asks twice does not want to wait
		os.Exit(interrupted)
	}()
	code := run(ctx, &program{args: os.Args, environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr, clock: time.Now, opening: collectLess})
	stop()
	os.Exit(code)
}

// collectLess lets garbage lie while the program starts: a start makes much of it and keeps little, and collecting it meanwhile takes a fifth of the time
// until the first answer. The function that it gives ends that.
func collectLess() func() {
	percent := debug.SetGCPercent(400)
	return func() { debug.SetGCPercent(percent) }
}

// interrupted is the exit status of a program that was ended by the second signal, as shells have it.
const interrupted = 130

// program is one start of resync: all that it takes from outside.
type program struct {
	args    []string
	environ []string
	dir     string // folder of settings.toml; empty: the working folder
	in      io.Reader
	out     io.Writer // data only
	err     io.Writer // everything else
	clock   func() time.Time
	self    func() (string, error) // path of this program; nil: os.Executable
	opening func() func()          // called when a site is opened, and what it gives when that is done; may be nil
}
