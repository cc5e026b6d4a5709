package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Severity orders what the radar finds. The words are our own choice: critical stops the plan or makes its statuses lie, high holds work up
// now, medium will hold work up or wants a look this shift, low is good to know.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities lists the severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low} }

// Finding is one thing that is wrong although nothing has ended badly because of it.
type Finding struct {
	Rule   string // name of the rule, one of RadarRules
	Kind   string // cause kind of the contract, at the level that the facts prove; empty where none fits
	Entity twstools.Entity
	Ref    twstools.Ref // of a job's job stream or of a job stream; zero for the rest
	// Instance ties the finding to one instance: an acknowledgement must not outlive it. Empty for what stands, or comes back, from day to day.
	Instance string
	Of       string // what of the entity, where it may have several: the name of a queue
	Severity Severity
	Since    time.Time // zero: nothing tells
	Facts    []Fact
	Params   map[string]string // what its sentence may say
	Weak     bool              // inferred from incomplete data
	Count    int               // instances or objects that it stands for; 0 means 1
}

// Expected is a job stream that should be in the plan, and what says so.
type Expected struct {
	Folder, Workstation, Stream string
	Sched                       time.Time // when it was due by what says so; zero where only the day is known
	Seen                        bool      // this account has seen the stream itself in a plan: it is known to see such objects
	Facts                       []Fact
	Kind                        string // where the definition tells why it is left out
	Severity                    Severity
}

// Usual is what is usual for a job's runs, from what is remembered of them.
type Usual struct {
	Median, High time.Duration // High: nine in ten took less; zero with few runs
	Runs         int
}

// Sweep is what was read of a plan at one instant, for the rules of the radar. The lists hold what was read; the flags say which of them are
// whole, since absence from a list that is not proves nothing. A Sweep is not changed once Findings has been called.
type Sweep struct {
	Now  time.Time // the engine's now
	Zone *time.Location

	Streams      []twstools.JobStream
	StreamsWhole bool
	Jobs         []twstools.Job // those of interest: ready, running, held, near their until, on agents in trouble, of FINAL
	RunningWhole bool           // every running job is among Jobs
	Workstations []twstools.Workstation
	Resources    []twstools.Resource
	Prompts      []twstools.Prompt
	Window       *twstools.PlanWindow // nil: the engine does not say
	Queues       map[string]float64   // message queues, percent full
	Database     *bool                // whether the engine reports its database as connected
	Linked       map[string]bool      // by workstation, from the engine's metrics: used where a workstation does not tell its states
	Definitions  map[string]twstools.JobStreamDefinition
	Expected     []Expected
	Usual        map[twstools.Ref]Usual     // by job
	ReadySince   map[twstools.Ref]time.Time // by job: since when nothing in the plan holds it, at the earliest
	Stalled      *Graph                     // what holds streams up that stand still, where it was fetched
	StalledFrom  []Start
	StoodSince   time.Time // the plan's last change, where the engine's clock says that this is more than a day and a half ago

	PromptAge time.Duration // how long a question may wait; 0 means 30 minutes
}

// Thresholds of the radar's rules; all are our own choice.
const (
	defaultPromptAge = 30 * time.Minute
	promptTooOld     = 2 * time.Hour
	readyLong        = 15 * time.Minute
	untilSoon        = 30 * time.Minute
	finalGrace       = 30 * time.Minute
	postReportsGrace = 2 * time.Hour
	windowGrace      = 5 * time.Minute
	leftoverSlack    = time.Hour
	leftoverAge      = 20 * time.Hour
	twiceWithin      = 12 * time.Hour
	deadlineNear     = 2 * time.Hour
	shownJobs        = 3
)

// view is a sweep indexed for its rules.
type view struct {
	*Sweep
	g       *Graph
	streams map[string]*twstools.JobStream // by id of the reference
	jobs    map[string]*twstools.Job
	at      map[string][]*twstools.Job // that wait or run, by workstation, upper case
}

