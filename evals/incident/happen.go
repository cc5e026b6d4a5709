package incident

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// define changes the definitions before the plan is made.
func (s *stage) define(defs *sim.Definitions, all []Define) error {
	for _, d := range all {
		if d.Today {
			continue
		}
		if err := s.defineOne(defs, d); err != nil {
			return fmt.Errorf("the definition of %s cannot be changed: %w", d.Of, err)
		}
	}
	return nil
}

func (s *stage) defineOne(defs *sim.Definitions, d Define) error {
	if d.Of == "plan" {
		return s.patch(d.With, &defs.Plan)
	}
	t, ok := s.picked[d.Of]
	if !ok {
		return fmt.Errorf("nothing is called %s", d.Of)
	}
	if t.kind == "file" {
		return s.arrive(defs, t, d)
	}
	into, err := find(defs, t)
	if err != nil {
		return err
	}
	if err := s.patch(d.With, into); err != nil {
		return err
	}
	return s.append(d.More, into)
}

// find gives the definition of a thing, to be changed in place.
func find(defs *sim.Definitions, t thing) (any, error) {
	switch t.kind {
	case "workstation":
		for i := range defs.Workstations {
			if defs.Workstations[i].Name == t.ws {
				return &defs.Workstations[i], nil
			}
		}
	case "resource":
		for i := range defs.Resources {
			if defs.Resources[i].Name == t.name && defs.Resources[i].On == t.ws {
				return &defs.Resources[i], nil
			}
		}
	case "prompt":
		for i := range defs.Prompts {
			if defs.Prompts[i].Name == t.name {
				return &defs.Prompts[i], nil
			}
		}
	default:
		if st, job := definition(defs, t.stream, t.job); job != nil {
			return job, nil
		} else if st != nil {
			return st, nil
		}
	}
	return nil, fmt.Errorf("%s has no definition", t.short())
}

// arrive changes when a file comes, or lets it not come at all.
func (s *stage) arrive(defs *sim.Definitions, t thing, d Define) error {
	is := func(a sim.Arrival) bool { return a.File == t.name && a.On == t.ws }
	i := slices.IndexFunc(defs.Arrivals, is)
	if i < 0 {
		return fmt.Errorf("nobody brings the file %s", t.name)
	}
	if d.Drop {
		defs.Arrivals = slices.DeleteFunc(defs.Arrivals, is)
		return nil
	}
	return s.patch(d.With, &defs.Arrivals[i])
}

// patch sets what a piece of YAML names, and leaves the rest.
func (s *stage) patch(n yaml.Node, into any) error {
	if n.IsZero() {
		return nil
	}
	raw, err := yaml.Marshal(&n)
	if err != nil {
		return err
	}
	text, err := s.fill(string(raw), "en", false)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	dec.KnownFields(true)
	return dec.Decode(into)
}

// append adds to the lists of a job or stream.
func (s *stage) append(n yaml.Node, into any) error {
	if n.IsZero() {
		return nil
	}
	switch x := into.(type) {
	case *sim.Job:
		var more sim.Job
		if err := s.patch(n, &more); err != nil {
			return err
		}
		x.Needs = append(x.Needs, more.Needs...)
		x.Conditions = append(x.Conditions, more.Conditions...)
	case *sim.Stream:
		var more sim.Stream
		if err := s.patch(n, &more); err != nil {
			return err
		}
		x.Needs, x.Jobs = append(x.Needs, more.Needs...), append(x.Jobs, more.Jobs...)
		x.Run, x.Except = append(x.Run, more.Run...), append(x.Except, more.Except...)
	default:
		return fmt.Errorf("only jobs and streams have lists to add to")
	}
	return nil
}

// happen plans the events of an incident.
func (s *stage) happen(plant *sim.Sim, all []Event) error {
	for _, e := range all {
		t, ok := s.picked[e.Of]
		if !ok && e.Of != "" {
			return fmt.Errorf("nothing is called %s", e.Of)
		}
		at := s.day.start.Add(1)
		if e.At != "" {
			var err error
			if at, err = s.instant(e.At); err != nil {
				return err
			}
		}
		if at.Before(s.day.start.Add(-48 * time.Hour)) {
			return fmt.Errorf("%s of %s would happen too long before the plan begins", e.Do, e.Of)
		}
		act, err := s.act(e, t)
		if err != nil {
			return err
		}
		plant.At(at, act)
	}
	return nil
}

