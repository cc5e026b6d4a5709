package history_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

func TestTransitionsAreToldOnce(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		k, start, end := job("A", monday), monday.Add(time.Hour), monday.Add(2*time.Hour)
		look := end.Add(12 * time.Second)
		run := ended(k, start, end, abend)
		seen := twstools.Change{Kind: twstools.StatusChanged, At: look, SeenAt: look, Key: k, From: exec, To: abend, Job: &twstools.Job{Runs: []twstools.Run{*run.Run}}}
		run.SeenAt = look
		found := seen // after a new start of Resync
		found.Kind, found.From, found.At, found.SeenAt = twstools.ObjectAppeared, twstools.Status{}, look.Add(time.Hour), look.Add(time.Hour)
		left := twstools.Change{Kind: twstools.StatusChanged, At: look.Add(2 * time.Hour), SeenAt: look.Add(2 * time.Hour), Key: k, From: abend, To: exec}
		stream := k
		stream.Job = ""
		blocked := twstools.Change{Kind: twstools.StatusChanged, At: look, SeenAt: look, Key: stream, From: exec, To: stuck}
		carried := run // in the next plan, where the stream's stand-in for an id is another one
		carried.Key.JobStreamID, carried.SeenAt = "6d19eaf1-c9da-3799-96ed-131f07832a01", look.Add(90*time.Minute)
		blockedFound := blocked
		blockedFound.Kind, blockedFound.From, blockedFound.At = twstools.ObjectAppeared, twstools.Status{}, look.Add(time.Hour)
		notLaunched := twstools.Change{Kind: twstools.StatusChanged, At: look, SeenAt: look, Key: job("B", monday), From: hold, To: fail, Job: &twstools.Job{}}
		ordinary := twstools.Change{Kind: twstools.StatusChanged, At: look, SeenAt: look, Key: job("C", monday), From: hold, To: exec}
		all := []twstools.Change{seen, run, blocked, notLaunched, ordinary, found, blockedFound, carried, left}
		for range 2 {
			for _, c := range all {
				observe(t, h, c)
			}
			observe(t, h, all...)
		}
		got, err := h.Abnormal(t.Context(), monday, monday.AddDate(0, 0, 1))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range got {
			exact := ""
			if e.Exact {
				exact = " exact"
			}
			lines = append(lines, e.At.Format("15:04:05")+" "+e.Key.Stream+"."+e.Key.Job+" "+e.From.Internal+">"+e.To.Internal+exact)
		}
		want := "02:00:00 PAY.A EXEC>ABEND exact\n02:00:12 PAY. EXEC>STUCK\n02:00:12 PAY.B HOLD>FAIL\n04:00:12 PAY.A ABEND>EXEC"
		sortLines(lines)
		if strings.Join(lines, "\n") != want {
			t.Errorf("transitions:\n%s\nwant:\n%s", strings.Join(lines, "\n"), want)
		}
		if got[0].RunID != run.Run.ID || got[0].Key.Job != "A" {
			t.Errorf("first = %+v", got[0])
		}
	})
}

func TestBefore(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		today, tomorrow := job("A", monday), job("A", monday.AddDate(0, 0, 1))
		at := func(k twstools.Key, h int) time.Time { return k.Sched.Add(time.Duration(h) * time.Hour) }
		observe(t, h,
			ended(today, at(today, 1), at(today, 2), abend),
			ended(today, at(today, 3), at(today, 4), succ),
			twstools.Change{Kind: twstools.StatusChanged, At: at(tomorrow, 1), SeenAt: at(tomorrow, 1), Key: tomorrow, From: hold, To: twstools.Status{Internal: "READY"}})
		any := twstools.Key{StreamWorkstation: "LX1", Stream: "PAY", Job: "A"}
		for _, tc := range []struct {
			name    string
			key     twstools.Key
			t       time.Time
			want    string
			running bool
			exact   bool
		}{
			{"before-all", any, at(today, 1), "", false, false},
			{"running", any, at(today, 1).Add(time.Second), "?", true, true},
			{"ended-badly", any, at(today, 3), "ABEND", false, true},
			{"rerun-runs", any, at(today, 4), "?", true, true},
			{"ended-well", any, at(tomorrow, 1), "SUCC", false, true},
			{"seen-since", any, at(tomorrow, 5), "READY", false, false},
			{"todays-instance", today, at(tomorrow, 5), "SUCC", false, true},
			{"tomorrows-instance-yesterday", tomorrow, at(today, 5), "", false, false},
			{"unknown-job", job("Z", monday), at(tomorrow, 5), "", false, false},
		} {
			t.Run(tc.name, func(t *testing.T) {
				s, known, err := h.Before(t.Context(), tc.key, tc.t)
				if err != nil || known != (tc.want != "") {
					t.Fatalf("state = %+v, known %v, %v", s, known, err)
				}
				if known && (s.Status.Display() != tc.want || s.Running != tc.running || s.Exact != tc.exact || !s.At.Before(tc.t)) {
					t.Errorf("state = %+v, want %s", s, tc.want)
				}
			})
		}
	})
}

