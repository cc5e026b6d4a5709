package tools

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/query"
)

// GetJobStreamIn names one job stream.
type GetJobStreamIn struct {
	JobStream string `json:"job_stream" doc:"the job stream: WORKSTATION#STREAM, the same with its schedule time (hhmm mm/dd/yy), a bare name, or words of its jobs' descriptions" example:"LXPAY01#PAYROLL"`
	At        string `json:"at,omitempty" doc:"when the asker means, written as in get_job; picks among instances of one name" example:"yesterday"`
}

// GetJobStreamOut is one instance of a job stream whole.
type GetJobStreamOut struct {
	JobStream  JobStreamRow         `json:"job_stream"`
	Fields     []FieldRow           `json:"fields" doc:"what the engine says about it"`
	Depends    []DependencyRow      `json:"dependencies"`
	DepsKnown  bool                 `json:"dependencies_known"`
	Jobs       []StreamJobRow       `json:"jobs" doc:"in the plan's order, without their dependencies: get_job has these"`
	JobsTotal  int                  `json:"jobs_total"`
	Definition *StreamDefinitionRow `json:"definition,omitempty" doc:"as the database holds it now, where it can be read"`
	Missing    []string             `json:"missing,omitempty"`
}

// StreamJobRow is a job inside its stream.
type StreamJobRow struct {
	Name        string `json:"name"`
	Workstation string `json:"workstation"`
	Status      string `json:"status"`
	Priority    *int   `json:"priority,omitempty"`
	Start       string `json:"start,omitempty"`
	End         string `json:"end,omitempty"`
	ReturnCode  *int   `json:"return_code,omitempty"`
	JobNumber   int64  `json:"job_number,omitempty"`
	Runs        int    `json:"runs,omitempty"`
	Open        *int   `json:"open_dependencies,omitempty"`
	Late        string `json:"late,omitempty"`
}

// StreamDefinitionRow is a job stream's definition.
type StreamDefinitionRow struct {
	Name        string   `json:"name"`
	Workstation string   `json:"workstation,omitempty"`
	Description string   `json:"description,omitempty"`
	Draft       *bool    `json:"draft,omitempty" doc:"a draft is not planned"`
	ValidFrom   string   `json:"valid_from,omitempty"`
	ValidTo     string   `json:"valid_to,omitempty"`
	Priority    *int     `json:"priority,omitempty"`
	Limit       *int     `json:"limit,omitempty"`
	RunCycles   []string `json:"run_cycles,omitempty"`
}

// maxStreamJobs bounds the jobs that one answer lists.
const maxStreamJobs = 200

// GetJobStream shows one job stream whole, with its jobs.
func (t *Tools) GetJobStream(ctx context.Context, in GetJobStreamIn) (toolkit.Reply[GetJobStreamOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[GetJobStreamOut]{}, err
	}
	s, err := c.oneStream(ctx, in.JobStream, in.At)
	if err != nil {
		return toolkit.Reply[GetJobStreamOut]{}, err
	}
	out := c.wholeStream(ctx, s)
	sources := []toolkit.Source{{Source: "plan:" + out.JobStream.Entity}}
	for _, f := range out.Fields {
		sources[0].Fields = append(sources[0].Fields, toolkit.Field{Name: f.Name, Value: f.Value})
	}
	sources = append(sources, c.streamJobs(ctx, s, &out)...)
	c.streamDefinition(ctx, s, &out)
	rep := reply(c, out, sources, noTime)
	rep.Text = streamText(out)
	return rep, nil
}

// wholeStream shows all that the engine says of a job stream that was read by itself, without its jobs.
func (c *call) wholeStream(ctx context.Context, s twstools.JobStream) GetJobStreamOut {
	out := GetJobStreamOut{JobStream: c.streamRow(s), Fields: c.streamFields(s), Depends: []DependencyRow{}, Jobs: []StreamJobRow{}, DepsKnown: s.DependenciesKnown}
	for _, d := range s.Dependencies {
		out.Depends = append(out.Depends, c.dependencyRow(s.Entity(), d))
	}
	if !s.DependenciesKnown {
		rows, err := c.neighbours(ctx, s.Ref, true)
		if out.DepsKnown = err == nil; err != nil {
			out.Missing = append(out.Missing, "plan:"+out.JobStream.Entity+": "+fault.Public(err).Message)
		}
		out.Depends = append(out.Depends, rows...)
	}
	return out
}

