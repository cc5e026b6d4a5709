package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// Bounds of what is read beside a listing: each dependency list is one request.
const (
	maxDeps     = 100 // objects whose dependencies are read when they are asked for
	unaskedDeps = 12  // waiting objects whose dependencies are read though nobody asked: a short listing says at once what they wait for
	maxStreams  = 500 // job streams read beside their jobs
	maxProps    = 20  // jobs shown with all their properties
	maxLogs     = 5   // logs read whole
)

// ShownJob is a job as conman's listings have it.
type ShownJob struct {
	JobRow
	StreamWorkstation string          `json:"stream_workstation,omitempty"`
	Folder            string          `json:"folder,omitempty"` // of the job stream, where it is not the root
	Elapsed           int64           `json:"elapsed_seconds,omitempty"`
	Estimated         int64           `json:"estimated_seconds,omitempty"`
	Until             string          `json:"until,omitempty"`
	Deadline          string          `json:"deadline,omitempty"`
	Marks             []string        `json:"marks,omitempty"` // conman's words in brackets: Cancelled, Until, Confirmed …
	Every             bool            `json:"repeats,omitempty"`
	Open              *int            `json:"open_dependencies,omitempty"`
	DepsKnown         bool            `json:"dependencies_known"`
	Depends           []DependencyRow `json:"dependencies,omitempty"`
	Attempts          []RunRow        `json:"attempts,omitempty"` // all runs, where there was more than one or it waits for another; recovery jobs too
	Logon             string          `json:"logon,omitempty"`
	Task              string          `json:"task,omitempty"`
	Recovery          string          `json:"recovery_option,omitempty"`
	RecoveryJob       string          `json:"recovery_job,omitempty"`
	RecoveryPrompt    string          `json:"recovery_prompt,omitempty"`
	CriticalStart     string          `json:"critical_start,omitempty"`
}

// ShownStream is a job stream as conman's listings have it.
type ShownStream struct {
	JobStreamRow
	Folder    string          `json:"folder,omitempty"`
	Elapsed   int64           `json:"elapsed_seconds,omitempty"`
	Estimated int64           `json:"estimated_seconds,omitempty"`
	Until     string          `json:"until,omitempty"`
	Deadline  string          `json:"deadline,omitempty"`
	Marks     []string        `json:"marks,omitempty"`
	Open      *int            `json:"open_dependencies,omitempty"`
	DepsKnown bool            `json:"dependencies_known"`
	Depends   []DependencyRow `json:"dependencies,omitempty"`
}

// shownJobs makes the rows of a listing of jobs.
func (c *call) shownJobs(ctx context.Context, jobs []twstools.Job, of Selection, out *Shown[ShownJob]) {
	if !of.ordered { // conman lists a stream's jobs together; engines send them in any order
		jobs = grouped(jobs)
	}
	streams := c.streamsOf(ctx, jobs, out)
	c.fill(ctx, len(jobs), of.Deps, &out.Missing, func(i int) bool {
		return !jobs[i].DependenciesKnown && (of.Deps || waits(plan.PhaseOf(jobs[i].Status)))
	}, func(i int) error {
		whole, err := c.t.o.Engine.Job(ctx, jobs[i].Ref)
		if err == nil {
			jobs[i] = whole
		}
		return err
	})
	for _, j := range jobs {
		if s, ok := streams[j.StreamRef]; ok && j.JobStreamID == "" {
			j.JobStreamID = s.InternalID
		}
		out.Rows = append(out.Rows, c.shownJob(j))
	}
}

// grouped puts jobs of one stream together, where its first one stands.
func grouped(jobs []twstools.Job) []twstools.Job {
	first := map[twstools.Ref]int{}
	for i, j := range jobs {
		if _, ok := first[j.StreamRef]; !ok {
			first[j.StreamRef] = i
		}
	}
	slices.SortStableFunc(jobs, func(a, b twstools.Job) int { return first[a.StreamRef] - first[b.StreamRef] })
	return jobs
}

// waits reports whether something in this phase may be held back by dependencies.
func waits(p plan.Phase) bool {
	return p == plan.Waiting || p == plan.Ready || p == plan.Stuck || p == plan.Unknown
}

// fill reads the dependencies of listed objects that did not come with the list: of all when they were asked for, else of those that wait, when they are few.
func (c *call) fill(ctx context.Context, n int, asked bool, missing *[]string, want func(int) bool, read func(int) error) {
	var wanted []int
	for i := range n {
		if want(i) {
			wanted = append(wanted, i)
		}
	}
	most := maxDeps
	if !asked {
		if len(wanted) > unaskedDeps {
			return
		}
		most = unaskedDeps
	}
	if len(wanted) > most {
		*missing = append(*missing, fmt.Sprintf("plan:current: Dependencies were read of the first %d only.", most))
	}
	for _, i := range wanted[:min(most, len(wanted))] {
		if err := read(i); err != nil {
			*missing = append(*missing, "plan:current: Dependencies are not shown: "+fault.Public(err).Message)
			return
		}
	}
}

