package agent

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/firebase/genkit/go/ai"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/answer"
)

// leastShown is how much of a result a model sees, in bytes, when the agent's budget is used up.
const leastShown = 1 << 10

// mayShow is how many bytes of the result in a slot a model sees. It goes by the slot's number and not by what others took, so that the same calls
// are shown alike in whatever order they end.
func (t *turn) mayShow(index int) int {
	l := t.who.Limits
	return min(l.ResultBytes, max(leastShown, l.ContextBytes-index*l.ResultBytes))
}

// messages are the system prompt, the latest turns and the question. The offline rules read the turn instead.
func (t *turn) messages() []*ai.Message {
	question := ai.NewUserTextMessage(inert(t.text))
	if !t.real {
		return []*ai.Message{question}
	}
	out := []*ai.Message{ai.NewSystemTextMessage(t.system())}
	for _, h := range t.past() {
		// An answer quotes logs and documents: what was fenced when it was read stays so.
		out = append(out, ai.NewUserTextMessage(inert(h.question)), ai.NewModelTextMessage(fenced(h.answer)))
	}
	return append(out, question)
}

// exchange is a turn of the conversation as a model sees it: question and answer, never one without the other, and no calls.
type exchange struct{ question, answer string }

// pastTurns is how many turns a question may need: the last one, for what "it" means, and as many more as a model may be shown, with some to spare for
// those that stray.
func (a *Agent) pastTurns() int {
	if len(a.chain.Models()) == 0 {
		return 1
	}
	return roster.MostHistoryTurns + 4
}

// past gives the latest turns that fit the agent's budget, oldest first and without a gap. The last one is there in any case, shortened if need be:
// "and what comes after it?" means it. What was out of scope stays out: it is no part of the subject, and may have been said to mislead.
func (t *turn) past() []exchange {
	l := t.who.Limits
	left := l.HistoryBytes
	var out []exchange
	for i := len(t.history) - 1; i >= 0 && len(out) < l.HistoryTurns; i-- {
		h := t.history[i]
		if strays(h) {
			continue
		}
		e := exchange{question: h.Question, answer: h.Answer.Answer}
		if size := len(e.question) + len(e.answer); size > left {
			if len(out) > 0 {
				break
			}
			e.question = head(e.question, left/4)
			e.answer = head(e.answer, left-len(e.question))
		}
		if left -= len(e.question) + len(e.answer); e.question == "" || e.answer == "" {
			break
		}
		out = append(out, e)
	}
	slices.Reverse(out)
	return out
}

func strays(h conversations.Turn) bool {
	d := h.Answer.Diagnosis
	return d != nil && d.Verdict == answer.OutOfScope || untrusted.LooksLikeInstruction(h.Question)
}

// head is the beginning of a text, cut between words where that costs little.
func head(s string, most int) string {
	if len(s) <= most {
		return s
	}
	const mark = " …"
	if most <= len(mark) {
		return ""
	}
	s = s[:most-len(mark)]
	for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) {
		s = s[:len(s)-1]
	}
	if i := strings.LastIndexAny(s, " \n"); i > len(s)*3/4 {
		s = s[:i]
	}
	return s + mark
}
