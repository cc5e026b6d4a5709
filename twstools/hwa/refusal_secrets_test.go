package hwa_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// TestSecretsInRefusals: an engine may quote in an error what it knows, a task with its password or a header with its key. People are told the error without these.
func TestSecretsInRefusals(t *testing.T) {
	for _, body := range []string{
		`{"messages":["AWSJSY404E failed: load.sh -u batch password=Tide4711 end"]}`,
		`{"message":"AWSJSY404E token: Tide4711x! refused"}`,
		`AWSJSY404E Authorization: Basic VGlkZTQ3MTE6VGlkZQ== was not taken`,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(srv.Close)
		c, err := hwa.Open(hwa.Options{BaseURL: srv.URL, API: "v2", User: "reader", Password: "x"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Jobs(t.Context(), twstools.ListQuery{Limit: 1})
		if err == nil {
			t.Fatal("no error")
		}
		said := err.Error() + fault.Public(err).Message
		if strings.Contains(said, "Tide4711") || strings.Contains(said, "VGlkZTQ3") || !strings.Contains(said, "AWSJSY404E") {
			t.Errorf("%s: told as %s", body, said)
		}
	}
}
