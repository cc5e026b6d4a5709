package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fold"
)

// embeddings is a server of OpenAI's kind. Its vectors are hashes of words, and it knows that vexil17 is another word for quorum17.
type embeddings struct {
	down   atomic.Bool
	size   atomic.Int64 // of its vectors
	texts  atomic.Int64 // that it was asked for
	server *httptest.Server
}

var synonym = regexp.MustCompile(`vexil(\d+)`)

func newEmbeddings(t *testing.T) *embeddings {
	e := &embeddings{}
	e.size.Store(256)
	e.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.down.Load() {
			panic(http.ErrAbortHandler) // as one that is stopped: the connection breaks
		}
		var in struct {
			Input []string `json:"input"`
		}
		if r.URL.Path != "/v1/embeddings" || json.NewDecoder(r.Body).Decode(&in) != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		e.texts.Add(int64(len(in.Input)))
		type item struct {
			Index     int       `json:"index"`
			Embedding []float64 `json:"embedding"`
		}
		var out struct {
			Data []item `json:"data"`
		}
		for i, text := range in.Input {
			v := make([]float64, e.size.Load())
			for _, word := range strings.Fields(synonym.ReplaceAllString(fold.Text(text), "quorum$1")) {
				for k := range 4 {
					h := fnv.New32a()
					fmt.Fprint(h, k, strings.Trim(word, ".,"))
					v[h.Sum32()%uint32(len(v))]++
				}
			}
			out.Data = append(out.Data, item{i, v})
		}
		_ = json.NewEncoder(w).Encode(out) // the client sees what is missing
	}))
	t.Cleanup(e.server.Close)
	return e
}

// TestVectorsFromEndToEnd reads manuals in and searches them with an embedder that comes and goes: at the command line, with files and a server.
func TestVectorsFromEndToEnd(t *testing.T) {
	t.Parallel()
	e, work := newEmbeddings(t), t.TempDir()
	docs := filepath.Join(work, "docs")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(docs, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for d := range 8 {
		var text strings.Builder
		fmt.Fprintf(&text, "# Manual %d\n\nWhat this manual is about stands below in five parts.\n", d)
		for n := d * 5; n < d*5+5; n++ {
			fmt.Fprintf(&text, "\n## Handling vexil%d properly\n\nThe operator looks at quorum%d first, then calls the second line and writes down what was seen there at that time.\n", n, n)
		}
		write(fmt.Sprintf("manual-%d.md", d), text.String())
	}
	call := func(status int, args ...string) (out, errs string) {
		t.Helper()
		var o, r bytes.Buffer
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
		defer stop()
		p := &program{args: append([]string{"resync"}, args...), dir: work, in: strings.NewReader(""), out: &o, err: &r, clock: time.Now, environ: []string{
			"HOME=" + work, "APP_DATA_DIR=" + filepath.Join(work, "data"),
			"APP_EMBEDDER__PROVIDER=openai", "APP_EMBEDDER__ENDPOINT=" + e.server.URL + "/v1", "APP_EMBEDDER__MODEL=hashes"}}
		if code := run(ctx, p); code != status {
			t.Fatalf("resync %v: exit status %d\n%s\n%s", args, code, o.String(), r.String())
		}
		return o.String(), r.String()
	}
	holds := func(text string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%q is missing in:\n%s", w, text)
			}
		}
	}
	const byWords = "searched by words alone"

	e.down.Store(true)
	out, _ := call(0, "kb", "ingest", docs)
	holds(out, "8 added", "8 documents are found by their words alone", "The embedder cannot be reached")
	out, errs := call(0, "kb", "search", "--json", "quorum23")
	holds(out, `"manual-4.md"`)
	if strings.Contains(errs, byWords) { // nothing has been weighed, so nothing is missed
		t.Errorf("a note without a weight: %s", errs)
	}

	e.down.Store(false)
	out, _ = call(0, "kb", "ingest", docs)
	holds(out, "8 unchanged", "Vectors by hashes count", "measured on 40 headings")
	if strings.Contains(out, "count 0 %") {
		t.Errorf("vectors that find what words do not find count nothing: %s", out)
	}
	asked := e.texts.Load()
	out, _ = call(0, "kb", "stats", "--json")
	var tally kbTally
	if err := json.Unmarshal([]byte(out), &tally); err != nil || tally.Weight <= 0 || tally.WithoutVectors != 0 {
		t.Errorf("%v, %s", err, out)
	}
	call(0, "kb", "search", "quorum23")
	if n := e.texts.Load() - asked; n != 1 { // another process goes by the weight that was kept, and embeds the question alone
		t.Errorf("%d texts for a search", n)
	}

	e.down.Store(true)
	out, errs = call(0, "kb", "search", "--json", "quorum23")
	holds(out, `"manual-4.md"`)
	holds(errs, byWords)
	var exact map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &exact); err != nil || len(exact) != 3 || exact["query"] == nil || exact["band"] == nil || exact["results"] == nil {
		t.Errorf("%v: %s", err, out)
	}
	write("new.md", "# Otters\n\nThe otter sleeps at noon.\n")
	out, _ = call(0, "kb", "ingest", docs)
	holds(out, "1 added", "1 documents are found by their words alone")
	out, _ = call(0, "kb", "search", "otter noon")
	holds(out, "new.md")

	e.down.Store(false)
	asked = e.texts.Load()
	out, _ = call(0, "kb", "ingest", docs)
	holds(out, "Vectors by hashes count")
	if n := e.texts.Load() - asked; n > 5 { // two probes and the new document: one of nine is no reason to weigh anew
		t.Errorf("%d texts for one document", n)
	}
	e.size.Store(64)
	write("newer.md", "# Herons\n\nThe heron stands in the reeds.\n")
	_, errs = call(1, "kb", "ingest", docs)
	holds(errs, "vectors of 64 numbers", "256")
	out, _ = call(0, "kb", "search", "heron reeds")
	holds(out, "newer.md")
}
