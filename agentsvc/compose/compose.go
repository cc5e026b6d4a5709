// Package compose makes the answer object out of what the tools returned and what was asked (contracts/answer.md). The diagnosis is
// the tool's for the asked object; no model writes to it. Only the understanding makes an answer refused or out_of_scope; a tool's
// "ambiguous", or "not found" with near names, makes it a question back.
//
// Sentences tells the same answer in prose, from templates in prose.yaml (English and Portuguese). The package reads nothing, calls
// nothing, and keeps nothing; all functions are pure. What it makes still has to pass verify. Start at Build.
package compose

import (
	"cmp"
	"slices"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/portuguese"
)

// Input is everything that one answer is made of.
type Input struct {
	Question       string
	ConversationID string
	MessageID      string
	Asked          understand.Understanding
	Ledger         conversations.Ledger
	Defaults       answer.EngineInfo // when no tool answered
	Errors         []answer.Error    // failures beside the tools: the model, the tool server
	Model          string
	Tokens         answer.Usage // input, output and cost; the rest is filled in here
	Elapsed        time.Duration
	Agent          string   // who answers, by id
	Barred         []Barred // what that agent may not look at, though the answer would rest on it
}

// Build makes the answer without its prose.
func Build(in Input) answer.Answer {
	a := answer.Answer{
		ConversationID: in.ConversationID, MessageID: in.MessageID, Question: in.Question, Language: in.Asked.AnswerLanguage(),
		Engine: in.Defaults, Citations: []answer.Citation{}, ToolCalls: []answer.ToolCall{}, Errors: []answer.Error{},
		Clocks: answer.Clocks{MirroredAt: "unknown"}, Model: in.Model, Usage: in.Tokens,
	}
	a.Usage.DurationMS = in.Elapsed.Milliseconds()
	var foreign []answer.Error
	for _, c := range in.Ledger {
		a.ToolCalls = append(a.ToolCalls, toolCall(c))
		if server, ok := toolkit.ForeignServer(c.Name); ok {
			foreign = addErrors(foreign, foreignError(c, server))
			continue
		}
		a.Errors = addErrors(a.Errors, errorsOf(c))
	}
	in.Ledger = in.Ledger.Own() // what further MCP servers said decides nothing
	r := read(in.Asked, in.Ledger)
	a.Diagnosis = in.bar(r.verdict(in))
	a.Errors = addErrors(addErrors(a.Errors, in.Errors), foreign)
	readings(&a, in.Ledger, r.call)
	a.Citations = citations(r, in.Ledger)
	if a.Diagnosis != nil {
		r.foresee(a.Diagnosis)
		verify.Fill(a.Diagnosis)
	}
	if a.Language == "pt" {
		inPortuguese(&a)
	}
	return a
}

// inPortuguese says what tools told in English alone in the answer's language: what is missing, and errors.
func inPortuguese(a *answer.Answer) {
	for i := range a.Errors {
		a.Errors[i].Message, a.Errors[i].Hint = portuguese.Of(a.Errors[i].Message), portuguese.Of(a.Errors[i].Hint)
	}
	if a.Diagnosis == nil {
		return
	}
	a.Diagnosis.Missing = slices.Clone(a.Diagnosis.Missing)
	for i, m := range a.Diagnosis.Missing {
		a.Diagnosis.Missing[i] = portuguese.Line(m)
	}
}

func toolCall(c conversations.Call) answer.ToolCall {
	t := answer.ToolCall{ID: c.ID, Name: c.Name, Arguments: c.Arguments(), DurationMS: c.Duration.Milliseconds(), ResultBytes: c.ResultBytes}
	if e := failure(c); e != nil {
		t.Error = e.Code
	}
	return t
}

// readings fills engine, clocks, age and cost: engine and clocks from the deciding call, age from the oldest reading.
func readings(a *answer.Answer, ledger conversations.Ledger, deciding conversations.Call) {
	if env := deciding.Result.Envelope; env != nil {
		a.Engine, a.Clocks = engineOf(env, a.Engine), clocksOf(env, a.Clocks)
	}
	for _, c := range ledger {
		env := c.Result.Envelope
		if env == nil {
			continue
		}
		a.Usage.UpstreamCalls += env.UpstreamCalls
		if c.Name == SearchKnowledge {
			continue
		}
		a.Engine = engineOf(env, a.Engine)
		if a.Clocks.FetchedAt == "" {
			a.Clocks = clocksOf(env, a.Clocks)
		}
		a.Stale = a.Stale || env.Stale
		if as := asOf(env); as != "" && (a.DataAsOf == "" || earlier(as, a.DataAsOf)) {
			a.DataAsOf = as
		}
	}
}

func engineOf(env *toolkit.Envelope, have answer.EngineInfo) answer.EngineInfo {
	return answer.EngineInfo{Name: cmp.Or(env.Engine.Name, have.Name), Mode: cmp.Or(env.Engine.Mode, have.Mode), API: cmp.Or(env.Engine.API, have.API)}
}

func clocksOf(env *toolkit.Envelope, have answer.Clocks) answer.Clocks {
	c := env.Clocks
	return answer.Clocks{FetchedAt: cmp.Or(c.FetchedAt, have.FetchedAt), MirroredAt: cmp.Or(c.MirroredAt, have.MirroredAt), PlanNow: cmp.Or(c.PlanNow, have.PlanNow)}
}

// asOf is the instant that the data of a reading stand for: the copy's, where that is known, else the reading's own.
func asOf(env *toolkit.Envelope) string {
	if m := env.Clocks.MirroredAt; m != "" && m != "unknown" {
		return m
	}
	return env.Clocks.FetchedAt
}

func earlier(a, b string) bool {
	ta, errA := time.Parse(time.RFC3339, a)
	tb, errB := time.Parse(time.RFC3339, b)
	return errA == nil && errB == nil && ta.Before(tb)
}

// Checked builds the answer and verifies its structure. The Checker is ready for the prose.
func Checked(in Input) (answer.Answer, *verify.Checker, verify.Report) {
	a := Build(in)
	trusted := append(verify.ErrorTexts(a.Errors), in.Asked.Target)
	for _, at := range []time.Time{in.Asked.Since, in.Asked.Until} { // the window that was asked for is no claim
		if !at.IsZero() {
			trusted = append(trusted, at.UTC().Format(time.RFC3339))
		}
	}
	if a.Diagnosis != nil && len(in.Ledger.Own()) == 0 {
		trusted = append(trusted, a.Diagnosis.Missing...)
	}
	c := verify.New(in.Ledger, in.Question, append(trusted, in.barredTexts()...)...)
	r := c.Structure(&a)
	c.Allow(&a)
	return a, c, r
}
