package install

import (
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/install/jsonedit"
)

// form is how a client writes its file.
type form int

const (
	plainJSON    form = iota
	commentsJSON      // JSON with comments
	tomlTable
)

// Client is a program that people use MCP servers in, as far as its settings go.
type Client struct {
	ID    string // on the command line
	Title string
	// Verify says how a person sees that the server is there.
	Verify string

	form    form
	servers string // the member that holds the servers
	user    func(Machine) (string, error)
	project []string // path below the project; nil when the client knows no projects
	stdio   func(Server) (jsonedit.Object, error)
	http    func(Server) (jsonedit.Object, error)
	inputs  bool // it can ask for secrets, and wants to be told for which
	command func(Server) ([]string, error)
	link    func(Server) string
	web     func(Server) string
}

// Clients lists the clients that are known.
func Clients() []*Client {
	return []*Client{claudeCode(), claudeDesktop(), vscode(), cursor(), gemini(), codex()}
}

// Find gives a client by its ID.
func Find(id string) (*Client, error) {
	var known []string
	for _, c := range Clients() {
		if c.ID == strings.ToLower(id) {
			return c, nil
		}
		known = append(known, c.ID)
	}
	return nil, fault.New(fault.Invalid, "There is no client %q.", id).WithHint("It knows %s.", strings.Join(known, ", "))
}

func claudeCode() *Client {
	ref := func(name string) string { return "${" + name + "}" }
	// Without the default an unset variable would arrive as it is written, and the engine would count a wrong password.
	orNone := func(name string) string { return "${" + name + ":-}" }
	return &Client{
		ID: "claude-code", Title: "Claude Code", Verify: "claude mcp list says Connected; in a session, /mcp shows the tools",
		form: plainJSON, servers: "mcpServers", project: []string{".mcp.json"},
		user:  func(m Machine) (string, error) { return m.under("CLAUDE_CONFIG_DIR", ".claude.json") },
		stdio: stdio("stdio", orNone), http: overHTTP("http", ref),
		command: func(s Server) ([]string, error) {
			words := []string{"claude", "mcp", "add", "--scope", "user"}
			if s.URL != "" {
				words = append(words, "--transport", "http", s.Name, s.URL)
				if s.KeyVariable != "" {
					words = append(words, "--header", "Authorization: Bearer "+ref(s.KeyVariable))
				}
				return words, nil
			}
			words = append(words, s.Name)
			for _, v := range s.Env {
				words = append(words, "--env", v.Name+"="+written(v, orNone))
			}
			return append(append(words, "--", s.Command), s.Args...), nil
		},
	}
}

func claudeDesktop() *Client {
	none := func(string) string { return "" }
	return &Client{
		ID: "claude-desktop", Title: "Claude Desktop", Verify: "quit Claude Desktop and start it again; Settings, Developer shows the server as running",
		form: plainJSON, servers: "mcpServers",
		user: func(m Machine) (string, error) { return m.application("Claude", "claude_desktop_config.json") },
		stdio: func(s Server) (jsonedit.Object, error) {
			for _, v := range s.Env {
				if v.Reference {
					return nil, fault.New(fault.Unsupported, "Claude Desktop passes nothing on of its own environment, and %s is not written into its file.", v.Name).
						WithHint("Put it into a file that only you can read and set %s_FILE, or use the bundle (docs/mcp.md), which keeps it in the system's key store.", v.Name)
				}
			}
			return stdio("", none)(s)
		},
		http: func(Server) (jsonedit.Object, error) {
			return nil, fault.New(fault.Unsupported, "Claude Desktop's file can only start programs.").WithHint("Leave --http out, or add the address in Claude under Settings, Connectors.")
		},
	}
}

func vscode() *Client {
	c := &Client{
		ID: "vscode", Title: "VS Code", Verify: "MCP: List Servers in the command palette shows it; start it there, and the chat in agent mode has the tools",
		form: commentsJSON, servers: "servers", project: []string{".vscode", "mcp.json"}, inputs: true,
		user: func(m Machine) (string, error) { return m.application("Code", "User", "mcp.json") },
		stdio: func(s Server) (jsonedit.Object, error) {
			return stdio("stdio", func(name string) string { return "${input:" + inputID(s, name) + "}" })(s)
		},
		http: func(s Server) (jsonedit.Object, error) {
			return overHTTP("http", func(name string) string { return "${input:" + inputID(s, name) + "}" })(s)
		},
	}
	whole := func(s Server) string {
		entry, _ := c.entry(s)
		o := append(jsonedit.Object{{Name: "name", Value: s.Name}}, entry...)
		if in := inputsOf(s); len(in) > 0 {
			o = append(o, jsonedit.Member{Name: "inputs", Value: in})
		}
		return jsonedit.Flat(o)
	}
	c.command = func(s Server) ([]string, error) { return []string{"code", "--add-mcp", whole(s)}, nil }
	c.link = func(s Server) string { return "vscode:mcp/install?" + escape(whole(s)) }
	c.web = func(s Server) string {
		entry, _ := c.entry(s)
		address := "https://vscode.dev/redirect/mcp/install?name=" + escape(s.Name) + "&config=" + escape(jsonedit.Flat(entry))
		if in := inputsOf(s); len(in) > 0 {
			address += "&inputs=" + escape(jsonedit.FlatList(in))
		}
		return address
	}
	return c
}

