package reference_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/api/reference"
)

// The page of the committed file has all of it, loads nothing but what this server has, and leads nowhere else.
func TestPageOfTheCommittedFile(t *testing.T) {
	file, err := os.ReadFile("../../../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	page := draw(t, string(file))
	var doc struct {
		Paths map[string]map[string]struct {
			ID         string `json:"operationId"`
			Parameters []struct{ Name string }
		}
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(file, &doc); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for path, methods := range doc.Paths {
		for method, op := range methods {
			_, part, found := strings.Cut(page, `<h3 id="`+op.ID+`">`)
			part, _, _ = strings.Cut(part, "</article>")
			if !found || !strings.Contains(part, strings.ToUpper(method)+"</span> "+path) || !strings.Contains(part, "curl -s") {
				t.Errorf("%s %s is not shown", method, path)
			}
			for _, p := range op.Parameters {
				if !strings.Contains(part, "<code>"+p.Name+"</code>") {
					t.Errorf("%s %s is shown without its parameter %s", method, path, p.Name)
				}
			}
			seen++
		}
	}
	for name := range doc.Components.Schemas {
		if !strings.Contains(page, `<h3 id="object-`+name+`">`) {
			t.Errorf("the object %s is not shown", name)
		}
	}
	if seen < 20 {
		t.Errorf("only %d operations were looked for", seen)
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("the id %s stands twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(` (?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		id, anchor := strings.CutPrefix(m[1], "#")
		if anchor && !ids[id] || !anchor && (!strings.HasPrefix(m[1], "/") || strings.HasPrefix(m[1], "//")) {
			t.Errorf("a link leads to %s", m[1])
		}
	}
	for _, no := range []string{"<script", "style=", "<style", "javascript:", "ZgotmplZ", "<no value>", "map["} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %s", no)
		}
	}
}

// Whatever a description says is text.
func TestTextsAreEscaped(t *testing.T) {
	const hostile = `</code><img src=x onerror=alert(1)>"'` + "`<b>`"
	said, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	page := draw(t, strings.ReplaceAll(`{"openapi":"3.1.0","info":{"title":X,"description":X},"tags":[{"name":"a","description":X}],
		"paths":{"/a/{id}":{"put":{"operationId":"doA","tags":["a"],"summary":X,"description":X,"x-resync-role":X,"x-resync-scope":X,
			"parameters":[{"name":X,"in":X,"description":X,"schema":{"type":"string","examples":[X],"default":X,"enum":[X]}}],
			"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}},
			"responses":{"200":{"description":X,"content":{"text/event-stream":{"schema":{"type":"array","items":{"oneOf":[{"title":X,"description":X,"properties":{"data":{"type":X}}}]}}}}}}}}},
		"components":{"schemas":{"A":{"type":"object","description":X,"required":["f"],"properties":{"f":{"type":["string","null"],"description":X,"examples":[X]}}}}}}`, "X", string(said)))
	if strings.Contains(page, "<img") || strings.Contains(page, "<b>") {
		t.Errorf("a text became HTML: %s", page)
	}
	if n := strings.Count(page, "&lt;img"); n < 15 {
		t.Errorf("only %d of the texts are shown", n)
	}
	if !strings.Contains(page, "<code>&lt;b&gt;</code>") {
		t.Error("what stands between backticks is not shown as code")
	}
}

// Objects that hold themselves, and what has no type, are shown too.
func TestOddSchemas(t *testing.T) {
	page := draw(t, `{"openapi":"3.1.0","info":{"title":"T"},"tags":[{"name":"a"}],
		"paths":{"/a":{"post":{"operationId":"doA","tags":["a"],"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}},"responses":{"204":{"description":"Done"}}}}},
		"components":{"schemas":{"A":{"type":"object","required":["again","many","any"],"properties":{"again":{"$ref":"#/components/schemas/A"},
			"many":{"type":"array","items":{"type":"array","items":{"$ref":"#/components/schemas/A"}}},"any":{},
			"map":{"type":"object","additionalProperties":{"type":"integer"}},"either":{"anyOf":[{"$ref":"#/components/schemas/A"},{"type":"null"}]}}}}}}`)
	for _, want := range []string{"list of list of <a href=\"#object-A\">A</a>", "object whose values are whole number", "</a> or null", "anything", "Who: everybody."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestPageOfNothing(t *testing.T) {
	if _, err := reference.Page([]byte("no JSON")); err == nil {
		t.Error("what is no description must be an error")
	}
}

func draw(t *testing.T, file string) string {
	t.Helper()
	page, err := reference.Page([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
