package llm

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// The public addresses of those who have one.
const (
	anthropicHome = "https://api.anthropic.com"
	geminiHome    = "https://generativelanguage.googleapis.com"
	ollamaHome    = "http://127.0.0.1:11434"
)

// Model is one configured model with what was learnt about its server. Safe for concurrent use.
type Model struct {
	s       Settings
	codec   codec
	url     string
	http    *http.Client
	quirks  quirks
	breaker breaker
	budget  budget
	size    size
}

// quirks are what a server refused once and is not sent again.
type quirks struct {
	mu sync.Mutex
	quirk
}

type quirk struct {
	completionTokens bool // it wants max_completion_tokens instead of max_tokens
	noTemperature    bool // it wants no temperature but its own
	noUsage          bool // it knows no stream_options
	noTools          bool // the model cannot call tools
}

func (q *quirks) get() quirk {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.quirk
}

// learn reads what a server does not take from its refusal. False when there is nothing new to learn.
func (q *quirks) learn(f *Failure) bool {
	if f.Status != http.StatusBadRequest && f.Status != http.StatusUnprocessableEntity {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	text, was := strings.ToLower(f.Told), q.quirk
	switch {
	case strings.Contains(text, "max_completion_tokens") && !q.completionTokens:
		q.completionTokens = true
	case strings.Contains(text, "temperature"):
		q.noTemperature = true
	case strings.Contains(text, "stream_options"):
		q.noUsage = true
	case strings.Contains(text, "support tool"), strings.Contains(text, "support function"), strings.Contains(text, "tool use is not"), strings.Contains(text, "enable-auto-tool-choice"):
		q.noTools = true
	}
	return q.quirk != was
}

// size is what is known of how a model counts. Servers report tokens; before one has, 3.5 bytes are one token, which is 10 to 20 % too many for English prose
// and about right for JSON and Portuguese.
type size struct {
	mu    sync.Mutex
	ratio float64 // bytes of a request for one token
	most  int     // tokens of a request that the server was seen to take at most; 0: unknown
}

const (
	firstRatio = 3.5
	// No tokenizer in use makes fewer tokens than one for eight bytes of such requests: a server that reports fewer has not read all.
	mostBytes = 8.0
	// No server gives a model less room than this.
	leastContext = 512
)

func (z *size) bytesPerToken() float64 {
	z.mu.Lock()
	defer z.mu.Unlock()
	return cmp.Or(z.ratio, firstRatio)
}

// tokens estimates.
func (z *size) tokens(n int) int { return int(math.Ceil(float64(n) / z.bytesPerToken())) }

// reported takes what a server counted for n bytes. A quarter of each new report counts, so that one odd answer moves little.
func (z *size) reported(n, tokens int) {
	if tokens <= 0 || n < 2000 {
		return
	}
	r := min(max(float64(n)/float64(tokens), 1.5), 6)
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.ratio == 0 {
		z.ratio = r
	} else {
		z.ratio += (r - z.ratio) / 4
	}
}

// tooMany notes that so many tokens of a request were more than the server takes; what is left is for the answer.
func (z *size) tooMany(tokens int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if most := tokens * 3 / 4; z.most == 0 || most < z.most {
		z.most = most
	}
}

// room is how many tokens a request may have; 0: unknown.
func (m *Model) room() int {
	m.size.mu.Lock()
	defer m.size.mu.Unlock()
	most := m.size.most
	if c := m.s.ContextTokens - m.s.MaxTokens - spareTokens; m.s.ContextTokens > 0 && (most == 0 || c < most) {
		most = c
	}
	return most
}

// newModel checks settings and makes a Model of them. Nothing is dialled.
func newModel(s Settings) (*Model, error) {
	m := &Model{s: s}
	bad := func(key, text string) error {
		return fault.New(fault.Invalid, "The setting %s cannot be used: %s.", m.setting(key), text)
	}
	m.codec = codecOf(s.Provider)
	if m.codec == nil {
		return nil, fault.New(fault.Invalid, "The model provider %q is not known.", s.Provider).WithHint("Use %s.", strings.Join(Providers(), ", "))
	}
	if m.s.Endpoint == "" {
		m.s.Endpoint = map[string]string{Anthropic: anthropicHome, Gemini: geminiHome, Ollama: ollamaHome}[s.Provider]
	}
	u, err := url.Parse(m.s.Endpoint)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fault.New(fault.Invalid, "The model's endpoint is no http or https address.").WithHint("Give it with its path, as in https://host/v1.")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, bad("endpoint", "it must be an address and a path alone; a key has a setting of its own")
	case s.Model == "":
		return nil, fault.New(fault.Invalid, "No model is named for the endpoint.").WithHint("Set %s (APP_LLM_MODEL).", m.setting("model"))
	case strings.ContainsAny(s.APIKey, "\r\n\x00"):
		return nil, bad("api_key", "it has a line end in it")
	case s.Temperature < 0 || s.Temperature > 2 || s.MaxTokens < 0:
		return nil, fault.New(fault.Invalid, "The model's temperature must lie between 0 and 2, and its token limit must not be negative.")
	case s.Provider == Anthropic && s.Temperature > 1:
		return nil, bad("temperature", "Anthropic's scale ends at 1")
	}
	m.s.MaxTokens = cmp.Or(s.MaxTokens, 1200)
	m.s.Timeout = cmp.Or(max(s.Timeout, 0), 60*time.Second)
	m.s.FirstByte = cmp.Or(max(s.FirstByte, 0), 30*time.Second)
	m.s.Between = cmp.Or(max(s.Between, 0), 20*time.Second)
	if s.Provider == Ollama {
		m.s.ContextTokens = cmp.Or(s.ContextTokens, defaultContext)
	}
	if c := m.s.ContextTokens; c != 0 && c < m.s.MaxTokens+512 {
		return nil, bad("context_tokens", "it must leave room for a question beside "+m.setting("max_tokens"))
	}
	m.url = m.codec.url(m.s)
	transport, err := transportOf(m.s.CAFile)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file in %s cannot be used.", m.setting("ca_file")).WithHint("It must hold a certificate in PEM.")
	}
	m.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return m, nil
}

