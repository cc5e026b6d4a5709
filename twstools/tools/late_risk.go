package tools

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
)

// LateIn asks what will be late.
type LateIn struct {
	Target   string `json:"target,omitempty" doc:"one job or job stream, as in diagnose_job; empty for all that has a deadline or is critical" example:"LXGL01#GLPOST"`
	Kind     string `json:"target_kind,omitempty" doc:"what the target is, where the name could be both" enum:"job,job_stream"`
	At       string `json:"at,omitempty" doc:"the instance planned for, or running at, that time; written as in get_job" example:"02:25"`
	Hours    int    `json:"within_hours,omitempty" doc:"without a target: only deadlines within so many hours from now" default:"24" min:"1" max:"168"`
	PageSize int    `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor   string `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// LateOut is what will be late, the worst first.
type LateOut struct {
	Subject    *Subject       `json:"subject,omitempty"`
	Basis      string         `json:"basis" doc:"who reckoned this, and from what"`
	Rows       []LateRow      `json:"rows" doc:"missed, then late, blocked, at risk, unknown, on time; within each the least slack first"`
	Total      int            `json:"total"`
	Counts     map[string]int `json:"counts" doc:"all rows by risk"`
	Complete   bool           `json:"complete" doc:"false: the reading was ended by its budget: more may be late, or later"`
	NextCursor string         `json:"next_cursor,omitempty"`
	Missing    []string       `json:"missing,omitempty" doc:"what could not be seen, and why"`
	Failures   []answer.Error `json:"failures,omitempty"`
}

// LateRow is one object with a deadline, or that is critical, or that was asked about.
type LateRow = diagnose.LateRow

// reckonedByUs labels the figures: the engine's own late flags are off unless somebody switched them on (AD, localopts "bm check deadline").
const reckonedByUs = "reckoned by Resync: now plus what is left on the longest way, by own history, else archived plans, else the engine's estimates; queues for limits, files, prompts and people are not in it"

// LateRisk answers what will be late, and because of what.
func (t *Tools) LateRisk(ctx context.Context, in LateIn) (toolkit.Reply[LateOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[LateOut]{}, err
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	page, err := c.slot("late_risk", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[LateOut]{}, err
	}
	r, err := t.diagnoser.Late(ctx, diagnose.LateRequest{Target: in.Target, Kind: in.Kind, At: in.At, Within: time.Duration(in.Hours) * time.Hour})
	if err == nil && len(r.Rows) == 0 {
		err = c.unread(ctx)
	}
	if err != nil {
		return toolkit.Reply[LateOut]{}, c.orUnread(ctx, err)
	}
	out := LateOut{Subject: r.Subject, Basis: reckonedByUs, Rows: []LateRow{}, Total: len(r.Rows), Counts: map[string]int{}, Complete: r.Complete, Missing: r.Missing, Failures: failureRows(r.Failures)}
	if len(r.Rows) == 0 {
		if blind := c.unseen(ctx); blind != nil {
			out.Missing, out.Complete = append(out.Missing, blind...), false
		}
	}
	for _, row := range r.Rows {
		out.Counts[string(row.Risk)]++
	}
	out.Rows, out.NextCursor = cut(page, r.Rows)
	shown := map[string]bool{}
	for _, row := range out.Rows {
		shown["plan:"+row.Entity] = true
		for _, p := range row.Parts {
			shown["plan:"+p.Entity] = true
		}
	}
	sources := append(sourcesOf(r.Sources, shown), totalOf("late_risk", out.Total))
	rep := reply(c, out, sources, r.Mirrored)
	rep.Text = lateText(out)
	return rep, nil
}

// lateText is the compact form for a model.
func lateText(o LateOut) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d with a deadline, critical, or asked about%s", len(o.Rows), o.Total, atLeast(!o.Complete))
	if len(o.Counts) > 0 {
		b.WriteString(" (" + counted(o.Counts) + ")")
	}
	b.WriteString("\n" + o.Basis + "\n")
	for _, r := range o.Rows {
		fmt.Fprintf(&b, "%s: %s (%s)", r.Risk, r.Entity, r.Status)
		if r.Deadline != "" {
			fmt.Fprintf(&b, " deadline %s", r.Deadline)
		}
		if r.PredictedEnd != "" {
			fmt.Fprintf(&b, ", predicted end %s%s", r.PredictedEnd, lowerBound(r.AtLeast))
		}
		if r.PredictedSlow != "" && r.PredictedSlow != r.PredictedEnd {
			fmt.Fprintf(&b, ", on a slow day %s", r.PredictedSlow)
		}
		if r.SlackMinutes != nil {
			fmt.Fprintf(&b, ", slack %d min", *r.SlackMinutes)
		}
		if r.ActBy != "" {
			fmt.Fprintf(&b, ", act by %s", r.ActBy)
		}
		if r.Arithmetic != "" {
			fmt.Fprintf(&b, "\n  sum: %s", r.Arithmetic)
		}
		if r.Eater != nil {
			fmt.Fprintf(&b, "\n  eats the slack: %s (%s, %d min)", r.Eater.Entity, r.Eater.Why, r.Eater.Minutes)
		}
		if r.StartNow != nil {
			fmt.Fprintf(&b, "\n  starting %s now saves %d min", r.StartNow.Entity, r.StartNow.Minutes)
		}
		if r.Engine != nil {
			fmt.Fprintf(&b, "\n  the engine's own forecast: %s, ends %s", r.Engine.Alert, r.Engine.EstimatedEnd)
		}
		if r.Service+r.Contact != "" {
			fmt.Fprintf(&b, "\n  service %s, contact %s", r.Service, r.Contact)
		}
		b.WriteString("\n")
	}
	writeNext(&b, o.NextCursor)
	writeMissing(&b, o.Missing)
	return b.String()
}

func lowerBound(yes bool) string {
	if yes {
		return " at the earliest"
	}
	return ""
}
