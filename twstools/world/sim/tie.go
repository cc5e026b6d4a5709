package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// tie builds the dependencies of a stream and its jobs, now that all of the plan is there.
func (s *Sim) tie(st *stream) {
	for i := range st.def.Needs {
		s.addDep(&st.waits, &st.def.Needs[i], nil)
	}
	if o := st.def.Overlap; o == "enqueue" || o == "donotstart" {
		if before := s.instanceBefore(st); before != nil {
			d := s.newDep(&st.waits, &Need{Stream: st.name}, twstools.DepExternalJobStream)
			d.onStream = before
			before.followers = append(before.followers, d)
			st.deps = append(st.deps, d)
		}
	}
	shift := 0
	if st.def.StartWhen != nil {
		shift = 1
	}
	for n, j := range st.jobs[shift:] {
		for _, before := range follows(st.def, n) {
			s.followsJob(j, st.job(before))
		}
		if shift > 0 {
			s.followsJob(j, st.jobs[0])
		}
		for i := range j.def.Needs {
			s.addDep(&j.waits, &j.def.Needs[i], nil)
		}
	}
}

func (s *Sim) instanceBefore(st *stream) *stream {
	all := s.byName[st.name]
	if i := slices.Index(all, st); i > 0 {
		return all[i-1]
	}
	return nil
}

func (st *stream) job(name string) *job {
	for _, j := range st.jobs {
		if j.def.Name == name {
			return j
		}
	}
	return nil
}

func (s *Sim) newDep(of *waits, n *Need, kind twstools.DependencyType) *dep {
	owner := ""
	if of.asJob != nil {
		owner = of.asJob.ref
	} else {
		owner = of.asStream.ref
	}
	d := &dep{need: n, of: of, kind: kind, conditional: len(n.If)+len(n.Conditions) > 0}
	d.id = world.NameID("dependency", owner, strconv.Itoa(len(of.deps)), string(kind), n.Job+n.Stream+n.File+n.Resource+n.Prompt+n.Ask+n.Remote+n.Join, strings.Join(n.If, ",")+strings.Join(n.Conditions, ","))
	return d
}

func (s *Sim) followsJob(j, before *job) {
	d := s.newDep(&j.waits, &Need{Job: before.def.Name}, twstools.DepInternal)
	d.onJob = before
	before.followers = append(before.followers, d)
	j.deps = append(j.deps, d)
}

// addDep adds what a need asks for to its owner, or to a join. A follows whose predecessor is in no plan is left out, as the planner does
// (UG "Managing external follows dependencies").
func (s *Sim) addDep(of *waits, n *Need, join *dep) {
	var d *dep
	switch {
	case n.Job != "" || n.Stream != "":
		if d = s.addFollows(of, n); d == nil {
			return
		}
	case n.File != "":
		d = s.newDep(of, n, twstools.DepFile)
		d.file = s.file(n.On, n.File)
		d.file.deps = append(d.file.deps, d)
	case n.Resource != "":
		d = s.newDep(of, n, twstools.DepResource)
		d.resource = s.resources[n.Resource]
	case n.Prompt != "":
		d = s.newDep(of, n, twstools.DepPrompt)
		d.prompt = s.predefined[n.Prompt]
		d.prompt.deps = append(d.prompt.deps, d)
	case n.Ask != "":
		d = s.newDep(of, n, twstools.DepPrompt)
		d.prompt = s.newPrompt("", "", n.Ask, "Ad Hoc Prompt")
		d.prompt.job, d.prompt.stream = of.asJob, of.asStream
		d.prompt.deps = append(d.prompt.deps, d)
	case n.Remote != "":
		d = s.newDep(of, n, twstools.DepInternetwork)
		d.remote = "EXTRN"
	case n.Join != "":
		d = s.newDep(of, n, twstools.DepJoin)
		for i := range n.Of {
			s.addDep(of, &n.Of[i], d)
		}
		for _, m := range d.members {
			d.conditional = d.conditional || m.conditional
		}
	}
	if d.join = join; join != nil {
		d.id = world.NameID(d.id, join.id, strconv.Itoa(len(join.members)))
		join.members = append(join.members, d)
		return
	}
	of.deps = append(of.deps, d)
}

func (s *Sim) addFollows(of *waits, n *Need) *dep {
	mine := of.asStream
	if of.asJob != nil {
		mine = of.asJob.s
	}
	name, jobName := n.Stream, ""
	if n.Job != "" {
		name, jobName, _ = strings.Cut(fullName(mine.def, n.Job), ".")
	}
	if jobName != "" && name == mine.name && n.Match == "" && mine.job(jobName) != nil {
		d := s.newDep(of, n, twstools.DepInternal)
		d.onJob = mine.job(jobName)
		d.onJob.followers = append(d.onJob.followers, d)
		return d
	}
	kind := twstools.DepExternalJobStream
	if jobName != "" {
		kind = twstools.DepExternalJob
	}
	d := s.newDep(of, n, kind)
	if before := s.match(mine, name, n); before != nil {
		d.bind(before, jobName)
		return d
	}
	if t := s.comesLater(mine, name, n); !t.IsZero() {
		d.pending = t
		s.pending = append(s.pending, d)
		return d
	}
	return nil
}

func (d *dep) bind(before *stream, jobName string) {
	d.pending = time.Time{}
	if jobName == "" {
		d.onStream = before
		before.followers = append(before.followers, d)
		return
	}
	if d.onJob = before.job(jobName); d.onJob == nil {
		d.orphan = true
		return
	}
	d.onJob.followers = append(d.onJob.followers, d)
}
