package diagnose_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/world"
)

// poor tells less than the engine behind it.
type poor struct {
	twstools.Engine
	job       func(*twstools.Job)
	row       func(i int, j *twstools.Job)
	resources func() (twstools.List[twstools.Resource], error)
	logs      error
}

func (p poor) Job(ctx context.Context, r twstools.Ref) (twstools.Job, error) {
	j, err := p.Engine.Job(ctx, r)
	if p.job != nil {
		p.job(&j)
	}
	return j, err
}

func (p poor) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	page, err := p.Engine.Jobs(ctx, q)
	for i := range page.Items {
		if p.row != nil {
			p.row(i, &page.Items[i])
		}
	}
	return page, err
}

func (p poor) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	if p.resources != nil {
		return p.resources()
	}
	return p.Engine.Resources(ctx, q)
}

func (p poor) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	if p.logs != nil {
		return twstools.Log{}, p.logs
	}
	return p.Engine.Logs(ctx, q)
}

// A confirmed cause needs a complete record, a plan in sight and a fresh copy, whether a status or a log proves it (contract, rule 4).
func TestDoubt(t *testing.T) {
	const plant = `
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: NODE1, type: FTA, limit: 9, states: [LINKED, RUNNING, JOBMAN_UP]}, {name: NODE2, type: FTA, limit: 9, states: [LINKED, RUNNING, JOBMAN_UP]}]
resources: [{name: TAPE, workstation: NODE1, quantity: 0}]
logs: {db: {text: "begin\nORA-28000: the account is locked\nend 3\n"}}
streams:
  - {name: BEAT, workstation: NODE1, sched: "05:50", state: SUCC, jobs: [{name: PULSE, state: SUCC, start: "05:55", ran: 1m}, {name: PULSE2, state: SUCC, start: "05:56", ran: 1m}]}
  - {name: A, workstation: NODE1, sched: "04:00", state: STUCK, jobs: [{name: FAILS, state: ABEND, rc: 3, start: "05:10", ran: 1m, log: db}]}
  - {name: B, workstation: NODE1, sched: "04:00", state: READY, jobs: [{name: WAITS, state: HOLD, needs: [{resource: "NODE1#TAPE", quantity: 1}]}]}
`
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(plant)}}, caseClock)
	if err != nil {
		t.Fatal(err)
	}
	whole := world.Engine(w, world.Options{})
	none := func() (twstools.List[twstools.Resource], error) { return twstools.List[twstools.Resource]{}, nil }
	refused := func() (twstools.List[twstools.Resource], error) {
		return twstools.List[twstools.Resource]{}, fault.New(fault.Forbidden, "The account may not list resources.")
	}
	for _, c := range []struct {
		says   string
		engine twstools.Engine
		ask    string
		want   answer.Class
	}{
		{"a line of a log proves it", whole, "FAILS", answer.Confirmed},
		{"a status proves it", whole, "WAITS", answer.Confirmed},
		{"the failed job's own record has a hole", poor{Engine: whole, job: func(j *twstools.Job) { j.Priority = nil }}, "FAILS", answer.Likely},
		{"rows of a list tell here what they do not tell there", poor{Engine: whole, row: func(i int, j *twstools.Job) {
			if i == 1 {
				j.Priority = nil
			}
		}}, "FAILS", answer.Likely},
		{"resources that the plan names are not listed", poor{Engine: whole, resources: none}, "FAILS", answer.Likely},
		{"the same, of a status", poor{Engine: whole, resources: none}, "WAITS", answer.Likely},
		{"the list of resources was refused", poor{Engine: whole, resources: refused}, "FAILS", answer.Likely},
		{"the same, of a status", poor{Engine: whole, resources: refused}, "WAITS", answer.Likely},
		{"nothing proves the copy", poor{Engine: whole, row: func(_ int, j *twstools.Job) {
			for i := range j.Runs {
				j.Runs[i].Start, j.Runs[i].End = j.SchedTime.Add(-time.Hour), j.SchedTime.Add(-time.Hour)
			}
		}}, "FAILS", answer.Likely},
	} {
		r, err := over(c.engine, w).Diagnose(t.Context(), diagnose.Request{Target: c.ask})
		if err != nil || len(r.Diagnosis.Causes) != 1 {
			t.Errorf("%s, %s: %v, causes %+v", c.ask, c.says, err, r.Diagnosis.Causes)
			continue
		}
		if got := r.Diagnosis.Causes[0].Class; got != c.want {
			t.Errorf("%s, %s: %s, want %s (missing %q)", c.ask, c.says, got, c.want, r.Diagnosis.Missing)
		}
	}
}
