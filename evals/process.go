package evals

import (
	"context"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

// Bounds on what a program may print; more is no answer.
const (
	maxAnswer = 8 << 20
	maxStderr = 4 << 10
	maxTrace  = 64 << 20 // of one line of the trace
	// lastBreath is what is left to a killed process to let go of its pipes, toEnd what is left to one that has no more questions to end by itself.
	lastBreath = 2 * time.Second
	toEnd      = 15 * time.Second
	// upstream is the exit status of a program that could not read the engine for one of its answers (contracts/answer.md rule 7).
	upstream = 4
)

// process is a program that reads questions from its standard input, a line each, in an empty folder of its own.
type process struct {
	o      Options
	home   string
	kill   context.CancelFunc
	in     *os.File
	out    *printed
	errs   *tail
	exited chan struct{}
	cmd    *exec.Cmd
	traced int64 // how much of the trace has been read
	talks  talks
}

// start starts the program against the engine.
func (o Options) start(ctx context.Context, engine string) (*process, *trial.FaultTold) {
	binary, err := filepath.Abs(o.Binary)
	if err != nil {
		return nil, faulty("start", "%s has no absolute path", o.Binary)
	}
	home, err := os.MkdirTemp("", "resync-evals-")
	if err != nil {
		return nil, faulty("start", "no folder can be made for the program: %v", err)
	}
	p := &process{o: o, home: home, out: newPrinted(maxAnswer), errs: &tail{max: maxStderr}, exited: make(chan struct{})}
	env, err := o.environment(home, engine)
	if err == nil {
		err = p.run(ctx, binary, env)
	}
	if err != nil {
		_ = os.RemoveAll(home) // a leftover in the temporary folder hurts nobody
		return nil, faulty("start", "it cannot be run: %v", err)
	}
	return p, nil
}

func (p *process) run(ctx context.Context, binary string, env []string) error {
	args := []string{"ask", "--lines", "--json", "--trace", p.tracePath()}
	if p.o.MCP != "" {
		args = append(args, "--mcp", p.o.MCP)
		if p.o.MCPTokenFile != "" {
			token, err := filepath.Abs(p.o.MCPTokenFile)
			if err != nil {
				return err
			}
			args = append(args, "--mcp-token-file", token)
		}
	}
	ctx, p.kill = context.WithCancel(ctx)
	p.cmd = exec.CommandContext(ctx, binary, args...) //nolint:gosec // the program to judge is the caller's choice
	p.cmd.Dir, p.cmd.Env, p.cmd.WaitDelay = filepath.Join(p.home, "work"), env, lastBreath
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.errs
	grouped(p.cmd)
	theirs, ours, err := os.Pipe()
	if err == nil {
		p.cmd.Stdin, p.in = theirs, ours
		err = p.cmd.Start()
		_ = theirs.Close() // the process has its own
		if err != nil {
			_ = ours.Close() // nobody reads it
		}
	}
	if err != nil {
		p.kill()
		return err
	}
	go func() {
		_ = p.cmd.Wait() // its state says how it ended
		close(p.exited)
	}()
	return nil
}

// tracePath lies beside the folders that the program sees as its own.
func (p *process) tracePath() string { return filepath.Join(p.home, "trace.jsonl") }

// environment makes the folders and variables of one process: the engine, fresh folders, and the model's settings where one is configured.
func (o Options) environment(home, engine string) ([]string, error) {
	for _, d := range []string{"work", "home", "data"} {
		if err := os.Mkdir(filepath.Join(home, d), 0o700); err != nil {
			return nil, err
		}
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(home, "home"), "APP_DATA_DIR=" + filepath.Join(home, "data")}
	if o.MCP == "" {
		u, err := url.Parse(engine)
		if err != nil {
			return nil, err
		}
		env = append(env, "TWS_HOST="+u.Hostname(), "TWS_PORT="+u.Port(), "TWS_USER="+MockUser, "TWS_PASSWORD="+MockPassword, "APP_TWS_SCHEME=http", "APP_TWS_MODE=live")
	}
	model, err := o.modelSettings()
	return append(env, model...), err
}

// modelSettings are the variables of the configured model. A key stays in its file.
func (o Options) modelSettings() ([]string, error) {
	if o.Model == offline {
		return nil, nil
	}
	out := []string{"APP_LLM_MODEL=" + o.Model}
	endpoint := false
	for _, kv := range o.Environ {
		name, value, _ := strings.Cut(kv, "=")
		if value == "" || !slices.Contains([]string{"APP_LLM_PROVIDER", "LLM_ENDPOINT", "LLM_API_KEY_FILE"}, name) {
			continue
		}
		// Those with an interface of their own have an address of their own, too.
		endpoint = endpoint || name == "LLM_ENDPOINT" || name == "APP_LLM_PROVIDER" && slices.Contains([]string{"anthropic", "gemini", "ollama"}, value)
		if name == "LLM_API_KEY_FILE" {
			path, err := filepath.Abs(value) // the program runs in another folder
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "The file %s has no absolute path.", value)
			}
			value = path
		}
		out = append(out, name+"="+value)
	}
	if !endpoint {
		return nil, fault.New(fault.Invalid, "The model %s is not configured.", o.Model).WithHint("Set LLM_ENDPOINT, and LLM_API_KEY_FILE where it wants a key.")
	}
	return out, nil
}

