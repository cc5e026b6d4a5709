package mcpserver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/telemetry"
)

// lingering is how long requests that are under way when the input ends may take to be answered. It is longer than any
// tool's deadline.
const lingering = 55 * time.Second

// ServeStdio serves one client, one JSON message a line, until the input ends or ctx does. What was asked before the end of the
// input is still answered, so that a script may write its questions and close. The caller is auth.Local.
//
// Nothing but the protocol is written to out. When ctx ends while in still blocks, one goroutine waits in that read until
// in is closed, as nothing else can end a read.
func (s *Server) ServeStdio(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx = telemetry.WithDoor(s.offering(auth.WithCaller(ctx, auth.Local())), telemetry.Door{Transport: "pipe"})
	p := newPending()
	stdio := server.NewStdioServer(s.core)
	stdio.SetErrorLogger(log.New(lines{s.logger}, "", 0))
	err := stdio.Listen(ctx, &countingReader{in: bufio.NewReaderSize(in, 64<<10), pending: p, ctx: ctx}, countingWriter{out, p})
	if errors.Is(err, context.Canceled) || ctx.Err() != nil {
		return nil
	}
	return err
}

// lines sends the library's complaints to the log.
type lines struct{ logger *slog.Logger }

// Write logs one line.
func (l lines) Write(b []byte) (int, error) {
	l.logger.Warn("mcp over stdio", slog.String("message", string(bytes.TrimSpace(b))))
	return len(b), nil
}

// pending knows the requests that have been read and not been answered, by their ids.
type pending struct {
	mu   sync.Mutex
	ids  map[string]bool
	idle chan struct{} // closed while nothing waits
}

func newPending() *pending {
	p := &pending{ids: map[string]bool{}, idle: make(chan struct{})}
	close(p.idle)
	return p
}

func (p *pending) read(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ids) == 0 {
		p.idle = make(chan struct{})
	}
	p.ids[m.key()] = true
}

func (p *pending) answered(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ids[m.key()] {
		return
	}
	delete(p.ids, m.key())
	if len(p.ids) == 0 {
		close(p.idle)
	}
}

func (p *pending) done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.idle
}

// message is what must be known of a JSON-RPC message.
type message struct {
	ID     any    `json:"id"`
	Method string `json:"method"`
}

// key is the same for an id in a request and in its answer.
func (m message) key() string { return fmt.Sprintf("%T %[1]v", m.ID) }

// countingReader hands out whole lines, notes the requests among them and holds back the end of the input until they are answered.
type countingReader struct {
	in      *bufio.Reader
	rest    []byte
	pending *pending
	ctx     context.Context //nolint:containedctx // io.Reader has no context of its own
}

// Read gives the next bytes.
func (r *countingReader) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		line, err := r.in.ReadBytes('\n')
		if len(line) == 0 {
			return 0, r.end(err)
		}
		if line[len(line)-1] != '\n' {
			line = append(line, '\n') // a last line without its end is a line
		}
		r.note(line)
		r.rest = line
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// note remembers what will be answered.
func (r *countingReader) note(line []byte) {
	var m message
	if json.Unmarshal(line, &m) == nil && m.ID != nil && m.Method != "" {
		r.pending.read(m)
	}
}

// end waits for the answers before it passes the end on.
func (r *countingReader) end(err error) error {
	patience := time.NewTimer(lingering)
	defer patience.Stop()
	select {
	case <-r.pending.done():
	case <-r.ctx.Done():
	case <-patience.C:
	}
	return err
}

// countingWriter notes the answers.
type countingWriter struct {
	out     io.Writer
	pending *pending
}

// Write passes one message on; the library writes each in one call.
func (w countingWriter) Write(b []byte) (int, error) {
	n, err := w.out.Write(unframed(b))
	if err == nil {
		n = len(b)
	}
	var m message
	if json.Unmarshal(b, &m) == nil && m.ID != nil && m.Method == "" {
		w.pending.answered(m)
	}
	return n, err
}
