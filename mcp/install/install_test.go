package install_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/install"
)

var (
	program = install.Server{Name: "resync", Command: "/opt/resync", Args: []string{"mcp"}, Env: []install.Variable{{Name: "TWS_HOST", Value: "m"}, {Name: "TWS_PASSWORD", Reference: true}}}
	bare    = install.Server{Name: "resync", Command: `C:\Program Files\resync.exe`, Args: []string{"mcp"}}
	address = install.Server{Name: "resync", URL: "https://resync.example.com/mcp", KeyVariable: "RESYNC_KEY"}
)

// machine is a person's machine in a folder of its own.
func machine(t *testing.T) install.Machine {
	t.Helper()
	dir := t.TempDir()
	return install.Machine{OS: "linux", Dir: filepath.Join(dir, "project"), Lookup: func(name string) (string, bool) {
		return dir, name == "HOME"
	}}
}

func find(t *testing.T, id string) *install.Client {
	t.Helper()
	c, err := install.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFiles(t *testing.T) {
	env := map[string]string{"HOME": "/home/ana", "USERPROFILE": `C:\Users\ana`, "APPDATA": `C:\Users\ana\AppData\Roaming`}
	for _, c := range []struct {
		client, os string
		scope      install.Scope
		more       string // one more variable
		want       string
	}{
		{"claude-code", "linux", install.User, "", "/home/ana/.claude.json"},
		{"claude-code", "windows", install.User, "", `C:\Users\ana\.claude.json`},
		{"claude-code", "linux", install.User, "CLAUDE_CONFIG_DIR=/etc/claude", "/etc/claude/.claude.json"},
		{"claude-code", "linux", install.Project, "", "/src/.mcp.json"},
		{"claude-desktop", "darwin", install.User, "", "/home/ana/Library/Application Support/Claude/claude_desktop_config.json"},
		{"claude-desktop", "windows", install.User, "", `C:\Users\ana\AppData\Roaming\Claude\claude_desktop_config.json`},
		{"claude-desktop", "linux", install.User, "", "/home/ana/.config/Claude/claude_desktop_config.json"},
		{"vscode", "linux", install.User, "", "/home/ana/.config/Code/User/mcp.json"},
		{"vscode", "linux", install.User, "XDG_CONFIG_HOME=/x", "/x/Code/User/mcp.json"},
		{"vscode", "linux", install.User, "XDG_CONFIG_HOME=relative", "/home/ana/.config/Code/User/mcp.json"},
		{"vscode", "darwin", install.User, "XDG_CONFIG_HOME=/x", "/home/ana/Library/Application Support/Code/User/mcp.json"},
		{"vscode", "windows", install.User, "", `C:\Users\ana\AppData\Roaming\Code\User\mcp.json`},
		{"vscode", "linux", install.Project, "", "/src/.vscode/mcp.json"},
		{"cursor", "darwin", install.User, "", "/home/ana/.cursor/mcp.json"},
		{"cursor", "windows", install.Project, "", `/src\.cursor\mcp.json`},
		{"gemini", "linux", install.User, "", "/home/ana/.gemini/settings.json"},
		{"gemini", "linux", install.User, "GEMINI_CLI_HOME=/g", "/g/.gemini/settings.json"},
		{"gemini", "linux", install.Project, "", "/src/.gemini/settings.json"},
		{"codex", "linux", install.User, "", "/home/ana/.codex/config.toml"},
		{"codex", "linux", install.User, "CODEX_HOME=/c", "/c/config.toml"},
		{"codex", "linux", install.Project, "", "/src/.codex/config.toml"},
	} {
		m := install.Machine{OS: c.os, Dir: "/src", Lookup: func(name string) (string, bool) {
			if k, v, _ := strings.Cut(c.more, "="); k == name {
				return v, true
			}
			v, ok := env[name]
			return v, ok
		}}
		got, err := find(t, c.client).File(m, c.scope)
		if err != nil || got != c.want {
			t.Errorf("%s on %s, %s, %s: %q %v, want %q", c.client, c.os, c.scope, c.more, got, err, c.want)
		}
	}
	empty := install.Machine{OS: "linux", Lookup: func(string) (string, bool) { return "", false }}
	for _, c := range install.Clients() {
		if _, err := c.File(empty, install.User); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s without a home: %v", c.ID, err)
		}
	}
	if _, err := find(t, "claude-desktop").File(empty, install.Project); !fault.Is(err, fault.Unsupported) {
		t.Errorf("Claude Desktop in a project: %v", err)
	}
}

