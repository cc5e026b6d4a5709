// Package enginetest is one suite for every implementation of the twstools.Engine port: the world in memory, the client over HTTP, a
// cached reader, a replay. Whoever implements the port calls Run from a test with a function that opens the implementation
// over a given world. The suite knows the port's promises only; what one dialect adds is tested where it is built.
//
// The package imports testing and therefore must not be linked into a program.
package enginetest

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// Open makes an engine over a world. It closes what it opens with t.Cleanup.
type Open func(t *testing.T, w *world.World) twstools.Engine

// Lack is something that an interface has no place for; what the suite asks of it is then left out.
type Lack int

// What the older interface lacks: the mark of an ignored workstation always, and the earlier runs of a job where it lists each job once.
const (
	Ignored Lack = iota
	EarlierRuns
)

// Run runs the suite. lacks are what the implementation's interface has no place for.
func Run(t *testing.T, open Open, lacks ...Lack) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, suite)
	}{
		{"info", engineInfo}, {"lists everything", listsAll}, {"filters", filters}, {"refuses bad filters", badFilters}, {"orders", orders}, {"pages", pages},
		{"lists leave dependencies out", thinLists}, {"reads one object whole", readsWhole}, {"dependencies of every type", everyDependency}, {"not found", notFound},
		{"neighbours", neighbours}, {"counts", counts}, {"workstations", workstations}, {"resources", resources}, {"prompts", prompts},
		{"logs", logs}, {"hostile names", hostile}, {"runs", runs}, {"keeps the deadline", deadline}, {"optional ports", ports},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := World(t)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			c.test(t, suite{ctx, w, open(t, w), lacks})
		})
	}
}

// suite is what each test gets.
type suite struct {
	ctx context.Context
	w   *world.World
	e   twstools.Engine

	missing []Lack
}

func (s suite) lacks(l Lack) bool { return slices.Contains(s.missing, l) }

// now is the instant of the suite's world.
var now = time.Date(2026, 3, 17, 5, 40, 7, 0, time.UTC)

// World is the small plan that the suite asks about: every type of dependency, reruns, names that try to break out.
func World(t *testing.T) *world.World {
	t.Helper()
	w, err := world.Load(fstest.MapFS{"world.yaml": {Data: []byte(plan + portsPlan)}}, now)
	if err != nil {
		t.Fatalf("the suite's own world: %v", err)
	}
	return w
}

