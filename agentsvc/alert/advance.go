package alert

import (
	"cmp"
	"slices"
	"time"
)

// record is what is known of one finding.
type record struct {
	Finding Finding
	First   time.Time
	Last    time.Time
	Absent  time.Time // since when it was not seen any more; zero while it is there
	Told    map[string]told

	changed, gone bool // since it was read from the database
}

// told is what was last said of a finding to one webhook.
type told struct {
	Severity Severity `json:"severity"`
	At       int64    `json:"at"` // Unix milliseconds
}

// lastEvery is how often the time of the last sighting is written down where nothing else changed.
const lastEvery = 10 * time.Minute

// advance takes a sighting into the records of its engine and gives, for each rule, what is to be told. blocked are rules that can be told nothing
// now: for them all stays as it is, so that it is told later. A finding ends when it was not seen for as long as settle in readings that would have
// shown it; one that comes back before is the same one.
func advance(recs map[string]*record, s Sighting, rules []Rule, blocked map[string]bool, settle time.Duration) map[string][]Event {
	present := map[string]bool{}
	for _, f := range s.Findings {
		present[f.ID] = true
		r := recs[f.ID]
		if r == nil {
			r = &record{First: s.At, Told: map[string]told{}, changed: true}
			recs[f.ID] = r
		}
		if !r.Absent.IsZero() || r.Finding.Severity != f.Severity || s.At.Sub(r.Last) >= lastEvery {
			r.changed = true
		}
		r.Finding, r.Last, r.Absent = f, s.At, time.Time{}
	}
	out := map[string][]Event{}
	for id, r := range recs {
		ended := false
		if !present[id] {
			if !slices.Contains(s.Seen, r.Finding.Source) {
				continue // nobody looked
			}
			if r.Absent.IsZero() {
				r.Absent, r.changed = s.At, true
			}
			if ended = s.At.Sub(r.Absent) >= settle || slices.Contains(s.Acknowledged, id); !ended {
				continue
			}
		} else if r.Finding.Hold && s.At.Sub(r.First) < settle {
			continue
		}
		for _, rule := range rules {
			if !rule.wants(s) || blocked[rule.Name] || !rule.now(r.Finding.Severity, s.PlanNow) {
				continue
			}
			if e, ok := r.tell(rule, s.At, ended); ok {
				if ended && slices.Contains(s.Acknowledged, id) {
					e.Why = "acknowledged"
				}
				out[rule.Name] = append(out[rule.Name], e)
			}
		}
		if ended {
			r.forget(rules)
		}
	}
	for name := range out {
		order(out[name])
	}
	return out
}

// tell gives the event that a rule is owed, and notes that it was told.
func (r *record) tell(rule Rule, at time.Time, ended bool) (Event, bool) {
	last, before := r.Told[rule.Name]
	e := Event{Finding: r.Finding, First: r.First.UTC().Format(time.RFC3339)}
	switch {
	case ended && before:
		e.What = Ended
		delete(r.Told, rule.Name)
		r.changed = true
		return e, true
	case ended:
		return e, false
	case !r.Finding.Severity.AtLeast(rule.MinSeverity):
		return e, false
	case !before:
		e.What = Appeared
	case r.Finding.Severity.rank() > last.Severity.rank():
		e.What, e.Before = Worse, last.Severity
	case rule.Remind > 0 && at.Sub(time.UnixMilli(last.At)) >= rule.Remind:
		e.What = Reminder
	default:
		return e, false
	}
	r.Told[rule.Name] = told{r.Finding.Severity, at.UnixMilli()}
	r.changed = true
	return e, true
}

// forget lets go of what has ended, once nobody is owed the word of it; webhooks that are no more are owed none.
func (r *record) forget(rules []Rule) {
	for name := range r.Told {
		if !slices.ContainsFunc(rules, func(x Rule) bool { return x.Name == name }) {
			delete(r.Told, name)
			r.changed = true
		}
	}
	r.gone = len(r.Told) == 0
}

// order puts the worst first, and what ended last.
func order(events []Event) {
	slices.SortFunc(events, func(a, b Event) int {
		end := func(e Event) int {
			if e.What == Ended {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(end(a), end(b)), cmp.Compare(b.Finding.Severity.rank(), a.Finding.Severity.rank()),
			cmp.Compare(a.Finding.Since, b.Finding.Since), cmp.Compare(a.Finding.ID, b.Finding.ID))
	})
}

// Memory is a Book for one reader, such as a terminal: what it tells is forgotten when it ends. Not safe for concurrent use.
type Memory struct {
	settle time.Duration
	by     map[string]map[string]*record // engine, id
}

// NewMemory makes an empty Memory; a finding has ended when it was away for as long as settle.
func NewMemory(settle time.Duration) *Memory {
	return &Memory{settle: settle, by: map[string]map[string]*record{}}
}

// Observe takes in a sighting and gives what is new to a rule, the worst first.
func (m *Memory) Observe(s Sighting, rule Rule) []Event {
	recs := m.by[s.Engine]
	if recs == nil {
		recs = map[string]*record{}
		m.by[s.Engine] = recs
	}
	events := advance(recs, s, []Rule{rule}, nil, m.settle)[rule.Name]
	for id, r := range recs {
		if r.gone {
			delete(recs, id)
		}
	}
	return events
}
