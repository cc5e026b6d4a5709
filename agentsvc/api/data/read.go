package data

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// tagPlan is the subject under which the documentation lists these operations.
const tagPlan = "plan"

// EngineChoice is the parameter that every reading takes.
type EngineChoice struct {
	Engine string `query:"engine" json:"engine,omitempty" maxLength:"64" doc:"Name of one of several engines; without one, the first that you may read."`
}

// reading is one operation that answers with what a tool tells.
type reading struct {
	path, id, summary, gives, description string
	tool                                  string
	view                                  bool // the tool is one of the views
	// moves are the members of the data that change while nothing happens; the tag leaves them out.
	moves []string
	fails []fault.Code
	// check looks at the data before they are sent; nil: they are sent.
	check func(data json.RawMessage) error
}

// conditional is an input that says what its caller has already; it embeds operation.Tagged.
type conditional interface{ Unchanged(tag string) error }

// evidence is the answer of a reading: the envelope with data of type Data.
type evidence[Data any] struct {
	ETag string `header:"ETag" doc:"Names what is told; clocks and what the reading cost do not count."`
	Body operation.Envelope[Data]
}

// register adds a reading. The members of In that have a json tag are the tool's arguments, by that name.
func register[In conditional, Data any](a *API, s *operation.Set, rd reading) {
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: rd.path, ID: rd.id, Tag: tagPlan, Summary: rd.summary, Gives: rd.gives, Description: rd.description,
		Tagged: true, Fails: append(slices.Clone(engineFails), rd.fails...),
	}, func(ctx context.Context, in *In) (*evidence[Data], error) {
		args, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		from := a.o.Tools
		if rd.view {
			from = a.o.Views
		}
		e, err := call(ctx, from, rd.tool, args)
		if err != nil {
			return nil, err
		}
		if rd.check != nil {
			if err := rd.check(e.Data); err != nil {
				return nil, err
			}
		}
		tag := tagOf(e, rd.moves...)
		if err := (*in).Unchanged(tag); err != nil {
			return nil, err
		}
		return &evidence[Data]{ETag: tag, Body: operation.Envelope[Data]{Envelope: *e}}, nil
	})
}

// tagOf is the tag of what an envelope tells about the plan: two that differ only in their clocks, in what they cost, or in the named members of
// their data have the same.
func tagOf(e *toolkit.Envelope, moves ...string) string {
	of := []string{e.Engine.Name, strconv.FormatBool(e.Stale), strconv.FormatBool(e.Truncated)}
	var members map[string]json.RawMessage
	if len(moves) == 0 || json.Unmarshal(e.Data, &members) != nil {
		return operation.Tag(append(of, string(e.Data))...)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(moves, name) {
			of = append(of, name, string(members[name]))
		}
	}
	return operation.Tag(of...)
}

// call calls a tool and gives its envelope, or its error with the tool's own code.
func call(ctx context.Context, from Caller, tool string, args json.RawMessage) (*toolkit.Envelope, error) {
	if from == nil {
		return nil, fault.New(fault.Unsupported, "This server has no tools of its own.")
	}
	result := from.Call(ctx, tool, args)
	if e := result.Error; e != nil {
		return nil, &fault.Error{Code: fault.Code(e.Code), Message: e.Message, Hint: e.Hint, Source: e.Source, Candidates: e.Candidates}
	}
	if result.Envelope == nil {
		return nil, errors.New("tool " + tool + " gave neither data nor an error")
	}
	return result.Envelope, nil
}