// radarRules are all rules in the order in which equals are listed.
var radarRules = []struct {
	name string
	find func(*view) []Finding
}{
	{"batchman_down", (*view).batchman},
	{"plan_ended", (*view).planEnded},
	{"database_down", (*view).database},
	{"copy_old", (*view).copyOld},
	{"final", (*view).final},
	{"final_overdue", (*view).finalOverdue},
	{"checksync", (*view).checkSync},
	{"updatestats", (*view).updateStats},
	{"post_reports", (*view).postReports},
	{"queue_filling", (*view).queues},
	{"agent_unlinked", (*view).unlinked},
	{"agent_stopped", (*view).stopped},
	{"agent_ignored", (*view).ignored},
	{"workstation_limit_zero", (*view).workstationLimit},
	{"fence", (*view).fence},
	{"stream_limit_zero", (*view).streamLimits},
	{"held", (*view).held},
	{"prompt_asked", (*view).promptsAsked},
	{"prompt_denied", (*view).promptsDenied},
	{"to_confirm", (*view).toConfirm},
	{"resource_zero", (*view).resourcesZero},
	{"resource_holders", (*view).resourceHolders},
	{"resource_kept", (*view).resourcesKept},
	{"until_passed", (*view).untilPassed},
	{"until_soon", (*view).untilNear},
	{"running_long", (*view).runningLong},
	{"exec_after_turn", (*view).execAfterTurn},
	{"ready_long", (*view).readyLong},
	{"not_in_plan", (*view).notInPlan},
	{"duplicate", (*view).duplicates},
	{"leftover", (*view).leftovers},
	{"standstill", (*view).standstill},
}

// RadarRules lists the names of the radar's rules, in the order in which equals are listed.
func RadarRules() []string {
	out := make([]string, len(radarRules))
	for i, r := range radarRules {
		out[i] = r.name
	}
	return out
}

// Findings applies every rule of the radar. What recurs from day to day is one finding however many of its instances show it. The worst
// come first, among equals those that stand longest.
func (s *Sweep) Findings() []Finding {
	v := s.view()
	var out []Finding
	index := map[string]int{}
	for _, r := range radarRules {
		for _, f := range r.find(v) {
			f.Rule = r.name
			key := strings.Join([]string{f.Rule, string(f.Entity.Type), v.recurring(f.Entity), f.Instance, f.Of}, "\x00")
			if i, ok := index[key]; ok {
				out[i] = out[i].with(f)
				continue
			}
			index[key] = len(out)
			f.Count = max(f.Count, 1)
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), earlier(a.Since, b.Since))
	})
	return out
}

