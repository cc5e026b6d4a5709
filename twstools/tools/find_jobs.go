package tools

import (
	"context"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// FindJobs lists jobs.
func (t *Tools) FindJobs(ctx context.Context, in FindJobsIn) (toolkit.Reply[FindJobsOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	w, err := c.slot("find_jobs", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	l, err := c.jobListing(ctx, in)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	m, err := l.from(ctx, w)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	if err := c.unread(ctx); err != nil && len(m.items) == 0 {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	out := FindJobsOut{Missing: partly(m.partial, "plan:current", "jobs")}
	if m.seen != nil {
		out.ByStatus = map[string]int{}
		for _, j := range m.seen {
			out.ByStatus[untrusted.Normalize(j.Status.Display())]++
		}
	}
	ids := t.finder.StreamIDs(ctx, m.items[:min(w.size, len(m.items))])
	forecasts := map[string]*ForecastRow{}
	if in.Critical {
		var missing []string
		forecasts, missing = c.forecasts(ctx)
		out.Missing = append(out.Missing, missing...)
	}
	rows, sources, p := pageRows(m, w, func(j twstools.Job) (JobRow, toolkit.Source) {
		if j.JobStreamID == "" {
			j.JobStreamID = ids[j.StreamRef]
		}
		row := c.jobRow(j)
		row.Description = clip(row.Description, 120)
		row.Forecast = forecasts[forecastKey(j)]
		return row, rowSource(row)
	})
	out.Jobs, out.Total, out.NextCursor = rows, p.Total, p.NextCursor
	rep := reply(c, out, append(sources, absence("find_jobs", m)), noTime)
	rep.Text = jobsText(out)
	if m.total == 0 {
		name, stream, at := jobNames(in)
		rep.Text += c.unheld(ctx, askedName{"job", name}, askedName{"job_stream", stream}, askedName{"workstation", at}, askedName{"workstation", in.ActualWorkstation})
	}
	return rep, nil
}

// jobListing says how the jobs of a question are read.
func (c *call) jobListing(ctx context.Context, in FindJobsIn) (listing[twstools.Job], error) {
	var f conditions
	if in.Status, f.err = statusWords(in.Status); f.err != nil {
		return listing[twstools.Job]{}, f.err
	}
	name, stream, at := jobNames(in)
	if in.Name, in.JobStream = name, stream; at == in.Workstation {
		at = ""
	}
	f.pattern("name", in.Name)
	f.pattern("jobStreamName", in.JobStream)
	f.workstation("workstation", in.Workstation)
	f.workstation("jobruns.actualWorkstation", in.ActualWorkstation)
	f.statuses("jobruns.compositeStatus.status", "jobruns.commonStatus", in.Status)
	f.ran(c.begun(&f, c.instants(&f, moment, in.Since, in.Until)), "jobruns.timeInfo.actualStartTime", "jobruns.timeInfo.actualEndTime", query.Is("jobruns.commonStatus", "RUNNING"))
	due := c.instants(&f, coming, in.DueFrom, in.DueTo)
	// A job that repeats waits for its next turn while all its runs have ended.
	f.planned(due, query.Or{waitingAs("jobruns.commonStatus"), query.Is("jobOptions.every", true)})
	if in.Critical {
		f.add(query.Is("jobOptions.critical", true))
	}
	if in.Late {
		f.late(c.now)
	}
	fits := f.returnCode(in.ReturnCode)
	order := f.typed(in.OQL, query.Jobs)
	where, err := f.expr()
	if err != nil {
		return listing[twstools.Job]{}, err
	}
	l := listing[twstools.Job]{read: c.jobsToShow, where: where, order: order}
	if len(in.Status) > 0 || !due.isZero() || in.Late || fits != nil || at != "" {
		// The engine's filter looks at every run and knows no lateness; what is asked is how the job stands now.
		l.keep = func(j *twstools.Job) bool {
			return (at == "" || namedWorkstation(at, j.StreamWorkstation) || namedWorkstation(at, j.Workstation)) && (len(in.Status) == 0 || stands(*j, in.Status)) && (due.isZero() || due.holds(plannedStart(plan.PhaseOf(j.Status), j.SchedTime, j.Times))) &&
				(!in.Late || c.lateWhy(jobTiming(j)) != "") && (fits == nil || fits(lastCode(j)))
		}
	}
	if strings.TrimSpace(in.Text) == "" {
		return l, nil
	}
	found, err := c.byWords(ctx, in.Text, "job")
	if err != nil {
		return l, err
	}
	if len(found.Jobs) == 0 {
		if found.Jobs, err = c.jobsOfStreams(ctx, in.Text); err != nil {
			return l, err
		}
	}
	l.here, l.all = true, nil
	for _, j := range found.Jobs {
		if where == nil || query.Eval(where, twstools.JobRow(j)) {
			l.all = append(l.all, j)
		}
	}
	return l, nil
}

// maxWordStreams bounds the job streams whose jobs stand in for words that fit no job.
const maxWordStreams = 5

// jobsOfStreams gives the jobs of the job streams that the words mean: people call a group of jobs by its purpose, which no single job may bear.
func (c *call) jobsOfStreams(ctx context.Context, text string) ([]twstools.Job, error) {
	found, err := c.byWords(ctx, text, "job_stream")
	if err != nil || len(found.Streams) == 0 || len(found.Streams) > maxWordStreams {
		return nil, err
	}
	var ids []query.Value
	for _, s := range found.Streams {
		ids = append(ids, s.Ref.ID)
	}
	list, err := c.t.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.AnyOf("jobStreamId", ids...), Limit: maxCounted})
	return list.Items, err
}

// jobNames reads the names that jobs are narrowed by, of which name may hold all in the operator's form, and job_stream two. at is the
// workstation of the job or of its job stream.
func jobNames(in FindJobsIn) (name, stream, at string) {
	stream, at = in.JobStream, in.Workstation
	if ws, rest := split(stream); ws != "" {
		at, stream = ws, rest
	}
	ws, name := split(in.Name)
	if ws == "" {
		return name, stream, at
	}
	if of, job, ok := strings.Cut(name, "."); ok {
		stream, name = of, job
	}
	return name, stream, ws
}

// lastCode is the return code of the job's last run.
func lastCode(j *twstools.Job) *int {
	if n := len(j.Runs); n > 0 {
		return j.Runs[n-1].ReturnCode
	}
	return nil
}

// stands reports whether the job's present status is one of the asked ones.
func stands(j twstools.Job, statuses []string) bool { return statusIn(j.Status, statuses) }

func statusIn(have twstools.Status, statuses []string) bool {
	for _, s := range statuses {
		s = strings.TrimSpace(s)
		if strings.EqualFold(s, have.Internal) || strings.EqualFold(s, have.Common) {
			return true
		}
	}
	return have.Internal == "" && have.Common == ""
}

// forecasts reads what the critical-path service expects, by job. Where no such service answers, missing says so.
func (c *call) forecasts(ctx context.Context) (map[string]*ForecastRow, []string) {
	list, err := twstools.CapabilitiesOf(c.t.o.Engine).CriticalJobs.CriticalJobs(ctx, twstools.ListQuery{Limit: maxCounted})
	if err != nil {
		return nil, []string{"engine:" + c.t.o.Name + ": " + fault.Public(err).Message}
	}
	out := map[string]*ForecastRow{}
	for _, k := range list.Items {
		out[forecastKey(k.Job)] = &ForecastRow{Risk: untrusted.Normalize(k.Alert), Deadline: c.instant(k.Deadline), EstimatedStart: c.instant(k.EstimatedStart),
			EstimatedEnd: c.instant(k.EstimatedEnd), CriticalStart: c.instant(k.CriticalStart), Confidence: k.Confidence}
	}
	return out, nil
}

// forecastKey names a job alike in both generations of the interface, whose ids differ.
func forecastKey(j twstools.Job) string {
	return strings.ToUpper(j.Entity().String(nil)) + j.SchedTime.UTC().Format(time.RFC3339)
}
