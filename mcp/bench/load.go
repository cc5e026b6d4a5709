package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/resync-hwa/resync/mcp/bench/jobs"
)

// Revisions of the protocol: the last one with a handshake, which a stateless server does without, and the first that has none.
const (
	legacy = "2025-11-25"
	modern = "2026-07-28"
)

// figures are those of one server in one round.
type figures struct {
	calls    int
	took     time.Duration
	cpu      time.Duration // of the server's process
	p50, p99 time.Duration
}

func (f figures) perCall() time.Duration { return f.cpu / time.Duration(f.calls) }

// load calls the tool from several clients, for some time or for a number of calls, and fails with the first call that does.
func (s *subject) load(ctx context.Context, era string, length time.Duration, most int) (figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var n atomic.Int64
	var mu sync.Mutex
	var times []time.Duration
	before, err := s.cpu()
	if err != nil {
		return figures{}, err
	}
	start := time.Now()
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			var own []time.Duration
			for i := n.Add(1); ctx.Err() == nil && (most > 0 && i <= int64(most) || most == 0 && time.Since(start) < length); i = n.Add(1) {
				begin := time.Now()
				status := jobs.Statuses[i%int64(len(jobs.Statuses))]
				body, err := s.post(ctx, client, era, i, status)
				if err == nil && (!bytes.Contains(body, []byte(`"structuredContent"`)) || !bytes.Contains(body, []byte(status)) || bytes.Contains(body, []byte(`"isError":true`))) {
					err = fmt.Errorf("call %d: %.400s", i, body)
				}
				if err != nil {
					cancel(err)
					return
				}
				own = append(own, time.Since(begin))
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
		})
	}
	all.Wait()
	f := figures{calls: len(times), took: time.Since(start)}
	if err := context.Cause(ctx); err != nil {
		return f, err
	}
	after, err := s.cpu()
	if err != nil || f.calls == 0 {
		return f, errors.Join(err, errors.New("no call was made"))
	}
	slices.Sort(times)
	f.cpu, f.p50, f.p99 = after-before, times[len(times)/2], times[len(times)*99/100]
	return f, nil
}

// post makes one call of the tool.
func (s *subject) post(ctx context.Context, client *http.Client, era string, id int64, status string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(message(era, id, status)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("MCP-Protocol-Version", era)
	if era == modern {
		req.Header.Set("Mcp-Method", "tools/call")
		req.Header.Set("Mcp-Name", jobs.Name)
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %.300s", resp.StatusCode, body)
	}
	return body, err
}

// meta is what every message of the modern revision carries.
const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"` + modern + `","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}}`

func message(era string, id int64, status string) string {
	m := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":{"status":%q,"limit":20}`, id, jobs.Name, status)
	if era == modern {
		m += "," + meta
	}
	return m + "}}"
}

// probe holds the server to the same answer as all others, and to refusing a wrong argument: who does not validate is not compared.
func (s *subject) probe(ctx context.Context, era string) error {
	for _, status := range jobs.Statuses {
		r, err := s.result(ctx, era, status)
		if err != nil {
			return err
		}
		want := jobs.New().List(jobs.In{Status: status})
		got := r.Structured.Out
		if r.Structured.Data != nil { // Resync's envelope
			got = *r.Structured.Data
		}
		var text jobs.Out
		if len(r.Content) == 1 {
			_ = json.Unmarshal([]byte(r.Content[0].Text), &text) // what is no JSON is not equal
		}
		if r.IsError || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(text, want) {
			return fmt.Errorf("another answer to %s: %+v", status, r)
		}
	}
	r, err := s.result(ctx, era, "LOST")
	if err == nil && !r.IsError {
		return fmt.Errorf("a status that does not exist was let through: %+v", r)
	}
	return nil
}

// result is an answer of tools/call.
type result struct {
	IsError    bool `json:"isError"`
	Structured struct {
		jobs.Out
		Data *jobs.Out `json:"data"`
	} `json:"structuredContent"`
	Content []struct{ Text string } `json:"content"`
}

func (s *subject) result(ctx context.Context, era, status string) (result, error) {
	body, err := s.post(ctx, http.DefaultClient, era, 1, status)
	if err != nil {
		return result{}, err
	}
	if _, data, ok := bytes.Cut(body, []byte("data: ")); ok { // an event stream of one event
		body, _, _ = bytes.Cut(data, []byte("\n"))
	}
	var a struct {
		Result result          `json:"result"`
		Error  json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return result{}, fmt.Errorf("%w: %.300s", err, body)
	}
	if a.Error != nil {
		return result{}, fmt.Errorf("error %s", a.Error)
	}
	return a.Result, nil
}
