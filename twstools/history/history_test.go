package history_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

func TestOpenRefuses(t *testing.T) {
	db := storetest.SQLite.Open(t, history.Room())
	for name, o := range map[string]history.Options{
		"no-database": {Engine: "e", Now: time.Now}, "no-engine": {DB: db, Now: time.Now}, "no-clock": {DB: db, Engine: "e"},
		"too-small": {DB: db, Engine: "e", Now: time.Now, MaxBytes: 1000},
	} {
		if _, err := history.Open(t.Context(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRunsAreOfOneJobAloneNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		days(t, h, "A", monday, 3, time.Minute, time.Hour)
		days(t, h, "B", monday, 1, 0, time.Minute)
		other := ended(job("A", monday), monday, monday.Add(time.Hour), abend)
		other.Key.Engine = "other"
		observe(t, h, other)
		got, err := h.Runs(t.Context(), twstools.Key{StreamWorkstation: "/LX1", Stream: "PAY", Job: "A"}, 2) // folder and slash as other dialects write them
		if err != nil || len(got) != 2 {
			t.Fatalf("runs = %+v, %v", got, err)
		}
		want := monday.AddDate(0, 0, 2)
		if r := got[0]; !r.Sched.Equal(want) || !r.Start.Equal(want.Add(time.Minute)) || !r.End.Equal(want.Add(61*time.Minute)) || r.Status != succ ||
			r.ReturnCode == nil || *r.ReturnCode != 0 || !r.Exact || r.Archived || r.RerunType != "REGULAR" || !strings.HasPrefix(r.ID, "run-") {
			t.Errorf("newest run = %+v", r)
		}
		if !got[1].Start.Before(got[0].Start) {
			t.Error("runs are not newest first")
		}
		if unknown, err := h.Runs(t.Context(), job("C", monday), 0); err != nil || len(unknown) != 0 {
			t.Errorf("runs of an unknown job = %v, %v", unknown, err)
		}
	})
}

func TestEveryRunOnPostgresTwentyEmbedded(t *testing.T) {
	each(t, func(t *testing.T, on storetest.Kind, h *history.History) {
		days(t, h, "A", monday, 50, 0, time.Hour)
		all, err := h.Runs(t.Context(), job("A", monday), 1000)
		want := 50
		if on.Embedded() {
			want = 20
		}
		if err != nil || len(all) != want {
			t.Fatalf("%d runs, want %d, %v", len(all), want, err)
		}
		days(t, h, "A", monday, 50, 0, time.Hour) // all once more
		if d, err := h.Digest(t.Context(), job("A", monday)); err != nil || d != (history.Digest{Ended: 50, Succeeded: 50, First: monday}) {
			t.Errorf("digest = %+v, %v", d, err)
		}
		if again, err := h.Runs(t.Context(), job("A", monday), 1000); err != nil || len(again) != want {
			t.Errorf("after handing in all again: %d runs, %v", len(again), err)
		}
		// A run from before the kept ones does not count twice, nor does it push out a later one.
		if again, err := h.Runs(t.Context(), job("A", monday), 0); err != nil || !again[0].Sched.Equal(monday.AddDate(0, 0, 49)) {
			t.Errorf("newest = %v", again[0].Sched)
		}
	})
}

// TestAnOldStartDoesNotOpenARunAgain: the start of a run that is no longer among the last 20 is told again, its end is not.
func TestAnOldStartDoesNotOpenARunAgain(t *testing.T) {
	each(t, func(t *testing.T, on storetest.Kind, h *history.History) {
		days(t, h, "A", monday, 30, 0, time.Hour)
		begun := ended(job("A", monday), monday, time.Time{}, exec)
		begun.Kind, begun.At, begun.To, begun.SeenAt = twstools.RunStarted, monday, exec, monday
		observe(t, h, begun)
		got, err := h.Runs(t.Context(), job("A", monday), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got {
			if r.End.IsZero() || r.Status != succ {
				t.Errorf("run = %+v", r)
			}
		}
		if on.Embedded() {
			return
		}
		// One that was left open gains its end, however late that is told.
		open := ended(job("A", monday), monday.Add(2*time.Hour), time.Time{}, exec)
		open.Kind, open.At, open.To = twstools.RunStarted, monday.Add(2*time.Hour), exec
		observe(t, h, open)
		observe(t, h, ended(job("A", monday), monday.Add(2*time.Hour), monday.Add(3*time.Hour), succ))
		if got, err = h.Runs(t.Context(), job("A", monday), 100); err != nil || len(got) != 31 || got[29].End.IsZero() {
			t.Errorf("%d runs, %v", len(got), err)
		}
	})
}

func TestOneRunUnderManyNames(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		k := job("A", monday)
		start := monday.Add(time.Hour)
		begun := ended(k, start, time.Time{}, exec)
		begun.Kind, begun.At, begun.To, begun.SeenAt = twstools.RunStarted, start, exec, start.Add(5*time.Second)
		begun.Run.JobNumber, begun.Run.ReturnCode = 0, nil
		done := ended(k, start, start.Add(time.Hour), abend)
		carried := ended(k, start, start.Add(time.Hour), abend) // the plan has turned: another run id, and the stream's time is its start now
		carried.Run.ID, carried.Key.Sched, carried.SeenAt = "other-id", start, done.SeenAt.Add(time.Hour)
		confirmed := ended(k, start, start.Add(time.Hour), succ)
		confirmed.SeenAt = carried.SeenAt.Add(time.Minute)
		for _, c := range []twstools.Change{begun, done, carried, confirmed, done, begun} {
			observe(t, h, c)
		}
		for _, limit := range []int{20, 1000} {
			got, err := h.Runs(t.Context(), k, limit)
			if err != nil || len(got) != 1 {
				t.Fatalf("runs = %+v, %v", got, err)
			}
			if r := got[0]; r.Status != succ || !r.Sched.Equal(monday) || r.JobNumber == 0 || !r.End.Equal(start.Add(time.Hour)) {
				t.Errorf("run = %+v", r)
			}
		}
	})
}

