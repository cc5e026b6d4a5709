package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// ArchivedDay is a plan of an earlier day, as far as it was read.
type ArchivedDay struct {
	Plan twstools.Plan
	Jobs []twstools.Job
}

// wholeDay is the least that a plan must last for "it runs every day" to mean "it runs in this plan".
const wholeDay = 23 * time.Hour

// ExpectedByArchive lists the streams that ran at one time of day in every one of the plans, which should hold that of a week ago: a stream that
// ran on this weekday and on other days. Days are counted in the zone, so that a change of clocks moves nothing. Without a plan of the same
// weekday, or with fewer than two plans, nothing can be expected. Those of FINAL are judged by rules of their own.
func ExpectedByArchive(days []ArchivedDay, window twstools.PlanWindow, zone *time.Location) []Expected {
	if window.Start.IsZero() || window.End.IsZero() || len(days) < 2 {
		return nil
	}
	weekday := window.Start.In(zone).Weekday()
	type slot struct{ key, time string }
	seen := map[slot]int{}
	said := map[slot]Expected{}
	var order []slot
	same := false
	for _, d := range days {
		sameDay := d.Plan.ValidFrom.In(zone).Weekday() == weekday
		same = same || sameDay
		counted := map[slot]bool{}
		for i := range d.Jobs {
			j := &d.Jobs[i]
			if j.SchedTime.Before(d.Plan.ValidFrom) || !j.SchedTime.Before(d.Plan.ValidTo) || strings.HasPrefix(j.Stream, finalStream) || j.Stream == "" || PhaseOf(j.Status) == Cancelled {
				continue
			}
			s := slot{StreamKey(j.StreamFolder, j.StreamWorkstation, j.Stream), j.SchedTime.In(zone).Format("15:04")}
			if counted[s] {
				continue
			}
			counted[s] = true
			if seen[s]++; seen[s] == 1 {
				order = append(order, s)
			}
			if sameDay {
				said[s] = Expected{Folder: j.StreamFolder, Workstation: j.StreamWorkstation, Stream: j.Stream, Sched: shifted(j.SchedTime, d.Plan.ValidFrom, window.Start, zone), Seen: true,
					Facts: []Fact{{"history:" + (&Graph{Zone: zone}).Name(twstools.Entity{Type: twstools.EntityJobStream, Folder: j.StreamFolder, Workstation: j.StreamWorkstation, Stream: j.Stream}), "ran", j.SchedTime.In(zone).Format(time.RFC3339)}}}
			}
		}
	}
	if !same {
		return nil
	}
	var out []Expected
	for _, s := range order {
		x, ok := said[s]
		if ok && seen[s] == len(days) && !x.Sched.Before(window.Start) && x.Sched.Before(window.End) && !slices.ContainsFunc(out, func(o Expected) bool { return StreamKey(o.Folder, o.Workstation, o.Stream) == s.key }) {
			out = append(out, x)
		}
	}
	return out
}

// shifted moves an instant of one plan to the same time of day in another.
func shifted(t, from, to time.Time, zone *time.Location) time.Time {
	days := int(to.Sub(from).Round(24*time.Hour) / (24 * time.Hour))
	return t.In(zone).AddDate(0, 0, days).UTC()
}

// ExpectedByDefinition lists the streams whose run cycles say that they run on every day, or on this weekday, by nothing but the plain rules
// of iCalendar (RFC 5545). A cycle in other words, of a calendar or with exceptions proves nothing. So do drafts, and definitions that are not
// valid on that day, unless a plan of before shows that the stream ran (see Judge).
func ExpectedByDefinition(all []twstools.JobStreamDefinition, window twstools.PlanWindow, zone *time.Location) []Expected {
	if window.Start.IsZero() || window.End.Sub(window.Start) < wholeDay {
		return nil
	}
	var out []Expected
	for _, d := range all {
		if d.Draft != nil && *d.Draft || !valid(d, window) || strings.HasPrefix(d.Name, finalStream) {
			continue
		}
		cycle := ""
		for _, c := range d.RunCycles {
			switch everyDay, today, plain := plainCycle(c, window.Start.In(zone).Weekday()); {
			case !plain:
				cycle = "-"
			case (everyDay || today) && cycle == "":
				cycle = c
			}
		}
		if cycle == "" || cycle == "-" {
			continue
		}
		out = append(out, Expected{Folder: d.Folder, Workstation: d.Workstation, Stream: d.Name, Facts: []Fact{{"definition:" + streamName(d), "run_cycle", cycle}}})
	}
	return out
}