const plan = `
clock: "05:40"
engine: {version: 10.2.4.00, timezone: Europe/Lisbon}
workstations:
  - {name: MASTER1, type: MANAGER, domain: MASTERDM, os: LINUX, limit: 50, states: [MASTER, LINKED, RUNNING, JOBMAN_UP]}
  - {name: LX1, type: FTA, domain: MASTERDM, os: LINUX, limit: 10, fence: 0, timezone: UTC, states: [LINKED, RUNNING, JOBMAN_UP], flags: [AUTO_LINK], started: "-9h"}
  - {name: WN1, type: FTA, os: WINDOWS, limit: 0, fence: 30, states: [RUNNING]}
  - {name: LX2, folder: /PROD, type: AGENT, os: LINUX, states: [LINKED, RUNNING]}
  - {name: IGN, type: FTA, ignored: true, states: []}
resources:
  - {name: SLOT, workstation: LX1, quantity: 3, description: "Three at once", holders: [{job: DAY.D3, quantity: 2}]}
  - {name: FREE, workstation: MASTER1, quantity: 1}
prompts:
  - {name: GOON, text: "Go on?", status: ASKED, number: 7, stream: ASKS, asked: "-2h"}
streams:
  - name: DAY
    workstation: LX1
    sched: "02:00"
    state: EXEC
    user: app
    log: plain
    limit: 2
    priority: 20
    service: Day end
    contact: day@example.test
    deadline: "07:00"
    copies: [{key: DAY-1, sched: "02:00-1d"}]
    jobs:
      - {name: D1, does: "Opens the day", takes: 5m, state: SUCC, ran: 4m}
      - name: D2
        does: "Runs twice"
        takes: 3m
        state: SUCC
        recovery: RERUN
        runs:
          - {state: ABEND, rc: 8, ran: 30s, log: broken}
          - {state: SUCC, type: RERUN, ran: 2m, conditions: [{name: STATUS_OK, expression: "RC=0", satisfied: true, success: true}]}
      - {name: D3, does: "Runs now", takes: 20m, state: EXEC, start: "-1h", critical: true, needs: [{resource: "LX1#SLOT", quantity: 2, state: SATISFIED}]}
      - {name: D4, does: "Comes after", takes: 2m, on: WN1, priority: 0, common: HELD, until: "06:30", deadline: "06:45"}
  - name: WAITS
    workstation: LX1
    sched: "03:00"
    state: HOLD
    user: app
    log: plain
    jobs:
      - {name: W_FILE, needs: [{file: "/in/data.ok", on: LX1, file_state: Unavailable, checked: "-1m", qualifier: "-s %p"}]}
      - {name: W_SLOT, after: [], needs: [{resource: "LX1#SLOT", quantity: 2}]}
      - {name: W_JOB, after: [], needs: [{job: DAY.D4}]}
      - {name: W_STREAM, after: [], needs: [{stream: ASKS}]}
      - {name: W_JOIN, after: [], needs: [{join: EITHER, quantity: 1, of: [{job: DAY.D1}, {stream: ASKS}]}]}
      - {name: W_REMOTE, after: [], needs: [{remote: "FAR#STREAM.JOB", on: MASTER1}]}
      - {name: W_PROMPT, after: [], needs: [{prompt: GOON}]}
      - {name: W_COND, after: [], needs: [{job: DAY.D4, if: [ABEND, FAIL], pending: true}]}
  - {name: ASKS, workstation: LX1, sched: "01:00", state: HOLD, needs: [{prompt: GOON}], jobs: [{name: A1, does: "After the answer"}]}
  - {name: FAILED, workstation: WN1, sched: "04:00", state: STUCK, log: plain, jobs: [{name: F1, state: FAIL}, {name: F2}]}
  - name: "O'HARE"
    folder: /PROD
    workstation: /PROD/LX2
    sched: "04:30"
    state: SUCC
    log: plain
    jobs:
      - {name: "Q'OR name != '", does: "<b>name</b> that tries; to break out"}
      - {name: "A/B;C#D%20", does: "all that a path may trip over"}
      - {name: "AÇÃO?@", does: "wildcards that are none"}
  - {name: MANY, workstation: MASTER1, sched: "01:30", state: SUCC, unchained: true, log: plain, jobs: [
      {name: M01}, {name: M02}, {name: M03}, {name: M04}, {name: M05}, {name: M06}, {name: M07}, {name: M08}, {name: M09}, {name: M10}]}
logs:
  plain: {text: "${t} ${job} starts\nline 2 with 'quotes' and <b>tags</b>\nline 3 ação\n${t} ${job} ends"}
  broken: {text: "${t} starts\nERROR: it broke\n${t} ends"}
`

// names reads the names of jobs.
func names(jobs []twstools.Job) []string {
	out := make([]string, len(jobs))
	for i, j := range jobs {
		out[i] = j.Name
	}
	return out
}

// one finds the only job that has a name and is not of yesterday.
func (s suite) one(t *testing.T, name string) twstools.Job {
	t.Helper()
	l, err := s.e.Jobs(s.ctx, twstools.ListQuery{Where: query.And{query.Is("name", name), query.Term{Field: "schedTime", Op: query.Ge, Values: []query.Value{now.Add(-12 * time.Hour)}}}})
	if err != nil || len(l.Items) != 1 {
		t.Fatalf("Jobs(name = %q) = %v, %v, want one", name, names(l.Items), err)
	}
	return l.Items[0]
}

// whole reads that job with everything.
func (s suite) whole(t *testing.T, name string) twstools.Job {
	t.Helper()
	j, err := s.e.Job(s.ctx, s.one(t, name).Ref)
	if err != nil {
		t.Fatalf("Job(%s): %v", name, err)
	}
	return j
}

func wantCode(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("%s = %v, want %s", what, err, code)
	}
}
