package mcpserver

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// Handler serves streamable HTTP on whatever path it is mounted: POST only, one request one answer. The values of the
// request's context, such as the caller, reach the tools.
//
// The library's own check of the Host header is off, because it refuses proxies on the same machine: mount this behind
// httpd.Guards, which check Host and Origin and limit the body.
func (s *Server) Handler() http.Handler {
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
		if method(body) == mcp.MethodNotificationCancelled {
			// Without sessions the library knows requests by number only, so one caller's cancellation would hit
			// another caller's work; closing the connection cancels all the same.
			w.WriteHeader(http.StatusAccepted)
			return nil
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		stream.ServeHTTP(w, r)
		return nil
	}))
}

// method gives the method of a message, empty when it is none.
func method(body []byte) mcp.MCPMethod {
	var m struct {
		Method mcp.MCPMethod `json:"method"`
	}
	if json.Unmarshal(body, &m) != nil {
		return ""
	}
	return m.Method
}
