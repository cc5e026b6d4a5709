package evals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

const (
	maxKey = 16 << 10
	// again is how long to wait before a deployed program is asked again which world it shows.
	again = 500 * time.Millisecond
	// alike is how far the instant that a deployed program shows may be from the world's: its own clock runs on, the world's does not.
	alike = 2 * time.Minute
)

// deployed is a program that runs elsewhere and reads the mock.
type deployed struct {
	o      Options
	key    string
	client *http.Client
	talks  talks
	away   int // scenarios in a row whose world did not arrive
}

// hopeless is how many worlds in a row must not arrive until no other is waited for.
const hopeless = 2

func newDeployed(o Options) *deployed {
	return &deployed{o: o, client: &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (d *deployed) close() { d.client.CloseIdleConnections() }

// readKey reads the file with the key, where one is named.
func (d *deployed) readKey() (err error) {
	path := d.o.APIKeyFile
	if d.o.MCP != "" {
		path = d.o.MCPTokenFile
	}
	if path != "" {
		d.key, err = readKey(path)
	}
	return err
}

// readKey reads the one word of a file.
func readKey(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // the caller's own choice
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The file %s cannot be read.", path)
	}
	defer f.Close() //nolint:errcheck // it is only read
	raw, err := io.ReadAll(io.LimitReader(f, maxKey))
	key := strings.TrimSpace(string(raw))
	if err != nil || key == "" || strings.ContainsAny(key, " \t\r\n") {
		return "", fault.New(fault.Invalid, "The file %s does not hold one key.", path)
	}
	return key, nil
}

// arrive waits until the program shows the world of this instant, and then until it serves nothing of another one any more.
func (d *deployed) arrive(ctx context.Context, now time.Time) *trial.FaultTold {
	if d.away >= hopeless {
		return faulty("start", "the deployed program did not show the %d worlds before this one, so that it was not waited for", hopeless)
	}
	d.away++
	limit := time.NewTimer(d.o.Arrival)
	defer limit.Stop()
	last := ""
	for {
		at, err := d.planNow(ctx)
		var refused statusError
		switch {
		case errors.As(err, &refused) && (refused.code == http.StatusUnauthorized || refused.code == http.StatusForbidden):
			d.away = hopeless // waiting gives a key no rights
			return faulty("start", "the deployed program does not take the key: %v", err)
		case err != nil:
			last = err.Error()
		case at.Sub(now).Abs() < alike:
			d.away = 0
			return d.pause(ctx, d.o.Settle)
		default:
			last = "it shows the plan of " + at.UTC().Format(time.RFC3339)
		}
		select {
		case <-limit.C:
			return faulty("start", "the deployed program did not show the world of %s within %s: %s", now.UTC().Format(time.RFC3339), d.o.Arrival, last)
		case <-ctx.Done():
			return faulty("start", "the run was stopped")
		case <-time.After(again):
		}
	}
}

func (d *deployed) pause(ctx context.Context, long time.Duration) *trial.FaultTold {
	select {
	case <-time.After(long):
		return nil
	case <-ctx.Done():
		return faulty("start", "the run was stopped")
	}
}

// planNow asks which instant the plan is shown at.
func (d *deployed) planNow(ctx context.Context) (time.Time, error) {
	var status struct {
		Clocks struct {
			PlanNow string `json:"plan_now"`
		} `json:"clocks"`
	}
	if d.o.API != "" {
		raw, err := d.call(ctx, http.MethodGet, address(d.o.API, "/api/status"), nil)
		if err != nil {
			return time.Time{}, err
		}
		if err := json.Unmarshal(raw, &status); err != nil {
			return time.Time{}, fmt.Errorf("its status cannot be read: %w", err)
		}
		return time.Parse(time.RFC3339, status.Clocks.PlanNow)
	}
	raw, err := d.call(ctx, http.MethodPost, d.o.MCP, map[string]any{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
		"params": map[string]any{"name": "plan_status", "arguments": map[string]any{}}})
	if err != nil {
		return time.Time{}, err
	}
	var reply struct {
		Result struct {
			Structured json.RawMessage `json:"structuredContent"`
		} `json:"result"`
	}
	if err := errors.Join(json.Unmarshal(eventData(raw), &reply), json.Unmarshal(orNull(reply.Result.Structured), &status)); err != nil {
		return time.Time{}, fmt.Errorf("its plan_status cannot be read: %w", err)
	}
	return time.Parse(time.RFC3339, status.Clocks.PlanNow)
}

func orNull(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// eventData gives the JSON of an answer that came as a stream of one event, and any other as it is.
func eventData(raw []byte) []byte {
	for line := range bytes.Lines(raw) {
		if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			return bytes.TrimSpace(data)
		}
	}
	return raw
}

func address(base, path string) string { return strings.TrimRight(base, "/") + path }

// call sends a request with the key and gives the body of an answer with status 200.
func (d *deployed) call(ctx context.Context, method, url string, body any) ([]byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if body == nil {
		raw = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost && url == d.o.MCP {
		req.Header.Set("Accept", "application/json, text/event-stream")
	}
	if d.key != "" {
		req.Header.Set("Authorization", "Bearer "+d.key)
	}
	res, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it is only read
	out, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(out) > maxAnswer:
		return nil, fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	case res.StatusCode != http.StatusOK:
		return nil, statusError{res.StatusCode, out[:min(len(out), 300)]}
	}
	return out, nil
}

// statusError is an answer with another status than 200.
type statusError struct {
	code int
	body []byte
}

// Error names the status and the beginning of the body.
func (e statusError) Error() string { return fmt.Sprintf("status %d: %s", e.code, e.body) }
