package mcpclient

import (
	"bufio"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// The manners with which a program is ended: its input is closed; then it is asked to end; then it is ended.
const closingGrace = 2 * time.Second

// Program is an MCP server that is started here. No shell reads the command.
type Program struct {
	Command string
	Args    []string
	// Env is NAME=value; the program gets these and PATH and HOME, and nothing else of our environment.
	Env    []string
	Logger *slog.Logger // for what the program says on standard error; nil: nothing is kept of it
}

// Check says whether the command is there to be started. The error is coded.
func (p Program) Check() error {
	if _, err := exec.LookPath(p.Command); err != nil {
		return fault.Wrap(fault.Invalid, err, "The program %q cannot be found, or may not be started.", p.Command)
	}
	return nil
}

// environment is all that the program gets. What is configured wins.
func (p Program) environment() []string {
	var out []string
	for _, name := range []string{"PATH", "HOME"} {
		given := slices.ContainsFunc(p.Env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
		if v, ok := os.LookupEnv(name); ok && !given {
			out = append(out, name+"="+v)
		}
	}
	return append(out, p.Env...)
}

// running is a started program with our ends of its pipes.
type running struct {
	cmd      *exec.Cmd
	in       *os.File // its standard input
	out, err *os.File
	told     sync.WaitGroup // the reader of standard error
}

// start starts the program. Its pipes are ours alone, so that reads and writes can be given up.
func (p Program) start() (*pipes, error) {
	cmd := exec.Command(p.Command, p.Args...) //nolint:gosec,noctx // the operator's own command; it lives until it is closed
	cmd.Env = p.environment()
	inGroup(cmd)
	var ends [6]*os.File
	closeAll := func() {
		for _, f := range ends {
			if f != nil {
				_ = f.Close()
			}
		}
	}
	for i := range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll()
			return nil, fault.Wrap(fault.Internal, err, "No pipe can be made for the program %q.", p.Command)
		}
		ends[2*i], ends[2*i+1] = r, w
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = ends[0], ends[3], ends[5]
	if err := cmd.Start(); err != nil {
		closeAll()
		return nil, fault.Wrap(fault.UpstreamUnavailable, err, "The program %q cannot be started.", p.Command)
	}
	for _, theirs := range []*os.File{ends[0], ends[3], ends[5]} {
		_ = theirs.Close()
	}
	r := &running{cmd: cmd, in: ends[1], out: ends[2], err: ends[4]}
	r.told.Go(func() { p.listen(r.err) })
	return newPipes(r), nil
}

// stop ends the program and everything it started in its group. silent is closed when its standard output has ended.
// The program is waited for last: until then its number, which is that of its group, belongs to nobody else.
func (r *running) stop(silent <-chan struct{}) error {
	_ = r.in.Close()
	if !within(silent, closingGrace) {
		endGroup(r.cmd)
		within(silent, closingGrace)
	}
	killGroup(r.cmd)
	_ = r.out.Close()
	<-silent
	_ = r.err.Close() // who left the group may still hold it
	r.told.Wait()
	err := r.cmd.Wait()
	var status *exec.ExitError
	if errors.As(err, &status) {
		return nil // it ended; how does not matter any more
	}
	return err
}

func within(done <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
		return true
	case <-t.C:
		return false
	}
}

// The bounds of what is kept of standard error.
const (
	maxSaid       = 500 // characters of a line
	saidPerMinute = 60  // lines
)

// listen logs what a program says on standard error: cleaned, its own secrets masked, so many lines a minute.
func (p Program) listen(f *os.File) {
	in := bufio.NewReaderSize(f, 4<<10)
	var window time.Time
	lines, dropped := 0, 0
	for {
		line, more, err := in.ReadLine()
		if err != nil {
			return
		}
		text := string(line)
		for more && err == nil { // only the beginning of a long line
			_, more, err = in.ReadLine()
		}
		if p.Logger == nil {
			continue
		}
		if now := time.Now(); now.Sub(window) > time.Minute {
			if dropped > 0 {
				p.Logger.Info("mcp server said more", "program", p.Command, "lines", dropped)
			}
			window, lines, dropped = now, 0, 0
		}
		if lines++; lines > saidPerMinute {
			dropped++
			continue
		}
		if text = p.masked(text); text != "" {
			p.Logger.Info("mcp server says", "program", p.Command, "text", text)
		}
	}
}

// shortestSecret is the shortest value of the environment that is masked: shorter ones are words such as "true".
const shortestSecret = 6

func (p Program) masked(line string) string {
	for _, e := range p.Env {
		if _, v, _ := strings.Cut(e, "="); len(v) >= shortestSecret {
			line = strings.ReplaceAll(line, v, "***")
		}
	}
	line = untrusted.Normalize(line)
	if r := []rune(line); len(r) > maxSaid {
		line = string(r[:maxSaid]) + "…"
	}
	return line
}
