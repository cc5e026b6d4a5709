package resync_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/resync-hwa/resync"

// pkg is what the go command says of a package of ours.
type pkg struct {
	ImportPath   string
	Dir          string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
	GoFiles      []string
}

func (p pkg) room() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// packages lists all packages of the module with their transitive dependencies.
func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Imports,TestImports,XTestImports,Deps,GoFiles", "./...").Output()
	if err != nil {
		var ee *exec.ExitError
		if errors.As(err, &ee) {
			t.Fatalf("go list: %v\n%s", err, ee.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("go list found %d packages: the rules below would hold over nothing", len(all))
	}
	return all
}

// under reports whether a room is one of the given ones or lies below it.
func under(room string, tops ...string) bool {
	return slices.ContainsFunc(tops, func(top string) bool { return room == top || strings.HasPrefix(room, top+"/") })
}

// TestImportArrows holds the arrows of DESIGN.md section 1: rooms import downwards only, and siblings do not know each other.
func TestImportArrows(t *testing.T) {
	rules := []struct {
		rooms     []string // these
		forbidden []string // must not import these, directly
		why       string
	}{
		{[]string{"internal"}, []string{"cmd", "agentsvc", "mcp", "evals", "webui", "twstools", "knowledge"}, "plumbing carries no domain"},
		{[]string{"twstools"}, []string{"cmd", "agentsvc", "mcp", "evals", "webui", "knowledge"}, "the domain knows neither its front ends nor the documents"},
		{[]string{"knowledge"}, []string{"cmd", "agentsvc", "mcp", "evals", "webui", "twstools"}, "documents and plan are siblings; cmd hands over what crosses"},
		{[]string{"agentsvc"}, []string{"cmd", "mcp", "evals", "webui", "knowledge"}, "the agent reaches tools through a toolkit.Caller, never around it"},
		{[]string{"mcp"}, []string{"cmd", "agentsvc", "evals", "webui", "twstools", "knowledge"}, "mcp translates tools and knows none of them"},
		{[]string{"evals"}, []string{"cmd", "agentsvc", "mcp", "webui", "knowledge"}, "the judge sees the product only from outside"},
		{[]string{"webui"}, []string{"cmd", "agentsvc", "mcp", "evals", "twstools", "knowledge", "internal"}, "webui holds files"},
		{[]string{"twstools/answer", "twstools/query"}, []string{"twstools", "internal/toolkit"}, "leaves: everything above may import them"},
	}
	all := packages(t)
	for _, r := range rules {
		matched := false
		for _, p := range all {
			if !under(p.room(), r.rooms...) {
				continue
			}
			matched = true
			for _, imp := range p.Imports {
				room, ours := strings.CutPrefix(imp, module+"/")
				if !ours || imp == p.ImportPath {
					continue
				}
				leafOwn := under(room, "internal/fault", "internal/untrusted") || under(room, r.rooms...)
				if under(room, r.forbidden...) && !leafOwn {
					t.Errorf("%s imports %s: %s", p.room(), room, r.why)
				}
			}
		}
		if !matched {
			t.Errorf("the rule for %v matches no package any more", r.rooms)
		}
	}
}

// TestOnlyImporters holds that each outside library stands behind one room, so that changing it costs days and not weeks.
func TestOnlyImporters(t *testing.T) {
	rules := []struct {
		library string
		rooms   []string
		why     string
	}{
		{"github.com/mark3labs/mcp-go", []string{"mcp"}, "mcp-go has pitfalls that only mcp guards against"},
		{"github.com/firebase/genkit", []string{"agentsvc/agent"}, "Genkit belongs to one room"},
		{module + "/internal/config", []string{"cmd", "internal/config"}, "rooms get Options, never the configuration"},
		{"modernc.org/sqlite", []string{"internal/store"}, "the store owns its driver"},
		{"github.com/maypok86/otter/v2", []string{"twstools/reader", "agentsvc/agent/embedder", "agentsvc/recall"}, "what is kept of an engine, and for how long, is decided in one place; vectors of questions and prose of models in others"},
		{"github.com/redis/go-redis/v9", []string{"internal/cache"}, "values are sealed before they leave the process"},
		{"github.com/jackc/pgx", []string{"internal/store"}, "the store owns its driver"},
	}
	all := packages(t)
	for _, r := range rules {
		matched := false
		for _, p := range all {
			for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
				if imp != r.library && !strings.HasPrefix(imp, r.library+"/") {
					continue
				}
				matched = true
				if !under(p.room(), r.rooms...) {
					t.Errorf("%s imports %s: %s", p.room(), imp, r.why)
				}
			}
		}
		if !matched {
			t.Errorf("nothing imports %s any more: the rule holds over nothing", r.library)
		}
	}
}

