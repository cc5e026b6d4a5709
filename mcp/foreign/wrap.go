package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

// The bounds of one wrapped answer: less than a result of ours may have, since nobody here has chosen what is in it.
const (
	maxText       = 16 << 10
	maxLines      = 400
	maxLine       = 4000 // what untrusted.Clean leaves of a line
	maxStructured = 32 << 10
	maxEnvelope   = 96 << 10
	maxError      = 500 // characters
	maxNesting    = 32
)

// data is the Data of the envelope.
type data struct {
	Text       string          `json:"text"`
	Structured json.RawMessage `json:"structured,omitempty"`
}

// wrap makes a result of ours out of an answer: cleaned, secrets masked, bounded, with the one source that it can have.
func (s *server) wrap(tool string, a mcpclient.Answer, correlation string) toolkit.Result {
	lines, cut := cleaned(a.Content)
	source := "mcp:" + s.Name + "/" + told(tool, maxTitle)
	if a.Failed {
		e := &toolkit.ErrorBody{Code: string(fault.Invalid), Source: source, CorrelationID: correlation,
			Message: fmt.Sprintf("The MCP server %s says that its tool failed: %s", s.Name, told(strings.Join(lines, " "), maxError))}
		return toolkit.Result{Error: e, Text: e.Text()}
	}
	structured, whole := tidy(a.Structured)
	cut = cut || !whole
	if len(lines) == 0 && structured != nil {
		var longer bool
		lines, longer = cleaned([]mcpclient.Content{{Kind: mcpclient.Text, Text: string(structured)}})
		cut = cut || longer
	}
	for {
		env := envelope(source, lines, structured, cut)
		b, err := json.Marshal(env)
		if err == nil && len(b) <= maxEnvelope {
			return toolkit.Result{Envelope: env, Text: strings.Join(lines, "\n")}
		}
		// Escaping may make much of little. The structure goes first, then half of the lines.
		cut = true
		if structured != nil {
			structured = nil
			continue
		}
		lines = lines[:len(lines)/2]
	}
}

func envelope(source string, lines []string, structured json.RawMessage, cut bool) *toolkit.Envelope {
	d := data{Text: strings.Join(lines, "\n"), Structured: structured}
	b, err := json.Marshal(d)
	if err != nil { // a text and JSON that was just made
		b = json.RawMessage(`{"text":""}`)
	}
	src := toolkit.Source{Source: source}
	for i, l := range lines {
		src.Lines = append(src.Lines, toolkit.Line{N: i + 1, Text: l})
	}
	return &toolkit.Envelope{Data: b, Sources: []toolkit.Source{src}, Truncated: cut}
}

// cleaned gives the lines of all pieces, and whether some were left out.
func cleaned(content []mcpclient.Content) (lines []string, cut bool) {
	size := 0
	for _, c := range content {
		text, short := unfolded(shown(c))
		cut = cut || short
		for line := range strings.Lines(text) {
			cut = cut || len(line) > maxLine
			line = strings.TrimRight(untrusted.Clean(line), "\n")
			line = strings.ReplaceAll(line, "\n", " ") // a lone carriage return becomes one
			if size += len(line) + 1; size > maxText || len(lines) == maxLines {
				return finished(lines), true
			}
			lines = append(lines, line)
		}
	}
	return finished(lines), cut
}

// finished masks what only shows over several lines, and drops empty lines at the end.
func finished(lines []string) []string {
	untrusted.HideKeys(len(lines), func(i int) *string { return &lines[i] })
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// unfolded gives JSON on one line, as many servers send it, with a line for each member: that is what can be cleaned, cited and cut. It
// also reports whether a text in it was shortened.
func unfolded(text string) (string, bool) {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "{") && !strings.HasPrefix(trimmed, "[") || !json.Valid([]byte(trimmed)) {
		return text, false
	}
	v, cut, ok := parsed([]byte(trimmed))
	if !ok {
		return text, false
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return text, false
	}
	return string(b), cut
}

// shown is a piece as text. What is no text is named, never fetched and never drawn.
func shown(c mcpclient.Content) string {
	switch {
	case c.Kind == mcpclient.Text, c.Kind == mcpclient.Resource && c.Text != "":
		return c.Text
	case c.Kind == mcpclient.Link:
		return strings.TrimSpace("[link, not followed: " + c.URI + " " + c.Name + "]")
	case c.Bytes > 0:
		return fmt.Sprintf("[%s %s of %d KB, not shown]", c.Kind, c.Type, (c.Bytes*3/4+1023)>>10)
	}
	return "[" + c.Kind + ", not shown]"
}

// tidy cleans every text of a structure. One that is too large or too deep is left out as a whole: half of one would mislead. whole says that
// nothing is missing.
func tidy(raw json.RawMessage) (out json.RawMessage, whole bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, true
	}
	v, cut, ok := parsed(raw)
	if !ok {
		return nil, false
	}
	b, err := json.Marshal(v)
	if err != nil || len(b) > maxStructured {
		return nil, false
	}
	return b, !cut
}

// parsed reads JSON with all its texts cleaned; cut says that one of them was shortened.
func parsed(raw []byte) (clean any, cut, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil, false, false
	}
	var s scrubber
	clean, ok = s.scrub(v, 0)
	return clean, s.cut, ok
}

// scrubber cleans the texts of decoded JSON.
type scrubber struct{ cut bool }

func (s *scrubber) scrub(v any, depth int) (any, bool) {
	if depth > maxNesting {
		return nil, false
	}
	switch v := v.(type) {
	case string:
		lines := strings.Split(v, "\n")
		for i := range lines {
			s.cut = s.cut || len(lines[i]) > maxLine
			lines[i] = untrusted.Clean(lines[i])
		}
		untrusted.HideKeys(len(lines), func(i int) *string { return &lines[i] })
		return strings.Join(lines, "\n"), true
	case []any:
		for i := range v {
			var ok bool
			if v[i], ok = s.scrub(v[i], depth+1); !ok {
				return nil, false
			}
		}
		return v, true
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			clean, ok := s.scrub(e, depth+1)
			if !ok {
				return nil, false
			}
			if value, text := clean.(string); text && secretName(k) {
				clean = strings.Repeat("*", min(len(value), 3))
			}
			out[untrusted.Normalize(k)] = clean
		}
		return out, true
	}
	return v, true
}

// secretName reports whether a member's name says that its value is a secret: in a structure the name stands apart from the value, where
// the patterns of untrusted cannot see both.
func secretName(name string) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "next") || strings.HasPrefix(name, "page") { // the token of a next page is no secret
		return false
	}
	return slices.ContainsFunc([]string{"password", "passwd", "passphrase", "senha", "secret", "token", "api_key", "apikey", "private_key"},
		func(word string) bool { return strings.HasSuffix(name, word) })
}
