package agent

import (
	"context"
	"errors"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// chooseModel decides who writes: the configured models, where there are some.
func (t *turn) chooseModel() {
	if models := t.agent.chain.Order(t.who.Model); len(models) > 0 && t.who.Model != offlineLabel {
		t.real, t.voice.model = true, models[0].Label()
	}
}

// openAccount asks whether the models may be used. Where they may not, the offline model answers, and the answer says why.
func (t *turn) openAccount(ctx context.Context) {
	acc := t.agent.o.Accounts
	if acc == nil || !t.real {
		return
	}
	account, err := acc.Allow(ctx, t.owner)
	if err == nil {
		t.account = account
		return
	}
	t.agent.o.Logger.Info("no model asked", "why", err, "message", t.msgID)
	t.note(told(fault.Public(err), "model:"+t.voice.model))
	t.real, t.voice.model = false, offlineLabel
	t.listed = t.usable(t.listed)
	t.offered, t.barred = t.allowed(t.listed)
}

// closeAccount ends the account. Requests run within generate alone, so none is left.
func (t *turn) closeAccount(ctx context.Context) {
	if t.account != nil {
		t.account.End(ctx)
	}
}

// told is a coded error as answers have it.
func told(e *fault.Error, source string) answer.Error {
	if e.Source != "" {
		source = e.Source
	}
	return answer.Error{Code: string(e.Code), Message: e.Message, Hint: e.Hint, Source: source}
}

// tried takes what became of a request to a model: what it cost, and what went wrong.
func (t *turn) tried(ctx context.Context, x llm.Try) {
	if x.Sent {
		t.spent(ctx, x)
	}
	if x.Failure == nil {
		return
	}
	t.agent.o.Logger.Warn("model failed", "model", x.Model.Name(), "error", x.Failure.Error(), "again", !x.Last, "message", t.msgID)
	if ctx.Err() != nil && x.Failure.Kind != llm.TimedOut { // the asker has gone, or the turn's time is up
		return
	}
	if x.Last || x.Failure.Kind == llm.Truncated {
		t.note(told(x.Model.Fault(x.Failure), ""))
	}
}

// spent adds what a request cost to the answer's usage, and tells the accounts.
func (t *turn) spent(ctx context.Context, x llm.Try) {
	u := x.Usage
	cost := u.CostUSD
	if t.account != nil {
		cost = t.account.Spent(ctx, Use{Model: x.Model.Name(), Name: x.Model.Label(), Provider: x.Model.Provider(), Input: u.Input, Cached: u.Cached, Stored: u.Stored,
			Output: u.Output, CostUSD: u.CostUSD, Estimated: u.Estimated, Failed: x.Failure != nil})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens.InputTokens += u.Input
	t.tokens.OutputTokens += u.Output
	t.tokens.CostUSD += cost
}

// modelFailed leaves the prose to the offline model. What failed in the chain has been told already.
func (t *turn) modelFailed(err error) {
	t.voice.fallBack = true
	if errors.Is(err, llm.ErrNone) {
		return
	}
	source := "model:" + t.voice.model
	t.agent.o.Logger.Warn("model failed", "model", t.voice.model, "error", err, "message", t.msgID)
	if errors.Is(err, context.DeadlineExceeded) {
		t.note(answer.Error{Code: string(fault.Timeout), Source: source, Message: "The language models did not answer in time.",
			Hint: "The answer was put together without them; limits.turn_timeout bounds all of a question."})
		return
	}
	t.note(answer.Error{Code: string(fault.UpstreamUnavailable), Source: source, Message: "The language model did not answer properly.",
		Hint: "The answer was put together without it; the log says more."})
}

// Hear implements llm.Ear.
func (t *turn) Hear(text string) { t.hear(text) }

// Restart implements llm.Ear: what an earlier try said is taken back.
func (t *turn) Restart() {
	if t.spoke() {
		t.resetText()
	}
	t.beginText()
}
