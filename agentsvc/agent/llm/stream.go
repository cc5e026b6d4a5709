package llm

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxResponse = 8 << 20 // of one answer, in bytes
	maxLine     = 1 << 20
)

// watch ends a request when nothing comes: before the first event, or between two.
type watch struct {
	timer   *time.Timer
	between time.Duration
	begun   atomic.Bool
}

var (
	errSlow    = &Failure{Kind: Slow, Cause: errors.New("no event in time")}
	errStalled = &Failure{Kind: Stalled, Cause: errors.New("the stream stands still")}
	errTime    = &Failure{Kind: TimedOut, Cause: errors.New("the model's time is up")}
)

// watched gives a context that ends as watch says. The caller calls stop.
func watched(ctx context.Context, first, between time.Duration) (c context.Context, w *watch, stop func()) {
	c, cancel := context.WithCancelCause(ctx)
	w = &watch{between: between}
	w.timer = time.AfterFunc(first, func() {
		if w.begun.Load() {
			cancel(errStalled)
		} else {
			cancel(errSlow)
		}
	})
	return c, w, func() { w.timer.Stop(); cancel(nil) }
}

// alive notes that something came.
func (w *watch) alive() {
	w.begun.Store(true)
	w.timer.Reset(w.between)
}

// whyEnded gives the reason for which a context ended, where it is ours.
func whyEnded(ctx context.Context, err error) error {
	var f *Failure
	if cause := context.Cause(ctx); errors.As(cause, &f) {
		return f
	}
	return err
}

// read hands the events of an answer to take, one JSON value at a time, whatever form the server sends: server-sent events, lines of JSON, or one piece.
// It ends at the end of the stream, or when take says stop. What is no answer of a model is a Failure.
func read(body io.Reader, w *watch, take func([]byte) (stop bool, err error)) error {
	in := bufio.NewReaderSize(&io.LimitedReader{R: body, N: maxResponse}, 16<<10)
	first, err := firstByte(in)
	if err != nil {
		return err
	}
	switch {
	case first == '{':
		return lines(in, w, take)
	case first == '[':
		return piecewise(in, w, take)
	case strings.IndexByte("deir:", first) >= 0: // data:, event:, id:, retry:, a comment
		return events(in, w, take)
	}
	return failed(NoModel, "the answer begins with %q", first)
}

// firstByte looks past white space. An answer of nothing at all is a stream that was cut.
func firstByte(in *bufio.Reader) (byte, error) {
	for {
		b, err := in.Peek(1)
		if err != nil {
			return 0, cut(err)
		}
		if strings.IndexByte(" \t\r\n\ufeff", b[0]) < 0 {
			return b[0], nil
		}
		if _, err := in.Discard(1); err != nil {
			return 0, cut(err)
		}
	}
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return failed(CutOff, "the stream ended")
	}
	return err
}

// line reads one line, without its end.
func line(in *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := in.ReadSlice('\n')
		out = append(out, part...)
		if len(out) > maxLine {
			return nil, failed(NoModel, "a line of more than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(out, "\r\n"), err
		}
	}
}

// events reads server-sent events. An event is taken as soon as its data are whole JSON: some servers leave out the blank line between two.
func events(in *bufio.Reader, w *watch, take func([]byte) (bool, error)) error {
	var data []byte
	for {
		l, err := line(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err == nil || len(l) > 0 {
			w.alive()
		}
		rest, isData := bytes.CutPrefix(l, []byte("data:"))
		if isData {
			data = append(data, bytes.TrimPrefix(rest, []byte(" "))...)
			data = append(data, '\n')
		}
		text := bytes.TrimSpace(data)
		switch {
		case len(text) == 0:
			data = data[:0]
		case string(text) == "[DONE]" || json.Valid(text):
			stop, terr := take(text)
			if terr != nil || stop {
				return terr
			}
			data = data[:0]
		case !isData || err != nil: // the event is over and no JSON
			return failed(NoModel, "an event that is no JSON")
		}
		if err != nil {
			return nil
		}
	}
}

// lines reads JSON values one after the other: Ollama sends one a line, others one in all.
func lines(in *bufio.Reader, w *watch, take func([]byte) (bool, error)) error {
	dec := json.NewDecoder(&living{in, w})
	for {
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			var syntax *json.SyntaxError
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case errors.Is(err, io.ErrUnexpectedEOF):
				return failed(CutOff, "the stream ended within a value")
			case errors.As(err, &syntax):
				return failed(NoModel, "the answer is no JSON")
			}
			return err
		}
		if stop, err := take(v); err != nil || stop {
			return err
		}
	}
}

// piecewise reads a list of values that came in one piece: Gemini without server-sent events.
func piecewise(in *bufio.Reader, w *watch, take func([]byte) (bool, error)) error {
	var all []json.RawMessage
	if err := json.NewDecoder(&living{in, w}).Decode(&all); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return failed(CutOff, "the stream ended within a value")
		}
		if isSyntax(err) {
			return failed(NoModel, "the answer is no JSON")
		}
		return err
	}
	for _, v := range all {
		if stop, err := take(v); err != nil || stop {
			return err
		}
	}
	return nil
}

func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax)
}

// living notes each read of something.
type living struct {
	r io.Reader
	w *watch
}

// Read implements io.Reader.
func (l *living) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n > 0 {
		l.w.alive()
	}
	return n, err
}