// ask implements asker: an empty line, then the questions, each when the one before it has been answered.
func (p *process) ask(ctx context.Context, turns []string, text string) (h heard) {
	before := "\n"
	for _, q := range append(slices.Clone(turns), text) {
		q = oneLine(q)
		raw, told := p.exchange(ctx, before+q+"\n")
		if told != nil {
			h.fault, h.dead = told, true
			return h
		}
		s, err := readAnswer(raw, q)
		if err == nil {
			err = p.talks.follows(s.answer.ConversationID, before != "")
		}
		if err != nil { // what comes next may belong to anything
			h.fault, h.dead = faulty("no_json", "%v", err), true
			return h
		}
		if s.calls, err = p.calls(s.answer.MessageID); err != nil {
			h.fault, h.dead = faulty("no_json", "its trace cannot be read: %v", err), true
			return h
		}
		h.said, before = append(h.said, s), ""
	}
	return h
}

// exchange writes lines and waits for one.
func (p *process) exchange(ctx context.Context, lines string) ([]byte, *trial.FaultTold) {
	limit := time.NewTimer(p.o.Timeout)
	defer limit.Stop()
	_ = p.in.SetWriteDeadline(time.Now().Add(p.o.Timeout)) // a pipe has deadlines; without one, the timer below ends the process
	_, _ = io.WriteString(p.in, lines)                     // where nobody reads it, what follows says why
	for {
		line, ok, over := p.out.next()
		switch {
		case over:
			return nil, faulty("no_json", "it prints more than %d bytes", maxAnswer)
		case ok:
			return line, nil
		}
		select {
		case <-p.out.more:
		case <-p.exited:
			if line, ok := p.out.rest(); ok {
				return line, nil
			}
			if code := p.cmd.ProcessState.ExitCode(); code != 0 && code != upstream {
				return nil, faulty("exit", "it ended with the status %d", code)
			}
			return nil, faulty("no_json", "it ended without an answer")
		case <-limit.C:
			return nil, faulty("timeout", "it did not answer within %s", p.o.Timeout)
		case <-ctx.Done():
			return nil, faulty("timeout", "the run was stopped")
		}
	}
}

// end implements asker: no more questions come. Whoever does not end by itself then is ended, and at once when it is hopeless.
func (p *process) end(hopeless bool) (e ending) {
	_ = p.in.Close() // it may have gone before
	ended := !hopeless || isClosed(p.exited)
	if ended {
		patience := time.NewTimer(toEnd)
		defer patience.Stop()
		select {
		case <-p.exited:
		case <-patience.C:
			ended = false
		}
	}
	p.kill()
	<-p.exited
	_ = killGroup(p.cmd)     // what it left behind; mostly nothing is there any more
	_ = os.RemoveAll(p.home) // a leftover in the temporary folder hurts nobody
	e.code, e.stderr = -1, p.errs.String()
	if ended {
		e.code = p.cmd.ProcessState.ExitCode()
	}
	_, more := p.out.rest()
	switch {
	case !ended:
		e.fault = faulty("exit", "it did not end with its questions")
	case e.code != 0 && e.code != upstream:
		e.fault = faulty("exit", "it ended with the status %d", e.code)
	case more:
		e.fault = faulty("no_json", "something follows the answer on standard output")
	}
	return e
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
