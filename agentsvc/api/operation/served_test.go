package operation_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
)

type inner struct {
	Word string `json:"word"`
}

type shown struct {
	Always *inner `json:"always" doc:"Or null."`
	Absent *inner `json:"absent,omitempty"`
}

// The served description keeps requests to their fields and leaves answers open, says what may be null, and has nothing in it that a linter or a
// maker of clients would stumble over.
func TestTheDescriptionIsForReaders(t *testing.T) {
	s := operation.New(chi.NewRouter(), operation.Options{Title: "t", Version: "1"})
	takeThing(s)
	type input struct {
		ID string `path:"id" pattern:"^[a-z]+$" patternDescription:"letters"`
	}
	operation.Register(s, operation.Operation{Rule: anybody, Method: http.MethodGet, Path: "/shown/{id}", ID: "s", Tag: "t", Summary: "S"},
		func(context.Context, *input) (*struct{ Body shown }, error) { return &struct{ Body shown }{}, nil })
	raw, err := s.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				AdditionalProperties *bool                     `json:"additionalProperties"`
				Properties           map[string]map[string]any `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
		Paths map[string]map[string]struct {
			Parameters []struct {
				Schema map[string]any `json:"schema"`
			} `json:"parameters"`
			Responses map[string]struct {
				Content map[string]any `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	schemas := doc.Components.Schemas
	if len(schemas) != 4 { // the two bodies, what stands in one of them, and the problem document
		t.Errorf("schemas are %v", schemas)
	}
	if strict := schemas["Thing"].AdditionalProperties; strict == nil || *strict {
		t.Errorf("a body that is sent may have any field: %s", raw)
	}
	got, ok := schemas["Shown"]
	if !ok || got.AdditionalProperties != nil || got.Properties["always"]["anyOf"] == nil || got.Properties["absent"]["$ref"] == nil {
		t.Errorf("a body that is shown is %+v", got)
	}
	if schema := doc.Paths["/shown/{id}"]["get"].Parameters[0].Schema; schema["pattern"] != "^[a-z]+$" || schema["patternDescription"] != nil {
		t.Errorf("the parameter is %v", schema)
	}
	large, in := doc.Paths["/things"]["post"].Responses["413"]
	if _, other := doc.Paths["/shown/{id}"]["get"].Responses["413"]; !in || other || large.Content["application/problem+json"] == nil {
		t.Errorf("413 is described %v for a body, %v without one", in, other)
	}
}
