package hwa_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// generator makes documents that keep the interface's schemas: right types, any of the described words, each optional property there or not.
type generator struct {
	schemas map[string]any
	r       *rand.Rand
}

func newGenerator(t *testing.T, seed uint64) *generator {
	t.Helper()
	var d struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(enginetest.Interface(t), &d); err != nil {
		t.Fatal(err)
	}
	return &generator{schemas: d.Components.Schemas, r: rand.New(rand.NewPCG(seed, 3))} //nolint:gosec // documents, not secrets
}

// unionOf says which schema stands for which word, as the unions of the interface do not.
var unionOf = map[string]map[string]string{
	"dependencyType": {"INTERNAL": "InternalDependencyInPlanV2", "EXTERNAL_JOB": "ExternalJobDependencyInPlanV2", "EXTERNAL_JOBSTREAM": "ExternalJobStreamDependencyInPlanV2", "JOIN": "JoinDependencyInPlanV2",
		"FILE": "FileDependencyInPlanV2", "RESOURCE": "ResourceDependencyInPlanV2", "INTERNETWORK": "InternetworkDependencyInPlanV2", "PROMPT": "PromptDependencyInPlanV2"},
	"flowNodeType": {"JOB": "JobInPlanV2", "JOBSTREAM": "JobStreamInPlanV2"},
}

func (g *generator) named(name string, depth int) any {
	s, ok := g.schemas[name].(m)
	if !ok {
		panic("the interface has no schema " + name)
	}
	for field, members := range unionOf {
		for word, member := range members {
			if member != name {
				continue
			}
			o := g.object(s, depth).(m)
			o[field] = word
			return o
		}
	}
	return g.make(s, depth)
}

func (g *generator) make(s m, depth int) any {
	if ref, ok := s["$ref"].(string); ok {
		return g.named(ref[strings.LastIndexByte(ref, '/')+1:], depth)
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if members, ok := s[union].([]any); ok {
			return g.make(members[g.r.IntN(len(members))].(m), depth)
		}
	}
	switch s["type"] {
	case "string":
		return g.text(s)
	case "integer":
		return g.r.Int64N(1 << 31)
	case "number":
		return g.r.Float64() * 1e6
	case "boolean":
		return g.r.IntN(2) == 0
	case "array":
		out := []any{}
		items, ok := s["items"].(m)
		for range g.r.IntN(3) {
			if ok && depth < 6 {
				out = append(out, g.make(items, depth+1))
			}
		}
		return out
	}
	return g.object(s, depth)
}

func (g *generator) object(s m, depth int) any {
	out := m{}
	properties, _ := s["properties"].(m)
	required, _ := s["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) || depth < 5 && g.r.IntN(3) > 0 {
			out[name] = g.make(properties[name].(m), depth+1)
		}
	}
	if more, ok := s["additionalProperties"].(m); ok {
		for i := range g.r.IntN(3) {
			out[fmt.Sprintf("k%d", i)] = g.make(more, depth+1)
		}
	}
	return out
}

var oddTexts = []string{"", "A", "PAY_LOAD", "/PROD/LX1", "naïve ação", "a;b#c/d%20?", "'; --", "<script>x</script>", "\u202eNAME", "日本語", strings.Repeat("x", 300), "line\nbreak\ttab\x00nul"}

func (g *generator) text(s m) string {
	if words, ok := s["enum"].([]any); ok {
		return words[g.r.IntN(len(words))].(string)
	}
	at := time.Unix(g.r.Int64N(4e9), g.r.Int64N(1e9)).UTC()
	switch s["format"] {
	case "date-time":
		return at.Format(time.RFC3339Nano)
	case "date":
		return at.Format(time.DateOnly)
	case "duration":
		return fmt.Sprintf("PT%dH%dM%d.%03dS", g.r.IntN(99), g.r.IntN(60), g.r.IntN(60), g.r.IntN(1000))
	}
	return oddTexts[g.r.IntN(len(oddTexts))]
}

// served answers every request with one document.
type served struct {
	mu   sync.Mutex
	body []byte
	code int
}

func (s *served) set(body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body, s.code = body, http.StatusOK
}

// RoundTrip implements http.RoundTripper.
func (s *served) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &http.Response{StatusCode: s.code, Status: http.StatusText(s.code), Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(s.body)),
		ContentLength: int64(len(s.body)), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
}

