package conversations

import (
	"encoding/json"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// Trace is a turn's ledger as it is handed out: to a file for whoever asked, or over REST to a key that was made for it.
type Trace struct {
	MessageID      string       `json:"message_id"`
	ConversationID string       `json:"conversation_id"`
	Calls          []TracedCall `json:"calls"`           // in the order in which they were made; never null
	Agent          string       `json:"agent,omitempty"` // who answered
}

// TracedCall is one call of a Trace: exactly one of Result and Error is set.
type TracedCall struct {
	ID        string             `json:"id"`
	Name      string             `json:"name"`
	Arguments json.RawMessage    `json:"arguments"`
	Result    *toolkit.Envelope  `json:"result,omitempty"`
	Error     *toolkit.ErrorBody `json:"error,omitempty"`
	// Dropped says that data, or data and sources, were left out for size.
	Dropped bool `json:"dropped,omitempty"`
}

// Trace gives the turn's ledger in the form that is handed out.
func (t Turn) Trace(conversation string) Trace {
	out := Trace{MessageID: t.ID, ConversationID: conversation, Calls: []TracedCall{}, Agent: t.Asked.Agent}
	for _, c := range t.Ledger {
		args := c.Args
		if !json.Valid(args) { // a model may have written anything
			args = json.RawMessage("{}")
		}
		call := TracedCall{ID: c.ID, Name: c.Name, Arguments: args, Dropped: c.Dropped, Error: c.Result.Error}
		if e := c.Result.Envelope; e != nil && call.Error == nil {
			same := *e
			if same.Data == nil {
				same.Data = json.RawMessage("null")
			}
			if same.Sources == nil {
				same.Sources = []toolkit.Source{}
			}
			call.Result = &same
		}
		out.Calls = append(out.Calls, call)
	}
	return out
}
