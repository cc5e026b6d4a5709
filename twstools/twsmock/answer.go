package twsmock

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// answer is what a request gets, before faults.
type answer struct {
	status      int
	contentType string
	body        []byte
	header      http.Header
}

const (
	typeJSON = "application/json"
	typeText = "text/plain; charset=utf-8"
	typeHTML = "text/html;charset=UTF-8"
)

// inJSON is an answer in JSON. What the mock builds can always be written as JSON.
func inJSON(status int, v any) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return answer{status: http.StatusInternalServerError, contentType: typeText, body: []byte(err.Error())}
	}
	return answer{status: status, contentType: typeJSON, body: b.Bytes()}
}

// errorBody is how the servers tell errors: a list of messages.
type errorBody struct {
	Messages []string `json:"messages"`
}

func refuse(status int, message string) answer { return inJSON(status, errorBody{[]string{message}}) }

// failed turns an error of the world into what a server would say.
func failed(err error) answer {
	switch p := fault.Public(err); p.Code {
	case fault.Invalid:
		text := "OQL_FILTER_SYNTAX_ERROR: " + p.Message
		if p.Hint != "" {
			text += " " + p.Hint
		}
		return refuse(http.StatusBadRequest, text)
	case fault.NotFound:
		return refuse(http.StatusNotFound, "AWSJDB101E "+p.Message)
	default:
		return refuse(http.StatusInternalServerError, "AWSJCS011E An internal error has occurred.")
	}
}

// Fault spoils one answer. The zero Fault spoils nothing.
type Fault struct {
	Status      int           // instead of the answer's own
	Body        string        // instead of the answer's own, when Status or ContentType is set or it is not empty
	ContentType string        // instead of the answer's own
	Delay       time.Duration // before the answer
	DropFields  []string      // names of JSON fields to leave out, at any depth
	CloseEarly  bool          // break the connection after half of the body
}

// send writes the answer, spoilt as f says.
func send(w http.ResponseWriter, r *http.Request, a answer, f *Fault) {
	if f != nil {
		if !wait(r, f.Delay) {
			return
		}
		a = f.spoil(a)
	}
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", a.contentType)
	if f == nil || !f.CloseEarly {
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body) // a client that has gone is no error of the mock
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body[:len(a.body)/2])
	if err := http.NewResponseController(w).Flush(); err == nil {
		panic(http.ErrAbortHandler) // the documented way to break a connection
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
	if len(f.DropFields) > 0 && a.contentType == typeJSON {
		var v any
		dec := json.NewDecoder(bytes.NewReader(a.body))
		dec.UseNumber()
		if dec.Decode(&v) == nil {
			a.body = inJSON(a.status, drop(v, f.DropFields)).body
		}
	}
	return a
}

func drop(v any, names []string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if slices.Contains(names, k) {
				delete(v, k)
				continue
			}
			v[k] = drop(x, names)
		}
	case []any:
		for i := range v {
			v[i] = drop(v[i], names)
		}
	}
	return v
}
