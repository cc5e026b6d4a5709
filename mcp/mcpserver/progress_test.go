package mcpserver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// longWork is a tool that reports a read whenever it is told to, and ends when it is told to.
type longWork struct {
	entered chan string
	read    map[string]chan int
	end     map[string]chan struct{}
}

type whoIn struct {
	Who string `json:"who" doc:"Whose work."`
}

func longWorker(t *testing.T, who ...string) (*mcpserver.Server, *longWork) {
	t.Helper()
	w := &longWork{entered: make(chan string, 16), read: map[string]chan int{}, end: map[string]chan struct{}{}}
	for _, name := range who {
		w.read[name], w.end[name] = make(chan int), make(chan struct{})
	}
	tool := toolkit.MustDefine(toolkit.Spec{Name: "work", Title: "Work", Description: "Works long."}, func(ctx context.Context, in whoIn) (toolkit.Reply[echoOut], error) {
		w.entered <- in.Who
		for {
			select {
			case n := <-w.read[in.Who]:
				toolkit.Report(ctx, toolkit.Progress{Done: n, Message: in.Who + " reads"})
			case <-w.end[in.Who]:
				return toolkit.Reply[echoOut]{Data: echoOut{Text: in.Who}}, nil
			case <-ctx.Done():
				return toolkit.Reply[echoOut]{}, ctx.Err()
			}
		}
	})
	set, err := toolkit.NewSet(tool)
	if err != nil {
		t.Fatal(err)
	}
	return mcpserver.New(mcpserver.Options{Tools: set, Name: "resync", Version: "0.1"}), w
}

// told is what a client hears: a notification or the result.
type told struct {
	Method string
	ID     any
	Params struct {
		ProgressToken any
		Progress      float64
		Total         *float64
		Message       string
	}
	Result struct{ StructuredContent json.RawMessage }
}

func workCall(era, who, token string) string {
	meta := []string{}
	if token != "" {
		meta = append(meta, `"progressToken":`+token)
	}
	if era == "2026-07-28" {
		meta = append(meta, `"io.modelcontextprotocol/protocolVersion":"2026-07-28"`, `"io.modelcontextprotocol/clientCapabilities":{}`)
	}
	return `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"work","arguments":{"who":"` + who + `"},"_meta":{` + strings.Join(meta, ",") + `}}}`
}

// ask starts a call over HTTP and hands on what it hears as it comes.
func (w *longWork) ask(t *testing.T, url, era, who, token, accept string) <-chan told {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(workCall(era, who, token)))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"Content-Type": "application/json", "Accept": accept, "MCP-Protocol-Version": era, "Mcp-Method": "tools/call", "Mcp-Name": "work"} {
		req.Header.Set(k, v)
	}
	out := make(chan told, 64)
	go func() {
		defer close(out)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			line := strings.TrimPrefix(lines.Text(), "data: ")
			if !strings.HasPrefix(line, "{") {
				continue
			}
			var m told
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			out <- m
		}
	}()
	if got := <-w.entered; got != who {
		t.Fatalf("%s works, not %s", got, who)
	}
	return out
}

const both = "application/json, text/event-stream"

// isProgress holds a notification against what was reported.
func isProgress(t *testing.T, m told, token any, n int, who string) {
	t.Helper()
	if m.Method != "notifications/progress" || m.Params.ProgressToken != token || m.Params.Progress != float64(n) || m.Params.Total != nil || m.Params.Message != who+" reads" {
		t.Errorf("heard %+v, want %d of %s under %v", m, n, who, token)
	}
}

// Two clients with the same id and the same token, at the same time: each hears of its own work and of no other's, and the result comes last.
func TestProgressOverHTTP(t *testing.T) {
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(era, func(t *testing.T) {
			s, w := longWorker(t, "ana", "bia", "eva")
			url := serve(t, s).URL
			ana, bia := w.ask(t, url, era, "ana", `"tok"`, both), w.ask(t, url, era, "bia", `"tok"`, both)
			silent := w.ask(t, url, era, "eva", "", both)
			for n := 1; n <= 2; n++ {
				w.read["ana"] <- n
				w.read["bia"] <- n * 10
				w.read["eva"] <- n * 100
				isProgress(t, <-ana, "tok", n, "ana")
				isProgress(t, <-bia, "tok", n*10, "bia")
			}
			for who, heard := range map[string]<-chan told{"ana": ana, "bia": bia, "eva": silent} {
				close(w.end[who])
				last := <-heard
				if last.Method != "" || last.ID != 7.0 || !strings.Contains(string(last.Result.StructuredContent), `"text":"`+who+`"`) {
					t.Errorf("%s hears %+v at last", who, last)
				}
				for m := range heard {
					t.Errorf("%s hears %+v behind the result", who, m)
				}
			}
		})
	}
}

