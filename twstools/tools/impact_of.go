package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
)

// ImpactIn asks who suffers.
type ImpactIn struct {
	Target   string `json:"target" doc:"job, job stream, workstation, resource, file (WORKSTATION#/path) or prompt: WORKSTATION#STREAM.JOB, a bare name, #J and a job number, or words of a description" example:"LXPAY01#PAYROLL.CALC_TAX"`
	Kind     string `json:"target_kind,omitempty" doc:"what the target is, where the name could be several things" enum:"job,job_stream,workstation,resource,prompt,file"`
	At       string `json:"at,omitempty" doc:"the instance planned for, or running at, that time; written as in get_job" example:"02:25"`
	If       string `json:"if,omitempty" doc:"tell also what would start if somebody did this; nothing is carried out" enum:"rerun,cancel,release_dependency,confirm_succ"`
	PageSize int    `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor   string `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// ImpactOut is who suffers, nearest first, and what an act would start.
type ImpactOut struct {
	Subject    *Subject       `json:"subject"`
	Affected   []ImpactRow    `json:"affected" doc:"nearest first"`
	Total      int            `json:"total"`
	Late       int            `json:"late" doc:"how many of all cannot keep their deadlines"`
	Complete   bool           `json:"complete" doc:"false: the search was ended by its budget, and more may suffer"`
	If         string         `json:"if,omitempty"`
	Starts     []OutcomeRow   `json:"starts,omitempty" doc:"what the act would do to the object and those directly behind it"`
	NextCursor string         `json:"next_cursor,omitempty"`
	Missing    []string       `json:"missing,omitempty" doc:"what could not be seen, and why"`
	Failures   []answer.Error `json:"failures,omitempty"`
}

// ImpactRow is one that suffers.
type ImpactRow = diagnose.ImpactRow

// OutcomeRow is what an act does to one object.
type OutcomeRow = diagnose.OutcomeRow

// ImpactOf answers who suffers from an object and what an act on it would start.
func (t *Tools) ImpactOf(ctx context.Context, in ImpactIn) (toolkit.Reply[ImpactOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[ImpactOut]{}, err
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	page, err := c.slot("impact_of", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[ImpactOut]{}, err
	}
	r, err := t.diagnoser.Impact(ctx, diagnose.ImpactRequest{Target: in.Target, Kind: in.Kind, At: in.At, If: in.If})
	if err != nil {
		return toolkit.Reply[ImpactOut]{}, c.orUnread(ctx, err)
	}
	out := ImpactOut{Subject: r.Subject, Affected: []ImpactRow{}, Total: len(r.Rows), Complete: r.Complete, If: r.If, Starts: r.Outcomes, Missing: r.Missing, Failures: failureRows(r.Failures)}
	for _, row := range r.Rows {
		if row.State == "late" {
			out.Late++
		}
	}
	out.Affected, out.NextCursor = cut(page, r.Rows)
	shown := map[string]bool{"plan:" + out.Subject.Entity: true}
	for _, row := range out.Affected {
		shown["plan:"+row.Entity] = true
	}
	for _, row := range out.Starts {
		shown["plan:"+row.Entity] = true
	}
	sources := sourcesOf(r.Sources, shown)
	sources = append(sources, totalOf("impact_of", out.Total))
	rep := reply(c, out, sources, r.Mirrored)
	rep.Text = impactText(out)
	return rep, nil
}

// sourcesOf keeps of the sources those that a page shows, and those that are no rows.
func sourcesOf(all []toolkit.Source, shown map[string]bool) []toolkit.Source {
	var out []toolkit.Source
	for _, s := range all {
		if shown[s.Source] || !strings.HasPrefix(s.Source, "plan:") {
			out = append(out, s)
		}
	}
	return out
}

// impactText is the compact form for a model: a line each.
func impactText(o ImpactOut) string {
	var b strings.Builder
	fmt.Fprintf(&b, "subject: %s (%s) status %s\n", o.Subject.Entity, o.Subject.Type, o.Subject.Status)
	fmt.Fprintf(&b, "affected: %d of %d, %d of all late%s\n", len(o.Affected), o.Total, o.Late, atLeast(!o.Complete))
	if len(o.Affected) > 0 {
		var rows [][]string
		for _, r := range o.Affected {
			rows = append(rows, []string{strconv.Itoa(r.Hops), r.Entity, r.State, r.Status, r.Deadline, r.PredictedEnd, r.Service, r.Contact})
		}
		textTable(&b, []string{"hops", "who", "state", "status", "deadline", "ends_at_the_earliest", "service", "contact"}, rows)
	}
	writeNext(&b, o.NextCursor)
	if o.If != "" {
		fmt.Fprintf(&b, "if %s:\n", o.If)
		for _, s := range o.Starts {
			fmt.Fprintf(&b, "  %s: %s", s.When, s.Entity)
			if len(s.By) > 0 {
				fmt.Fprintf(&b, " (%s)", strings.Join(s.By, "; "))
			}
			if s.Unsure {
				b.WriteString(" (its dependencies could not be read)")
			}
			b.WriteString("\n")
		}
		if len(o.Starts) == 0 {
			b.WriteString("  nothing would start\n")
		}
	}
	writeMissing(&b, o.Missing)
	return b.String()
}

func atLeast(yes bool) string {
	if yes {
		return ", at least: the search was ended by its budget"
	}
	return ""
}
