package toolkit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
)

// The budgets of one result. Users of other servers complain of nothing so much as of results that fill the context.
const (
	maxStructured = 96 << 10
	maxText       = 24 << 10
)

// result makes the envelope and the text of a reply and holds them to the budgets.
//
// Structure over the budget is an error, not a cut: the kernel cannot drop rows honestly, because the cursor in the data
// already points behind them and a quote may rest on any of them. The tools page; this is the net beneath them.
func (t *tool[In, Out]) result(reply *Reply[Out]) (Result, error) {
	v := reflect.ValueOf(&reply.Data).Elem()
	data, err := appendValue(nil, t.out, v)
	if err != nil {
		return Result{}, fmt.Errorf("tool %s: encode data: %w", t.info.Name, err)
	}
	e := &Envelope{Data: data, Sources: reply.Sources, Engine: reply.Engine, Clocks: reply.Clocks,
		Stale: reply.Stale, Truncated: reply.Truncated, UpstreamCalls: reply.UpstreamCalls}
	if e.Sources == nil {
		e.Sources = []Source{}
	}
	if size := e.size(); size > maxStructured {
		return Result{}, fault.New(fault.Limited, "The result has %d KB, more than the %d KB that one answer may have.", size>>10, maxStructured>>10).
			WithHint("%s", t.narrow())
	}
	text := reply.Text
	if text == "" {
		text = renderText(t.out, v)
	}
	text = e.caution() + text
	return Result{Envelope: e, Text: cutAtBudget(text, textEnds+" "+t.narrow())}, nil
}

// size is the number of bytes that the envelope has as JSON.
func (e *Envelope) size() int {
	rest := *e
	rest.Data = json.RawMessage("{}")
	b, err := json.Marshal(&rest)
	if err != nil {
		return maxStructured + 1
	}
	return len(e.Data) + len(b) - len(rest.Data)
}

// caution says before all else what a reader of the text must know of it: the structure has it as flags.
func (e *Envelope) caution() string {
	text := ""
	if e.Stale {
		text = "stale: the engine did not answer just now, and this was read before"
		if e.Clocks.FetchedAt != "" {
			text += ", at " + e.Clocks.FetchedAt
		}
		text += "\n"
	}
	if e.Truncated {
		text += "truncated: there is more than is shown\n"
	}
	return text
}

// narrow names what the caller can ask for less with: the tool's own optional arguments.
func (t *tool[In, Out]) narrow() string {
	var names []string
	for _, f := range t.in.fields {
		if f.optional {
			names = append(names, f.name)
		}
	}
	if len(names) == 0 {
		return "Ask for less at a time."
	}
	return "Ask for less with: " + strings.Join(names, ", ") + "."
}

// textEnds says that a text was cut.
const textEnds = "… the text ends here at 24 KB; the structured content is whole."

// cutAtBudget shortens a text over the budget at the end of a line and adds the note.
func cutAtBudget(text, note string) string {
	if len(text) <= maxText {
		return text
	}
	keep := maxText - len(note) - 1
	for keep > 0 && !utf8.RuneStart(text[keep]) {
		keep--
	}
	head := text[:keep]
	if i := strings.LastIndexByte(head, '\n'); i > 0 {
		head = head[:i]
	}
	return head + "\n" + note
}
