// Package install writes a server into the settings of the programs that people use MCP servers in: it finds the client's file, changes
// the one entry, shows the change as a diff, and writes it when told to. It knows nothing of MCP itself.
//
// A secret is never written: the file gets a reference to the client's environment, or the name of a file.
package install

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/install/jsonedit"
	"github.com/resync-hwa/resync/mcp/install/tomledit"
)

// Change is one file before and after. Make it with Install or Uninstall, look at Diff, then Write it.
type Change struct {
	Path   string   // as the client names it
	Notes  []string // what the person should know, whole sentences
	Kept   []string // variables and headers of the entry that stay although the server does not name them
	before file
	after  []byte
	ours   map[string]bool // lines of the entry, which need no masking
}

// Nothing reports whether the file is already as it should be.
func (c *Change) Nothing() bool { return bytes.Equal(c.before.text, c.after) }

// Creates reports whether there is no such file yet.
func (c *Change) Creates() bool { return !c.before.exists }

// Diff gives the change in unified form, with secrets of other entries masked; empty when there is nothing to do.
func (c *Change) Diff() string {
	from := c.Path
	if !c.before.exists {
		from = "/dev/null"
	}
	return unified(from, c.Path, string(c.before.text), string(c.after), c.ours)
}

// Write puts the new text in the place of the old one, whole or not at all, with the same mode and owner; the old text is kept beside it in
// Backup. A file that changed since it was read is a conflict, and stays as it is.
func (c *Change) Write() error { return c.before.replace(c.after) }

// Backup names the file that keeps the text of before Write, or is empty when there is none.
func (c *Change) Backup() string {
	if !c.before.exists {
		return ""
	}
	return c.before.real + backupSuffix
}

// File gives the path of the client's settings. A client without projects has no file for that scope (unsupported).
func (c *Client) File(m Machine, scope Scope) (string, error) {
	switch {
	case scope == User:
		return c.user(m)
	case scope != Project:
		return "", fault.New(fault.Invalid, "There is no scope %q.", scope).WithHint("It knows user and project.")
	case c.project == nil:
		return "", fault.New(fault.Unsupported, "%s has no settings of a project.", c.Title).WithHint("Leave --scope out.")
	}
	return m.join(append([]string{m.Dir}, c.project...)...), nil
}

// Install gives the change that writes the server into the client's file. What else is in the file, and in an entry of this name, stays, with
// the variables and headers that the server does not name: it may be set up from a shell that has not got them.
func (c *Client) Install(m Machine, scope Scope, s Server) (*Change, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	entry, err := c.entry(s)
	if err != nil {
		return nil, err
	}
	ch, err := c.open(m, scope)
	if err != nil {
		return nil, err
	}
	ch.ours = lines(c.snippet(s, entry))
	if c.form == tomlTable {
		ch.after, ch.Kept, err = c.setTable(ch.before.text, s, entry)
	} else {
		ch.after, ch.Kept, err = c.setObject(ch.before.text, s, entry)
	}
	if err != nil {
		return nil, c.unreadable(ch.Path, err)
	}
	ch.Notes = append(ch.Notes, c.notes(scope, s, ch)...)
	return ch.allowed()
}

// Uninstall gives the change that takes the server of this name out of the client's file.
func (c *Client) Uninstall(m Machine, scope Scope, name string) (*Change, error) {
	if err := (Server{Name: name}).Check(); err != nil {
		return nil, err
	}
	ch, err := c.open(m, scope)
	if err != nil {
		return nil, err
	}
	if c.form == tomlTable {
		ch.after, err = tomledit.Delete(ch.before.text, c.servers, name)
	} else {
		ch.after, err = c.cutObject(ch.before.text, name)
	}
	if err != nil {
		return nil, c.unreadable(ch.Path, err)
	}
	return ch.allowed()
}

// allowed refuses to change a file that is marked as read-only: a rename would replace it all the same.
func (c *Change) allowed() (*Change, error) {
	if c.before.exists && c.before.mode&ownerWrites == 0 && !c.Nothing() {
		return nil, fault.New(fault.Conflict, "%s is read-only; nothing was written.", c.Path).WithHint("Make it writable if you meant to change it, or add what --print shows where the file comes from.")
	}
	return c, nil
}

func (c *Client) open(m Machine, scope Scope) (*Change, error) {
	path, err := c.File(m, scope)
	if err != nil {
		return nil, err
	}
	mode := newUserFile
	if scope == Project {
		mode = newProjectFile
	}
	f, err := read(path, mode)
	if err != nil {
		return nil, err
	}
	return &Change{Path: path, before: f}, nil
}

// unreadable words what an editor has against a file.
func (c *Client) unreadable(path string, err error) error {
	var inJSON *jsonedit.SyntaxError
	var inTOML *tomledit.SyntaxError
	if errors.As(err, &inJSON) || errors.As(err, &inTOML) {
		return fault.Wrap(fault.Conflict, err, "%s cannot be changed safely: %s.", path, err.Error()).WithHint("Correct it by hand, or add what --print shows. Nothing was written.")
	}
	return err
}

