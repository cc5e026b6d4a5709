package tomledit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/resync-hwa/resync/mcp/install/tomledit"
)

var entry = tomledit.Table{{Key: "command", Value: "/opt/resync"}, {Key: "args", Value: []string{"mcp"}}}

const block = "[mcp_servers.resync]\ncommand = \"/opt/resync\"\nargs = [\"mcp\"]\n"

var path = []string{"mcp_servers", "resync"}

func TestSet(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"nothing yet", "", block},
		{"only a comment", "# mine\n", "# mine\n\n" + block},
		{"behind others", "model = \"o3\" # dear\n\n[mcp_servers.other]\ncommand = \"x\"\n", "model = \"o3\" # dear\n\n[mcp_servers.other]\ncommand = \"x\"\n\n" + block},
		{"no line end", "model = \"o3\"", "model = \"o3\"\n\n" + block},
		{"CRLF", "model = \"o3\"\r\n", "model = \"o3\"\r\n\r\n" + strings.ReplaceAll(block, "\n", "\r\n")},
		{"byte order mark", "\ufeffmodel = \"o3\"\n", "\ufeffmodel = \"o3\"\n\n" + block},
		{"already there", "# a\n" + block + "# b\n", "# a\n" + block + "# b\n"},
		{"already there, written otherwise", "[mcp_servers.\"resync\"] # mine\nargs = [ # one\n  'mcp', # two\n]\ncommand = '''/opt/resync'''\n", "[mcp_servers.\"resync\"] # mine\nargs = [ # one\n  'mcp', # two\n]\ncommand = '''/opt/resync'''\n"},
		{"another value, comments stay", "[mcp_servers.resync]\n# where it is\ncommand = \"/old\" # old\nargs = [\n  \"mcp\",\n  \"x\", # ]\n] # all\ntool_timeout_sec = 90\n\n[tui]\nx = 1\n",
			"[mcp_servers.resync]\n# where it is\ncommand = \"/opt/resync\" # old\nargs = [\"mcp\"] # all\ntool_timeout_sec = 90\n\n[tui]\nx = 1\n"},
		{"a key is missing", "[mcp_servers.resync]\ncommand = \"/opt/resync\"\n[tui]\nx = 1\n", "[mcp_servers.resync]\ncommand = \"/opt/resync\"\nargs = [\"mcp\"]\n[tui]\nx = 1\n"},
		{"a key is missing at an end without a line end", "[mcp_servers.resync]\ncommand = \"/opt/resync\"", "[mcp_servers.resync]\ncommand = \"/opt/resync\"\nargs = [\"mcp\"]"},
		{"a header in a string is none", "x = \"\"\"\n[mcp_servers.resync]\ncommand = 1\n\"\"\"\n", "x = \"\"\"\n[mcp_servers.resync]\ncommand = 1\n\"\"\"\n\n" + block},
		{"a header in a comment is none", "# [mcp_servers.resync]\n", "# [mcp_servers.resync]\n\n" + block},
		{"only a table below", "[mcp_servers.resync.tools.x]\napproval_mode = \"approve\"\n", "[mcp_servers.resync.tools.x]\napproval_mode = \"approve\"\n\n" + block},
		{"lists of tables stay", "[[hooks]]\na = 1\n[[hooks]]\na = 2\n", "[[hooks]]\na = 1\n[[hooks]]\na = 2\n\n" + block},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := tomledit.Set([]byte(c.before), entry, path...)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.after {
				t.Errorf("got\n%q, want\n%q", got, c.after)
			}
			again, err := tomledit.Set(got, entry, path...)
			if err != nil || string(again) != string(got) {
				t.Errorf("a second time: %v\n%q", err, again)
			}
		})
	}
}

