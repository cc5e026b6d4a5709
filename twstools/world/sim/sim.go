package sim

import (
	"container/heap"
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// Options for New.
type Options struct {
	// Seed decides all that is left to chance: what runs take, how they end, when files come.
	Seed uint64
	// Start is when the first plan begins to run; its production day is the one that Start falls into.
	Start time.Time
	// Zone replaces the plan's time zone of the definitions where it is not nil.
	Zone *time.Location
	// Unverified turns on behaviours of which nobody here knows whether a distributed engine has them: sub-statuses of waiting jobs, and
	// the common status HELD of a job with priority 0.
	Unverified bool
}

// Sim is a plant at work. It is not safe for concurrent use.
type Sim struct {
	opts    Options
	defs    Definitions
	zone    *time.Location
	cals    calendars
	defined []*Stream // a definition that changes is replaced, since instances in the plan keep theirs
	tests   map[string]rcTest

	now    time.Time
	seq    uint64
	events events

	stations     map[string]*station
	stationOrder []*station
	resources    map[string]*resource
	resOrder     []*resource
	files        map[string]*file
	prompts      []*prompt
	predefined   map[string]*prompt
	promptCount  int

	streams  []*stream // of the plan, in its order
	byName   map[string][]*stream
	pending  []*dep
	idCount  uint64
	order    int
	runNo    int
	planFrom time.Time
	planTo   time.Time
	extended time.Time
	planDay  time.Time // the next day of production that has no plan yet, a midnight in the plan's zone

	work      []*waits
	tally     []*stream
	launches  []*station
	stats     map[string]*history
	archived  []world.ArchivedPlan
	news      []twstools.EventRecord
	audit     []twstools.AuditRecord
	refused   []error
	newsNo    int
	mailboxes map[string]int
	changes   uint64 // of resources
	down      bool   // batchman
	logs      *world.LogWriter
}

// New checks the definitions and makes the first plan. Everything wrong with them is reported at once as fault.Invalid. The definitions
// belong to the Sim from then on.
func New(defs Definitions, opts Options) (*Sim, error) {
	s := &Sim{opts: opts, defs: defs, now: opts.Start.UTC(), tests: map[string]rcTest{}, stations: map[string]*station{}, resources: map[string]*resource{},
		files: map[string]*file{}, predefined: map[string]*prompt{}, byName: map[string][]*stream{}, stats: map[string]*history{}}
	if errs := s.prepare(); len(errs) > 0 {
		more := ""
		if len(errs) > 20 {
			more, errs = fmt.Sprintf("; and %d more", len(errs)-20), errs[:20]
		}
		return nil, fault.New(fault.Invalid, "The definitions are wrong: %s%s.", strings.Join(errs, "; "), more)
	}
	s.logs = world.NewLogWriter(s.zone, s.worldStations())
	start := s.now.In(s.zone)
	day := time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, s.zone)
	if s.defs.Plan.StartOfDay.on(day).After(s.now) {
		day = day.AddDate(0, 0, -1)
	}
	s.planDay = day
	s.runNo = max(defs.Plan.RunNumber, 1) - 1
	s.extend()
	s.settle()
	return s, nil
}

// Now is the simulated instant, UTC.
func (s *Sim) Now() time.Time { return s.now }

// Advance lets time pass until to. An instant that has passed already changes nothing: time never goes back.
func (s *Sim) Advance(to time.Time) {
	to = to.UTC()
	for len(s.events) > 0 && !s.events[0].at.After(to) {
		s.now = s.events[0].at
		for len(s.events) > 0 && s.events[0].at.Equal(s.now) {
			heap.Pop(&s.events).(event).do()
			s.settle()
		}
	}
	if to.After(s.now) {
		s.now = to
	}
}

// Next says when something happens next by itself; false where nothing ever does.
func (s *Sim) Next() (time.Time, bool) {
	if len(s.events) == 0 {
		return time.Time{}, false
	}
	return s.events[0].at, true
}

// At plans an intervention: action is called when the simulation reaches t, before anything else that happens then and was planned
// later. What it refuses is kept for Refused.
func (s *Sim) At(t time.Time, action func(*Sim) error) {
	s.when(t, func() {
		if err := action(s); err != nil {
			s.refused = append(s.refused, fmt.Errorf("at %s: %w", s.now.Format(time.RFC3339), err))
		}
	})
}

// Refused gives what interventions of At could not do, oldest first.
func (s *Sim) Refused() []error { return append([]error(nil), s.refused...) }

// settle carries every consequence of the present instant through until nothing changes any more: dependencies, statuses of streams,
// launches.
func (s *Sim) settle() {
	for len(s.work)+len(s.tally)+len(s.launches) > 0 {
		switch {
		case len(s.work) > 0:
			w := s.work[0]
			s.work = s.work[1:]
			w.queued = false
			if w.gone {
				continue
			}
			if w.asJob != nil {
				s.considerJob(w.asJob)
			} else {
				s.considerStream(w.asStream)
			}
		case len(s.tally) > 0:
			st := s.tally[0]
			s.tally = s.tally[1:]
			st.tallied = false
			s.tallyStream(st)
		default:
			w := s.launches[0]
			s.launches = s.launches[1:]
			w.marked = false
			s.launchOn(w)
		}
	}
}

// look has a job's or stream's dependencies looked at anew.
func (s *Sim) look(w *waits) {
	if !w.queued && !w.gone {
		w.queued = true
		s.work = append(s.work, w)
	}
}

// changed says that a job is different: its stream's status is worked out anew, and so are those who wait for it.
func (s *Sim) changed(j *job) {
	j.cached = nil
	s.touchFollowers(&j.waits)
	if !j.s.tallied && !j.s.gone {
		j.s.tallied = true
		s.tally = append(s.tally, j.s)
	}
}

// touchFollowers has everything that waits for w looked at.
func (s *Sim) touchFollowers(w *waits) {
	for _, d := range w.followers {
		d.of.stale()
		s.look(d.of)
	}
}

// stale drops what a snapshot has kept of it.
func (w *waits) stale() {
	if w.asJob != nil {
		w.asJob.cached = nil
	} else {
		w.asStream.cached = nil
	}
}

// mark has launching tried on a workstation.
func (s *Sim) mark(w *station) {
	if !w.marked {
		w.marked = true
		s.launches = append(s.launches, w)
	}
}
