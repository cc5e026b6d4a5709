package mcpserver

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// HTTPOptions say how the server behaves over HTTP. The zero value is stateless.
type HTTPOptions struct {
	// Resource is what OAuth clients are told when a token does not suffice.
	Resource httpd.Resource
	// People counts the requests of each person for whom a program speaks, and those of such a program for itself; nil counts none. Whoever
	// mounts the handler counts all others, see auth.Caller.MayDelegate.
	People httpd.Guard
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Handler serves streamable HTTP on whatever path it is mounted: POST only, one request one answer. The values of the
// request's context, such as the caller, reach the tools.
//
// The library's own check of the Host header is off, because it refuses proxies on the same machine: mount this behind
// httpd.Guards, which check Host and Origin and limit the body.
func (s *Server) Handler(o HTTPOptions) http.Handler {
	checks := []check{noteMessage, newDelegation(o).check, dropCancel, s.selectToolsets, newStepUp(s.tools, s.toolsets, o.Resource).check}
	stream := server.NewStreamableHTTPServer(s.core,
		server.WithStateLess(true),
		// A bare GET would become the session "" and receive what is meant for others.
		server.WithDisableStreaming(true),
		server.WithDisableLocalhostProtection(true),
		server.WithStreamableHTTPLogger(s.logger))
	return httpd.NoStore(httpd.Handler(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodPost {
			httpd.MethodNotAllowed(w, r, http.MethodPost)
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The request could not be read to its end.")
		}
		q := inquiryOf(body)
		for _, check := range checks {
			next, err := check(w, r, q)
			if err != nil || next == nil {
				return err
			}
			r = next
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		stream.ServeHTTP(w, r)
		return nil
	}))
}

// inquiry is what the checks before the library need to know of a body; zero when it is no message.
type inquiry struct {
	method mcp.MCPMethod
	name   string // of a tool or prompt
	uri    string // of a resource
	meta   map[string]json.RawMessage
}

// inquiryOf reads each part for itself, so that nonsense in one does not hide another from the checks.
func inquiryOf(body []byte) inquiry {
	var outer struct {
		Method mcp.MCPMethod   `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if json.Unmarshal(body, &outer) != nil {
		return inquiry{}
	}
	q := inquiry{method: outer.Method}
	var inner struct {
		Name json.RawMessage `json:"name"`
		URI  json.RawMessage `json:"uri"`
		Meta json.RawMessage `json:"_meta"`
	}
	if json.Unmarshal(outer.Params, &inner) == nil {
		_ = json.Unmarshal(inner.Name, &q.name) // what is no text is no name; the library says so
		_ = json.Unmarshal(inner.URI, &q.uri)
		_ = json.Unmarshal(inner.Meta, &q.meta)
	}
	return q
}

// check looks at a message before the library does. It gives the request that goes on, perhaps with more in its context; nil when it has
// answered it; or the error to answer with.
type check func(w http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error)

// dropCancel takes in cancellations and does nothing: without sessions the library knows requests by number only, so one caller's
// cancellation would hit another caller's work. Closing the connection cancels all the same.
func dropCancel(w http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error) {
	if q.method != mcp.MethodNotificationCancelled {
		return r, nil
	}
	w.WriteHeader(http.StatusAccepted)
	return nil, nil
}
