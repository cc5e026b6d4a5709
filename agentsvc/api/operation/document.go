package operation

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// config is huma without pages, schema addresses and formats of its own.
func config(o Options) huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0", Info: &huma.Info{Title: o.Title, Version: o.Version, Description: o.Description},
			Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "An access token of /token, an API key, or a token of the configured OpenID provider."},
				"cookie": {Type: "apiKey", In: "cookie", Name: "__Host-resync_session", Description: "A browser's session, made by POST /api/session."},
			}},
		},
		Formats: map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}, DefaultFormat: "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// always are the codes that any operation behind a log-in may answer with.
var always = []fault.Code{fault.Invalid, fault.Unauthorized, fault.Forbidden, fault.Limited, fault.Internal}

func (op Operation) describe() huma.Operation {
	d := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description, Tags: []string{op.Tag},
		DefaultStatus: cmp.Or(op.Status, http.StatusOK), MaxBodyBytes: -1, // the guards of the server bound bodies
		SkipValidateBody: false,
	}
	for _, code := range slices.Concat(always, op.Fails) {
		if status := httpd.Status(fault.New(code, "")); !slices.Contains(d.Errors, status) {
			d.Errors = append(d.Errors, status)
		}
	}
	d.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	if op.Access == Public || op.Access == Login {
		d.Security = []map[string][]string{{}}
	}
	if op.Shape != nil {
		op.Shape(&d)
	}
	return d
}

// OpenAPI is the description of all operations, OpenAPI 3.1 in JSON, the same bytes for the same operations.
func (s *Set) OpenAPI() ([]byte, error) {
	return json.MarshalIndent(s.huma.OpenAPI(), "", "  ")
}
