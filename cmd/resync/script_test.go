package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main() // it exits
	}
	goleak.VerifyTestMain(m)
}

// TestScripts runs testdata/script/*.txtar: sessions at a terminal, in the form of testscript (a script, then files between -- marks). The
// program runs in this process, from its command line to its exit status. The verbs:
//
//	env NAME=VALUE          for the commands that follow
//	stdin FILE              what the next command reads
//	[!] resync ARG…         runs it; with ! it must fail; the status is the one of `status` when that stands in the line before
//	status N                the exit status that the next command must have
//	[!] stdout|stderr|body|header REGEXP
//	capture NAME REGEXP     sets a variable from standard output, error and body: the first group
//	answer                  standard output is one answer, as the contract has it
//	answers N               standard output is N answers, one a line
//	write FILE TEXT         makes a file, of a text or of what stands under that name below
//	remove FILE             deletes a file
//	read FILE               the text of a file, which only its owner can read, becomes the body
//	jsonrpc                 each line of standard output is a message of the protocol
//	start ARG… · stop       runs it beside the script, until stop, which expects status 0; sets $URL
//	unzip FILE              the text of all files in a zip becomes the body
//	hidden                  no name of the demo stands in the body
//	http STATUS METHOD PATH [HEADER=VALUE]… [FILE]   over real HTTP to $URL, with the cookies of a browser
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			newScript(t, file).run()
		})
	}
}

type script struct {
	t         *testing.T
	lines     []string
	files     map[string]string
	env       map[string]string
	in        string
	status    int
	out, errs buffer
	body      string
	header    string
	client    *http.Client
	ended     chan int // of the command that was started
	stop      context.CancelFunc
}

// buffer may be read while a command writes, and tells when it has a text.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{}
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
	return b.b.Write(p)
}

