package sim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// base stands before the plant of every case: one workstation of each kind, in a zone of its own where that matters.
const base = `
engine: {timezone: UTC}
plan: {master: MDM}
workstations:
  - {name: MDM, type: MANAGER}
  - {name: A, type: FTA}
  - {name: B, type: FTA}
  - {name: ONE, type: FTA, limit: 1}
  - {name: NONE, type: FTA, limit: 0}
  - {name: FENCED, type: FTA, fence: 10}
  - {name: XA, type: X-AGENT, host: A}
  - {name: ROME, type: FTA, timezone: Europe/Rome}
  - {name: D1, type: AGENT, limit: 1}
  - {name: D2, type: AGENT, limit: 1}
  - {name: POOL, type: POOL, members: [D1, D2]}
`

// monday is when every case begins: 00:00 UTC on a Monday that is no holiday.
var monday = time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)

// TestFacts plays the cases of testdata/facts: "== sentence", the plant, "--", and lines of a script. A line is a time of day and an action
// or a statement; see the verbs in play.
func TestFacts(t *testing.T) {
	files, err := filepath.Glob("testdata/facts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for c := range strings.SplitSeq("\n"+string(raw), "\n== ") {
			title, rest, _ := strings.Cut(c, "\n")
			plant, script, ok := strings.Cut(rest, "\n--\n")
			if !ok {
				if strings.TrimSpace(strings.TrimLeft(c, "# \n")) != "" && !strings.HasPrefix(strings.TrimSpace(c), "#") {
					t.Errorf("%s: the case %q has no script", name, title)
				}
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txt")+"/"+strings.ReplaceAll(title, " ", "-"), func(t *testing.T) { play(t, plant, script) })
		}
	}
}

// exact takes chance out of definitions: runs take what is told.
func exact(d *sim.Definitions) {
	for i := range d.Streams {
		for k := range d.Streams[i].Jobs {
			if d.Streams[i].Jobs[k].Varies == 0 {
				d.Streams[i].Jobs[k].Varies = -1
			}
		}
	}
}

func parse(t testing.TB, text string) sim.Definitions {
	t.Helper()
	d, err := sim.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func play(t *testing.T, plant, script string) {
	d := parse(t, base)
	own := parse(t, plant)
	d.Streams, d.Resources, d.Prompts, d.Calendars, d.Logs, d.Arrivals = own.Streams, own.Resources, own.Prompts, own.Calendars, own.Logs, own.Arrivals
	if own.Plan != (sim.Plan{}) {
		d.Plan = own.Plan
	}
	exact(&d)
	s, err := sim.New(d, sim.Options{Seed: 7, Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		line, _, _ = strings.Cut(line, " #")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		at, err := instant(words[0])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if at.Before(s.Now()) {
			t.Fatalf("%q: the script goes back in time", line)
		}
		s.Advance(at)
		w := s.World()
		if err := w.Validate(); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := say(s, w, words[1:]); err != nil {
			t.Fatalf("%s: %v\n%s", strings.TrimSpace(line), err, board(w))
		}
	}
}

// instant reads 01:30, 01:30:10 and 01:30+1.
func instant(word string) (time.Time, error) {
	clock, days, _ := strings.Cut(word, "+")
	d, _ := strconv.Atoi(days)
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, clock); err == nil {
			return monday.Add(t.Sub(t.Truncate(24*time.Hour)) + time.Duration(d)*24*time.Hour), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time", word)
}

// say does an action, or judges a statement.
func say(s *sim.Sim, w *world.World, words []string) error {
	refused := words[0] == "refused"
	if refused {
		words = words[1:]
	}
	arg := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	n, _ := strconv.Atoi(arg(2))
	actions := map[string]func() error{
		"reply":       func() error { return s.Reply(arg(1), arg(2) == "yes") },
		"cancel":      func() error { return s.Cancel(arg(1), false) },
		"cancelpend":  func() error { return s.Cancel(arg(1), true) },
		"confirm":     func() error { return s.Confirm(arg(1), arg(2) == "succ") },
		"rerun":       func() error { return s.Rerun(arg(1)) },
		"kill":        func() error { return s.Kill(arg(1)) },
		"release":     func() error { return s.Release(arg(1)) },
		"priority":    func() error { return s.SetPriority(arg(1), n) },
		"limit":       func() error { return s.SetLimit(arg(1), n) },
		"fence":       func() error { return s.SetFence(arg(1), n) },
		"streamlimit": func() error { return s.SetStreamLimit(arg(1), n) },
		"link":        func() error { return s.Link(arg(1)) },
		"unlink":      func() error { return s.Unlink(arg(1)) },
		"stop":        func() error { return s.StopAgent(arg(1)) },
		"start":       func() error { return s.StartAgent(arg(1)) },
		"ignore":      func() error { return s.Ignore(arg(1), true) },
		"heed":        func() error { return s.Ignore(arg(1), false) },
		"file":        func() error { return s.PutFile(arg(1), arg(2), arg(3) != "gone") },
		"units":       func() error { return s.SetUnits(arg(1), n) },
		"remote":      func() error { return s.SetRemote(arg(1), arg(2)) },
		"submit":      func() error { return s.Submit(arg(1)) },
		"batchman":    func() error { s.Batchman(arg(1) == "up"); return nil },
	}
	if act, ok := actions[words[0]]; ok {
		err := act()
		if refused && err == nil {
			return fmt.Errorf("it was not refused")
		}
		if !refused && err != nil {
			return fmt.Errorf("it was refused: %w", err)
		}
		if err != nil && fault.CodeOf(err) == fault.Internal {
			return fmt.Errorf("an error without a code: %w", err)
		}
		return nil
	}
	return judge(w, words)
}