// oneStream finds exactly one job stream, or says why not. A job's name gives the stream that it is in.
func (c *call) oneStream(ctx context.Context, target, at string) (twstools.JobStream, error) {
	when, err := diagnose.ParseMoment(at, c.zone, c.now)
	if err != nil {
		return twstools.JobStream{}, err
	}
	found, err := c.t.finder.Find(ctx, target, "job_stream", "")
	if err != nil {
		return twstools.JobStream{}, err
	}
	streams := found.Streams
	if meant := diagnose.MeantStreams(streams, when, c.zone, c.now); found.By != "description" || len(meant) == 0 {
		streams = meant
	}
	jobs := diagnose.Meant(found.Jobs, when, false, c.zone, c.now)
	switch {
	case len(streams) == 0 && len(jobs) == 1 && !jobs[0].StreamRef.IsZero():
		return c.t.o.Engine.JobStream(ctx, jobs[0].StreamRef)
	case len(streams)+len(jobs) == 0 && found.Len() > 0 && at != "":
		return twstools.JobStream{}, diagnose.Without(target, at, append(c.streamInstances(found.Streams), c.instances(found.Jobs)...))
	}
	switch len(streams) {
	case 0:
		return twstools.JobStream{}, fault.New(fault.NotFound, "No job stream in the plan is called %s.", target).WithHint("Use WORKSTATION#STREAM, or find_job_streams with text.")
	case 1:
		return c.t.o.Engine.JobStream(ctx, streams[0].Ref)
	}
	return twstools.JobStream{}, fault.New(fault.Ambiguous, "%d job streams fit %s.", len(streams), target).WithHint("Name one of them.").WithCandidates(c.streamInstances(streams)...)
}

// streamInstances is instances for job streams.
func (c *call) streamInstances(streams []twstools.JobStream) []string {
	var names []string
	for _, s := range streams[:min(12, len(streams))] {
		e := s.Entity()
		e.ShowID = s.InternalID != ""
		names = append(names, e.String(c.zone)+" "+s.Status.Display())
	}
	return names
}

// streamJobs reads the jobs of a stream into out, and gives their sources.
func (c *call) streamJobs(ctx context.Context, s twstools.JobStream, out *GetJobStreamOut) []toolkit.Source {
	list, err := c.t.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobStreamId", s.Ref.ID), Limit: maxCounted})
	if err != nil {
		out.Missing = append(out.Missing, "plan:"+out.JobStream.Entity+": "+fault.Public(err).Message)
		return nil
	}
	out.Missing = append(out.Missing, partly(list.Incomplete, "plan:"+out.JobStream.Entity, "jobs of it")...)
	out.JobsTotal = len(list.Items)
	var sources []toolkit.Source
	bytes := 0
	for _, j := range list.Items[:min(maxStreamJobs, len(list.Items))] {
		if j.JobStreamID == "" {
			j.JobStreamID = s.InternalID
		}
		full := c.jobRow(j)
		row := StreamJobRow{Name: full.Name, Workstation: full.Workstation, Status: full.Status, Priority: full.Priority, Start: full.Start, End: full.End, ReturnCode: full.ReturnCode,
			JobNumber: full.JobNumber, Open: j.UnresolvedCount, Late: full.Late}
		if n := len(j.Runs); n > 1 {
			row.Runs = n
		}
		raw, _ := json.Marshal(row)
		source := rowSource(full)
		cited, _ := json.Marshal(source)
		if bytes += len(raw) + len(cited); bytes > pageBytes {
			break
		}
		out.Jobs, sources = append(out.Jobs, row), append(sources, source)
	}
	return sources
}

