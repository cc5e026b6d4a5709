package reference

import "encoding/json"

// document is what the page needs of an OpenAPI file.
type document struct {
	OpenAPI string `json:"openapi"`
	Info    struct {
		Title, Description string
	}
	Tags       []struct{ Name, Description string }
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	ID          string `json:"operationId"`
	Tags        []string
	Summary     string
	Description string
	Role        string `json:"x-resync-role"`
	Scope       string `json:"x-resync-scope"`
	Security    []map[string][]string
	Parameters  []parameter
	RequestBody *struct {
		Content content
	} `json:"requestBody"`
	Responses map[string]struct {
		Description string
		Content     content
	}
}

type content map[string]struct{ Schema *schema }

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                *schema
}

// schema is the part of JSON Schema that our own files have.
type schema struct {
	Ref         string `json:"$ref"`
	Type        names
	Title       string
	Format      string
	Description string
	Enum        []any
	Examples    []any
	Default     any
	Items       *schema
	OneOf       []*schema `json:"oneOf"`
	AnyOf       []*schema `json:"anyOf"`
	Properties  map[string]*schema
	Required    []string
	More        json.RawMessage `json:"additionalProperties"`
	Pattern     string
	MinLength   *json.Number `json:"minLength"`
	MaxLength   *json.Number `json:"maxLength"`
	Minimum     *json.Number
	Maximum     *json.Number
	MaxItems    *json.Number `json:"maxItems"`
}

// names is one name or a list of them.
type names []string

// UnmarshalJSON implements json.Unmarshaler.
func (n *names) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*n = names{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(n))
}