func (b *buffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

func (b *buffer) reset() { b.mu.Lock(); defer b.mu.Unlock(); b.b.Reset() }

// next gives the text and a channel that is closed when there is more.
func (b *buffer) next() (string, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more == nil {
		b.more = make(chan struct{})
	}
	return b.b.String(), b.more
}

var fileMark = regexp.MustCompile(`(?m)^-- (.+) --\n`)

func newScript(t *testing.T, path string) *script {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s := &script{t: t, files: map[string]string{}, status: -1,
		env:    map[string]string{"HOME": work, "WORK": work, "APP_DATA_DIR": filepath.Join(work, "data")},
		client: &http.Client{Transport: transport, Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	text := string(b)
	marks := fileMark.FindAllStringSubmatchIndex(text, -1)
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		s.files[text[m[2]:m[3]]] = text[m[1]:end]
	}
	if len(marks) > 0 {
		text = text[:marks[0][0]]
	}
	s.lines = strings.Split(text, "\n")
	return s
}

func (s *script) run() {
	defer func() {
		if s.stop != nil {
			s.stop()
			<-s.ended
		}
	}()
	for i, line := range s.lines {
		words := s.words(line)
		if len(words) == 0 {
			continue
		}
		negated := words[0] == "!"
		if negated {
			words = words[1:]
		}
		if err := s.do(negated, words[0], words[1:]); err != nil {
			s.t.Fatalf("line %d: %s: %v\nstdout: %.3000s\nstderr: %.3000s\nbody: %.1000s", i+1, line, err, s.out.String(), s.errs.String(), s.body)
		}
	}
}

// words splits a line as a simple shell does: quotes keep words together, $NAME is expanded outside of single quotes, # begins a comment.
func (s *script) words(line string) (out []string) {
	for rest := strings.TrimSpace(line); rest != "" && rest[0] != '#'; rest = strings.TrimSpace(rest) {
		var word string
		switch q := rest[0]; q {
		case '\'', '"':
			end := strings.IndexByte(rest[1:], q) + 1
			if end < 1 {
				s.t.Fatalf("no end of quotes: %s", line)
			}
			word, rest = rest[1:end], rest[end+1:]
			if q == '\'' {
				out = append(out, word)
				continue
			}
		default:
			word, rest, _ = strings.Cut(rest, " ")
		}
		out = append(out, os.Expand(word, func(name string) string { return s.env[name] }))
	}
	return out
}

func (s *script) do(negated bool, verb string, args []string) error {
	switch verb {
	case "env":
		name, value, _ := strings.Cut(args[0], "=")
		s.env[name] = value
	case "stdin":
		s.in = os.Expand(s.files[args[0]], func(name string) string { return s.env[name] })
	case "status":
		n, err := strconv.Atoi(args[0])
		s.status = n
		return err
	case "resync":
		return s.resync(negated, args)
	case "stdout":
		return matches(negated, s.out.String(), args[0])
	case "stderr":
		return matches(negated, s.errs.String(), args[0])
	case "body":
		return matches(negated, s.body, args[0])
	case "header":
		return matches(negated, s.header, args[0])
	case "capture":
		m := regexp.MustCompile(args[1]).FindStringSubmatch(s.out.String() + s.errs.String() + s.body)
		if m == nil {
			return fmt.Errorf("no match")
		}
		s.env[args[0]] = m[1]
	case "answer":
		return isAnswer(s.out.String())
	case "answers":
		return areAnswers(s.out.String(), args[0])
	case "write":
		text, ok := s.files[args[1]]
		if !ok {
			text = args[1] + "\n"
		}
		if err := os.MkdirAll(filepath.Dir(args[0]), 0o700); err != nil {
			return err
		}
		return os.WriteFile(args[0], []byte(text), 0o600)
	case "remove":
		return os.Remove(args[0])
	case "read":
		return s.read(args[0])
	case "jsonrpc":
		return isProtocol(s.out.String())
	case "start":
		return s.start(args)
	case "stop":
		s.stop()
		code := <-s.ended
		s.stop = nil
		if code != 0 {
			return fmt.Errorf("exit status %d", code)
		}
	case "http":
		return s.http(args)
	case "unzip":
		return s.unzip(args[0])
	case "hidden":
		return hidden(s.body)
	default:
		return fmt.Errorf("no such verb")
	}
	return nil
}

func (s *script) program(args []string) *program {
	p := &program{args: append([]string{"resync"}, args...), dir: s.env["WORK"], in: strings.NewReader(s.in), out: &s.out, err: &s.errs, clock: time.Now}
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		p.environ = append(p.environ, name+"="+s.env[name])
	}
	s.in = ""
	return p
}

func (s *script) resync(negated bool, args []string) error {
	if s.stop == nil { // what a server has said stays
		s.errs.reset()
	}
	s.out.reset()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	code, want := run(ctx, s.program(args)), s.status
	s.status = -1
	if want >= 0 && code != want || want < 0 && negated != (code != 0) {
		return fmt.Errorf("exit status %d", code)
	}
	return nil
}

// listening finds the address; behind a declared proxy it is the proxy's, for which the script stands in.
var listening = regexp.MustCompile(`(?s)at https?(://\S+?)(?:/mcp,[^\n]*)?\n.*Ctrl-C|at https?(://\S+?)/mcp, `)

func (s *script) start(args []string) error {
	s.errs.reset()
	ctx, cancel := context.WithCancel(s.t.Context())
	s.stop, s.ended = cancel, make(chan int, 1)
	p, ended := s.program(args), s.ended
	go func() { ended <- run(ctx, p) }()
	for {
		text, more := s.errs.next()
		if m := listening.FindStringSubmatch(text); m != nil {
			s.env["URL"] = "http" + m[1] + m[2]
			return nil
		}
		select {
		case <-more:
		case code := <-ended:
			ended <- code
			return fmt.Errorf("ended with status %d", code)
		}
	}
}

func (s *script) read(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm() != 0o600 {
		return fmt.Errorf("mode %v", info.Mode())
	}
	b, err := os.ReadFile(path)
	s.body = string(b)
	return err
}

func (s *script) http(args []string) error {
	var body io.Reader
	header := http.Header{}
	for _, a := range args[3:] {
		if text, ok := s.files[a]; ok {
			body = strings.NewReader(os.Expand(strings.TrimSpace(text), func(name string) string { return s.env[name] }))
		} else if name, value, ok := strings.Cut(a, "="); ok {
			header.Set(name, value)
		}
	}
	req, err := http.NewRequestWithContext(s.t.Context(), args[1], s.env["URL"]+args[2], body)
	if err != nil {
		return err
	}
	req.Header = header
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	s.body, s.header = string(b), headerText(res.Header)
	if err == nil && strconv.Itoa(res.StatusCode) != args[0] {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return err
}

// headerText is a line per value.
func headerText(h http.Header) string {
	var b strings.Builder
	_ = h.Write(&b)
	return b.String()
}

func matches(negated bool, text, pattern string) error {
	re, err := regexp.Compile("(?m)" + pattern)
	if err == nil && re.MatchString(text) == negated {
		err = fmt.Errorf("found: %v", !negated)
	}
	return err
}
