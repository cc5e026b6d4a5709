package mcpclient

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/fault"
)

const (
	// writing bounds one write to a program that does not read.
	writing = 5 * time.Second
	// maxChatter is how many bytes a program may send without answering anything.
	maxChatter = 16 << 20
)

// pipes is the transport to a program. The library's own reads lines without a bound and waits for ever on a program that does not
// read; this one ends the connection in both cases. It answers no request of the program but ping.
type pipes struct {
	program *running
	gone    chan struct{} // closed when nothing can be said any more
	read    chan struct{} // closed when the reader has ended

	writeMu sync.Mutex // one message at a time

	mu      sync.Mutex
	ended   bool
	why     error // what is told to whoever waits, once ended
	waiting map[string]chan *transport.JSONRPCResponse
	notify  func(mcp.JSONRPCNotification)

	startOnce, closeOnce sync.Once
	closed               error
}

func newPipes(r *running) *pipes {
	return &pipes{program: r, gone: make(chan struct{}), read: make(chan struct{}), waiting: map[string]chan *transport.JSONRPCResponse{}}
}

// Start implements transport.Interface: it begins to read.
func (p *pipes) Start(context.Context) error {
	p.startOnce.Do(func() {
		go func() {
			defer close(p.read)
			p.end(p.listen())
		}()
	})
	return nil
}

// Close implements transport.Interface: it ends the program.
func (p *pipes) Close() error {
	p.closeOnce.Do(func() {
		p.startOnce.Do(func() { close(p.read) }) // never started: nobody reads
		p.end(errors.New("closed"))
		p.closed = p.program.stop(p.read)
	})
	return p.closed
}

// end tells everybody that waits that no answer will come.
func (p *pipes) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.ended, p.why = true, why
	close(p.gone)
}

// GetSessionId implements transport.Interface; there is none.
func (p *pipes) GetSessionId() string { return "" }

// SetNotificationHandler implements transport.Interface.
func (p *pipes) SetNotificationHandler(fn func(mcp.JSONRPCNotification)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notify = fn
}

// SendNotification implements transport.Interface.
func (p *pipes) SendNotification(ctx context.Context, n mcp.JSONRPCNotification) error {
	return p.write(ctx, n)
}

// SendRequest implements transport.Interface.
func (p *pipes) SendRequest(ctx context.Context, req transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
	answer, key := make(chan *transport.JSONRPCResponse, 1), req.ID.String()
	p.mu.Lock()
	p.waiting[key] = answer
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.waiting, key)
		p.mu.Unlock()
	}()
	if err := p.write(ctx, req); err != nil {
		return nil, err
	}
	select {
	case resp := <-answer:
		keep(ctx, req, resp)
		return resp, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.gone:
	}
	select {
	case resp := <-answer: // it came right before the end
		keep(ctx, req, resp)
		return resp, nil
	default:
		return nil, p.over()
	}
}

// over is the error after the end.
func (p *pipes) over() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var coded *fault.Error
	if errors.As(p.why, &coded) {
		return coded
	}
	return fault.Wrap(fault.UpstreamUnavailable, p.why, "The MCP server's program has ended.")
}

// write sends one message. Half a message cannot be taken back, so one that cannot be written ends the connection.
func (p *pipes) write(ctx context.Context, message any) error {
	b, err := json.Marshal(message)
	if err != nil {
		return err
	}
	p.writeMu.Lock()
	defer p.writeMu.Unlock()
	select {
	case <-p.gone:
		return p.over()
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	until := time.Now().Add(writing)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	if err := p.program.in.SetWriteDeadline(until); err != nil {
		return fault.Wrap(fault.UpstreamUnavailable, err, "The MCP server's program cannot be written to.")
	}
	if n, err := p.program.in.Write(append(b, '\n')); err != nil {
		if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			return context.DeadlineExceeded // nothing is half said
		}
		p.end(fault.Wrap(fault.UpstreamUnavailable, err, "The MCP server's program does not read."))
		return p.over()
	}
	return nil
}

// listen reads messages until the program ends or misbehaves.
func (p *pipes) listen() error {
	in := bufio.NewReaderSize(p.program.out, 64<<10)
	chatter := 0
	for {
		line, err := message(in)
		if err != nil {
			return err
		}
		if chatter += len(line) + 1; p.take(line) {
			chatter = 0
		}
		if chatter > maxChatter {
			return fault.New(fault.UpstreamUnavailable, "The MCP server's program talks without being asked.")
		}
	}
}

// message reads one line within the bound of an answer.
func message(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case len(line) > maxAnswer:
			return nil, fault.New(fault.UpstreamUnavailable, "The MCP server's answer is too large.")
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, errors.Join(io.ErrUnexpectedEOF, err)
		default:
			return bytes.TrimSpace(line), nil
		}
	}
}

// take does with a message what it asks for, and reports whether it answered something. What is no message is left alone: programs print.
func (p *pipes) take(line []byte) bool {
	var head struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	if json.Unmarshal(line, &head) != nil {
		return false
	}
	switch {
	case head.Method != "" && len(head.ID) > 0:
		p.refuse(head.ID, head.Method)
		return false
	case head.Method != "":
		p.mu.Lock()
		notify := p.notify
		p.mu.Unlock()
		var n mcp.JSONRPCNotification
		if notify != nil && json.Unmarshal(line, &n) == nil {
			notify(n)
		}
		return false
	}
	var resp transport.JSONRPCResponse
	if json.Unmarshal(line, &resp) != nil {
		return false
	}
	p.mu.Lock()
	answer := p.waiting[resp.ID.String()]
	delete(p.waiting, resp.ID.String())
	p.mu.Unlock()
	if answer == nil {
		return false
	}
	answer <- &resp
	return true
}

// refuse answers a request of the program: Resync lends it neither its model nor its people nor its files.
func (p *pipes) refuse(id json.RawMessage, method string) {
	answer := map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "id": id}
	if method == string(mcp.MethodPing) {
		answer["result"] = struct{}{}
	} else {
		answer["error"] = map[string]any{"code": mcp.METHOD_NOT_FOUND, "message": "This client takes no requests."}
	}
	_ = p.write(context.Background(), answer) // a failure has ended the connection
}