// TestPureRooms holds, over the transitive list, that reasoning stays free of the network, and that no test code gets into the binary.
func TestPureRooms(t *testing.T) {
	rules := []struct {
		rooms     []string
		forbidden []string
		why       string
	}{
		{[]string{"twstools", "twstools/plan", "twstools/joblog", "twstools/message", "twstools/answer", "twstools/query", "twstools/world", "twstools/world/sim"}, []string{"net", "net/http"}, "it must run over recorded worlds, without a network"},
		{[]string{"evals"}, []string{"github.com/firebase/genkit/go/genkit"}, "the judge links no agent"},
		{[]string{"cmd/resync"}, []string{"testing", "net/http/httptest"}, "test code has no place in the program"},
	}
	byRoom := map[string]pkg{}
	for _, p := range packages(t) {
		byRoom[p.room()] = p
	}
	for _, r := range rules {
		for _, room := range r.rooms {
			p, ok := byRoom[room]
			if !ok {
				t.Errorf("the rule names %s, which is gone", room)
				continue
			}
			for _, dep := range r.forbidden {
				if slices.Contains(p.Deps, dep) {
					t.Errorf("%s depends on %s: %s", room, dep, r.why)
				}
			}
		}
	}
}

// TestEngineIsDialledInOnePlace holds that only twstools/hwa makes requests to an engine. Others may speak HTTP for their own reasons.
func TestEngineIsDialledInOnePlace(t *testing.T) {
	allowed := []string{"twstools/hwa", "twstools/twsmock"}
	for _, p := range packages(t) {
		if !under(p.room(), "twstools") || under(p.room(), allowed...) {
			continue
		}
		if slices.Contains(p.Imports, "net/http") {
			t.Errorf("%s imports net/http: only %v may talk to an engine, or play one", p.room(), allowed)
		}
	}
}

// TestSourceHabits reads our own files: every package introduces itself, nothing happens on import, and no test sleeps for luck.
func TestSourceHabits(t *testing.T) {
	badNames := []string{"util", "utils", "common", "helper", "helpers", "base", "types", "models", "manager", "misc"}
	for _, p := range packages(t) {
		if p.room() == "" {
			continue
		}
		if name := filepath.Base(p.Dir); slices.Contains(badNames, name) {
			t.Errorf("%s: a package is named for what it gives", p.room())
		}
		introduced := false
		entries, err := os.ReadDir(p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			path := filepath.Join(p.Dir, e.Name())
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			test := strings.HasSuffix(e.Name(), "_test.go")
			// Within a synctest bubble Sleep moves the bubble's own clock, which no busy machine can disturb.
			bubble := slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing/synctest"` })
			if !test && file.Doc != nil {
				introduced = true
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch x := n.(type) {
				case *ast.FuncDecl:
					if x.Name.Name == "init" && x.Recv == nil && !test {
						t.Errorf("%s: init runs on import; make a constructor", fset.Position(x.Pos()))
					}
				case *ast.SelectorExpr:
					if id, ok := x.X.(*ast.Ident); ok && test && !bubble && id.Name == "time" && x.Sel.Name == "Sleep" {
						t.Errorf("%s: a test sleeps for luck; wait for a signal or move a clock", fset.Position(x.Pos()))
					}
					if id, ok := x.X.(*ast.Ident); ok && id.Name == "context" && x.Sel.Name == "TODO" {
						t.Errorf("%s: context.TODO; pass the caller's context", fset.Position(x.Pos()))
					}
				}
				return true
			})
		}
		if !introduced && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.room())
		}
	}
}

// TestReadOnly holds that no way to write to an engine exists in product code, not even as text (DESIGN.md 4.8): the verbs and paths of
// the interface's actions appear in the mock alone, which refuses them.
func TestReadOnly(t *testing.T) {
	words := []string{"/action/", "submit-ad-hoc", "http.MethodPut", "http.MethodPatch", "MethodDelete", `"PUT"`, `"PATCH"`}
	for _, p := range packages(t) {
		if !under(p.room(), "twstools") || under(p.room(), "twstools/twsmock", "twstools/enginetest") {
			continue
		}
		for _, name := range p.GoFiles {
			raw, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range words {
				if bytes.Contains(raw, []byte(w)) {
					t.Errorf("%s/%s contains %s: product code knows no write", p.room(), name, w)
				}
			}
		}
	}
}
