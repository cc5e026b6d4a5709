package jsonedit_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/mcp/install/jsonedit"
)

var (
	entry = jsonedit.Object{{Name: "command", Value: "/opt/resync"}, {Name: "args", Value: []string{"mcp"}}}
	path  = jsonedit.Names("mcpServers", "resync")
)

func TestSet(t *testing.T) {
	const written = "{\n  \"mcpServers\": {\n    \"resync\": {\n      \"command\": \"/opt/resync\",\n      \"args\": [\"mcp\"]\n    }\n  }\n}"
	for _, c := range []struct{ name, before, after string }{
		{"nothing", "", written + "\n"},
		{"an empty object", "{}", written},
		{"an empty object over lines", "{\n}\n", written + "\n"},
		{"only a comment", "// mine\n", "// mine\n" + written + "\n"},
		{"byte order mark", "\ufeff{}", "\ufeff" + written},
		{"others, in their order", "{\n  \"z\": 1,\n  \"a\": {\"b\": [1, 2]}\n}\n", "{\n  \"z\": 1,\n  \"a\": {\"b\": [1, 2]},\n  \"mcpServers\": {\n    \"resync\": {\n      \"command\": \"/opt/resync\",\n      \"args\": [\"mcp\"]\n    }\n  }\n}\n"},
		{"tabs", "{\n\t\"mcpServers\": {\n\t\t\"x\": {}\n\t}\n}", "{\n\t\"mcpServers\": {\n\t\t\"x\": {},\n\t\t\"resync\": {\n\t\t\t\"command\": \"/opt/resync\",\n\t\t\t\"args\": [\"mcp\"]\n\t\t}\n\t}\n}"},
		{"four spaces and CRLF", "{\r\n    \"mcpServers\": {}\r\n}\r\n", "{\r\n    \"mcpServers\": {\r\n        \"resync\": {\r\n            \"command\": \"/opt/resync\",\r\n            \"args\": [\"mcp\"]\r\n        }\r\n    }\r\n}\r\n"},
		{"one line", `{"a":1,"mcpServers":{"x":{}}}`, `{"a":1,"mcpServers":{"x":{}, "resync": {"command": "/opt/resync", "args": ["mcp"]}}}`},
		{"one line, empty", `{"mcpServers":{}}`, `{"mcpServers":{"resync": {"command": "/opt/resync", "args": ["mcp"]}}}`},
		{"comments and a comma at the end", "{\n  // all of them\n  \"mcpServers\": { // here\n    \"x\": {}, // dear\n    /* end */\n  },\n}\n",
			"{\n  // all of them\n  \"mcpServers\": { // here\n    \"x\": {}, // dear\n    \"resync\": {\n      \"command\": \"/opt/resync\",\n      \"args\": [\"mcp\"]\n    },\n    /* end */\n  },\n}\n"},
		{"a comment behind the last", "{\n  \"mcpServers\": {\n    \"x\": {} // dear, {\n  }\n}\n", "{\n  \"mcpServers\": {\n    \"x\": {}, // dear, {\n    \"resync\": {\n      \"command\": \"/opt/resync\",\n      \"args\": [\"mcp\"]\n    }\n  }\n}\n"},
		{"only comments inside", "{\n  \"mcpServers\": {\n    // none yet\n  }\n}\n", "{\n  \"mcpServers\": {\n    // none yet\n    \"resync\": {\n      \"command\": \"/opt/resync\",\n      \"args\": [\"mcp\"]\n    }\n  }\n}\n"},
		{"already there", "{\"mcpServers\": {\"resync\": {\"args\": [ \"mcp\" ], /* c */ \"command\": \"\\/opt\\/resync\"}}}", "{\"mcpServers\": {\"resync\": {\"args\": [ \"mcp\" ], /* c */ \"command\": \"\\/opt\\/resync\"}}}"},
		{"another value, the person's own members stay", "{\n  \"mcpServers\": {\n    \"resync\": {\n      \"command\": \"/old\", // old\n      \"disabled\": true\n    }\n  }\n}", "{\n  \"mcpServers\": {\n    \"resync\": {\n      \"command\": \"/opt/resync\", // old\n      \"disabled\": true,\n      \"args\": [\"mcp\"]\n    }\n  }\n}"},
		{"the entry is no object", `{"mcpServers": {"resync": null}}`, `{"mcpServers": {"resync": {"command": "/opt/resync", "args": ["mcp"]}}}`},
		{"names like ours elsewhere", "{\n  \"projects\": {\"/x\": {\"mcpServers\": {\"resync\": {\"command\": \"mine\"}}}},\n  \"mcpServers\": {\"y\": \"}\"}\n}", "{\n  \"projects\": {\"/x\": {\"mcpServers\": {\"resync\": {\"command\": \"mine\"}}}},\n  \"mcpServers\": {\"y\": \"}\", \"resync\": {\"command\": \"/opt/resync\", \"args\": [\"mcp\"]}}\n}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := jsonedit.Set([]byte(c.before), path, entry)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.after {
				t.Errorf("got\n%s\nwant\n%s", got, c.after)
			}
			again, err := jsonedit.Set(got, path, entry)
			if err != nil || string(again) != string(got) {
				t.Errorf("a second time: %v\n%s", err, again)
			}
		})
	}
}

