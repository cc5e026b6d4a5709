package reader_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// story is a plan of which each test changes one thing. %[1]s … are filled by tell.
const story = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: M1, type: MANAGER, states: [MASTER, LINKED, RUNNING, JOBMAN_UP]}, {name: A1, type: FTA, limit: {{LIMIT|5}}, fence: {{FENCE|0}}, states: [{{STATES|LINKED, RUNNING, JOBMAN_UP}}]}{{AGENTS|}}]
resources: [{name: SLOT, workstation: M1, quantity: {{UNITS|3}}}]
prompts: [{name: GO, text: "Go?", status: {{PROMPT|NOT_ASKED}}, number: 3, stream: S}]
streams:
  - {name: S, workstation: M1, sched: "05:00", state: {{S|EXEC}}, jobs: [{name: ONE, state: SUCC, start: "05:00", ran: 10m}, {name: TWO, {{TWO|state: EXEC, start: "05:30", takes: 1h}}}, {name: THREE, {{THREE|state: HOLD}}}]}
  - {name: T, workstation: M1, sched: "05:00", state: {{T|STUCK}}, jobs: [{name: BAD, {{BAD|state: ABEND, rc: 4, start: "05:10", ran: 1m}}}{{MORE|}}]}
`

// tell fills the story: the given values, else what it says itself.
func tell(values ...string) string {
	out := story
	for i := 0; i < len(values); i += 2 {
		from := strings.Index(out, "{{"+values[i]+"|")
		to := from + strings.Index(out[from:], "}}") + 2
		out = out[:from] + values[i+1] + out[to:]
	}
	for {
		from := strings.Index(out, "{{")
		if from < 0 {
			return out
		}
		to := from + strings.Index(out[from:], "}}")
		_, own, _ := strings.Cut(out[from+2:to], "|")
		out = out[:from] + own + out[to+2:]
	}
}

// line is a change as the tests write it.
func line(c twstools.Change) string {
	s := string(c.Kind)
	switch {
	case c.Key.Job != "":
		s += " " + c.Key.Stream + "." + c.Key.Job
	case c.Key.Stream != "":
		s += " " + c.Key.Stream
	case c.Name != "":
		s += " " + c.Name
	}
	if c.Kind == twstools.StatusChanged || c.Kind == twstools.ObjectLeft && c.Key.Stream != "" {
		s += " " + c.From.Display() + ">" + c.To.Display()
	}
	if c.Field != "" {
		s += " " + c.Field + " " + c.Old + ">" + c.New
	}
	if c.Exact {
		s += " at " + c.At.Format("15:04:05")
	}
	return s
}

func lines(cs []twstools.Change) []string {
	var out []string
	for _, c := range cs {
		out = append(out, line(c))
	}
	return out
}

// several are four more jobs in one state.
func several(state string) (out string) {
	for i := range 4 {
		out += fmt.Sprintf(`, {name: X%d, state: %s, rc: 1, start: "05:20", ran: 1m}`, i+1, state)
	}
	return out
}

// TestChanges shows the plan twice and reads what the feed tells of the difference.
func TestChanges(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []string
		want          []string
	}{
		{name: "nothing"},
		{"a-run-ends", nil, []string{"TWO", `state: SUCC, start: "05:30", ran: 29m50s`}, []string{"run_ended S.TWO at 05:59:50", "status S.TWO EXEC>SUCC at 05:59:50"}},
		{"a-run-ends-badly", nil, []string{"TWO", `state: ABEND, rc: 8, start: "05:30", ran: 29m50s`}, []string{"run_ended S.TWO at 05:59:50", "status S.TWO EXEC>ABEND at 05:59:50"}},
		{"a-run-starts", nil, []string{"THREE", `state: EXEC, start: "05:59:55", takes: 1h`}, []string{"run_started S.THREE at 05:59:55", "status S.THREE ?>EXEC at 05:59:55"}},
		{"short", nil, []string{"THREE", `state: SUCC, start: "05:59:50", ran: 3s`}, []string{"run_started S.THREE at 05:59:50", "run_ended S.THREE at 05:59:53", "status S.THREE ?>SUCC at 05:59:53"}},
		{"a-late-copy", nil, []string{"THREE", `state: EXEC, start: "05:52", takes: 1h`}, []string{"run_started S.THREE at 05:52:00", "status S.THREE ?>EXEC at 05:52:00"}},
		{"rerun", nil, []string{"BAD", `state: EXEC, runs: [{state: ABEND, rc: 4, start: "05:10", ran: 1m}, {state: EXEC, type: RERUN, start: "05:59:58"}]`},
			[]string{"run_started T.BAD at 05:59:58", "status T.BAD ABEND>EXEC at 05:59:58"}},
		{"confirmed", nil, []string{"BAD", `state: SUCC, rc: 4, start: "05:10", ran: 1m`, "T", "SUCC"}, []string{"status T.BAD ABEND>SUCC", "status T STUCK>SUCC"}},
		{"priority", nil, []string{"TWO", `priority: 101, state: EXEC, start: "05:30", takes: 1h`}, []string{"property S.TWO priority 10>101"}},
		{"unlinked", nil, []string{"STATES", "RUNNING, JOBMAN_UP"}, []string{"property A1 link linked>unlinked"}},
		{"job-manager-down", nil, []string{"STATES", "LINKED"}, []string{"property A1 job_manager true>false"}},
		{"limit", nil, []string{"LIMIT", "0"}, []string{"property A1 limit 5>0"}},
		{"fence", nil, []string{"FENCE", "40"}, []string{"property A1 fence 0>40"}},
		{"units", nil, []string{"UNITS", "2"}, []string{"property M1#SLOT available 3>2", "property M1#SLOT quantity 3>2"}},
		{"prompt", nil, []string{"PROMPT", "ASKED"}, []string{"property GO status NOT_ASKED>ASKED"}},
		{"agent-appears", nil, []string{"AGENTS", ", {name: A2, type: FTA, states: [LINKED]}"}, []string{"appeared A2"}},
		{"agent-leaves", []string{"AGENTS", ", {name: A2, type: FTA, states: [LINKED]}"}, nil, []string{"left A2"}},
		{"several-confirmed-at-once", []string{"MORE", several("ABEND")}, []string{"MORE", several("SUCC")},
			[]string{"status T.X1 ABEND>SUCC", "status T.X2 ABEND>SUCC", "status T.X3 ABEND>SUCC", "status T.X4 ABEND>SUCC"}},
		{"job-leaves", []string{"MORE", `, {name: EXTRA, state: ABEND, rc: 1, start: "05:20", ran: 1m}`}, nil, []string{"left T.EXTRA ABEND>?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := &moving{}
			e := newEngine(t, tell(c.before...), clock.Add(-15*time.Second))
			r := open(t, reader.Options{Engine: e, Clock: at.now})
			refresh(t, r)
			if b := none(t, r, 0); len(b.Changes) > 0 {
				t.Fatalf("the first look tells %q", lines(b.Changes))
			}
			since := r.LastSeq()
			e.show(t, tell(c.after...), clock)
			at.move(15 * time.Second)
			refresh(t, r)
			refresh(t, r) // what left the lists is looked for; jobs and job streams take turns
			refresh(t, r)
			if len(c.want) == 0 {
				none(t, r, since)
				return
			}
			b, err := r.Changes(t.Context(), since)
			if err != nil || b.Gap {
				t.Fatalf("Changes = %+v, %v", b, err)
			}
			got := lines(b.Changes)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("told %q\nwant %q", got, c.want)
			}
			for i, x := range b.Changes {
				if x.Seq != since+uint64(i)+1 || x.SeenAt.IsZero() || x.At.IsZero() || x.Key.Engine != "default" || i > 0 && x.At.Before(b.Changes[i-1].At) {
					t.Errorf("change %d = %+v", i, x)
				}
				if (x.Kind == twstools.RunStarted || x.Kind == twstools.RunEnded) && (x.Run == nil || x.Job == nil || x.Run.ID == "") {
					t.Errorf("%s without its run", line(x))
				}
			}
		})
	}
}

func refresh(t *testing.T, r *reader.Reader) {
	t.Helper()
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// none holds that there is nothing to tell after since: the wait ends with the caller's patience.
func none(t *testing.T, r *reader.Reader, since uint64) reader.Batch {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, err := r.Changes(ctx, since)
	if len(b.Changes) > 0 || !fault.Is(err, fault.Timeout) {
		t.Errorf("Changes(%d) = %q, %v; want none", since, lines(b.Changes), err)
	}
	return b
}

// TestPlanTurns: a new plan is told as one change, what was read of the old one is dropped, and its runs are no news.
func TestPlanTurns(t *testing.T) {
	for name, turn := range map[string]func(w *world.World){
		"by-number":    func(w *world.World) { number(w, 361) },
		"by-reference": func(w *world.World) { rename(w) },
	} {
		t.Run(name, func(t *testing.T) {
			at := &moving{}
			e := newEngine(t, tell(), clock)
			w := load(t, tell(), clock)
			if name == "by-number" {
				number(w, 360)
			}
			e.serve(w)
			r := open(t, reader.Options{Engine: e, Clock: at.now})
			refresh(t, r)
			first, since := r.Stats().PlanMark, r.LastSeq()
			q := twstools.ListQuery{Where: query.Is("name", "BAD")}
			if _, err := r.Jobs(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			next := load(t, tell("TWO", `state: SUCC, start: "05:30", ran: 5m`), clock.Add(15*time.Second))
			turn(next)
			e.serve(next)
			refresh(t, r)
			b, err := r.Changes(t.Context(), since)
			if err != nil || len(b.Changes) != 1 || b.Changes[0].Kind != twstools.PlanTurned {
				t.Fatalf("told %q, %v; want the turn alone", lines(b.Changes), err)
			}
			if mark := r.Stats().PlanMark; mark == first || mark == "" {
				t.Errorf("the plan's mark is %q, before %q", mark, first)
			}
			before := e.asked("jobs", q.Where)
			if _, err := r.Jobs(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			if e.asked("jobs", q.Where) != before+1 {
				t.Error("an answer of the old plan was served in the new one")
			}
			e.show(t, tell(), clock)
			e.serve(next)
			refresh(t, r)
			none(t, r, b.Next)
		})
	}
}

func load(t *testing.T, yaml string, at time.Time) *world.World {
	t.Helper()
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(yaml)}}, at)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func number(w *world.World, n int) {
	for i := range w.Workstations {
		w.Workstations[i].RunNumber = &n
	}
}

// rename gives every job another id, as a new plan does.
func rename(w *world.World) {
	for i := range w.Jobs {
		w.Jobs[i].Ref.ID += "-next"
	}
}

// TestRing: who comes late gets what is held and learns of the gap; who never asks holds up nobody.
func TestRing(t *testing.T) {
	at := &moving{}
	e := newEngine(t, tell(), clock)
	r := open(t, reader.Options{Engine: e, Clock: at.now, Ring: 5})
	refresh(t, r)
	start := r.LastSeq()
	for i := range 12 {
		e.show(t, tell("LIMIT", fmt.Sprint(10+i)), clock)
		refresh(t, r)
	}
	if last := r.LastSeq(); last != start+12 {
		t.Fatalf("%d changes, want 12", last-start)
	}
	for _, c := range []struct {
		since uint64
		gap   bool
		n     int
	}{{start, true, 5}, {start + 6, true, 5}, {start + 7, false, 5}, {start + 10, false, 2}, {0, false, 5}, {start + 99, true, 5}, {3, true, 5}} {
		b, err := r.Changes(t.Context(), c.since)
		if err != nil || b.Gap != c.gap || len(b.Changes) != c.n || b.Next != start+12 {
			t.Errorf("Changes(start+%d) = %d changes, gap %v, next start+%d, %v; want %d, %v", int64(c.since-start), len(b.Changes), b.Gap, int64(b.Next-start), err, c.n, c.gap)
		}
	}
	none(t, r, start+12)
}

// TestUnwatchedTimeIsAGap: when the plan was not watched for too long, the feed says so rather than nothing.
func TestUnwatchedTimeIsAGap(t *testing.T) {
	e := newEngine(t, tell(), clock)
	r := open(t, reader.Options{Engine: e, Clock: (&moving{}).now})
	refresh(t, r)
	since := r.LastSeq()
	e.show(t, tell("LIMIT", "7"), clock.Add(time.Hour))
	refresh(t, r)
	b, err := r.Changes(t.Context(), since)
	if err != nil || !b.Gap || len(b.Changes) != 0 {
		t.Fatalf("Changes = %+v, %v; want a gap", b, err)
	}
	none(t, r, b.Next)
}

// TestPartsThatFail: what cannot be read says nothing; when nothing can, the refresh says so.
func TestPartsThatFail(t *testing.T) {
	e := newEngine(t, tell(), clock)
	lame := &withoutWorkstations{engine: e}
	r := open(t, reader.Options{Engine: lame, Clock: (&moving{}).now})
	refresh(t, r)
	since := r.LastSeq()
	lame.fails.Store(true)
	e.show(t, tell("LIMIT", "7", "TWO", `state: SUCC, start: "05:30", ran: 29m50s`), clock)
	refresh(t, r)
	b, err := r.Changes(t.Context(), since)
	if err != nil || len(b.Changes) != 2 || r.Stats().RefreshError == nil {
		t.Errorf("told %q, %v, %v", lines(b.Changes), err, r.Stats().RefreshError)
	}
	lame.fails.Store(false)
	refresh(t, r)
	if b, err = r.Changes(t.Context(), b.Next); err != nil || len(b.Changes) != 1 || line(b.Changes[0]) != "property A1 limit 5>7" {
		t.Errorf("told %q, %v", lines(b.Changes), err)
	}
	e.failWith(errGone)
	if err := r.Refresh(t.Context()); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("Refresh of a dead engine = %v", err)
	}
}

// TestStartsAreMadeUpFor: starts that could not be read for some minutes are told when they can be; an engine that cannot be asked for them
// at all is watched for the rest.
func TestStartsAreMadeUpFor(t *testing.T) {
	for _, c := range []struct {
		code fault.Code
		want []string
	}{
		{fault.UpstreamUnavailable, []string{"run_started S.THREE at 05:59:50", "run_ended S.THREE at 05:59:53", "status S.THREE ?>SUCC at 05:59:53"}},
		{fault.Invalid, nil},
	} {
		e := newEngine(t, tell(), clock.Add(-time.Minute))
		lame := &withoutTimes{engine: e}
		r := open(t, reader.Options{Engine: lame, Clock: (&moving{}).now})
		refresh(t, r)
		since := r.LastSeq()
		lame.code.Store(string(c.code))
		w := load(t, tell("THREE", `state: SUCC, start: "05:59:50", ran: 3s`), clock)
		for i := range 20 {
			w.AsOf = clock.Add(time.Duration(i) * 15 * time.Second)
			e.serve(w)
			refresh(t, r)
		}
		none(t, r, since)
		if c.code != fault.Invalid {
			lame.code.Store("")
		}
		e.serve(at(load(t, tell("THREE", `state: SUCC, start: "05:59:50", ran: 3s`, "LIMIT", "9"), clock), 5*time.Minute))
		refresh(t, r)
		b, err := r.Changes(t.Context(), since)
		if want := append(c.want, "property A1 limit 5>9"); err != nil || b.Gap || !slices.Equal(lines(b.Changes), want) {
			t.Errorf("%s: told %q, gap %v, %v; want %q", c.code, lines(b.Changes), b.Gap, err, want)
		}
	}
}

func at(w *world.World, later time.Duration) *world.World {
	w.AsOf = clock.Add(later)
	return w
}

// withoutTimes is an engine that fails when it is asked for starts or ends.
type withoutTimes struct {
	*engine
	code atomic.Value
}

func (e *withoutTimes) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	if term, ok := q.Where.(query.Term); ok && strings.HasPrefix(term.Field, "jobruns.timeInfo") {
		if code, _ := e.code.Load().(string); code != "" {
			return twstools.List[twstools.Job]{}, fault.New(fault.Code(code), "no")
		}
	}
	return e.engine.Jobs(ctx, q)
}

type withoutWorkstations struct {
	*engine
	fails atomic.Bool
}

func (e *withoutWorkstations) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	if e.fails.Load() {
		return twstools.List[twstools.Workstation]{}, fault.New(fault.UpstreamUnavailable, "500")
	}
	return e.engine.Workstations(ctx, q)
}
