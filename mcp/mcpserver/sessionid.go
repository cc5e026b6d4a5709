package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

type admittedKey struct{}

// withAdmitted returns a context whose requests belong to a session.
func withAdmitted(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, admittedKey{}, id)
}

// admitted gives the session that a request belongs to.
func admitted(ctx context.Context) (string, bool) {
	id, ok := ctx.Value(admittedKey{}).(string)
	return id, ok
}

// admission tells the library which session a request belongs to: the one that sessions has admitted it to, whatever the library reads out of
// its header, and none otherwise.
type admission struct{ id string }

// ResolveSessionIdManager implements the library's interface.
func (admission) ResolveSessionIdManager(r *http.Request) server.SessionIdManager {
	if r == nil {
		return admission{}
	}
	id, _ := admitted(r.Context())
	return admission{id}
}

var errNotAdmitted = errors.New("not admitted to the session")

// Generate gives the id of the session that was opened for the handshake.
func (a admission) Generate() string { return a.id }

// Validate accepts the session that the request was admitted to.
func (a admission) Validate(id string) (isTerminated bool, err error) {
	if a.id == "" || a.id != id {
		return false, errNotAdmitted
	}
	return false, nil
}

// Terminate accepts the same.
func (a admission) Terminate(id string) (isNotAllowed bool, err error) { return a.Validate(id) }

// lentWriter lends the connection for the time of a request: the library keeps the writer of every streamed answer as long as the session
// lives, and may still write to it when the request has ended. What it writes then goes nowhere; the store of events has it. The zero value
// goes nowhere from the start.
type lentWriter struct {
	mu     sync.Mutex
	w      http.ResponseWriter // nil when given back
	begun  bool
	header http.Header
}

func (l *lentWriter) giveBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w = nil
}

// giveBackStream gives it back when a stream has begun on it, and reports whether one has.
func (l *lentWriter) giveBackStream() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun || l.w == nil || l.w.Header().Get("Content-Type") != "text/event-stream" {
		return false
	}
	l.w = nil
	return true
}

// Header implements http.ResponseWriter.
func (l *lentWriter) Header() http.Header {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.w != nil {
		return l.w.Header()
	}
	if l.header == nil {
		l.header = http.Header{}
	}
	return l.header
}

// WriteHeader implements http.ResponseWriter.
func (l *lentWriter) WriteHeader(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.w != nil {
		l.begun = true
		l.w.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (l *lentWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.w == nil {
		return len(b), nil
	}
	return l.w.Write(b)
}

// Flush implements http.Flusher, which the library looks for by type.
func (l *lentWriter) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.w != nil {
		_ = http.NewResponseController(l.w).Flush() // whoever cannot flush cannot stream; there is nobody to tell
	}
}

// SetWriteDeadline is for http.ResponseController.
func (l *lentWriter) SetWriteDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.w == nil {
		return http.ErrNotSupported
	}
	return http.NewResponseController(l.w).SetWriteDeadline(t)
}

// handshakeWriter writes the answer to an initialize. The library names the session in the header also when the answer is an error; it writes the
// header before it, and the answer in one piece, so the header waits for that.
type handshakeWriter struct {
	*lentWriter
	status int // that waits; 0 for none
}

// WriteHeader implements http.ResponseWriter.
func (h *handshakeWriter) WriteHeader(status int) {
	if h.Header().Get(server.HeaderKeySessionID) == "" {
		h.lentWriter.WriteHeader(status)
		return
	}
	h.status = status
}

// Write implements http.ResponseWriter.
func (h *handshakeWriter) Write(b []byte) (int, error) {
	if h.status != 0 {
		var answer struct {
			Error json.RawMessage `json:"error"`
		}
		if err := json.Unmarshal(b, &answer); err != nil || answer.Error != nil {
			h.Header().Del(server.HeaderKeySessionID)
		}
		h.lentWriter.WriteHeader(h.status)
		h.status = 0
	}
	return h.lentWriter.Write(b)
}
