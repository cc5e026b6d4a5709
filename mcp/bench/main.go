// Command bench measures what a call of a tool over MCP costs in Resync, beside mcp-go alone, the official Go SDK and the official TypeScript SDK, on an equal tool
// in one run. The figure that counts is CPU time of the server process per call: it holds on a busy machine too, where rates and latencies do not.
//
// It is a module of its own, so that the product does not depend on what it is compared with. make bench-mcp builds the servers and runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// plan is what a run does.
type plan struct {
	bin, resync, node, typescript string
	quick                         bool
	rounds, starts                int
	length                        time.Duration // of a round of one server
	warm                          int           // calls before anything is measured
}

// atOnce is how many calls are under way at a time.
const atOnce = 16

func main() {
	var p plan
	flag.StringVar(&p.bin, "bin", "bin", "folder with the built servers: product, bare, gosdk")
	flag.StringVar(&p.resync, "resync", "", "the built program itself, stripped; empty leaves its figures out")
	flag.StringVar(&p.typescript, "typescript", "", "folder with server.mjs and its node_modules; empty leaves the TypeScript SDK out")
	flag.StringVar(&p.node, "node", "node", "Node.js for it")
	flag.BoolVar(&p.quick, "quick", false, "a few seconds: only whether everything runs and nothing is absurd")
	flag.IntVar(&p.rounds, "rounds", 7, "rounds, each through all servers")
	flag.DurationVar(&p.length, "length", 3*time.Second, "time of a server in a round")
	flag.Parse()
	p.starts, p.warm = 15, 2000
	if p.quick {
		p.rounds, p.length, p.starts, p.warm = 3, 400*time.Millisecond, 3, 200
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, p); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// subjects are the servers that are compared, the product first.
func (p plan) subjects() []*subject {
	bin := func(name string) string { return filepath.Join(p.bin, name) }
	all := []*subject{
		{name: product, argv: []string{bin("product")}},
		{name: guarded, argv: []string{bin("product"), "-guards"}, token: "bench"},
		{name: bare, argv: []string{bin("bare")}},
		{name: goSDK, argv: []string{bin("gosdk")}},
	}
	if p.typescript != "" {
		all = append(all, &subject{name: tsSDK, argv: []string{p.node, filepath.Join(p.typescript, "server.mjs")}})
	}
	return all
}

func run(ctx context.Context, p plan) error {
	r := report{plan: p, machine: machine(ctx, p), before: load()}
	all := p.subjects()
	for _, s := range all {
		if err := s.start(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		defer s.stop()
	}
	for _, era := range []string{modern, legacy} {
		if err := compare(ctx, p, all, era); err != nil {
			return err
		}
	}
	for _, s := range all {
		s.memory = s.resident()
		s.stop()
	}
	for _, s := range all {
		var err error
		if s.cold, err = coldStart(ctx, s.argv, nil, p.starts); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	r.subjects = all
	if p.resync != "" {
		var err error
		if r.whole, err = wholeProgram(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.resync, err)
		}
	}
	r.after = load()
	r.print(os.Stdout)
	return r.absurd()
}

// compare warms all servers up and then loads one after the other, round for round, each round beginning with another one.
func compare(ctx context.Context, p plan, all []*subject, era string) error {
	for _, s := range all {
		if err := s.probe(ctx, era); err != nil {
			return fmt.Errorf("%s, %s: %w", s.name, era, err)
		}
		if _, err := s.load(ctx, era, 0, p.warm); err != nil {
			return fmt.Errorf("%s, %s: %w", s.name, era, err)
		}
	}
	for round := range p.rounds {
		for i := range all {
			s := all[(round+i)%len(all)]
			fmt.Fprintf(os.Stderr, "%s, round %d of %d: %s\n", era, round+1, p.rounds, s.name)
			f, err := s.load(ctx, era, p.length, 0)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.name, era, err)
			}
			s.keep(era, f)
		}
	}
	return nil
}
