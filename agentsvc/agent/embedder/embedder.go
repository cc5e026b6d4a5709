// Package embedder turns texts into vectors by asking a server: one that speaks OpenAI's embeddings, or Ollama. Nothing is loaded into this
// process and nothing is downloaded.
//
// A Client has two Embedders, since many models want questions and documents marked differently: Questions has a small budget of time, remembers
// what was asked before and leaves a server alone for a while that has just failed; Documents is patient, tries again, and finds out how many texts
// the server takes at once. Both give one vector for each text, in the order of the texts, all of one length and normalised to length 1, or a
// coded error; never some of them. What does not fit that, a null among the numbers, a vector of zeros, one too few, another dimension than
// before, is an error and no vector.
//
// Texts leave this process here, so secrets in them are masked first (internal/untrusted). All is safe for concurrent use. Start at Open.
package embedder

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// The kinds of server.
const (
	OpenAI = "openai" // any endpoint that speaks OpenAI's embeddings
	Ollama = "ollama" // Ollama's own interface, 0.2 or later
)

// Options say which server to ask, and how. Provider, Endpoint and Model are required.
type Options struct {
	Provider string // OpenAI or Ollama
	Endpoint string // base URL: "https://host/v1" of OpenAI's kind, "http://127.0.0.1:11434" of Ollama
	APIKey   string // empty for local servers
	Model    string
	// QueryPrefix and DocumentPrefix stand before each question and each passage, as the model was trained: "query: " and "passage: "
	// for e5, "search_query: " and "search_document: " for nomic-embed-text.
	QueryPrefix, DocumentPrefix string

	Batch           int           // most texts of one request; 0 means 64. Servers that take fewer are found out
	Timeout         time.Duration // of one request for documents; 0 means 60 s
	QuestionTimeout time.Duration // of a question, with everything; 0 means 2 s
	CAFile          string        // PEM; empty means the system's authorities

	Now    func() time.Time                           // nil: time.Now
	Wait   func(context.Context, time.Duration) error // between two tries; nil waits
	Logger *slog.Logger                               // nil: nothing is logged
}

// The sizes of what is remembered, in bytes of vectors: some thousand questions, and the passages that a run of ingest repeats.
const (
	questionBytes = 8 << 20
	documentBytes = 32 << 20
)

// Client asks one server. See the package comment.
type Client struct {
	o         Options
	url       string
	http      *http.Client
	idle      func()
	batch     atomic.Int64 // most texts that a request may carry, as far as is known
	dimension atomic.Int64 // of the first vector that came; 0 before
	questions *Embedder
	documents *Embedder
}

// Embedder is one side of a Client: its Embed is what the search and the ingest of documents are given.
type Embedder struct {
	client *Client
	prefix string
	known  *otter.Cache[[sha256.Size]byte, []float32]
	ask    patience
	rest   *rest // nil: the server is asked whatever happened before
}

// patience says what a call may cost.
type patience struct {
	whole   time.Duration // 0: as long as the caller's context lasts
	request time.Duration
	tries   int
	longest time.Duration // wait that a server may ask for between two tries
}

// Open makes a Client. It checks the options and reads the CA file, but dials nothing: a server that does not answer shows in Embed and Probe.
// Errors are fault.Invalid.
func Open(o Options) (*Client, error) {
	url, err := o.check()
	if err != nil {
		return nil, err
	}
	if o.Batch == 0 {
		o.Batch = 64
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.QuestionTimeout <= 0 {
		o.QuestionTimeout = 2 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	transport, err := o.transport()
	if err != nil {
		return nil, err
	}
	c := &Client{o: o, url: url, idle: transport.CloseIdleConnections, http: &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}} // texts and key go where they were sent
	c.batch.Store(int64(o.Batch))
	if c.questions, err = c.side(o.QueryPrefix, questionBytes, patience{o.QuestionTimeout, o.QuestionTimeout, 2, o.QuestionTimeout}); err != nil {
		return nil, err
	}
	c.questions.rest = &rest{}
	c.documents, err = c.side(o.DocumentPrefix, documentBytes, patience{0, o.Timeout, 5, time.Minute})
	return c, err
}

func (c *Client) side(prefix string, bytes uint64, p patience) (*Embedder, error) {
	known, err := otter.New(&otter.Options[[sha256.Size]byte, []float32]{MaximumWeight: bytes, Logger: &otter.NoopLogger{},
		Weigher: func(_ [sha256.Size]byte, v []float32) uint32 { return uint32(4*len(v) + 128) }})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The cache of vectors cannot be made.")
	}
	return &Embedder{client: c, prefix: prefix, known: known, ask: p}, nil
}

// Questions gives the Embedder for what people ask.
func (c *Client) Questions() *Embedder { return c.questions }

// Documents gives the Embedder for passages.
func (c *Client) Documents() *Embedder { return c.documents }

// Space names what the vectors of Documents lie in: the model, and the prefix where there is one. Vectors of different spaces cannot be compared, so
// whoever keeps vectors keeps this with them. Where the server stands is no part of it.
func (c *Client) Space() string {
	if c.o.DocumentPrefix == "" {
		return c.o.Model
	}
	return c.o.Model + " " + strconv.Quote(c.o.DocumentPrefix)
}

