package embedder_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/embedder"
	"github.com/resync-hwa/resync/internal/fault"
)

func texts(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("passage %d about job streams", i)
	}
	return out
}

func TestBothKindsOfServer(t *testing.T) {
	for provider, path := range map[string]string{embedder.OpenAI: "/v1/embeddings", embedder.Ollama: "/api/embed"} {
		t.Run(provider, func(t *testing.T) {
			s := newServer(t)
			c, _ := client(t, s, func(o *embedder.Options) {
				o.Provider, o.APIKey, o.DocumentPrefix, o.QueryPrefix = provider, "k-1234", "passage: ", "query: "
				if provider == embedder.Ollama {
					o.Endpoint = s.URL
				}
			})
			in := append(texts(5), "passage 1 about job streams", " agente sem link: reiniciar é seguro? \n")
			got, err := c.Documents().Embed(t.Context(), in)
			if err != nil || len(got) != len(in) {
				t.Fatalf("%d vectors, %v", len(got), err)
			}
			for i, text := range in {
				belongs(t, "passage: "+strings.TrimSpace(text), got[i])
			}
			q, err := c.Questions().Embed(t.Context(), []string{"why"})
			if err != nil {
				t.Fatal(err)
			}
			belongs(t, "query: why", q[0])
			r := s.requests()
			if len(r) != 2 || len(r[0].Input) != 6 || r[0].path != path || r[0].auth != "Bearer k-1234" || r[0].Model != "m-small" {
				t.Errorf("requests = %+v", r)
			}
			if (r[0].Encoding == "float") == (provider == embedder.Ollama) || r[0].Truncate != (provider == embedder.Ollama) {
				t.Errorf("request = %+v", r[0])
			}
			if c.Space() != `m-small "passage: "` {
				t.Errorf("space = %s", c.Space())
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	s := newServer(t)
	for endpoint, provider := range map[string]string{"/v1": embedder.OpenAI, "/v1/embeddings": embedder.OpenAI, "/v1/?x=1": embedder.OpenAI, "/": embedder.Ollama, "/api/embed": embedder.Ollama} {
		c, _ := client(t, s, func(o *embedder.Options) { o.Endpoint, o.Provider = s.URL+endpoint, provider })
		if n, err := c.Probe(t.Context()); err != nil || n != 4 {
			t.Errorf("%s: %d, %v", endpoint, n, err)
		}
	}
	for _, r := range s.requests() {
		if r.auth != "" || r.path != "/v1/embeddings" && r.path != "/api/embed" {
			t.Errorf("request = %+v", r)
		}
	}
}

func TestOptions(t *testing.T) {
	good := embedder.Options{Provider: embedder.OpenAI, Endpoint: "https://user.example/v1", Model: "m"}
	for name, change := range map[string]func(*embedder.Options){
		"provider": func(o *embedder.Options) { o.Provider = "bert" },
		"none":     func(o *embedder.Options) { o.Provider = "" },
		"endpoint": func(o *embedder.Options) { o.Endpoint = "host:80" },
		"scheme":   func(o *embedder.Options) { o.Endpoint = "ftp://host/v1" },
		"password": func(o *embedder.Options) { o.Endpoint = "https://u:hunter2@host/v1" },
		"model":    func(o *embedder.Options) { o.Model = " " },
		"batch":    func(o *embedder.Options) { o.Batch = 5000 },
		"ca":       func(o *embedder.Options) { o.CAFile = filepath.Join(t.TempDir(), "none.pem") },
	} {
		o := good
		change(&o)
		_, err := embedder.Open(o)
		if !fault.Is(err, fault.Invalid) || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An empty index, the same twice and half of them are as good as none: a vector at the wrong text is worse than an error.
func TestUselessAnswers(t *testing.T) {
	big := `{"data":[{"index":0,"embedding":[` + strings.Repeat("0.12345678,", 20000) + `1]},{"index":1,"embedding":[1]}]}`
	for name, tt := range map[string]struct {
		body string
		code fault.Code
		says string
	}{
		"html":          {"\n<!DOCTYPE html><p>Sign in", fault.UpstreamUnavailable, "HTML page"},
		"nothing":       {"", fault.UpstreamUnavailable, "not whole JSON"},
		"cut":           {`{"data":[{"index":0,"embedding":[1,2`, fault.UpstreamUnavailable, "not whole JSON"},
		"nan":           {`{"data":[{"index":0,"embedding":[NaN,2]},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "not whole JSON"},
		"null-number":   {`{"data":[{"index":0,"embedding":[1,null]},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "something else than numbers"},
		"null-vector":   {`{"data":[{"index":0,"embedding":null},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "something else than numbers"},
		"no-vector":     {`{"data":[{"index":0},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "something else than numbers"},
		"base64":        {`{"data":[{"index":0,"embedding":"AACAPw=="},{"index":1,"embedding":"AACAPw=="}]}`, fault.UpstreamUnavailable, "something else than numbers"},
		"of-tokens":     {`{"data":[{"index":0,"embedding":[[1,2],[3,4]]},{"index":1,"embedding":[[1,2]]}]}`, fault.UpstreamUnavailable, "something else than numbers"},
		"huge-number":   {`{"data":[{"index":0,"embedding":[1e39,1]},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "something else than numbers"},
		"zeros":         {`{"data":[{"index":0,"embedding":[0,0.0]},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "points nowhere"},
		"empty-vector":  {`{"data":[{"index":0,"embedding":[ ]},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "something else than numbers"},
		"too-few":       {`{"data":[{"index":0,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "1 vectors for 2 texts"},
		"too-many":      {`{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2]},{"index":2,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "3 vectors for 2 texts"},
		"same-index":    {`{"data":[{"index":1,"embedding":[1,2]},{"index":1,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "which vector belongs"},
		"far-index":     {`{"data":[{"index":0,"embedding":[1,2]},{"index":7,"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "which vector belongs"},
		"half-index":    {`{"data":[{"index":1,"embedding":[1,2]},{"embedding":[1,2]}]}`, fault.UpstreamUnavailable, "which vector belongs"},
		"uneven":        {`{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2,3]}]}`, fault.UpstreamUnavailable, "different lengths"},
		"long":          {big, fault.UpstreamUnavailable, "more than 16384 numbers"},
		"larger":        {`{"data":"` + strings.Repeat("x", 2<<20), fault.UpstreamUnavailable, "larger than 1 MB"},
		"error-and-200": {`{"error":{"message":"secret inner words"}}`, fault.UpstreamUnavailable, "0 vectors for 2 texts"},
		"a-list":        {`[[1,2],[3,4]]`, fault.UpstreamUnavailable, "something else"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.always = says(http.StatusOK, tt.body, "Content-Type", "application/json")
			c, _ := client(t, s)
			got, err := c.Documents().Embed(t.Context(), texts(2))
			if got != nil || !fault.Is(err, tt.code) || !strings.Contains(fault.Public(err).Message, tt.says) {
				t.Fatalf("%d vectors, %v", len(got), err)
			}
			if e := fault.Public(err); e.Hint == "" || e.Source != "embedder:m-small" || strings.Contains(e.Message+e.Hint, "inner words") {
				t.Errorf("error = %+v", e)
			}
		})
	}
	t.Run("ollama-null", func(t *testing.T) {
		s := newServer(t, says(200, `{"embeddings":[null,[1,2]]}`), says(200, `{"embeddings":[[1,null],[1,2]]}`), says(200, `{"error":"x"}`))
		c, _ := client(t, s, func(o *embedder.Options) { o.Provider = embedder.Ollama })
		for range 3 {
			if got, err := c.Documents().Embed(t.Context(), texts(2)); got != nil || !fault.Is(err, fault.UpstreamUnavailable) {
				t.Errorf("%v, %v", got, err)
			}
		}
	})
}

func TestAnswersWithoutIndexKeepTheirOrder(t *testing.T) {
	s := newServer(t, says(http.StatusOK, `{"data":[{"embedding":[2,0]},{"embedding":[0,2]}]}`))
	c, _ := client(t, s)
	got, err := c.Documents().Embed(t.Context(), texts(2))
	if err != nil || got[0][0] != 1 || got[1][1] != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnotherDimensionThanBefore(t *testing.T) {
	s := newServer(t, well, says(http.StatusOK, `{"data":[{"index":0,"embedding":[1,2,3]}]}`))
	c, _ := client(t, s)
	if _, err := c.Documents().Embed(t.Context(), texts(3)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Questions().Embed(t.Context(), []string{"why"})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "3 numbers now and gave 4 before") {
		t.Errorf("err = %v", err)
	}
	if _, err := c.Questions().Embed(t.Context(), []string{"why"}); err != nil {
		t.Errorf("the server is well again: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		answer handler
		code   fault.Code
		tries  int
	}{
		"key":       {says(401, `{"error":"wrong key k-1234"}`), fault.UpstreamDenied, 1},
		"forbidden": {says(403, ""), fault.UpstreamDenied, 1},
		"model":     {says(404, `{"error":"model \"m-small\" not found, try pulling it first"}`), fault.UpstreamUnavailable, 1},
		"redirect":  {says(302, "", "Location", "http://127.0.0.1:1/"), fault.UpstreamUnavailable, 1},
		"limited":   {says(429, "", "Retry-After", "7"), fault.Limited, 5},
		"busy":      {says(503, `{"error":"server busy, please try again. maximum pending requests exceeded"}`), fault.UpstreamUnavailable, 5},
		"failed":    {says(500, `{"error":"secret inner words"}`), fault.UpstreamUnavailable, 5},
		"gateway":   {says(502, "<html>Bad Gateway</html>"), fault.UpstreamUnavailable, 5},
		"broken":    {breaks, fault.UpstreamUnavailable, 5},
		"cut":       {cut, fault.UpstreamUnavailable, 5},
		"too-long":  {says(429, "", "Retry-After", "3000"), fault.Limited, 1},
		"invalid":   {says(400, `{"error":"no such parameter: encoding_format"}`), fault.UpstreamUnavailable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.always = tt.answer
			c, k := client(t, s, func(o *embedder.Options) { o.APIKey = "k-1234" })
			_, err := c.Documents().Embed(t.Context(), texts(1))
			if !fault.Is(err, tt.code) || len(s.requests()) != tt.tries {
				t.Fatalf("%d tries, %v", len(s.requests()), err)
			}
			if e := fault.Public(err); strings.Contains(e.Message+e.Hint, "inner words") || strings.Contains(err.Error(), "k-1234") || e.Hint == "" {
				t.Errorf("error = %+v", e)
			}
			var last time.Duration
			for _, d := range k.waited() {
				if d < last/2 || d > time.Minute {
					t.Errorf("waits = %v", k.waited())
				}
				last = d
			}
			if name == "limited" && (len(k.waited()) != 4 || k.waited()[0] != 7*time.Second) {
				t.Errorf("waits = %v", k.waited())
			}
		})
	}
}

func TestPassingFailuresPass(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := newServer(t, breaks, cut, says(503, "", "Retry-After", at.Add(9*time.Second).Format(http.TimeFormat), "Date", at.Format(http.TimeFormat)), says(200, "{"))
	c, k := client(t, s)
	got, err := c.Documents().Embed(t.Context(), texts(2))
	if err != nil || len(got) != 2 {
		t.Fatal(err)
	}
	belongs(t, texts(2)[1], got[1])
	if w := k.waited(); len(w) != 4 || w[2] != 9*time.Second {
		t.Errorf("waits = %v", w)
	}
}

// What a server takes at once is found out and remembered; what one long text does is not.
func TestBatches(t *testing.T) {
	const batch32 = `{"error":"batch size 64 > maximum allowed batch size 16","error_type":"Validation"}`
	for name, tt := range map[string]struct {
		answer       handler
		long         bool
		sizes, again string
	}{
		"all":       {well, false, "64 36", "64"},
		"tei":       {takes(16, 1000, 422, batch32), false, "64 32 16 16 16 16 16 16 4", "16 16 16 16"},
		"payload":   {takes(96, 1000, 413, ""), false, "64 36", "64"},
		"llama.cpp": {takes(40, 1000, 500, `{"error":{"code":500,"message":"input is too large to process. increase the physical batch size"}}`), false, "64 32 32 32 4", "32 32"},
		"wordless":  {takes(50, 1000, 400, "bad request"), false, "64 32 32 32 4", "32 32"},
		"one-long":  {takes(2048, 1000, 400, "maximum context length is 512 tokens"), true, "64 32 16 8 4 2 1 1 1 64 35", "64"},
		"one-only":  {takes(1, 1000, 413, ""), false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.always = tt.answer
			var log bytes.Buffer
			c, k := client(t, s, func(o *embedder.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			in := texts(100)
			if tt.long {
				in[0] = strings.Repeat("fila ", 600)
			}
			got, err := c.Documents().Embed(t.Context(), in)
			if err != nil || len(got) != 100 {
				t.Fatalf("%d vectors, %v", len(got), err)
			}
			for i := 1; i < len(in); i++ {
				belongs(t, in[i], got[i])
			}
			if tt.sizes != "" && s.sizes() != tt.sizes {
				t.Errorf("sizes = %s, want %s", s.sizes(), tt.sizes)
			}
			before := s.sizes()
			more := make([]string, 64)
			for i := range more {
				more[i] = fmt.Sprintf("another passage %d", i)
			}
			if _, err := c.Documents().Embed(t.Context(), more); err != nil {
				t.Fatal(err)
			}
			if after := strings.TrimSpace(strings.TrimPrefix(s.sizes(), before)); tt.again != "" && after != tt.again {
				t.Errorf("sizes of the next = %s, want %s", after, tt.again)
			}
			if len(k.waited()) != 0 {
				t.Error("it waited where smaller requests do")
			}
			if tt.long != strings.Contains(log.String(), "counts by its beginning") {
				t.Errorf("log = %s", log.String())
			}
		})
	}
}

// A server that refuses everything must not be asked for ever.
func TestHalvingEnds(t *testing.T) {
	s := newServer(t)
	s.always = says(413, "too large")
	c, _ := client(t, s)
	_, err := c.Documents().Embed(t.Context(), []string{strings.Repeat("long ", 5000), "b", "c"})
	if !fault.Is(err, fault.UpstreamUnavailable) || len(s.requests()) > 10 {
		t.Errorf("%d requests, %v", len(s.requests()), err)
	}
}

func TestTextsThatWereSeenCostNoCall(t *testing.T) {
	s := newServer(t)
	c, _ := client(t, s)
	for _, side := range []*embedder.Embedder{c.Questions(), c.Documents()} {
		before := len(s.requests())
		first, err := side.Embed(t.Context(), []string{"a", "b", "a"})
		if err != nil {
			t.Fatal(err)
		}
		first[0][0] = 99 // it is the caller's own
		second, err := side.Embed(t.Context(), []string{"b", " a "})
		if err != nil {
			t.Fatal(err)
		}
		belongs(t, "a", second[1])
		belongs(t, "a", first[2])
		if n := len(s.requests()) - before; n != 1 || len(s.requests()[before].Input) != 2 {
			t.Errorf("%d requests", n)
		}
	}
	if got, err := c.Documents().Embed(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := c.Documents().Embed(t.Context(), []string{"a", " \n"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("err = %v", err)
	}
}

// The cache is bounded: what was asked long ago is asked for again, and memory does not grow with questions.
func TestTheCacheIsBounded(t *testing.T) {
	s := newServer(t)
	s.always = func(w http.ResponseWriter, _ *http.Request, q asked) {
		numbers := "1" + strings.Repeat(",0.5", 8191)
		parts := make([]string, len(q.Input))
		for i := range parts {
			parts[i] = fmt.Sprintf(`{"index":%d,"embedding":[%s]}`, i, numbers)
		}
		_, _ = io.WriteString(w, `{"data":[`+strings.Join(parts, ",")+`]}`)
	}
	c, _ := client(t, s)
	const asked = 400 // of 32 KB each: more than the 8 MB that are kept
	for range 2 {
		for at := 0; at < asked; at += 50 {
			var qs []string
			for i := range 50 {
				qs = append(qs, fmt.Sprintf("question %d", at+i))
			}
			if _, err := c.Questions().Embed(t.Context(), qs); err != nil {
				t.Fatal(err)
			}
		}
	}
	sent := 0
	for _, r := range s.requests() {
		sent += len(r.Input)
	}
	if sent <= asked+50 {
		t.Errorf("%d texts were sent: everything was kept", sent)
	}
}

func TestSecretsStayHere(t *testing.T) {
	s := newServer(t)
	c, _ := client(t, s)
	_, err := c.Documents().Embed(t.Context(), []string{"connect with\npassword=hunter2pass and go on", strings.Repeat("é", 40<<10)})
	if err != nil {
		t.Fatal(err)
	}
	sent := s.requests()[0].Input
	if strings.Contains(sent[0], "hunter2pass") || !strings.Contains(sent[0], "go on") || len(sent[1]) > 32<<10 || strings.ContainsRune(sent[1], '�') {
		t.Errorf("sent %q and %d bytes", sent[0], len(sent[1]))
	}
}

// A question waits no longer than its budget, and the next ones do not wait at all until the server has had its rest.
func TestQuestionsLeaveAFailedServerAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		answer handler
		code   fault.Code
		rest   time.Duration
	}{
		"hangs":   {hangs, fault.Timeout, 15 * time.Second},
		"busy":    {says(503, "", "Retry-After", "40"), fault.UpstreamUnavailable, 40 * time.Second},
		"limited": {says(429, "", "Retry-After", "4000"), fault.Limited, time.Minute},
		"denied":  {says(401, ""), fault.UpstreamDenied, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.always = tt.answer
			c, k := client(t, s, func(o *embedder.Options) { o.QuestionTimeout = 100 * time.Millisecond })
			began := time.Now()
			if _, err := c.Questions().Embed(t.Context(), []string{"why"}); !fault.Is(err, tt.code) {
				t.Fatalf("err = %v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			n := len(s.requests())
			_ = k.Wait(t.Context(), tt.rest-time.Second)
			_, err := c.Questions().Embed(t.Context(), []string{"why"})
			if !fault.Is(err, tt.code) || !strings.Contains(err.Error(), "not asked again before 2026-03-01T03:") || len(s.requests()) != n {
				t.Errorf("%d requests, %v", len(s.requests())-n, err)
			}
			s.mu.Lock()
			s.always = nil
			s.mu.Unlock()
			if _, err := c.Documents().Embed(t.Context(), []string{"documents go on"}); err != nil {
				t.Errorf("documents: %v", err)
			}
			_ = k.Wait(t.Context(), 2*time.Second)
			if _, err := c.Questions().Embed(t.Context(), []string{"why"}); err != nil {
				t.Errorf("after the rest: %v", err)
			}
		})
	}
}

// What is wrong with one question keeps no other from being asked, and a caller who leaves says nothing of the server.
func TestOneQuestionsFailureIsItsOwn(t *testing.T) {
	s := newServer(t, says(200, `{"data":[{"index":0,"embedding":[0,0,0,0]}]}`), hangs)
	c, _ := client(t, s)
	if _, err := c.Questions().Embed(t.Context(), []string{"☃"}); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("err = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := c.Questions().Embed(ctx, []string{"who"})
		ended <- err
	}()
	for len(s.requests()) < 2 { // until it is under way
		select {
		case err := <-ended:
			t.Fatal(err)
		default:
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if _, err := c.Questions().Embed(t.Context(), []string{"why"}); err != nil {
		t.Errorf("err = %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	s := newServer(t)
	s.Close()
	c, _ := client(t, s)
	_, err := c.Probe(t.Context())
	if e := fault.Public(err); e.Code != fault.UpstreamUnavailable || strings.Contains(e.Message+e.Hint, "127.0.0.1") || len(s.requests()) != 0 {
		t.Errorf("err = %+v", e)
	}
}

func TestTLS(t *testing.T) {
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	c, _ := client(t, s)
	if _, err := c.Probe(t.Context()); !fault.Is(err, fault.UpstreamUnavailable) || !strings.Contains(fault.Public(err).Hint, "embedder.ca_file") {
		t.Errorf("err = %v", err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	trusted, _ := client(t, s, func(o *embedder.Options) { o.CAFile = ca })
	if n, err := trusted.Probe(t.Context()); err != nil || n != 4 {
		t.Errorf("%d, %v", n, err)
	}
	if err := os.WriteFile(ca, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := embedder.Open(embedder.Options{Provider: embedder.OpenAI, Endpoint: s.URL, Model: "m", CAFile: ca}); !fault.Is(err, fault.Invalid) {
		t.Errorf("err = %v", err)
	}
}

// Many ask at once while the server takes few texts at a time and fails now and then; each gets what is its own.
func TestManyAtOnce(t *testing.T) {
	s := newServer(t, breaks, says(503, ""))
	s.always = takes(8, 1000, 413, "")
	c, _ := client(t, s)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			var in []string
			for i := range 40 {
				in = append(in, fmt.Sprintf("text %d of %d", i%30, g%4))
			}
			got, err := c.Documents().Embed(t.Context(), in)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range in {
				belongs(t, in[i], got[i])
			}
		})
	}
	all.Wait()
}