func openServed(t testing.TB) (*served, *hwa.Client) {
	t.Helper()
	s := &served{}
	c, err := hwa.Open(hwa.Options{Name: "plant", API: "v2", BaseURL: "http://engine.test:31116", User: "reader", Password: "pw", Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return s, c
}

// names of what came back, in order, to be compared with what was sent.
type reading struct {
	names  []string
	common []string
}

// listed are the lists of the interface with the schema of their rows and how they are read.
var listed = map[string]func(context.Context, *hwa.Client, int) (reading, error){
	"JobInPlanV2": func(ctx context.Context, c *hwa.Client, n int) (reading, error) {
		l, err := c.Jobs(ctx, twstools.ListQuery{Limit: n})
		return readingOf(l.Items, func(j twstools.Job) (string, string) { return j.Name, j.Status.Common }), err
	},
	"JobStreamInPlanV2": func(ctx context.Context, c *hwa.Client, n int) (reading, error) {
		l, err := c.JobStreams(ctx, twstools.ListQuery{Limit: n})
		return readingOf(l.Items, func(s twstools.JobStream) (string, string) { return s.Name, s.Status.Common }), err
	},
	"WorkstationInPlanV2": func(ctx context.Context, c *hwa.Client, n int) (reading, error) {
		l, err := c.Workstations(ctx, twstools.ListQuery{Limit: n})
		return readingOf(l.Items, func(w twstools.Workstation) (string, string) { return w.Description, "" }), err
	},
	"ResourceInPlanV2": func(ctx context.Context, c *hwa.Client, n int) (reading, error) {
		l, err := c.Resources(ctx, twstools.ListQuery{Limit: n})
		return readingOf(l.Items, func(r twstools.Resource) (string, string) { return r.Name, r.Status }), err
	},
}

// fields are what a row is recognised by: one text, and its status if it has one.
var fields = map[string][2]string{"JobInPlanV2": {"name", "lastRunCommonStatus"}, "JobStreamInPlanV2": {"name", "commonStatus"}, "WorkstationInPlanV2": {"description", ""}, "ResourceInPlanV2": {"name", "status"}}

func readingOf[T any](items []T, of func(T) (string, string)) reading {
	var r reading
	for _, i := range items {
		name, common := of(i)
		r.names, r.common = append(r.names, name), append(r.common, common)
	}
	return r
}

// TestGeneratedDocuments decodes 10,000 objects made from the schemas. Nothing of them may be lost: every row comes back, in order, with its name
// (without a folder in front) and its status word as sent; what was not sent may be made up for from other fields.
func TestGeneratedDocuments(t *testing.T) {
	g := newGenerator(t, 1)
	documents := 0
	for kind, read := range listed {
		for range 50 {
			rows := make([]any, 50)
			for i := range rows {
				o := g.named(kind, 0).(m)
				o["id"] = fmt.Sprintf("id-%d", documents)
				rows[i] = o
				documents++
			}
			// A client for each page: what one has learned of the random answers must not colour the next.
			transport, c := openServed(t)
			transport.set(encode(t, m{"count": len(rows), "results": rows}))
			got, err := read(t.Context(), c, len(rows))
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			want := reading{}
			for _, r := range rows {
				want.names = append(want.names, word(r, fields[kind][0]))
				want.common = append(want.common, word(r, fields[kind][1]))
			}
			same := func(got, want string) bool { return got == want || want == "" }
			if !slices.EqualFunc(got.names, want.names, same) || !slices.EqualFunc(got.common, want.common, same) {
				t.Fatalf("%s: read\n%q\nwant\n%q", kind, got, want)
			}
		}
	}
	for kind, read := range map[string]func(context.Context, *hwa.Client) (string, error){
		"JobInPlanV2": func(ctx context.Context, c *hwa.Client) (string, error) {
			j, err := c.Job(ctx, twstools.Ref{ID: "x"})
			return j.Name, err
		},
		"JobStreamInPlanV2": func(ctx context.Context, c *hwa.Client) (string, error) {
			s, err := c.JobStream(ctx, twstools.Ref{ID: "x"})
			return s.Name, err
		},
	} {
		transport, c := openServed(t)
		for range 250 {
			o := g.named(kind, 0).(m)
			o["id"] = "x"
			documents++
			transport.set(encode(t, o))
			if name, err := read(t.Context(), c); err != nil || word(o, "name") != "" && name != word(o, "name") {
				t.Fatalf("%s = %q, %v, want %q", kind, name, err, word(o, "name"))
			}
		}
	}
	if documents < 10_000 {
		t.Errorf("%d documents were decoded, want 10,000", documents)
	}
}

// TestSpoiltDocuments cuts, flips and swaps parts of such documents: whatever comes out is an answer or a coded error, never a panic.
func TestSpoiltDocuments(t *testing.T) {
	g := newGenerator(t, 2)
	for range 150 {
		var rows []any
		for range 3 {
			rows = append(rows, g.named([]string{"JobInPlanV2", "JobStreamInPlanV2", "WorkstationInPlanV2", "ResourceInPlanV2"}[g.r.IntN(4)], 0))
		}
		body := encode(t, m{"count": 3, "results": rows, "groupedCount": m{"A": 1}})
		switch g.r.IntN(4) {
		case 0: // half of it
			body = body[:g.r.IntN(len(body))]
		case 1: // some bytes are others
			for range 1 + g.r.IntN(20) {
				body[g.r.IntN(len(body))] = byte(g.r.IntN(256))
			}
		case 2: // values of other types
			for _, swap := range [][2]string{{`"id":"`, `"id":["`}, {`:true`, `:"yes"`}, {`:false`, `:{}`}, {`:[]`, `:null`}, {`"name":`, `"name":7,"x":`}} {
				body = bytes.ReplaceAll(body, []byte(swap[0]), []byte(swap[1]))
			}
		case 3: // one thing within another
			body = encode(t, m{"results": m{"results": []any{json.RawMessage(body), nil, 7, "x"}}})
		}
		transport, c := openServed(t)
		transport.set(body)
		everything(t, c)
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// word is a text of a row as the client gives it: a name with a folder in front loses that.
func word(row any, field string) string {
	s, _ := row.(m)[field].(string)
	if field == "name" && strings.HasPrefix(s, "/") {
		s = s[strings.LastIndexByte(s, '/')+1:]
	}
	return s
}
