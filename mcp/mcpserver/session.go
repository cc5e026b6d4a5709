package mcpserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// heartbeat is how often a client that listens is pinged, so that nothing between takes the connection for dead.
const heartbeat = 25 * time.Second

// owner is whose a session is: a caller with their rights. Another token of the same person may not be allowed to read what this one asked for.
type owner struct{ id, rights string }

// ownerOf names who holds the connection; everybody is one while nobody is known. A new token with the same rights is the same owner.
func ownerOf(r *http.Request) owner {
	c, _ := auth.CallerFrom(r.Context())
	scopes := slices.Compact(slices.Sorted(slices.Values(c.Scopes)))
	return owner{c.ID, fmt.Sprintf("%s %t %q", c.Role, c.Foreign, scopes)}
}

// session belongs to the owner who opened it. Its fields are guarded by the mutex of sessions.
type session struct {
	id      string
	owner   owner
	used    time.Time
	running int // requests under way; one that listens counts, for its client is alive
	ended   context.Context
	end     context.CancelFunc
}

// sessions knows who has which session. The library keeps what belongs to a session, and is told here when it ends; it never learns of an
// id that has not been admitted.
type sessions struct {
	o      HTTPOptions
	events *events
	stream http.Handler

	mu     sync.Mutex
	byID   map[string]*session
	owned  map[string]int // by caller's id
	closed bool
	stop   chan struct{}
	swept  chan struct{} // closed when the sweeper has ended
}

func openSessions(o HTTPOptions, events *events, stream http.Handler) *sessions {
	s := &sessions{o: o, events: events, stream: stream, byID: map[string]*session{}, owned: map[string]int{}, stop: make(chan struct{}), swept: make(chan struct{})}
	go s.sweep()
	return s
}

// admit finds the session that a POST belongs to, or opens one for a handshake. The request and writer that it gives are for the library,
// left must be called when the library is done with them.
func (s *sessions) admit(w http.ResponseWriter, r *http.Request, q inquiry) (http.ResponseWriter, *http.Request, func(), error) {
	whose := ownerOf(r)
	var one *session
	var err error
	if q.method == mcp.MethodInitialize {
		one, err = s.open(whose)
	} else {
		one, err = s.enter(whose, r.Header.Get(server.HeaderKeySessionID))
	}
	if err != nil {
		return nil, nil, nil, err
	}
	lent := &lentWriter{w: w}
	ctx, cancel := outlast(r.Context(), one.ended, lent)
	r = r.WithContext(withAdmitted(ctx, one.id))
	if q.method == mcp.MethodNotificationCancelled {
		r.Body = io.NopCloser(bytes.NewReader(cancellation(q.target)))
	}
	var answer http.ResponseWriter = lent
	if q.method == mcp.MethodInitialize {
		answer = &handshakeWriter{lentWriter: lent}
	}
	return answer, r, func() {
		cancel()
		lent.giveBack()
		if q.method == mcp.MethodInitialize && w.Header().Get(server.HeaderKeySessionID) == "" {
			s.finish(one) // the handshake failed, so nobody has heard of the session
		}
		s.left(one)
	}, nil
}

// outlast gives the context of a request that goes on when its connection breaks after the answer has begun to stream: the client can fetch the
// rest. It ends with the session then. An answer that has not begun could never be fetched, so the work for it ends with the connection.
func outlast(connection, session context.Context, lent *lentWriter) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(connection))
	broken := context.AfterFunc(connection, func() {
		if !lent.giveBackStream() || session.Err() != nil {
			cancel()
		}
	})
	ended := context.AfterFunc(session, func() {
		if connection.Err() != nil {
			cancel()
		}
	})
	return ctx, func() {
		broken()
		ended()
		cancel()
	}
}

