package baseline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// scene is the world as one who answers sees it: jobs with their status, and names.
type scene struct {
	p *plant.Plant
	// names is what the world's objects are called, in capitals; made on first use.
	names map[string][]func() object
}

// object is one thing that can be blamed: how it is written, and what the plan shows of it.
type object struct {
	job    *twstools.Job
	stream *twstools.JobStream
	kind   twstools.EntityType
	text   string // as an operator writes it
	word   string // by which a sentence names it
	ref    answer.Ref
	shown  answer.Evidence
	sched  time.Time
}

func (s *scene) job(j *twstools.Job) object {
	e := j.Entity()
	e.ShowID = s.shared(j.Stream, e.Workstation, j.JobStreamID, j.SchedTime)
	o := object{job: j, kind: e.Type, text: e.String(s.p.Zone), word: j.Name, sched: j.SchedTime, ref: answer.Ref{Engine: engine, Type: string(e.Type), JobStreamID: j.JobStreamID, Job: j.Name}}
	o.shown = answer.Evidence{Source: "plan:" + o.text, Quote: "status=" + j.Status.Display()}
	return o
}

func (s *scene) stream(js *twstools.JobStream) object {
	e := js.Entity()
	e.ShowID = s.shared(js.Name, js.Workstation, js.InternalID, js.SchedTime)
	o := object{stream: js, kind: e.Type, text: e.String(s.p.Zone), word: js.Name, sched: js.SchedTime, ref: answer.Ref{Engine: engine, Type: string(e.Type), JobStreamID: js.InternalID}}
	o.shown = answer.Evidence{Source: "plan:" + o.text, Quote: "status=" + js.Status.Display()}
	return o
}

// shared reports whether another instance of the stream has the same time, so that only the id tells them apart.
func (s *scene) shared(name, workstation, id string, at time.Time) bool {
	return slices.ContainsFunc(s.p.World.JobStreams, func(o twstools.JobStream) bool {
		return o.Name == name && o.Workstation == workstation && o.InternalID != id && o.SchedTime.Truncate(time.Minute).Equal(at.Truncate(time.Minute))
	})
}

func workstation(w twstools.Workstation) object {
	shown := answer.Evidence{Source: "workstation:" + w.Name, Quote: "active_states=" + strings.Join(w.ActiveStates, ",")}
	if len(w.ActiveStates) == 0 {
		shown.Quote = "type=" + w.Type
	}
	return object{kind: twstools.EntityWorkstation, text: w.Name, word: w.Name, ref: answer.Ref{Engine: engine, Type: "workstation", Folder: "/", Name: w.Name}, shown: shown}
}

func (s *scene) resource(r twstools.Resource) object {
	text := r.Entity().String(s.p.Zone)
	shown := answer.Evidence{Source: "resource:" + text, Quote: "name=" + r.Name}
	if r.Available != nil {
		shown.Quote = fmt.Sprintf("available=%d", *r.Available)
	}
	return object{kind: twstools.EntityResource, text: text, word: r.Name, ref: answer.Ref{Engine: engine, Type: "resource", Folder: "/", Workstation: r.Workstation, Name: r.Name}, shown: shown}
}

func (s *scene) prompt(r twstools.Prompt) object {
	text := r.Entity().String(s.p.Zone)
	return object{kind: twstools.EntityPrompt, text: text, word: r.Entity().Name, ref: answer.Ref{Engine: engine, Type: "prompt", Folder: "/", Name: r.Entity().Name},
		shown: answer.Evidence{Source: "prompt:" + text, Quote: "status=" + r.Status}}
}

func (s *scene) file(d twstools.Dependency) object {
	e := twstools.Entity{Type: twstools.EntityFile, Workstation: d.Workstation, Name: d.File}
	text := e.String(s.p.Zone)
	shown := answer.Evidence{Source: "file:" + text, Quote: "status=" + d.FileState}
	if d.FileState == "" {
		shown.Quote = "name=" + d.File
	}
	return object{kind: twstools.EntityFile, text: text, word: d.File[strings.LastIndexAny(d.File, `/\`)+1:],
		ref: answer.Ref{Engine: engine, Type: "file", Folder: "/", Workstation: d.Workstation, Name: d.File}, shown: shown}
}

// earliestFailure is the job whose last run ended badly before all others, by the end of that run; nil when there is none.
func (s *scene) earliestFailure() *twstools.Job {
	var best *twstools.Job
	for i := range s.p.World.Jobs {
		if j := &s.p.World.Jobs[i]; failed(j.Status.Internal) && (best == nil || ended(j).Before(ended(best))) {
			best = j
		}
	}
	return best
}

// ended is when the last run of a job ended, or when the job was planned where it has no run.
func ended(j *twstools.Job) time.Time {
	if n := len(j.Runs); n > 0 && !j.Runs[n-1].End.IsZero() {
		return j.Runs[n-1].End
	}
	return j.SchedTime
}

// unsuccessful are the jobs that have not ended well, the ones that ended badly first, then those that run, then the others.
func (s *scene) unsuccessful() []*twstools.Job {
	var bad, running, waiting []*twstools.Job
	for i := range s.p.World.Jobs {
		j := &s.p.World.Jobs[i]
		switch {
		case failed(j.Status.Internal):
			bad = append(bad, j)
		case j.Status.Internal == "EXEC":
			running = append(running, j)
		case kindByStatus[j.Status.Internal] != "":
			waiting = append(waiting, j)
		}
	}
	return slices.Concat(bad, running, waiting)
}

// jobsOf are the jobs of a stream's instance, in the plan's order.
func (s *scene) jobsOf(ref twstools.Ref) []*twstools.Job {
	var out []*twstools.Job
	for i := range s.p.World.Jobs {
		if j := &s.p.World.Jobs[i]; j.StreamRef.ID == ref.ID {
			out = append(out, j)
		}
	}
	return out
}

// heldBy are the jobs of the same stream that still wait behind a job, directly or through one another. Other streams are not looked at.
func (s *scene) heldBy(first *twstools.Job) []*twstools.Job {
	behind := map[string]bool{first.Ref.ID: true}
	var out []*twstools.Job
	mates := s.jobsOf(first.StreamRef)
	for grown := true; grown; {
		grown = false
		for _, j := range mates {
			if behind[j.Ref.ID] || j.Status.Internal != "HOLD" || !waitsFor(j, behind) {
				continue
			}
			behind[j.Ref.ID], grown = true, true
			out = append(out, j)
		}
	}
	return out
}

func waitsFor(j *twstools.Job, any map[string]bool) bool {
	return slices.ContainsFunc(j.Dependencies, func(d twstools.Dependency) bool {
		open, _ := d.Open()
		return open && any[d.JobRef.ID]
	})
}