// TestWithinOneLook: a run that began and ended between two looks is told by both changes with the status of its end.
func TestWithinOneLook(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		k, start := job("A", monday), monday.Add(time.Hour)
		look := func(start, end time.Time) []twstools.Change {
			done := ended(k, start, end, abend)
			done.From = twstools.Status{}
			begun, changed := done, done
			begun.Kind, begun.At = twstools.RunStarted, start
			changed.Kind, changed.Run, changed.From = twstools.StatusChanged, nil, hold
			changed.Job = &twstools.Job{Runs: []twstools.Run{*done.Run}}
			return []twstools.Change{begun, changed, done}
		}
		first, second := look(start, start.Add(5*time.Second)), look(start.Add(time.Minute), start.Add(time.Minute+5*time.Second))
		observe(t, h, first...)
		if s, _, err := h.Before(t.Context(), k, start.AddDate(0, 0, 1)); err != nil || s.Status != abend || !s.Exact || !s.At.Equal(start.Add(5*time.Second)) {
			t.Errorf("state = %+v, %v", s, err)
		}
		observe(t, h, second[0], second[2]) // bad again: no change of status
		if s, _, err := h.Before(t.Context(), k, start.AddDate(0, 0, 1)); err != nil || !s.At.Equal(start.Add(time.Minute+5*time.Second)) {
			t.Errorf("state after the rerun = %+v, %v", s, err)
		}
		if bad, err := h.Abnormal(t.Context(), monday, monday.AddDate(0, 0, 1)); err != nil || len(bad) != 2 {
			t.Errorf("%d bad ends, want 2, %v", len(bad), err)
		}
	})
}

// TestInstancesByEitherID: a key with the 16-character id finds what was kept under a stand-in for it.
func TestInstancesByEitherID(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		k := job("A", monday)
		c := ended(k, monday, monday.Add(time.Hour), succ)
		c.Key.JobStreamID = "6d19eaf1-c9da-3799-96ed-131f07832a01"
		observe(t, h, c)
		other := job("A", monday.AddDate(0, 0, 1))
		for key, want := range map[twstools.Key]bool{k: true, other: false} {
			if _, known, err := h.Before(t.Context(), key, monday.AddDate(0, 0, 2)); err != nil || known != want {
				t.Errorf("known = %v, %v, want %v", known, err, want)
			}
		}
	})
}

func TestAnOlderSightingThatComesLaterChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		k := job("A", monday)
		change := func(s twstools.Status, minute int) twstools.Change {
			at := monday.Add(time.Duration(minute) * time.Minute)
			return twstools.Change{Kind: twstools.StatusChanged, At: at, SeenAt: at, Key: k, To: s, From: hold}
		}
		observe(t, h, change(succ, 3))
		observe(t, h, change(exec, 2), change(hold, 1))
		if s, _, err := h.Before(t.Context(), k, monday.AddDate(0, 0, 1)); err != nil || s.Status != succ || s.Exact {
			t.Errorf("state = %+v, %v", s, err)
		}
	})
}

func TestStreamsRunWhenSeenExecuting(t *testing.T) {
	each(t, func(t *testing.T, _ storetest.Kind, h *history.History) {
		k := job("", monday)
		change := func(from, to twstools.Status, hour int) twstools.Change {
			at := monday.Add(time.Duration(hour) * time.Hour)
			return twstools.Change{Kind: twstools.StatusChanged, At: at, SeenAt: at, Key: k, From: from, To: to}
		}
		all := []twstools.Change{change(hold, exec, 1), change(exec, stuck, 2), change(stuck, exec, 3), change(exec, succ, 4)}
		observe(t, h, all...)
		observe(t, h, all...)
		got, err := h.Runs(t.Context(), k, 0)
		if err != nil || len(got) != 1 || got[0].Exact || got[0].Status != succ || got[0].End.Sub(got[0].Start) != 3*time.Hour {
			t.Errorf("runs of the stream = %+v, %v", got, err)
		}
		never := job("", monday.AddDate(0, 0, 1)) // executing already when we came: its start is not known
		first := change(twstools.Status{}, exec, 25)
		first.Kind, first.Key = twstools.ObjectAppeared, never
		last := change(exec, succ, 26)
		last.Key = never
		observe(t, h, first, last)
		if got, err := h.Runs(t.Context(), k, 0); err != nil || len(got) != 1 {
			t.Errorf("a start was invented: %+v, %v", got, err)
		}
	})
}
