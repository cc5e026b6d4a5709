package install_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/install"
)

// wrote installs a server and gives the text of the file after it.
func wrote(t *testing.T, c *install.Client, m install.Machine, s install.Server) (string, *install.Change) {
	t.Helper()
	ch, err := c.Install(m, install.User, s)
	if err == nil {
		err = ch.Write()
	}
	if err != nil {
		t.Fatal(err)
	}
	return text(t, ch.Path), ch
}

// TestAnotherShellTakesNothingAway: whoever runs it again where the engine's variables are not set keeps the engine, not an invented plant.
func TestAnotherShellTakesNothingAway(t *testing.T) {
	engine := install.Server{Name: "resync", Command: "/opt/resync", Args: []string{"mcp"}, Env: []install.Variable{
		{Name: "TWS_HOST", Value: "master"}, {Name: "TWS_PASSWORD_FILE", Value: "/run/pw"}, {Name: "TWS_USER", Value: "ana"}}}
	fresh := install.Server{Name: "resync", Command: "/opt/resync", Args: []string{"mcp"}}
	moved := install.Server{Name: "resync", Command: "/usr/bin/resync", Args: []string{"mcp"}, Env: []install.Variable{{Name: "TWS_HOST", Value: "other"}}}
	for _, c := range install.Clients() {
		m := machine(t)
		first, ch := wrote(t, c, m, engine)
		if len(ch.Kept) != 0 {
			t.Errorf("%s: the first run keeps %v", c.ID, ch.Kept)
		}
		// a hand adds one
		hand := strings.Replace(first, `"TWS_HOST": "master"`, `"HTTPS_PROXY": "http://proxy:3128", "TWS_HOST": "master"`, 1)
		hand = strings.Replace(hand, `TWS_HOST = "master"`, `HTTPS_PROXY = "http://proxy:3128", TWS_HOST = "master"`, 1)
		if hand == first {
			t.Fatalf("%s: nothing was added to\n%s", c.ID, first)
		}
		path := write(t, c, m, hand)

		ch, err := c.Install(m, install.User, fresh)
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"HTTPS_PROXY", "TWS_HOST", "TWS_PASSWORD_FILE", "TWS_USER"}; !ch.Nothing() || !slices.Equal(ch.Kept, want) {
			t.Errorf("%s: a second run from a fresh shell keeps %v and changes\n%s", c.ID, ch.Kept, ch.Diff())
		}
		got, ch := wrote(t, c, m, moved)
		for _, want := range []string{"HTTPS_PROXY", "http://proxy:3128", "/run/pw", "ana", "/usr/bin/resync", `"other"`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s is not in\n%s", c.ID, want, got)
			}
		}
		if strings.Contains(got, `"master"`) || slices.Contains(ch.Kept, "TWS_HOST") {
			t.Errorf("%s: the engine of before is in\n%s\nkept %v", c.ID, got, ch.Kept)
		}
		if ch, err = c.Uninstall(m, install.User, "resync"); err != nil || ch.Write() != nil || strings.Contains(text(t, path), "TWS_") {
			t.Errorf("%s: after taking it out: %v\n%s", c.ID, err, text(t, path))
		}
	}
}

// TestAPasswordStandsThereInOneWay: a variable and its file together would keep the program from starting.
func TestAPasswordStandsThereInOneWay(t *testing.T) {
	with := func(v install.Variable) install.Server {
		return install.Server{Name: "resync", Command: "/opt/resync", Args: []string{"mcp"}, Env: []install.Variable{v}}
	}
	byName, byFile := with(install.Variable{Name: "TWS_PASSWORD", Reference: true}), with(install.Variable{Name: "TWS_PASSWORD_FILE", Value: "/run/pw"})
	user := with(install.Variable{Name: "TWS_USER", Value: "ana"})
	for _, c := range install.Clients() {
		if _, err := c.Snippet(byName); fault.Is(err, fault.Unsupported) {
			continue
		}
		for _, order := range [][2]install.Server{{byName, byFile}, {byFile, byName}} {
			m := machine(t)
			wrote(t, c, m, user)
			wrote(t, c, m, order[0])
			got, ch := wrote(t, c, m, order[1])
			if !slices.Equal(ch.Kept, []string{"TWS_USER"}) {
				t.Errorf("%s keeps %v", c.ID, ch.Kept)
			}
			entry, _, _ := strings.Cut(got, `"inputs"`)
			if strings.Contains(entry, "TWS_PASSWORD_FILE") == strings.Contains(strings.ReplaceAll(entry, "TWS_PASSWORD_FILE", ""), "TWS_PASSWORD") {
				t.Errorf("%s has both or none:\n%s", c.ID, got)
			}
		}
	}
}

