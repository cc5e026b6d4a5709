package handover

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// The tools that a report is made of.
const (
	planStatus  = "plan_status"
	whatChanged = "what_changed"
	diagnoseJob = "diagnose_job"
	lateRisk    = "late_risk"
	radar       = "radar"
	findJobs    = "find_jobs"
)

const (
	// maxPages bounds how many pages of changes, deadlines and findings are read: a shift with more than that many is told by counts.
	maxPages = 5
	pageSize = 100
	// defaultDiagnoses is how many open objects are looked into: each may cost the engine dozens of reads.
	defaultDiagnoses = 8
)

// Request says which handover is wanted. The zero value is that of the shift that ends now.
type Request struct {
	Engine   string   // one of several engines, as the tools' engine argument; empty: the caller's only one, or its default
	Since    string   // from when on, as what_changed takes it: 8h, 22:00, RFC 3339; empty: the shift's start
	Starts   []string // of shifts, in the plan's zone
	Language string   // en or pt; empty: en
	// Diagnoses bounds how many open objects are looked into; 0 means 8.
	Diagnoses int
}

func (r Request) language() string {
	if r.Language == "pt" {
		return "pt"
	}
	return "en"
}

// Result is one call of a tool and what came of it.
type Result struct {
	Tool      string
	Arguments map[string]any
	Envelope  *toolkit.Envelope // nil: it failed
	Error     *toolkit.ErrorBody
}

// Make gathers and builds. Its error is that of an engine of which nothing at all could be read, coded, or of a request that is wrong; what
// could be read in part is a Report that says what is missing.
func Make(ctx context.Context, caller toolkit.Caller, r Request) (Report, error) {
	results, err := Gather(ctx, caller, r)
	if err != nil {
		return Report{}, err
	}
	return Build(results, r), nil
}

// gathering is the reading for one report.
type gathering struct {
	caller  toolkit.Caller
	r       Request
	results []Result
}

// Gather calls the tools, one after the other, so that an engine is asked no faster than by one person.
func Gather(ctx context.Context, caller toolkit.Caller, r Request) ([]Result, error) {
	g := &gathering{caller: caller, r: r}
	lang := r.language()
	status, err := call[tools.PlanStatusOut](ctx, g, planStatus, map[string]any{})
	if err != nil {
		return nil, err
	}
	if e := g.results[0].Error; e != nil && fault.Upstream(fault.Code(e.Code)) {
		return nil, coded(e)
	}
	period := Period{}
	since, hours := r.Since, 12
	if status != nil {
		if now, ok := planNow(*status); ok {
			period = ShiftAt(now, r.Starts)
			hours = period.hours(now)
			if since == "" {
				since = period.From.Format(time.RFC3339)
			}
		}
	}
	if since == "" {
		since = "8h"
	}
	if err := g.pages(ctx, whatChanged, map[string]any{"since": since}, pageSize); err != nil {
		return nil, err
	}
	if e := g.last(whatChanged).Error; e != nil && e.Code == string(fault.Invalid) {
		return nil, coded(e) // the time that was asked for cannot be read
	}
	for _, q := range []struct {
		tool string
		args map[string]any
		size int
	}{
		{findJobs, map[string]any{"status": []string{"CANCELED"}}, 50},
		{findJobs, map[string]any{"late": true}, 50},
		{lateRisk, map[string]any{"within_hours": hours}, 40},
		{radar, map[string]any{"language": lang}, 40},
	} {
		if err := g.pages(ctx, q.tool, q.args, q.size); err != nil {
			return nil, err
		}
	}
	whole, err := call[tools.DiagnoseOut](ctx, g, diagnoseJob, map[string]any{"language": lang})
	if err != nil {
		return nil, err
	}
	most := r.Diagnoses
	if most <= 0 {
		most = defaultDiagnoses
	}
	for _, t := range targets(status, whole, most) {
		args := map[string]any{"target": t.entity, "language": lang}
		if t.kind != "" {
			args["target_kind"] = t.kind
		}
		if _, err := call[tools.DiagnoseOut](ctx, g, diagnoseJob, args); err != nil {
			return nil, err
		}
	}
	return g.results, nil
}

func coded(e *toolkit.ErrorBody) error {
	f := fault.New(fault.Code(e.Code), "%s", e.Message).WithCandidates(e.Candidates...)
	if e.Hint != "" {
		f = f.WithHint("%s", e.Hint)
	}
	return f
}

