package history_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// archived is an engine's archive: one plan a day before monday, in each of which A of PAY ran once, for 20 minutes.
type archived struct {
	twstools.PlanReader
	plans       int
	err         error
	lists, jobs atomic.Int64
}

func (a *archived) Plans(context.Context, twstools.PlanType) ([]twstools.Plan, error) {
	a.lists.Add(1)
	var out []twstools.Plan
	for d := range a.plans {
		out = append(out, twstools.Plan{ID: monday.AddDate(0, 0, -a.plans+d).Format("200601021504"), Type: twstools.PlanArchived})
	}
	return append(out, twstools.Plan{ID: "current", Type: twstools.PlanCurrent}), a.err
}

func (a *archived) ArchivedJobs(_ context.Context, p twstools.Plan, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	a.jobs.Add(1)
	if q.Where == nil || q.Limit <= 0 {
		return twstools.List[twstools.Job]{}, errors.New("everything was asked for")
	}
	sched, err := time.Parse("200601021504", p.ID)
	if err != nil {
		return twstools.List[twstools.Job]{}, err
	}
	row := func(name, stream string) twstools.Job {
		start := sched.Add(5 * time.Minute)
		return twstools.Job{Name: name, Stream: stream, StreamFolder: "/", StreamWorkstation: "/LX1", SchedTime: sched, Runs: []twstools.Run{
			{ID: "archived" + p.ID, Status: succ, Start: start, End: start.Add(20 * time.Minute)}, {ID: "runs", Status: exec, Start: start.Add(time.Hour)}}}
	}
	return twstools.List[twstools.Job]{Items: []twstools.Job{row("A", "PAY"), row("A", "PAYX")}, Total: 2}, a.err
}

func TestUsualFromOwnHistory(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		days(t, h, "A", monday, 14, 10*time.Minute, time.Hour)
		sched := monday.AddDate(0, 0, 14)
		// One night in which it ended badly after three hours and ran well in the rerun, with a recovery job in between.
		k := job("A", sched)
		recovery := ended(k, sched.Add(3*time.Hour), sched.Add(3*time.Hour+time.Second), succ)
		recovery.Run.RerunType = "RECOVERY"
		observe(t, h, ended(k, sched.Add(10*time.Minute), sched.Add(3*time.Hour), abend), recovery, ended(k, sched.Add(4*time.Hour), sched.Add(5*time.Hour), succ))
		u, source, err := h.Usual(t.Context(), twstools.Key{StreamWorkstation: "LX1", Stream: "PAY", Job: "A"})
		if err != nil || source != history.SourceOwn {
			t.Fatalf("usual = %+v from %q, %v", u, source, err)
		}
		want := history.Usual{
			Start:    history.Spread{Median: 10 * time.Minute, Low: 10 * time.Minute, High: 10 * time.Minute, HasSpread: true, N: 15},
			Duration: history.Spread{Median: time.Hour, Low: time.Hour, High: time.Hour, HasSpread: true, N: 15},
			End:      history.Spread{Median: 70 * time.Minute, Low: 70 * time.Minute, High: 70 * time.Minute, HasSpread: true, N: 15},
			Ended:    16, Succeeded: 15, Runs: 16, Oldest: monday.Add(10 * time.Minute),
		}
		if u != want {
			t.Errorf("usual = %+v\nwant    %+v", u, want)
		}
	})
}

// TestUsualOfAJobThatIsRerunEachNight: it starts when it first starts, and ends when it has ended well.
func TestUsualOfAJobThatIsRerunEachNight(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		for d := range 6 {
			sched := monday.AddDate(0, 0, d)
			k := job("A", sched)
			observe(t, h, ended(k, sched.Add(time.Minute), sched.Add(time.Hour), abend), ended(k, sched.Add(2*time.Hour), sched.Add(150*time.Minute), succ))
		}
		u, _, err := h.Usual(t.Context(), job("A", monday))
		if err != nil || u.Start.Median != time.Minute || u.Start.N != 6 || u.End.Median != 150*time.Minute || u.Duration.Median != 30*time.Minute || u.Ended != 12 || u.Succeeded != 6 {
			t.Errorf("usual = %+v, %v", u, err)
		}
	})
}

func TestUsualNeedsEnough(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		for n, want := range map[int]history.Source{2: history.SourceNone, 3: history.SourceOwn, 9: history.SourceOwn} {
			name := fmt.Sprintf("J%d", n)
			days(t, h, name, monday, n, 0, time.Hour)
			u, source, err := h.Usual(t.Context(), job(name, monday))
			if err != nil || source != want || (source == history.SourceNone) != (u.Duration.N == 0) {
				t.Errorf("%d runs: %+v from %q, %v", n, u, source, err)
			}
			if u.Duration.HasSpread || u.Duration.Low != 0 {
				t.Errorf("%d runs are too few for percentiles: %+v", n, u.Duration)
			}
		}
	})
}

func TestUsualAsksArchivedPlansOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, history.Room())
		plans := &archived{plans: 9}
		c := &clock{t: monday}
		with := func(o *history.Options) { o.Plans, o.Now = plans, c.now }
		h := open(t, db, with)
		days(t, h, "A", monday, 2, 0, time.Hour)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				u, source, err := h.Usual(t.Context(), job("A", monday))
				if err != nil || source != history.SourceArchive || u.Runs != 9 || u.Duration.Median != 20*time.Minute || u.Unread != nil {
					t.Errorf("usual = %+v from %q, %v", u, source, err)
				}
			})
		}
		wg.Wait()
		if lists, jobs := plans.lists.Load(), plans.jobs.Load(); lists != 1 || jobs != 7 {
			t.Errorf("%d lists and %d plans were read, want 1 and 7", lists, jobs)
		}
		c.advance(time.Hour)
		h = open(t, db, with) // a new start knows which were read
		if _, source, err := h.Usual(t.Context(), job("A", monday)); err != nil || source != history.SourceArchive {
			t.Errorf("source = %q, %v", source, err)
		}
		if lists, jobs := plans.lists.Load(), plans.jobs.Load(); lists != 2 || jobs != 7 {
			t.Errorf("after a new start %d lists and %d plans were read, want 2 and 7", lists, jobs)
		}
		// A job that the archive does not have is asked for once too.
		for range 3 {
			if _, source, err := h.Usual(t.Context(), job("NEW", monday)); err != nil || source != history.SourceNone {
				t.Errorf("source = %q, %v", source, err)
			}
		}
		if jobs := plans.jobs.Load(); jobs != 14 {
			t.Errorf("%d plans were read, want 14", jobs)
		}
		// With enough of its own nothing is asked.
		days(t, h, "B", monday, 5, 0, time.Hour)
		if u, source, err := h.Usual(t.Context(), job("B", monday)); err != nil || source != history.SourceOwn || u.Runs != 5 || plans.jobs.Load() != 14 {
			t.Errorf("usual = %+v from %q, %v, %d plans", u, source, err, plans.jobs.Load())
		}
		// Runs that were seen and stand in an archived plan as well count once, as our own.
		days(t, h, "A", monday.AddDate(0, 0, 2), 3, 0, time.Hour)
		if _, source, err := h.Usual(t.Context(), job("A", monday)); err != nil || source != history.SourceOwn {
			t.Errorf("with five of its own: source = %q, %v", source, err)
		}
	})
}

func TestUsualFallsBackToTheEngine(t *testing.T) {
	each(t, func(t *testing.T, on storetest.Kind, _ *history.History) {
		for _, tc := range []struct {
			name string
			err  error
			code fault.Code
			asks int64
		}{
			{"no-such-port", nil, fault.Unsupported, 0},
			{"unsupported", fault.New(fault.Unsupported, "V2 alone"), fault.Unsupported, 1},
			{"down", fault.New(fault.UpstreamUnavailable, "no answer"), fault.UpstreamUnavailable, 1},
		} {
			t.Run(tc.name, func(t *testing.T) {
				plans := &archived{plans: 3, err: tc.err}
				c := &clock{t: monday}
				h := open(t, on.Open(t, history.Room()), func(o *history.Options) {
					o.Now = c.now
					if tc.err != nil {
						o.Plans = plans
					}
				})
				observe(t, h, twstools.Change{Kind: twstools.ObjectAppeared, At: monday, SeenAt: monday, Key: job("A", monday), To: hold,
					Job: &twstools.Job{ConfidenceInterval: "+/- 5 min", Definition: twstools.JobDefinition{EstimatedDuration: 40 * time.Minute}}})
				for range 3 { // what cannot be read is not asked for again at once
					u, source, err := h.Usual(t.Context(), job("A", monday))
					if err != nil || source != history.SourceEngine || u.Estimate != 40*time.Minute || u.Confidence != "+/- 5 min" || u.Duration.N != 0 {
						t.Fatalf("usual = %+v from %q, %v", u, source, err)
					}
					if fault.CodeOf(u.Unread) != tc.code {
						t.Errorf("unread = %v, want %s", u.Unread, tc.code)
					}
				}
				if got := plans.lists.Load(); got != tc.asks {
					t.Errorf("the engine was asked %d times, want %d", got, tc.asks)
				}
				u, source, err := h.Usual(t.Context(), job("UNKNOWN", monday))
				if err != nil || source != history.SourceNone || u.Duration.N+u.Runs != 0 || u.Estimate != 0 {
					t.Errorf("an unknown job: %+v from %q, %v", u, source, err)
				}
				plans.err = nil
				c.advance(11 * time.Minute)
				if _, source, err := h.Usual(t.Context(), job("A", monday)); tc.err != nil && (err != nil || source != history.SourceArchive) {
					t.Errorf("when the engine answers again: source = %q, %v", source, err)
				}
			})
		}
	})
}

