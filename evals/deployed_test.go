package evals_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/answer"
)

type criterion = score.Criterion

// freePort is an address on which nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("rsk_test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// server stands in for a deployed program whose engine is the mock at an address.
type server struct {
	t        *testing.T
	mock     string
	answers  map[string]answer.Answer
	statuses atomic.Int64
	n        atomic.Int64
	told     atomic.Value // of sources
}

func newServer(t *testing.T, mock string) (*server, string) {
	t.Helper()
	raw, err := rightAnswers()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, mock: mock}
	if err := json.Unmarshal(raw, &s.answers); err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

// planNow reads the engine's clock, and shows an older one the first time, as a cache would.
func (s *server) planNow() string {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.mock+"/twsd/api/v2/engine/info", http.NoBody)
	if err != nil {
		return ""
	}
	req.SetBasicAuth(evals.MockUser, evals.MockPassword)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	at, err := time.Parse(time.RFC1123, res.Header.Get("Date"))
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	if s.statuses.Add(1) == 1 {
		at = at.Add(-24 * time.Hour)
	}
	return at.Format(time.RFC3339)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer rsk_test" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch {
	case r.URL.Path == "/api/status":
		_, _ = fmt.Fprintf(w, `{"data":{},"clocks":{"plan_now":%q}}`, s.planNow())
	case r.URL.Path == "/mcp":
		var call struct {
			Method string
			Params struct{ Name string }
		}
		if json.NewDecoder(r.Body).Decode(&call) != nil || call.Method != "tools/call" || call.Params.Name != "plan_status" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprintf(w, "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"structuredContent\":{\"clocks\":{\"plan_now\":%q}}}}\n\n", s.planNow())
	case r.URL.Path == "/api/chat":
		s.chat(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/conversations/c_"):
		raw, _ := json.Marshal(s.told.Load()) // what the last answer quotes
		_, _ = fmt.Fprintf(w, `{"message_id":%q,"conversation_id":"c_1","calls":[{"id":"t1","name":"get_job","arguments":{},"result":{"data":{},"sources":%s}}]}`, r.URL.Query().Get("message"), raw)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *server) chat(w http.ResponseWriter, r *http.Request) {
	var in struct{ Question, Conversation_id string }
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	a, ok := s.answers[in.Question]
	n := s.n.Add(1)
	if !ok || n == 2 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.planNow()
	a.Question, a.ConversationID, a.MessageID = in.Question, fmt.Sprintf("c_%d", n), fmt.Sprintf("m_%d", n)
	s.told.Store(sources(a))
	_ = json.NewEncoder(w).Encode(a) // a judge that has gone needs no answer
}

func TestADeployedServerIsAskedOverREST(t *testing.T) {
	mock := freePort(t)
	s, url := newServer(t, mock)
	r := run(t, evals.Options{API: url, APIKeyFile: keyFile(t), MockListen: mock, Settle: time.Millisecond, Jobs: 3}, six, "s-08aa")
	var faults []string
	for _, x := range r.Run.Trials {
		if x.Status == trial.Fault {
			faults = append(faults, x.Fault.Kind+" "+x.Fault.Reason)
			continue
		}
		if x.Status != trial.Pass || len(x.Ledger) != 1 || x.Ledger[0].Name != "get_job" || x.Requests["GET /engine/info"] != 1 {
			t.Errorf("%s: %s %s, ledger %v, requests %v", x.Name(), x.Status, x.Why(), x.Ledger, x.Requests)
		}
	}
	if len(r.Run.Trials) != 8 || len(faults) != 1 || !strings.Contains(faults[0], "exit status 503") || r.Run.Program != url {
		t.Errorf("%d trials, faults %v, program %s; one question in eight gets a 503", len(r.Run.Trials), faults, r.Run.Program)
	}
	if s.statuses.Load() < 3 {
		t.Error("nobody waited until the new world was shown")
	}
}

func TestADeployedServerThatShowsAnotherWorldIsNotJudged(t *testing.T) {
	mock := freePort(t)
	_, url := newServer(t, freePort(t)) // its engine is elsewhere
	r := run(t, evals.Options{API: url, APIKeyFile: keyFile(t), MockListen: mock, Arrival: 50 * time.Millisecond}, six)
	for _, x := range r.Run.Trials {
		if x.Status != trial.Fault || x.Fault.Kind != "start" || !strings.Contains(x.Fault.Reason, "did not show the world") {
			t.Errorf("%s: %s %s", x.Name(), x.Status, x.Why())
		}
	}
}

func TestADeployedToolServerServesTheProgram(t *testing.T) {
	mock, key := freePort(t), keyFile(t)
	_, url := newServer(t, mock)
	r := run(t, evals.Options{Binary: program(t, "remote"), MCP: url + "/mcp", MCPTokenFile: key, MockListen: mock, Settle: time.Millisecond}, six+"/q1")
	x := r.Run.Trials[0]
	var a answer.Answer
	var s seen
	if json.Unmarshal(x.Answer, &a) != nil || json.Unmarshal([]byte(a.Answer), &s) != nil {
		t.Fatalf("%s %s", x.Status, x.Why())
	}
	if i := slices.Index(s.Args, "--mcp"); i < 0 || !slices.Equal(s.Args[i:], []string{"--mcp", url + "/mcp", "--mcp-token-file", key}) {
		t.Errorf("arguments %v", s.Args)
	}
	if slices.ContainsFunc(s.Env, func(kv string) bool { return strings.HasPrefix(kv, "TWS_") }) {
		t.Errorf("a program that reads no engine is told of one: %v", s.Env)
	}
}

func TestAKeyThatIsNotTakenIsNotWaitedFor(t *testing.T) {
	mock := freePort(t)
	_, url := newServer(t, mock)
	wrong := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(wrong, []byte("rsk_other"), 0o600); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r := run(t, evals.Options{API: url, APIKeyFile: wrong, MockListen: mock, Arrival: time.Minute}, "s-08aa", six)
	for _, x := range r.Run.Trials {
		if x.Status != trial.Fault || x.Fault.Kind != "start" {
			t.Errorf("%s is %s %s", x.Name(), x.Status, x.Why())
		}
	}
	if took := time.Since(start); took > 30*time.Second || !strings.Contains(r.Run.Trials[0].Why(), "does not take the key") {
		t.Errorf("after %s: %s", took, r.Run.Trials[0].Why())
	}
}

func TestAServerThatShowsNoWorldIsGivenUp(t *testing.T) {
	mock := freePort(t)
	_, url := newServer(t, freePort(t)) // it reads another engine
	r := run(t, evals.Options{API: url, APIKeyFile: keyFile(t), MockListen: mock, Arrival: 50 * time.Millisecond}, "s-08aa", "s-2f6a", "s-3d90")
	last := r.Run.Trials[len(r.Run.Trials)-1]
	if last.Status != trial.Fault || !strings.Contains(last.Why(), "not waited for") {
		t.Errorf("the third scenario: %s", last.Why())
	}
}
