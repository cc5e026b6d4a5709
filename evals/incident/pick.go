package incident

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// thing is an object of the plant that was picked.
type thing struct {
	kind   string // job, stream, workstation, resource, file, prompt
	id     string // of a job or stream in the world
	stream string
	job    string
	ws     string // where it lives: of a job where it runs
	name   string // of whatever is no job and no stream; of a file its path
	owner  string // of a file: the id of the job or stream that waits for it
	sched  time.Time
	twins  bool // its stream has several instances in the plan
}

// key is what makes two picks the same.
func (t thing) key() string { return strings.Join([]string{t.kind, t.id, t.ws, t.name}, "|") }

// pick chooses one of what fits by the seed.
func (s *stage) pick(p Pick, r *rand.Rand) (thing, error) {
	var all []thing
	var f *Filter
	switch {
	case p.Job != nil:
		f, all = p.Job, s.jobsFor(*p.Job)
	case p.Stream != nil:
		f, all = p.Stream, s.streamsFor(*p.Stream)
	case p.Workstation != nil:
		f, all = p.Workstation, s.stationsFor(*p.Workstation)
	case p.Resource != nil:
		f, all = p.Resource, s.resourcesFor(*p.Resource)
	case p.File != nil:
		f, all = p.File, s.filesFor(*p.File)
	case p.Prompt != nil:
		f, all = p.Prompt, s.promptsFor(*p.Prompt)
	default:
		return thing{}, fmt.Errorf("the pick %s says not of what", p.Name)
	}
	all = slices.DeleteFunc(all, func(t thing) bool { return s.barred(*f, t) })
	if len(all) == 0 {
		return thing{}, fmt.Errorf("nothing in the plant fits the pick %s", p.Name)
	}
	slices.SortFunc(all, func(a, b thing) int { return cmp.Compare(a.key(), b.key()) })
	return all[r.IntN(len(all))], nil
}

// apart is the pick with more things that it must be apart from.
func (p Pick) apart(names []string) Pick {
	for _, f := range []**Filter{&p.Job, &p.Stream, &p.Workstation, &p.Resource, &p.File, &p.Prompt} {
		if *f != nil {
			one := **f
			one.Apart = append(slices.Clone(one.Apart), names...)
			*f = &one
		}
	}
	return p
}

// barred reports whether a pick is one of those that it must not be, or too near to one that it must be apart from.
func (s *stage) barred(f Filter, t thing) bool {
	for _, name := range f.Not {
		if s.picked[name].key() == t.key() {
			return true
		}
	}
	for _, name := range f.Apart {
		if s.picked[name].ws == t.ws && t.kind != "prompt" {
			return true
		}
	}
	for _, name := range slices.Concat(f.Apart, f.Beside) {
		for _, a := range s.jobsOf(s.picked[name]) {
			for _, b := range s.jobsOf(t) {
				if s.day.related(a, b) {
					return true
				}
			}
		}
	}
	return false
}

// jobsOf are the ids of the jobs that a thing is about.
func (s *stage) jobsOf(t thing) []string {
	switch t.kind {
	case "job":
		return []string{t.id}
	case "stream":
		return s.day.members[t.id]
	case "file":
		if m := s.day.members[t.owner]; m != nil {
			return m
		}
		return []string{t.owner}
	}
	var out []string
	for _, j := range s.day.w.Jobs {
		switch {
		case t.kind == "workstation" && j.Workstation == t.ws,
			t.kind == "resource" && waitsFor(j.Dependencies, func(d twstools.Dependency) bool { return d.Resource == t.name && d.Workstation == t.ws }),
			t.kind == "prompt" && waitsFor(j.Dependencies, func(d twstools.Dependency) bool { return d.Prompt == t.name }):
			out = append(out, j.Ref.ID)
		}
	}
	for _, st := range s.day.w.JobStreams {
		if t.kind == "prompt" && waitsFor(st.Dependencies, func(d twstools.Dependency) bool { return d.Prompt == t.name }) ||
			t.kind == "resource" && waitsFor(st.Dependencies, func(d twstools.Dependency) bool { return d.Resource == t.name && d.Workstation == t.ws }) {
			out = append(out, s.day.members[st.Ref.ID]...)
		}
	}
	return out
}

func waitsFor(ds []twstools.Dependency, is func(twstools.Dependency) bool) bool {
	return slices.ContainsFunc(ds, func(d twstools.Dependency) bool { return is(d) || waitsFor(d.Members, is) })
}

func (s *stage) jobsFor(f Filter) []thing {
	if f.Named != "" {
		return s.own(f.Named)
	}
	var out []thing
	for _, j := range s.day.w.Jobs {
		if s.jobFits(f, j) {
			out = append(out, s.jobThing(j))
		}
	}
	return out
}

// own finds one of the product's own jobs, in the latest instance of its stream: the one that makes the next plan.
func (s *stage) own(name string) []thing {
	var out []thing
	for _, j := range s.day.w.Jobs {
		if j.Stream+"."+j.Name != name || !fixed.MatchString(j.Stream) {
			continue
		}
		if len(out) == 0 || j.SchedTime.After(out[0].sched) {
			out = []thing{s.jobThing(j)}
		}
	}
	return out
}

func (s *stage) jobThing(j twstools.Job) thing {
	ws := j.Workstation
	return thing{kind: "job", id: j.Ref.ID, stream: j.Stream, job: j.Name, ws: ws, sched: j.SchedTime, twins: s.instances(j.Stream) > 1}
}

func (s *stage) instances(stream string) int {
	n := 0
	for _, st := range s.day.w.JobStreams {
		if st.Name == stream {
			n++
		}
	}
	return n
}

