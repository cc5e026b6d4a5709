package install_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/install"
)

func TestTheFileKeepsItsModeAndItsLink(t *testing.T) {
	c, m := find(t, "cursor"), machine(t)
	path := write(t, c, m, "{}")
	real := filepath.Join(t.TempDir(), "dotfiles.json")
	if err := os.Rename(path, real); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	ch, err := c.Install(m, install.User, bare)
	if err == nil {
		err = ch.Write()
	}
	if err != nil {
		t.Fatal(err)
	}
	link, err := os.Lstat(path)
	if err != nil || link.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", link, err)
	}
	info, err := os.Stat(real)
	if err != nil || info.Mode().Perm() != 0o640 || !strings.Contains(text(t, real), "resync") {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if ch.Backup() != real+".resync.bak" {
		t.Errorf("backup %s", ch.Backup())
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(real), "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestANewFileIsThePersonsOwn(t *testing.T) {
	c, m := find(t, "gemini"), machine(t)
	for scope, mode := range map[install.Scope]os.FileMode{install.User: 0o600, install.Project: 0o644} {
		ch, err := c.Install(m, scope, bare)
		if err == nil {
			err = ch.Write()
		}
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(ch.Path)
		if err != nil || info.Mode().Perm() != mode || ch.Backup() != "" {
			t.Errorf("%s: %v %v, backup %q", scope, info.Mode(), err, ch.Backup())
		}
	}
}

func TestWhatIsNoFileOfAClientStaysAsItIs(t *testing.T) {
	c := find(t, "claude-code")
	for name, prepare := range map[string]func(path string) error{
		"folder":        func(path string) error { return os.Mkdir(path, 0o700) },
		"dangling link": func(path string) error { return os.Symlink(path+".gone", path) },
		"loop":          func(path string) error { return os.Symlink(path, path) },
		"broken":        func(path string) error { return os.WriteFile(path, []byte("{\"a\": \"hunter2"), 0o600) },
		"list":          func(path string) error { return os.WriteFile(path, []byte("[]"), 0o600) },
		"huge": func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(path, 65<<20)
		},
	} {
		m := machine(t)
		path, err := c.File(m, install.User)
		if err == nil {
			err = prepare(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Install(m, install.User, bare)
		if !fault.Is(err, fault.Conflict) || strings.Contains(fault.Public(err).Message, "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err = c.Uninstall(m, install.User, "resync"); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s, uninstall: %v", name, err)
		}
	}
}

// TestSomebodyElseWrites: Claude Code writes its file all the time; what it wrote while the person looked at the diff is not lost.
func TestSomebodyElseWrites(t *testing.T) {
	c := find(t, "claude-code")
	for _, first := range []string{"", "{}"} {
		m := machine(t)
		if first != "" {
			write(t, c, m, first)
		}
		ch, err := c.Install(m, install.User, bare)
		if err != nil {
			t.Fatal(err)
		}
		path := write(t, c, m, `{"theirs": 1}`)
		if err := ch.Write(); !fault.Is(err, fault.Conflict) || text(t, path) != `{"theirs": 1}` {
			t.Errorf("%v: %s", err, text(t, path))
		}
	}
}

// TestDiffIsOne applies the diffs with a tool of the trade and compares the result.
func TestDiffIsOne(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("git is not here, and CI must have it")
		}
		t.Skip("git is not here, which applies the diffs")
	}
	// A reference by this name is masked nowhere, so that the text of the diff is that of the file.
	plain := install.Server{Name: "resync", Command: "/opt/resync", Args: []string{"mcp"}, Env: []install.Variable{{Name: "TWS_USER", Reference: true}}}
	numbers := strings.Repeat("  \"n\": 1,\n", 50)
	for name, before := range map[string]string{
		"new":          "",
		"short":        "{\n  \"a\": 1\n}\n",
		"no line end":  "{\n  \"a\": 1\n}",
		"far apart":    "{\n" + numbers + "  \"inputs\": [],\n" + numbers + "  \"servers\": {\n    \"x\": {}\n  },\n" + numbers + "  \"z\": 1\n}\n",
		"near":         "{\n  \"inputs\": [],\n  \"b\": 1,\n  \"c\": 1,\n  \"d\": 1,\n  \"e\": 1,\n  \"f\": 1,\n  \"servers\": {}\n}\n",
		"exactly six":  "{\n  \"inputs\": [],\n  \"b\": 1,\n  \"c\": 1,\n  \"d\": 1,\n  \"e\": 1,\n  \"f\": 1,\n  \"g\": 1,\n  \"servers\": {}\n}\n",
		"one is ours":  "{\n  \"servers\": {\n    \"resync\": {\n      \"url\": \"x\",\n      \"args\": [1]\n    }\n  }\n}\n",
		"on one line":  "{\"servers\": {}}",
		"blank before": "\n\n{}\n",
	} {
		c, m := find(t, "vscode"), machine(t)
		var path string
		if before != "" {
			path = write(t, c, m, before)
		}
		ch, err := c.Install(m, install.User, plain)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		diff := strings.ReplaceAll(ch.Diff(), path, "b/file")
		if before == "" {
			diff = strings.ReplaceAll(ch.Diff(), ch.Path, "b/file")
		} else {
			diff = strings.Replace(diff, "--- b/file", "--- a/file", 1)
			if err := os.WriteFile(filepath.Join(dir, "file"), []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		apply := exec.CommandContext(t.Context(), "git", "apply", "-")
		apply.Dir, apply.Stdin = dir, strings.NewReader(diff)
		apply.Env = append(os.Environ(), "GIT_DIR=/nonexistent", "GIT_CEILING_DIRECTORIES="+dir)
		if out, err := apply.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s\n%s", name, err, out, diff)
			continue
		}
		if err := ch.Write(); err != nil {
			t.Fatal(err)
		}
		if got, want := text(t, filepath.Join(dir, "file")), text(t, ch.Path); got != want {
			t.Errorf("%s: the diff leads to\n%s\nwritten was\n%s", name, got, want)
		}
	}
}