// write puts a text where the client keeps its settings.
func write(t *testing.T, c *install.Client, m install.Machine, text string) string {
	t.Helper()
	path, err := c.File(m, install.User)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o640)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestInstall(t *testing.T) {
	for _, c := range []struct {
		name, client  string
		server        install.Server
		before, after string
	}{
		{"Claude Code keeps what else it knows", "claude-code", address, "{\n  \"userID\": \"1\",\n  \"mcpServers\": {\n    \"x\": {\"command\": \"y\"}\n  },\n  \"projects\": {}\n}",
			"{\n  \"userID\": \"1\",\n  \"mcpServers\": {\n    \"x\": {\"command\": \"y\"},\n    \"resync\": {\n      \"type\": \"http\",\n      \"url\": \"https://resync.example.com/mcp\",\n      \"headers\": {\n        \"Authorization\": \"Bearer ${RESYNC_KEY}\"\n      }\n    }\n  },\n  \"projects\": {}\n}"},
		{"from HTTP to a program, what the person added stays", "claude-code", program, "{\"mcpServers\": {\"resync\": {\"type\": \"http\", \"url\": \"http://x\", \"headers\": {}, \"timeout\": 5}}}",
			"{\"mcpServers\": {\"resync\": {\"type\": \"stdio\", \"timeout\": 5, \"command\": \"/opt/resync\", \"args\": [\"mcp\"], \"env\": {\"TWS_HOST\": \"m\", \"TWS_PASSWORD\": \"${TWS_PASSWORD:-}\"}}}}"},
		{"Claude Desktop on Windows", "claude-desktop", bare, "{\r\n\t\"mcpServers\": {}\r\n}\r\n", "{\r\n\t\"mcpServers\": {\r\n\t\t\"resync\": {\r\n\t\t\t\"command\": \"C:\\\\Program Files\\\\resync.exe\",\r\n\t\t\t\"args\": [\"mcp\"]\r\n\t\t}\r\n\t}\r\n}\r\n"},
		{"VS Code asks for the secret", "vscode", program, "{\n\t// mine\n\t\"servers\": {},\n}\n",
			"{\n\t// mine\n\t\"servers\": {\n\t\t\"resync\": {\n\t\t\t\"type\": \"stdio\",\n\t\t\t\"command\": \"/opt/resync\",\n\t\t\t\"args\": [\"mcp\"],\n\t\t\t\"env\": {\n\t\t\t\t\"TWS_HOST\": \"m\",\n\t\t\t\t\"TWS_PASSWORD\": \"${input:resync-tws-password}\"\n\t\t\t}\n\t\t}\n\t},\n\t\"inputs\": [\n\t\t{\n\t\t\t\"type\": \"promptString\",\n\t\t\t\"id\": \"resync-tws-password\",\n\t\t\t\"description\": \"TWS_PASSWORD for Resync\",\n\t\t\t\"password\": true\n\t\t}\n\t],\n}\n"},
		{"Cursor", "cursor", program, "", "{\n  \"mcpServers\": {\n    \"resync\": {\n      \"command\": \"/opt/resync\",\n      \"args\": [\"mcp\"],\n      \"env\": {\n        \"TWS_HOST\": \"m\",\n        \"TWS_PASSWORD\": \"${env:TWS_PASSWORD}\"\n      }\n    }\n  }\n}\n"},
		{"Gemini CLI, an older entry of its own", "gemini", address, "{\n  \"ui\": {\"theme\": \"x\"}, // dear\n  \"mcpServers\": {\n    \"resync\": {\n      \"httpUrl\": \"http://old\",\n      \"trust\": true\n    }\n  }\n}\n",
			"{\n  \"ui\": {\"theme\": \"x\"}, // dear\n  \"mcpServers\": {\n    \"resync\": {\n      \"trust\": true,\n      \"type\": \"http\",\n      \"url\": \"https://resync.example.com/mcp\",\n      \"headers\": {\n        \"Authorization\": \"Bearer ${RESYNC_KEY}\"\n      }\n    }\n  }\n}\n"},
		{"Codex passes the secret on", "codex", program, "model = \"x\" # dear\n", "model = \"x\" # dear\n\n[mcp_servers.resync]\ncommand = \"/opt/resync\"\nargs = [\"mcp\"]\nenv = { TWS_HOST = \"m\" }\nenv_vars = [\"TWS_PASSWORD\"]\n"},
		{"Codex, from a program to HTTP", "codex", address, "[mcp_servers.resync]\ncommand = \"x\"\nenabled = false # for now\n\n[mcp_servers.resync.env]\nA = \"b\"\n\n[tui]\nx = 1\n",
			"[mcp_servers.resync]\nenabled = false # for now\nurl = \"https://resync.example.com/mcp\"\nbearer_token_env_var = \"RESYNC_KEY\"\n\n[tui]\nx = 1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, m := find(t, c.client), machine(t)
			path, err := client.File(m, install.User)
			if err != nil {
				t.Fatal(err)
			}
			if c.before != "" {
				write(t, client, m, c.before)
			}
			ch, err := client.Install(m, install.User, c.server)
			if err != nil {
				t.Fatal(err)
			}
			if ch.Nothing() || ch.Diff() == "" || ch.Creates() != (c.before == "") {
				t.Errorf("nothing %v, creates %v, diff %q", ch.Nothing(), ch.Creates(), ch.Diff())
			}
			if err := ch.Write(); err != nil {
				t.Fatal(err)
			}
			if got := text(t, path); got != c.after {
				t.Errorf("got\n%s\nwant\n%s", got, c.after)
			}
			if c.before != "" && text(t, ch.Backup()) != c.before {
				t.Error("the text of before is not kept")
			}
			again, err := client.Install(m, install.User, c.server)
			if err != nil || !again.Nothing() || again.Diff() != "" {
				t.Errorf("a second time: %v\n%s", err, again.Diff())
			}
		})
	}
}