// A client that takes no event stream gets plain JSON, token or not.
func TestNoProgressWithoutEventStream(t *testing.T) {
	s, w := longWorker(t, "ana", "bia")
	url := serve(t, s).URL
	ana := w.ask(t, url, "2025-11-25", "ana", "1", "application/json")
	bia := w.ask(t, url, "2025-11-25", "bia", "1", both)
	w.read["ana"] <- 1
	w.read["bia"] <- 1
	isProgress(t, <-bia, 1.0, 1, "bia") // by then ana's would have come too
	close(w.end["ana"])
	close(w.end["bia"])
	if m := <-ana; m.Method != "" || m.ID != 7.0 {
		t.Errorf("heard %+v", m)
	}
	for range bia { //nolint:revive // drained so that the connection ends
	}
}

// What is told last must not be overtaken by the result, however busy the machine is: every notification that is told is heard, before the result.
func TestLastProgressIsHeard(t *testing.T) {
	names := make([]string, 12)
	for i := range names {
		names[i] = fmt.Sprint("c", i)
	}
	s, w := longWorker(t, names...)
	url := serve(t, s).URL
	var heard []<-chan told
	for i, who := range names {
		heard = append(heard, w.ask(t, url, eras[i%2].name, who, "7", both))
	}
	var wg sync.WaitGroup
	for i, who := range names {
		wg.Go(func() {
			w.read[who] <- 1
			// The call ends as soon as the first is told: the tightest that a tool can do.
			isProgress(t, <-heard[i], 7.0, 1, who)
			close(w.end[who])
			if m := <-heard[i]; m.ID != 7.0 {
				t.Errorf("%s heard %+v, not its result", who, m)
			}
		})
	}
	wg.Wait()
}

func TestProgressOverStdio(t *testing.T) {
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(era, func(t *testing.T) {
			s, w := longWorker(t, "ana")
			in, write := io.Pipe()
			read, out := io.Pipe()
			done := make(chan error, 1)
			go func() { done <- s.ServeStdio(t.Context(), in, out); _ = out.Close() }()
			heard := make(chan told, 64)
			go func() {
				defer close(heard)
				lines := bufio.NewScanner(read)
				for lines.Scan() {
					var m told
					if err := json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &m); err != nil {
						t.Errorf("%s: %v", lines.Text(), err)
					}
					heard <- m
				}
			}()
			send := func(line string) {
				if _, err := io.WriteString(write, line+"\n"); err != nil {
					t.Error(err)
				}
			}
			if era == "2025-11-25" {
				send(hello)
				<-heard
				send(ready)
			}
			send(workCall(era, "ana", "12"))
			<-w.entered
			for n := 1; n <= 2; n++ {
				w.read["ana"] <- n
				isProgress(t, <-heard, 12.0, n, "ana")
			}
			close(w.end["ana"])
			if last := <-heard; last.ID != 7.0 {
				t.Errorf("heard %+v, not the result", last)
			}
			_ = write.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
			for m := range heard {
				t.Errorf("heard %+v behind the result", m)
			}
		})
	}
}

// A quick call costs no wait for its progress.
func TestQuickCallIsQuick(t *testing.T) {
	s, w := longWorker(t, "ana")
	url := serve(t, s).URL
	start := time.Now()
	heard := w.ask(t, url, "2025-11-25", "ana", "1", both)
	w.read["ana"] <- 1
	close(w.end["ana"])
	if m := <-heard; m.Method != "" && time.Since(start) < 300*time.Millisecond {
		t.Errorf("heard %+v after %s", m, time.Since(start))
	}
	for range heard { //nolint:revive // drained so that the connection ends
	}
}