func valid(d twstools.JobStreamDefinition, w twstools.PlanWindow) bool {
	return (d.ValidFrom.IsZero() || !d.ValidFrom.After(w.Start)) && (d.ValidTo.IsZero() || d.ValidTo.After(w.End))
}

// ExpectedByRuns tells whether a defined stream belongs into the plan by when its instances were scheduled before: at one time of day a week and
// two weeks before a time within the plan.
func ExpectedByRuns(d twstools.JobStreamDefinition, scheds []time.Time, w twstools.PlanWindow, zone *time.Location) (Expected, bool) {
	at := map[int64]bool{}
	for _, t := range scheds {
		if !t.IsZero() {
			at[t.Truncate(time.Minute).Unix()] = true
		}
	}
	for _, t := range scheds {
		due := t.In(zone).AddDate(0, 0, 7)
		if t.IsZero() || due.Before(w.Start) || !due.Before(w.End) || !at[t.In(zone).AddDate(0, 0, -7).Truncate(time.Minute).Unix()] {
			continue
		}
		x := Expected{Folder: d.Folder, Workstation: d.Workstation, Stream: d.Name, Sched: due.UTC(), Seen: true, Facts: []Fact{{"history:" + streamName(d), "ran", t.In(zone).Format(time.RFC3339)}}}
		if out := Judge([]Expected{x}, map[string]twstools.JobStreamDefinition{StreamKey(d.Folder, d.Workstation, d.Name): d}, true, w); len(out) == 1 {
			return out[0], true
		}
	}
	return Expected{}, false
}

var weekdays = map[string]time.Weekday{"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday}

// plainCycle reads a rule of iCalendar: every day, or weekly on days of the week. plain is false for everything else.
func plainCycle(rule string, on time.Weekday) (everyDay, today, plain bool) {
	parts := map[string]string{}
	for p := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(rule)), ";") {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return false, false, false
		}
		parts[name] = value
	}
	if iv := parts["INTERVAL"]; iv != "" && iv != "1" {
		return false, false, false
	}
	delete(parts, "INTERVAL")
	freq := parts["FREQ"]
	delete(parts, "FREQ")
	switch {
	case freq == "DAILY" && len(parts) == 0:
		return true, true, true
	case freq == "WEEKLY" && len(parts) == 1 && parts["BYDAY"] != "":
		for name := range strings.SplitSeq(parts["BYDAY"], ",") {
			day, ok := weekdays[name]
			if !ok {
				return false, false, false
			}
			today = today || day == on
		}
		return false, today, true
	}
	return false, false, false
}

// Judge weighs what is expected against the definitions, where all of them were read: a stream that is no longer defined is not expected, one
// that is a draft, or not valid now, is left out because of its definition.
func Judge(expected []Expected, definitions map[string]twstools.JobStreamDefinition, whole bool, window twstools.PlanWindow) []Expected {
	if !whole {
		return expected
	}
	var out []Expected
	for _, x := range expected {
		d, ok := definitions[StreamKey(x.Folder, x.Workstation, x.Stream)]
		switch {
		case !ok:
			continue
		case d.Draft != nil && *d.Draft:
			x.Kind, x.Facts = "sched.definition", append(x.Facts, Fact{"definition:" + streamName(d), "draft", "true"})
		case !valid(d, window):
			x.Kind, x.Severity = "sched.definition", Low
			x.Facts = append(x.Facts, Fact{"definition:" + streamName(d), "valid_to", d.ValidTo.UTC().Format(time.RFC3339)})
		}
		out = append(out, x)
	}
	return out
}
