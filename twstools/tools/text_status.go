package tools

import (
	"cmp"
	"fmt"
	"strings"
)

// statusText is the compact form of the state of the plan: the figures a line each, then what is not healthy and what needs a person.
// The figures may be of one workstation; the rest is always of the whole plan.
func statusText(o PlanStatusOut, workstation string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "engine: %s", strings.Join(said(o.Engine.Name, o.Engine.Mode, o.Engine.API, o.Engine.Version, o.Engine.TimeZone), ", "))
	b.WriteString("\nplan: now " + o.PlanNow)
	if p := o.Plan; p != nil {
		if p.RunNumber != nil {
			fmt.Fprintf(&b, ", run number %d", *p.RunNumber)
		}
		if p.Start+p.End != "" {
			fmt.Fprintf(&b, ", from %s to %s", p.Start, p.End)
		}
		if p.Batchman != "" {
			b.WriteString(", batchman " + p.Batchman)
		}
		for _, why := range said(p.Problem, p.Unread) {
			b.WriteString("\n  " + why)
		}
	}
	on, whole := "", ""
	if workstation != "" {
		on, whole = " on "+workstation, " (whole plan)"
	}
	fmt.Fprintf(&b, "\njobs%s: %d: %s\njob streams%s: %d: %s\n", on, o.JobsTotal, counted(o.JobsByStatus), on, o.JobStreamsTotal, counted(o.JobStreamsByStatus))
	var rows [][]string
	for _, w := range o.Workstations {
		if w.Problem != "" {
			rows = append(rows, []string{w.Entity, w.Type, w.Status, figure(w.Limit), figure(w.Fence), w.Problem})
		}
	}
	fmt.Fprintf(&b, "workstations%s: %d, %d of them not healthy\n", whole, o.WorkstationsTotal, o.Unhealthy)
	if len(rows) > 0 {
		textTable(&b, []string{"workstation", "type", "status", "limit", "fence", "problem"}, rows)
	}
	fmt.Fprintf(&b, "needs a person%s: %d of %d\n", whole, len(o.NeedsPerson), o.NeedsPersonTotal)
	if len(o.NeedsPerson) > 0 {
		rows = nil
		for _, a := range o.NeedsPerson {
			rows = append(rows, []string{a.Kind, a.Entity, a.Status, a.Since, clip(a.Why, 160)})
		}
		textTable(&b, []string{"kind", "what", "status", "since", "why"}, rows)
	}
	writeMissing(&b, o.Missing)
	return b.String()
}

// said are the texts that are not empty.
func said(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// logText is the compact form of a log: its lines whole, each behind its number; before them what the ids in them mean.
func logText(o GetJobLogOut, explained string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log of %s, status %s, run %s (%s)\n", o.Entity, o.Status, o.RunID, o.Source)
	switch n := len(o.Lines); {
	case n == 0 && o.Total == 0:
		b.WriteString("no lines here\n")
	case n == 0:
		fmt.Fprintf(&b, "no such lines; the log has %d\n", o.Total)
	case o.Total > 0:
		fmt.Fprintf(&b, "lines %d to %d of %d\n", o.Lines[0].N, o.Lines[n-1].N, o.Total)
	default:
		fmt.Fprintf(&b, "lines %d to %d\n", o.Lines[0].N, o.Lines[n-1].N)
	}
	b.WriteString(explained)
	width := 0
	for _, l := range o.Lines {
		width = max(width, len(fmt.Sprint(l.N)))
	}
	for _, l := range o.Lines {
		fmt.Fprintf(&b, "%*d  %s\n", width, l.N, l.Text)
	}
	return b.String()
}

// changeTable writes differences under a head.
func changeTable(b *strings.Builder, changes []ChangeRow) {
	var rows [][]string
	for _, r := range changes {
		before, after := clip(r.Before, 80), clip(r.After, 80)
		if r.Field != "" {
			before, after = cmp.Or(before, "-"), cmp.Or(after, "-")
		}
		rows = append(rows, []string{r.Kind, r.Entity, r.Field, before, after, r.At, r.By})
	}
	if len(rows) > 0 {
		textTable(b, []string{"kind", "what", "field", "before", "after", "at", "by"}, rows)
	}
}

// writeNext tells how to go on, where there is more.
func writeNext(b *strings.Builder, cursor string) {
	if cursor != "" {
		b.WriteString("next_cursor: " + cursor + "\n")
	}
}

// writeMissing tells what could not be read.
func writeMissing(b *strings.Builder, missing []string) {
	for _, m := range missing {
		b.WriteString("missing: " + m + "\n")
	}
}
