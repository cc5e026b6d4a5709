package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
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
	{"agents", "Who answers questions: the agents, see docs/agents.md."},
	{"embedder", "The server that turns texts into vectors, for a search by meaning beside the one by words."},
	{"knowledge", "Manuals and runbooks."},
	{"mcp", "What is offered over MCP."},
	{"auth", "Logins. Passwords and keys belong into the environment or into files (NAME_FILE), not here."},
	{"limits", "What callers may cost."},
	{"shift", "How people work: the shifts that hand over to each other."},
	{"watch", "Findings that are told as they come (docs/watch.md)."},
	{"conversations", "How much is kept of what people asked."},
	{"audit", "The audit trail: who called which tool, and at what cost."},
	{"telemetry", "Traces for those who run the program (OpenTelemetry)."},
}

// memberless are the groups that ship without a member.
var memberless = []struct {
	section, doc string
	rows         []option
}{
	{"mcp_servers", "Further MCP servers, whose tools a language model may use (docs/mcp-servers.md).", serverOptions},
	{"models", "Further language models, which llm.chain names (docs/models.md).", modelOptions},
	{"webhooks", "Webhooks that findings are sent to (docs/watch.md).", webhookOptions},
	{"tool_servers", "Tool servers from which resync agent takes its tools and data (docs/edge-agent.md).", toolServerOptions},
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
	for _, g := range memberless {
		fmt.Fprintf(&b, "\n# %s\n# A section for each, with a name of your choice.\n#[%s.NAME]\n", g.doc, g.section)
		for _, o := range g.rows {
			fmt.Fprintf(&b, "# %s\n#%s = %s\n", o.doc, o.key, tomlForm(o))
		}
	}
	return b.String()
}

func tomlForm(o option) string {
	switch o.kind {
	case number, decimal, toggle:
		return o.def
	case list:
		quoted := make([]string, 0, 3)
		for _, one := range split(o.def) {
			quoted = append(quoted, fmt.Sprintf("%q", one))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
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
	for _, g := range memberless {
		fmt.Fprintf(&b, "\n# %s\n# Here NAME is a name of your choice; settings.toml explains the keys.\n", g.doc)
		for _, o := range g.rows {
			fmt.Fprintf(&b, "# %s=%s\n", envName(g.section+".NAME."+o.key), o.def)
		}
	}
	return b.String()
}

// TestShippedServerLoads takes the comment signs off the section that ships without a member, and fills in what it needs.
func TestShippedServerLoads(t *testing.T) {
	_, section, found := strings.Cut(settingsFile(), "\n#[mcp_servers.NAME]\n")
	if !found {
		t.Fatal("no section in settings.toml")
	}
	section, _, _ = strings.Cut(section, "\n\n")
	text := "[mcp_servers.docs]\n"
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "# ") {
			text += strings.TrimPrefix(line, "#")
		}
	}
	text = strings.NewReplacer(`command = ""`, `command = "docs-server"`, `tools = []`, `tools = ["search"]`).Replace(text)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := MCPServer{Name: "docs", Command: "docs-server", Args: []string{}, Tools: []string{"search"}, Timeout: 30 * time.Second, MaxCallsPerTurn: 4}
	if len(c.MCPServers) != 1 || !reflect.DeepEqual(c.MCPServers[0], want) {
		t.Errorf("servers = %+v", c.MCPServers)
	}
}

// TestServers reads servers from file and environment, and refuses what cannot work; no secret is repeated.
func TestServers(t *testing.T) {
	const good = "[mcp_servers.wiki]\nurl = \"https://wiki.example/mcp\"\ntools = [\"search\", \"get-page\"]\n"
	load := func(file string, environ ...string) (*Config, error) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "settings.toml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		return Load(Options{Dir: dir, Environ: environ})
	}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("hunter2-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(good, "APP_MCP_SERVERS__WIKI__BEARER_FILE="+token, "APP_MCP_SERVERS__LAB_2__COMMAND=lab", "APP_MCP_SERVERS__LAB_2__TOOLS=a,b", "APP_MCP_SERVERS__LAB_2__ENV=KEY=hunter2-env,HOME")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.MCPServers) != 2 || c.MCPServers[0].Name != "lab_2" || len(c.MCPServers[0].Env) != 2 || c.MCPServers[0].Env[0].Reveal() != "KEY=hunter2-env" ||
		c.MCPServers[1].Bearer.Reveal() != "hunter2-token" || len(c.MCPServers[1].Tools) != 2 {
		t.Errorf("servers = %+v", c.MCPServers)
	}
	if shown := fmt.Sprint(c.Settings(), c.MCPServers); strings.Contains(shown, "hunter2") {
		t.Error("a secret is shown")
	}
	for name, tt := range map[string]struct{ file, want string }{
		"no-tools":     {"[mcp_servers.x]\ncommand = \"x\"\n", "nothing is allowed by default"},
		"wildcard":     {"[mcp_servers.x]\ncommand = \"x\"\ntools = [\"*\"]\n", "no wildcard"},
		"neither":      {"[mcp_servers.x]\ntools = [\"a\"]\n", "only one of the two"},
		"both":         {good + "command = \"x\"\n", "only one of the two"},
		"clear-bearer": {"[mcp_servers.x]\nurl = \"http://far.example/mcp\"\nbearer = \"hunter2\"\ntools = [\"a\"]\n", "must start with https://"},
		"bearer":       {"[mcp_servers.x]\ncommand = \"x\"\nbearer = \"hunter2\"\ntools = [\"a\"]\n", "takes its secrets"},
		"env":          {"[mcp_servers.x]\ncommand = \"x\"\nenv = [\"hunter2!=1\"]\ntools = [\"a\"]\n", "NAME=VALUE"},
		"name":         {"[mcp_servers.a__b]\ncommand = \"x\"\n", "is no key of Resync"},
		"key":          {"[mcp_servers.x]\nallow_writes = true\n", "is no key of Resync"},
		"calls":        {good + "max_calls_per_turn = 99\n", "from 1 to 8"},
	} {
		_, err := load(tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := load("[mcp_servers.x]\nurl = \"http://127.0.0.1:9/mcp\"\nbearer = \"t\"\ntools = [\"a\"]\n"); err != nil {
		t.Errorf("a bearer on this machine: %v", err)
	}
}
