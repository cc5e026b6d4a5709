package mcpserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/server"
)

// The store holds what it is bound to, and after what was dropped nothing can be fetched: a client never misses a message without hearing so.
func TestEventsAreBounded(t *testing.T) {
	e := newEvents(eventsBound{perSession: 4, bytes: 100, allBytes: 150, streams: 3})
	put := func(session, stream, message string) string {
		t.Helper()
		id, err := e.StoreEvent(t.Context(), session, stream, json.RawMessage(message))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	after := func(session, id string) string {
		t.Helper()
		var got []string
		stream, err := e.ReplayEventsAfter(t.Context(), session, id, func(_ string, m json.RawMessage) error { got = append(got, string(m)); return nil })
		if errors.Is(err, server.ErrUnknownEventID) {
			return "unknown"
		}
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(stream, got)
	}
	e.open("a")
	e.open("b")
	one, two, other := put("a", "s", "1"), put("a", "s", "2"), put("a", "t", "3")
	put("a", "s", "4")
	for id, want := range map[string]string{one: "s[2 4]", two: "s[4]", other: "t[]", "x": "unknown"} {
		if got := after("a", id); got != want {
			t.Errorf("after %s: %s, want %s", id, got, want)
		}
	}
	if got := after("b", one); got != "unknown" {
		t.Errorf("another session has %s", got)
	}
	put("a", "s", "5") // the fifth: the first goes
	if got := after("a", one) + after("a", two); got != "unknowns[4 5]" {
		t.Errorf("when there are too many: %s", got)
	}
	put("a", "s", strings.Repeat("x", 97)) // one byte too many together with 3, 4 and 5
	if got := after("a", two) + after("a", other); got != "unknownt[]" {
		t.Errorf("when they are too large together: %s", got)
	}
	put("b", "s", strings.Repeat("y", 60)) // too large together with those of the other session
	if e.bytes > e.bound.allBytes || after("a", other) != "unknown" {
		t.Errorf("%d bytes in all", e.bytes)
	}
	hole := put("b", "u", "before")
	if id := put("b", "u", strings.Repeat("z", 101)); id != "" || after("b", hole) != "unknown" {
		t.Errorf("a message that is too large has the id %q, and before it %s", id, after("b", hole))
	}
	if e.spent("b") {
		t.Error("two streams are more than three")
	}
	put("b", "v", "1")
	if !e.spent("b") || e.spent("c") {
		t.Error("three streams are not three")
	}
	for _, session := range []string{"a", "b", "c"} {
		if err := e.PurgeSession(t.Context(), session); err != nil {
			t.Error(err)
		}
	}
	if id := put("a", "s", "late"); id != "" || e.bytes != 0 || e.all.Len() != 0 || len(e.sessions) != 0 {
		t.Errorf("an ended session keeps %q, %d bytes, %d events, %d sessions", id, e.bytes, e.all.Len(), len(e.sessions))
	}
}
