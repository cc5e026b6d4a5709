package resync_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const apiDocument = "docs/api.md"

// described is what the tests below read of docs/openapi.json, which a test of agentsvc/api holds against the server.
type described struct {
	Paths map[string]map[string]struct {
		Summary  string                `json:"summary"`
		Role     string                `json:"x-resync-role"`
		Scope    string                `json:"x-resync-scope"`
		Security []map[string][]string `json:"security"`
	} `json:"paths"`
}

func openAPI(t *testing.T) described {
	t.Helper()
	b, err := os.ReadFile("docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var d described
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Paths) < 15 {
		t.Fatalf("only %d addresses are described", len(d.Paths))
	}
	return d
}

// table lists the operations as docs/api.md shows them.
func (d described) table() string {
	var b strings.Builder
	b.WriteString("| method and path | who | what |\n|---|---|---|\n")
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.SortedFunc(maps.Keys(d.Paths[path]), byMethod) {
			op := d.Paths[path][method]
			who := cmp.Or(op.Role, "everybody")
			switch _, cookie := security(op.Security)["cookie"]; {
			case op.Scope != "" && !cookie:
				who = "a key with the scope `" + op.Scope + "`"
			case op.Scope != "":
				who += ", scope `" + op.Scope + "`"
			}
			fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", strings.ToUpper(method), path, who, op.Summary)
		}
	}
	return b.String()
}

// byMethod puts reading before writing.
func byMethod(a, b string) int {
	order := []string{"get", "post", "put", "delete"}
	return slices.Index(order, a) - slices.Index(order, b)
}

func security(ways []map[string][]string) map[string]bool {
	out := map[string]bool{}
	for _, way := range ways {
		for name := range way {
			out[name] = true
		}
	}
	return out
}

var operations = regexp.MustCompile(`(?s)<!-- operations -->\n.*?<!-- end -->\n`)

// TestTheTableOfOperationsIsTheDescription: go test . -run TableOfOperations -update writes it again.
func TestTheTableOfOperationsIsTheDescription(t *testing.T) {
	text := documents(t)[apiDocument]
	now := operations.ReplaceAllLiteralString(text, "<!-- operations -->\n"+openAPI(t).table()+"<!-- end -->\n")
	if !operations.MatchString(text) {
		t.Fatalf("%s has no table of operations", apiDocument)
	}
	if now == text {
		return
	}
	if !*update {
		t.Fatalf("the operations of %s are not those of docs/openapi.json: go test . -run TableOfOperations -update", apiDocument)
	}
	if err := os.WriteFile(apiDocument, []byte(now), 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	substituted = regexp.MustCompile(`\$\([^)]*\)`)
	address     = regexp.MustCompile(`(?:\$B|"|^|[ (])(/(?:api/|token|livez|readyz)[^\s"'?#),]*)`)
	parameter   = regexp.MustCompile(`\\\{[a-z_]+\\\}`)
)

// TestAddressesOfTheDocumentAreDescribed holds every address that docs/api.md names, in prose, examples and program, against the description.
func TestAddressesOfTheDocumentAreDescribed(t *testing.T) {
	var known []*regexp.Regexp
	for path := range openAPI(t).Paths {
		known = append(known, regexp.MustCompile("^"+parameter.ReplaceAllString(regexp.QuoteMeta(path), ".+")+"$"))
	}
	seen := map[string]bool{}
	for line := range strings.Lines(operations.ReplaceAllString(code(documents(t)[apiDocument]), "")) {
		for _, m := range address.FindAllStringSubmatch(substituted.ReplaceAllString(line, "x"), -1) {
			seen[m[1]] = true
		}
	}
	for path := range seen {
		if !slices.ContainsFunc(known, func(r *regexp.Regexp) bool { return r.MatchString(path) }) {
			t.Errorf("%s names %s, which docs/openapi.json does not have", apiDocument, path)
		}
	}
	if len(seen) < 12 {
		t.Errorf("only %d addresses were found: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

var (
	block = regexp.MustCompile("(?s)```(sh|go|json|text)\n(.*?)```\n")
	base  = regexp.MustCompile(`(?m)^B=.*$`)
)

// TestTheExamplesOfTheAPIRun runs the commands of docs/api.md in one shell and the Go program beside them, on the real binary over the demo
// engine. Where the document shows what comes, that must come: of JSON the same fields, of text the same beginnings of lines.
func TestTheExamplesOfTheAPIRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program; left out by -short")
	}
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("the examples need %s: %v", tool, err)
		}
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "bin", "resync")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/resync").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	env := append(os.Environ(), "APP_DATA_DIR="+filepath.Join(dir, "data"), "APP_ENV=development", "APP_LOG__LEVEL=error", "TWS_HOST=", "LLM_ENDPOINT=", "DATABASE_URL=")
	url := serving(t, binary, env)

	// Each block is told apart in the output by a line of its own, and must end well.
	script, programs := "set -eu\n", 0
	shown := map[int]string{} // what stands right behind the block, by its number
	text, n, end := documents(t)[apiDocument], 0, -1
	for _, m := range block.FindAllStringSubmatchIndex(text, -1) {
		kind, body := text[m[2]:m[3]], text[m[4]:m[5]]
		switch {
		case kind == "sh":
			n++
			script += fmt.Sprintf("echo; echo '== %d'\n%s", n, base.ReplaceAllString(body, "B="+url))
			end = m[1]
		case kind == "go":
			programs++
			if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		case strings.TrimSpace(text[end:m[0]]) == "":
			shown[n] = body
		default:
			t.Errorf("nothing runs what this block shows: %.100s", body)
		}
	}
	if n < 9 || len(shown) < 6 || programs != 1 {
		t.Fatalf("%d blocks, %d results and %d programs were found", n, len(shown), programs)
	}
	shell := exec.CommandContext(t.Context(), "bash", "-c", script)
	shell.Dir, shell.Env = dir, env
	var complaints strings.Builder
	shell.Stderr = &complaints
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("the examples: %v\n%s\n%s", err, out, complaints.String())
	}
	parts := regexp.MustCompile(`(?m)^== \d+$`).Split(string(out), -1)[1:]
	if len(parts) != n {
		t.Fatalf("%d of %d blocks ran", len(parts), n)
	}
	for i, got := range parts {
		want, any := shown[i+1]
		if strings.Contains(got, `"about:blank"`) && !strings.Contains(want, `"about:blank"`) {
			t.Errorf("example %d got an error: %s", i+1, got)
		}
		if i > 0 && strings.TrimSpace(got) == "" { // the first makes variables
			t.Errorf("example %d printed nothing", i+1)
		}
		if any && !comes(want, got) {
			t.Errorf("example %d is shown as\n%s\nand gives\n%s", i+1, want, got)
		}
	}
}