func table(o jsonedit.Object) tomledit.Table {
	out := make(tomledit.Table, len(o))
	for i, m := range o {
		if below, ok := m.Value.(jsonedit.Object); ok {
			out[i] = tomledit.Member{Key: m.Name, Value: table(below)}
		} else {
			out[i] = tomledit.Member{Key: m.Name, Value: m.Value}
		}
	}
	return out
}

// cutObject takes the entry out, and what VS Code asks for on behalf of it alone.
func (c *Client) cutObject(text []byte, name string) ([]byte, error) {
	ids := map[string]bool{}
	if c.inputs {
		for _, part := range strings.Split(string(text), "${input:"+name+"-")[1:] {
			id, _, _ := strings.Cut(part, "}")
			ids[name+"-"+id] = true
		}
	}
	out, err := jsonedit.Delete(text, jsonedit.Names(c.servers, name))
	for id := range ids {
		if err == nil && !bytes.Contains(out, []byte("${input:"+id+"}")) && jsonedit.Has(out, jsonedit.Names("inputs")) {
			out, err = jsonedit.Delete(out, jsonedit.Names("inputs").Element(id))
		}
	}
	return out, err
}

func has(o jsonedit.Object, name string) bool {
	for _, m := range o {
		if m.Name == name {
			return true
		}
	}
	return false
}

// notes are what a person should know of this change.
func (c *Client) notes(scope Scope, s Server, ch *Change) []string {
	var out []string
	if c.form == plainJSON && ch.before.exists {
		if lax := jsonedit.Strict(ch.before.text); lax != nil {
			out = append(out, fmt.Sprintf("%s has something that plain JSON does not have (%s); %s may not read it.", ch.Path, lax, c.Title))
		}
	}
	if s.URL != "" && s.KeyVariable != "" {
		if c.inputs {
			out = append(out, c.Title+" asks for the API key when it first starts the server, and keeps it.")
		} else {
			out = append(out, fmt.Sprintf("The key is not in the file: %s takes it from %s, which must be set where it is started.", c.Title, s.KeyVariable))
		}
	}
	if s.URL != "" && open(s.URL) {
		what := "all answers"
		if s.KeyVariable != "" {
			what = "the key and all answers"
		}
		out = append(out, "The address is plain HTTP and not on this machine: "+what+" can be read on the way. Use https.")
	}
	for _, v := range s.Env {
		if v.Reference && !c.inputs {
			out = append(out, fmt.Sprintf("%s is not in the file: %s passes it on from its own environment, so it must be set where it is started.", v.Name, c.Title))
		}
	}
	if scope == Project && s.URL == "" {
		out = append(out, "The file belongs to the project and names a path of this machine; think before you commit it.")
	}
	return out
}

// Snippet gives what the client's file must hold, alone.
func (c *Client) Snippet(s Server) (string, error) {
	if err := s.Check(); err != nil {
		return "", err
	}
	entry, err := c.entry(s)
	if err != nil {
		return "", err
	}
	return c.snippet(s, entry), nil
}

func (c *Client) snippet(s Server, entry jsonedit.Object) string {
	if c.form == tomlTable {
		return tomledit.Render(table(entry), c.servers, s.Name)
	}
	var o jsonedit.Object
	if c.inputs {
		if in := inputsOf(s); len(in) > 0 {
			o = append(o, jsonedit.Member{Name: "inputs", Value: in})
		}
	}
	o = append(o, jsonedit.Member{Name: c.servers, Value: jsonedit.Object{{Name: s.Name, Value: entry}}})
	return jsonedit.Render(o) + "\n"
}

// Command gives the line for a shell that makes the client add the server itself. Clients without one are unsupported.
func (c *Client) Command(s Server) (string, error) {
	if _, err := c.Snippet(s); err != nil {
		return "", err
	}
	if c.command == nil {
		return "", fault.New(fault.Unsupported, "%s has no command that adds a server.", c.Title).WithHint("Leave --command out.")
	}
	words, err := c.command(s)
	if err != nil {
		return "", err
	}
	for i, w := range words {
		words[i] = shell(w)
	}
	return strings.Join(words, " "), nil
}

// Link gives the address that makes the client ask whether to add the server: with web one that a browser passes on to it, otherwise one of
// the client's own kind. Clients without one are unsupported.
func (c *Client) Link(s Server, web bool) (string, error) {
	if _, err := c.Snippet(s); err != nil {
		return "", err
	}
	if c.link == nil {
		return "", fault.New(fault.Unsupported, "%s has no links that add a server.", c.Title).WithHint("VS Code and Cursor have.")
	}
	if web {
		return c.web(s), nil
	}
	return c.link(s), nil
}

// shell quotes a word for a POSIX shell where it must be.
func shell(word string) string {
	safe := word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+", r)
	}) < 0
	if safe {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