// TestUninstallIsTheWayBack: a file that had servers before is byte for byte as it was.
func TestUninstallIsTheWayBack(t *testing.T) {
	before := map[string]string{
		"codex":  "# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"y\" # dear\n",
		"vscode": "{\n  \"inputs\": [\n    {\"id\": \"a\"} // b\n  ],\n  // c\n  \"servers\": {\n    \"other\": {} // d\n  }\n}\n",
	}
	for _, client := range install.Clients() {
		for _, s := range []install.Server{bare, program, address} {
			if _, err := client.Snippet(s); fault.Is(err, fault.Unsupported) {
				continue
			}
			m, was := machine(t), before[client.ID]
			if was == "" {
				was = "{\n    \"a\": [1, 2],\n    \"mcpServers\": {\n        \"other\": {\"x\": \"}\"}\n    }\n}\n"
			}
			path := write(t, client, m, was)
			ch, err := client.Install(m, install.User, s)
			if err == nil {
				err = ch.Write()
			}
			if err != nil {
				t.Fatal(err)
			}
			if ch, err = client.Uninstall(m, install.User, s.Name); err == nil {
				err = ch.Write()
			}
			if got := text(t, path); err != nil || got != was {
				t.Errorf("%s: %v\n%s\nwant\n%s", client.ID, err, got, was)
			}
			if ch, err = client.Uninstall(m, install.User, s.Name); err != nil || !ch.Nothing() {
				t.Errorf("%s: a second time: %v", client.ID, err)
			}
		}
	}
}

// TestNoSecretIsWritten tries every way in which one could get into a file.
func TestNoSecretIsWritten(t *testing.T) {
	for _, v := range []install.Variable{{Name: "TWS_PASSWORD", Value: "hunter2"}, {Name: "APP_TWS_API_KEY", Value: "hunter2"}, {Name: "APP_ENGINES__B__PASSWORD", Value: "hunter2"},
		{Name: "APP_TWS_PROXY", Value: "http://u:hunter2@proxy:3128"}, {Name: "github_token", Value: "hunter2"}} {
		s := install.Server{Name: "resync", Command: "/opt/resync", Env: []install.Variable{v}}
		for _, client := range install.Clients() {
			if text, err := client.Snippet(s); !fault.Is(err, fault.Invalid) || strings.Contains(text+fault.Public(err).Message+fault.Public(err).Hint, "hunter2") {
				t.Errorf("%s %s: %q %v", client.ID, v.Name, text, err)
			}
		}
	}
	for _, name := range []string{"TWS_PASSWORD_FILE", "TWS_USER", "APP_TWS_CA_FILE", "APP_TWS_API"} {
		if install.Secret(name, "/run/x") {
			t.Errorf("%s is no secret", name)
		}
	}
	if _, err := find(t, "claude-desktop").Snippet(program); !fault.Is(err, fault.Unsupported) {
		t.Errorf("Claude Desktop has no references: %v", err)
	}
	if _, err := find(t, "claude-desktop").Snippet(address); !fault.Is(err, fault.Unsupported) {
		t.Errorf("Claude Desktop's file knows no HTTP: %v", err)
	}
}

func TestServerCheck(t *testing.T) {
	for _, s := range []install.Server{
		{Name: ""}, {Name: "a b"}, {Name: "a.b"}, {Name: "../x"}, {Name: strings.Repeat("x", 65)},
		{Name: "x", Env: []install.Variable{{Name: "A-B"}}}, {Name: "x", Env: []install.Variable{{Name: ""}}}, {Name: "x", Env: []install.Variable{{Name: "A", Value: "b\nc"}}},
		{Name: "x", URL: "example.com/mcp"}, {Name: "x", URL: "ftp://x/mcp"}, {Name: "x", URL: "https:///mcp"}, {Name: "x", URL: "https://u:p@x/mcp"}, {Name: "x", URL: "https://x/mcp", KeyVariable: "sk-123"},
	} {
		if err := s.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
