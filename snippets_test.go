package resync_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/mcp/install"
)

var update = flag.Bool("update", false, "write the snippets of the documents again")

var snippet = regexp.MustCompile(`(?s)<!-- install: ([a-z -]+) -->\n(.*?)<!-- end -->\n`)

// TestSnippetsOfTheDocumentsAreTheProgramsOwn holds that what a document shows for a client is what resync mcp --install writes. The blocks
// are written again by go test . -run Snippets -update.
func TestSnippetsOfTheDocumentsAreTheProgramsOwn(t *testing.T) {
	seen := 0
	for path, text := range documents(t) {
		now := snippet.ReplaceAllStringFunc(text, func(block string) string {
			seen++
			m := snippet.FindStringSubmatch(block)
			body, err := shown(strings.Fields(m[1]))
			if err != nil {
				t.Fatalf("%s: %s: %v", path, m[1], err)
			}
			return "<!-- install: " + m[1] + " -->\n" + body + "<!-- end -->\n"
		})
		if now == text {
			continue
		}
		if *update {
			if err := os.WriteFile(path, []byte(now), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("the snippets of %s are not what the program writes: go test . -run Snippets -update", path)
	}
	if seen < 15 {
		t.Errorf("only %d snippets were found", seen)
	}
}

// shown gives what a mark asks for: "files", or CLIENT, what of it (file, command, link) and of which server (demo, engine, http).
func shown(words []string) (string, error) {
	if len(words) == 1 && words[0] == "files" {
		return files()
	}
	if len(words) != 3 {
		return "", fmt.Errorf("three words are expected")
	}
	c, err := install.Find(words[0])
	if err != nil {
		return "", err
	}
	s := install.Server{Name: "resync", Command: "/path/to/resync", Args: []string{"mcp"}}
	switch words[2] {
	case "engine":
		s.Env = []install.Variable{{Name: "TWS_HOST", Value: "master.example.com"}, {Name: "TWS_PASSWORD_FILE", Value: "/path/to/password"}, {Name: "TWS_USER", Value: "resync"}}
	case "http":
		s = install.Server{Name: "resync", URL: "https://resync.example.com/mcp", KeyVariable: "RESYNC_KEY"}
	}
	switch words[1] {
	case "command":
		line, err := c.Command(s)
		return "```sh\n" + line + "\n```\n", err
	case "link":
		if s.URL == "" {
			s.Command = "resync" // whoever clicks has it on the PATH
		}
		address, err := c.Link(s, true)
		return fmt.Sprintf("[Add to %s](%s)\n", c.Title, address), err
	}
	text, err := c.Snippet(s)
	language := "json"
	if c.ID == "codex" {
		language = "toml"
	}
	return "```" + language + "\n" + text + "```\n", err
}

// files lists where each client keeps its settings.
func files() (string, error) {
	var b strings.Builder
	b.WriteString("| client | `--install` | Linux | macOS | Windows | project |\n|---|---|---|---|---|---|\n")
	for _, c := range install.Clients() {
		row := []string{c.Title, "`" + c.ID + "`"}
		for _, os := range []string{"linux", "darwin", "windows"} {
			m := install.Machine{OS: os, Lookup: func(name string) (string, bool) {
				v := map[string]string{"HOME": "~", "USERPROFILE": "%USERPROFILE%", "APPDATA": "%APPDATA%"}[name]
				return v, v != ""
			}}
			path, err := c.File(m, install.User)
			if err != nil {
				return "", err
			}
			row = append(row, "`"+path+"`")
		}
		project := "none"
		if path, err := c.File(install.Machine{OS: "linux", Dir: ""}, install.Project); err == nil {
			project = "`" + strings.TrimPrefix(path, "/") + "`"
		}
		b.WriteString("| " + strings.Join(append(row, project), " | ") + " |\n")
	}
	return b.String(), nil
}
