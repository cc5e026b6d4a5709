package embedder

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
)

// maxNumbers bounds a vector; no model gives more.
const maxNumbers = 16 << 10

// brokenError is an answer that came with status 200 and cannot be used; what continues "The answer …".
type brokenError struct {
	what string
	cut  bool // it may have been lost on its way
}

func (b *brokenError) Error() string { return "the answer " + b.what }

// dimensionError is a vector of another dimension than those before.
type dimensionError struct{ was, is int64 }

func (d *dimensionError) Error() string { return fmt.Sprintf("%d numbers after %d", d.is, d.was) }

var (
	errNumbers = errors.New("no list of numbers")
	errLength  = errors.New("too many numbers")
)

// numbers is a vector as servers write it. A null, a text or a list within it is an error; encoding/json would make a null 0.
type numbers []float32

// UnmarshalJSON implements json.Unmarshaler; b is JSON already.
func (n *numbers) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != '[' {
		return errNumbers
	}
	b = bytes.TrimSpace(b[1 : len(b)-1])
	if len(b) == 0 {
		return errNumbers
	}
	count := bytes.Count(b, []byte(",")) + 1
	if count > maxNumbers {
		return errLength
	}
	out := make(numbers, 0, count)
	for part := range bytes.SplitSeq(b, []byte(",")) {
		f, err := strconv.ParseFloat(string(bytes.TrimSpace(part)), 32)
		if err != nil {
			return errNumbers
		}
		out = append(out, float32(f))
	}
	*n = out
	return nil
}

// openAIAnswer and ollamaAnswer are what matters of the two forms.
type openAIAnswer struct {
	Data []struct {
		Index     *int    `json:"index"`
		Embedding numbers `json:"embedding"`
	} `json:"data"`
}

type ollamaAnswer struct {
	Embeddings []numbers `json:"embeddings"`
}

// read takes the vectors of n texts out of an answer, in the order of the texts.
func (c *Client) read(raw []byte, n int) ([][]float32, error) {
	if t := bytes.TrimSpace(raw); len(t) > 0 && t[0] == '<' {
		return nil, &brokenError{"is an HTML page", false}
	}
	var list []numbers
	var err error
	if c.o.Provider == Ollama {
		var a ollamaAnswer
		err = json.Unmarshal(raw, &a)
		list = a.Embeddings
	} else {
		var a openAIAnswer
		if err = json.Unmarshal(raw, &a); err == nil {
			list, err = a.inOrder()
		}
	}
	var syntax *json.SyntaxError
	var broken *brokenError
	switch {
	case errors.As(err, &syntax):
		return nil, &brokenError{"is not whole JSON", true}
	case errors.As(err, &broken):
		return nil, err
	case errors.Is(err, errLength):
		return nil, &brokenError{"has a vector of more than " + strconv.Itoa(maxNumbers) + " numbers", false}
	case err != nil:
		return nil, &brokenError{"holds something else than numbers where a vector should be", false}
	case len(list) != n:
		return nil, &brokenError{fmt.Sprintf("has %d vectors for %d texts", len(list), n), false}
	}
	out := make([][]float32, n)
	for i, v := range list {
		if len(v) != len(list[0]) {
			return nil, &brokenError{"has vectors of different lengths", false}
		}
		if out[i], err = unit(v); err != nil {
			return nil, err
		}
	}
	if d := int64(len(list[0])); !c.dimension.CompareAndSwap(0, d) && c.dimension.Load() != d {
		return nil, &dimensionError{c.dimension.Load(), d}
	}
	return out, nil
}

// inOrder gives the vectors by their index. Servers may answer in any order; some leave the index out and keep the order.
func (a openAIAnswer) inOrder() ([]numbers, error) {
	out := make([]numbers, len(a.Data))
	bare := 0
	for i, d := range a.Data {
		at := i
		if d.Index == nil {
			bare++
		} else {
			at = *d.Index
		}
		if at < 0 || at >= len(out) || out[at] != nil || bare > 0 && bare != i+1 {
			return nil, &brokenError{"does not say which vector belongs to which text", false}
		}
		if d.Embedding == nil {
			return nil, errNumbers
		}
		out[at] = d.Embedding
	}
	return out, nil
}

// unit gives the vector of length 1 in the same direction.
func unit(v numbers) ([]float32, error) {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	length := math.Sqrt(sum)
	if length < 1e-20 || math.IsInf(length, 0) || math.IsNaN(length) {
		return nil, &brokenError{"has a vector that points nowhere", false}
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) / length)
	}
	return out, nil
}

// coded words an error for people; ctx is the caller's own.
func (c *Client) coded(ctx context.Context, err error) *fault.Error {
	return c.worded(ctx, err).WithSource("embedder:" + c.o.Model)
}

const hintServer = "Look at embedder.endpoint, and whether the server runs."

func (c *Client) worded(ctx context.Context, err error) *fault.Error {
	var r *refusal
	var b *brokenError
	var d *dimensionError
	var ne net.Error
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(fault.Timeout, context.Canceled, "The work of the embedder was cancelled.")
	case errors.As(err, &r):
		return r.worded()
	case errors.As(err, &b):
		return fault.Wrap(fault.UpstreamUnavailable, err, "The embedder's answer cannot be used: it %s.", b.what).WithHint("Look at embedder.endpoint and embedder.provider, and at what stands in between.")
	case errors.As(err, &d):
		return fault.Wrap(fault.Conflict, err, "The embedder gives vectors of %d numbers now and gave %d before.", d.is, d.was).
			WithHint("Another model answers under the same name. Start again, and ingest the documents anew.")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return fault.Wrap(fault.Timeout, err, "The embedder did not answer in time.").WithHint("The server may be loading the model; one that is merely slow needs a longer embedder.timeout.")
	case errors.As(err, &cert):
		return fault.Wrap(fault.UpstreamUnavailable, err, "The certificate of the embedder's server cannot be verified.").WithHint("Name its authority in embedder.ca_file.")
	}
	return fault.Wrap(fault.UpstreamUnavailable, err, "The embedder cannot be reached.").WithHint(hintServer)
}

func (r *refusal) worded() *fault.Error {
	switch {
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden:
		return fault.Wrap(fault.UpstreamDenied, r, "The embedder's server refused the key.").WithHint("Check embedder.api_key.")
	case r.status == http.StatusNotFound:
		return fault.Wrap(fault.UpstreamUnavailable, r, "The embedder's server does not know the address or the model.").
			WithHint("Check embedder.endpoint and embedder.model; Ollama must have pulled the model.")
	case r.status == http.StatusTooManyRequests:
		return fault.Wrap(fault.Limited, r, "The embedder's server takes no more requests for now.").WithHint("Try again later.")
	case r.status >= 300 && r.status < 400:
		return fault.Wrap(fault.UpstreamUnavailable, r, "The embedder's server sends elsewhere, which is not followed.").WithHint("Give embedder.endpoint as the server wants it.")
	case r.status >= 500:
		return fault.Wrap(fault.UpstreamUnavailable, r, "The embedder's server failed: HTTP %d.", r.status).WithHint(hintServer)
	}
	return fault.Wrap(fault.UpstreamUnavailable, r, "The embedder's server refused the texts: HTTP %d.", r.status).WithHint("Check embedder.model; the log has the server's words.")
}
