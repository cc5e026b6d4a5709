package main

import (
	"context"
	"encoding/csv"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// teller is a command that calls one tool and tells what came back: the same arguments, the same rules and the same result as over MCP.
type teller[In, Out any] struct {
	name, usage, args string
	flags             []cli.Flag
	// in makes the tool's arguments of the command line.
	in  func(*cli.Command) (In, error)
	run func(*tools.Tools, context.Context, In) (toolkit.Reply[Out], error)
	// text writes the result for a person.
	text func(*screen, toolkit.Reply[Out])
	// csv gives the rows.
	csv func(Out) (head []string, rows [][]string)
}

// bounded refuses numbers of flags that are less than one or greater than their bound.
func bounded(c *cli.Command, bounds map[string]int) error {
	for name, most := range bounds {
		if n := c.Int(name); n < 1 || n > most {
			return fault.New(fault.Invalid, "--%s is a number from 1 to %d.", name, most)
		}
	}
	return nil
}

// tellCommands are the commands that tell what a tool tells.
func (p *program) tellCommands() []*cli.Command {
	return []*cli.Command{p.changesCommand(), p.impactCommand(), p.lateCommand(), p.radarCommand(), p.handoverCommand(), p.watchCommand()}
}

// tellCommand makes the command. It has -o, --json, --engine and --watch besides its own flags.
func tellCommand[In, Out any](p *program, t teller[In, Out]) *cli.Command {
	return &cli.Command{
		Name: t.name, Usage: t.usage, ArgsUsage: t.args,
		Flags: append(append(listFlags(), watchFlag()), t.flags...),
		Action: func(ctx context.Context, c *cli.Command) error {
			form, err := listForm(c)
			if err != nil {
				return err
			}
			in, err := t.in(c)
			if err != nil {
				return err
			}
			return p.onEngine(ctx, c, form, func(ctx context.Context, e engine, w *screen) ([]string, error) {
				r, err := t.run(e.tools, ctx, in)
				if err != nil {
					return nil, err
				}
				page := func() {
					t.text(w, r)
					w.line(looking(trailer(r.Engine, r.Clocks, r.UpstreamCalls), dim))
				}
				return nil, inForm(w, form, r, page, func() ([]string, [][]string) { return t.csv(r.Data) })
			})
		},
	}
}

// envelope is a tool's result as programs read it, with the keys of the kernel's.
type envelope[Data any] struct {
	Data          Data             `json:"data"`
	Sources       []toolkit.Source `json:"sources"`
	Engine        toolkit.Engine   `json:"engine"`
	Clocks        toolkit.Clocks   `json:"clocks"`
	Stale         bool             `json:"stale"`
	Truncated     bool             `json:"truncated,omitempty"`
	UpstreamCalls int              `json:"upstream_calls"`
}

// inForm writes a tool's result in a form: text as page writes it, CSV as the rows.
func inForm[Data any](w *screen, form string, r toolkit.Reply[Data], page func(), rows func() (head []string, rows [][]string)) error {
	e := envelope[Data]{r.Data, r.Sources, r.Engine, r.Clocks, r.Stale, r.Truncated, r.UpstreamCalls}
	return w.inForm(form, e, func() {
		page()
		if r.Stale {
			w.line(looking("The engine does not answer now; this was read at "+r.Clocks.FetchedAt+".", amber))
		}
	}, rows)
}

// inForm writes a value in a form: text as page writes it, CSV as the rows, JSON and YAML as the value itself.
func (s *screen) inForm(form string, v any, page func(), rows func() (head []string, rows [][]string)) error {
	var err error
	switch form {
	case "json":
		err = printJSON(s, v)
	case "yaml":
		err = printYAML(s, v)
	case "csv":
		head, all := rows()
		out := csv.NewWriter(s)
		_ = out.Write(head) // an error stays and is told by Error below
		for _, row := range all {
			_ = out.Write(harmless(printable(row)))
		}
		out.Flush()
		err = out.Error()
	default:
		page()
	}
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The result cannot be written.")
	}
	return nil
}

// trailer says what was read, when, and at what cost to the engine.
func trailer(e toolkit.Engine, c toolkit.Clocks, calls int) string {
	return fmt.Sprintf("[%s, %s, plan's now %s, %d engine calls]", e.Name, e.Mode, c.PlanNow, calls)
}