// TestUsualOverTheNightsWhenClocksChange: a job at 01:30 in New York runs ten minutes after its time also when the day has 23 or 25 hours.
func TestUsualOverTheNightsWhenClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, on storetest.Kind, _ *history.History) {
		h := open(t, on.Open(t, history.Room()), func(o *history.Options) { o.Zone = zone })
		for _, spring := range []time.Time{time.Date(2026, 3, 1, 1, 30, 0, 0, zone), time.Date(2026, 10, 25, 1, 30, 0, 0, zone)} {
			for d := range 10 {
				sched := time.Date(spring.Year(), spring.Month(), spring.Day()+d, 1, 30, 0, 0, zone).UTC()
				observe(t, h, ended(job("A", sched), sched.Add(10*time.Minute), sched.Add(100*time.Minute), succ))
			}
		}
		u, _, err := h.Usual(t.Context(), job("A", monday))
		if err != nil || u.Start.N != 20 || u.Start.Low != 10*time.Minute || u.Start.High != 10*time.Minute || u.End.Low != 100*time.Minute || u.End.High != 100*time.Minute {
			t.Errorf("usual = %+v, %v", u, err)
		}
		for day, want := range map[time.Time]time.Duration{
			time.Date(2026, 3, 8, 12, 0, 0, 0, zone): 23 * time.Hour, time.Date(2026, 11, 1, 0, 30, 0, 0, zone): 25 * time.Hour, monday: 24 * time.Hour,
		} {
			if from, to := h.Day(day); to.Sub(from) != want || day.Before(from) || !day.Before(to) || from.In(zone).Hour() != 0 {
				t.Errorf("Day(%v) = %v to %v, want %v", day, from, to, want)
			}
		}
	})
}

// TestUsualKnowsDaysUnlikeTheOthers: a job takes 20 to 26 minutes, three hours on Sundays and five on the last day of a month. In the
// plan's zone, where these days begin eleven hours before they do in UTC.
func TestUsualKnowsDaysUnlikeTheOthers(t *testing.T) {
	zone, err := time.LoadLocation("Pacific/Noumea")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		h := open(t, on.Open(t, history.Room()), func(o *history.Options) { o.Zone = zone })
		first := time.Date(2026, 3, 2, 1, 0, 0, 0, zone)
		var changes []twstools.Change
		for d := range 200 {
			sched := first.AddDate(0, 0, d)
			duration, start := 20*time.Minute+time.Duration(d%7)*time.Minute, sched.UTC()
			switch {
			case sched.AddDate(0, 0, 1).Day() == 1:
				duration = 5 * time.Hour
			case sched.Weekday() == time.Sunday:
				duration = 3 * time.Hour
			case sched.Weekday() == time.Thursday: // as long as ever, but late
				start = start.Add(4 * time.Hour)
			}
			changes = append(changes, ended(job("A", sched.UTC()), start, start.Add(duration), succ))
		}
		observe(t, h, changes...)
		for _, tc := range []struct {
			name   string
			sched  time.Time
			like   string
			median time.Duration
		}{
			{"a-sunday", time.Date(2026, 9, 20, 1, 0, 0, 0, zone), "Sunday", 3 * time.Hour},
			{"a-thursday", time.Date(2026, 9, 24, 1, 0, 0, 0, zone), "Thursday", 0},
			{"end-of-month", time.Date(2026, 9, 30, 1, 0, 0, 0, zone), "last day of the month", 5 * time.Hour},
			{"a-tuesday", time.Date(2026, 9, 22, 1, 0, 0, 0, zone), "", 0},
			{"any-day", time.Time{}, "", 0},
		} {
			u, source, err := h.Usual(t.Context(), job("A", tc.sched))
			if err != nil || source != history.SourceOwn {
				t.Fatalf("%s: %+v from %q, %v", tc.name, u, source, err)
			}
			if on.Embedded() { // among 20 runs there are three Sundays and one end of a month at most: too few to say anything of their own
				tc.like, tc.median = "", 0
			}
			if u.Like != tc.like || tc.median != 0 && u.Duration.Median != tc.median || tc.like == "" && u.Duration.Median > 30*time.Minute || tc.like == "Thursday" && u.Start.Median != 4*time.Hour {
				t.Errorf("%s: %+v, want %q with %v", tc.name, u, tc.like, tc.median)
			}
		}
	})
}