// TestHeadersOfThePersonStay: only the key's header is the server's.
func TestHeadersOfThePersonStay(t *testing.T) {
	open := address
	open.KeyVariable = ""
	for _, c := range install.Clients() {
		if _, err := c.Snippet(address); fault.Is(err, fault.Unsupported) {
			continue
		}
		m := machine(t)
		first, _ := wrote(t, c, m, address)
		hand := strings.Replace(first, `"Authorization":`, `"X-Site": "lisbon", "Authorization":`, 1)
		if c.ID == "codex" {
			hand = first + "http_headers = { X-Site = \"lisbon\" }\n"
		}
		write(t, c, m, hand)
		ch, err := c.Install(m, install.User, address)
		if err != nil || !ch.Nothing() || !slices.Equal(ch.Kept, []string{"X-Site"}) {
			t.Errorf("%s: %v, kept %v\n%s", c.ID, err, ch.Kept, ch.Diff())
		}
		got, _ := wrote(t, c, m, open)
		if !strings.Contains(got, "lisbon") || strings.Contains(got, "Bearer") || strings.Contains(got, "bearer_token") {
			t.Errorf("%s: without a key it is\n%s", c.ID, got)
		}
	}
}

func TestVariablesOfCodex(t *testing.T) {
	c := find(t, "codex")
	host := install.Server{Name: "resync", Command: "/opt/resync", Args: []string{"mcp"}, Env: []install.Variable{{Name: "TWS_HOST", Value: "m"}, {Name: "TWS_USER", Reference: true}}}
	top := "[mcp_servers.resync]\ncommand = \"/opt/resync\"\nargs = [\"mcp\"]\n"
	for _, x := range []struct {
		name, before, after string
		kept                []string
	}{
		{"a table of its own keeps its comments", top + "\n[mcp_servers.resync.env]\nHTTPS_PROXY = \"p\" # the office\nTWS_USER = \"ana\"\n\n[tui]\nx = 1\n",
			top + "env_vars = [\"TWS_USER\"]\n\n[mcp_servers.resync.env]\nHTTPS_PROXY = \"p\" # the office\nTWS_HOST = \"m\"\n\n[tui]\nx = 1\n", []string{"HTTPS_PROXY"}},
		{"dotted keys", top + "env.HTTPS_PROXY = \"p\"\n", top + "env = { TWS_HOST = \"m\", HTTPS_PROXY = \"p\" }\nenv_vars = [\"TWS_USER\"]\n", []string{"HTTPS_PROXY"}},
		{"names that are passed on", top + "env_vars = [\"LANG\", \"TWS_HOST\"]\n", top + "env_vars = [\"LANG\", \"TWS_USER\"]\nenv = { TWS_HOST = \"m\" }\n", []string{"LANG"}},
	} {
		m := machine(t)
		write(t, c, m, x.before)
		got, ch := wrote(t, c, m, host)
		if got != x.after || !slices.Equal(ch.Kept, x.kept) {
			t.Errorf("%s: kept %v\n%s\nwant\n%s", x.name, ch.Kept, got, x.after)
		}
		if again, err := c.Install(m, install.User, host); err != nil || !again.Nothing() {
			t.Errorf("%s: a second time: %v\n%s", x.name, err, again.Diff())
		}
	}
	for _, line := range []string{"env = { A = 1 }\n", "env_vars = [{ name = \"A\" }]\n"} {
		m := machine(t)
		write(t, c, m, top+line)
		if _, err := c.Install(m, install.User, host); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", line, err)
		}
	}
}
