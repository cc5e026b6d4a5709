package history_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// plant makes a random plan's life: days of job streams whose jobs run, end badly, are rerun, and are looked at every 15 seconds. It
// gives the changes as a reader tells them.
type plant struct {
	rng     *rand.Rand
	changes []twstools.Change
	runs    int64
}

const lookEvery = 15 * time.Second

func (p *plant) look(at time.Time) time.Time {
	return at.Truncate(lookEvery).Add(lookEvery)
}

func (p *plant) live(jobs, days int) {
	for d := range days {
		for j := range jobs {
			p.instance(job(fmt.Sprintf("J%d", j), monday.AddDate(0, 0, d)))
		}
	}
	slices.SortStableFunc(p.changes, func(a, b twstools.Change) int { return a.SeenAt.Compare(b.SeenAt) })
	for i := range p.changes {
		p.changes[i].Seq = uint64(i + 1)
	}
}

// instance runs a job once or, after bad ends, up to four times.
func (p *plant) instance(k twstools.Key) {
	status, at := hold, k.Sched.Add(time.Duration(p.rng.IntN(7200))*time.Second)
	var all []twstools.Run
	for range 4 {
		p.runs++
		end := at.Add(time.Duration(p.rng.IntN(600)) * time.Second)
		run := twstools.Run{ID: fmt.Sprintf("%08d-0000-4000-8000-%012d", p.runs, p.rng.Int64N(1e12)), JobNumber: 1000 + p.runs, Status: exec, Start: at, RerunType: "REGULAR"}
		begun := run
		result := succ
		if p.rng.IntN(4) == 0 {
			result = abend
		}
		run.End, run.Status = end, result
		seenStart, seenEnd := p.look(at), p.look(end)
		if seenStart != seenEnd {
			snapshot := append(slices.Clone(all), begun)
			p.tell(twstools.Change{Kind: twstools.RunStarted, At: at, Exact: true, SeenAt: seenStart, Key: k, Run: &begun, Job: &twstools.Job{Runs: snapshot}})
			p.tell(twstools.Change{Kind: twstools.StatusChanged, At: seenStart, SeenAt: seenStart, Key: k, From: status, To: exec, Job: &twstools.Job{Runs: snapshot}})
			status = exec
		}
		all = append(all, run)
		snapshot := slices.Clone(all)
		p.tell(twstools.Change{Kind: twstools.RunEnded, At: end, Exact: true, SeenAt: seenEnd, Key: k, To: result, Run: &run, Job: &twstools.Job{Runs: snapshot}})
		if status != result {
			p.tell(twstools.Change{Kind: twstools.StatusChanged, At: seenEnd, SeenAt: seenEnd, Key: k, From: status, To: result, Job: &twstools.Job{Runs: snapshot}})
		}
		status = result
		if result == succ {
			return
		}
		at = p.look(end).Add(time.Duration(p.rng.IntN(900)) * time.Second)
	}
}

func (p *plant) tell(c twstools.Change) { p.changes = append(p.changes, c) }

// model is history done naively: everything, in memory.
type model struct {
	runs   map[string]map[int64]twstools.Run // by job and start
	events map[string]bool
}

func (m *model) observe(changes []twstools.Change) {
	for _, c := range changes {
		if c.Kind == twstools.RunEnded {
			if m.runs[c.Key.Job] == nil {
				m.runs[c.Key.Job] = map[int64]twstools.Run{}
			}
			m.runs[c.Key.Job][c.Run.Start.Unix()] = *c.Run
			if c.To == abend {
				m.events[line(c.Key, "ABEND", c.At, true)] = true
			}
		}
		if c.Kind == twstools.StatusChanged && c.From == abend {
			m.events[line(c.Key, c.To.Internal, c.At, false)] = true
		}
	}
}

func line(k twstools.Key, to string, at time.Time, exact bool) string {
	return fmt.Sprintf("%s %s %s %s %v", at.UTC().Format(time.RFC3339), k.JobStreamID, k.Job, to, exact)
}