func transportOf(caFile string) (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the standard library's own
	t.MaxIdleConnsPerHost = 8
	if caFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(caFile) //nolint:gosec // the operator's own file
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in it")
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// Name is the name under which the model is configured; "default" where it has none.
func (m *Model) Name() string { return cmp.Or(m.s.Name, "default") }

// Label is the model's own name.
func (m *Model) Label() string { return m.s.Model }

// mostTokens bounds an answer.
func (m *Model) mostTokens(r Request) int {
	if r.MaxTokens > 0 {
		return min(r.MaxTokens, m.s.MaxTokens)
	}
	return m.s.MaxTokens
}

// Provider is one of Providers.
func (m *Model) Provider() string { return m.s.Provider }

// once sends one request and reads its answer, within the time that is left.
func (m *Model) once(ctx context.Context, r Request, ear Ear, left time.Duration) (Response, Usage, error) {
	sent, err := json.Marshal(m.codec.body(m, r))
	if err != nil {
		return Response{}, Usage{}, failed(Refused, "the request cannot be written: %w", err)
	}
	d := newDraft(ear, m.mostTokens(r))
	got, err := m.exchange(ctx, sent, d, left)
	u := m.usage(len(sent), d, got)
	var f *Failure
	if errors.As(err, &f) && f.Kind == Overflow { // it does not say what would fit
		m.size.tooMany(m.size.tokens(len(sent)))
	}
	if err != nil {
		return Response{}, u, err
	}
	if err := m.cutByServer(len(sent), r.words(), d); err != nil {
		return Response{}, u, err
	}
	if d.told {
		m.size.reported(len(sent), d.usage.Input)
	}
	offered := map[string]bool{}
	for _, t := range r.Tools {
		offered[t.Name] = true
	}
	resp, err := d.done(offered)
	for i := range resp.Calls {
		resp.Calls[i].By = m.Label()
	}
	resp.Model = m
	return resp, u, err
}

// usage is what a request cost. Where nothing came back nothing is known to have been spent.
func (m *Model) usage(sent int, d *draft, got bool) Usage {
	u := d.usage
	switch {
	case !got:
		return Usage{}
	case !d.told:
		u = Usage{Input: m.size.tokens(sent), Output: m.size.tokens(d.spent), Estimated: true}
	case u.Input == 0: // Ollama leaves out what it had in its cache
		u.Input, u.Estimated = m.size.tokens(sent), true
	}
	if u.Output == 0 && d.spent > 0 { // the stream was cut before its counts
		u.Output, u.Estimated = m.size.tokens(d.spent), true
	}
	u.Input, u.Output, u.Cached, u.Stored, u.CostUSD = max(u.Input, 0), max(u.Output, 0), max(u.Cached, 0), max(u.Stored, 0), max(u.CostUSD, 0)
	return u
}

// cutByServer finds a server that read less than it was sent, which none of them tells: it counted exactly a limit, or fewer tokens than the words of the
// messages alone can be. (Some count without the descriptions of tools.)
func (m *Model) cutByServer(sent, words int, d *draft) error {
	n := d.usage.Input
	if !d.told || n < leastContext {
		return nil // a count below the smallest context in use is no count at all
	}
	full := float64(sent)/float64(n) > m.size.bytesPerToken()*1.15 && (n == m.s.ContextTokens || n >= 1024 && n&(n-1) == 0)
	// Ollama's own interface leaves out what it had in its cache, so few tokens prove nothing there.
	few := m.s.Provider != Ollama && float64(words)/float64(n) > mostBytes
	if !full && !few {
		return nil
	}
	m.size.tooMany(n)
	return &Failure{Kind: Truncated, Tokens: n, Cause: errors.New("fewer tokens were read than were sent")}
}

// words is how many bytes the messages have, without the descriptions of tools.
func (r Request) words() int {
	n := len(r.System)
	for _, msg := range r.Messages {
		n += len(msg.Text)
		for _, x := range msg.Results {
			n += len(x.Output)
		}
	}
	return n
}

// exchange sends a request and reads events into d. Got reports whether the server began to answer.
func (m *Model) exchange(ctx context.Context, sent []byte, d *draft, left time.Duration) (got bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, left, errTime)
	defer cancel()
	ctx, w, stop := watched(ctx, m.s.FirstByte, m.s.Between)
	defer stop()
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = whyEnded(ctx, err)
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url, bytes.NewReader(sent))
	if err != nil {
		return false, failed(Unreachable, "the request cannot be made: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "resync")
	m.codec.header(req.Header, m.s.APIKey)
	resp, err := m.http.Do(req)
	if err != nil {
		return false, &Failure{Kind: Unreachable, Cause: err}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false, m.refusal(resp)
	}
	err = read(resp.Body, w, func(b []byte) (bool, error) {
		got = true
		err := m.codec.event(d, b)
		if d.ended {
			w.between = time.Second // only the counts are still to come
		}
		return d.full || d.ended && (string(b) == "[DONE]" || d.told), err
	})
	switch {
	case d.ended && err != nil && errors.Is(whyEnded(ctx, err), errStalled):
		return got, nil // all had been said
	case err != nil:
		f := asFailure(err)
		f.Told = m.told(f.Told)
		return got, f
	case !d.ended && !d.full:
		return got, failed(CutOff, "the stream ended before the answer did")
	}
	return got, nil
}

// refusal makes a failure of an answer that is none of status 200.
func (m *Model) refusal(resp *http.Response) *Failure {
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 16<<10)) // what came tells enough
	f := &Failure{Kind: Refused, Status: resp.StatusCode, Told: m.told(errorText(b)), RetryAfter: retryAfter(resp.Header, time.Now())}
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable, s == 529: // Ollama says 503 where others say 429; Anthropic has a 529 of its own
		f.Kind = Busy
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusProxyAuthRequired:
		f.Kind = Denied
	case s == http.StatusNotFound:
		f.Kind = Unknown
	case s == http.StatusRequestTimeout, s == http.StatusGatewayTimeout:
		f.Kind = Slow
	case s >= 500:
		f.Kind = Broken
	case s >= 300 && s < 400:
		f.Kind = Redirected
	case s < 300:
		f.Kind = NoModel
	case s == http.StatusRequestEntityTooLarge || overflow(f.Told):
		f.Kind = Overflow
	}
	return f
}

