package mcpserver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

const (
	hello   = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
	ready   = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	waiting = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"wait","arguments":{}}}`
)

// A script writes its questions, closes, and reads the answers.
func TestStdioAnswersBeforeTheEnd(t *testing.T) {
	s, _ := fixture(t)
	modern := `{"jsonrpc":"2.0","id":"m","method":"tools/call","params":{"name":"echo","arguments":{"text":"new"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	in := strings.Join([]string{
		hello, ready, `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`,
		`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"text":"old"}}}`,
		`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"fail","arguments":{"how":"panic"}}}`,
		`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"slow","arguments":{}}}`,
		`not json`, "", modern, // the last line has no end
	}, "\n")
	var out bytes.Buffer
	if err := s.ServeStdio(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	noSecret(t, out.String())
	got := map[any]string{}
	for line := range strings.Lines(out.String()) {
		var m struct {
			ID any `json:"id"`
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("standard output has %q", line)
		}
		got[m.ID] = line
	}
	for id, want := range map[any]string{
		1.0: `"instructions"`, 2.0: `"outputSchema"`, 3.0: `{"text":"old","caller":"local","tags":[]}`,
		4.0: `"isError":true`, 5.0: `"text":"done"`, "m": `{"text":"new","caller":"local","tags":[]}`, nil: `-32700`,
	} {
		if !strings.Contains(got[id], want) {
			t.Errorf("answer %v is %q, want %s", id, got[id], want)
		}
	}
}

func TestStdioEndsWithContext(t *testing.T) {
	s, g := fixture(t)
	in, write := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.ServeStdio(ctx, in, io.Discard) }()
	for _, line := range []string{hello, ready, waiting} {
		if _, err := io.WriteString(write, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	<-g.entered
	cancel()
	if err := <-done; err != nil {
		t.Errorf("ended with %v", err)
	}
	if err := <-g.ended; err == nil {
		t.Error("the call went on")
	}
	_ = write.Close() // ends the read that nothing else can end
}

// On one's own connection cancelling works.
func TestStdioCancel(t *testing.T) {
	s, g := fixture(t)
	in, write := io.Pipe()
	read, out := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.ServeStdio(t.Context(), in, out); _ = out.Close() }()
	answers := make(chan string, 8)
	go func() {
		lines := bufio.NewScanner(read)
		for lines.Scan() {
			answers <- lines.Text()
		}
		close(answers)
	}()
	send := func(line string) {
		if _, err := io.WriteString(write, line+"\n"); err != nil {
			t.Error(err)
		}
	}
	send(hello)
	<-answers
	send(ready)
	send(waiting)
	<-g.entered
	send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`)
	if err := <-g.ended; err == nil {
		t.Error("the call was not cancelled")
	}
	_ = write.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	for range answers { //nolint:revive // drained so that the writer ends
	}
}
