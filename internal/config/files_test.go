package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite settings.toml and .env.example from the table")

const root = "../.."

// sections are the heads of settings.toml in their order.
var sections = []struct{ name, doc string }{
	{"", ""},
	{"log", "What is logged."},
	{"server", "Where Resync listens."},
	{"engines.default", "The engine to ask. Further engines are sections of their own: [engines.NAME]."},
	{"llm", "The language model. Resync answers without one, too."},
	{"knowledge", "Manuals and runbooks."},
	{"mcp", "What is offered over MCP."},
	{"auth", "Logins. Passwords and keys belong into the environment or into files (NAME_FILE), not here."},
	{"limits", "What callers may cost."},
}

// TestShippedFilesAreTheTable holds both files to the table, byte by byte; -update rewrites them.
func TestShippedFilesAreTheTable(t *testing.T) {
	for name, want := range map[string]string{"settings.toml": settingsFile(), ".env.example": envFile()} {
		path := filepath.Join(root, name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil { //nolint:gosec // a file to read
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s differs from the table; run: go test ./internal/config -update", name)
		}
	}
}

// TestShippedSettingsAreTheDefaults reads the shipped file as Resync does and compares with no file at all.
func TestShippedSettingsAreTheDefaults(t *testing.T) {
	shipped, err := Load(Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := Load(Options{Dir: t.TempDir(), Flags: map[string]string{"engines.default.mode": "auto"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(shipped.values) != len(options)+len(engineOptions) {
		t.Errorf("the shipped file gives %d values, the table has %d", len(shipped.values), len(options)+len(engineOptions))
	}
	for i, v := range shipped.values {
		if b := bare.values[i]; v.key != b.key || form(v.typed) != form(b.typed) {
			t.Errorf("%s = %q in settings.toml, %s = %q by default", v.key, form(v.typed), b.key, form(b.typed))
		}
		if v.origin != "settings.toml" {
			t.Errorf("%s is not in settings.toml", v.key)
		}
	}
}

// TestEnvExampleLoads takes the comment signs off and loads the file as an environment.
func TestEnvExampleLoads(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	var environ []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") {
			environ = append(environ, line[1:])
		}
	}
	if len(environ) != len(options)+len(engineOptions) {
		t.Errorf("%d variables in .env.example, %d keys in the table", len(environ), len(options)+len(engineOptions))
	}
	if _, err := Load(Options{Dir: t.TempDir(), Environ: environ}); err != nil {
		t.Error(err)
	}
}

func rowsOf(section string) []option {
	if section == "engines.default" {
		return engineOptions
	}
	var out []option
	for _, o := range options {
		head, _, nested := strings.Cut(o.key, ".")
		if (nested && head == section) || (!nested && section == "") {
			out = append(out, o)
		}
	}
	return out
}

func settingsFile() string {
	var b strings.Builder
	b.WriteString("# Settings of Resync with their defaults. Read order: this file, settings.{APP_ENV}.toml, the environment\n" +
		"# (.env.example), flags; later ones win. `resync config print` shows each value and where it comes from.\n")
	for _, s := range sections {
		b.WriteString("\n")
		if s.name != "" {
			fmt.Fprintf(&b, "# %s\n[%s]\n", s.doc, s.name)
		}
		for _, o := range rowsOf(s.name) {
			fmt.Fprintf(&b, "# %s\n%s = %s\n", o.doc, o.key[strings.LastIndex(o.key, ".")+1:], tomlForm(o))
		}
	}
	return b.String()
}

func tomlForm(o option) string {
	switch o.kind {
	case number, decimal, toggle:
		return o.def
	case list:
		return "[]"
	default:
		return fmt.Sprintf("%q", o.def)
	}
}

func envFile() string {
	var b strings.Builder
	b.WriteString("# Environment of Resync: copy to .env, take the sign off the lines you need. An empty variable counts as not set.\n" +
		"# Each name also exists with _FILE for a file that holds the value. Compose reads .env by itself; in a shell:\n" +
		"# set -a; . ./.env; set +a\n")
	for _, s := range sections {
		b.WriteString("\n")
		if s.name != "" {
			fmt.Fprintf(&b, "# %s\n", s.doc)
		}
		prefix := ""
		if s.name == "engines.default" {
			prefix = "engines.default."
		}
		for _, o := range rowsOf(s.name) {
			name := envName(prefix + o.key)
			if len(o.aliases) > 0 {
				name = o.aliases[0]
			}
			fmt.Fprintf(&b, "# %s\n#%s=%s\n", o.doc, name, o.def)
		}
	}
	return b.String()
}
