package data

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/fault"
)

// Ack is a finding of the radar that somebody took for normal here.
type Ack struct {
	Engine string    `json:"engine"`
	ID     string    `json:"id"` // of the finding
	Rule   string    `json:"rule"`
	Entity string    `json:"entity"` // as it was named then
	Note   string    `json:"note"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
}

// Acks keeps acknowledgements. Who gives or withdraws one is the caller of the context. engine "" is the one that answers by default.
type Acks interface {
	List(ctx context.Context, engine string) ([]Ack, error)
	// Acknowledge takes a finding that the radar shows now for normal; not_found when it shows none of that id.
	Acknowledge(ctx context.Context, engine, id string, until time.Time, note string) (Ack, error)
	// Withdraw ends one; not_found when there is none.
	Withdraw(ctx context.Context, engine, id string) error
}

// radarNumbers are the query parameters of GET /api/radar that are numbers, and radarTexts those that are not.
var (
	radarNumbers = map[string]bool{"page_size": true, "prompt_minutes": true}
	radarTexts   = map[string]bool{"engine": true, "min_severity": true, "language": true, "cursor": true}
)

// Radar answers GET /api/radar with the envelope of the tool radar; its query parameters are the tool's arguments, rule once or several times.
func (a *API) Radar(w http.ResponseWriter, r *http.Request) error {
	args := map[string]any{}
	for name, values := range r.URL.Query() {
		switch {
		case name == "rule":
			args["rules"] = values
		case len(values) != 1 || !radarNumbers[name] && !radarTexts[name]:
			return fault.New(fault.Invalid, "The query parameters are engine, min_severity, rule, prompt_minutes, language, page_size and cursor; all but rule once.")
		case values[0] == "":
		case radarNumbers[name]:
			n, err := strconv.Atoi(values[0])
			if err != nil {
				return fault.New(fault.Invalid, "The query parameter %s must be a number.", name)
			}
			args[name] = n
		default:
			args[name] = values[0]
		}
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return a.answer(w, r, "radar", raw)
}

func (a *API) acks() (Acks, error) {
	if a.o.Acks == nil {
		return nil, fault.New(fault.Unsupported, "This server keeps no acknowledgements.")
	}
	return a.o.Acks, nil
}

// ListAcks answers GET /api/radar/acks.
func (a *API) ListAcks(w http.ResponseWriter, r *http.Request) error {
	keeper, err := a.acks()
	if err != nil {
		return err
	}
	q, err := wire.Once(r, "engine")
	if err != nil {
		return err
	}
	all, err := keeper.List(r.Context(), q["engine"])
	if err != nil {
		return err
	}
	if all == nil {
		all = []Ack{}
	}
	return wire.Write(w, http.StatusOK, map[string][]Ack{"acks": all})
}

// Acknowledge answers POST /api/radar/acks: what the radar shows under id is normal here until then. It changes nothing in the plan.
func (a *API) Acknowledge(w http.ResponseWriter, r *http.Request) error {
	keeper, err := a.acks()
	if err != nil {
		return err
	}
	if _, err := wire.Once(r); err != nil {
		return err
	}
	var in struct {
		Engine string    `json:"engine"`
		ID     string    `json:"id"`
		Note   string    `json:"note"`
		Until  time.Time `json:"until"`
	}
	if err := wire.Read(r, &in); err != nil {
		return err
	}
	if in.ID == "" || in.Until.IsZero() {
		return fault.New(fault.Invalid, "The fields id, until and note are needed; until is an instant in RFC 3339.")
	}
	done, err := keeper.Acknowledge(r.Context(), in.Engine, in.ID, in.Until, in.Note)
	if err != nil {
		return err
	}
	return wire.Write(w, http.StatusCreated, done)
}

// Withdraw answers DELETE /api/radar/acks?id=ID.
func (a *API) Withdraw(w http.ResponseWriter, r *http.Request) error {
	keeper, err := a.acks()
	if err != nil {
		return err
	}
	q, err := wire.Once(r, "id", "engine")
	if err != nil {
		return err
	}
	if q["id"] == "" {
		return fault.New(fault.Invalid, "The query parameter id is needed: the id of the finding.")
	}
	if err := keeper.Withdraw(r.Context(), q["engine"], q["id"]); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
