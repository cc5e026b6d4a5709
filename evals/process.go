package evals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
)

// outcome is what a process of the program left.
type outcome struct {
	stdout []byte
	stderr string
	code   int
	fault  *FaultTold
}

// Bounds on what a program may print; more is cut, and then is no answer.
const (
	maxStdout = 8 << 20
	maxStderr = 4 << 10
	// lastBreath is what is left to a killed process to let go of its pipes.
	lastBreath = 2 * time.Second
	// upstream is the exit status of an answer about an engine that cannot be read (contracts/answer.md rule 7).
	upstream = 4
)

// execute runs the program once, in an empty folder, with nothing in its environment but the engine and fresh folders of its own.
func (o Options) execute(ctx context.Context, engine, question string) (out outcome) {
	failed := func(kind, format string, args ...any) outcome {
		out.fault = &FaultTold{Kind: kind, Reason: fmt.Sprintf(format, args...)}
		return out
	}
	binary, err := filepath.Abs(o.Binary)
	if err != nil {
		return failed("start", "%s has no absolute path", o.Binary)
	}
	home, err := os.MkdirTemp("", "resync-evals-")
	if err != nil {
		return failed("start", "no folder can be made for the program: %v", err)
	}
	defer func() { _ = os.RemoveAll(home) }() // a leftover in the temporary folder hurts nobody
	env, err := environment(home, engine)
	if err != nil {
		return failed("start", "%v", err)
	}
	limited, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, binary, "ask", "--json", question) //nolint:gosec // the program to judge is the caller's choice
	cmd.Dir, cmd.Env, cmd.WaitDelay = filepath.Join(home, "work"), env, lastBreath
	stdout, stderr := &head{max: maxStdout}, &tail{max: maxStderr}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = cmd.Run()
	out.stdout, out.stderr = stdout.b.Bytes(), string(stderr.b)
	if cmd.ProcessState != nil {
		out.code = cmd.ProcessState.ExitCode()
	}
	var exit *exec.ExitError
	switch {
	case limited.Err() != nil && ctx.Err() == nil:
		return failed("timeout", "it did not answer within %s", o.Timeout)
	case err != nil && !errors.As(err, &exit):
		return failed("start", "it cannot be run: %v", err)
	case out.code != 0 && out.code != upstream:
		return failed("exit", "it ended with the status %d", out.code)
	}
	return out
}

// environment makes the folders and variables of one process.
func environment(home, engine string) ([]string, error) {
	for _, d := range []string{"work", "home", "data"} {
		if err := os.Mkdir(filepath.Join(home, d), 0o700); err != nil {
			return nil, fmt.Errorf("no folder can be made for the program: %w", err)
		}
	}
	u, err := url.Parse(engine)
	if err != nil {
		return nil, fmt.Errorf("the mock's address cannot be read: %w", err)
	}
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(home, "home"), "APP_DATA_DIR=" + filepath.Join(home, "data"),
		"TWS_HOST=" + u.Hostname(), "TWS_PORT=" + u.Port(), "TWS_USER=" + mockUser, "TWS_PASSWORD=" + mockPassword,
		"APP_TWS_SCHEME=http", "APP_TWS_MODE=live"}, nil
}

// oneAnswer reads standard output, which must hold exactly one JSON object.
func oneAnswer(stdout []byte) (a answer.Answer, raw json.RawMessage, err error) {
	dec := json.NewDecoder(bytes.NewReader(stdout))
	if err := dec.Decode(&raw); err != nil {
		return a, nil, fmt.Errorf("standard output holds no JSON object: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return a, nil, errors.New("something follows the JSON object on standard output")
	}
	if len(raw) == 0 || raw[0] != '{' {
		return a, nil, errors.New("the JSON on standard output is no object")
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, nil, fmt.Errorf("the JSON object is no answer: %w", err)
	}
	return a, raw, nil
}

// head keeps the beginning of what is written to it.
type head struct {
	b   bytes.Buffer
	max int
}

func (h *head) Write(p []byte) (int, error) {
	if room := h.max - h.b.Len(); room > 0 {
		h.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// tail keeps the end of what is written to it.
type tail struct {
	b   []byte
	max int
}

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - t.max; over > 0 {
		t.b = t.b[over:]
	}
	return len(p), nil
}
