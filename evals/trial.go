package evals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// Status is how a trial ended.
type Status string

// The statuses. A Fault says nothing about the answers: there was none to judge.
const (
	Pass  Status = "pass"
	Wrong Status = "wrong"
	Fault Status = "fault"
)

// Trial is one question asked once.
type Trial struct {
	Scenario       string            `json:"scenario"`
	Question       string            `json:"question"`
	Lang           string            `json:"lang"`
	Style          string            `json:"style"`
	Text           string            `json:"text"`
	Status         Status            `json:"status"`
	ConfirmedWrong bool              `json:"confirmed_wrong"`
	Criteria       []score.Criterion `json:"criteria,omitempty"`
	Fault          *FaultTold        `json:"fault,omitempty"`
	Answer         json.RawMessage   `json:"answer,omitempty"` // as the program printed it
	Requests       map[string]int    `json:"requests"`         // that reached the engine, by method and path
	Writes         int               `json:"writes"`
	ExitCode       int               `json:"exit_code"`
	Stderr         string            `json:"stderr,omitempty"` // its end
	Duration       time.Duration     `json:"duration_ns"`

	gold suite.Gold
}

// FaultTold is what kept a trial from being judged.
type FaultTold struct {
	Kind   string `json:"kind"` // start, timeout, exit, no_json, mock
	Reason string `json:"reason"`
}

// Name is scenario and question.
func (t Trial) Name() string { return t.Scenario + "/" + t.Question }

// Why says in one line why a trial did not pass.
func (t Trial) Why() string {
	if t.Fault != nil {
		return t.Fault.Kind + ": " + t.Fault.Reason
	}
	var parts []string
	for _, c := range t.Criteria {
		if !c.Pass {
			parts = append(parts, c.Name+": "+c.Reason)
		}
	}
	return strings.Join(parts, " | ")
}

func (t Trial) mark() string {
	switch {
	case t.ConfirmedWrong:
		return "WRONG AND CONFIRMED"
	case t.Status == Pass:
		return "ok   "
	case t.Status == Wrong:
		return "wrong"
	}
	return "fault"
}

// credentials of the hosted mock. They protect nothing: they show that the program logs in.
const (
	mockUser     = "evals"
	mockPassword = "frozen-night"
)

// try asks one question. Only what the judge itself cannot do is an error.
func (o Options) try(ctx context.Context, t *Trial, p *plant.Plant) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	dialects := twsmock.BothDialects
	if o.V1 {
		dialects = twsmock.OnlyV1
	}
	engine, err := twsmock.Start(ctx, twsmock.Options{Dialects: dialects, World: twsmock.Fixed(p.World), User: mockUser, Password: mockPassword,
		Clock: func() time.Time { return p.World.AsOf }})
	if err != nil {
		t.fault("mock", "%s", fault.Public(err).Message)
		return nil
	}
	began := o.Clock()
	got := o.execute(ctx, engine.URL(), t.Text)
	t.Duration = o.Clock().Sub(began)
	if err := ctx.Err(); err != nil {
		_ = engine.Close() // the run is over; nothing is judged any more
		return err
	}
	t.Requests, t.Writes, t.ExitCode, t.Stderr = engine.Requests(), engine.Writes(), got.code, got.stderr
	if err := engine.Close(); err != nil {
		t.fault("mock", "%s", fault.Public(err).Message)
		return nil
	}
	return t.judge(got, p, o.V1)
}

func (t *Trial) fault(kind, format string, args ...any) {
	t.Status, t.Fault = Fault, &FaultTold{Kind: kind, Reason: fmt.Sprintf(format, args...)}
}

// judge reads the answer and scores it. The gold quotes evidence in V2's words and ids, which an engine of the older interface does not have; over
// that one everything else is judged.
func (t *Trial) judge(got outcome, p *plant.Plant, older bool) error {
	if got.fault != nil {
		t.Status, t.Fault = Fault, got.fault
		return nil
	}
	a, raw, err := oneAnswer(got.stdout)
	if err != nil {
		t.fault("no_json", "%s", err)
		return nil
	}
	t.Answer = raw
	requests := 0
	for _, n := range t.Requests {
		requests += n
	}
	r, err := score.Score(score.Input{Gold: t.gold, Question: suite.Question{ID: t.Question, Lang: t.Lang, Style: t.Style, Text: t.Text}, Plant: p,
		Answer: a, Requests: requests, Writes: t.Writes})
	if err != nil {
		return err
	}
	t.Criteria, t.ConfirmedWrong, t.Status = r.Criteria, r.ConfirmedWrong, Wrong
	if older {
		t.Criteria = slices.DeleteFunc(t.Criteria, func(c score.Criterion) bool { return strings.HasPrefix(c.Name, "evidence.") })
		r.Pass = !slices.ContainsFunc(t.Criteria, func(c score.Criterion) bool { return !c.Pass })
	}
	if r.Pass {
		t.Status = Pass
	}
	return nil
}
