package operation

import (
	"cmp"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// config is huma without pages, schema addresses and formats of its own.
func config(o Options) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0", Servers: []*huma.Server{{URL: "/", Description: "The server that this description comes from."}}, Tags: tags(o.Tags),
			Info: &huma.Info{Title: o.Title, Version: o.Version, Description: o.Description, License: &huma.License{Name: "MIT", Identifier: "MIT"},
				Contact: &huma.Contact{Name: "Resync", URL: "https://github.com/resync-hwa/resync"}},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName), SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "An access token of /token, an API key, or a token of the configured OpenID provider."},
				"cookie": {Type: "apiKey", In: "cookie", Name: "__Host-resync", Description: "A browser's session, made by POST /api/session. On loopback without TLS the cookie's name is resync."},
			}},
		},
		Formats: map[string]huma.Format{"application/json": format, "json": format}, DefaultFormat: "application/json",
	}
}

func tags(of [][2]string) (out []*huma.Tag) {
	for _, t := range of {
		out = append(out, &huma.Tag{Name: t[0], Description: t[1]})
	}
	return out
}

// schemaName names a type in the description: those of the API's own packages by their name, others with their package before it, so that
// two packages may have the same word.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	pkg := path.Base(t.PkgPath())
	if t.Name() == "" || strings.Contains(t.PkgPath(), "/agentsvc/api/") || strings.EqualFold(pkg, name) {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// always are the codes that any operation may answer with.
var always = []fault.Code{fault.Invalid, fault.Limited, fault.Internal}

func (op Operation) describe(s *Set) huma.Operation {
	d := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description, Tags: []string{op.Tag},
		DefaultStatus: cmp.Or(op.Status, http.StatusOK), MaxBodyBytes: -1, // the guards of the server bound bodies
		Responses: map[string]*huma.Response{}, Extensions: map[string]any{},
	}
	if op.Role != "" {
		d.Extensions["x-resync-role"] = string(op.Role)
	}
	if op.Scope != "" {
		d.Extensions["x-resync-scope"] = op.Scope
	}
	d.Responses[strconv.Itoa(d.DefaultStatus)] = &huma.Response{Description: cmp.Or(op.Gives, http.StatusText(d.DefaultStatus))}
	codes := slices.Concat(always, op.Fails)
	d.Security = []map[string][]string{{}}
	if op.Access != Public && op.Access != Login {
		codes = append(codes, fault.Unauthorized, fault.Forbidden)
		d.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	}
	if op.Access == Named || op.Access == Program {
		d.Security = []map[string][]string{{"bearer": {}}}
	}
	schema := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[httpd.ProblemDocument](), true, "")
	for _, code := range codes {
		status := httpd.Status(fault.New(code, ""))
		d.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
	}
	if op.Shape != nil {
		op.Shape(&d)
	}
	return d
}

// complete describes what huma leaves out, or says otherwise than we do it.
func (op Operation) complete(d huma.Operation) {
	success := d.Responses[strconv.Itoa(d.DefaultStatus)]
	if op.Tagged {
		d.Responses[strconv.Itoa(http.StatusNotModified)] = &huma.Response{Description: "Nothing has changed since the answer with the tag in If-None-Match"}
	}
	for status, means := range op.Also {
		d.Responses[strconv.Itoa(status)] = &huma.Response{Description: means, Content: success.Content}
	}
}
