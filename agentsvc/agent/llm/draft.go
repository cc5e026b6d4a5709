package llm

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The bounds of an answer, beside the tokens that the server is asked for: some servers ignore those.
const (
	maxArgs    = 64 << 10 // of one call
	maxCalls   = 64
	perToken   = 16 // bytes of text for one token of the limit, at most
	spareBytes = 4 << 10
)

// draft is an answer while it comes.
type draft struct {
	ear   Ear
	limit int // bytes of text and thought together

	text   strings.Builder // without thoughts
	heard  int             // bytes of text that the ear got
	held   bool            // what follows may be a call written as text
	think  thinking
	tail   tail
	spent  int // bytes of text, thoughts and arguments
	calls  []*callDraft
	at     map[int]*callDraft
	finish finish
	ended  bool // the server said that the answer is whole
	full   bool // it is longer than it may be; the rest is not read
	usage  Usage
	told   bool // the server told counts
}

// callDraft is a call whose arguments come in pieces.
type callDraft struct {
	id, name, signature string
	args                []byte
}

// finish is why an answer ended.
type finish int

const (
	finishUnknown finish = iota
	finishStop
	finishLength
	finishFiltered
	finishMalformed
)

func newDraft(ear Ear, maxTokens int) *draft {
	return &draft{ear: ear, limit: maxTokens*perToken + spareBytes, at: map[int]*callDraft{}}
}

// write takes a piece of the answer's text.
func (d *draft) write(text string) error {
	if err := d.grow(text); err != nil {
		return err
	}
	clean, stray := d.think.strip(printable(text))
	if stray { // all before was thought, and some of it may have been heard
		d.text.Reset()
		if d.heard > 0 {
			d.ear.Restart()
		}
		d.heard, d.held = 0, false
	}
	d.text.WriteString(clean)
	d.speak()
	return nil
}

// thought takes a piece of what the server marks as thought. It counts and is not kept.
func (d *draft) thought(text string) error { return d.grow(text) }

func (d *draft) grow(text string) error {
	if d.spent += len(text); d.spent > d.limit {
		d.full = true
	}
	if d.tail.repeats(text) {
		return failed(Repeats, "the same %d bytes again and again", d.tail.period)
	}
	return nil
}

