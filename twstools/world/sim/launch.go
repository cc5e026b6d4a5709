package sim

import (
	"strconv"
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// launchOn launches what may go from a workstation's queue.
func (s *Sim) launchOn(w *station) {
	if s.down {
		return
	}
	for i := 0; i < len(w.queue); {
		j := w.queue[i]
		if !j.until.IsZero() && s.now.After(j.until) && !j.expired && len(j.runs) == 0 {
			if s.expire(&j.waits); !j.ready {
				continue
			}
		}
		// A fence holds back jobs whose own priority is not above it, whatever their stream's is (UG "fence").
		if fenced := w.fence > 0 && j.priority <= w.fence; fenced || !s.mayRun(j) {
			if j.next != "RECOVERY" {
				s.setState(j, map[bool]string{true: "FENCE", false: "READY"}[fenced])
			}
			i++
			continue
		}
		target := s.target(w)
		if target == nil {
			return // an agent that cannot be reached leaves its jobs READY (UG "Job status")
		}
		s.dequeue(j)
		s.launch(j, target)
	}
}

// urgent reports whether the job passes a workstation's limit: HI and GO jobs do, and all jobs of a HI or GO stream (UG "limit cpu", "priority").
func (j *job) urgent() bool { return j.priority >= hi || j.s.priority >= hi }

// mayRun applies the limits. A workstation's limit of 0 lets HI and GO through, a stream's lets nothing (UG "limit cpu", "limit").
func (s *Sim) mayRun(j *job) bool {
	if j.s.limit >= 0 && j.s.running >= j.s.limit {
		return false
	}
	return j.ws.limit < 0 || j.ws.running < j.ws.limit || j.urgent()
}

// target is where a job of the workstation's queue runs: there, or on the pool's member with the fewest jobs; nil where no agent can take it.
func (s *Sim) target(w *station) *station {
	if w.ignored || !w.linked || !w.started {
		return nil
	}
	if len(w.members) == 0 {
		return w
	}
	var best *station
	for _, m := range w.members {
		if m.reachable() && (m.limit < 0 || m.running < m.limit) && (best == nil || m.running < best.running) {
			best = m
		}
	}
	return best
}

func (s *Sim) launch(j *job, target *station) {
	s.occupy(j, target, 1)
	j.busy, j.on = true, target
	if j.next != "RECOVERY" {
		s.setState(j, "INTRO")
	}
	handed := s.now
	s.when(s.now.Add(time.Duration(1+s.draw("lag", j.name(), strconv.Itoa(len(j.runs)))%3)*time.Second), func() {
		if j.busy && j.on == target && !j.gone {
			s.exec(j, target, handed)
		}
	})
}

func (s *Sim) occupy(j *job, target *station, by int) {
	j.ws.running += by
	if target != j.ws {
		target.running += by
	}
	j.s.running += by
}

// vacate frees what a run or a launch occupied, and has launching tried where that makes room.
func (s *Sim) vacate(j *job) {
	s.occupy(j, j.on, -1)
	s.mark(j.ws)
	if j.on != j.ws {
		s.mark(j.on)
	}
	for _, p := range j.on.pools {
		s.mark(p)
	}
	if j.s.limit >= 0 {
		for _, other := range j.s.jobs {
			if other.ready {
				s.mark(other.ws)
			}
		}
	}
	j.busy, j.on = false, nil
}

// exec starts the run, unless the agent has gone meanwhile: then the job is put back to READY and launched when it is there again (UG "Job
// status").
func (s *Sim) exec(j *job, target *station, handed time.Time) {
	if !target.reachable() {
		s.vacate(j)
		s.putBack(j)
		return
	}
	n := len(j.runs)
	r := &run{j: j, id: world.NameID("run", j.ref, strconv.Itoa(n)), on: target, kind: orElse(j.next, "REGULAR"), attempt: n + 1, start: s.now, estimate: j.estimate,
		state: "EXEC"}
	j.runs = append(j.runs, r)
	j.next = ""
	if j.s.start.IsZero() {
		j.s.start = s.now
		j.s.cached = nil
	}
	r.takes = s.decide(r)
	if r.outcome.Fail {
		r.start = handed
		s.ended(r, s.now)
		return
	}
	r.number = s.jobNumber(r)
	if r.kind != "RECOVERY" {
		s.setState(j, "EXEC")
	}
	s.changed(j)
	if j.monitor != nil {
		f := s.file(j.monitor.On, j.monitor.File)
		f.jobs = append(f.jobs, j)
		s.monitorSees(j)
		return
	}
	s.when(s.now.Add(r.takes), func() { s.finish(r) })
	if j.maxdur > 0 && !j.moved {
		s.when(s.now.Add(j.maxdur), func() { s.tooLong(r) })
	}
}

// putBack returns a job to its queue that was handed to an agent in vain; one whose stream has been cancelled or suppressed meanwhile stays behind.
func (s *Sim) putBack(j *job) {
	if j.next != "RECOVERY" {
		s.setState(j, "READY")
	}
	s.enqueue(j)
	switch {
	case len(j.runs) > 0:
	case j.s.cancelled:
		s.cancelJob(j)
	case j.s.suppressed:
		j.expired, j.suppressed = true, true
		s.rest(j)
	}
}

// jobNumber is a process id of the agent's kind; ids of processes recur.
func (s *Sim) jobNumber(r *run) int64 {
	n := int64(s.draw("number", r.id) % 800_000)
	if r.on.dynamic() {
		return 1_083_000_000 + n
	}
	return 104_000 + n
}

// tooLong is maxdur: the run is marked, and killed where the definition wants it (UG "maxdur").
func (s *Sim) tooLong(r *run) {
	if !r.end.IsZero() || r.j.gone || r.j.moved {
		return
	}
	r.overMax = true
	r.j.cached = nil
	if r.j.def.OnMax == "kill" && r.on.reachable() {
		s.kill(r)
	}
}

// kill ends a run at once: it ends as ABEND and its successors are not released (UG "kill").
func (s *Sim) kill(r *run) {
	r.killed = true
	s.ended(r, s.now)
}

// finish is the end of a run on its agent. Who cannot be reached cannot tell: the status stays EXEC until the agent is there again.
func (s *Sim) finish(r *run) {
	if !r.end.IsZero() || !r.unseenEnd.IsZero() {
		return
	}
	if r.lost {
		r.unseenEnd = s.now
		return
	}
	if !r.on.reachable() {
		r.unseenEnd = s.now
		r.on.unseen = append(r.on.unseen, r)
		return
	}
	s.ended(r, s.now)
}

// monitorSees ends the monitoring job of a start condition at its next look, when the file is there (UG "startcond").
func (s *Sim) monitorSees(j *job) {
	r := j.last()
	if r == nil || !r.end.IsZero() || !s.file(j.monitor.On, j.monitor.File).exists {
		return
	}
	each := j.monitor.Interval
	if each <= 0 {
		each = 5 * time.Minute
	}
	s.when(r.start.Add((s.now.Sub(r.start)/each+1)*each), func() {
		if r.end.IsZero() && s.file(j.monitor.On, j.monitor.File).exists && !j.gone {
			s.finish(r)
			if j.monitor.Rerun {
				s.submit(j.s.def)
			}
		}
	})
}

func (j *job) last() *run {
	if len(j.runs) == 0 {
		return nil
	}
	return j.runs[len(j.runs)-1]
}

// name is what chance goes by: it does not change with what happens elsewhere in the plan.
func (j *job) name() string {
	return j.s.name + "." + j.def.Name + "@" + strconv.FormatInt(j.s.sched.Unix(), 10)
}