// call calls a tool and keeps what came. Its error is that of a tool server that cannot be reached, or of a context that has ended.
func call[Out any](ctx context.Context, g *gathering, tool string, args map[string]any) (*Out, error) {
	sent := map[string]any{}
	for k, v := range args {
		sent[k] = v
	}
	if g.r.Engine != "" {
		sent["engine"] = g.r.Engine
	}
	raw, err := json.Marshal(sent)
	if err != nil {
		return nil, err
	}
	res, err := g.caller.Call(ctx, tool, raw)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g.results = append(g.results, Result{Tool: tool, Arguments: args, Envelope: res.Envelope, Error: res.Error})
	return decode[Out](g.results[len(g.results)-1]), nil
}

// pages calls a tool page by page. A page that is too large for one answer is asked for again in smaller ones.
func (g *gathering) pages(ctx context.Context, tool string, args map[string]any, size int) error {
	cursor := ""
	for range maxPages {
		full := map[string]any{"page_size": size}
		for k, v := range args {
			full[k] = v
		}
		if cursor != "" {
			full["cursor"] = cursor
		}
		next, err := call[struct {
			NextCursor string `json:"next_cursor"`
		}](ctx, g, tool, full)
		if err != nil {
			return err
		}
		if e := g.results[len(g.results)-1].Error; e != nil && e.Code == string(fault.Limited) && size > 5 {
			g.results = g.results[:len(g.results)-1]
			size = max(size/4, 5)
			continue
		}
		if next == nil || next.NextCursor == "" {
			return nil
		}
		cursor = next.NextCursor
	}
	return nil
}

func (g *gathering) last(tool string) Result {
	for _, r := range slices.Backward(g.results) {
		if r.Tool == tool {
			return r
		}
	}
	return Result{}
}

func decode[Out any](r Result) *Out {
	if r.Envelope == nil {
		return nil
	}
	out := new(Out)
	if json.Unmarshal(r.Envelope.Data, out) != nil {
		return nil
	}
	return out
}

// planNow is the plan's own now in its zone.
func planNow(s tools.PlanStatusOut) (time.Time, bool) {
	now, err := time.Parse(time.RFC3339, s.PlanNow)
	if err != nil {
		return time.Time{}, false
	}
	return inZone(now, s.Engine.TimeZone), true
}

// inZone gives an instant in the plan's zone, where that is known and tells its offset: else it stays in the offset that it was told in.
func inZone(t time.Time, name string) time.Time {
	if name == "" {
		return t
	}
	if zone, err := time.LoadLocation(name); err == nil && sameOffset(t, zone) {
		return t.In(zone)
	}
	return t
}

// sameOffset guards against an engine whose named zone is not the one that its times were told in: configuration may say another.
func sameOffset(t time.Time, zone *time.Location) bool {
	_, a := t.Zone()
	_, b := t.In(zone).Zone()
	return a == b
}

// target is one object to look into.
type target struct{ entity, kind string }

// diagnosable are the kinds that diagnose_job takes as a target.
var diagnosable = []string{"job", "job_stream", "workstation", "resource", "prompt", "file"}

// targets chooses what to look into: the most urgent causes of the plan, then what needs a person, in the order of the tools. A job stream that
// stands still because of a job of its own is looked into by that job.
func targets(status *tools.PlanStatusOut, whole *tools.DiagnoseOut, most int) []target {
	var out []target
	add := func(entity, kind string) {
		if entity == "" || !slices.Contains(diagnosable, kind) || slices.ContainsFunc(out, func(t target) bool { return t.entity == entity }) {
			return
		}
		out = append(out, target{entity, kind})
	}
	if whole != nil && whole.Diagnosis != nil {
		for _, c := range whole.Diagnosis.Causes {
			add(c.Entity, c.Ref.Type)
		}
	}
	if status != nil {
		for _, a := range status.NeedsPerson {
			if a.Kind == "job_stream" && slices.ContainsFunc(status.NeedsPerson, func(o tools.AttentionRow) bool { return o.Kind == "job" && within(o.Entity, a.Entity) }) {
				continue
			}
			add(a.Entity, a.Kind)
		}
	}
	return out[:min(len(out), most)]
}

// within reports whether a job is of a job stream, both as the operator writes them.
func within(job, stream string) bool {
	return len(job) > len(stream)+1 && job[:len(stream)] == stream && job[len(stream)] == '.'
}
