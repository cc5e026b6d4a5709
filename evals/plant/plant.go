// Package plant is what the judge knows of a world: which object a name in the gold means, whether a name in an answer means the same one,
// and what stands in a job log or in an object's fields. It reads the world itself, so that an answer's evidence is checked against what
// is there and not against what the product says it has read; it shares no code with the product's own checks.
//
// A Plant is made once per world and only read afterwards; it is safe for concurrent use. Start at New.
package plant

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/world"
)

// Plant answers questions about one world.
type Plant struct {
	World *world.World
	Zone  *time.Location

	byRef  map[string]Thing // jobs and job streams by their ids in the world
	byName map[string][]Thing
	logs   map[string]*Log        // by run id
	words  func() map[string]bool // every word of every name, log and text of the world
	text   func() string          // every name, text and log of the world, folded, in capitals
	arrows func() arrows          // who waits for whom
	called func() map[string][]Thing
}

// Thing is one object of the world.
type Thing struct {
	Entity    twstools.Entity
	Job       *twstools.Job
	JobStream *twstools.JobStream
	Object    any   // what its fields are read from
	More      []any // further values that hold facts about it
	streamIDs []string
	single    bool // no other instance has its names
	outside   bool // the plan holds no such object: a host, a database, a user, the plan itself
}

// New looks the world through.
func New(w *world.World) (*Plant, error) {
	zone, err := time.LoadLocation(w.Info.TimeZone)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The world's time zone %q is unknown.", w.Info.TimeZone)
	}
	p := &Plant{World: w, Zone: zone, byRef: map[string]Thing{}, byName: map[string][]Thing{}, logs: map[string]*Log{}}
	for i := range w.JobStreams {
		p.keep(w.JobStreams[i].Ref.ID, p.stream(&w.JobStreams[i]))
	}
	for i := range w.Jobs {
		p.keep(w.Jobs[i].Ref.ID, p.job(&w.Jobs[i]))
		p.readLogs(&w.Jobs[i])
	}
	p.words = sync.OnceValue(p.vocabulary)
	p.text = sync.OnceValue(p.corpus)
	p.arrows = sync.OnceValue(p.draw)
	p.called = sync.OnceValue(p.byWord)
	return p, nil
}

func (p *Plant) keep(id string, t Thing) {
	p.byRef[id] = t
	p.byName[p.Word(t)] = append(p.byName[p.Word(t)], t)
}

func (p *Plant) stream(s *twstools.JobStream) Thing {
	n := 0
	for _, o := range p.World.JobStreams {
		if o.Name == s.Name && o.Workstation == s.Workstation {
			n++
		}
	}
	return Thing{Entity: s.Entity(), JobStream: s, Object: *s, streamIDs: []string{s.InternalID, s.Ref.ID}, single: n == 1}
}

func (p *Plant) job(j *twstools.Job) Thing {
	t := Thing{Entity: j.Entity(), Job: j, Object: *j, streamIDs: []string{j.JobStreamID, j.StreamRef.ID}}
	if s, ok := p.byRef[j.StreamRef.ID]; ok {
		t.streamIDs, t.single = append(t.streamIDs, s.streamIDs...), s.single
		t.More = append(t.More, s.JobStream.Times, s.JobStream.ServiceName, s.JobStream.ServiceContact)
	}
	return t
}

func (p *Plant) workstation(name string) (Thing, bool) {
	for _, w := range p.World.Workstations {
		if w.Name == name {
			running := 0
			for _, j := range p.World.Jobs {
				if j.Workstation == name && j.Status.Internal == "EXEC" {
					running++
				}
			}
			return Thing{Entity: w.Entity(), Object: w, More: []any{running}, single: true}, true
		}
	}
	return Thing{}, false
}

func (p *Plant) resource(name string) (Thing, bool) {
	for _, r := range p.World.Resources {
		if r.Entity().String(p.Zone) == name {
			return Thing{Entity: r.Entity(), Object: r, single: true}, true
		}
	}
	return Thing{}, false
}

func (p *Plant) prompt(name string) (Thing, bool) {
	for _, r := range p.World.Prompts {
		if r.Entity().String(p.Zone) == name {
			return Thing{Entity: r.Entity(), Object: r, single: true}, true
		}
	}
	return Thing{}, false
}