func TestElements(t *testing.T) {
	input := jsonedit.Object{{Name: "type", Value: "promptString"}, {Name: "id", Value: "key"}, {Name: "password", Value: true}}
	at := jsonedit.Names("inputs").Element("key")
	for _, c := range []struct{ name, before, after, gone string }{
		{"no list", "{\n  \"a\": 1\n}", "{\n  \"a\": 1,\n  \"inputs\": [\n    {\n      \"type\": \"promptString\",\n      \"id\": \"key\",\n      \"password\": true\n    }\n  ]\n}", "{\n  \"a\": 1,\n  \"inputs\": [\n  ]\n}"},
		{"behind another", `{"inputs": [{"id": "other"}]}`, `{"inputs": [{"id": "other"}, {"type": "promptString", "id": "key", "password": true}]}`, `{"inputs": [{"id": "other"}]}`},
		{"there already", `{"inputs": [{"password": true, "id": "key", "type": "promptString", "description": "mine"}, 1]}`, `{"inputs": [{"password": true, "id": "key", "type": "promptString", "description": "mine"}, 1]}`, `{"inputs": [1]}`},
	} {
		got, err := jsonedit.Set([]byte(c.before), at, input)
		if err != nil || string(got) != c.after {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, got, c.after)
		}
		gone, err := jsonedit.Delete(got, at)
		if err != nil || string(gone) != c.gone {
			t.Errorf("%s: taken out: %v\n%s\nwant\n%s", c.name, err, gone, c.gone)
		}
	}
}

