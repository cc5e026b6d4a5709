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
	// People counts the requests of each person for whom a program speaks, and all others of such a program; nil counts none. Whoever
	// mounts the handler counts all others, see auth.Caller.MayDelegate.
	People httpd.Guard
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Sessions gives clients of the revisions before 2026-07-28 a session, for those that need one: a stream to listen on, and answers that
	// can be fetched again after a broken connection. Each client costs memory then, and its requests must come to the same process. Requests
	// of 2026-07-28 stay stateless in any case.
	Sessions bool
	// Idle is how long a session without any request lives; 0 means 30 minutes.
	Idle time.Duration
	// MaxSessions is how many there may be at a time; 0 means 2000, some 20 MB.
	MaxSessions int
	// MaxPerCaller is how many of them one caller may have; 0 means a fifth.
	MaxPerCaller int
}

func (o HTTPOptions) withDefaults() HTTPOptions {
	if o.Idle <= 0 {
		o.Idle = 30 * time.Minute
	}
	if o.MaxSessions <= 0 {
		o.MaxSessions = 2000
	}
	if o.MaxPerCaller <= 0 {
		o.MaxPerCaller = max(1, o.MaxSessions/5)
	}
	return o
}

// Endpoint serves streamable HTTP on whatever path it is mounted. The values of the request's context, such as the caller, reach the tools.
//
// The library's own check of the Host header is off, because it refuses proxies on the same machine: mount this behind
// httpd.Guards, which check Host and Origin and limit the body.
type Endpoint struct {
	stream   *server.StreamableHTTPServer
	sessions *sessions // nil: stateless
	people   *delegation
	checks   []check
	handler  http.Handler
}

// Handler makes an endpoint. Without sessions it is POST only, one request one answer, and Close does nothing.
func (s *Server) Handler(o HTTPOptions) *Endpoint {
	people := newDelegation(o, s.refused)
	e := &Endpoint{people: people, checks: []check{noteMessage, people.check, ownCancel, s.selectToolsets, newStepUp(s.tools, s.toolsets, o.Resource, s.refused).check}}
	e.handler = httpd.NoStore(httpd.Handler(e.serve))
	options := []server.StreamableHTTPOption{server.WithDisableLocalhostProtection(true), server.WithStreamableHTTPLogger(s.logger)}
	if !o.Sessions {
		// A bare GET would become the session "" and receive what is meant for others.
		e.stream = server.NewStreamableHTTPServer(s.core, append(options, server.WithStateLess(true), server.WithDisableStreaming(true))...)
		return e
	}
	events := newEvents(eventsBounds)
	e.stream = server.NewStreamableHTTPServer(s.core, append(options, server.WithSessionIdManagerResolver(admission{}),
		server.WithEventStore(events), server.WithHeartbeatInterval(heartbeat))...)
	e.sessions = openSessions(o.withDefaults(), events, e.stream)
	return e
}

// Close ends all sessions and the streams that listen in them; requests under way are still answered. It returns when nothing runs for
// them any more, and may be called more than once.
func (e *Endpoint) Close() error {
	if e.sessions != nil {
		e.sessions.close()
	}
	return nil
}

// Sessions gives how many sessions are open; without sessions none is.
func (e *Endpoint) Sessions() int {
	if e.sessions == nil {
		return 0
	}
	return e.sessions.count()
}

// ServeHTTP implements http.Handler.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.handler.ServeHTTP(w, r) }

func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request) error {
	switch {
	case r.Method == http.MethodPost:
		return e.post(w, r)
	case !e.people.countProgram(w, r):
	case e.sessions == nil || mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)):
		httpd.MethodNotAllowed(w, r, http.MethodPost)
	case r.Method == http.MethodGet:
		return e.sessions.listen(w, r)
	case r.Method == http.MethodDelete:
		return e.sessions.leave(w, r)
	default:
		httpd.MethodNotAllowed(w, r, http.MethodGet, http.MethodPost, http.MethodDelete)
	}
	return nil
}

func (e *Endpoint) post(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return e.early(w, r, fault.Wrap(fault.Invalid, err, "The request could not be read to its end."))
	}
	q, err := inquiryOf(body)
	if err != nil {
		return e.early(w, r, err)
	}
	r = r.WithContext(r.Context()) // a copy, whose body is ours
	r.Body = io.NopCloser(bytes.NewReader(body))
	// First of all, while the caller is still the one who holds the connection: a session is theirs, whomever they speak for in a request.
	if e.sessions != nil && !q.modern(r) && q.read {
		lent, admitted, left, err := e.sessions.admit(w, r, q)
		if err != nil {
			return e.early(w, r, err)
		}
		w, r = lent, admitted
		defer left()
	}
	for _, check := range e.checks {
		next, err := check(w, r, q)
		if err != nil || next == nil {
			return err
		}
		r = next
	}
	e.stream.ServeHTTP(plainly{w}, r)
	return nil
}

// early refuses a message before it is known for whom it speaks.
func (e *Endpoint) early(w http.ResponseWriter, r *http.Request, err error) error {
	if !e.people.countProgram(w, r) {
		return nil
	}
	return err
}

// inquiry is what the checks before the library need to know of a body.
type inquiry struct {
	read   bool // it is an object; what is not is left to the library, which refuses it
	method mcp.MCPMethod
	name   string // of a tool or prompt
	uri    string // of a resource
	args   json.RawMessage
	target json.RawMessage
	meta   map[string]json.RawMessage
}

// inquiryOf reads each part for itself, so that nonsense in one does not hide another from the checks. It refuses a body that says a thing
// twice: which of the two counts differs from reader to reader, and the checks must have seen what the library does.
func inquiryOf(body []byte) (inquiry, error) {
	outer, read, err := members(body)
	if err != nil || !read {
		return inquiry{}, err
	}
	q := inquiry{read: true}
	_ = json.Unmarshal(outer.get("method"), &q.method) // what is no text is no method; the library says so
	inner, _, err := members(outer.get("params"))
	if err != nil {
		return inquiry{}, err
	}
	_ = json.Unmarshal(inner.get("name"), &q.name)
	_ = json.Unmarshal(inner.get("uri"), &q.uri)
	q.args = inner.get("arguments")
	q.target = inner.get("requestId")
	if err := saidOnce(q.args); err != nil {
		return inquiry{}, err
	}
	meta, _, err := members(inner.get("_meta"))
	if err != nil {
		return inquiry{}, err
	}
	for _, m := range meta {
		if q.meta == nil {
			q.meta = make(map[string]json.RawMessage, len(meta))
		}
		q.meta[m.name] = m.value
	}
	return q, nil
}

// modern reports whether a request belongs to 2026-07-28 or later, by its header or its own words.
func (q inquiry) modern(r *http.Request) bool {
	var version string
	_ = json.Unmarshal(q.meta[mcp.MetaKeyProtocolVersion], &version)
	return mcp.IsModernProtocol(version) || mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion))
}

// check looks at a message before the library does. It gives the request that goes on, perhaps with more in its context; nil when it has
// answered it; or the error to answer with.
type check func(w http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error)

// ownCancel lets a caller cancel what runs in their own session, and takes in all other cancellations without doing anything: without a session
// the library knows requests by number only, so one caller's cancellation would hit another caller's work. Closing the connection cancels all
// the same.
func ownCancel(w http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error) {
	if q.method != mcp.MethodNotificationCancelled {
		return r, nil
	}
	if _, ok := admitted(r.Context()); ok && len(q.target) > 0 {
		return r, nil
	}
	w.WriteHeader(http.StatusAccepted)
	return nil, nil
}