// overflow finds, in a server's words, that the question is too long for the model.
func overflow(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"context length", "context_length", "context window", "context size", "prompt is too long", "too many tokens", "exceeds the maximum number of tokens", "maximum context"},
		func(s string) bool { return strings.Contains(text, s) })
}

// errorText is the message of an error in any of the forms of servers.
func errorText(b []byte) string {
	var list []json.RawMessage
	if json.Unmarshal(b, &list) == nil && len(list) > 0 {
		b = list[0] // Gemini
	}
	var e struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(b, &e) != nil {
		return string(b)
	}
	var inner struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(e.Error, &inner) == nil && inner.Message != "" {
		return inner.Message
	}
	return cmp.Or(string(e.Error), e.Message, string(e.Detail), string(b))
}

// retryAfter reads the header: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 && s < 1e6 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// Ask sends the model one short request without tools and gives the time that it took: whether it answers at all.
func (m *Model) Ask(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	_, _, err := m.once(ctx, Request{System: "You answer in one word.", Messages: []Message{{Role: User, Text: "Say: ready"}}}, deaf{}, m.s.Timeout)
	if f := asFailure(err); err != nil && m.quirks.learn(f) {
		_, _, err = m.once(ctx, Request{System: "You answer in one word.", Messages: []Message{{Role: User, Text: "Say: ready"}}}, deaf{}, m.s.Timeout)
	}
	if err != nil {
		return time.Since(start), m.Fault(asFailure(err))
	}
	return time.Since(start), nil
}

type deaf struct{}

func (deaf) Hear(string) {}
func (deaf) Restart()    {}
