package evals

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
)

// rest asks a deployed server over its REST interface.
type rest struct{ d *deployed }

// ask implements asker. A question that fails says nothing about the next one.
func (r rest) ask(ctx context.Context, turns []string, text string) (h heard) {
	conversation := ""
	for _, q := range append(slices.Clone(turns), text) {
		q = oneLine(q)
		raw, err := r.d.call(ctx, http.MethodPost, address(r.d.o.API, "/api/chat"), map[string]string{"question": q, "conversation_id": conversation})
		if err != nil {
			h.fault = unanswered(err)
			return h
		}
		s, err := readAnswer(raw, q)
		if err == nil {
			err = r.d.talks.follows(s.answer.ConversationID, conversation == "")
		}
		if err != nil {
			h.fault = faulty("no_json", "%v", err)
			return h
		}
		conversation = s.answer.ConversationID
		s.calls = r.calls(ctx, conversation, s.answer.MessageID)
		h.said = append(h.said, s)
	}
	return h
}

// end implements asker.
func (rest) end(bool) ending { return ending{} }

// calls reads what the server's tools returned; nil for a key that may not, and for a server that does not tell.
func (r rest) calls(ctx context.Context, conversation, message string) []score.Call {
	raw, err := r.d.call(ctx, http.MethodGet, address(r.d.o.API, "/api/conversations/"+url.PathEscape(conversation)+"/ledger?message="+url.QueryEscape(message)), nil)
	var t traced
	if err != nil || json.Unmarshal(raw, &t) != nil || t.MessageID != message {
		return nil
	}
	return t.calls()
}

// unanswered names the kind of what kept a server from answering.
func unanswered(err error) *trial.FaultTold {
	var late net.Error
	var status statusError
	switch {
	case errors.As(err, &late) && late.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return faulty("timeout", "%v", err)
	case errors.As(err, &status):
		return faulty("exit", "%v", err)
	}
	return faulty("start", "%v", err)
}