// file finds a file by the dependencies that wait for it: the plan knows files in no other way.
func (p *Plant) file(name string) (Thing, bool) {
	t := Thing{single: true}
	found := false
	look := func(ds []twstools.Dependency) {
		for _, d := range ds {
			e := twstools.Entity{Type: twstools.EntityFile, Workstation: d.Workstation, Name: d.File}
			if d.Type == twstools.DepFile && e.String(p.Zone) == name {
				t.Entity, found = e, true
				t.More = append(t.More, d)
			}
		}
	}
	for i := range p.World.JobStreams {
		look(p.World.JobStreams[i].Dependencies)
	}
	for i := range p.World.Jobs {
		look(p.World.Jobs[i].Dependencies)
	}
	return t, found
}

// Text writes a thing as an answer does.
func (p *Plant) Text(t Thing) string { return t.Entity.String(p.Zone) }

// Word is the part of a thing's name by which prose mentions it.
func (p *Plant) Word(t Thing) string {
	switch t.Entity.Type {
	case twstools.EntityJob:
		return t.Entity.Job
	case twstools.EntityJobStream:
		return t.Entity.Stream
	case twstools.EntityWorkstation:
		return t.Entity.Workstation
	case twstools.EntityPlan:
		return ""
	case twstools.EntityFile:
		return t.Entity.Name[strings.LastIndexAny(t.Entity.Name, `/\`)+1:]
	}
	return t.Entity.Name
}

// Ref is the thing's ref as an answer about the engine carries it.
func (p *Plant) Ref(engine string, t Thing) answer.Ref {
	r := answer.Ref{Engine: engine, Type: string(t.Entity.Type)}
	switch t.Entity.Type {
	case twstools.EntityJob, twstools.EntityJobStream:
		r.JobStreamID, r.Job = t.streamIDs[0], t.Entity.Job
	case twstools.EntityWorkstation:
		r.Name, r.Folder = t.Entity.Workstation, "/"
	default:
		r.Name, r.Folder, r.Workstation = t.Entity.Name, "/", t.Entity.Workstation
	}
	return r
}

// Same reports whether a name in an answer means the thing, instance included. A name without an instance is enough where there is but one.
func (p *Plant) Same(t Thing, text string) bool {
	text = strings.TrimSpace(text)
	if text == p.Text(t) || t.outside && strings.EqualFold(text, p.Text(t)) {
		return true
	}
	if t.Job == nil && t.JobStream == nil {
		return false
	}
	e, err := twstools.ParseEntity(text, p.Zone)
	if err != nil || e.Type != t.Entity.Type || e.Job != t.Entity.Job || e.Workstation != "" && e.Workstation != t.Entity.Workstation {
		return false
	}
	if e.Stream != t.Entity.Stream && (e.Stream != "" || e.JobStreamID == "") {
		return false
	}
	switch {
	case e.JobStreamID != "":
		return slices.Contains(t.streamIDs, e.JobStreamID)
	case !e.Sched.IsZero():
		return e.Sched.Equal(t.Entity.Sched.Truncate(time.Minute))
	}
	return t.single
}

// SameRef reports whether a ref means the thing. An empty ref says nothing and contradicts nothing.
func (p *Plant) SameRef(t Thing, r answer.Ref) bool {
	if r == (answer.Ref{}) {
		return true
	}
	if r.Type != string(t.Entity.Type) {
		return false
	}
	switch t.Entity.Type {
	case twstools.EntityJob, twstools.EntityJobStream:
		return r.Job == t.Entity.Job && r.JobStreamID != "" && slices.Contains(t.streamIDs, r.JobStreamID)
	case twstools.EntityWorkstation:
		return twstools.DisplayName(r.Folder+"/"+r.Name) == t.Entity.Workstation || r.Name == t.Entity.Workstation
	}
	if t.outside {
		return strings.EqualFold(r.Name, t.Entity.Name)
	}
	return r.Name == t.Entity.Name && r.Workstation == t.Entity.Workstation
}

// StreamIDs are the ids under which the engine may call the job stream of a thing.
func (p *Plant) StreamIDs(t Thing) []string {
	return slices.DeleteFunc(slices.Clone(t.streamIDs), func(id string) bool { return id == "" })
}