func TestDelete(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"not there", `{"a": 1}`, `{"a": 1}`},
		{"nothing at all", ``, ``},
		{"alone", "{\n  \"mcpServers\": {\n    \"resync\": {\"x\": 1}\n  }\n}", "{\n  \"mcpServers\": {\n  }\n}"},
		{"first", "{\"mcpServers\": {\"resync\": 1, \"x\": 2}}", "{\"mcpServers\": {\"x\": 2}}"},
		{"last", "{\"mcpServers\": {\"x\": 2, \"resync\": 1}}", "{\"mcpServers\": {\"x\": 2}}"},
		{"last, with comments", "{\n  \"mcpServers\": {\n    \"x\": 2, // dear\n    // ours\n    \"resync\": 1 // too\n  }\n}", "{\n  \"mcpServers\": {\n    \"x\": 2 // dear\n    // ours\n    // too\n  }\n}"},
		{"a comma at the end", "{\n  \"mcpServers\": {\n    \"x\": 2,\n    \"resync\": 1,\n  },\n}", "{\n  \"mcpServers\": {\n    \"x\": 2,\n  },\n}"},
	} {
		got, err := jsonedit.Delete([]byte(c.before), path)
		if err != nil || string(got) != c.after {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, got, c.after)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       int
	}{
		{"not closed", "{\n \"a\": 1\n", 1},
		{"no comma", "{\n \"a\": 1\n \"b\": 2\n}", 3},
		{"two values", "{}\n{}", 2},
		{"single quotes", "{\n'a': 1}", 2},
		{"no value", "{\"a\": }", 1},
		{"bare word", "{\"a\": yes}", 1},
		{"two commas", "{\"a\": 1,, \"b\": 2}", 1},
		{"only a comma", "{,}", 1},
		{"comment without end", "{}\n/* x", 2},
		{"line break in a string", "{\"a\": \"sk-secret\n\"}", 1},
		{"bad escape", "{\"a\": \"\\x\"}", 1},
		{"UTF-16", "\xff\xfe{\x00}\x00", 1},
		{"too deep", strings.Repeat("[", 100_000), 1},
		{"root is a list", "\n[]", 2},
		{"servers are a list", "{\n\"mcpServers\": []}", 2},
		{"servers are null", "{\"mcpServers\": null}", 1},
		{"the name twice", "{\"mcpServers\": {},\n\"mcpServers\": {}}", 2},
		{"the entry twice", "{\"mcpServers\": {\"resync\": 1,\n\"resync\": 2}}", 2},
	} {
		got, err := jsonedit.Set([]byte(c.text), path, entry)
		var at *jsonedit.SyntaxError
		if !errors.As(err, &at) || at.Line != c.line || got != nil {
			t.Errorf("%s: %v, want line %d; text %q", c.name, err, c.line, got)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error quotes the file: %v", c.name, err)
		}
	}
}

func TestStrict(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": [1, 2]}`:         "",
		"{\n\"a\": 1, // x\n}":  "line 2: a comma behind the last item",
		"{\n\"a\": 1\n/**/}":    "line 3: a comment",
		"{\"a\": \"// none,\"}": "",
	} {
		got := ""
		if err := jsonedit.Strict([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzSet holds that every other key survives, that comments do, that a second run changes nothing, and that what was put in comes out.
func FuzzSet(f *testing.F) {
	for _, s := range []string{"", "{}", `{"a":{"b":[1,{"c":null}]},"mcpServers":{"x":{}}}`, "//0", "{\n// c\n\"mcpServers\": {\"resync\": {\"args\": [1], /* d */}, },\n}\r\n", "\ufeff{\"a\": \"\\u0000\"}", `{"mcpServers":{"resync":1,"y":2}} // e`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := jsonedit.Set([]byte(text), path, entry)
		if err != nil {
			return
		}
		if again, err := jsonedit.Set(got, path, entry); err != nil || string(again) != string(got) {
			t.Fatalf("a second time: %v\n%q\n%q", err, got, again)
		}
		gone, err := jsonedit.Delete(got, path)
		if err != nil || jsonedit.Has(gone, path) {
			t.Fatalf("it cannot be taken out: %v\n%q\n%q", err, got, gone)
		}
		// Commas and white space aside, everything is where it was, comments too.
		bones := func(s string) string {
			return strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "", ",", "").Replace(s)
		}
		if jsonedit.Has([]byte(text), path[:1]) && !jsonedit.Has([]byte(text), path) && bones(text) != bones(string(gone)) {
			t.Fatalf("something is lost:\n%q\n%q", text, gone)
		}
		var before, after map[string]any
		if json.Unmarshal([]byte(text), &before) != nil {
			return // with comments: the package's own comparison holds
		}
		if err := json.Unmarshal(gone, &after); err != nil {
			t.Fatalf("plain JSON became something else: %v\n%q\n%q", err, text, gone)
		}
		for _, doc := range []map[string]any{before, after} {
			if servers, ok := doc["mcpServers"].(map[string]any); ok {
				delete(servers, "resync")
				if len(servers) == 0 {
					delete(doc, "mcpServers")
				}
			}
		}
		a, _ := json.Marshal(before)
		b, _ := json.Marshal(after)
		if string(a) != string(b) {
			t.Fatalf("something else changed:\n%s\n%s", a, b)
		}
	})
}