// streamsOf reads the job streams of jobs, and lists them in the order in which they come.
func (c *call) streamsOf(ctx context.Context, jobs []twstools.Job, out *Shown[ShownJob]) map[twstools.Ref]twstools.JobStream {
	var ids []query.Value
	var refs []twstools.Ref
	seen := map[twstools.Ref]bool{}
	for _, j := range jobs {
		if !j.StreamRef.IsZero() && !seen[j.StreamRef] && len(ids) < maxStreams {
			seen[j.StreamRef] = true
			ids, refs = append(ids, j.StreamRef.ID), append(refs, j.StreamRef)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, err := c.t.o.Engine.JobStreams(ctx, twstools.ListQuery{Where: query.AnyOf("id", ids...), Limit: len(ids)})
	if err != nil {
		out.Missing = append(out.Missing, "plan:current: Job streams are not shown: "+fault.Public(err).Message)
		return nil
	}
	found := map[twstools.Ref]twstools.JobStream{}
	for _, s := range list.Items {
		found[s.Ref] = s
	}
	var shown []twstools.JobStream
	for _, ref := range refs {
		if s, ok := found[ref]; ok {
			shown = append(shown, s)
		}
	}
	var lines Shown[ShownStream]
	c.shownStreams(ctx, shown, Selection{}, &lines)
	out.Streams, out.Missing = lines.Rows, append(out.Missing, lines.Missing...)
	return found
}

func (c *call) shownJob(j twstools.Job) ShownJob {
	r := ShownJob{JobRow: c.jobRow(j), StreamWorkstation: untrusted.Normalize(j.StreamWorkstation), Folder: shownFolder(j.StreamFolder), Until: c.instant(j.Times.LatestStart), Deadline: c.instant(j.Times.Deadline),
		Every: j.Every, Open: j.UnresolvedCount, DepsKnown: j.DependenciesKnown, Logon: untrusted.Normalize(strings.Join(j.Definition.UserLogins, ", ")), Task: untrusted.Normalize(j.Definition.Task),
		Recovery: untrusted.Normalize(j.Definition.RecoveryOption), RecoveryJob: untrusted.Normalize(j.Definition.RecoveryJob), RecoveryPrompt: untrusted.Normalize(j.Definition.AbendPrompt), CriticalStart: c.instant(j.CriticalStart)}
	pace := plan.PaceAt(&j, c.now)
	r.Elapsed, r.Estimated = int64(pace.Elapsed.Seconds()), int64(pace.Estimate.Seconds())
	mark := func(word string, holds bool) {
		if holds {
			r.Marks = append(r.Marks, word)
		}
	}
	mark("Cancelled", j.Status.Canceled)
	mark("Cancel Pend", j.Status.CancelPending)
	mark("Until", j.UntilPassed)
	mark("Late", j.Late)
	mark("Recovery", j.NeedsMessage)
	if n := len(j.Runs); n > 0 {
		last := j.Runs[n-1]
		mark("Confirmed", last.Confirmed)
		mark("MaxDurationExceeded", last.MaxDurationPassed)
		mark("MinDurationNotReached", last.MinDurationMissed)
		if n > 1 || waits(plan.PhaseOf(j.Status)) {
			r.Attempts = c.runs(j)
		}
	}
	for _, d := range j.Dependencies {
		r.Depends = append(r.Depends, c.dependencyRow(j.Entity(), d))
	}
	return r
}

// shownStreams makes the rows of a listing of job streams.
func (c *call) shownStreams(ctx context.Context, streams []twstools.JobStream, of Selection, out *Shown[ShownStream]) {
	c.fill(ctx, len(streams), of.Deps, &out.Missing, func(i int) bool {
		return !streams[i].DependenciesKnown && (of.Deps || waits(plan.PhaseOf(streams[i].Status)))
	}, func(i int) error {
		whole, err := c.t.o.Engine.JobStream(ctx, streams[i].Ref)
		if err == nil {
			streams[i] = whole
		}
		return err
	})
	for _, s := range streams {
		out.Rows = append(out.Rows, c.shownStream(s))
	}
}

func (c *call) shownStream(s twstools.JobStream) ShownStream {
	r := ShownStream{JobStreamRow: c.streamRow(s), Folder: shownFolder(s.Folder), Until: c.instant(s.Times.LatestStart), Deadline: c.instant(s.Times.Deadline), Estimated: int64(s.Estimated.Seconds()),
		Open: s.UnresolvedCount, DepsKnown: s.DependenciesKnown}
	switch {
	case !s.Start.IsZero() && !s.End.IsZero():
		r.Elapsed = int64(s.End.Sub(s.Start).Seconds())
	case !s.Start.IsZero() && c.now.After(s.Start):
		r.Elapsed = int64(c.now.Sub(s.Start) / time.Second)
	}
	for _, m := range []struct {
		word  string
		holds bool
	}{{"Cancelled", s.Status.Canceled}, {"Cancel Pend", s.Status.CancelPending}, {"Late", s.Late}, {"Carry", s.CarriedForward}} {
		if m.holds {
			r.Marks = append(r.Marks, m.word)
		}
	}
	for _, d := range s.Dependencies {
		r.Depends = append(r.Depends, c.dependencyRow(s.Entity(), d))
	}
	return r
}

func shownFolder(f string) string {
	if f == "/" {
		return ""
	}
	return untrusted.Normalize(f)
}

// ShowProperties shows the jobs of a selection with everything that the engine says about each, the first twenty at most.
func (t *Tools) ShowProperties(ctx context.Context, of Selection) (Shown[GetJobOut], error) {
	return show(ctx, t, query.Jobs, of, t.o.Engine.Jobs, standsAs, func(c *call, ctx context.Context, jobs []twstools.Job, _ Selection, out *Shown[GetJobOut]) {
		for _, j := range jobs[:min(maxProps, len(jobs))] {
			whole, err := t.o.Engine.Job(ctx, j.Ref)
			if err != nil {
				out.Missing = append(out.Missing, "plan:"+untrusted.Normalize(j.Entity().String(c.zone))+": "+fault.Public(err).Message)
				continue
			}
			out.Rows = append(out.Rows, c.wholeJob(ctx, whole))
		}
		if len(jobs) > maxProps {
			out.Missing = append(out.Missing, fmt.Sprintf("plan:current: Properties were read of the first %d of %d jobs.", maxProps, len(jobs)))
		}
	})
}

// ShowStreamProperties is ShowProperties for job streams.
func (t *Tools) ShowStreamProperties(ctx context.Context, of Selection) (Shown[GetJobStreamOut], error) {
	return show(ctx, t, query.JobStreams, of, t.o.Engine.JobStreams, nil, func(c *call, ctx context.Context, streams []twstools.JobStream, _ Selection, out *Shown[GetJobStreamOut]) {
		for _, s := range streams[:min(maxProps, len(streams))] {
			whole, err := t.o.Engine.JobStream(ctx, s.Ref)
			if err != nil {
				out.Missing = append(out.Missing, "plan:"+untrusted.Normalize(s.Entity().String(c.zone))+": "+fault.Public(err).Message)
				continue
			}
			row := c.wholeStream(ctx, whole)
			c.streamJobs(ctx, whole, &row)
			c.streamDefinition(ctx, whole, &row)
			out.Rows = append(out.Rows, row)
		}
		if len(streams) > maxProps {
			out.Missing = append(out.Missing, fmt.Sprintf("plan:current: Properties were read of the first %d of %d job streams.", maxProps, len(streams)))
		}
	})
}

// ShowLogs shows the logs of the last runs of a selection's jobs, whole within the client's own bounds, the first five jobs at most.
func (t *Tools) ShowLogs(ctx context.Context, of Selection) (Shown[GetJobLogOut], error) {
	return show(ctx, t, query.Jobs, of, t.o.Engine.Jobs, standsAs, func(c *call, ctx context.Context, jobs []twstools.Job, _ Selection, out *Shown[GetJobLogOut]) {
		read := 0
		for _, j := range jobs {
			name := untrusted.Normalize(j.Entity().String(c.zone))
			run, err := pickRun(j, "")
			if err == nil && read == maxLogs {
				out.Missing = append(out.Missing, fmt.Sprintf("plan:current: The logs of the first %d jobs are shown.", maxLogs))
				return
			}
			var row GetJobLogOut
			if err == nil {
				read++
				row, err = c.wholeLog(ctx, j, run)
			}
			if err != nil {
				out.Missing = append(out.Missing, "plan:"+name+": "+fault.Public(err).Message)
				continue
			}
			out.Rows = append(out.Rows, row)
		}
	})
}

// wholeLog reads the log of one run.
func (c *call) wholeLog(ctx context.Context, j twstools.Job, run twstools.Run) (GetJobLogOut, error) {
	q := logQuery(j, run)
	l, err := c.t.o.Engine.Logs(ctx, q)
	if err != nil {
		return GetJobLogOut{}, err
	}
	out := c.logOut(j, run, q, l)
	out.Truncated = l.Truncated
	for _, line := range l.Lines {
		out.Lines = append(out.Lines, logRow(line))
	}
	return out, nil
}