// act gives what an event does to the plant.
func (s *stage) act(e Event, t thing) (func(*sim.Sim) error, error) {
	name := t.operator(s.day.zone)
	station := map[string]func(*sim.Sim, string) error{"unlink": (*sim.Sim).Unlink, "link": (*sim.Sim).Link, "stop": (*sim.Sim).StopAgent, "start": (*sim.Sim).StartAgent}
	object := map[string]func(*sim.Sim, string) error{"rerun": (*sim.Sim).Rerun, "kill": (*sim.Sim).Kill, "release": (*sim.Sim).Release, "submit": (*sim.Sim).Submit, "lose": (*sim.Sim).LoseEnd}
	if f, ok := station[e.Do]; ok {
		return func(p *sim.Sim) error { return f(p, t.ws) }, nil
	}
	if f, ok := object[e.Do]; ok {
		return func(p *sim.Sim) error { return f(p, name) }, nil
	}
	switch e.Do {
	case "outcome":
		return s.outcomes(e, name)
	case "ignore", "heed":
		return func(p *sim.Sim) error { return p.Ignore(t.ws, e.Do == "ignore") }, nil
	case "limit":
		if t.kind == "stream" {
			return func(p *sim.Sim) error { return p.SetStreamLimit(name, e.Value) }, nil
		}
		return func(p *sim.Sim) error { return p.SetLimit(t.ws, e.Value) }, nil
	case "fence":
		return func(p *sim.Sim) error { return p.SetFence(t.ws, e.Value) }, nil
	case "priority":
		return func(p *sim.Sim) error { return p.SetPriority(name, e.Value) }, nil
	case "units":
		return func(p *sim.Sim) error { return p.SetUnits(name, e.Value) }, nil
	case "file":
		path := e.Path
		if path == "" {
			path = t.name
		}
		path, err := s.fill(path, "en", false)
		if err != nil {
			return nil, err
		}
		return func(p *sim.Sim) error { return p.PutFile(t.ws, path, e.On) }, nil
	case "reply":
		return func(p *sim.Sim) error { return p.Reply(name, e.On) }, nil
	case "cancel":
		return func(p *sim.Sim) error { return p.Cancel(name, false) }, nil
	case "confirm":
		return func(p *sim.Sim) error { return p.Confirm(name, e.On) }, nil
	case "mailbox":
		return func(p *sim.Sim) error { p.SetMailbox(e.Path, e.Value); return nil }, nil
	case "remote":
		return func(p *sim.Sim) error { return p.SetRemote(e.Path, e.Text) }, nil
	case "batchman":
		return func(p *sim.Sim) error { p.Batchman(e.On); return nil }, nil
	case "redefine":
		return func(p *sim.Sim) error {
			var failed error
			err := p.Redefine(t.stream, func(st *sim.Stream) { failed = s.patch(e.With, st) })
			if failed != nil {
				return failed
			}
			return err
		}, nil
	}
	return nil, fmt.Errorf("nothing that happens is called %q", e.Do)
}

func (s *stage) outcomes(e Event, name string) (func(*sim.Sim) error, error) {
	var all []sim.Outcome
	for _, x := range append([]Event{e}, e.Then...) {
		if x.Log != "" && !s.known(x.Log) {
			return nil, fmt.Errorf("there is no log %q", x.Log)
		}
		all = append(all, sim.Outcome{RC: x.RC, Fail: x.Fail, Takes: x.Takes, Log: s.logName(x.Log), NoLog: x.NoLog, Always: x.Always})
	}
	return func(p *sim.Sim) error { return p.SetOutcome(name, all...) }, nil
}

// known reports whether a log is the incident's own or the plant's.
func (s *stage) known(log string) bool {
	_, own := s.logs[log]
	_, plants := s.day.defs.Logs[log]
	return own || plants
}

// logName keeps the incident's own logs apart from the plant's.
func (s *stage) logName(log string) string {
	if _, own := s.logs[log]; own {
		return s.family.ID + " " + log
	}
	return log
}

// write adds the incident's logs to the plant's. A text takes over how the job that it is written for dates its lines and ends them; {before} in
// it is the beginning of what that job writes on a good day.
func (s *stage) write(defs *sim.Definitions, events []Event) error {
	writers := map[string]thing{}
	var note func([]Event, thing)
	note = func(all []Event, outer thing) {
		for _, e := range all {
			t := outer
			if x, ok := s.picked[e.Of]; ok {
				t = x
			}
			if e.Log != "" {
				writers[e.Log] = t
			}
			note(e.Then, t)
		}
	}
	note(events, thing{})
	for name, n := range s.logs {
		if t, ok := writers[name]; ok {
			p, err := s.pattern(name, n, t, defs)
			if err != nil {
				return fmt.Errorf("the log %s: %w", name, err)
			}
			defs.Logs[s.family.ID+" "+name] = p
		}
	}
	return nil
}

func (s *stage) pattern(name string, n yaml.Node, t thing, defs *sim.Definitions) (world.LogPattern, error) {
	var p world.LogPattern
	st, job := definition(defs, t.stream, t.job)
	if job != nil {
		own := defs.Logs[first(job.Log, st.Log)]
		p.Time, p.CRLF = own.Time, own.CRLF
		s.drawn["before"] = beginning(own.Text)
	}
	defer delete(s.drawn, "before")
	switch n.Kind {
	case yaml.SequenceNode:
		n = *n.Content[s.luck("log "+name).IntN(len(n.Content))]
		return s.pattern(name+"'", n, t, defs)
	case yaml.MappingNode:
		if err := n.Decode(&p); err != nil {
			return p, err
		}
	default:
		p.Text = n.Value
	}
	text, err := s.fill(p.Text, "en", true)
	p.Text = text
	return p, err
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// beginning is the first half of a log's lines.
func beginning(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[:(len(lines)+1)/2], "\n")
}
