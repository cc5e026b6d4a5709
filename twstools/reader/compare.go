package reader

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// compare tells what is different from what was seen before, oldest first, and takes the new sighting over. lost says that the plan could not
// be watched for too long, so that changes in between are unknown.
func (s *sighting) compare(o *observation, engine string) (changes []twstools.Change, lost bool) {
	c := &comparison{s: s, o: o, engine: engine, quiet: o.first}
	if o.turned {
		c.quiet = true
		c.add(twstools.Change{Kind: twstools.PlanTurned, At: o.now, Key: twstools.Key{Engine: engine}})
		next := newSighting()
		next.windowAfter, next.number, next.window, next.last, next.runsUpTo = s.windowAfter, s.number, s.window, s.last, s.runsUpTo
		*s = next
	}
	lost = o.first && !s.last.IsZero() && !o.turned || len(o.started.items) >= maxLimit || len(o.ended.items) >= maxLimit
	done := map[string]bool{}
	for _, list := range []struct {
		items   []twstools.Job
		watched bool
	}{{o.jobs.items, true}, {o.started.items, false}, {o.ended.items, false}, {o.again.items, false}} {
		for i := range list.items {
			if j := &list.items[i]; !done[j.Ref.ID] {
				done[j.Ref.ID] = true
				c.job(j, list.watched)
			}
		}
	}
	c.left(s.jobs, o.askedAgain, o.again.ok && o.again.all, done)
	c.jobStreams()
	if o.workstations.ok {
		s.references = map[string]string{}
		for _, w := range o.workstations.items {
			s.references[w.Name] = w.Ref.ID
		}
	}
	s.workstations = properties(c, s.workstations, o.workstations, func(w twstools.Workstation) string { return w.Name }, workstationFacts)
	s.resources = properties(c, s.resources, o.resources, func(r twstools.Resource) string { return r.Entity().String(nil) }, resourceFacts)
	s.prompts = properties(c, s.prompts, o.prompts, promptName, promptFacts)
	s.forget(o.now)
	s.last = o.now
	if o.sawRuns() || o.first {
		s.runsUpTo = o.now
	}
	slices.SortStableFunc(c.changes, func(a, b twstools.Change) int { return a.At.Compare(b.At) })
	return c.changes, lost
}

func promptName(p twstools.Prompt) string {
	if p.Name == "" && p.Number == nil {
		return p.Ref.ID
	}
	return p.Entity().String(nil)
}

// comparison is one compare under way.
type comparison struct {
	s       *sighting
	o       *observation
	engine  string
	quiet   bool // a first look: there is nothing to compare with
	changes []twstools.Change
}

func (c *comparison) add(x twstools.Change) {
	x.SeenAt = c.o.seenAt
	c.changes = append(c.changes, x)
}

// shown is the copy of a job that changes carry: a pointer into the list would keep the whole list in memory.
func shown(have **twstools.Job, j *twstools.Job) *twstools.Job {
	if *have == nil {
		c := cloneJob(*j)
		*have = &c
	}
	return *have
}

// job tells starts and ends of runs that were not told yet, and a status that is another.
func (c *comparison) job(j *twstools.Job, watched bool) {
	key := j.Key(c.engine)
	before, known := c.s.jobs[j.Ref.ID]
	var copied *twstools.Job
	edge := c.runs(j, key, known, &copied)
	c.s.jobs[j.Ref.ID] = seen{key: key, status: j.Status, priority: j.Priority, watched: watched || running(j.Status), at: c.o.now}
	if c.quiet {
		return
	}
	if before.status != j.Status {
		x := twstools.Change{Kind: twstools.StatusChanged, At: c.o.now, Key: key, From: before.status, To: j.Status, Job: shown(&copied, j)}
		if !edge.IsZero() { // the run's own start or end made it so
			x.At, x.Exact = edge, true
		}
		c.add(x)
	}
	if was, is := text(before.priority), text(j.Priority); known && was != is {
		c.add(twstools.Change{Kind: twstools.PropertyChanged, At: c.o.now, Key: key, Field: "priority", Old: was, New: is, Job: shown(&copied, j)})
	}
}

// running reports a status that will change without anybody doing anything.
func running(s twstools.Status) bool { return s.Common == "RUNNING" }

