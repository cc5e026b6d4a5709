package evals_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/twstools/answer"
)

// fakeMode makes the test binary itself stand in for the program: a script beside it sets the variable, since the judge passes none.
const fakeMode = "EVALS_FAKE"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeMode); mode != "" {
		os.Exit(fake(mode))
	}
	goleak.VerifyTestMain(m)
}

// program writes a program that behaves as the mode says.
func program(t *testing.T, mode string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	known, err := rightAnswers()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, answers := filepath.Join(dir, "resync"), filepath.Join(dir, "answers.json")
	if err := os.WriteFile(answers, known, 0o600); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\nEVALS_FAKE='%s' EVALS_ANSWERS='%s' exec '%s' \"$@\"\n", mode, answers, self)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil { //nolint:gosec // a program must be executable
		t.Fatal(err)
	}
	return path
}

// fake answers the questions of standard input as the mode says and gives the exit status.
func fake(mode string) int {
	if slices.Equal(os.Args[1:], []string{"version"}) {
		fmt.Println("fake 1")
		return 0
	}
	if len(os.Args) < 6 || !slices.Equal(os.Args[1:5], []string{"ask", "--lines", "--json", "--trace"}) {
		return 2
	}
	if mode == "strict" {
		if problems := surroundings(); len(problems) > 0 {
			fmt.Fprintln(os.Stderr, problems)
			return 9
		}
	}
	f := fakeProgram{mode: mode}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if lines.Text() == "" {
			f.turn = 0
			continue
		}
		if code := f.answer(lines.Text()); code != 0 {
			return code
		}
		f.turn++
	}
	if mode == "upstream" {
		return 4
	}
	return 0
}

type fakeProgram struct {
	mode string
	turn int // of the conversation
	n    int // of all
}

// answer answers one question; another status than 0 ends the program.
func (f *fakeProgram) answer(question string) int {
	f.n++
	switch mode := f.mode; mode {
	case "hang":
		select {} // until it is killed
	case "silent":
		os.Exit(0)
	case "crash":
		fmt.Fprintln(os.Stderr, "panic: everything is lost")
		return 1
	case "crash second":
		if f.n == 2 {
			fmt.Fprintln(os.Stderr, "panic: everything is lost")
			return 1
		}
	case "chatty":
		fmt.Println("Here is your answer:")
	}
	if f.mode == "probe" || f.mode == "remote" {
		return f.observe(question)
	}
	method := http.MethodGet
	if f.mode == "writing" {
		method = http.MethodPut
	}
	if status, err := call(method); err != nil || method == http.MethodGet && status != http.StatusOK {
		fmt.Fprintln(os.Stderr, status, err)
		return 8
	}
	a, err := right(question)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 7
	}
	a.Question, a.MessageID, a.ConversationID, a.Usage.CostUSD = question, fmt.Sprintf("m_%d", f.n), fmt.Sprintf("c_%d", f.n-f.turn), 0.25
	if err := f.misbehave(&a); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 5
	}
	if f.mode == "deaf" {
		a.Question = "something else"
	}
	if f.mode == "healthy" {
		a.Diagnosis = &answer.Diagnosis{Verdict: answer.NoProblem, ConfidenceClass: answer.Inconclusive}
	}
	if f.mode == "sure" && len(a.Diagnosis.Causes) > 0 {
		a.Diagnosis.Causes[0].Entity = "FRLMDM1"
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return 7
	}
	if f.mode == "bytes" {
		raw = bytes.Replace(raw, []byte(`"answer":"`), []byte("\"answer\":\"\xff\xfe"), 1)
	}
	if err := f.trace(a); err != nil {
		return 6
	}
	fmt.Println(string(raw))
	if f.mode == "twice" {
		fmt.Println(string(raw))
	}
	return 0
}

