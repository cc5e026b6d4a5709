package reference

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// example is a command for a shell that uses an operation with what it needs.
func (d document) example(method, path string, op operation) string {
	query := url.Values{}
	for _, p := range op.Parameters {
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", inPath(p.Schema.text(p.Name)))
		case p.In == "query" && p.Required:
			query.Set(p.Name, p.Schema.text(p.Name))
		}
	}
	address := "$B" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	command := []string{"curl -s"}
	if method != "GET" && (method != "POST" || op.RequestBody == nil) {
		command[0] += " -X " + method
	}
	command[0] += ` "` + address + `"`
	if op.Role != "" {
		command = append(command, `-H "Authorization: Bearer $KEY"`)
	}
	if op.RequestBody != nil {
		command = append(command, d.sent(op.RequestBody.Content)...)
	}
	for _, r := range op.Responses {
		for media, c := range r.Content {
			if len(r.Content) == 1 && len(c.Schema.events()) > 0 {
				command[0] = strings.Replace(command[0], "-s", "-sN", 1)
				command = append(command, "-H 'Accept: "+media+"'")
			}
		}
	}
	return strings.Join(command, " \\\n  ")
}

// sent gives the options that send a body.
func (d document) sent(of content) []string {
	for _, media := range slices.Sorted(maps.Keys(of)) {
		s := of[media].Schema
		switch media {
		case "application/json":
			b, err := json.Marshal(d.value(s, deepest))
			if err != nil {
				continue // a value of our own making can be written
			}
			return []string{"-H 'Content-Type: application/json'", "-d " + quoted(string(b))}
		case "application/x-www-form-urlencoded":
			var out []string
			for _, f := range s.fields() {
				if f.Name == "username" || f.Name == "password" {
					out = append(out, "--data-urlencode "+quoted(f.Name+"="+strings.ToUpper(f.Name)))
				}
			}
			return append(out, formFields(s, len(out) == 0)...)
		}
	}
	return []string{"--data-binary @FILE"}
}

// formFields gives the fields that a form must have, or all where none is asked for and nothing else was said.
func formFields(s *schema, all bool) (out []string) {
	for _, f := range s.fields() {
		if f.Note == "" || all {
			out = append(out, "--data-urlencode "+quoted(f.Name+"="+strings.ToUpper(f.Name)))
		}
	}
	return out
}

// value makes a body with the fields that are needed.
func (d document) value(s *schema, depth int) any {
	switch {
	case s == nil || depth == 0:
		return nil
	case s.Ref != "":
		return d.value(d.Components.Schemas[s.name()], depth-1)
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.Properties) > 0:
		out := map[string]any{}
		for _, name := range s.Required {
			if out[name] = d.value(s.Properties[name], depth-1); out[name] == "" {
				out[name] = strings.ToUpper(name)
			}
		}
		return out
	case slices.Contains(s.Type, "array"):
		return []any{}
	case slices.Contains(s.Type, "integer"), slices.Contains(s.Type, "number"):
		return 1
	case slices.Contains(s.Type, "boolean"):
		return true
	}
	return ""
}

// text is a value for a parameter: an example, or the name in capitals for the reader to replace.
func (s *schema) text(name string) string {
	if s != nil && len(s.Examples) > 0 {
		return fmt.Sprint(s.Examples[0])
	}
	return strings.ToUpper(name)
}

// inPath escapes a value for an address, in which it may hold slashes.
func inPath(value string) string { return (&url.URL{Path: value}).EscapedPath() }

// quoted puts a word of a shell between single quotes.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
