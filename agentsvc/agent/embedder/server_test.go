package embedder_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/embedder"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// asked is one request as the server saw it.
type asked struct {
	path, auth string
	Model      string   `json:"model"`
	Input      []string `json:"input"`
	Encoding   string   `json:"encoding_format"`
	Truncate   bool     `json:"truncate"`
}

// server answers with vectors that tell the texts apart; what misbehaves comes first, one for each request.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	seen   []asked
	script []handler
	always handler // where the script has ended; nil answers well
}

type handler func(w http.ResponseWriter, r *http.Request, q asked)

func newServer(t *testing.T, script ...handler) *server {
	t.Helper()
	s := &server{script: script}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	q := asked{path: r.URL.Path, auth: r.Header.Get("Authorization")}
	b, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(b, &q) != nil || r.Method != http.MethodPost {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.seen = append(s.seen, q)
	h := s.always
	if len(s.script) > 0 {
		h, s.script = s.script[0], s.script[1:]
	}
	s.mu.Unlock()
	if h == nil {
		h = well
	}
	h(w, r, q)
}

func (s *server) requests() []asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]asked(nil), s.seen...)
}

// sizes are the numbers of texts of the requests.
func (s *server) sizes() string {
	var out []string
	for _, q := range s.requests() {
		out = append(out, fmt.Sprint(len(q.Input)))
	}
	return strings.Join(out, " ")
}

// vector is long, so that a forgotten normalisation shows, and different for each text.
func vector(text string) []float64 {
	v := []float64{3, 0, 0, 0}
	for i, b := range []byte(text) {
		v[i%4] += float64(b)
	}
	return v
}

// well answers as either kind of server should: OpenAI's in another order than asked.
func well(w http.ResponseWriter, _ *http.Request, q asked) {
	w.Header().Set("Content-Type", "application/json")
	var list []any
	for i := len(q.Input) - 1; i >= 0; i-- {
		list = append(list, map[string]any{"object": "embedding", "index": i, "embedding": vector(q.Input[i])})
	}
	body := map[string]any{"object": "list", "data": list, "usage": map[string]any{"prompt_tokens": 1}}
	if q.path == "/api/embed" {
		var plain []any
		for _, t := range q.Input {
			plain = append(plain, vector(t))
		}
		body = map[string]any{"model": q.Model, "embeddings": plain, "total_duration": 1}
	}
	_ = json.NewEncoder(w).Encode(body)
}

// says answers with a status and a body, and nothing else.
func says(status int, body string, headers ...string) handler {
	return func(w http.ResponseWriter, _ *http.Request, _ asked) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// takes refuses more than n texts, or a text longer than longest, as one of the servers does.
func takes(n, longest, status int, body string) handler {
	return func(w http.ResponseWriter, r *http.Request, q asked) {
		for _, t := range q.Input {
			if len(t) > longest {
				says(status, body)(w, r, q)
				return
			}
		}
		if len(q.Input) > n {
			says(status, body)(w, r, q)
			return
		}
		well(w, r, q)
	}
}

// cut promises more than it sends.
func cut(w http.ResponseWriter, _ *http.Request, _ asked) {
	w.Header().Set("Content-Length", "500")
	_, _ = io.WriteString(w, `{"data":[{"index":0,"embedding":[1,2`)
}

// hangs answers nothing until the client goes.
func hangs(_ http.ResponseWriter, r *http.Request, _ asked) { <-r.Context().Done() }

// breaks closes the connection.
func breaks(http.ResponseWriter, *http.Request, asked) { panic(http.ErrAbortHandler) }

// clock is a clock that only tests move; waiting moves it.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.waits = c.now.Add(d), append(c.waits, d)
	return ctx.Err()
}

func (c *clock) waited() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.waits...)
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)} }

// client makes a Client for the server, of OpenAI's kind unless told otherwise.
func client(t *testing.T, s *server, change ...func(*embedder.Options)) (*embedder.Client, *clock) {
	t.Helper()
	k := newClock()
	o := embedder.Options{Provider: embedder.OpenAI, Endpoint: s.URL + "/v1/", Model: "m-small", Now: k.Now, Wait: k.Wait, QuestionTimeout: time.Minute}
	for _, f := range change {
		f(&o)
	}
	c, err := embedder.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, k
}

// belongs fails unless v is the vector of text, of length 1.
func belongs(t *testing.T, text string, v []float32) {
	t.Helper()
	want, dot, length, own := vector(text), 0.0, 0.0, 0.0
	if len(v) != len(want) {
		t.Fatalf("%q: %d numbers", text, len(v))
	}
	for i := range v {
		dot += float64(v[i]) * want[i]
		length += float64(v[i]) * float64(v[i])
		own += want[i] * want[i]
	}
	if math.Abs(length-1) > 1e-5 || dot/math.Sqrt(own) < 0.99999 {
		t.Errorf("%q: length %f, cosine with its own %f", text, math.Sqrt(length), dot/math.Sqrt(own))
	}
}
