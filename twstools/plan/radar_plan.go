package plan

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// current is the plan itself as an entity.
var current = twstools.Entity{Type: twstools.EntityPlan, Name: "current"}

// BatchmanLives reads the engine's word for the state of the process that runs the plan (UG "status" of conman: LIVES, DOWN); known is
// false for a word that is neither.
func BatchmanLives(word string) (lives, known bool) {
	w := strings.ToUpper(strings.TrimSpace(word))
	switch {
	case w == "":
		return false, false
	case strings.Contains(w, "DOWN"), strings.Contains(w, "STOP"), strings.Contains(w, "NOT"), strings.Contains(w, "DEAD"):
		return false, true
	case strings.Contains(w, "LIVE"), w == "UP", w == "RUNNING", w == "ACTIVE":
		return true, true
	}
	return false, false
}

func (v *view) batchman() []Finding {
	if v.Window == nil {
		return nil
	}
	if lives, known := BatchmanLives(v.Window.Batchman); lives || !known {
		return nil
	}
	return []Finding{{Kind: "infra", Entity: current, Severity: Critical, Facts: []Fact{{"plan:current", "batchman", v.Window.Batchman}}, Params: map[string]string{"state": v.Window.Batchman}}}
}

// planEnded: there is no plan, or the one that runs has ended: nothing that is due after its end will start (UG "Managing the production plan").
func (v *view) planEnded() []Finding {
	w := v.Window
	switch {
	case w == nil:
		return nil
	case w.Found != nil && !*w.Found:
		return []Finding{{Kind: "plan.not_extended", Entity: current, Severity: Critical, Facts: []Fact{{"plan:current", "found", "false"}}}}
	case w.End.IsZero() || !w.End.Add(windowGrace).Before(v.Now):
		return nil
	}
	end := v.g.instant(w.End)
	return []Finding{{Kind: "plan.not_extended", Entity: current, Instance: w.End.UTC().Format(time.RFC3339), Severity: Critical, Since: w.End, Facts: []Fact{{"plan:current", "end", end}}, Params: map[string]string{"end": end}}}
}

func (v *view) database() []Finding {
	if v.Database == nil || *v.Database {
		return nil
	}
	return []Finding{{Kind: "plan.database", Entity: current, Severity: Critical, Facts: []Fact{{"plan:current", "database_connected", "false"}}}}
}

// copyOld: the plan turns every day, so a copy in which nothing has moved for longer than that is old, or its clock is wrong.
func (v *view) copyOld() []Finding {
	if v.StoodSince.IsZero() {
		return nil
	}
	last := v.g.instant(v.StoodSince)
	return []Finding{{Kind: "plan.mirror", Entity: current, Severity: Critical, Since: v.StoodSince, Weak: true, Facts: []Fact{{"plan:current", "last_change", last}}, Params: map[string]string{"last": last}}}
}

// The jobs that turn the plan and those that follow the turn have names that the product gives (UG "Automating production plan processing").
var (
	turningJobs = map[string]string{"STARTAPPSERVER": "plan", "MAKEPLAN": "plan.not_extended", "SWITCHPLAN": "plan.switch_failed"}
	finalStream = "FINAL"
	afterFinal  = "FINALPOSTREPORTS"
)

// ofFinal lists the jobs of a name in the streams that turn the plan.
func (v *view) ofFinal(name string) []*twstools.Job {
	var out []*twstools.Job
	for i := range v.Jobs {
		if j := &v.Jobs[i]; j.Name == name && strings.HasPrefix(j.Stream, finalStream) {
			out = append(out, j)
		}
	}
	return out
}

// lastBad gives the last instance that ended, of each stream of its own, if it ended badly: a later good one has made up for it.
func (v *view) lastBad(name string) []*twstools.Job {
	last := map[string]*twstools.Job{}
	for _, j := range v.ofFinal(name) {
		if p := PhaseOf(j.Status); p != Bad && p != Done {
			continue
		}
		key := StreamKey(j.StreamFolder, j.StreamWorkstation, j.Stream)
		if have := last[key]; have == nil || have.SchedTime.Before(j.SchedTime) {
			last[key] = j
		}
	}
	var out []*twstools.Job
	for _, j := range v.ofFinal(name) {
		if key := StreamKey(j.StreamFolder, j.StreamWorkstation, j.Stream); last[key] == j && PhaseOf(j.Status) == Bad {
			out = append(out, j)
		}
	}
	return out
}