// runs tells the starts and ends of a job's runs, and gives the latest of those that it told. What a job that is seen for the first time did long
// ago is no news.
func (c *comparison) runs(j *twstools.Job, key twstools.Key, known bool, copied **twstools.Job) (edge time.Time) {
	for i := range j.Runs {
		r := &j.Runs[i]
		id := cmp.Or(r.ID, j.Ref.ID+" "+strconv.Itoa(i))
		told := c.s.runs[id]
		news := func(at time.Time) bool {
			return !c.quiet && !at.IsZero() && (known || !at.Before(c.s.last.Add(-farBack)))
		}
		if !told.started && news(r.Start) {
			c.add(twstools.Change{Kind: twstools.RunStarted, At: r.Start, Exact: true, Key: key, To: r.Status, Run: &shown(copied, j).Runs[i], Job: *copied})
			edge = r.Start
		}
		if !told.ended && news(r.End) {
			c.add(twstools.Change{Kind: twstools.RunEnded, At: r.End, Exact: true, Key: key, To: r.Status, Run: &shown(copied, j).Runs[i], Job: *copied})
			edge = r.End
		}
		c.s.runs[id] = seenRun{started: told.started || !r.Start.IsZero(), ended: told.ended || !r.End.IsZero(), at: c.o.now}
	}
	return edge
}

// left tells what was asked for by id and is not there.
func (c *comparison) left(have map[string]seen, asked []string, certain bool, found map[string]bool) {
	if !certain {
		return
	}
	for _, id := range asked {
		if x, ok := have[id]; ok && !found[id] {
			delete(have, id)
			c.add(twstools.Change{Kind: twstools.ObjectLeft, At: c.o.now, Key: x.key, From: x.status})
		}
	}
}

func (c *comparison) jobStreams() {
	o, done := c.o, map[string]bool{}
	for _, list := range []struct {
		items   []twstools.JobStream
		watched bool
	}{{o.streams.items, true}, {o.endedStreams.items, false}, {o.againStreams.items, false}} {
		for _, x := range list.items {
			if done[x.Ref.ID] {
				continue
			}
			done[x.Ref.ID] = true
			before, known := c.s.streams[x.Ref.ID]
			key := x.Key(c.engine)
			c.s.streams[x.Ref.ID] = seen{key: key, status: x.Status, priority: x.Priority, watched: list.watched, at: o.now}
			if !c.quiet && before.status != x.Status {
				change := twstools.Change{Kind: twstools.StatusChanged, At: o.now, Key: key, From: before.status, To: x.Status}
				if recent := !x.End.IsZero() && x.End.After(c.s.last.Add(-overlap)) && !x.End.After(o.now); recent && (known || !list.watched) {
					change.At, change.Exact = x.End, true
				}
				c.add(change)
			}
		}
	}
	c.left(c.s.streams, o.askedStreams, o.againStreams.ok && o.againStreams.all, done)
}

// properties compares the facts of one kind of objects by name and gives the new ones. What is missing from a list that did not come whole
// has not left.
func properties[T any](c *comparison, before map[string]facts, list part[T], name func(T) string, read func(T) facts) map[string]facts {
	if !list.ok {
		return before
	}
	now := map[string]facts{}
	for _, x := range list.items {
		now[name(x)] = read(x)
	}
	if !list.all {
		for n, f := range before {
			if _, ok := now[n]; !ok {
				now[n] = f
			}
		}
	}
	if c.quiet || before == nil {
		return now
	}
	for _, n := range slices.Sorted(maps.Keys(now)) {
		was, known := before[n]
		if !known {
			c.property(twstools.Change{Kind: twstools.ObjectAppeared, Name: n})
			continue
		}
		for _, field := range slices.Sorted(maps.Keys(now[n])) {
			if was[field] != now[n][field] {
				c.property(twstools.Change{Kind: twstools.PropertyChanged, Name: n, Field: field, Old: was[field], New: now[n][field]})
			}
		}
	}
	for _, n := range slices.SortedFunc(maps.Keys(before), strings.Compare) {
		if _, ok := now[n]; !ok {
			c.property(twstools.Change{Kind: twstools.ObjectLeft, Name: n})
		}
	}
	return now
}

func (c *comparison) property(x twstools.Change) {
	x.At, x.Key = c.o.now, twstools.Key{Engine: c.engine}
	c.add(x)
}

// forget drops what is no longer watched and was not seen for a while, so that a long plan does not fill the memory.
func (s *sighting) forget(now time.Time) {
	old := now.Add(-remember)
	for _, have := range []map[string]seen{s.jobs, s.streams} {
		for id, x := range have {
			if !x.watched && x.at.Before(old) {
				delete(have, id)
			}
		}
	}
	for id, x := range s.runs {
		if x.at.Before(old) {
			delete(s.runs, id)
		}
	}
}
