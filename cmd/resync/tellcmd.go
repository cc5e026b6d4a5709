package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

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
	// text writes the result for a person. Nothing in it may obey what an engine sent: cells and lines pass printable.
	text func(io.Writer, toolkit.Reply[Out]) error
	// csv gives the rows; nil where there are none to give.
	csv func(Out) (head []string, rows [][]string)
}

// tellCommands are the commands that tell what a tool tells.
func (p *program) tellCommands() []*cli.Command {
	return []*cli.Command{p.changesCommand(), p.radarCommand(), p.impactCommand(), p.lateCommand()}
}

// told is the machine-readable form of a tool's result: what the tool's envelope holds, without the sources.
type told[Out any] struct {
	Engine        toolkit.Engine `json:"engine"`
	Clocks        toolkit.Clocks `json:"clocks"`
	Stale         bool           `json:"stale"`
	Truncated     bool           `json:"truncated,omitempty"`
	UpstreamCalls int            `json:"upstream_calls"`
	Data          Out            `json:"data"`
}

// tellCommand makes the command. It has -o, --json and --engine besides its own flags.
func tellCommand[In, Out any](p *program, t teller[In, Out]) *cli.Command {
	return &cli.Command{
		Name: t.name, Usage: t.usage, ArgsUsage: t.args,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, json, yaml or csv"},
			&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
			&cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"},
		}, t.flags...),
		Action: func(ctx context.Context, c *cli.Command) error {
			form, err := t.form(c)
			if err != nil {
				return err
			}
			in, err := t.in(c)
			if err != nil {
				return err
			}
			s, err := p.quietly(ctx)
			if err != nil {
				return err
			}
			defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
			e, err := s.pick(c.String("engine"))
			if err != nil {
				return err
			}
			r, err := t.run(e.tools, ctx, in)
			if err != nil {
				return err
			}
			if err := t.write(p.out, form, r); err != nil {
				return fault.Wrap(fault.Internal, err, "The result cannot be written.")
			}
			return nil
		},
	}
}

func (t teller[In, Out]) form(c *cli.Command) (string, error) {
	if c.String("output") != "csv" || c.Bool("json") {
		return output(c)
	}
	if t.csv == nil {
		return "", fault.New(fault.Invalid, "%s has no rows to write as csv.", t.name).WithHint("text, json and yaml it has.")
	}
	return "csv", nil
}

func (t teller[In, Out]) write(w io.Writer, form string, r toolkit.Reply[Out]) error {
	all := told[Out]{Engine: r.Engine, Clocks: r.Clocks, Stale: r.Stale, Truncated: r.Truncated, UpstreamCalls: r.UpstreamCalls, Data: r.Data}
	switch form {
	case "json":
		var text strings.Builder
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(all); err != nil {
			return err
		}
		_, err := io.WriteString(w, escaped(text.String()))
		return err
	case "yaml":
		return printYAML(w, all)
	case "csv":
		head, rows := t.csv(r.Data)
		out := csv.NewWriter(w)
		_ = out.Write(head) // an error stays and is told by Error below
		for _, row := range rows {
			_ = out.Write(harmless(printable(row)))
		}
		out.Flush()
		return out.Error()
	}
	if err := t.text(w, r); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, trailer(r.Engine, r.Clocks, r.Stale, r.UpstreamCalls))
	return err
}

// trailer says what was read, when, and at what cost to the engine.
func trailer(e toolkit.Engine, c toolkit.Clocks, stale bool, calls int) string {
	said := fmt.Sprintf("[%s, %s, plan's now %s, %d engine calls", e.Name, e.Mode, c.PlanNow, calls)
	if stale {
		said += ", old data of " + c.FetchedAt
	}
	return said + "]"
}
