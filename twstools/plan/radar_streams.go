package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

func original(s *twstools.JobStream) string {
	if s.OriginalName != "" {
		return s.OriginalName
	}
	return s.Name
}

// ofAnEarlierPlan reports whether an instance was carried over: the engine says so, or it was due well before this plan began.
func (v *view) ofAnEarlierPlan(s *twstools.JobStream) bool {
	return s.CarriedForward || v.Window != nil && !v.Window.Start.IsZero() && !s.SchedTime.IsZero() && s.SchedTime.Before(v.Window.Start.Add(-leftoverSlack))
}

// leftovers: an instance from an earlier plan that does not go on, and that is about a day old or has a younger one beside it: what was carried
// over the turn some hours ago is only late. One that still runs a job is only long, one that waits for the next plan does so by right (UG "Understanding carry forward options").
func (v *view) leftovers() []Finding {
	newest := map[string]time.Time{} // of each stream, the last instance whose time has come
	for i := range v.Streams {
		s := &v.Streams[i]
		if key := StreamKey(s.Folder, s.Workstation, original(s)); !s.SchedTime.After(v.Now) && s.SchedTime.After(newest[key]) {
			newest[key] = s.SchedTime
		}
	}
	var out []Finding
	for i := range v.Streams {
		s := &v.Streams[i]
		p := PhaseOf(s.Status)
		old := v.Now.Sub(s.SchedTime) >= leftoverAge || newest[StreamKey(s.Folder, s.Workstation, original(s))].After(s.SchedTime)
		still := p == Waiting || p == Ready || p == Stuck || p == Bad ||
			p == Running && s.Stats.Executing != nil && *s.Stats.Executing == 0 && s.Stats.NotRunning != nil && *s.Stats.NotRunning > 0
		if !still || !old || s.PendingPredecessor || !v.ofAnEarlierPlan(s) || s.SchedTime.After(v.Now) || strings.HasPrefix(s.Name, finalStream) {
			continue
		}
		sched := v.g.instant(s.SchedTime)
		f := Finding{Kind: "sched.carry_forward", Entity: s.Entity(), Ref: s.Ref, Severity: Medium, Since: s.SchedTime,
			Facts: []Fact{v.streamFact(s, "status", s.Status.Display()), v.streamFact(s, "sched_time", sched)}, Params: map[string]string{"start": sched, "status": s.Status.Display()}}
		if s.CarriedForward {
			f.Facts = append(f.Facts, v.streamFact(s, "carried_forward", "true"))
		} else {
			f.Weak = true
			f.Facts = append(f.Facts, Fact{"plan:current", "start", v.g.instant(v.Window.Start)})
		}
		out = append(out, f)
	}
	return out
}

// duplicates: two instances of one stream at the same scheduled time, or one that somebody submitted by hand beside one that the plan had
// within the same half day. Those of an earlier plan and cancelled ones do not count, nor do those that the plan itself repeats.
func (v *view) duplicates() []Finding {
	groups := map[string][]*twstools.JobStream{}
	var order []string
	submitted := 0
	for i := range v.Streams {
		s := &v.Streams[i]
		if s.Submitter != "" {
			submitted++
		}
		if v.ofAnEarlierPlan(s) || PhaseOf(s.Status) == Cancelled || s.SchedTime.IsZero() {
			continue
		}
		key := StreamKey(s.Folder, s.Workstation, original(s))
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], s)
	}
	told := submitted*2 <= len(v.Streams) // else this engine names a submitter for what it planned itself
	var out []Finding
	for _, key := range order {
		g := groups[key]
		slices.SortStableFunc(g, func(a, b *twstools.JobStream) int { return a.SchedTime.Compare(b.SchedTime) })
		for i := 1; i < len(g); i++ {
			a, b := g[i-1], g[i]
			same := a.SchedTime.Truncate(time.Minute).Equal(b.SchedTime.Truncate(time.Minute))
			byHand := told && (a.Submitter != "") != (b.Submitter != "") && b.SchedTime.Sub(a.SchedTime) <= twiceWithin
			if same || byHand {
				out = append(out, v.twice(a, b, same))
			}
		}
	}
	return out
}

