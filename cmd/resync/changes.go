package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
				PageSize: c.Int("limit")}, bounded(c, map[string]int{"limit": 100})
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

func changesText(s *screen, r toolkit.Reply[tools.WhatChangedOut]) {
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
	s.line(looking(title, bold))
	var counts []string
	for _, k := range slices.Sorted(maps.Keys(o.Counts)) {
		counts = append(counts, fmt.Sprintf("%s %d", strings.ReplaceAll(k, "_", " "), o.Counts[k]))
	}
	if len(counts) == 0 {
		counts = []string{"nothing differs"}
	}
	s.line(text(strings.Join(counts, ", ")))
	if len(o.Changes) > 0 {
		rows := [][]cell{headed("KIND", "ENTITY", "FIELD", "BEFORE", "AFTER", "AT", "BY")}
		for _, c := range o.Changes {
			rows = append(rows, []cell{looking(c.Kind, changeLooks[c.Kind]), text(c.Entity), text(c.Field), text(c.Before), text(c.After), text(c.At), text(c.By)})
		}
		s.WriteString("\n")
		s.grid(rows)
	}
	if more := o.Total - len(o.Changes); more > 0 {
		s.line(text(fmt.Sprintf("%d more; name a job stream or a shorter time.", more)))
	}
	for _, m := range o.Missing {
		s.line(looking("not seen: "+m, dim))
	}
}

// changeLooks are the colours of kinds that ask for a look.
var changeLooks = map[string]style{"worse": red, "failed": red, "gone": amber, "slower": amber, "recovered": green, "better": green}
