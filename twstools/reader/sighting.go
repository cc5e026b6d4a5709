package reader

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// sighting is what the refresher has seen of the plan so far: enough to tell what is different, for as many objects as are watched.
type sighting struct {
	last         time.Time // the plan's now at the last refresh
	runsUpTo     time.Time // the same, of the last one that could read starts and ends
	jobs         map[string]seen
	streams      map[string]seen
	runs         map[string]seenRun
	workstations map[string]facts
	resources    map[string]facts
	prompts      map[string]facts
	references   map[string]string // of workstations, by name
	windowAfter  time.Time         // ours; when to ask again for the plan's window
	turn         int               // whose turn it is in lookAgain
	number       string            // the plan's run number
	window       bool              // told by the plan's window
}

// seen is a job or job stream at its last sighting.
type seen struct {
	key      twstools.Key
	status   twstools.Status
	priority *int
	watched  bool // it was in a list that it can leave
	at       time.Time
}

// seenRun says which events of a run were told.
type seenRun struct {
	started, ended bool
	at             time.Time
}

// facts are the properties of a workstation, resource or prompt whose change is told, by field.
type facts map[string]string

// remember is how long what is no longer watched is kept for comparison.
const remember = time.Hour

func newSighting() sighting {
	return sighting{jobs: map[string]seen{}, streams: map[string]seen{}, runs: map[string]seenRun{}}
}

// sawRuns reports whether starts and ends could be read, or cannot be at all.
func (o *observation) sawRuns() bool {
	return (o.started.ok || o.started.never) && (o.ended.ok || o.ended.never)
}

// missing gives the ids of what was watched and is in none of the lists that came whole.
func (s *sighting) missing(o *observation) (jobs, streams []string) {
	if o.jobs.ok && o.jobs.all {
		jobs = absent(s.jobs, ids(jobID, o.jobs.items, o.started.items, o.ended.items))
	}
	if o.streams.ok && o.streams.all {
		streams = absent(s.streams, ids(streamID, o.streams.items, o.endedStreams.items))
	}
	return jobs, streams
}

func jobID(j twstools.Job) string          { return j.Ref.ID }
func streamID(s twstools.JobStream) string { return s.Ref.ID }

func ids[T any](id func(T) string, lists ...[]T) map[string]bool {
	out := map[string]bool{}
	for _, list := range lists {
		for _, x := range list {
			out[id(x)] = true
		}
	}
	return out
}

// absent gives the oldest sighted first, lookAgain of them at most: the rest has its turn at the next refresh.
func absent(have map[string]seen, now map[string]bool) []string {
	var out []string
	for id, x := range have {
		if x.watched && !now[id] {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(have[a].at.Compare(have[b].at), strings.Compare(a, b)) })
	return out[:min(lookAgain, len(out))]
}

// turned gives the mark of the plan that was observed, and whether it is another plan than the one before. The mark is the plan's run number
// where the engine tells it, else the highest one that a workstation has taken over. Where neither tells, references do: in a new plan all of
// them are new.
func (s *sighting) turned(o *observation, before string) (mark string, turned bool) {
	number := s.runNumber(o)
	byNumber := s.number != "" && number != "" && number != s.number
	byReference := !s.last.IsZero() && (renewed(s.jobs, o.jobs.items) || s.otherReferences(o))
	s.number = cmp.Or(number, s.number)
	switch {
	case byNumber:
		return number, true
	case byReference:
		return "", true
	case number == "" || strings.HasPrefix(before, momentMark):
		return before, false
	}
	return number, false
}

// momentMark begins the mark of a plan that nothing but its moment tells from the one before.
const momentMark = "at "

// runNumber is the plan's, in whichever way this engine has told it first. A workstation that has not got the new plan yet keeps the old number.
func (s *sighting) runNumber(o *observation) string {
	if o.windowOK && o.window.RunNumber != nil {
		s.window = true
		return strconv.Itoa(*o.window.RunNumber)
	}
	highest, _ := strconv.Atoi(s.number)
	if s.window || !o.workstations.ok {
		return ""
	}
	for _, w := range o.workstations.items {
		if w.RunNumber != nil {
			highest = max(highest, *w.RunNumber)
		}
	}
	if highest == 0 {
		return ""
	}
	return strconv.Itoa(highest)
}

// renewed reports whether jobs that were seen before, carried forward, now have other references.
func renewed(have map[string]seen, items []twstools.Job) bool {
	before, twice := map[twstools.Key]string{}, map[twstools.Key]bool{}
	for id, x := range have {
		k := natural(x.key)
		if _, dup := before[k]; dup {
			twice[k] = true
		}
		before[k] = id
	}
	same, other := 0, 0
	now := map[twstools.Key]bool{}
	for _, j := range items {
		k := natural(j.Key(""))
		id, ok := before[k]
		if !ok || twice[k] || now[k] {
			continue
		}
		now[k] = true
		if id == j.Ref.ID {
			same++
		} else {
			other++
		}
	}
	return other > 0 && same == 0
}

// natural is a key without what engines leave out of lists or change with the plan.
func natural(k twstools.Key) twstools.Key {
	k.Engine, k.JobStreamID = "", ""
	return k
}

// otherReferences reports whether every workstation that was seen before has another reference now.
func (s *sighting) otherReferences(o *observation) bool {
	same, other := 0, 0
	for _, w := range o.workstations.items {
		switch id, ok := s.references[w.Name]; {
		case !ok:
		case id == w.Ref.ID:
			same++
		default:
			other++
		}
	}
	return other > 0 && same == 0
}

func workstationFacts(w twstools.Workstation) facts {
	link, _ := plan.LinkState(w)
	f := facts{"limit": text(w.Limit), "fence": text(w.Fence), "link": string(link), "ignored": strconv.FormatBool(w.Ignored)}
	if w.StatesKnown {
		f["job_manager"] = strconv.FormatBool(slices.Contains(w.ActiveStates, "JOBMAN_UP") || slices.Contains(w.ActiveStates, "RUNNING"))
	}
	return f
}

func resourceFacts(r twstools.Resource) facts {
	return facts{"quantity": text(r.Quantity), "available": text(r.Available), "status": r.Status}
}

func promptFacts(p twstools.Prompt) facts { return facts{"status": p.Status} }

func text(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