// serving runs the server until the test ends, and gives its address.
func serving(t *testing.T, binary string, env []string) string {
	t.Helper()
	server := exec.CommandContext(t.Context(), binary, "serve", "--listen", "127.0.0.1:0")
	server.Env = env
	said, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	server.WaitDelay = 10 * time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	t.Cleanup(func() {
		<-read // the test's context has ended, and the server with it
		if err := server.Wait(); !errors.Is(err, context.Canceled) {
			t.Errorf("serve ended with %v", err)
		}
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text()); url != "" {
			go func() { defer close(read); _, _ = io.Copy(io.Discard, said) }()
			return url
		}
	}
	close(read)
	t.Fatal("the server did not start")
	return ""
}

// comes tells whether an output is like the one shown: one of its JSON values has the same fields, or each line shown begins a line of it, in
// this order. What stands behind "…" or a brace in a line of text differs from run to run.
func comes(shown, got string) bool {
	if want := fields(shown); want != nil {
		for rest := got; ; {
			i := strings.IndexByte(rest, '{')
			if i < 0 {
				return false
			}
			if slices.Equal(fields(rest[i:]), want) {
				return true
			}
			rest = rest[i+1:]
		}
	}
	lines := strings.Split(got, "\n")
	for want := range strings.Lines(shown) {
		want = strings.TrimSpace(want)
		if i := strings.IndexAny(want, "{…"); i >= 0 {
			want = want[:i]
		}
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, want) })
		if i < 0 {
			return false
		}
		lines = lines[i+1:]
	}
	return true
}

// fields are the names in the first JSON object of a text, with those below; nil where none begins.
func fields(text string) []string {
	var v map[string]json.RawMessage
	if json.NewDecoder(strings.NewReader(text)).Decode(&v) != nil {
		return nil
	}
	out := slices.Sorted(maps.Keys(v))
	for _, name := range slices.Clone(out) {
		for _, below := range fields(string(v[name])) {
			out = append(out, name+"."+below)
		}
	}
	return out
}