func cursor() *Client {
	ref := func(name string) string { return "${env:" + name + "}" }
	c := &Client{
		ID: "cursor", Title: "Cursor", Verify: "Settings, Tools & MCP shows the server with its tools",
		form: commentsJSON, servers: "mcpServers", project: []string{".cursor", "mcp.json"},
		user:  func(m Machine) (string, error) { return m.under("", ".cursor", "mcp.json") },
		stdio: stdio("", ref), http: overHTTP("", ref),
	}
	config := func(s Server) string {
		entry, _ := c.entry(s)
		return "name=" + escape(s.Name) + "&config=" + escape(base64(jsonedit.Flat(entry)))
	}
	c.link = func(s Server) string { return "cursor://anysphere.cursor-deeplink/mcp/install?" + config(s) }
	c.web = func(s Server) string { return "https://cursor.com/en/install-mcp?" + config(s) }
	return c
}

func gemini() *Client {
	ref := func(name string) string { return "${" + name + "}" }
	return &Client{
		ID: "gemini", Title: "Gemini CLI", Verify: "gemini mcp list says Connected in a folder that you trust; in a session, /mcp shows the tools",
		form: commentsJSON, servers: "mcpServers", project: []string{".gemini", "settings.json"},
		user:  func(m Machine) (string, error) { return m.under("GEMINI_CLI_HOME", ".gemini", "settings.json") },
		stdio: stdio("", ref), http: overHTTP("http", ref),
		command: func(s Server) ([]string, error) {
			words := []string{"gemini", "mcp", "add", "--scope", "user"}
			if s.URL != "" {
				words = append(words, "--transport", "http")
				if s.KeyVariable != "" {
					words = append(words, "--header", "Authorization: Bearer "+ref(s.KeyVariable))
				}
				return append(words, s.Name, s.URL), nil
			}
			for _, v := range s.Env {
				words = append(words, "--env", v.Name+"="+written(v, ref))
			}
			return append(append(words, s.Name, s.Command), s.Args...), nil
		},
	}
}

func codex() *Client {
	return &Client{
		ID: "codex", Title: "Codex", Verify: "codex mcp list shows it as enabled; in a session, /mcp shows the tools",
		form: tomlTable, servers: "mcp_servers", project: []string{".codex", "config.toml"},
		user: func(m Machine) (string, error) {
			if dir := m.env("CODEX_HOME"); dir != "" {
				return m.join(dir, "config.toml"), nil
			}
			return m.under("", ".codex", "config.toml")
		},
		stdio: func(s Server) (jsonedit.Object, error) {
			var env jsonedit.Object
			var passed []string
			for _, v := range s.Env {
				if v.Reference {
					passed = append(passed, v.Name)
				} else {
					env = append(env, jsonedit.Member{Name: v.Name, Value: v.Value})
				}
			}
			o := jsonedit.Object{{Name: "command", Value: s.Command}, {Name: "args", Value: s.Args}}
			if len(env) > 0 {
				o = append(o, jsonedit.Member{Name: "env", Value: env})
			}
			if len(passed) > 0 {
				o = append(o, jsonedit.Member{Name: "env_vars", Value: passed})
			}
			return o, nil
		},
		http: func(s Server) (jsonedit.Object, error) {
			o := jsonedit.Object{{Name: "url", Value: s.URL}}
			if s.KeyVariable != "" {
				o = append(o, jsonedit.Member{Name: "bearer_token_env_var", Value: s.KeyVariable})
			}
			return o, nil
		},
		command: func(s Server) ([]string, error) {
			words := []string{"codex", "mcp", "add", s.Name}
			if s.URL != "" {
				words = append(words, "--url", s.URL)
				if s.KeyVariable != "" {
					words = append(words, "--bearer-token-env-var", s.KeyVariable)
				}
				return words, nil
			}
			for _, v := range s.Env {
				if v.Reference {
					return nil, fault.New(fault.Unsupported, "codex mcp add cannot pass %s on from its own environment.", v.Name).WithHint("Leave --command out: the file can.")
				}
				words = append(words, "--env", v.Name+"="+v.Value)
			}
			return append(append(words, "--", s.Command), s.Args...), nil
		},
	}
}
