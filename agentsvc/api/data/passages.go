package data

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/fault"
)

// Passages answers GET /api/knowledge/search with the envelope of the tool search_knowledge; its query parameters are the tool's arguments.
func (a *API) Passages(w http.ResponseWriter, r *http.Request) error {
	q, err := wire.Once(r, "query", "language", "limit")
	if err != nil {
		return err
	}
	args := map[string]any{}
	for name, v := range q {
		if v != "" {
			args[name] = v
		}
	}
	if q["limit"] != "" {
		if args["limit"], err = strconv.Atoi(q["limit"]); err != nil {
			return fault.New(fault.Invalid, "The query parameter limit must be a number.")
		}
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return a.answer(w, r, "search_knowledge", raw)
}
