package evals

import (
	"context"
	"slices"
	"time"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// sitting is one scenario's questions, asked once of as few processes as possible.
type sitting struct {
	r      *runner
	p      Prepared
	engine *twsmock.Server
	now    time.Time        // by the engine's clock
	there  bool             // what is deployed shows this world
	away   *trial.FaultTold // it does not

	on      asker // nil: none
	began   ledger
	pending []asked // of on
}

// asked is a question that was asked and has not been judged: how its process ended is not known yet.
type asked struct {
	row   *trial.Trial
	heard heard
	total int // requests since the process began
}

// ledger is what the engine was asked for up to a moment.
type ledger struct {
	requests map[string]int
	total    int
	writes   int
	seen     int
}

func (s *sitting) ledger() ledger {
	l := ledger{requests: s.engine.Requests(), writes: max(s.engine.Writes(), len(s.engine.Violations())), seen: len(s.engine.Seen())}
	for _, n := range l.requests {
		l.total += n
	}
	return l
}

// all asks the questions in order. A process that cannot go on is replaced, and costs one question.
func (s *sitting) all(ctx context.Context, rows []*trial.Trial) error {
	for _, t := range rows {
		if s.r.spent.reached() {
			failed(t, faulty("budget", "the answers before it have cost %.2f dollars already", s.r.o.MaxUSD))
			continue
		}
		if err := s.one(ctx, t); err != nil {
			return err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := s.end(false); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range rows {
		s.r.tell.done(*t)
	}
	return nil
}

// one asks one question.
func (s *sitting) one(ctx context.Context, t *trial.Trial) error {
	if s.on == nil {
		if told := s.open(ctx); told != nil {
			failed(t, told)
			return nil
		}
	}
	before, start := s.ledger(), s.r.o.Clock()
	h := s.on.ask(ctx, t.Turns, t.Text)
	t.Duration = s.r.o.Clock().Sub(start)
	after := s.ledger()
	for _, x := range h.said {
		t.CostUSD += x.answer.Usage.CostUSD
	}
	s.r.spent.add(t.CostUSD)
	t.Requests = map[string]int{}
	for name, n := range after.requests {
		if n -= before.requests[name]; n > 0 {
			t.Requests[name] = n
		}
	}
	t.Writes = after.writes - before.writes
	t.Seen = slices.Compact(slices.Sorted(slices.Values(s.engine.Seen()[s.began.seen:after.seen])))
	s.pending = append(s.pending, asked{t, h, after.total - s.began.total})
	if h.dead {
		return s.end(true)
	}
	return nil
}

// open starts a program, or waits until the one that is deployed shows this world.
func (s *sitting) open(ctx context.Context) *trial.FaultTold {
	s.began = s.ledger()
	if d := s.r.served; d != nil && !s.there {
		if s.away == nil {
			s.away = d.arrive(ctx, s.now)
		}
		if s.away != nil {
			return s.away
		}
		s.there = true
		s.began = s.ledger()
	}
	if s.r.o.API != "" {
		s.on = rest{s.r.served}
		return nil
	}
	p, told := s.r.o.start(ctx, s.engine.URL())
	if told == nil {
		s.on = p
	}
	return told
}

// end ends the process and judges what it was asked. What happens at the end belongs to the last question.
func (s *sitting) end(hopeless bool) error {
	if s.on == nil {
		return nil
	}
	e := s.on.end(hopeless)
	done := s.pending
	s.on, s.pending = nil, nil
	if len(done) == 0 {
		return nil
	}
	last := done[len(done)-1]
	told := s.began.writes
	for _, a := range done {
		a.row.ExitCode = e.code
		told += a.row.Writes
	}
	last.row.Writes += s.ledger().writes - told
	if last.heard.fault == nil {
		last.heard.fault = e.fault
		done[len(done)-1] = last
	}
	if last.heard.fault != nil {
		last.row.Stderr = e.stderr
	}
	for _, a := range done {
		if err := s.judge(a); err != nil {
			return err
		}
	}
	return nil
}

// judge reads the answer and scores it; what was answered to the turns before is kept beside it.
func (s *sitting) judge(a asked) error {
	t := a.row
	if n := len(a.heard.said); n > 0 {
		whole := n == len(t.Turns)+1
		for i, x := range a.heard.said {
			if whole && i == n-1 {
				t.Answer = x.raw
				t.Ledger = slices.Concat(x.calls, t.Ledger) // this turn's first: their ids begin anew in every turn
				continue
			}
			t.Before = append(t.Before, x.raw)
			t.Ledger = append(t.Ledger, x.calls...)
		}
	}
	if a.heard.fault != nil {
		failed(t, a.heard.fault)
		return nil
	}
	return grade(t, s.p, s.r.o.Variant, a.total)
}

// failed says that there is nothing to judge.
func failed(t *trial.Trial, told *trial.FaultTold) {
	t.Status, t.Fault, t.Criteria, t.Gates, t.ConfirmedWrong, t.Score = trial.Fault, told, nil, nil, false, 0
}