// trace appends what the tools returned to the file that the judge named.
func (f *fakeProgram) trace(ans answer.Answer) error {
	if f.mode == "pipe" || f.mode == "folder" { // nothing can be appended to it
		return nil
	}
	file, err := os.OpenFile(os.Args[5], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if f.mode == "torn" {
		_, err = fmt.Fprintln(file, "{")
		return errors.Join(err, file.Close())
	}
	raw, err := json.Marshal(sources(ans))
	if err != nil {
		return errors.Join(err, file.Close())
	}
	_, err = fmt.Fprintf(file, `{"message_id":%q,"conversation_id":"c","calls":[{"id":"t1","name":"turn_%d","arguments":{"x":1},"result":{"data":{},"sources":%s}},`+
		`{"id":"t2","name":"get_job","arguments":{},"error":{"code":"not_found","message":"No."}}]}`+"\n", ans.MessageID, f.turn, raw)
	return errors.Join(err, file.Close())
}

// sources are what a tool would have returned for the answer to quote from.
func sources(a answer.Answer) []map[string]any {
	out := []map[string]any{}
	if a.Diagnosis == nil {
		return out
	}
	for _, c := range a.Diagnosis.Causes {
		for _, e := range c.Evidence {
			s := map[string]any{"source": e.Source, "run_id": e.RunID, "lines": []map[string]any{{"n": e.Line, "text": e.Quote}}}
			if name, value, ok := strings.Cut(e.Quote, "="); ok && e.Line == 0 {
				s["fields"] = []map[string]any{{"name": name, "value": value}}
			}
			out = append(out, s)
		}
	}
	return out
}

// surroundings lists what the judge should not have handed over, or should have.
func surroundings() []string {
	var out []string
	allowed := []string{"PATH", "HOME", "APP_DATA_DIR", "TWS_HOST", "TWS_PORT", "TWS_USER", "TWS_PASSWORD", "APP_TWS_SCHEME", "APP_TWS_MODE"}
	shell := []string{"PWD", "OLDPWD", "SHLVL", "_", fakeMode, "EVALS_ANSWERS"}
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !slices.Contains(append(shell, allowed...), name) {
			out = append(out, "unasked "+name)
		}
	}
	for _, name := range allowed {
		if os.Getenv(name) == "" {
			out = append(out, "no "+name)
		}
	}
	for _, dir := range []string{".", os.Getenv("HOME"), os.Getenv("APP_DATA_DIR")} {
		if have, err := os.ReadDir(dir); err != nil || len(have) > 0 {
			out = append(out, dir+" is not empty")
		}
	}
	return out
}

// call makes one request to the engine.
func call(method string) (int, error) {
	url := fmt.Sprintf("%s://%s:%s/twsd/api/v2/engine/info", os.Getenv("APP_TWS_SCHEME"), os.Getenv("TWS_HOST"), os.Getenv("TWS_PORT"))
	req, err := http.NewRequest(method, url, http.NoBody) //nolint:noctx // a process of one request
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(os.Getenv("TWS_USER"), os.Getenv("TWS_PASSWORD"))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// right finds the question among those that were answered beforehand.
func right(text string) (answer.Answer, error) {
	raw, err := os.ReadFile(os.Getenv("EVALS_ANSWERS"))
	if err != nil {
		return answer.Answer{}, err
	}
	var answers map[string]answer.Answer
	if err := json.Unmarshal(raw, &answers); err != nil {
		return answer.Answer{}, err
	}
	if text == "And before that?" {
		return answer.Answer{Diagnosis: &answer.Diagnosis{}}, nil
	}
	a, ok := answers[text]
	if !ok {
		return a, fmt.Errorf("nobody asks %q", text)
	}
	return a, nil
}

// rightAnswers writes the oracle's answer to every question into a file, once for all fakes.
var rightAnswers = sync.OnceValues(func() ([]byte, error) { //nolint:gochecknoglobals // computed once for all tests
	ready, err := demo()
	if err != nil {
		return nil, err
	}
	answers := map[string]answer.Answer{}
	for _, p := range ready.Scenarios {
		for _, q := range p.Scenario.Ask {
			if answers[q.Text], err = oracle.Answer(p.Scenario.Gold, q, p.Plant); err != nil {
				return nil, err
			}
		}
	}
	return json.Marshal(answers)
})
