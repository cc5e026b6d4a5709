package twsmock

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// Fault spoils one answer. The zero Fault spoils nothing; several spoils may be set at once.
type Fault struct {
	Status      int           // instead of the answer's own
	Body        string        // instead of the answer's own, when Status or ContentType is set or it is not empty
	ContentType string        // instead of the answer's own
	Delay       time.Duration // before the answer; a caller that goes away ends it
	Clock       time.Duration // how much the Date header is ahead of the engine's clock; behind it where negative

	World  *world.World // answer from this plan: a copy that is late, or was made anew
	Habits *Habits      // answer with these instead of the engine's own

	DropFields []string // names of JSON fields to leave out, at any depth
	// DropOptional leaves out every JSON field by itself with this chance in 1000, but for results, id, and what tells the types of objects apart:
	// the interface's description demands hardly any field. Seed makes the choice, the same each time.
	DropOptional int
	Seed         uint64
	Keep         []string // further names that DropOptional leaves there

	Half       bool          // send half of the body as if it were all
	CloseEarly bool          // announce the whole body and break the connection after half of it
	Reset      bool          // reset the connection instead of answering
	DripBytes  int           // send the body in pieces of so many bytes …
	DripEvery  time.Duration // … with this time between them
}

// Unauthorized is the application server's own page, which knows nothing of JSON.
func Unauthorized() *Fault {
	return &Fault{Status: http.StatusUnauthorized, ContentType: typeHTML, Body: unauthorizedPage}
}

// BusinessError is how the engine tells that an object is in no state for what was asked: as an error of the server's own.
func BusinessError() *Fault {
	return &Fault{Status: http.StatusInternalServerError, ContentType: typeJSON,
		Body: string(refuse(http.StatusInternalServerError, "AWSJSY404E The operation on the Symphony plan could not be completed. AWSBIN076E The instance is in a state that does not allow it.").body)}
}

// MissingLog is a run whose job log is gone.
func MissingLog() *Fault {
	return &Fault{Status: http.StatusNotFound, ContentType: typeJSON, Body: string(refuse(http.StatusNotFound, "AWSJDB101E The job log does not exist.").body)}
}

const unauthorizedPage = "<html><head><title>Error 401</title></head><body><h1>Error 401: Unauthorized</h1></body></html>\n"

// send writes the answer, spoilt as f says.
func send(w http.ResponseWriter, r *http.Request, a answer, f *Fault) {
	if f == nil {
		a.sent(w)
		if a.stream == nil {
			_, _ = w.Write(a.body) // a client that has gone is no error of the mock
			return
		}
		_ = a.stream(w)
		return
	}
	if !wait(r, f.Delay) {
		return
	}
	if f.Reset {
		reset(w)
	}
	a = f.spoil(a.whole())
	switch {
	case f.CloseEarly:
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
		a.sent(w)
		_, _ = w.Write(a.body[:len(a.body)/2])
		if err := http.NewResponseController(w).Flush(); err == nil {
			panic(http.ErrAbortHandler) // the documented way to break a connection
		}
	case f.DripBytes > 0:
		a.sent(w)
		drip(w, r, a.body, f)
	default:
		a.sent(w)
		_, _ = w.Write(a.body)
	}
}

// reset ends the connection with a RST instead of a FIN, and the handler with it.
func reset(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // where it fails the connection still ends, only more kindly
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

func drip(w http.ResponseWriter, r *http.Request, body []byte, f *Fault) {
	out := http.NewResponseController(w)
	for piece := range slices.Chunk(body, f.DripBytes) {
		if _, err := w.Write(piece); err != nil || out.Flush() != nil || !wait(r, f.DripEvery) {
			return
		}
	}
}

// wait reports whether the caller is still there afterwards.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (f *Fault) spoil(a answer) answer {
	if f.Status != 0 || f.Body != "" || f.ContentType != "" {
		a.body = []byte(f.Body)
	}
	if f.Status != 0 {
		a.status = f.Status
	}
	if f.ContentType != "" {
		a.contentType = f.ContentType
	}
	if (len(f.DropFields) > 0 || f.DropOptional > 0) && a.contentType == typeJSON {
		var v any
		dec := json.NewDecoder(bytes.NewReader(a.body))
		dec.UseNumber()
		if dec.Decode(&v) == nil {
			d := dropper{f, rand.New(rand.NewPCG(f.Seed, 1))} //nolint:gosec // the same fields are to be missing each time
			a.body = inJSON(a.status, d.drop(v)).body
		}
	}
	if f.Half {
		a.body = a.body[:len(a.body)/2]
	}
	return a
}

// dropper leaves fields out of a document.
type dropper struct {
	f   *Fault
	rng *rand.Rand
}

// never are the fields that are not optional: without them nothing is left to read, or nothing says what it is.
var never = []string{"results", "id", "flowNodeType", "dependencyType"}

func (d dropper) drop(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			lost := d.rng.IntN(1000) < d.f.DropOptional && !slices.Contains(never, k) && !slices.Contains(d.f.Keep, k)
			if lost || slices.Contains(d.f.DropFields, k) {
				delete(v, k)
				continue
			}
			v[k] = d.drop(v[k])
		}
	case []any:
		for i := range v {
			v[i] = d.drop(v[i])
		}
	}
	return v
}