// speak hands on what is surely prose.
func (d *draft) speak() {
	if d.held {
		return
	}
	text := d.text.String()
	safe := len(text)
	if d.heard == 0 {
		start := strings.TrimLeft(text, " \t\r\n")
		if start == "" {
			return
		}
		if strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[") || strings.HasPrefix(start, "`") && maybeFence(start) {
			d.held = true
			return
		}
	}
	for _, mark := range callMarks {
		if i := strings.Index(text[d.heard:], mark); i >= 0 {
			d.held, safe = true, min(safe, d.heard+i)
		} else if n := overlap(text[d.heard:], mark); n > 0 {
			safe = min(safe, len(text)-n)
		}
	}
	if safe > d.heard {
		d.ear.Hear(text[d.heard:safe])
		d.heard = safe
	}
}

// maybeFence reports whether text begins, or may begin, a block of code; a name in backticks is prose.
func maybeFence(text string) bool {
	return strings.HasPrefix(text, "```") || strings.HasPrefix("```", text)
}

// call takes a piece of a call. Servers number the calls of an answer; some give all the same number, or none.
func (d *draft) call(index int, id, name, args string) (*callDraft, error) {
	c := d.at[index]
	if c != nil && name != "" && c.name != "" && (id != "" && c.id != "" && id != c.id || len(c.args) > 0 && json.Valid(c.args)) {
		c = nil // another one under the same number
	}
	if c == nil {
		c = &callDraft{}
		d.at[index] = c
		if len(d.calls) < maxCalls { // what comes after is dropped
			d.calls = append(d.calls, c)
		}
	}
	if c.id == "" {
		c.id = id
	}
	if c.name == "" {
		c.name = name
	}
	if c.args = append(c.args, args...); len(c.args) > maxArgs {
		return nil, failed(Malformed, "arguments of more than %d bytes", maxArgs)
	}
	return c, d.grow(args)
}

// done makes the answer of what came.
func (d *draft) done(offered map[string]bool) (Response, error) {
	text := d.text.String() + d.think.rest()
	r := Response{Text: text, Cut: d.finish == finishLength || d.full}
	for _, c := range d.calls {
		args, err := arguments(c.args)
		if err != nil {
			if r.Cut {
				return Response{}, failed(Malformed, "the limit of tokens cut a call off")
			}
			return Response{}, err
		}
		r.Calls = append(r.Calls, Call{ID: usableID(c.id), Name: printable(c.name), Args: args, Signature: c.signature})
	}
	if len(r.Calls) == 0 && len(offered) > 0 {
		if calls, rest := written(text, offered); len(calls) > 0 {
			r.Calls, r.Text = calls, rest
		}
	}
	switch {
	case d.finish == finishFiltered:
		return Response{}, failed(Filtered, "the server says so")
	case d.finish == finishMalformed:
		return Response{}, failed(Malformed, "the server says so")
	case len(r.Calls) == 0 && strings.TrimSpace(r.Text) == "":
		return Response{}, failed(Empty, "after %d bytes of thought", d.spent)
	}
	if len(r.Calls) == 0 && len(text) > d.heard {
		d.ear.Hear(text[d.heard:])
		d.heard = len(text)
	}
	return r, nil
}

// arguments mends what servers send as a call's arguments: nothing, null, an object as text within text, NUL characters. JSON of another form than an
// object is let through: whoever makes the call tells the model.
func arguments(raw []byte) (json.RawMessage, error) {
	raw = bytes.TrimSpace(raw)
	var text string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		raw = bytes.TrimSpace([]byte(text))
	}
	if len(raw) == 0 || string(raw) == "null" {
		return json.RawMessage("{}"), nil
	}
	if !json.Valid(raw) {
		return nil, failed(Malformed, "arguments that are no JSON")
	}
	if bytes.Contains(raw, []byte(`\u0000`)) {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, failed(Malformed, "arguments that are no JSON")
		}
		return json.Marshal(withoutNUL(v))
	}
	return slices.Clone(raw), nil
}

// withoutNUL drops NUL characters from all texts of a value: databases refuse them.
func withoutNUL(v any) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "\x00", "")
	case []any:
		for i := range v {
			v[i] = withoutNUL(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[strings.ReplaceAll(k, "\x00", "")] = withoutNUL(e)
		}
		return out
	}
	return v
}

// printable drops control characters but line ends and tabs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// idForm is what every server takes as the id of a call.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func usableID(id string) string {
	if idForm.MatchString(id) {
		return id
	}
	return ""
}

// callMarks begin a call that a model writes into its text, as its training has it, when the server does not read it out: Qwen and Hermes, Mistral,
// Llama, DeepSeek.
var callMarks = []string{"<tool_call>", "[TOOL_CALLS]", "<function=", "<|python_tag|>", "<function_call>"}

var (
	markedCall = regexp.MustCompile(`(?s)<(?:tool_call|function_call)>\s*(.*?)\s*(?:</(?:tool_call|function_call)>|$)`)
	namedCall  = regexp.MustCompile(`(?s)<function=([A-Za-z0-9_-]+)>\s*(.*?)\s*(?:</function>|$)`)
	fenced     = regexp.MustCompile("(?s)^\\s*```[a-z]*\\s*(.*?)\\s*```\\s*$")
)

// written finds calls of offered tools that stand in the text, and the text without them. Anything else is prose.
func written(text string, offered map[string]bool) (calls []Call, rest string) {
	for _, m := range namedCall.FindAllStringSubmatch(text, -1) {
		if args, err := arguments([]byte(m[2])); err == nil && offered[m[1]] {
			calls = append(calls, Call{Name: m[1], Args: args})
		}
	}
	if len(calls) > 0 {
		return calls, namedCall.ReplaceAllString(text, "")
	}
	bodies := []string{}
	for _, m := range markedCall.FindAllStringSubmatch(text, -1) {
		bodies = append(bodies, m[1])
	}
	rest = markedCall.ReplaceAllString(text, "")
	if len(bodies) == 0 {
		body, before, rests := text, "", ""
		for _, mark := range []string{"[TOOL_CALLS]", "<|python_tag|>"} {
			if i := strings.Index(text, mark); i >= 0 {
				before, body, rests = text[:i], text[i+len(mark):], text[:i]
			}
		}
		if m := fenced.FindStringSubmatch(body); m != nil && before == "" {
			body = m[1]
		}
		bodies, rest = []string{body}, rests
	}
	for _, b := range bodies {
		found, ok := objects(b, offered)
		if !ok {
			return nil, text
		}
		calls = append(calls, found...)
	}
	return calls, rest
}

// objects reads {"name":…,"arguments":{…}}, alone or in a list.
func objects(body string, offered map[string]bool) ([]Call, bool) {
	type object struct {
		Name       string          `json:"name"`
		Arguments  json.RawMessage `json:"arguments"`
		Parameters json.RawMessage `json:"parameters"`
		Function   *object         `json:"function"`
	}
	var many []object
	b := []byte(strings.TrimSpace(body))
	if len(b) == 0 || len(b) > maxArgs {
		return nil, false
	}
	if b[0] != '[' {
		b = slices.Concat([]byte("["), b, []byte("]"))
	}
	if json.Unmarshal(b, &many) != nil || len(many) > maxCalls {
		return nil, false
	}
	var out []Call
	for _, o := range many {
		if o.Function != nil {
			o = *o.Function
		}
		if len(o.Arguments) == 0 {
			o.Arguments = o.Parameters
		}
		args, err := arguments(o.Arguments)
		if err != nil || !offered[o.Name] {
			return nil, false
		}
		out = append(out, Call{Name: o.Name, Args: args})
	}
	return out, len(out) > 0
}

// piece is a string or any other JSON value as text: servers send arguments either way.
type piece string

// UnmarshalJSON implements json.Unmarshaler.
func (p *piece) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*p = piece(s)
		return nil
	}
	if string(b) != "null" {
		*p = piece(b)
	}
	return nil
}

// word is a string, a number or null as a string: servers put codes and ids down either way.
type word string

// UnmarshalJSON implements json.Unmarshaler.
func (w *word) UnmarshalJSON(b []byte) error {
	if s, err := strconv.Unquote(string(b)); err == nil {
		*w = word(s)
	} else if string(b) != "null" {
		*w = word(b)
	}
	return nil
}
