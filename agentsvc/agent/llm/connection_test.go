package llm_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
)

// quiet takes what a server says of a handshake that was meant to fail.
var quiet = log.New(io.Discard, "", 0)

// A key goes to the configured host and to no other, whatever that one says.
func TestTheKeyStaysWithItsHost(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		other := serve(t, said(llm.OpenAI, "It is well."))
		s := serve(t, status(code, "", "Location", other.URL+"/v1/chat/completions"))
		_, _, all, err := once(t, chain(t, settings(llm.OpenAI, s)), asking("what?"))
		if err == nil || all.kinds() != "openai:redirected" || len(other.requests()) != 0 {
			t.Errorf("%d: %s, %d requests elsewhere", code, all.kinds(), len(other.requests()))
		}
	}
}

// A server with a certificate of one's own authority is trusted by naming it, and not otherwise.
func TestCAFile(t *testing.T) {
	s := httptest.NewUnstartedServer(said(llm.OpenAI, "It is well."))
	s.Config.ErrorLog = quiet
	s.StartTLS()
	defer s.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	set := llm.Settings{Provider: llm.OpenAI, Endpoint: s.URL + "/v1", Model: "m", CAFile: file}
	if resp, _, all, err := once(t, chain(t, set), asking("what?")); err != nil || resp.Text != "It is well." {
		t.Error(all.kinds(), all[0].Failure)
	}
	set.CAFile = ""
	if _, _, all, err := once(t, chain(t, set), asking("what?")); err == nil || all.kinds() != "default:unreachable" {
		t.Error(all.kinds())
	}
}

// Whether a model answers can be asked for.
func TestAsk(t *testing.T) {
	for _, provider := range llm.Providers() {
		c := chain(t, named("a", settings(provider, serve(t, said(provider, "ready")))), named("b", settings(provider, serve(t, status(401, "x")))),
			named("c", settings(provider, serve(t, status(400, `{"error":{"message":"temperature is not supported"}}`), said(provider, "ready")))))
		for i, want := range []bool{true, false, true} {
			if _, err := c.Models()[i].Ask(t.Context()); (err == nil) != want {
				t.Errorf("%s %s: %v", provider, c.Models()[i].Name(), err)
			}
		}
	}
}
