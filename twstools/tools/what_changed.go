package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// WhatChangedIn says between what to compare. Without against the time since the instant is looked at.
type WhatChangedIn struct {
	Target   string `json:"target,omitempty" doc:"only this job or job stream, as in diagnose_job; required for previous_run" example:"LXGL01#GLPOST"`
	Since    string `json:"since,omitempty" doc:"from when on: RFC 3339, a date, yesterday, 02:00 (the last one, in the plan's zone), or how long ago: 90m, 2h, 3d; two hours when absent" example:"2h"`
	Until    string `json:"until,omitempty" doc:"to when, written as since; now when absent" example:"06:00"`
	Against  string `json:"against,omitempty" doc:"instead of since and until, compare the plan as it is with: previous_run (of the target), previous_plan, plan 2026-03-16 (the archived one of that date), or engine NAME (another configured one)" example:"previous_plan"`
	PageSize int    `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor   string `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// WhatChangedOut are the differences, the worst first; of a time, the latest first.
type WhatChangedOut struct {
	Compared   string         `json:"compared" doc:"what was compared with what"`
	Subject    string         `json:"subject,omitempty"` // what the target was read as
	From       string         `json:"from,omitempty"`
	To         string         `json:"to,omitempty"`
	Counts     map[string]int `json:"counts" doc:"all differences by kind; for a time also runs started and ended"`
	Changes    []ChangeRow    `json:"changes"`
	Total      int            `json:"total"`
	NextCursor string         `json:"next_cursor,omitempty"`
	Missing    []string       `json:"missing,omitempty" doc:"what could not be compared, and why"`
	Failures   []answer.Error `json:"failures,omitempty"`
}

// ChangeRow is one difference.
type ChangeRow struct {
	Kind   string `json:"kind" doc:"worse, gone, new, slower, moved, redefined, better, faster; for a time: failed, recovered, status, property, action, plan_turned"`
	Entity string `json:"entity"`
	Field  string `json:"field,omitempty" doc:"what differs"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	At     string `json:"at,omitempty"`
	Exact  bool   `json:"exact,omitempty" doc:"at is the engine's own time; otherwise it is when it was seen"`
	By     string `json:"by,omitempty" doc:"who, where an audit record shows it"`
	Source string `json:"source" doc:"where it was read"`
	// at orders the rows of a time.
	at time.Time
}

// Remembered is what Resync itself has seen of the past; package history has it.
type Remembered interface {
	Happened(ctx context.Context, from, to time.Time) (history.Happened, error)
}

// maxCompared bounds how many jobs of one side are compared.
const maxCompared = 10_000

// defaultSince is what "lately" means when nobody says since when.
const defaultSince = 2 * time.Hour

// WhatChanged compares two times, two runs of a job stream, two plans or two engines. Who changed something is told where the engine keeps
// audit records (option enPlanAudit, off by default: AD, audit options).
func (t *Tools) WhatChanged(ctx context.Context, in WhatChangedIn) (toolkit.Reply[WhatChangedOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[WhatChangedOut]{}, err
	}
	w := &changes{c: c, in: in, out: WhatChangedOut{Counts: map[string]int{}, Changes: []ChangeRow{}}}
	if err := w.look(ctx); err != nil {
		return toolkit.Reply[WhatChangedOut]{}, err
	}
	if len(w.rows) == 0 {
		w.out.Missing = append(w.out.Missing, c.unseen(ctx)...)
	}
	sources, err := w.page()
	if err != nil {
		return toolkit.Reply[WhatChangedOut]{}, err
	}
	w.out.Failures = failureRows(w.failures)
	r := reply(c, w.out, sources, noTime)
	r.Text = changesText(w.out)
	return r, nil
}

// changes is the work on one comparison.
type changes struct {
	c        *call
	in       WhatChangedIn
	out      WhatChangedOut
	rows     []ChangeRow
	failures []error
}

func (w *changes) look(ctx context.Context) error {
	against, rest, _ := strings.Cut(strings.TrimSpace(w.in.Against), " ")
	against = strings.ToLower(strings.ReplaceAll(against, "-", "_"))
	if word, arg, ok := strings.Cut(against, ":"); ok && rest == "" {
		against, rest = word, arg
	}
	rest = strings.TrimSpace(rest)
	if against != "" && (w.in.Since != "" || w.in.Until != "") {
		return fault.New(fault.Invalid, "since and until go with no against: what is compared is the plan as it is.").WithHint("Leave out one or the other.")
	}
	switch {
	case against == "":
		return w.sinceTime(ctx)
	case against == "previous_run":
		return w.previousRun(ctx)
	case against == "previous_plan":
		return w.otherPlan(ctx, "")
	case against == "plan" && rest != "":
		return w.otherPlan(ctx, rest)
	case against == "engine" && rest != "":
		return w.otherEngine(ctx, rest)
	}
	return fault.New(fault.Invalid, "%q is nothing to compare with.", w.in.Against).WithHint("Use previous_run with a target, previous_plan, plan 2026-03-16, or engine NAME.").
		WithCandidates("previous_run", "previous_plan", "plan DATE", "engine NAME")
}

func (w *changes) miss(source, why string) {
	if line := source + ": " + why; !slices.Contains(w.out.Missing, line) {
		w.out.Missing = append(w.out.Missing, line)
	}
}

// optional notes why an optional read did not come back.
func (w *changes) optional(source string, err error) {
	p := fault.Public(err)
	w.miss(source, p.Message)
	if !fault.Is(err, fault.Unsupported) {
		w.failures = append(w.failures, err)
	}
}

// target finds what the comparison is narrowed to; zero for the whole plan.
func (w *changes) target(ctx context.Context) (twstools.Entity, error) {
	if w.in.Target == "" {
		return twstools.Entity{}, nil
	}
	found, err := w.c.t.finder.Find(ctx, w.in.Target, "", "")
	if err != nil {
		return twstools.Entity{}, err
	}
	names := map[string]bool{}
	var first twstools.Entity
	take := func(e twstools.Entity) {
		e.Sched, e.JobStreamID, e.ShowID = time.Time{}, "", false // any instance
		if len(names) == 0 {
			first = e
		}
		names[e.String(nil)] = true
	}
	for _, s := range found.Streams {
		take(s.Entity())
	}
	if len(found.Streams) == 0 {
		for _, j := range found.Jobs {
			take(j.Entity())
		}
	}
	switch len(names) {
	case 0:
		return twstools.Entity{}, fault.New(fault.NotFound, "No job or job stream in the plan is called %s.", w.in.Target)
	case 1:
		w.out.Subject = w.name(first)
		return first, nil
	}
	return twstools.Entity{}, fault.New(fault.Ambiguous, "%s is several.", w.in.Target).WithHint("Name one.").WithCandidates(sortedKeys(names)...)
}

func sortedKeys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, untrusted.Normalize(k))
	}
	slices.Sort(out)
	return out[:min(12, len(out))]
}

// within selects a target's jobs, nil for all.
func within(e twstools.Entity) query.Expr {
	if e.Stream == "" {
		return nil
	}
	and := query.And{query.Is("jobStreamName", e.Stream)}
	if e.Job != "" {
		and = append(and, query.Is("name", e.Job))
	}
	return and
}

// fits reports whether e is an instance of the target.
func fits(target, e twstools.Entity) bool {
	same := func(a, b string) bool { return strings.EqualFold(strings.Trim(a, "/"), strings.Trim(b, "/")) }
	return target.Stream == "" || same(target.Stream, e.Stream) && same(target.Workstation, e.Workstation) && same(target.Folder, e.Folder) &&
		(target.Job == "" || same(target.Job, e.Job))
}

// jobs reads the jobs of one side; whole reports whether what is not among them is not there.
func (w *changes) jobs(ctx context.Context, of twstools.Entity, read func(context.Context, twstools.ListQuery) (twstools.List[twstools.Job], error)) (out []twstools.Job, whole bool, err error) {
	page, err := read(ctx, twstools.ListQuery{Where: within(of), Limit: maxCompared})
	if err != nil {
		return nil, false, err
	}
	for _, j := range page.Items {
		if fits(of, j.Entity()) {
			out = append(out, j)
		}
	}
	return out, !page.Incomplete && len(page.Items) < maxCompared, nil
}

// page cuts the rows to the asked page and gives their evidence.
func (w *changes) page() ([]toolkit.Source, error) {
	filter := w.in
	filter.Cursor, filter.PageSize = "", 0
	at, err := w.c.slot("what_changed", w.in.PageSize, w.in.Cursor, filter)
	if err != nil {
		return nil, err
	}
	w.out.Total = len(w.rows)
	for _, r := range w.rows {
		w.out.Counts[r.Kind]++
	}
	w.out.Changes, w.out.NextCursor = cut(at, w.rows)
	var sources []toolkit.Source
	for _, r := range w.out.Changes {
		s := toolkit.Source{Source: r.Source}
		for _, f := range []toolkit.Field{{Name: "kind", Value: r.Kind}, {Name: "at", Value: r.At}, {Name: "before", Value: r.Before}, {Name: "after", Value: r.After}, {Name: "by", Value: r.By}} {
			if f.Value != "" {
				s.Fields = append(s.Fields, f)
			}
		}
		sources = append(sources, s)
	}
	return append(sources, totalOf("what_changed", w.out.Total)), nil
}

// differences makes rows of what differs between two sides. Where a side was not seen whole, what is missing on it is no finding.
func (w *changes) differences(before, after []plan.Facet, beforeWhole, afterWhole bool) {
	for _, d := range plan.Differences(before, after, w.c.zone) {
		if d.Kind == plan.ChangeGone && !afterWhole || d.Kind == plan.ChangeNew && !beforeWhole {
			continue
		}
		f := d.After
		if f == nil {
			f = d.Before
		}
		row := ChangeRow{Kind: string(d.Kind), Entity: w.name(f.Entity), Field: d.Field, Before: untrusted.Normalize(d.Old), After: untrusted.Normalize(d.New), At: w.c.instant(f.Start), Exact: !f.Start.IsZero()}
		row.Source = "plan:" + row.Entity
		w.rows = append(w.rows, row)
	}
	if !afterWhole {
		w.miss("plan:current", "not all of its jobs were listed, so what is gone cannot be told")
	}
	if !beforeWhole {
		w.miss("plan:current", "not all jobs of the other side were listed, so what is new cannot be told")
	}
	if slices.ContainsFunc(w.rows, func(r ChangeRow) bool { return r.Kind == string(plan.ChangeGone) }) {
		w.miss("plan:current", "what this account may not list looks as if it were gone")
	}
}

func (w *changes) name(e twstools.Entity) string { return untrusted.Normalize(e.String(w.c.zone)) }

func facets(jobs []twstools.Job, zone *time.Location) []plan.Facet {
	out := make([]plan.Facet, 0, len(jobs))
	for _, j := range jobs {
		out = append(out, plan.JobFacet(j, zone))
	}
	return out
}

// changesText is the compact form for a model: counts, then a line each.
func changesText(o WhatChangedOut) string {
	var b strings.Builder
	fmt.Fprintf(&b, "compared: %s", o.Compared)
	if o.Subject != "" {
		b.WriteString(" of " + o.Subject)
	}
	if o.From != "" || o.To != "" {
		fmt.Fprintf(&b, " from %s to %s", o.From, o.To)
	}
	fmt.Fprintf(&b, "\ndifferences: %d of %d", len(o.Changes), o.Total)
	if len(o.Counts) > 0 {
		b.WriteString(" (" + counted(o.Counts) + ")")
	}
	b.WriteString("\n")
	changeTable(&b, o.Changes)
	writeNext(&b, o.NextCursor)
	writeMissing(&b, o.Missing)
	return b.String()
}
