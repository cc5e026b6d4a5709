package wire_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
)

type body struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
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
