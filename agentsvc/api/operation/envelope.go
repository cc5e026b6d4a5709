package operation

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// Envelope is what a tool answered, sent as it came. Data says in the description what its data are; nothing is decoded.
type Envelope[Data any] struct{ toolkit.Envelope }

// Schema implements huma.SchemaProvider.
func (Envelope[Data]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[Evidence[Data]](), true, "")
}

// Evidence is toolkit.Envelope as the description shows it: with the type of its data.
type Evidence[Data any] struct {
	Data          Data             `json:"data"`
	Sources       []toolkit.Source `json:"sources" doc:"What was read, reduced to what the data cite."`
	Engine        toolkit.Engine   `json:"engine" doc:"The engine that was read."`
	Clocks        toolkit.Clocks   `json:"clocks" doc:"When it was read, how old the engine's copy is, and what time the plan has."`
	Stale         bool             `json:"stale" doc:"An older reading was used, because the engine cannot be read now."`
	Truncated     bool             `json:"truncated" doc:"Something was left out for size."`
	UpstreamCalls int              `json:"upstream_calls" doc:"How many requests the engine got because of this one."`
}
