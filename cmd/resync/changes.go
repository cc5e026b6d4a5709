package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// changesCommand tells what is different since a time, or between two runs, plans or engines.
func (p *program) changesCommand() *cli.Command {
	return tellCommand(p, teller[tools.WhatChangedIn, tools.WhatChangedOut]{
		name: "changes", usage: "what changed: since a time, or against an earlier run, an archived plan or another engine", args: "[JOB | STREAM]",
		flags: []cli.Flag{
			&cli.StringFlag{Name: "since", Usage: "from when on: 90m, 2h, 3d, 02:00, a date or RFC 3339; two hours when absent"},
			&cli.StringFlag{Name: "until", Usage: "to when; now when absent"},
			&cli.StringFlag{Name: "against", Usage: "previous-run, previous-plan, \"plan 2026-03-16\" or \"engine NAME\""},
			&cli.IntFlag{Name: "limit", Value: 100, Usage: "most rows, at most 100"},
		},
		in: func(c *cli.Command) (tools.WhatChangedIn, error) {
			return tools.WhatChangedIn{Target: strings.Join(c.Args().Slice(), " "), Since: c.String("since"), Until: c.String("until"), Against: c.String("against"),
				PageSize: min(100, max(1, c.Int("limit")))}, nil
		},
		run:  (*tools.Tools).WhatChanged,
		text: changesText,
		csv: func(o tools.WhatChangedOut) ([]string, [][]string) {
			var rows [][]string
			for _, r := range o.Changes {
				rows = append(rows, []string{r.Kind, r.Entity, r.Field, r.Before, r.After, r.At, r.By})
			}
			return changesHead, rows
		},
	})
}

var changesHead = []string{"kind", "entity", "field", "before", "after", "at", "by"}

func changesText(w io.Writer, r toolkit.Reply[tools.WhatChangedOut]) error {
	o := r.Data
	title := "Compared with " + o.Compared
	if o.Compared == "time" {
		title = "What happened"
	}
	if o.From != "" {
		title += " from " + o.From
	}
	if o.To != "" {
		title += " to " + o.To
	}
	var text strings.Builder
	fmt.Fprintln(&text, printable([]string{title})[0])
	var counts []string
	for _, k := range slices.Sorted(maps.Keys(o.Counts)) {
		counts = append(counts, fmt.Sprintf("%s %d", strings.ReplaceAll(k, "_", " "), o.Counts[k]))
	}
	if len(counts) == 0 {
		counts = []string{"nothing differs"}
	}
	fmt.Fprintln(&text, strings.Join(counts, ", "))
	if len(o.Changes) > 0 {
		out := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		fmt.Fprintln(out, "\n"+strings.ToUpper(strings.Join(changesHead, "\t")))
		for _, c := range o.Changes {
			fmt.Fprintln(out, strings.Join(printable([]string{c.Kind, c.Entity, c.Field, c.Before, c.After, c.At, c.By}), "\t"))
		}
		_ = out.Flush() // a builder takes everything
	}
	if more := o.Total - len(o.Changes); more > 0 {
		fmt.Fprintf(&text, "%d more; name a job stream or a shorter time.\n", more)
	}
	for _, m := range o.Missing {
		fmt.Fprintln(&text, "not seen: "+printable([]string{m})[0])
	}
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}
