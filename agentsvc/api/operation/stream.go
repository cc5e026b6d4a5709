package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Event is one kind of event of a stream: its name, what its data are, and when it comes.
type Event struct {
	Name string
	Data any // a value of the type
	Doc  string
}

// EventsType is the media type of streams.
const EventsType = "text/event-stream"

// sendTimeout is how long one event may take to leave; a caller who stopped reading is gone.
const sendTimeout = 15 * time.Second

// RegisterEvents adds an operation that answers with JSON, or with a stream of events when its handler opens the stream. The input embeds
// Request. After open the handler's own result and error are not sent any more. With no O at all (struct{}) the operation always streams.
func RegisterEvents[I, O any](s *Set, op Operation, events []Event, handle func(ctx context.Context, in *I, open func() (*Sender, error)) (*O, error)) {
	if _, ok := any(new(I)).(requested); !ok {
		panic("operation: the input of " + op.ID + " must embed operation.Request")
	}
	shape := op.Shape
	op.Shape = func(d *huma.Operation) {
		d.Responses["200"].Content = s.streamed(reflect.TypeFor[O](), events)
		if shape != nil {
			shape(d)
		}
	}
	Register(s, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		q, _ := any(in).(requested)
		opened := false
		out, err := handle(ctx, in, func() (*Sender, error) {
			opened = true
			return open(q.writer())
		})
		switch {
		case opened:
			return &huma.StreamResponse{Body: func(huma.Context) {}}, nil
		case err != nil:
			return nil, err
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			c.SetHeader("Content-Type", "application/json")
			c.SetStatus(http.StatusOK)
			if err := format.Marshal(c.BodyWriter(), out); err != nil {
				panic(err) // the guards of the server log it
			}
		}}, nil
	})
}

// streamed describes the two forms of an answer.
func (s *Set) streamed(body reflect.Type, events []Event) map[string]*huma.MediaType {
	registry := s.huma.OpenAPI().Components.Schemas
	out := map[string]*huma.MediaType{}
	if body.NumField() > 0 {
		out["application/json"] = &huma.MediaType{Schema: registry.Schema(body, true, "")}
	}
	stream := &huma.Schema{Type: huma.TypeArray, Description: "Server-sent events, one after the other; each has the fields event and data, and data is JSON.", Items: &huma.Schema{}}
	for _, e := range events {
		stream.Items.OneOf = append(stream.Items.OneOf, &huma.Schema{
			Type: huma.TypeObject, Title: e.Name, Description: e.Doc, Required: []string{"event", "data"},
			Properties: map[string]*huma.Schema{
				"event": {Type: huma.TypeString, Enum: []any{e.Name}},
				"data":  registry.Schema(reflect.TypeOf(e.Data), true, ""),
			},
		})
	}
	out[EventsType] = &huma.MediaType{Schema: stream}
	return out
}

// WantsEvents reports whether a request names the event stream among what it accepts, and does not rule it out.
func WantsEvents(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), EventsType) {
				return !ruledOut(params)
			}
		}
	}
	return false
}

// ruledOut reports whether the parameters of a media type in Accept give it the weight 0 (RFC 9110, 12.4.2).
func ruledOut(params string) bool {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if weight, err := strconv.ParseFloat(value, 64); strings.EqualFold(name, "q") && err == nil && weight == 0 {
			return true
		}
	}
	return false
}

// AllowTime lifts the server's write timeout, which is made for short answers, over work of this length.
func AllowTime(q interface{ writer() http.ResponseWriter }, d time.Duration) {
	// A writer without deadlines has no timeout to lift either.
	_ = http.NewResponseController(q.writer()).SetWriteDeadline(time.Now().Add(d + sendTimeout))
}

// Sender writes events. One goroutine at a time.
type Sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func open(w http.ResponseWriter) (*Sender, error) {
	h := w.Header()
	h.Set("Content-Type", EventsType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not collect events
	w.WriteHeader(http.StatusOK)
	s := &Sender{w: w, control: http.NewResponseController(w)}
	return s, s.Comment("ready")
}

// Event writes one event; id may be empty. JSON has no line breaks, so one data line is enough.
func (s *Sender) Event(id, name string, data any) error {
	if data == nil {
		data = struct{}{}
	}
	b, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", name, err)
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	return s.write(fmt.Sprintf("%sevent: %s\ndata: %s\n\n", id, name, b))
}

// Comment writes a line that readers of events pass over: a heartbeat.
func (s *Sender) Comment(text string) error { return s.write(": " + text + "\n\n") }

func (s *Sender) write(text string) error {
	err := s.control.SetWriteDeadline(time.Now().Add(sendTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("write event: %w", err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("write event: %w", err)
	}
	return nil
}