// streamDefinition reads the definition of the stream, where the engine lets it be read.
func (c *call) streamDefinition(ctx context.Context, s twstools.JobStream, out *GetJobStreamOut) {
	name := s.Name
	if s.OriginalName != "" { // an alias has the definition of what it is an alias of
		name = s.OriginalName
	}
	all, err := twstools.CapabilitiesOf(c.t.o.Engine).Definitions.JobStreamDefinitions(ctx, query.Literal(name), 20)
	if err != nil {
		if !fault.Is(err, fault.Unsupported) {
			out.Missing = append(out.Missing, "definition:"+untrusted.Normalize(name)+": "+fault.Public(err).Message)
		}
		return
	}
	for _, d := range all {
		if !strings.EqualFold(d.Name, name) || !samePlace(d.Workstation, s.Workstation) {
			continue
		}
		out.Definition = &StreamDefinitionRow{Name: untrusted.Normalize(d.Name), Workstation: untrusted.Normalize(d.Workstation), Description: untrusted.Normalize(d.Description), Draft: d.Draft,
			ValidFrom: c.instant(d.ValidFrom), ValidTo: c.instant(d.ValidTo), Priority: d.Priority, Limit: d.Limit}
		for _, r := range d.RunCycles[:min(20, len(d.RunCycles))] {
			out.Definition.RunCycles = append(out.Definition.RunCycles, clip(untrusted.Normalize(r), 200))
		}
		return
	}
}

// streamFields lists what the engine says of a job stream in the tool's own field names.
func (c *call) streamFields(s twstools.JobStream) []FieldRow {
	var f fieldRows
	f.add("status", s.Status.Internal)
	f.add("common_status", s.Status.Common)
	f.add("substatus", s.Status.Substatus)
	f.truth("cancelled", s.Status.Canceled)
	f.truth("cancel_pending", s.Status.CancelPending)
	f.number("priority", s.Priority)
	if s.Limit != nil && *s.Limit >= 0 {
		f.number("limit", s.Limit)
	}
	f.add("sched_time", c.instant(s.SchedTime))
	f.add("time_zone", s.TimeZone)
	f.add("start", c.instant(s.Start))
	f.add("end", c.instant(s.End))
	f.times(c, s.Times)
	f.add("estimated_duration", duration(s.Estimated))
	f.truth("late", s.Late)
	f.truth("carried_forward", s.CarriedForward)
	f.truth("pending_predecessor", s.PendingPredecessor)
	if s.OriginalName != s.Name {
		f.add("alias_of", s.OriginalName)
	}
	f.add("service", s.ServiceName)
	f.add("contact", s.ServiceContact)
	f.add("submitter", s.Submitter)
	f.number("open_dependencies", s.UnresolvedCount)
	for _, n := range []struct {
		name string
		n    *int
	}{{"jobs", s.Stats.Total}, {"jobs_successful", s.Stats.Successful}, {"jobs_abended", s.Stats.Abended}, {"jobs_failed", s.Stats.Failed}, {"jobs_executing", s.Stats.Executing},
		{"jobs_not_running", s.Stats.NotRunning}, {"jobs_undecided", s.Stats.Undecided}} {
		f.number(n.name, n.n)
	}
	return f
}

func streamText(o GetJobStreamOut) string {
	var b strings.Builder
	b.WriteString("job stream: " + o.JobStream.Entity + " " + o.JobStream.Status + "\n")
	writeFields(&b, o.Fields)
	writeDependencies(&b, o.Depends, o.DepsKnown)
	var rows [][]string
	for _, j := range o.Jobs {
		number := ""
		if j.JobNumber != 0 {
			number = "#J" + strconv.FormatInt(j.JobNumber, 10)
		}
		rows = append(rows, []string{j.Name, j.Workstation, j.Status, figure(j.Priority), j.Start, j.End, figure(j.ReturnCode), number, figure(j.Open), j.Late})
	}
	b.WriteString(listText("jobs", len(o.Jobs), Paged{Total: &o.JobsTotal}, nil, []string{"job", "workstation", "status", "pr", "start", "end", "rc", "number", "open deps", "late"}, rows))
	if d := o.Definition; d != nil {
		b.WriteString("definition: " + strings.TrimSpace(d.Workstation+"#"+d.Name+" "+d.Description) + "\n")
		for _, r := range d.RunCycles {
			b.WriteString("  run cycle: " + r + "\n")
		}
	}
	for _, m := range o.Missing {
		b.WriteString("missing: " + m + "\n")
	}
	return b.String()
}
