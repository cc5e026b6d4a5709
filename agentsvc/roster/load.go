package roster

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

//go:embed data
var data embed.FS

// builtIn are the agents of data/, in the order in which they are listed.
var builtIn = []string{Auto, "status", "diagnostics", "knowledge", "handover"}

// maxFiles bounds what is read of a folder.
const maxFiles = 64

// maxTold bounds the problems of one error.
const maxTold = 20

// Options say where a site's files are, and what they may name.
type Options struct {
	Path   string   // folder with a site's files; empty: the built-in agents
	Tools  []string // tools that exist; nil: not checked
	Guests []string // tools of further MCP servers, as the settings allow them, by their full names
	Models []string // names that an agent's model may have beside "offline"; nil: not checked
}

// Load reads the built-in agents and a site's folder over them. What is wrong with files is one error that tells all of it.
func Load(o Options) (*Roster, error) {
	l := loader{o: o, drafts: map[string]*draft{}}
	for _, id := range builtIn {
		raw, err := data.ReadFile("data/" + id + ".md")
		if err != nil {
			return nil, fmt.Errorf("roster: %w", err)
		}
		d := l.draft(id)
		f := parse("built-in "+id+".md", raw)
		f.apply(d)
		d.Guests = true
		l.problems = append(l.problems, f.problems...)
		l.complete(f.name, d)
	}
	rules, err := data.ReadFile("data/rules.md")
	if err != nil {
		return nil, fmt.Errorf("roster: %w", err)
	}
	if err := l.site(); err != nil {
		return nil, err
	}
	r := l.roster()
	if r.rules, _, err = parseTemplate(strings.TrimSpace(string(rules))); err != nil {
		return nil, fmt.Errorf("roster: rules: %w", err)
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// loader collects agents and what is wrong.
type loader struct {
	o        Options
	ids      []string // in the order of listing
	drafts   map[string]*draft
	problems []Problem
}

func (l *loader) draft(id string) *draft {
	if d, ok := l.drafts[id]; ok {
		return d
	}
	d := &draft{Agent: &Agent{ID: id, Limits: defaults()}, where: map[string]int{}}
	l.drafts[id] = d
	l.ids = append(l.ids, id)
	return d
}

// err makes one error of all problems.
func (l *loader) err() error {
	if len(l.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int { return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	lines := make([]string, 0, len(l.problems))
	for _, p := range l.problems {
		lines = append(lines, strings.ReplaceAll(p.String(), "?.", "?"))
	}
	if rest := len(lines) - maxTold; rest > 0 {
		lines = append(lines[:maxTold], fmt.Sprintf("And %d more.", rest))
	}
	return fault.New(fault.Invalid, "The agents' files cannot be used: %s", strings.Join(lines, " ")).
		WithHint("docs/agents.md shows what a file may say; `resync config check` reads the files again.")
}

// site reads the folder.
func (l *loader) site() error {
	if l.o.Path == "" {
		return nil
	}
	entries, err := os.ReadDir(l.o.Path)
	if err != nil {
		return unreadable(l.o.Path, err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	if len(names) > maxFiles {
		l.problems = append(l.problems, Problem{File: l.o.Path, Text: fmt.Sprintf("the folder has %d files; at most %d are read", len(names), maxFiles)})
		return nil
	}
	for _, name := range names { // sorted by name
		l.siteFile(name)
	}
	return nil
}

func unreadable(path string, err error) error {
	why := "It cannot be read."
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = "It does not exist."
	case errors.Is(err, fs.ErrPermission):
		why = "It may not be read by this account."
	}
	return fault.Wrap(fault.Invalid, err, "The folder of agents, %s, cannot be used. %s", path, why).WithHint("agents.path (APP_AGENTS__PATH) names a folder with one Markdown file for each agent.")
}

func (l *loader) siteFile(name string) {
	full := filepath.Join(l.o.Path, name)
	wrong := func(format string, args ...any) {
		l.problems = append(l.problems, Problem{File: full, Text: fmt.Sprintf(format, args...)})
	}
	id, markdown := strings.CutSuffix(name, ".md")
	if !markdown || !idForm.MatchString(id) {
		wrong("only agents' files may stand here, each named by its id, as in payroll.md: small letters, digits, _ and -, at most 32, a letter first")
		return
	}
	raw, err := readFile(full)
	if err != nil {
		wrong("the file cannot be read: %v", err)
		return
	}
	f := parse(full, raw)
	d := l.draft(id)
	d.where, d.Own, d.File = map[string]int{}, true, full
	f.apply(d)
	l.problems = append(l.problems, f.problems...)
	if len(f.problems) == 0 { // else much would be told twice
		l.complete(full, d)
	}
	l.named(full, d)
}

// readFile reads a regular file, or one that a link leads to, up to a little more than may be.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, plainErr(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	in, err := os.Open(name)
	if err != nil {
		return nil, plainErr(err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, plainErr(err)
	}
	return raw, nil
}

// plainErr is an error of the file system without the path, which the problem names already.
func plainErr(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