func (v *view) twice(a, b *twstools.JobStream, same bool) Finding {
	second := b
	if a.Submitter != "" && b.Submitter == "" {
		second = a
	}
	e := second.Entity()
	e.ShowID = same
	f := Finding{Kind: "sched.duplicate", Entity: e, Ref: second.Ref, Instance: instance(second.InternalID, second.SchedTime), Severity: Medium, Since: b.SchedTime, Weak: !same, Params: map[string]string{}}
	for _, s := range []*twstools.JobStream{a, b} {
		id := s.Entity()
		id.ShowID = same
		source := "plan:" + v.g.Name(id)
		f.Facts = append(f.Facts, Fact{source, "status", s.Status.Display()}, Fact{source, "sched_time", v.g.instant(s.SchedTime)})
		if s.Submitter != "" {
			f.Facts = append(f.Facts, Fact{source, "submitter", s.Submitter})
			f.Params["submitter"] = s.Submitter
		}
		if s != second {
			f.Params["other"] = v.g.Name(id)
		}
	}
	switch {
	case !over(PhaseOf(a.Status)) && !over(PhaseOf(b.Status)):
		f.Severity = High
	case !same && over(PhaseOf(second.Status)):
		f.Severity = Low
	}
	return f
}

// manyMissing is how many streams may be told as missing one by one, if they are also a large part of what was expected; more of them are one
// finding: a holiday, or a plan made in another way.
const manyMissing = 8

// notInPlan: something says that the stream belongs into this plan, this account is known to see such objects, and no instance of it is there.
func (v *view) notInPlan() []Finding {
	if !v.StreamsWhole || len(v.Streams) == 0 {
		return nil
	}
	there, visible := map[string]bool{}, map[string]bool{}
	for i := range v.Streams {
		s := &v.Streams[i]
		visible[StreamKey(s.Folder, s.Workstation, "")] = true
		if !v.ofAnEarlierPlan(s) {
			there[StreamKey(s.Folder, s.Workstation, original(s))] = true
			there[StreamKey(s.Folder, s.Workstation, s.Name)] = true
		}
	}
	var out []Finding
	expected := 0
	for _, x := range v.Expected {
		expected++
		if there[StreamKey(x.Folder, x.Workstation, x.Stream)] || !x.Seen && !visible[StreamKey(x.Folder, x.Workstation, "")] {
			continue
		}
		e := twstools.Entity{Type: twstools.EntityJobStream, Folder: x.Folder, Workstation: x.Workstation, Stream: x.Stream}
		severity := x.Severity
		if severity == "" {
			severity = Medium
		}
		f := Finding{Kind: x.Kind, Entity: e, Severity: severity, Since: x.Sched, Weak: true, Params: map[string]string{"alone": v.g.Name(e)},
			Facts: append([]Fact{{"absence:radar", "streams_of_" + v.g.Name(e), "0 of " + strconv.Itoa(len(v.Streams))}}, x.Facts...)}
		if !x.Sched.IsZero() {
			f.Params["start"] = v.g.instant(x.Sched)
		}
		out = append(out, f)
	}
	if len(out) > manyMissing && len(out)*4 > expected {
		f := Finding{Entity: current, Of: "not_in_plan", Severity: Medium, Weak: true, Count: len(out), Facts: out[0].Facts, Params: map[string]string{"missing": strconv.Itoa(len(out)), "expected": strconv.Itoa(expected)}}
		if v.Window != nil && !v.Window.Start.IsZero() {
			f.Instance = v.Window.Start.UTC().Format(time.RFC3339)
		}
		return []Finding{f}
	}
	return out
}

// stalled is what can hold a stream up for good without anything ending badly.
var stalled = map[string]bool{"sched.dep.orphan": true, "sched.dep.cycle": true, "sched.dep.condition_unset": true, "sched.dep.external_not_found": true, "sched.dep.external_failed": true}

