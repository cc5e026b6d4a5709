package mcpserver

import (
	"container/list"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"github.com/mark3labs/mcp-go/server"
)

// eventsBound is how much is kept for clients whose connection breaks.
type eventsBound struct {
	perSession int // events of one session
	bytes      int // of one session
	allBytes   int // of all sessions
	streams    int // streams that one session may have had; the library keeps a little of each until the session ends
}

var eventsBounds = eventsBound{perSession: 256, bytes: 512 << 10, allBytes: 32 << 20, streams: 4096}

// events keeps the latest messages of the streams of each session, so that a client can fetch those it missed. The oldest go first: of a
// stream there is always an unbroken end or nothing. It implements the library's EventStore.
type events struct {
	bound eventsBound

	mu       sync.Mutex
	seq      int64
	bytes    int
	all      *list.List // of *event, the oldest first
	sessions map[string]*sessionEvents
}

// event is one message. inAll and inSession are its places.
type event struct {
	id, session, stream string
	message             json.RawMessage
	inAll, inSession    *list.Element
}

type sessionEvents struct {
	list    *list.List // of *event, the oldest first
	byID    map[string]*event
	bytes   int
	streams map[string]int // events of each stream that are here
	opened  int            // streams so far, counting one again whose events have all gone
}

func newEvents(b eventsBound) *events {
	return &events{bound: b, all: list.New(), sessions: map[string]*sessionEvents{}}
}

// open lets a session's events in. Those of other sessions are not kept, so that a late answer cannot bring an ended one back.
func (e *events) open(session string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sessions[session] = &sessionEvents{list: list.New(), byID: map[string]*event{}, streams: map[string]int{}}
}

// spent reports whether a session has had so many streams that it has to end.
func (e *events) spent(session string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sessions[session]
	return s != nil && s.opened >= e.bound.streams
}

// StoreEvent keeps a message and gives its id; no id says that it is not kept. It never fails.
func (e *events) StoreEvent(_ context.Context, session, stream string, message json.RawMessage) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sessions[session]
	if s == nil {
		return "", nil
	}
	if s.streams[stream] == 0 {
		s.opened++
	}
	if len(message) > min(e.bound.bytes, e.bound.allBytes) {
		e.cut(s, stream)
		return "", nil
	}
	s.streams[stream]++
	e.seq++
	ev := &event{id: strconv.FormatInt(e.seq, 36), session: session, stream: stream, message: append(json.RawMessage(nil), message...)}
	ev.inAll, ev.inSession = e.all.PushBack(ev), s.list.PushBack(ev)
	s.byID[ev.id] = ev
	s.bytes += len(message)
	e.bytes += len(message)
	for s.list.Len() > e.bound.perSession || s.bytes > e.bound.bytes {
		e.remove(s.list.Front().Value.(*event))
	}
	for e.bytes > e.bound.allBytes {
		e.remove(e.all.Front().Value.(*event))
	}
	return ev.id, nil
}

// ReplayEventsAfter sends what came after an event on the same stream. An event that is not kept any more is unknown.
func (e *events) ReplayEventsAfter(_ context.Context, session, last string, send func(id string, message json.RawMessage) error) (string, error) {
	e.mu.Lock()
	s := e.sessions[session]
	if s == nil || s.byID[last] == nil {
		e.mu.Unlock()
		return "", fmt.Errorf("%w: %.40q", server.ErrUnknownEventID, last)
	}
	from := s.byID[last]
	var rest []*event
	for at := from.inSession.Next(); at != nil; at = at.Next() {
		if ev := at.Value.(*event); ev.stream == from.stream {
			rest = append(rest, ev)
		}
	}
	e.mu.Unlock()
	for _, ev := range rest {
		if err := send(ev.id, ev.message); err != nil {
			return "", err
		}
	}
	return from.stream, nil
}

// PurgeSession forgets a session.
func (e *events) PurgeSession(_ context.Context, session string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.sessions[session]; s != nil {
		for s.list.Len() > 0 {
			e.remove(s.list.Front().Value.(*event))
		}
		delete(e.sessions, session)
	}
	return nil
}

// cut forgets what a stream had before a message that is too large to keep: after a hole nothing can be fetched.
func (e *events) cut(s *sessionEvents, stream string) {
	for at := s.list.Front(); at != nil; {
		ev := at.Value.(*event)
		at = at.Next()
		if ev.stream == stream {
			e.remove(ev)
		}
	}
}

// remove forgets one event. The mutex is held.
func (e *events) remove(ev *event) {
	s := e.sessions[ev.session]
	e.all.Remove(ev.inAll)
	s.list.Remove(ev.inSession)
	delete(s.byID, ev.id)
	s.bytes -= len(ev.message)
	e.bytes -= len(ev.message)
	if s.streams[ev.stream]--; s.streams[ev.stream] == 0 {
		delete(s.streams, ev.stream)
	}
}
