package baseline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/baseline"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// speaking is a model's server that replies with the text, and tells what it was sent.
func speaking(t *testing.T, text string, heard *map[string]any) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer k-1" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		if heard != nil {
			if err := json.Unmarshal(raw, heard); err != nil {
				t.Error(err)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": text}}},
			"usage": map[string]any{"prompt_tokens": 900, "completion_tokens": 60}})
	}))
	t.Cleanup(s.Close)
	return s
}

func modelled(o baseline.ModelOptions) baseline.Answerer {
	all := baseline.All(baseline.Options{Model: o})
	return all[len(all)-1]
}

func TestThereIsNoB6WithoutAModel(t *testing.T) {
	if n := len(baseline.All(baseline.Options{})); n != 6 {
		t.Errorf("%d baselines without a model, want 6", n)
	}
	if b := modelled(baseline.ModelOptions{Endpoint: "http://localhost"}); b.Name() != "B6" {
		t.Errorf("the last is %s", b.Name())
	}
}

func TestTheModelIsAskedAndUnderstood(t *testing.T) {
	p := newNight(t).plant()
	var heard map[string]any
	s := speaking(t, "Sure!\n```json\n"+`{"verdict": "problem", "answer": "CLM_RESERVE failed because of its password.", "causes": [{"entity": "CLM_RESERVE", "kind": "app.db.auth", "statement": "The password."}],
"actions": [{"code": "fix_credentials", "target": "CLM_RESERVE", "text": "Fix it."}, {"code": "rerun", "target": "CLM_RESERVE", "text": "Then run it.", "after": 0}]}`+"\n```", &heard)
	b := modelled(baseline.ModelOptions{Endpoint: s.URL + "/v1", Key: "k-1", Name: "small"})
	q := suite.Question{Lang: "en", Turns: []string{"Hello?"}, Text: "Why did CLM_RESERVE abend?"}
	a, err := b.Answer(t.Context(), q, p)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, "B6", a)
	c := a.Diagnosis.Causes[0]
	if c.Entity != "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE" || c.Kind != "app.db.auth" || c.Class != answer.Likely || a.Diagnosis.ConfidenceClass != answer.Likely {
		t.Errorf("%+v", c)
	}
	if acts := a.Diagnosis.Actions; len(acts) != 2 || acts[0].After != -1 || acts[1].After != 0 || !acts[1].NeedsApproval || acts[1].Command != "" {
		t.Errorf("%+v", acts)
	}
	if a.Model != "small" || a.Usage.InputTokens != 900 || a.Usage.OutputTokens != 60 || a.Question != q.Text {
		t.Errorf("%+v %+v", a.Model, a.Usage)
	}
	said, err := json.Marshal(heard)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"small"`, "app.db.auth", "fix_credentials", "Hello?", q.Text} {
		if !strings.Contains(string(said), want) {
			t.Errorf("the model was not told %s", want)
		}
	}
	for _, no := range []string{"ORA-28001", "FRLCLM01", "k-1", "planned."} {
		if strings.Contains(string(said), no) {
			t.Errorf("the model was told %s", no)
		}
	}
}

// What a model replies is its own: bad form is a wrong answer and no fault.
func TestWhatIsNoAnswerHasNoDiagnosis(t *testing.T) {
	p := newNight(t).plant()
	for _, text := range []string{"", "I do not know.", "{", `{"verdict": 7}`, "{}", `[{"verdict"}]`, "}{"} {
		s := speaking(t, text, nil)
		a, err := modelled(baseline.ModelOptions{Endpoint: s.URL + "/v1/", Key: "k-1", Name: "m"}).Answer(t.Context(), suite.Question{Lang: "en", Text: "Why?"}, p)
		if err != nil || a.Diagnosis != nil {
			t.Errorf("%q: %v, %+v", text, err, a.Diagnosis)
		}
	}
}

func TestWhatKeepsAModelFromReplyingIsAFault(t *testing.T) {
	p := newNight(t).plant()
	q := suite.Question{Lang: "en", Text: "Why?"}
	hang := make(chan struct{})
	serve := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	status := func(code int) string {
		return serve(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.WriteHeader(code)
			_, _ = fmt.Fprint(w, r.Header.Get("Authorization"))
		})
	}
	slow := serve(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(hang) })
	for name, c := range map[string]struct {
		endpoint string
		want     fault.Code
	}{
		"refused":   {status(401), fault.UpstreamDenied},
		"forbidden": {status(403), fault.UpstreamDenied},
		"broken":    {status(500), fault.UpstreamUnavailable},
		"moved":     {status(307), fault.UpstreamUnavailable},
		"no JSON":   {serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") }), fault.UpstreamUnavailable},
		"nothing":   {serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"choices": []}`) }), fault.UpstreamUnavailable},
		"not there": {"http://127.0.0.1:1", fault.UpstreamUnavailable},
		"slow":      {slow, fault.Timeout},
		"no URL":    {"ftp://x", fault.Invalid},
		"no host":   {"https://", fault.Invalid},
	} {
		b := modelled(baseline.ModelOptions{Endpoint: c.endpoint, Key: "k-secret", Name: "m", Timeout: 500 * time.Millisecond})
		_, err := b.Answer(t.Context(), q, p)
		if fault.CodeOf(err) != c.want || strings.Contains(err.Error(), "k-secret") {
			t.Errorf("%s: %v, want %s without the key", name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := modelled(baseline.ModelOptions{Endpoint: slow}).Answer(ctx, q, p); err == nil {
		t.Error("an ended context does not end the answer")
	}
}

func TestTheBudgetIsKept(t *testing.T) {
	p := newNight(t).plant()
	s := speaking(t, `{"verdict": "insufficient_evidence", "answer": "It cannot be told.", "missing": ["plan: nothing was seen"]}`, nil)
	b := modelled(baseline.ModelOptions{Endpoint: s.URL + "/v1", Key: "k-1", Name: "m", Budget: 1500})
	var codes []string
	for range 4 {
		_, err := b.Answer(t.Context(), suite.Question{Lang: "en", Text: "Why?"}, p)
		codes = append(codes, string(fault.CodeOf(err)))
	}
	if got := strings.Join(codes, ","); got != ",,limited,limited" {
		t.Errorf("of four questions at 960 tokens each, with 1500 to spend: %s", got)
	}
}