func (v *view) badFinal(name, kind string, severity Severity, weak bool) []Finding {
	var out []Finding
	for _, j := range v.lastBad(name) {
		f := Finding{Kind: kind, Entity: v.jobEntity(j), Ref: j.StreamRef, Instance: instance(v.jobEntity(j).JobStreamID, j.SchedTime), Severity: severity, Weak: weak,
			Facts: []Fact{v.jobFact(j, "status", j.Status.Display())}, Params: map[string]string{"status": j.Status.Display()}}
		if r := lastRun(j); r != nil {
			f.Since = r.End
			if r.ReturnCode != nil {
				f.Facts = append(f.Facts, v.jobFact(j, "return_code", strconv.Itoa(*r.ReturnCode)))
			}
		}
		out = append(out, f)
	}
	return out
}

func (v *view) final() []Finding {
	var out []Finding
	for _, name := range []string{"STARTAPPSERVER", "MAKEPLAN", "SWITCHPLAN"} {
		out = append(out, v.badFinal(name, turningJobs[name], Critical, name == "SWITCHPLAN")...)
	}
	return out
}

// checkSync watches the copying of the plan into the database: when it failed, every status shown is in doubt (UG "Monitoring the replication
// of plan data in the database"; TR). One that has not run long after its time proves nothing, and that is told.
func (v *view) checkSync() []Finding { return v.badFinal("CHECKSYNC", "plan.mirror", Critical, false) }

// updateStats: estimates grow old, the plan itself is sound.
func (v *view) updateStats() []Finding {
	return v.badFinal("UPDATESTATS", "plan.statistics", Low, false)
}

func (v *view) postReports() []Finding {
	return v.badFinal("CREATEPOSTREPORTS", "plan.reports", Low, false)
}

// finalOverdue: the stream that extends the plan waits although its time has come; the one behind it has longer.
func (v *view) finalOverdue() []Finding {
	var out []Finding
	for i := range v.Streams {
		s := &v.Streams[i]
		grace, kind, severity := finalGrace, "plan.not_extended", Critical
		switch s.Name {
		case finalStream:
		case afterFinal:
			grace, kind, severity = postReportsGrace, "plan.mirror", Medium
		default:
			continue
		}
		from := s.SchedTime
		if s.Times.EarliestStart.After(from) {
			from = s.Times.EarliestStart
		}
		if p := PhaseOf(s.Status); p != Waiting && p != Ready || from.IsZero() || !from.Add(grace).Before(v.Now) {
			continue
		}
		at := v.g.instant(from)
		out = append(out, Finding{Kind: kind, Entity: s.Entity(), Ref: s.Ref, Instance: instance(s.InternalID, s.SchedTime), Severity: severity, Since: from, Weak: true,
			Facts: []Fact{v.streamFact(s, "status", s.Status.Display()), v.streamFact(s, "sched_time", at)}, Params: map[string]string{"start": at}})
	}
	return out
}

// How full a message queue may be before it is told, in percent. A full one stops the process that writes to it (AD, mailbox sizes; TR).
const (
	queueTold = 50
	queueHigh = 80
	queueFull = 95
)

func (v *view) queues() []Finding {
	var out []Finding
	for _, name := range slices.Sorted(maps.Keys(v.Queues)) {
		fill := v.Queues[name]
		if fill < queueTold || math.IsNaN(fill) {
			continue
		}
		w := v.owner(name)
		value := strconv.FormatFloat(fill, 'f', -1, 64)
		f := Finding{Kind: "infra", Entity: w, Of: name, Severity: Medium, Facts: []Fact{{"workstation:" + w.Workstation, "queue_fill_" + name, value}}, Params: map[string]string{"queue": name, "percent": value}}
		if w.Workstation == "" {
			f.Entity, f.Facts[0].Source = current, "plan:current"
		}
		switch {
		case fill >= queueFull:
			f.Severity, f.Kind = Critical, "infra.mailbox_full"
		case fill >= queueHigh:
			f.Severity = High
		}
		out = append(out, f)
	}
	return out
}

// owner gives the workstation behind a queue: the one that pobox/NAME.msg keeps messages for, else the master.
func (v *view) owner(queue string) twstools.Entity {
	base := strings.TrimSuffix(queue[strings.LastIndexAny(queue, `/\`)+1:], ".msg")
	if w, ok := v.g.Workstation(base); ok {
		return w.Entity()
	}
	for _, w := range v.Workstations {
		for _, s := range w.ActiveStates {
			if strings.EqualFold(s, "MASTER") {
				return w.Entity()
			}
		}
	}
	for _, w := range v.Workstations {
		if strings.EqualFold(w.Type, "MANAGER") || strings.EqualFold(w.Type, "MASTER") {
			return w.Entity()
		}
	}
	return twstools.Entity{Type: twstools.EntityWorkstation}
}
