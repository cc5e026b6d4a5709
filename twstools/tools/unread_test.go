package tools_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// A server that answers every read with a good status and nothing in it was not read: no tool may call that an empty, healthy plan.
func TestServerThatSaysNothingIsNotRead(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"bare list":  func(w http.ResponseWriter) { _, _ = io.WriteString(w, "[]") },
		"no content": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
		"null":       func(w http.ResponseWriter) { _, _ = io.WriteString(w, "null") },
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			answer(w)
		}))
		t.Cleanup(srv.Close)
		client, err := hwa.Open(hwa.Options{BaseURL: srv.URL, User: "u", Password: "p"})
		if err != nil {
			t.Fatal(err)
		}
		s := set(t, client)
		for tool, args := range map[string]string{"diagnose_job": `{"target":"PAY"}`, "explain_wait": `{}`, "plan_status": `{}`, "find_jobs": `{}`} {
			if r := s.Call(t.Context(), tool, []byte(args)); r.Error == nil || r.Error.Code != string(fault.UpstreamUnavailable) {
				t.Errorf("%s, %s: error %+v, want the engine as unavailable", name, tool, r.Error)
			}
		}
	}
}
