package chat

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// Ledger answers GET /api/conversations/{id}/ledger?message=ID: what the tools returned in one turn of the caller's own, as far as it is still
// kept. A turn of somebody else's is not_found, like one that never was.
func (a *API) Ledger(w http.ResponseWriter, r *http.Request) error {
	if a.o.Turns == nil {
		return fault.New(fault.Unsupported, "This server keeps no conversations.")
	}
	query := r.URL.Query()
	id, message := chi.URLParam(r, "id"), query.Get("message")
	if len(query) != 1 || len(query["message"]) != 1 {
		return fault.New(fault.Invalid, "The only query parameter is message, once.").WithHint("It is the message_id of one of the conversation's answers.")
	}
	if !conversationID.MatchString(id) || !conversationID.MatchString(message) {
		return fault.New(fault.Invalid, "The address must name a conversation, and message one of its answers.").
			WithHint("Answers carry both: conversation_id and message_id.")
	}
	who, ok := auth.CallerFrom(r.Context())
	if !ok {
		return fault.New(fault.Unauthorized, "Nobody is logged in.")
	}
	c, err := a.o.Turns.Get(r.Context(), who.ID, id)
	if err != nil {
		return err
	}
	t, ok := c.Turn(message)
	if !ok {
		return fault.New(fault.NotFound, "The conversation has no answer %q, or has it no more.", message)
	}
	return wire.Write(w, http.StatusOK, t.Trace(id))
}