// compare asks history and model the same.
func (m *model) compare(t *testing.T, h *history.History, embedded bool) {
	t.Helper()
	for name, want := range m.runs {
		starts := slices.Sorted(maps.Keys(want))
		slices.Reverse(starts)
		got, err := h.Runs(t.Context(), job(name, monday), 10_000)
		if err != nil {
			t.Fatal(err)
		}
		if embedded {
			starts = starts[:min(len(starts), 20)]
		}
		if len(got) != len(starts) {
			t.Fatalf("%s: %d runs, want %d", name, len(got), len(starts))
		}
		for i, start := range starts {
			w := want[start]
			if g := got[i]; !g.Start.Equal(w.Start) || !g.End.Equal(w.End) || g.Status != w.Status || g.ID != w.ID && (i < 10 || !embedded) || g.JobNumber != w.JobNumber {
				t.Fatalf("%s: run %d = %+v, want %+v", name, i, g, w)
			}
		}
		d := history.Digest{First: want[slices.Min(starts)].Start}
		for _, r := range want {
			d.Ended++
			if r.Status == succ {
				d.Succeeded++
			}
		}
		got2, err := h.Digest(t.Context(), job(name, monday))
		if err != nil || got2.Ended != d.Ended || got2.Succeeded != d.Succeeded {
			t.Fatalf("%s: digest %+v, want %+v, %v", name, got2, d, err)
		}
	}
	events, err := h.Abnormal(t.Context(), monday.AddDate(0, 0, -1), monday.AddDate(0, 0, 100))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range events {
		l := line(e.Key, e.To.Internal, e.At, e.Exact)
		if got[l] {
			t.Fatalf("told twice: %s", l)
		}
		got[l] = true
	}
	if !maps.Equal(got, m.events) {
		t.Fatalf("transitions differ:\nonly in history: %s\nonly in the model: %s", only(got, m.events), only(m.events, got))
	}
}

func only(a, b map[string]bool) string {
	var out []string
	for k := range a {
		if !b[k] {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n  ")
}

// TestAgainstAModel hands a random plant's changes in by batches of random size: in order, with repetitions, in any order, with new starts
// in between after which everything in the plan appears anew. What is remembered is the same each time.
func TestAgainstAModel(t *testing.T) {
	for _, tc := range []struct {
		name    string
		days    int // in any order the digest is right only as long as no run has left the last 20
		deliver func(rng *rand.Rand, all []twstools.Change, observe func([]twstools.Change), restart func())
	}{
		{"in-order", 40, func(_ *rand.Rand, all []twstools.Change, observe func([]twstools.Change), _ func()) { observe(all) }},
		{"some-twice", 40, func(rng *rand.Rand, all []twstools.Change, observe func([]twstools.Change), _ func()) {
			for i := 0; i < len(all); {
				n := min(len(all)-i, 1+rng.IntN(200))
				observe(all[i : i+n])
				if rng.IntN(3) > 0 { // else its acknowledgement was lost: again, with more behind it
					i += n
				} else {
					i += n / 2
				}
			}
		}},
		{"any-order", 7, func(rng *rand.Rand, all []twstools.Change, observe func([]twstools.Change), _ func()) {
			shuffled := slices.Clone(all)
			rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			observe(shuffled)
			observe(all)
		}},
		{"restarts", 40, func(rng *rand.Rand, all []twstools.Change, observe func([]twstools.Change), restart func()) {
			for i := 0; i < len(all); {
				n := min(len(all)-i, 1+rng.IntN(500))
				observe(all[i : i+n])
				i += n
				restart()
				observe(appeared(all[:i]))
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, on storetest.Kind) {
				seed := rand.Uint64()
				t.Logf("seed %d", seed)
				p := &plant{rng: rand.New(rand.NewPCG(seed, 1))}
				p.live(4, tc.days)
				db := on.Open(t, history.Room())
				h := open(t, db, nil)
				m := &model{map[string]map[int64]twstools.Run{}, map[string]bool{}}
				m.observe(p.changes)
				tc.deliver(p.rng, p.changes, func(c []twstools.Change) { observe(t, h, c...) }, func() { h = open(t, db, nil) })
				m.compare(t, h, on.Embedded())
			})
		})
	}
}

// appeared gives what a reader tells that starts now: each instance as it stands, with all its runs.
func appeared(past []twstools.Change) []twstools.Change {
	last := map[twstools.Key]twstools.Change{}
	var order []twstools.Key
	now := past[len(past)-1].SeenAt.Add(time.Second)
	for _, c := range past {
		if _, ok := last[c.Key]; !ok {
			order = append(order, c.Key)
		}
		to := c.To
		if to == (twstools.Status{}) {
			to = c.Run.Status
		}
		last[c.Key] = twstools.Change{Kind: twstools.ObjectAppeared, At: now, SeenAt: now, Key: c.Key, To: to, Job: c.Job}
	}
	out := make([]twstools.Change, 0, len(order))
	for _, k := range order {
		out = append(out, last[k])
	}
	return out
}
