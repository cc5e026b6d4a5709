package embedder

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// maxBatch is the most texts of one request that any known server takes.
const maxBatch = 2048

// check looks at the options and gives the address to ask.
func (o Options) check() (string, error) {
	var path string
	switch o.Provider {
	case OpenAI:
		path = "/embeddings"
	case Ollama:
		path = "/api/embed"
	default:
		return "", fault.New(fault.Invalid, "The embedder's provider %q is not known.", o.Provider).WithHint("Use none, openai or ollama.")
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", fault.New(fault.Invalid, "The embedder's endpoint is no http or https address without a user.").
			WithHint("Give it with its path, as in https://host/v1, and the key in embedder.api_key.")
	}
	if strings.TrimSpace(o.Model) == "" {
		return "", fault.New(fault.Invalid, "No model is named for the embedder.").WithHint("Set embedder.model.")
	}
	if o.Batch < 0 || o.Batch > maxBatch {
		return "", fault.New(fault.Invalid, "The embedder's batch must lie between 1 and %d.", maxBatch)
	}
	u.RawQuery, u.Fragment = "", ""
	return strings.TrimSuffix(strings.TrimRight(u.String(), "/"), path) + path, nil
}

// transport makes the wire: TLS 1.2 or later, the environment's proxy, and no wait without a bound.
func (o Options) transport() (*http.Transport, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file %s of embedder.ca_file cannot be read.", o.CAFile)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Invalid, "The file %s of embedder.ca_file holds no certificate.", o.CAFile)
		}
	}
	connect := min(10*time.Second, o.Timeout)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    connect,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 1 << 20,
	}, nil
}

// question is the body of a request. What one of the servers does not know is left out.
type question struct {
	Model    string   `json:"model"`
	Input    []string `json:"input"`
	Encoding string   `json:"encoding_format,omitempty"`
	Truncate bool     `json:"truncate,omitempty"`
}

// once sends one request and reads its answer.
func (c *Client) once(ctx context.Context, texts []string, within time.Duration) ([][]float32, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	q := question{Model: c.o.Model, Input: texts}
	if c.o.Provider == Ollama {
		q.Truncate = true
	} else {
		q.Encoding = "float"
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if c.o.APIKey != "" {
		req.Header.Set("Authorization", "Bearer "+c.o.APIKey)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, c.refused(resp)
	}
	most := maxAnswer(len(texts))
	raw, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > most {
		return nil, &brokenError{"is larger than " + strconv.FormatInt(most>>20, 10) + " MB", false}
	}
	return c.read(raw, len(texts))
}

// maxAnswer bounds an answer: room for vectors of 8,192 numbers written out in full, and never more than 64 MB.
func maxAnswer(texts int) int64 { return min(1<<20+int64(texts)*256<<10, 64<<20) }

// refusal is an answer that is none.
type refusal struct {
	status int
	after  time.Duration // how long the server wants to be left alone
	told   string        // the server's own words, for the log
}

func (r *refusal) Error() string { return fmt.Sprintf("HTTP %d: %s", r.status, r.told) }

// maxTold bounds what is read of a server's own words.
const maxTold = 2 << 10

func (c *Client) refused(resp *http.Response) error {
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, maxTold)) // what came of it is enough for the log
	return &refusal{status: resp.StatusCode, after: retryAfter(resp.Header, c.o.Now()), told: c.told(string(raw))}
}

// told makes a server's words fit for the log: servers repeat the key that they refuse, and more.
func (c *Client) told(text string) string {
	if c.o.APIKey != "" {
		text = strings.ReplaceAll(text, c.o.APIKey, "***")
	}
	return untrusted.Normalize(text)
}

// retryAfter reads the header, seconds or a date; a date is counted from the answer's own Date, where it has one.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil && s >= 0 {
		return time.Duration(min(s, 3600) * float64(time.Second))
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if d, err := http.ParseTime(h.Get("Date")); err == nil {
		now = d
	}
	return min(max(at.Sub(now), 0), time.Hour)
}

// sizeWords are how servers say that they were sent too much: vLLM, text-embeddings-inference, llama.cpp, OpenAI and gateways in front of them.
var sizeWords = []string{"too large", "too long", "too many", "too big", "maximum", "exceed", "batch size", "context length", "must have less than", "at most"}

// oversize reports whether fewer or shorter texts may do: sure when the server says so, else a guess from the status.
func (r *refusal) oversize() (may, sure bool) {
	words := strings.ToLower(r.told)
	for _, w := range sizeWords {
		sure = sure || strings.Contains(words, w)
	}
	switch r.status {
	case http.StatusRequestEntityTooLarge:
		return true, true
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return true, sure
	case http.StatusInternalServerError: // llama.cpp's answer to a batch that its buffers cannot hold
		return sure, sure
	}
	return false, false
}

// passing reports whether the same request may succeed a little later.
func (r *refusal) passing() bool {
	switch r.status {
	case http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout, 529: // 529: overloaded, beside the standard
		return true
	}
	return false
}

// passing reports whether an error may pass by itself.
func passing(err error) bool {
	var r *refusal
	var b *brokenError
	var d *dimensionError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &r):
		return r.passing()
	case errors.As(err, &b):
		return b.cut
	}
	return !errors.As(err, &d) && !errors.As(err, &cert)
}