// earlier orders times, the unknown last.
func earlier(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

func (s Severity) rank() int { return slices.Index(Severities(), s) }

// Known reports whether s is one of the severities.
func (s Severity) Known() bool { return s.rank() >= 0 }

// AtLeast reports whether s is as bad as least, or worse; everything is as bad as "".
func (s Severity) AtLeast(least Severity) bool { return least == "" || s.rank() <= least.rank() }

// maxFacts bounds the evidence of one finding.
const maxFacts = 8

// with joins another instance of the same thing.
func (f Finding) with(o Finding) Finding {
	f.Count += max(o.Count, 1)
	f.Facts = append(f.Facts[:len(f.Facts):len(f.Facts)], o.Facts...)
	f.Facts = f.Facts[:min(len(f.Facts), maxFacts)]
	if o.Severity.rank() < f.Severity.rank() {
		f.Severity, f.Params, f.Entity, f.Ref = o.Severity, o.Params, o.Entity, o.Ref
	}
	if earlier(o.Since, f.Since) < 0 {
		f.Since = o.Since
	}
	return f
}

// recurring names an entity without its instance: what an acknowledgement from yesterday still fits.
func (v *view) recurring(e twstools.Entity) string { return Recurring(e) }

// Recurring writes an entity without the instance: alike tomorrow, in a carried-forward instance and in both interfaces.
func Recurring(e twstools.Entity) string {
	e.Sched, e.JobStreamID, e.ShowID = time.Time{}, "", false
	if e.Folder == "" {
		e.Folder = "/"
	}
	return strings.Join([]string{e.Folder, strings.TrimPrefix(e.Workstation, "/"), e.Stream, e.Job, e.Name}, "|")
}

func (s *Sweep) view() *view {
	if s.PromptAge <= 0 {
		s.PromptAge = defaultPromptAge
	}
	v := &view{Sweep: s, streams: map[string]*twstools.JobStream{}, jobs: map[string]*twstools.Job{}, at: map[string][]*twstools.Job{},
		g: &Graph{Now: s.Now, Zone: s.Zone, nodes: map[NodeID]*Node{}, streamJobs: map[NodeID][]NodeID{}, workstations: map[string]twstools.Workstation{}, workstationsRead: len(s.Workstations) > 0,
			resources: map[string]twstools.Resource{}, prompts: map[string]twstools.Prompt{}, executing: map[string]int{}}}
	for _, w := range s.Workstations {
		v.g.workstations[strings.ToUpper(w.Name)] = w
	}
	for i := range s.Streams {
		st := &s.Streams[i]
		v.streams[st.Ref.ID] = st
		v.g.nodes[StreamID(st.Ref)] = &Node{ID: StreamID(st.Ref), Stream: st}
	}
	for i := range s.Jobs {
		v.add(&s.Jobs[i])
	}
	return v
}

func (v *view) add(j *twstools.Job) {
	id := JobID(j.Ref)
	if v.jobs[j.Ref.ID] != nil {
		return
	}
	v.jobs[j.Ref.ID] = j
	v.g.nodes[id] = &Node{ID: id, Job: j}
	sid := StreamID(j.StreamRef)
	v.g.streamJobs[sid] = append(v.g.streamJobs[sid], id)
	switch p := PhaseOf(j.Status); {
	case p == Running:
		ws := j.Workstation
		if r := lastRun(j); r != nil && r.ActualWorkstation != "" {
			ws = r.ActualWorkstation
		}
		v.at[strings.ToUpper(ws)] = append(v.at[strings.ToUpper(ws)], j)
		if v.RunningWhole {
			v.g.executing[strings.ToUpper(j.Workstation)]++
		}
	case (p == Waiting || p == Ready) && !idle(j):
		v.at[strings.ToUpper(j.Workstation)] = append(v.at[strings.ToUpper(j.Workstation)], j)
	}
}

func lastRun(j *twstools.Job) *twstools.Run {
	if len(j.Runs) == 0 {
		return nil
	}
	return &j.Runs[len(j.Runs)-1]
}

// idle tells jobs that wait for nothing because they are not to run: no-operation jobs and cancelled ones (UG "nop", "cancel job").
func idle(j *twstools.Job) bool {
	return j.NoOperation || j.Status.Canceled || j.Status.CancelPending || j.Status.DontRun || j.StreamCancelled
}

// due reports whether the job's own time has come.
func (v *view) due(j *twstools.Job) bool {
	return !j.SchedTime.After(v.Now) && !j.Times.EarliestStart.After(v.Now)
}

func (v *view) dueStream(s *twstools.JobStream) bool {
	return !s.SchedTime.After(v.Now) && !s.Times.EarliestStart.After(v.Now)
}

func (v *view) jobFact(j *twstools.Job, name, value string) Fact {
	return Fact{Source: "plan:" + v.g.Name(v.jobEntity(j)), Name: name, Value: value}
}

func (v *view) streamFact(s *twstools.JobStream, name, value string) Fact {
	return Fact{Source: "plan:" + v.g.Name(s.Entity()), Name: name, Value: value}
}

// jobEntity names a job with its stream's 16-character id, which lists of jobs leave out.
func (v *view) jobEntity(j *twstools.Job) twstools.Entity {
	e := j.Entity()
	if st := v.streams[j.StreamRef.ID]; e.JobStreamID == "" && st != nil {
		e.JobStreamID = st.InternalID
	}
	return e
}

// instance names the instance of a job or stream as both interfaces do: by the 16-character id, else by the scheduled time.
func instance(id string, sched time.Time) string {
	if len(id) == 16 {
		return id
	}
	return sched.UTC().Format(time.RFC3339)
}
