package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// subject is a server that is measured, and what was measured.
type subject struct {
	name  string
	argv  []string
	token string

	cmd    *exec.Cmd
	url    string
	rounds map[string][]figures // by revision
	memory int64                // after the load, bytes
	cold   starts
}

func (s *subject) keep(era string, f figures) {
	if s.rounds == nil {
		s.rounds = map[string][]figures{}
	}
	s.rounds[era] = append(s.rounds[era], f)
}

// start starts the server and waits for its address. Its log goes where a service's would, but is not kept.
func (s *subject) start(ctx context.Context) error {
	s.cmd = exec.CommandContext(ctx, s.argv[0], append(s.argv[1:len(s.argv):len(s.argv)], "-http")...) //nolint:gosec // the servers that we have built
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if s.url = strings.TrimSpace(line); err != nil || !strings.HasPrefix(s.url, "http://") {
		s.stop()
		return fmt.Errorf("it does not say its address: %q %w", line, err)
	}
	return nil
}

// stop ends the server; a second time it does nothing.
func (s *subject) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill() // it may have ended by itself
		_ = s.cmd.Wait()
	}
	s.cmd = nil
}

// tick is the unit of times in /proc: a hundredth of a second on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpu is the time that the process has spent so far, in user and kernel mode, all threads together.
func (s *subject) cpu() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ") // the name before it may hold spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat has another form")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

func (s *subject) resident() int64 { return resident(s.cmd.Process.Pid) }

// resident is the memory of a process that is in use, in bytes; 0 when it cannot be read.
func resident(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// talk is a server on standard input and output.
type talk struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// hello opens a connection of the revision with a handshake, which takes longest.
const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"` + legacy + `","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}` + "\n"

// converse starts a server on standard input and output and shakes hands.
func converse(ctx context.Context, argv, env []string) (*talk, error) {
	t := &talk{cmd: exec.CommandContext(ctx, argv[0], argv[1:]...)} //nolint:gosec // the servers that we have built
	t.cmd.Env = append(os.Environ(), env...)
	var err error
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.out = bufio.NewReaderSize(out, 1<<20)
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := t.ask(hello); err != nil {
		t.end()
		return nil, err
	}
	_, err = io.WriteString(t.in, `{"jsonrpc":"2.0","method":"notifications/initialized"}`+"\n")
	return t, err
}

// ask writes a request and reads the next line.
func (t *talk) ask(line string) (string, error) {
	if _, err := io.WriteString(t.in, line); err != nil {
		return "", err
	}
	answer, err := t.out.ReadString('\n')
	if err == nil && !strings.Contains(answer, `"result"`) {
		err = fmt.Errorf("answer %.300s", answer)
	}
	return answer, err
}

// end closes the input, which ends every server.
func (t *talk) end() {
	_ = t.in.Close()
	gone := time.AfterFunc(5*time.Second, func() { _ = t.cmd.Process.Signal(syscall.SIGKILL) })
	defer gone.Stop()
	_ = t.cmd.Wait()
}

const list = `{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}` + "\n"

// starts are several cold starts of a server.
type starts struct {
	took []time.Duration // from the start of the process to its first list of tools
	cpu  []time.Duration // of the process from its start to its end, which is little more, and holds on a busy machine too
}

func coldStart(ctx context.Context, argv, env []string, times int) (starts, error) {
	var all starts
	for range times {
		start := time.Now()
		t, err := converse(ctx, argv, env)
		if err != nil {
			return all, err
		}
		_, err = t.ask(list)
		all.took = append(all.took, time.Since(start))
		t.end()
		if err != nil {
			return all, err
		}
		all.cpu = append(all.cpu, t.cmd.ProcessState.UserTime()+t.cmd.ProcessState.SystemTime())
	}
	return all, nil
}
