package handover

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
	reasons "github.com/resync-hwa/resync/twstools/portuguese"
	"github.com/resync-hwa/resync/twstools/tools"
)

// builder is a report in the making.
type builder struct {
	r       Request
	out     Report
	status  *tools.PlanStatusOut
	whole   *tools.DiagnoseOut
	single  []tools.DiagnoseOut // of one object each
	changes []tools.ChangeRow
	radar   []tools.RadarRow
	late    []tools.LateRow
	period  Period
}

// Build makes a report of results of tools. It calls nothing, and takes any of them in any order: what is not among them is told as not read.
func Build(results []Result, r Request) Report {
	b := &builder{r: r, out: Report{Version: Version, Language: r.language(), Open: []Open{}, Normal: []Normal{}, Unseen: []Unseen{}, Read: []ReadCall{},
		Happened:  Happened{Failures: []Failure{}, Answers: []Act{}, Cancelled: []Act{}, Acts: []Act{}, Late: []LateStart{}},
		Deadlines: Deadlines{Rows: []Deadline{}}}}
	for _, res := range results {
		b.take(res)
	}
	b.frame()
	b.happened()
	b.open()
	b.deadlines()
	b.unread(results)
	return b.out
}

// take sorts one result into what the parts are made of.
func (b *builder) take(res Result) {
	call := ReadCall{Tool: res.Tool, Arguments: res.Arguments}
	if res.Error != nil {
		call.Error = res.Error.Code
	}
	if res.Envelope != nil {
		call.Upstream = res.Envelope.UpstreamCalls
	}
	b.out.Read = append(b.out.Read, call)
	if res.Error != nil {
		source := cmp.Or(res.Error.Source, "tool:"+res.Tool)
		if t, _ := res.Arguments["target"].(string); t != "" {
			source = "plan:" + t
		}
		b.unseen(UnseenRead, source, b.told(res.Error.Message))
	}
	if res.Envelope == nil {
		return
	}
	if b.out.Clocks.PlanNow == "" {
		b.out.Clocks, b.out.Engine = res.Envelope.Clocks, res.Envelope.Engine
	}
	if res.Envelope.Stale {
		b.out.Stale = true
	}
	if res.Envelope.Clocks.FetchedAt < b.out.Clocks.FetchedAt {
		b.out.Clocks.FetchedAt = res.Envelope.Clocks.FetchedAt // the oldest reading of all; one zone writes them, so text compares
	}
	switch res.Tool {
	case planStatus:
		b.takeStatus(decode[tools.PlanStatusOut](res))
	case whatChanged:
		b.takeChanges(decode[tools.WhatChangedOut](res))
	case findJobs:
		b.takeJobs(res)
	case lateRisk:
		b.takeLate(decode[tools.LateOut](res))
	case radar:
		b.takeRadar(decode[tools.RadarOut](res))
	case diagnoseJob:
		b.takeDiagnosis(decode[tools.DiagnoseOut](res), res)
	}
}

func (b *builder) takeStatus(o *tools.PlanStatusOut) {
	if o == nil || b.status != nil {
		return
	}
	b.status = o
	b.missing(o.Missing)
	p := PlanState{Known: true, JobsTotal: o.JobsTotal, JobsByStatus: o.JobsByStatus, JobStreamsTotal: o.JobStreamsTotal, Unhealthy: o.Unhealthy, Source: "plan:current"}
	if o.Plan != nil {
		p.Start, p.End, p.Problem = o.Plan.Start, o.Plan.End, o.Plan.Problem
		if o.Plan.Unread != "" {
			b.unseen(UnseenRead, "plan:current", o.Plan.Unread)
		}
	}
	b.out.Plan, b.out.Zone = p, o.Engine.TimeZone
}

func (b *builder) takeChanges(o *tools.WhatChangedOut) {
	if o == nil || o.Compared != "time" {
		return
	}
	h := &b.out.Happened
	if !h.Known {
		h.Known, h.Counts, h.Total = true, maps.Clone(o.Counts), o.Total
		b.out.From, b.out.To = o.From, o.To
	}
	b.changes = append(b.changes, o.Changes...)
	b.missing(o.Missing)
}

func (b *builder) takeLate(o *tools.LateOut) {
	if o == nil || o.Subject != nil {
		return
	}
	d := &b.out.Deadlines
	if !d.Known {
		d.Known, d.Basis, d.Total, d.Counts, d.Complete = true, o.Basis, o.Total, o.Counts, o.Complete
	}
	b.late = append(b.late, o.Rows...)
	b.missing(o.Missing)
}