// Probe asks for the vector of one word and gives its dimension: whether the server can be reached and the model is there. The word is always sent.
func (c *Client) Probe(ctx context.Context) (dimension int, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	v, err := c.vectors(ctx, []string{c.o.DocumentPrefix + "scheduler"}, patience{request: c.o.Timeout, tries: 1})
	if err != nil {
		return 0, c.coded(ctx, err)
	}
	return len(v[0]), nil
}

// Close frees idle connections.
func (c *Client) Close() error {
	c.idle()
	return nil
}

// Embed gives one vector of length 1 for each text, in their order; the caller owns them. A text that was seen before costs no call, and one that comes
// twice is sent once. Texts longer than 32 KB, or than the server takes, count by their beginning.
// Errors: fault.Invalid for a text without a word in it; fault.UpstreamUnavailable, UpstreamDenied, Limited and Timeout for what the server does;
// fault.Conflict for vectors of another dimension than before.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	places := map[[sha256.Size]byte][]int{} // of what must be asked for
	var send []string
	var keys [][sha256.Size]byte
	for i, text := range texts {
		text, err := e.prepare(text)
		if err != nil {
			return nil, err
		}
		key := sha256.Sum256([]byte(e.client.o.Model + "\x00" + text))
		if v, ok := e.known.GetIfPresent(key); ok {
			out[i] = slices.Clone(v)
			continue
		}
		if places[key] == nil {
			send, keys = append(send, text), append(keys, key)
		}
		places[key] = append(places[key], i)
	}
	if len(send) == 0 {
		return out, ctx.Err()
	}
	vectors, err := e.fetch(ctx, send)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		e.known.Set(key, vectors[i])
		for _, at := range places[key] {
			out[at] = slices.Clone(vectors[i])
		}
	}
	return out, nil
}

// fetch asks the server, within the budget of this side.
func (e *Embedder) fetch(ctx context.Context, texts []string) ([][]float32, error) {
	c := e.client
	if err := e.rest.kept(c.o.Now()); err != nil {
		return nil, err
	}
	within, cancel := ctx, context.CancelFunc(func() {})
	if e.ask.whole > 0 {
		within, cancel = context.WithTimeout(ctx, e.ask.whole)
	}
	defer cancel()
	vectors, err := c.vectors(within, texts, e.ask)
	if err != nil {
		coded := c.coded(ctx, err)
		if ctx.Err() == nil && tiring(err) { // a caller who left says nothing of the server
			e.rest.failed(c.o.Now(), coded, asked(err))
		}
		return nil, coded
	}
	e.rest.served()
	return vectors, nil
}

// maxText bounds one text, in bytes: models read some hundred to some thousand words and leave out the rest.
const maxText = 32 << 10

// prepare makes a text fit to be sent.
func (e *Embedder) prepare(text string) (string, error) {
	text = clip(strings.ToValidUTF8(text, " "), maxText)
	lines := strings.Split(text, "\n")
	untrusted.HideKeys(len(lines), func(i int) *string { return &lines[i] })
	for i, l := range lines {
		lines[i] = untrusted.Mask(l)
	}
	if text = strings.TrimSpace(strings.Join(lines, "\n")); text == "" {
		return "", fault.New(fault.Invalid, "An empty text has no vector.")
	}
	return e.prefix + text, nil
}

// clip cuts a text after at most n bytes, between two characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// restTime is how long questions leave a server alone that has failed: each would wait for it in vain, up to its whole budget.
const (
	restTime    = 15 * time.Second
	longestRest = time.Minute // however long a server asks to be left alone
)

// rest keeps questions away from a server that has just failed. A nil rest keeps nothing away.
type rest struct {
	mu    sync.Mutex
	from  time.Time
	until time.Time
	last  *fault.Error
}

// kept says why the server is not asked now; nil when it may be. A clock that was set back ends the rest.
func (r *rest) kept(now time.Time) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil || !now.Before(r.until) || now.Before(r.from) {
		return nil
	}
	return fault.Wrap(r.last.Code, r.last, "%s It is not asked again before %s.", r.last.Message, r.until.UTC().Format(time.RFC3339)).
		WithHint("%s", r.last.Hint).WithSource(r.last.Source)
}

func (r *rest) failed(now time.Time, err *fault.Error, asked time.Duration) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from, r.until, r.last = now, now.Add(min(max(asked, restTime), longestRest)), err
}

func (r *rest) served() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = nil
}

// tiring reports whether the failure was the server's as a whole, and not about one text: then the next question would fare no better.
func tiring(err error) bool {
	var r *refusal
	var b *brokenError
	var d *dimensionError
	if errors.As(err, &r) {
		return r.passing() || r.status == http.StatusUnauthorized || r.status == http.StatusForbidden
	}
	return !errors.As(err, &b) && !errors.As(err, &d)
}

// wait waits, or ends with the context.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// asked is how long the server asked to be left alone.
func asked(err error) time.Duration {
	var r *refusal
	if errors.As(err, &r) {
		return r.after
	}
	return 0
}
