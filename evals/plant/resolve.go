package plant

import (
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Resolve finds what a name of the gold means: job:STREAM.JOB, stream:STREAM, workstation:NAME, resource:WS#NAME, prompt:NAME, file:WS#/path.
// plan: is taken for job: or stream:, but plan:current is the plan itself. A schedule time in the plan's zone, as in job:STREAM(0200 03/17/26).JOB, tells
// instances apart; without one the last is meant. A folder or WORKSTATION# may stand before a stream. What host:, db:, user:, service:, calendar:
// and rule: name need not be in the world. Anything else that is not there is fault.NotFound.
func (p *Plant) Resolve(name string) (Thing, error) {
	kind, rest, _ := strings.Cut(name, ":")
	var t Thing
	ok := false
	switch kind {
	case "plan":
		if rest == "current" {
			return p.current(), nil
		}
		t, ok = p.named(rest)
	case "job", "stream", "joblog", "definition", "history":
		t, ok = p.named(rest)
	case "workstation":
		t, ok = p.workstation(rest)
	case "resource":
		t, ok = p.resource(rest)
	case "prompt":
		t, ok = p.prompt(rest)
	case "file":
		t, ok = p.file(rest)
	case "audit", "event", "engine":
		t, ok = p.find(kind, rest)
	case "host", "db", "user", "service", "calendar", "rule":
		t, ok = outsider(twstools.EntityType(kind), rest), rest != ""
	}
	if !ok {
		return t, fault.New(fault.NotFound, "The gold names %s, which is not in the world.", name)
	}
	return t, nil
}

func outsider(kind twstools.EntityType, name string) Thing {
	return Thing{Entity: twstools.Entity{Type: kind, Name: name}, single: true, outside: true}
}

// current is the plan as a thing.
func (p *Plant) current() Thing {
	t := outsider(twstools.EntityPlan, "current")
	t.Object, t.More = p.World.Info, []any{p.World.PlanID}
	if w := p.World.Window; w != nil {
		t.More = append(t.More, *w)
	}
	return t
}

// named finds a job or a job stream by the operator's form of its name; of several instances the last one that fits.
func (p *Plant) named(rest string) (Thing, bool) {
	e, err := twstools.ParseEntity(rest, p.Zone)
	if err != nil {
		return Thing{}, false
	}
	if e.Type == twstools.EntityName {
		e.Stream = e.Name
	}
	var best *twstools.JobStream
	for i := range p.World.JobStreams {
		if s := &p.World.JobStreams[i]; fits(e, s) && (best == nil || s.SchedTime.After(best.SchedTime)) {
			best = s
		}
	}
	if best == nil {
		return Thing{}, false
	}
	if e.Job == "" {
		return p.byRef[best.Ref.ID], true
	}
	for i := range p.World.Jobs {
		if j := &p.World.Jobs[i]; j.StreamRef.ID == best.Ref.ID && j.Name == e.Job {
			return p.byRef[j.Ref.ID], true
		}
	}
	return Thing{}, false
}

// fits reports whether a job stream is the one that a name means, as far as the name says.
func fits(e twstools.Entity, s *twstools.JobStream) bool {
	switch {
	case s.Name != e.Stream,
		e.Workstation != "" && e.Workstation != s.Workstation,
		e.Folder != "" && strings.TrimSuffix(e.Folder, "/") != strings.TrimSuffix(s.Folder, "/"):
		return false
	case e.JobStreamID != "":
		return e.JobStreamID == s.InternalID
	case e.Sched.IsZero():
		return true
	}
	return e.Sched.Equal(s.SchedTime.Truncate(minute))
}

// Meant gives everything that a name in an answer can mean: one thing where the name says which instance, all instances where it does not.
// A bare word may mean a job, a job stream, a workstation, a resource, a prompt or a file.
func (p *Plant) Meant(text string) []Thing {
	text = strings.TrimSpace(text)
	if known := p.Words()[text]; len(known) > 0 {
		return known
	}
	e, err := twstools.ParseEntity(text, p.Zone)
	if err != nil {
		return nil
	}
	word := e.Stream
	if e.Type == twstools.EntityJob {
		word = e.Job
	}
	var out []Thing
	for _, t := range p.byName[word] {
		loose := e
		loose.Type = t.Entity.Type
		if p.Same(t, text) || e.Sched.IsZero() && e.JobStreamID == "" && e.Type == t.Entity.Type && loosely(loose, t.Entity) {
			out = append(out, t)
		}
	}
	return out
}

// loosely compares names without their instance.
func loosely(e, t twstools.Entity) bool {
	return e.Job == t.Job && e.Stream == t.Stream && (e.Workstation == "" || e.Workstation == t.Workstation)
}

// find gives the thing that a source of evidence names, in the answer's own form: kind and name.
func (p *Plant) find(kind, name string) (Thing, bool) {
	switch kind {
	case "workstation":
		return p.workstation(name)
	case "resource":
		return p.resource(name)
	case "prompt":
		return p.prompt(name)
	case "file":
		return p.file(name)
	case "plan", "definition", "history":
		return p.written(kind, name)
	case "engine":
		t := p.current()
		t.Entity.Type, t.Entity.Name = "engine", name
		t.More = append(t.More, p.World.Mailboxes)
		return t, name != ""
	case "audit":
		return Thing{Entity: twstools.Entity{Type: "audit", Name: name}, Object: p.World.Audit, outside: true}, len(p.World.Audit) > 0
	case "event":
		return Thing{Entity: twstools.Entity{Type: "event", Name: name}, Object: p.World.Events, outside: true}, len(p.World.Events) > 0
	}
	return Thing{}, false
}

// written finds a job or a job stream by a name in the answer's form; history is of all its instances, a definition has its own fields.
func (p *Plant) written(kind, name string) (Thing, bool) {
	if kind == "plan" && (name == "current" || name == "plan:current") {
		return p.current(), true
	}
	e, err := twstools.ParseEntity(name, p.Zone)
	if err != nil {
		return Thing{}, false
	}
	word := e.Stream
	if e.Type == twstools.EntityJob {
		word = e.Job
	}
	if e.Type == twstools.EntityName {
		word = e.Name
	}
	for _, t := range p.byName[word] {
		if !p.Same(t, name) && (kind == "plan" || !loosely(e, t.Entity) && e.Type != twstools.EntityName) {
			continue
		}
		if kind != "plan" {
			t.More = append(t.More, p.otherwise(t)...)
		}
		return t, true
	}
	return Thing{}, false
}

// otherwise is what is known of a job or a job stream beside its instance in hand: its definitions and its other instances.
func (p *Plant) otherwise(t Thing) []any {
	var out []any
	for _, o := range p.byName[p.Word(t)] {
		if o.Entity.Type == t.Entity.Type && o.Entity.Stream == t.Entity.Stream {
			out = append(out, o.Object)
		}
	}
	out = append(out, p.before(t)...)
	for _, d := range p.World.StreamDefinitions {
		if d.Name == t.Entity.Stream {
			out = append(out, d)
		}
	}
	for _, d := range p.World.JobDefinitions {
		if d.Name == t.Entity.Job {
			out = append(out, d)
		}
	}
	return out
}

// before are the instances of a job, or of a job stream's jobs, in archived plans.
func (p *Plant) before(t Thing) []any {
	var out []any
	for i := range p.World.Archived {
		jobs := p.World.Archived[i].Jobs
		for k := range jobs {
			if j := &jobs[k]; j.Stream == t.Entity.Stream && (t.Job == nil || j.Name == t.Entity.Job) {
				out = append(out, j)
			}
		}
	}
	return out
}
