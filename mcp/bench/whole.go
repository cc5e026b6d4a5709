package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// whole is what was measured of the program itself, `resync mcp` before a mock engine in a process of its own.
type whole struct {
	cold                     starts
	idle                     int64 // bytes in use, some seconds after the first question
	binary                   int64
	listBytes, tokens, tools int
}

var mockSays = regexp.MustCompile(`answers at (\S+) \(user (\S+), password ([^)]+)\)`)

func wholeProgram(ctx context.Context, p plan) (*whole, error) {
	dir, err := os.MkdirTemp("", "resync-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder in the temporary one
	env := []string{"HOME=" + dir, "APP_DATA_DIR=" + dir, "APP_LOG__LEVEL=error", "APP_TWS_SCHEME=http", "TWS_USER=bench", "TWS_PASSWORD=bench-bench"}
	mock := exec.CommandContext(ctx, p.resync, "mock", "--listen", "127.0.0.1:0", "--user", "bench", "--password", "bench-bench") //nolint:gosec // the program that we have built
	mock.Env = append(os.Environ(), env[:2]...)
	said, err := mock.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := mock.Start(); err != nil {
		return nil, err
	}
	defer func() {
		_ = mock.Process.Kill()
		_ = mock.Wait()
	}()
	lines := bufio.NewScanner(said)
	var at []string
	for at == nil && lines.Scan() {
		at = mockSays.FindStringSubmatch(lines.Text())
	}
	if at == nil {
		return nil, errors.New("the mock engine does not say its address")
	}
	go func() { // what else it logs
		for lines.Scan() {
			continue
		}
	}()
	u, err := url.Parse(at[1])
	if err != nil {
		return nil, err
	}
	env = append(env, "TWS_HOST="+u.Hostname(), "TWS_PORT="+u.Port())
	argv := []string{p.resync, "mcp"}
	w := &whole{}
	if w.cold, err = coldStart(ctx, argv, env, p.starts); err != nil {
		return nil, err
	}
	if info, err := os.Stat(p.resync); err == nil {
		w.binary = info.Size()
	}
	t, err := converse(ctx, argv, env)
	if err != nil {
		return nil, err
	}
	defer t.end()
	answer, err := t.ask(list)
	if err != nil {
		return nil, err
	}
	if err := w.weigh(answer); err != nil {
		return nil, err
	}
	if _, err := t.ask(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"plan_status","arguments":{}}}` + "\n"); err != nil {
		return nil, err
	}
	rest := 5 * time.Second
	if p.quick {
		rest = time.Second
	}
	select {
	case <-time.After(rest):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	w.idle = resident(t.cmd.Process.Pid)
	return w, nil
}

// weigh measures the list of tools: the whole answer, and what a model is shown of it, four bytes to a token.
func (w *whole) weigh(answer string) error {
	var a struct {
		Result struct {
			Tools []struct {
				Name, Description string
				InputSchema       json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(answer), &a); err != nil || len(a.Result.Tools) == 0 {
		return fmt.Errorf("the list of tools: %w: %.200s", err, answer)
	}
	shown := 0
	for _, t := range a.Result.Tools {
		shown += len(t.Name) + len(t.Description) + len(t.InputSchema)
	}
	w.listBytes, w.tokens, w.tools = len(answer), shown/4, len(a.Result.Tools)
	return nil
}
