package evals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/answer"
)

// asker answers questions about one world, one after another. It belongs to one goroutine.
type asker interface {
	// ask asks in a conversation of its own: the turns, then the text.
	ask(ctx context.Context, turns []string, text string) heard
	// end lets go of what answers, at once when it is hopeless, and tells how that ended.
	end(hopeless bool) ending
}

// heard is what came back for one question.
type heard struct {
	said  []said // of each turn and of the text, as far as they came
	fault *trial.FaultTold
	dead  bool // it can be asked nothing more
}

// said is one answer.
type said struct {
	raw    json.RawMessage
	answer answer.Answer
	calls  []score.Call // nil where they are not told
}

// ending is how a process ended. Its fault belongs to the last question that it was asked.
type ending struct {
	code   int
	stderr string // its end
	fault  *trial.FaultTold
}

func faulty(kind, format string, args ...any) *trial.FaultTold {
	return &trial.FaultTold{Kind: kind, Reason: fmt.Sprintf(format, args...)}
}

// oneLine makes one line of a question, since lines are what questions are told apart by.
func oneLine(question string) string { return strings.Join(strings.Fields(question), " ") }

// readAnswer reads the one JSON object of an answer to this question.
func readAnswer(raw []byte, question string) (said, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' || !json.Valid(raw) || !utf8.Valid(raw) {
		return said{}, fmt.Errorf("what came is no JSON object and nothing else: %.80q", raw)
	}
	s := said{raw: raw}
	if err := json.Unmarshal(raw, &s.answer); err != nil {
		return said{}, fmt.Errorf("the JSON object is no answer: %w", err)
	}
	switch cost := s.answer.Usage.CostUSD; {
	case s.answer.Question != question:
		return said{}, fmt.Errorf("the answer is to another question: %.80q", s.answer.Question)
	case cost < 0 || cost > maxCost: // a cost below nothing would undo the budget, and sums of large ones are no numbers any more
		return said{}, fmt.Errorf("no answer costs %g dollars", cost)
	}
	return s, nil
}

// maxCost is more than any answer costs, in dollars.
const maxCost = 1e6

// talks are the conversations of one process or server: a turn goes on with the one before it, and a question begins a new one.
type talks struct {
	seen map[string]bool
	last string
}

// follows holds that an answer belongs to the conversation in which it was asked for.
func (t *talks) follows(id string, begins bool) error {
	last := t.last
	t.last = id
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	switch known := t.seen[id]; {
	case id == "":
		return errors.New("the answer does not say which conversation it belongs to")
	case begins && known:
		return fmt.Errorf("the answer to a question by itself goes on with the conversation %.40q of an earlier one", id)
	case !begins && id != last:
		return fmt.Errorf("the answer to a later turn belongs to the conversation %.40q, and the one before it to %.40q", id, last)
	}
	t.seen[id] = true
	return nil
}

// traced is one line of a trace, as far as the judge reads it.
type traced struct {
	MessageID string `json:"message_id"`
	Calls     []struct {
		ID        string          `json:"id"`
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
		Result    json.RawMessage `json:"result"`
		Error     *struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	} `json:"calls"`
}

// calls gives the trace in the scorer's form; never nil, since a program that tells of no calls has told.
func (t traced) calls() []score.Call {
	out := []score.Call{}
	for _, c := range t.Calls {
		call := score.Call{ID: c.ID, Name: c.Name, Args: c.Arguments, Result: c.Result}
		if c.Error != nil {
			call.Error = strings.TrimSpace(c.Error.Code + " " + c.Error.Message)
		}
		out = append(out, call)
	}
	return out
}