// Standing lists streams that could go on and do not: their time has come, no job of theirs runs, is ready or has ended badly. The longest due
// come first: behind them may be a dependency that never resolves.
func (s *Sweep) Standing() []twstools.JobStream {
	v := s.view()
	busy := map[string]bool{}
	for _, j := range v.Jobs {
		if p := PhaseOf(j.Status); p == Running || p == Ready {
			busy[j.StreamRef.ID] = true
		}
	}
	var out []twstools.JobStream
	for i := range v.Streams {
		st := &v.Streams[i]
		p := PhaseOf(st.Status)
		if p != Waiting && p != Running && p != Stuck && p != Ready || busy[st.Ref.ID] || !v.dueStream(st) || v.Now.Sub(st.SchedTime) < readyLong {
			continue
		}
		if some(st.Stats.Abended) || some(st.Stats.Failed) || some(st.Stats.Executing) || st.Priority != nil && *st.Priority == 0 || st.Limit != nil && *st.Limit == 0 {
			continue
		}
		out = append(out, *st)
	}
	slices.SortStableFunc(out, func(a, b twstools.JobStream) int { return a.SchedTime.Compare(b.SchedTime) })
	return out
}

func some(n *int) bool { return n != nil && *n > 0 }

// standstill: what the chains behind standing streams end at, where that never resolves by itself: a predecessor that is gone ([o]; UG "Managing
// external follows dependencies"), a circle, a condition that did not come true, a remote job that is not found or failed.
func (v *view) standstill() []Finding {
	if v.Stalled == nil {
		return nil
	}
	var out []Finding
	told := map[string]bool{}
	for _, s := range v.StalledFrom {
		n, ok := v.Stalled.Node(startID(s))
		if !ok {
			continue
		}
		x := v.Stalled.Explain(n)
		for _, r := range x.Roots {
			if r.Kind != RootBlocker || !stalled[r.Blocker.Kind] {
				continue
			}
			f := v.still(r, x.Cycle)
			if st := v.streams[s.Ref.ID]; st != nil {
				f.Since = st.SchedTime
			}
			if key := v.Stalled.Name(f.Entity) + f.Of; !told[key] {
				told[key] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// still words the end of a chain; a circle is one thing, whichever of its members it was found from.
func (v *view) still(r Root, circle []twstools.Entity) Finding {
	g, held := v.Stalled, r.Node
	f := Finding{Kind: r.Blocker.Kind, Entity: held.Entity(), Severity: High, Weak: r.Blocker.Weak, Of: g.Name(r.Blocker.Entity), Params: map[string]string{"blocker": g.Name(r.Blocker.Entity)},
		Facts: append([]Fact{g.fact(held, "status", held.Status().Display())}, r.Blocker.Facts...)}
	f.Facts = f.Facts[:min(len(f.Facts), maxFacts)]
	for name, value := range r.Blocker.Params {
		f.Params[name] = value
	}
	if held.Stream != nil {
		f.Ref = held.Stream.Ref
	} else {
		f.Ref = held.Job.StreamRef
		if sn, ok := g.stream(held); ok && f.Entity.JobStreamID == "" {
			f.Entity.JobStreamID = sn.Stream.InternalID
		}
	}
	if r.Blocker.Kind == "sched.dep.cycle" && len(circle) > 0 {
		slices.SortFunc(circle, func(a, b twstools.Entity) int { return strings.Compare(g.Name(a), g.Name(b)) })
		var names []string
		for _, e := range circle {
			names = append(names, g.Name(e))
		}
		f.Ref = twstools.Ref{} // it is of the one that the chain was found from
		f.Entity, f.Of, f.Params["members"] = circle[0], strings.Join(names, ", "), strings.Join(names, ", ")
	}
	f.Instance = instance(f.Entity.JobStreamID, f.Entity.Sched)
	return f
}