// cancellation is a cancellation in words that cannot be read in two ways.
func cancellation(target json.RawMessage) []byte {
	return append(append([]byte(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":`), target...), "}}"...)
}

// listen serves a GET: the stream of a session, to its owner alone.
func (s *sessions) listen(w http.ResponseWriter, r *http.Request) error {
	one, err := s.enter(ownerOf(r), r.Header.Get(server.HeaderKeySessionID))
	if err != nil {
		return err
	}
	defer s.left(one)
	ctx, cancel := context.WithCancel(withAdmitted(r.Context(), one.id))
	defer cancel()
	defer context.AfterFunc(one.ended, cancel)()
	s.stream.ServeHTTP(plainly{w}, r.WithContext(ctx))
	return nil
}

// leave serves a DELETE: the owner ends the session.
func (s *sessions) leave(w http.ResponseWriter, r *http.Request) error {
	one, err := s.enter(ownerOf(r), r.Header.Get(server.HeaderKeySessionID))
	if err != nil {
		return err
	}
	s.finish(one)
	s.left(one)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// open makes a session and enters it. Its caller has a share of all, however many tokens they use.
func (s *sessions) open(whose owner) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, fault.New(fault.UpstreamUnavailable, "This server is stopping.")
	case s.owned[whose.id] >= s.o.MaxPerCaller:
		return nil, fault.New(fault.Limited, "You have %d sessions, and more are not allowed.", s.owned[whose.id]).
			WithHint("End a session with DELETE when its client is done; one that is not used ends after %s.", s.o.Idle)
	case len(s.byID) >= s.o.MaxSessions:
		return nil, fault.New(fault.Limited, "This server has as many sessions as it can keep.").
			WithHint("Try again later, or use protocol version %s, which needs none.", mcp.ProtocolVersion20260728)
	}
	one := &session{id: rand.Text(), owner: whose, running: 1}
	one.ended, one.end = context.WithCancel(context.Background())
	s.byID[one.id] = one
	s.owned[whose.id]++
	s.events.open(one.id)
	return one, nil
}

// enter finds an owner's session. Those of others are unknown to them.
func (s *sessions) enter(whose owner, id string) (*session, error) {
	if id == "" {
		return nil, fault.New(fault.Invalid, "The request names no session.").
			WithHint("Begin with initialize, and send the Mcp-Session-Id of its answer with each request; or use protocol version %s, which needs none.", mcp.ProtocolVersion20260728)
	}
	s.mu.Lock()
	one, ok := s.byID[id]
	if !ok || one.owner != whose {
		s.mu.Unlock()
		return nil, fault.New(fault.NotFound, "There is no such session, or it has ended.").WithHint("Begin a new one with initialize.")
	}
	if s.over(one) || s.events.spent(id) {
		s.drop(one)
		s.mu.Unlock()
		s.forget(one.id)
		return nil, fault.New(fault.NotFound, "The session has ended.").WithHint("Begin a new one with initialize.")
	}
	one.running++
	s.mu.Unlock()
	return one, nil
}

// left notes the end of a request. What a request did for a session that ended meanwhile is taken back.
func (s *sessions) left(one *session) {
	s.mu.Lock()
	one.running--
	one.used = time.Now()
	late := one.running == 0 && s.byID[one.id] != one
	s.mu.Unlock()
	if late {
		s.forget(one.id)
	}
}

// finish ends a session.
func (s *sessions) finish(one *session) {
	s.mu.Lock()
	s.drop(one)
	s.mu.Unlock()
	s.forget(one.id)
}

// drop makes a session unknown and ends its streams. The mutex is held.
func (s *sessions) drop(one *session) {
	if s.byID[one.id] != one {
		return
	}
	delete(s.byID, one.id)
	if s.owned[one.owner.id]--; s.owned[one.owner.id] == 0 {
		delete(s.owned, one.owner.id)
	}
	one.end()
}

// over reports whether nobody has used a session for too long. The mutex is held.
func (s *sessions) over(one *session) bool {
	return one.running == 0 && time.Since(one.used) >= s.o.Idle
}

// forget has the library give back what it keeps for a session. Its only way to do so is the request of a client to end it.
func (s *sessions) forget(id string) {
	r := (&http.Request{Method: http.MethodDelete, Header: http.Header{}}).WithContext(withAdmitted(context.Background(), id))
	r.Header.Set(server.HeaderKeySessionID, id)
	s.stream.ServeHTTP(&lentWriter{}, r)
}

// sweep ends sessions that nobody uses.
func (s *sessions) sweep() {
	defer close(s.swept)
	tick := time.NewTicker(max(s.o.Idle/4, time.Second))
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.end(func(one *session) bool { return s.over(one) })
		}
	}
}

// end ends the sessions that a condition names. The condition is asked while the mutex is held.
func (s *sessions) end(which func(*session) bool) {
	var ids []string
	s.mu.Lock()
	for id, one := range s.byID {
		if which(one) {
			s.drop(one)
			ids = append(ids, id)
		}
	}
	s.mu.Unlock()
	for _, id := range ids {
		s.forget(id)
	}
}

// count gives how many there are now.
func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}

func (s *sessions) close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
	}
	s.mu.Unlock()
	<-s.swept
	s.end(func(*session) bool { return true })
}