func (b *builder) takeRadar(o *tools.RadarOut) {
	if o == nil {
		return
	}
	first := len(b.radar) == 0 && len(b.out.Normal) == 0
	b.radar = append(b.radar, o.Findings...)
	b.missing(o.Missing)
	if !first {
		return // every page repeats them
	}
	for _, r := range o.Acknowledged {
		if r.Ack != nil {
			b.out.Normal = append(b.out.Normal, Normal{ID: r.ID, Entity: r.Entity, Kind: r.Of, Statement: r.Statement, By: r.Ack.By, Note: r.Ack.Note, Until: r.Ack.Until, Source: "history:acknowledgements"})
		}
	}
}

func (b *builder) takeDiagnosis(o *tools.DiagnoseOut, res Result) {
	if o == nil || o.Diagnosis == nil {
		return
	}
	if t, _ := res.Arguments["target"].(string); t != "" {
		b.single = append(b.single, *o)
		return // what could not be seen of one object is not the plan's
	}
	b.missing(o.Diagnosis.Missing)
	if b.whole == nil {
		b.whole = o
	}
}

// missing takes over what a tool could not see; each line begins with its source.
func (b *builder) missing(lines []string) {
	for _, line := range lines {
		source, why, ok := cutSource(line)
		if !ok {
			source, why = "plan:current", line
		}
		why = b.told(why)
		kind := UnseenRead
		if strings.HasPrefix(source, "history:") && source != "history:acknowledgements" {
			kind = UnseenHistory
		}
		b.unseen(kind, source, why)
	}
}

// told gives a tool's reason, or its error's message, in the report's language.
func (b *builder) told(why string) string {
	if b.out.Language == "pt" {
		return reasons.Of(why)
	}
	return why
}

// cutSource divides a line of missing into its source and the reason. A source may hold a colon of its own, and no space behind it.
func cutSource(line string) (source, why string, ok bool) {
	source, why, ok = strings.Cut(line, ": ")
	return source, why, ok && strings.Contains(source, ":") && why != ""
}

func (b *builder) unseen(kind, source, why string) {
	u := Unseen{Kind: kind, Source: source, Why: why}
	if !slices.Contains(b.out.Unseen, u) {
		b.out.Unseen = append(b.out.Unseen, u)
	}
}

// frame says which time is reported.
func (b *builder) frame() {
	now, err := time.Parse(time.RFC3339, b.out.Clocks.PlanNow)
	if err != nil {
		return
	}
	if b.status != nil {
		if told, ok := planNow(*b.status); ok {
			now = told
		}
	}
	b.period = ShiftAt(now, b.r.Starts)
	b.out.Until = now.Add(time.Duration(b.period.hours(now)) * time.Hour).Format(time.RFC3339)
	if b.out.To == "" {
		b.out.To = now.Format(time.RFC3339)
	}
	if b.out.From == "" {
		b.out.From = b.period.From.Format(time.RFC3339)
	}
}

// unread says what was not asked or did not come, and what the clocks leave open.
func (b *builder) unread(results []Result) {
	have := map[string]bool{}
	for _, r := range results {
		have[r.Tool] = true
	}
	for _, tool := range []string{planStatus, whatChanged, diagnoseJob, lateRisk, radar} {
		if !have[tool] {
			b.unseen(UnseenRead, "tool:"+tool, b.phrases().notAsked)
		}
	}
	name := "engine:" + b.out.Engine.Name
	if b.out.Stale {
		b.unseen(UnseenStale, name, fill(b.phrases().staleWhy, b.out.Clocks.FetchedAt))
	}
	if b.out.Clocks.MirroredAt == "unknown" {
		b.unseen(UnseenMirror, name, b.phrases().mirrorWhy)
	}
	if b.out.Zone == "" && b.status != nil && !slices.ContainsFunc(b.out.Unseen, func(u Unseen) bool { return u.Kind == UnseenZone }) {
		b.unseen(UnseenZone, name, b.phrases().zoneWhy)
	}
	if b.out.Deadlines.Known && !b.out.Deadlines.Complete {
		b.unseen(UnseenMore, "plan:current", b.phrases().lateIncomplete)
	}
	if n := b.out.OpenTotal - len(b.out.Open); n > 0 {
		b.unseen(UnseenMore, "plan:current", fill(b.phrases().openMore, n))
	}
	if b.out.Happened.More > 0 {
		b.unseen(UnseenMore, "plan:current", fill(b.phrases().changesMore, b.out.Happened.More))
	}
}

func (b *builder) phrases() phrases { return phrasesOf(b.out.Language) }

// evidence is the first source of a list, else the object itself.
func firstSource(list []answer.Evidence, entity string) string {
	if len(list) > 0 {
		return list[0].Source
	}
	return "plan:" + entity
}
