package reference

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// view is what the template shows.
type view struct {
	Title, Description, OpenAPI string
	Subjects                    []subject
	Objects                     []shownObject
}

type subject struct {
	ID, Name, Doc string
	Operations    []shownOperation
}

type shownOperation struct {
	ID, Method, Path, Summary, Who string
	Doc                            []piece
	Parameters                     []field
	Bodies                         []body
	Answers                        []answer
	Problems, ProblemID            string
	Events                         []field
	Example                        string
}

type answer struct {
	Status, Doc string
	Bodies      []body
}

type body struct {
	Media  string
	Type   []piece
	Fields []field
}

type field struct {
	Name, Note, Limits string
	Type, Doc          []piece
}

type shownObject struct {
	ID, Name  string
	Doc, Type []piece
	Fields    []field
}

// piece is a part of a line: a text, a link to an object, or code.
type piece struct {
	Text, Link string
	Code       bool
}

const problemMedia = "application/problem+json"

func (d document) view() view {
	v := view{Title: d.Info.Title, Description: d.Info.Description, OpenAPI: d.OpenAPI}
	for _, t := range d.Tags {
		s := subject{ID: "subject-" + t.Name, Name: t.Name, Doc: t.Description}
		for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
			for _, method := range slices.SortedFunc(maps.Keys(d.Paths[path]), readingFirst) {
				if op := d.Paths[path][method]; slices.Contains(op.Tags, t.Name) {
					s.Operations = append(s.Operations, d.operation(strings.ToUpper(method), path, op))
				}
			}
		}
		if len(s.Operations) > 0 {
			v.Subjects = append(v.Subjects, s)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		o := d.Components.Schemas[name]
		v.Objects = append(v.Objects, shownObject{ID: objectID(name), Name: name, Doc: prose(o.Description), Type: o.pieces(), Fields: o.fields()})
	}
	return v
}

func readingFirst(a, b string) int {
	order := []string{"get", "head", "post", "put", "delete"}
	return cmp.Or(slices.Index(order, a)-slices.Index(order, b), strings.Compare(a, b))
}

func (d document) operation(method, path string, op operation) shownOperation {
	out := shownOperation{ID: op.ID, Method: method, Path: path, Summary: op.Summary, Who: op.who(), Doc: prose(op.Description), Example: d.example(method, path, op)}
	for _, p := range op.Parameters {
		f := p.Schema.field(p.Name, p.Required)
		f.Note = strings.TrimSuffix(p.In+", "+f.Note, ", ")
		out.Parameters = append(out.Parameters, f)
	}
	if op.RequestBody != nil {
		out.Bodies = bodies(op.RequestBody.Content)
	}
	var problems []string
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		if p, ok := r.Content[problemMedia]; ok && len(r.Content) == 1 {
			problems = append(problems, status+" "+r.Description)
			out.ProblemID = objectID(p.Schema.name())
			continue
		}
		out.Answers = append(out.Answers, answer{Status: status, Doc: r.Description, Bodies: bodies(r.Content)})
		for _, c := range r.Content {
			out.Events = append(out.Events, c.Schema.events()...)
		}
	}
	out.Problems = strings.Join(problems, ", ")
	return out
}

// who says in words who may use an operation.
func (op operation) who() string {
	cookie := false
	for _, way := range op.Security {
		_, takes := way["cookie"]
		cookie = cookie || takes
	}
	switch {
	case op.Role == "":
		return "everybody"
	case op.Scope == "":
		return op.Role + "; keys with scopes are refused"
	case !cookie:
		return "a key that was made with the scope " + op.Scope
	}
	return op.Role + "; keys with scopes need " + op.Scope
}

func bodies(of content) (out []body) {
	for _, media := range slices.Sorted(maps.Keys(of)) {
		s := of[media].Schema
		b := body{Media: media, Type: s.pieces()}
		if s != nil && s.Ref == "" {
			b.Fields = s.fields()
		}
		if len(b.Fields) > 0 {
			b.Type = nil // the fields say it
		}
		out = append(out, b)
	}
	return out
}

// events are the kinds of a stream: a list whose entries are one of several objects with a name.
func (s *schema) events() (out []field) {
	if s == nil || s.Items == nil {
		return nil
	}
	for _, e := range s.Items.OneOf {
		out = append(out, field{Name: e.Title, Type: e.Properties["data"].pieces(), Doc: prose(e.Description)})
	}
	return out
}

func objectID(name string) string { return "object-" + name }

// prose is a text in which pieces between backticks are code.
func prose(text string) (out []piece) {
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			out = append(out, piece{Text: part, Code: i%2 == 1})
		}
	}
	return out
}