// jobFits reports whether a job is one that incidents of the family can happen to. Without a word to the contrary that is a job of the night's
// batch that runs once, has no recovery, and ended well when the plant was healthy.
func (s *stage) jobFits(f Filter, j twstools.Job) bool {
	st, def := definition(&s.day.defs, j.Stream, j.Name)
	if st == nil || def == nil || fixed.MatchString(j.Stream) || fixed.MatchString(j.Name) {
		return false
	}
	many := s.instances(j.Stream) > 1
	recovers := def.Recovery != "" && def.Recovery != "stop" || def.RecoveryJob != "" || def.AbendPrompt != ""
	switch {
	case j.Status.Internal != "SUCC" || began(j).Before(s.day.start) || def.Every > 0 != f.Every || def.Nop || def.Confirmed || len(def.Outcomes) > 0,
		many != f.Often,
		recovers != f.Recovery,
		f.Follows != nil && *f.Follows != s.day.follows(j),
		f.Critical != nil && *f.Critical != def.Critical,
		len(f.Logs) > 0 && !slices.Contains(f.Logs, cmp.Or(def.Log, st.Log)),
		f.Service && (st.Service == "" || st.Contact == ""),
		!within(ended(j).Sub(began(j)), f.Takes),
		!needs(append(slices.Clone(def.Needs), ownNeeds(st, def, *f.follows())...), f),
		!s.agentFits(f.Agent, j.Workstation):
		return false
	}
	return s.placed(f, j)
}

func (f Filter) follows() *bool {
	if f.Follows != nil {
		return f.Follows
	}
	no := false
	return &no
}

// ownNeeds are the needs of a stream for a job that is its first.
func ownNeeds(st *sim.Stream, def *sim.Job, follows bool) []sim.Need {
	if !follows && len(st.Jobs) > 0 && st.Jobs[0].Name == def.Name {
		return st.Needs
	}
	return nil
}

func within(took time.Duration, least string) bool {
	if least == "" {
		return true
	}
	d, err := time.ParseDuration(least)
	return err == nil && took >= d
}

// needs reports whether all kinds that the filter wants are among the needs, and none that it bars.
func needs(have []sim.Need, f Filter) bool {
	kinds := map[string]bool{}
	for _, n := range have {
		kinds[needKind(n)] = true
	}
	for _, k := range f.Needs {
		if !kinds[k] {
			return false
		}
	}
	return !slices.ContainsFunc(f.Free, func(k string) bool { return kinds[k] })
}

func needKind(n sim.Need) string {
	switch {
	case n.File != "":
		return "file"
	case n.Resource != "":
		return "resource"
	case n.Prompt != "", n.Ask != "":
		return "prompt"
	case n.Stream != "":
		return "stream"
	case n.Remote != "":
		return "remote"
	case n.Join != "":
		return "join"
	}
	return "job"
}

// placed checks where in the plan a job stands, and how it stands to what was picked before.
func (s *stage) placed(f Filter, j twstools.Job) bool {
	id := j.Ref.ID
	behind := s.day.behind(id)
	if len(behind) < f.Behind {
		return false
	}
	outside := false
	for other := range behind {
		outside = outside || s.day.job(other).Stream != j.Stream
	}
	if f.Outside && !outside {
		return false
	}
	if f.Next != "" && s.day.behind(s.jobsOf(s.picked[f.Next])...)[id] != 1 {
		return false
	}
	if f.Far != "" && s.day.behind(s.jobsOf(s.picked[f.Far])...)[id] < 2 {
		return false
	}
	if f.Prior != "" && behind[s.picked[f.Prior].id] != 1 {
		return false
	}
	if t := s.picked[f.Namesake]; f.Namesake != "" && (t.job != j.Name || t.stream != j.Stream || t.id == id) {
		return false
	}
	if f.Over && !ended(j).Before(s.frozen) {
		return false
	}
	if f.Elsewhere != "" && s.picked[f.Elsewhere].stream == j.Stream {
		return false
	}
	if f.Soon != "" && !soon(s.day.job(s.picked[f.Soon].id), j) {
		return false
	}
	if f.Same != "" && s.picked[f.Same].ws != j.Workstation {
		return false
	}
	if f.Of == "" {
		return true
	}
	of := s.picked[f.Of]
	switch of.kind {
	case "stream":
		return j.StreamRef.ID == of.id
	case "job":
		return j.StreamRef.ID == s.day.job(of.id).StreamRef.ID
	}
	return slices.Contains(s.jobsOf(of), id)
}

// soon reports whether a job starts while another one that takes far too long would still run.
func soon(long, j twstools.Job) bool {
	after := began(j).Sub(began(long))
	return after > 2*time.Minute && after < time.Hour && ended(j).Sub(began(long)) < 90*time.Minute
}

func (s *stage) agentFits(want []string, name string) bool {
	for _, w := range s.day.defs.Workstations {
		if w.Name != name {
			continue
		}
		kind := strings.ToUpper(cmp.Or(w.Type, "FTA"))
		for _, k := range want {
			switch k {
			case "fta":
				if kind != "FTA" {
					return false
				}
			case "dynamic":
				if kind != "AGENT" {
					return false
				}
			case "pool":
				if !strings.Contains(kind, "POOL") {
					return false
				}
			case "windows":
				if w.OS != "WINDOWS" {
					return false
				}
			case "unix":
				if w.OS == "WINDOWS" {
					return false
				}
			case "extended":
				if kind != "X-AGENT" {
					return false
				}
			default:
				return false
			}
		}
		return len(want) > 0 || kind != "MANAGER"
	}
	return false
}
