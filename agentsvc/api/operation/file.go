package operation

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// TakesFile is the Shape of an operation whose body is a file; its input embeds Request and reads HTTP().Body as it comes.
func TakesFile(d *huma.Operation) {
	d.RequestBody = &huma.RequestBody{Required: true, Description: "The file itself.", Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
}

// Text is the output of operations whose answer is no JSON object: Markdown, for example. Name is for Attachment.
type Text struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" doc:"Under what name it is kept, where it is a file."`
	Body        []byte
}

// GivesText is the Shape of an operation that answers with one of these media types.
func GivesText(types ...string) func(*huma.Operation) {
	return func(d *huma.Operation) {
		content := map[string]*huma.MediaType{}
		for _, t := range types {
			content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		d.Responses[strconv.Itoa(d.DefaultStatus)].Content = content
	}
}

// GivesObject is the Shape of an operation that answers with a JSON object of a standard's own, which is not described a second time here.
func GivesObject(d *huma.Operation) {
	d.Responses[strconv.Itoa(d.DefaultStatus)].Content = map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}
}

// TakesForm is the Shape of a route whose body is a form with the fields of F.
func TakesForm[F any](d *huma.Operation) {
	schema := huma.SchemaFromType(huma.NewMapRegistry("#/components/schemas/", schemaName), reflect.TypeFor[F]())
	d.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/x-www-form-urlencoded": {Schema: schema}}}
}

// Describe adds a route to the description that is mounted elsewhere and checks its own requests. O is its JSON answer; struct{} when Shape
// says what it is.
func Describe[O any](s *Set, op Operation) {
	op.Plain = true
	s.rows = append(s.rows, op)
	d := op.describe(s)
	if t := reflect.TypeFor[O](); t.NumField() > 0 {
		d.Responses[strconv.Itoa(http.StatusOK)].Content = map[string]*huma.MediaType{"application/json": {Schema: s.huma.OpenAPI().Components.Schemas.Schema(t, true, "")}}
	}
	op.complete(d)
	s.huma.OpenAPI().AddOperation(&d)
}
