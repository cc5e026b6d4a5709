package embedder_test

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/agent/embedder"
	"github.com/resync-hwa/resync/internal/fault"
)

// FuzzAnswers gives a Client any bytes as an answer, and any text as Retry-After: two vectors of length 1 come of it, or a coded error.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"index":1,"embedding":[1,2]},{"index":0,"embedding":[0.5,-3e-3]}]}`, `{"embeddings":[[1,2],[3,4]]}`, `{"data":[{"embedding":[1]},{"embedding":[-1]}]}`,
		`{"data":[{"index":0,"embedding":[[1],[2]]},{"index":1,"embedding":[null]}]}`, `{"data":[{"index":-1,"embedding":[1]},{"index":99999999999999999999,"embedding":[1]}]}`,
		`{"embeddings":[[1e400],[1]]}`, `{"embeddings":[[1e-45,0],[1,0]]}`, `{"embeddings":[[],[]]}`, "<html>", "", "[", `{"data":null}`,
	} {
		f.Add([]byte(seed), 200, "3")
	}
	f.Add([]byte("too large"), 400, "x")
	f.Add([]byte(""), 429, "Wed, 21 Oct 2099 07:28:00 GMT")
	f.Add([]byte(""), 503, "1e308")
	f.Fuzz(func(t *testing.T, body []byte, status int, later string) {
		if status < 200 || status > 599 {
			status = http.StatusOK
		}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", later)
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}))
		defer s.Close()
		for _, provider := range []string{embedder.OpenAI, embedder.Ollama} {
			k := newClock()
			c, err := embedder.Open(embedder.Options{Provider: provider, Endpoint: s.URL, Model: "m", Now: k.Now, Wait: k.Wait})
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Documents().Embed(context.Background(), []string{"a", "b"})
			if code := fault.CodeOf(err); err != nil && (got != nil || code == fault.Internal) {
				t.Errorf("%d vectors and %v", len(got), err)
			}
			if err == nil && len(got) != 2 {
				t.Errorf("%d vectors", len(got))
			}
			for _, v := range got {
				sum := 0.0
				for _, x := range v {
					sum += float64(x) * float64(x)
				}
				if !(math.Abs(sum-1) < 1e-4) || len(v) != len(got[0]) {
					t.Errorf("a vector of length %f", math.Sqrt(sum))
				}
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