func TestCountsAndGaps(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		for minute := range 60 {
			if minute >= 20 && minute < 40 {
				continue
			}
			for _, second := range []int{0, 30} {
				c := history.Counts{At: monday.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second), Total: minute + second,
					ByStatus: map[string]int{"SUCC": minute, "IN PROGRESS": second}}
				if err := h.Observe(t.Context(), nil, &c); err != nil {
					t.Fatal(err)
				}
			}
		}
		got, err := h.CountsBetween(t.Context(), monday.Add(10*time.Minute), monday.Add(50*time.Minute))
		if err != nil || len(got) != 20 {
			t.Fatalf("%d minutes, %v", len(got), err)
		}
		if c := got[0]; !c.At.Equal(monday.Add(10*time.Minute)) || c.Total != 40 || c.ByStatus["SUCC"] != 10 || c.ByStatus["IN_PROGRESS"] != 30 {
			t.Errorf("first minute = %+v", c)
		}
		happened, err := h.Happened(t.Context(), monday, monday.Add(time.Hour))
		if err != nil || len(happened.Gaps) != 1 || !happened.Gaps[0].From.Equal(monday.Add(19*time.Minute)) || !happened.Gaps[0].To.Equal(monday.Add(40*time.Minute)) {
			t.Errorf("gaps = %+v, %v", happened.Gaps, err)
		}
		if happened.First == nil || happened.Last == nil || happened.Last.ByStatus["SUCC"] != 59 {
			t.Errorf("counts at both ends = %+v, %+v", happened.First, happened.Last)
		}
		unwatched, err := h.Happened(t.Context(), monday.AddDate(0, 0, 3), monday.AddDate(0, 0, 4))
		if err != nil || len(unwatched.Gaps) != 1 || unwatched.First != nil {
			t.Errorf("a day without a sighting must be one gap: %+v, %v", unwatched, err)
		}
		if _, err := h.CountsBetween(t.Context(), monday, monday.AddDate(0, 2, 0)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("two months: %v", err)
		}
	})
}

func TestHappened(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		at := func(hour int) time.Time { return monday.Add(time.Duration(hour) * time.Hour) }
		property := func(name, field, old, now string, hour int) twstools.Change {
			return twstools.Change{Kind: twstools.PropertyChanged, At: at(hour), SeenAt: at(hour), Key: twstools.Key{Engine: "default"}, Name: name, Field: field, Old: old, New: now}
		}
		priority := property("", "priority", "10", "0", 3)
		priority.Key = job("A", monday)
		changes := []twstools.Change{
			ended(job("A", monday), at(1), at(2), succ), ended(job("B", monday), at(1), at(4), abend), ended(job("C", monday), at(9), at(10), succ),
			property("LX1", "limit", "10", "0", 2), property("SERVERS", "available", "3", "2", 2), priority,
			{Kind: twstools.PlanTurned, At: at(5), SeenAt: at(5), Key: twstools.Key{Engine: "default"}},
			property("LX1", "limit", "0", "10", 9),
		}
		observe(t, h, changes...)
		observe(t, h, changes...)
		got, err := h.Happened(t.Context(), at(2), at(6))
		if err != nil || got.Started != 0 || got.Succeeded != 1 || got.Unsuccessful != 1 || got.AtLeast || got.Truncated {
			t.Fatalf("happened = %+v, %v", got, err)
		}
		var lines []string
		for _, e := range got.Events {
			lines = append(lines, strings.Join([]string{string(e.Kind), e.Name, e.Key.Job, e.Field, e.Old, e.New, e.To.Internal}, " "))
		}
		want := "property LX1  limit 10 0 |property  A priority 10 0 |status  B    ABEND|plan_turned      "
		if strings.Join(lines, "|") != want {
			t.Errorf("events = %q, want %q", strings.Join(lines, "|"), want)
		}
		if all, err := h.Happened(t.Context(), at(0), at(24)); err != nil || all.Started != 3 || all.Succeeded != 2 {
			t.Errorf("the whole day = %+v, %v", all, err)
		}
	})
}

func TestHostileTextIsKeptHarmless(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		k := job("A'; DROP TABLE history_jobs; --\xff", monday)
		k.Stream = "PAY\x00|" + strings.Repeat("x", 500)
		c := ended(k, monday, monday.Add(time.Hour), twstools.Status{Internal: "ABEND", Common: "a|b\x00\xff"})
		c.Run.ID, c.Run.ActualWorkstation = strings.Repeat("id\x00", 90), "\xf0\x28"
		p := twstools.Change{Kind: twstools.PropertyChanged, At: monday, SeenAt: monday, Name: "\x00\xff", Field: "limit\x00", Old: strings.Repeat("é", 1000), New: "\xc3"}
		observe(t, h, c, p)
		if got, err := h.Runs(t.Context(), k, 0); err != nil || len(got) != 1 || !got[0].Status.Canceled && got[0].Status.Internal != "ABEND" {
			t.Errorf("runs = %+v, %v", got, err)
		}
		if got, err := h.Happened(t.Context(), monday, monday.AddDate(0, 0, 1)); err != nil || len(got.Events) != 2 {
			t.Errorf("events = %+v, %v", got.Events, err)
		}
	})
}