// TestTableBecomesAnInlineOne is what happens to the environment that Codex itself writes as a table below.
func TestTableBecomesAnInlineOne(t *testing.T) {
	env := tomledit.Table{{Key: "env", Value: tomledit.Table{{Key: "TWS_HOST", Value: "m"}, {Key: "A B", Value: "\"\x7f"}}}}
	got, err := tomledit.Set([]byte("[mcp_servers.resync.env]\nTWS_HOST = \"old\"\n\n[mcp_servers.resync]\ncommand = \"x\"\n[a]\n"), env, path...)
	want := "\n[mcp_servers.resync]\ncommand = \"x\"\nenv = { TWS_HOST = \"m\", \"A B\" = \"\\\"\\u007f\" }\n[a]\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%q, want\n%q", err, got, want)
	}
	same := "[mcp_servers.resync]\ncommand = \"x\"\n[mcp_servers.resync.env]\n\"A B\" = '''\"\\u007f'''\nTWS_HOST = \"m\"\n"
	same = strings.Replace(same, "'''\"\\u007f'''", `"\"\u007F"`, 1)
	if got, err := tomledit.Set([]byte(same), env, path...); err != nil || string(got) != same {
		t.Errorf("what says the same was written again: %v\n%s", err, got)
	}
}

func TestDelete(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"not there", "a = 1\n", "a = 1\n"},
		{"alone", block, ""},
		{"with tables below, comments stay", "a = 1\n\n" + block + "# why\n[mcp_servers.resync.env]\nX = \"1\"\n\n[tui] # t\n", "a = 1\n# why\n\n[tui] # t\n"},
		{"between", "[a]\nb = 1\n\n" + block + "\n[c]\n", "[a]\nb = 1\n\n[c]\n"},
	} {
		got, err := tomledit.Delete([]byte(c.before), path...)
		if err != nil || string(got) != c.after {
			t.Errorf("%s: %v\n%q, want\n%q", c.name, err, got, c.after)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       int
	}{
		{"broken", "a = 1\nb = = 2\n", 2},
		{"broken at the end", "a = 1\n[x\n", 2},
		{"secret on the broken line", "k = \"sk-very-secret\n", 1},
		{"inline servers", "\nmcp_servers = { resync = { command = \"x\" } }\n", 2},
		{"inline table", "[mcp_servers]\nresync = { command = \"x\" }\n", 2},
		{"dotted", "mcp_servers.resync.command = \"x\"\n", 1},
		{"dotted below", "[mcp_servers]\na = 1\nresync.command = \"x\"\n", 3},
		{"list", "[[mcp_servers.resync]]\ncommand = \"x\"\n", 1},
		{"list above", "[[mcp_servers]]\nx = 1\n", 1},
		{"not a table", "[mcp_servers]\nresync = 1\n", 2},
	} {
		got, err := tomledit.Set([]byte(c.text), entry, path...)
		var at *tomledit.SyntaxError
		if !errors.As(err, &at) || at.Line != c.line || got != nil {
			t.Errorf("%s: %v, want line %d; text %q", c.name, err, c.line, got)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error quotes the file: %v", c.name, err)
		}
	}
}

// FuzzSet holds that no line of another table is ever lost, that a second run changes nothing, and that what was put in can be taken out.
func FuzzSet(f *testing.F) {
	for _, s := range []string{"", "a = 1\n[mcp_servers.x]\ny = [\n1, # c\n]\n", "[mcp_servers.resync]\ncommand = 'x'\n[mcp_servers.resync.env]\nA=\"b\"\n", "x = '''\n[a]\n'''\r\n", "[[a]]\n[a.b]\n\"c.d\".e = {f = \"}\"}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := tomledit.Set([]byte(text), entry, path...)
		if err != nil {
			return
		}
		var doc struct {
			Servers map[string]map[string]any `toml:"mcp_servers"`
		}
		if err := toml.Unmarshal([]byte(strings.TrimPrefix(string(got), "\ufeff")), &doc); err == nil && doc.Servers["resync"]["command"] != "/opt/resync" {
			t.Fatalf("the entry is not there:\n%s", got)
		}
		if again, err := tomledit.Set(got, entry, path...); err != nil || string(again) != string(got) {
			t.Fatalf("a second time: %v\n%q\n%q", err, got, again)
		}
		if !strings.Contains(text, "resync") && strings.ReplaceAll(string(got), "\r", "") != strings.ReplaceAll(text, "\r", "") {
			if !strings.HasPrefix(string(got), text) {
				t.Fatalf("something before the new table changed:\n%q\n%q", text, got)
			}
		}
		gone, err := tomledit.Delete(got, path...)
		if err != nil || tomledit.Has(gone, path...) {
			t.Fatalf("it cannot be taken out: %v\n%q", err, gone)
		}
	})
}
