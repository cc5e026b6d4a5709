package wire_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/fault"
)

type body struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

func request(contentType, text string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text))
	r.Header.Set("Content-Type", contentType)
	return r
}

func TestRead(t *testing.T) {
	for _, tc := range []struct{ name, kind, text, want string }{
		{"whole", "application/json; charset=utf-8", ` {"name":"a","count":2} `, ""},
		{"unknown-field", "application/json", `{"nam":"hush"}`, `"nam"`},
		{"endless-field-name", "application/json", `{"` + strings.Repeat("n", 500) + `":1}`, "a field that is not known."},
		{"wrong-type", "application/json", `{"count":"hush"}`, `"count" must be a number`},
		{"second-object", "application/json", `{} {}`, "nothing behind"},
		{"broken", "application/json", `{"name":"hush`, "one JSON object"},
		{"no-utf8", "application/json", "{\"name\":\"hush\xff\"}", "UTF-8"},
		{"empty", "application/json", ``, "one JSON object"},
		{"list", "application/json", `["hush"]`, "one JSON object"},
		{"simple-type", "text/plain", `{}`, "must be JSON"},
		{"no-type", "", `{}`, "must be JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b body
			err := wire.Read(request(tc.kind, tc.text), &b)
			if tc.want == "" {
				if err != nil || b != (body{"a", 2}) {
					t.Fatalf("Read = %+v, %v", b, err)
				}
				return
			}
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("error = %v, want one with %q and without values", err, tc.want)
			}
		})
	}
}

func TestWriteHidesNothingHalfDone(t *testing.T) {
	w := httptest.NewRecorder()
	if err := wire.Write(w, http.StatusOK, map[string]any{"f": func() {}}); err == nil || w.Body.Len() > 0 {
		t.Errorf("a value that has no JSON: %v, %q", err, w.Body)
	}
	w = httptest.NewRecorder()
	if err := wire.Write(w, http.StatusTeapot, body{"<b>", 1}); err != nil || w.Code != http.StatusTeapot || strings.Contains(w.Body.String(), "<b>") {
		t.Errorf("= %v, %d %q", err, w.Code, w.Body)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"name":"a","count":2}`)
	f.Add(`{"NAME":null}[`)
	f.Fuzz(func(t *testing.T, text string) {
		var b body
		err := wire.Read(request("application/json", text), &b)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("error without a code: %v", err)
		}
		if err == nil && !json.Valid([]byte(text)) {
			t.Errorf("accepted %q", text)
		}
	})
}
