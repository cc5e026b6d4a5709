package world

import (
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// fate is how far a stream of a Big world has come.
type fate int

const (
	fateRuns fate = iota // as far as the clock lets it: it has ended, it runs, or it is about to
	fateHeld
	fateFailed
	fateCancelled
	fateAsks     // waits for a prompt
	fateFile     // waits for a file
	fateResource // its first job waits for units of a resource
)

type bigStream struct {
	app     int
	name    string
	sched   time.Time
	size    int
	fate    fate
	follows int // place of the stream whose last job it follows; -1 for none
}

var bigStates = map[fate]string{fateRuns: "SUCC", fateHeld: "HOLD", fateFailed: "STUCK", fateCancelled: "CANCL", fateAsks: "HOLD", fateFile: "HOLD", fateResource: "READY"}

func bigStatus(internal string) twstools.Status {
	return twstools.Status{Internal: internal, Common: commonOf[internal], Canceled: internal == "CANCL"}
}

// add makes a stream and its jobs.
func (g *bigPlan) add(s bigStream) {
	a := &g.apps[s.app]
	ws := a.stations[len(g.w.JobStreams)%len(a.stations)]
	js := twstools.JobStream{Ref: ref(nameUUID("jobstream", ws, s.name)), Name: s.name, OriginalName: s.name, Folder: orElse(a.folder, "/"), Workstation: ws,
		InternalID: g.counterID(len(g.w.JobStreams)), SchedTime: s.sched, TimeZone: "UTC", Status: bigStatus(bigStates[s.fate]), Priority: g.number(10), DependenciesKnown: true,
		CarriedForward: s.fate == fateHeld && g.chance(30)}
	if s.sched.After(g.now) {
		js.Times.EarliestStart, js.Times.EarliestStartSatisfied = s.sched, new(bool)
	}
	js.Status.Canceled = s.fate == fateCancelled
	g.deps = room(g.deps, 4)
	from := len(g.deps)
	g.streamNeeds(&js, s)
	js.Dependencies = cutTail(g.deps, from)
	js.UnresolvedCount = g.open(js.Dependencies)
	g.jobs(&js, s)
	g.w.JobStreams = append(g.w.JobStreams, js)
	g.ends = append(g.ends, len(g.w.Jobs)-1)
}

// cutTail gives the part of a slab from a place on, closed against appending.
func cutTail[T any](slab []T, from int) []T {
	if from == len(slab) {
		return nil
	}
	return slab[from:len(slab):len(slab)]
}

// room makes sure that so many more entries fit into the slab without moving what stands in it; a new slab is begun where they do not.
func room[T any](slab []T, more int) []T {
	if cap(slab)-len(slab) < more {
		return make([]T, 0, max(8192, more))
	}
	return slab
}

// counterID is a 16-character id as the engine counts them.
func (g *bigPlan) counterID(n int) string {
	id := []byte("0AAAAAAAAAAAAAAA")
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	for at := 15; n > 0; at, n = at-1, n/32 {
		id[at] = letters[n%32]
	}
	return string(id)
}

func (g *bigPlan) need(d twstools.Dependency, met bool) {
	d.State = map[bool]string{true: "SATISFIED", false: "UNSATISFIED"}[met]
	d.Satisfied = g.truth(met)
	g.deps = append(g.deps, d)
}

func (g *bigPlan) streamNeeds(js *twstools.JobStream, s bigStream) {
	if s.follows >= 0 {
		p := &g.w.JobStreams[s.follows]
		last := &g.w.Jobs[g.ends[s.follows]]
		g.need(twstools.Dependency{ID: last.Ref.ID, Type: twstools.DepExternalJob, JobRef: last.Ref, Job: last.Name, StreamRef: p.Ref, Stream: p.Name, StreamFolder: p.Folder,
			StreamWorkstation: p.Workstation, StreamSched: p.SchedTime, PredecessorStatus: last.Status}, last.Status.Common == "SUCCESSFUL")
	}
	switch s.fate {
	case fateAsks:
		p := &g.w.Prompts[g.rng.IntN(len(g.w.Prompts))]
		if p.JobStreamRef.IsZero() {
			p.Status, p.JobStreamRef, p.JobStreamKey, p.Workstation, p.AskedAt = "ASKED", js.Ref, js.Workstation+"#"+js.Name, js.Workstation, js.SchedTime
		}
		g.need(twstools.Dependency{ID: p.Ref.ID, Type: twstools.DepPrompt, Prompt: p.Name, PromptNumber: p.Number, PromptText: p.Text, PromptStatus: p.Status, PromptType: p.Type, Workstation: p.Workstation}, false)
	case fateFile:
		g.need(twstools.Dependency{ID: js.InternalID, Type: twstools.DepFile, File: "/in/" + strings.ToLower(js.Name) + ".ok", FileState: "Unavailable", Workstation: js.Workstation, LastChecked: g.now.Add(-time.Minute)}, false)
	}
}

func (g *bigPlan) open(ds []twstools.Dependency) *int {
	n := 0
	for i := range ds {
		if open, _ := ds[i].Open(); open {
			n++
		}
	}
	return g.number(n)
}

// jobs makes a stream's jobs. One that has started has come to a job of its own; those before it succeeded, those behind it wait.
func (g *bigPlan) jobs(js *twstools.JobStream, s bigStream) {
	a := &g.apps[s.app]
	c := bigCourse{fate: s.fate, breaks: g.rng.IntN(s.size), at: s.sched, now: g.now}
	if s.follows >= 0 {
		c.at = later(c.at, g.w.JobStreams[s.follows].End)
	}
	c.at = c.at.Add(time.Duration(3+g.rng.IntN(20)) * time.Second)
	first, counts, ids := len(g.w.Jobs), map[string]int{}, g.idsOf(js, s.size)
	for k := range s.size {
		step := bigSteps[k%len(bigSteps)]
		name := s.name[:len(s.name)-5] + step.name + s.name[len(s.name)-5:]
		if k >= len(bigSteps) {
			name += "B"
		}
		on := js.Workstation
		if k%5 == 3 {
			on = a.stations[(len(g.w.JobStreams)+k)%len(a.stations)]
		}
		takes := time.Duration(20+g.rng.IntN(160)) * time.Second
		state := c.next(k, takes, g.chance(200))
		j := twstools.Job{Ref: ref(ids[k]), Name: name, Folder: js.Folder, Workstation: on, StreamRef: js.Ref, Stream: js.Name, StreamFolder: js.Folder, StreamWorkstation: js.Workstation,
			JobStreamID: js.InternalID, SchedTime: js.SchedTime, TimeZone: "UTC", Status: bigStatus(state), Priority: js.Priority, DependenciesKnown: true, StreamCancelled: s.fate == fateCancelled,
			Definition: twstools.JobDefinition{Name: name, Description: step.does, Task: a.task, Workstation: on, IsCommand: g.truth(true), EstimatedDuration: takes,
				UserLogins: a.user, RecoveryOption: "STOP"}}
		if k == s.size-1 && g.chance(20) {
			j.Critical, j.Times.Deadline = true, s.sched.Add(6*time.Hour)
		}
		g.jobNeeds(&j, s, k, first)
		c.at = g.launch(&j, ids[s.size+k], c.at, takes)
		js.Estimated += takes
		counts[state]++
		g.w.Jobs = append(g.w.Jobs, j)
	}
	js.Status = c.status(js.Status, counts)
	g.told(js, first, counts)
}

// bigCourse is the course of one stream while its jobs are made.
type bigCourse struct {
	fate    fate
	breaks  int       // which job fails, where one does
	at      time.Time // when the next job may start
	now     time.Time
	stopped bool // it waits, runs or has failed: what comes next waits
}

// next is the state of the k-th job, which takes about so long.
func (c *bigCourse) next(k int, takes time.Duration, unlaunched bool) string {
	switch c.fate {
	case fateCancelled:
		return "CANCL"
	case fateResource:
		return map[bool]string{true: "READY", false: "HOLD"}[k == 0]
	case fateRuns, fateFailed:
	default:
		return "HOLD"
	}
	if c.stopped {
		return "HOLD"
	}
	c.stopped = true
	switch {
	case c.at.After(c.now):
		return "READY"
	case c.at.Add(takes * 3 / 2).After(c.now): // a rerun takes up to 1.4 times the estimate
		return "EXEC"
	case c.fate == fateFailed && k == c.breaks && unlaunched:
		return "FAIL"
	case c.fate == fateFailed && k == c.breaks:
		return "ABEND"
	}
	c.stopped = false
	return "SUCC"
}

// status is the stream's own, once its jobs' are known.
func (c *bigCourse) status(s twstools.Status, jobs map[string]int) twstools.Status {
	switch {
	case c.fate != fateRuns && c.fate != fateFailed || jobs["ABEND"]+jobs["FAIL"] > 0:
		return s
	case !c.stopped:
		return bigStatus("SUCC")
	case jobs["SUCC"]+jobs["EXEC"] == 0:
		return bigStatus("READY")
	}
	return bigStatus("EXEC")
}

// idsOf makes the ids of a stream's jobs and runs in one piece of memory.
func (g *bigPlan) idsOf(js *twstools.JobStream, n int) []string {
	g.ids.Reset()
	for k := range 2 * n {
		g.ids.WriteString(nameUUID("job", js.Ref.ID, nth(k)))
	}
	all := g.ids.String()
	out := make([]string, 2*n)
	for k := range out {
		out[k] = all[k*36 : (k+1)*36]
	}
	return out
}

// jobNeeds lets a job follow the one before it, or now and then the one before that; the first one of a stream may want units of a resource.
func (g *bigPlan) jobNeeds(j *twstools.Job, s bigStream, k, first int) {
	g.deps = room(g.deps, 4)
	from := len(g.deps)
	if k > 0 {
		before := k - 1
		if k > 1 && g.w.Jobs[first+before].Status.Internal == "SUCC" && g.chance(200) {
			before = k - 2
		}
		p := &g.w.Jobs[first+before]
		g.need(twstools.Dependency{ID: p.Ref.ID, Type: twstools.DepInternal, JobRef: p.Ref, Job: p.Name, Stream: p.Stream, StreamFolder: p.StreamFolder, StreamWorkstation: p.StreamWorkstation,
			StreamSched: p.SchedTime, PredecessorStatus: p.Status}, p.Status.Common == "SUCCESSFUL")
	}
	if k == 0 && s.fate == fateResource {
		at := g.rng.IntN(len(g.w.Resources))
		r := &g.w.Resources[at]
		g.waiting = append(g.waiting, at)
		g.need(twstools.Dependency{ID: r.Ref.ID, Type: twstools.DepResource, Resource: r.Name, ResourceFolder: r.Folder, Workstation: r.Workstation, Units: 1, UnitsHeld: g.number(0), UnitsAvailable: g.number(0), UnitsTotal: r.Quantity}, false)
	}
	j.Dependencies = cutTail(g.deps, from)
	j.DependencyCount, j.UnresolvedCount = g.number(len(j.Dependencies)), g.open(j.Dependencies)
}

// launch gives a job its runs, which begin at the earliest at from, and says when the next may begin.
func (g *bigPlan) launch(j *twstools.Job, id string, from time.Time, takes time.Duration) time.Time {
	state := j.Status.Internal
	if !hasRun(state) {
		return from
	}
	g.runs = room(g.runs, 2)
	at := len(g.runs)
	run := twstools.Run{ID: id, JobNumber: int64(100_000 + len(g.w.Jobs)), ActualWorkstation: j.Workstation, Status: j.Status, RerunType: "REGULAR", Attempt: 1, Start: from, Estimated: takes, LastInRerunChain: g.truth(true)}
	if state == "SUCC" && g.chance(10) {
		broken := run
		broken.ID, broken.Status, broken.LastInRerunChain, broken.ReturnCode = nameUUID("rerun", id), bigStatus("ABEND"), g.truth(false), g.number(8)
		broken.Elapsed = takes / 4
		broken.End = from.Add(broken.Elapsed)
		g.runs = append(g.runs, broken)
		run.RerunType, run.Attempt, run.Start, run.JobNumber = "RERUN", 2, broken.End.Add(time.Second), run.JobNumber+1_000_000
	}
	switch state {
	case "EXEC":
		run.Elapsed = g.now.Sub(run.Start)
	case "FAIL":
		run.End, run.JobNumber = run.Start, 0
	default:
		run.Elapsed = takes * time.Duration(85+g.rng.IntN(30)) / 100
		run.End = run.Start.Add(run.Elapsed)
		run.ReturnCode = g.number(map[string]int{"ABEND": 1 + g.rng.IntN(12)}[state])
	}
	g.runs = append(g.runs, run)
	j.Runs = cutTail(g.runs, at)
	if state != "FAIL" && (state != "SUCC" || g.chance(5)) {
		g.log(j, run)
	}
	return run.End.Add(time.Second)
}

// log writes the log of a run, with a failure's words where it failed.
func (g *bigPlan) log(j *twstools.Job, r twstools.Run) {
	body := fmt.Sprintf("%s starts\nreading input\n%d records read\n", j.Name, 1000+r.JobNumber%90_000)
	switch r.Status.Internal {
	case "ABEND":
		body += "ERROR: the step ended with errors, see the lines above\n"
	case "SUCC":
		body += "all records written\n"
	}
	l := JobLog{Header: g.b.banner(*j, r), Body: body}
	if !r.End.IsZero() {
		l.Trailer = g.b.trailer(r)
	}
	g.w.Logs[r.ID] = l
}

// told writes what a stream says of its jobs.
func (g *bigPlan) told(js *twstools.JobStream, first int, counts map[string]int) {
	jobs := g.w.Jobs[first:]
	st := &js.Stats
	st.Total, st.Successful, st.Abended, st.Failed, st.Executing = g.number(len(jobs)), g.number(counts["SUCC"]), g.number(counts["ABEND"]), g.number(counts["FAIL"]), g.number(counts["EXEC"])
	st.NotRunning, st.Undecided = g.number(len(jobs)-counts["SUCC"]-counts["ABEND"]-counts["FAIL"]-counts["EXEC"]), g.number(0)
	for i := range jobs {
		for _, r := range jobs[i].Runs {
			if js.Start.IsZero() {
				js.Start = r.Start
			}
			if js.Status.Internal == "SUCC" {
				js.End = later(js.End, r.End)
			}
		}
	}
}

// hold lets jobs that run hold all units of the resources that others wait for.
func (g *bigPlan) hold() {
	next := 0
	for _, at := range g.waiting {
		r := &g.w.Resources[at]
		if len(r.Holders) > 0 {
			continue
		}
		for ; next < len(g.w.Jobs); next++ {
			if j := &g.w.Jobs[next]; j.Status.Internal == "EXEC" {
				r.Holders = []twstools.Holder{{Job: j.Name, JobStream: j.Stream, JobRef: j.Ref, JobStreamRef: j.StreamRef, JobKey: j.StreamWorkstation + "#" + j.Stream + "." + j.Name, Quantity: r.Quantity}}
				r.InUse, r.Available, r.Status = r.Quantity, g.number(0), "NOT_AVAILABLE"
				next++
				break
			}
		}
	}
}