// TestTheDiffHidesKeysOfOthers: diffs get pasted into tickets.
func TestTheDiffHidesKeysOfOthers(t *testing.T) {
	c, m := find(t, "cursor"), machine(t)
	write(t, c, m, "{\n  \"mcpServers\": {\n    \"x\": {\n      \"env\": {\"X_API_KEY\": \"hunter2hunter2\"}\n    }\n  }\n}\n")
	ch, err := c.Install(m, install.User, address)
	if err != nil {
		t.Fatal(err)
	}
	d := ch.Diff()
	if strings.Contains(d, "hunter2") || !strings.Contains(d, "X_API_KEY") || !strings.Contains(d, "Bearer ${env:RESYNC_KEY}") {
		t.Errorf("the diff says\n%s", d)
	}
}

// TestAReadOnlyFileStays: somebody made it so, or another program writes it (a store of dotfiles).
func TestAReadOnlyFileStays(t *testing.T) {
	for _, c := range install.Clients() {
		m := machine(t)
		before, _ := wrote(t, c, m, bare)
		path, err := c.File(m, install.User)
		if err == nil {
			err = os.Chmod(path, 0o440)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(path, 0o600) }) // or Windows would not remove it
		if ch, err := c.Install(m, install.User, bare); err != nil || !ch.Nothing() {
			t.Errorf("%s: nothing to do is no error: %v", c.ID, err)
		}
		moved := bare
		moved.Command = "/usr/bin/resync"
		_, err = c.Install(m, install.User, moved)
		_, gone := c.Uninstall(m, install.User, "resync")
		for _, err := range []error{err, gone} {
			if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Public(err).Message, "is read-only; nothing was written") {
				t.Errorf("%s: %v", c.ID, err)
			}
		}
		if text(t, path) != before {
			t.Errorf("%s: it was changed", c.ID)
		}
	}
}

func TestClearTextIsSaid(t *testing.T) {
	for url, want := range map[string]bool{"http://example.com/mcp": true, "https://example.com/mcp": false, "http://127.0.0.1:8001/mcp": false, "http://[::1]/mcp": false} {
		for _, key := range []string{"", "RESYNC_KEY"} {
			ch, err := find(t, "vscode").Install(machine(t), install.User, install.Server{Name: "resync", URL: url, KeyVariable: key})
			if err != nil || strings.Contains(strings.Join(ch.Notes, "\n"), "plain HTTP") != want {
				t.Errorf("%s with key %q: %v %v", url, key, err, ch)
			}
		}
	}
}
