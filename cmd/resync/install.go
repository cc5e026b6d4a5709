package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/install"
)

// installFlags are the options of resync mcp that set it up in a client instead of running it.
func installFlags() []cli.Flag {
	var ids []string
	for _, c := range install.Clients() {
		ids = append(ids, c.ID)
	}
	return []cli.Flag{
		&cli.StringFlag{Name: "install", Usage: "write this server into the settings of a client, after showing the change: " + strings.Join(ids, ", ")},
		&cli.StringFlag{Name: "uninstall", Usage: "take this server out of the settings of a client, after showing the change"},
		&cli.StringFlag{Name: "scope", Value: string(install.User), Usage: "with --install: user, or project for the settings in this folder"},
		&cli.StringFlag{Name: "name", Value: "resync", Usage: "with --install: the name under which the client shows the server"},
		&cli.StringSliceFlag{Name: "env", Usage: "with --install: NAME=VALUE for the program that the client starts; NAME alone: the client takes the value from its own environment"},
		&cli.StringFlag{Name: "key-env", Value: "RESYNC_KEY", Usage: "with --install and --http URL: the environment variable that holds the API key; empty for a server that asks for none"},
		&cli.BoolFlag{Name: "yes", Usage: "with --install: write without asking"},
		&cli.BoolFlag{Name: "print", Usage: "with --install: only print what the client's file must hold"},
		&cli.BoolFlag{Name: "link", Usage: "with --install: only print a link that makes the client ask whether to add the server (VS Code, Cursor)"},
		&cli.BoolFlag{Name: "command", Usage: "with --install: only print the client's own command that adds the server"},
	}
}

// installing reports whether the command shall set itself up in a client. Options that only make sense then are errors without it.
func installing(c *cli.Command) (bool, error) {
	if c.IsSet("install") && c.IsSet("uninstall") {
		return false, fault.New(fault.Invalid, "--install and --uninstall cannot go together.")
	}
	if c.IsSet("install") || c.IsSet("uninstall") {
		return true, nil
	}
	for _, f := range installFlags() {
		if name := f.Names()[0]; c.IsSet(name) {
			return false, fault.New(fault.Invalid, "--%s goes with --install CLIENT.", name)
		}
	}
	return false, nil
}

// install writes, prints or takes out the entry of this server in a client's settings.
func (p *program) install(ctx context.Context, c *cli.Command) error {
	machine, err := p.machine()
	if err != nil {
		return err
	}
	client, err := install.Find(c.String("install") + c.String("uninstall"))
	if err != nil {
		return err
	}
	scope := install.Scope(c.String("scope"))
	if c.IsSet("uninstall") {
		change, err := client.Uninstall(machine, scope, c.String("name"))
		if err != nil {
			return err
		}
		return p.apply(ctx, c, client, change)
	}
	server, err := p.itself(c, machine)
	if err != nil {
		return err
	}
	for _, only := range []struct {
		name string
		text func(install.Server) (string, error)
	}{{"print", client.Snippet}, {"command", client.Command}, {"link", func(s install.Server) (string, error) { return client.Link(s, false) }}} {
		if c.Bool(only.name) {
			text, err := only.text(server)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.out, strings.TrimSuffix(text, "\n"))
			return err
		}
	}
	change, err := client.Install(machine, scope, server)
	if err != nil {
		return err
	}
	return p.apply(ctx, c, client, change)
}

// apply shows a change, asks, and writes it. The status is 1 when something should have been written and was not.
func (p *program) apply(ctx context.Context, c *cli.Command, client *install.Client, change *install.Change) error {
	say := func(format string, args ...any) { fmt.Fprintln(p.err, visible(fmt.Sprintf(format, args...))) }
	kept := func() {
		if len(change.Kept) > 0 {
			say("Kept as they stand there, because they are not set here: %s. To be rid of them, take the server out with --uninstall %s and install it anew.", strings.Join(change.Kept, ", "), client.ID)
		}
	}
	if change.Nothing() {
		say("Nothing to do: %s is as it should be.", change.Path)
		kept()
		return nil
	}
	if _, err := fmt.Fprint(p.out, p.coloured(visible(change.Diff()))); err != nil {
		return fault.Wrap(fault.Internal, err, "The change cannot be shown.")
	}
	for _, note := range change.Notes {
		say("%s", note)
	}
	kept()
	if !c.Bool("yes") {
		answer := ""
		if terminal(p.in) {
			fmt.Fprint(p.err, visible("Write "+change.Path+"? [y/N] "))
			answer = p.oneLine(ctx)
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
		default:
			if answer == "" {
				say("Nothing was written, because nobody was there to ask. --yes writes it.")
			} else {
				say("Nothing was written.")
			}
			return errShown{1}
		}
	}
	if err := change.Write(); err != nil {
		return err
	}
	say("Wrote %s.", change.Path)
	if backup := change.Backup(); backup != "" {
		say("The text of before is in %s.", backup)
	}
	if c.IsSet("install") {
		say("To see that it works: %s. Ask first: \"How is the plan?\"", client.Verify)
	}
	return nil
}

// oneLine waits for a line of the person, or for the end of the program.
func (p *program) oneLine(ctx context.Context) string {
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(p.in).ReadString('\n')
		line <- text
	}()
	select {
	case text := <-line:
		return text
	case <-ctx.Done():
		return ""
	}
}

// coloured paints a diff for a terminal that takes colours.
func (p *program) coloured(diff string) string {
	s := p.screen()
	for line := range strings.Lines(diff) {
		look := plain
		switch line[0] {
		case '+':
			look = green
		case '-':
			look = red
		case '@':
			look = cyan
		}
		s.WriteString(s.painted(cell{text: strings.TrimSuffix(line, "\n"), look: look}) + "\n")
	}
	return s.String()
}

// machine describes where the clients' files are looked for.
func (p *program) machine() (install.Machine, error) {
	dir, err := filepath.Abs(p.dir)
	if err != nil {
		return install.Machine{}, fault.Wrap(fault.Internal, err, "The working folder cannot be found.")
	}
	return install.Machine{OS: runtime.GOOS, Dir: dir, Lookup: func(name string) (string, bool) {
		v := p.setting(name)
		return v, v != ""
	}}, nil
}

// itself describes this program as a server: its own path with the options of the command line, or an address.
func (p *program) itself(c *cli.Command, m install.Machine) (install.Server, error) {
	s := install.Server{Name: c.String("name")}
	if s.URL = c.String("http"); s.URL != "" {
		s.KeyVariable = c.String("key-env")
		for _, name := range slices.Concat([]string{"env"}, passedOn(c)) {
			if c.IsSet(name) {
				return s, fault.New(fault.Invalid, "--%s is for a program that the client starts, and with --http it starts none.", name)
			}
		}
		return s, nil
	}
	if c.IsSet("key-env") {
		return s, fault.New(fault.Invalid, "--key-env goes with --http URL.")
	}
	var err error
	if s.Command, err = p.executable(); err != nil {
		return s, err
	}
	s.Args = []string{"mcp"}
	for _, name := range passedOn(c) {
		s.Args = append(s.Args, given(c, name)...)
	}
	if !c.IsSet("dir") && configured(m.Dir) {
		s.Args = append(s.Args, "--dir="+m.Dir)
		fmt.Fprintln(p.err, visible("The server will work in "+m.Dir+", because its settings are here. --dir names another folder."))
	}
	s.Env, err = p.variables(c, m)
	return s, err
}

// passedOn lists the options of resync mcp that were given and say how the server shall run.
func passedOn(c *cli.Command) []string {
	var out []string
	for _, f := range c.Flags {
		name := f.Names()[0]
		ours := name == "http" || name == "help" || slices.ContainsFunc(installFlags(), func(o cli.Flag) bool { return o.Names()[0] == name })
		if !ours && c.IsSet(name) {
			out = append(out, name)
		}
	}
	return out
}

// given writes an option as it stands on a command line; a folder becomes an absolute one.
func given(c *cli.Command, name string) []string {
	switch v := c.Value(name).(type) {
	case []string:
		var out []string
		for _, each := range v {
			out = append(out, "--"+name+"="+each)
		}
		return out
	case string:
		if name == "dir" {
			if dir, err := filepath.Abs(v); err == nil {
				v = dir
			}
		}
		return []string{"--" + name + "=" + v}
	default:
		return []string{fmt.Sprintf("--%s=%v", name, v)}
	}
}

// configured reports whether a folder holds settings or state of Resync.
func configured(dir string) bool {
	for _, name := range []string{"settings.toml", ".resync"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// executable gives the path of this program, links followed, and warns where it will not stay.
func (p *program) executable() (string, error) {
	find := p.self
	if find == nil {
		find = os.Executable
	}
	path, err := find()
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", fault.Wrap(fault.Internal, err, "The path of this program cannot be found.")
	}
	if temp, err := filepath.EvalSymlinks(os.TempDir()); err == nil && strings.HasPrefix(path, temp+string(filepath.Separator)) || strings.Contains(path, "go-build") {
		fmt.Fprintln(p.err, visible(path+" is in a folder for temporary files and may be gone tomorrow. Put the program somewhere that stays, and install from there."))
	}
	return path, nil
}

// carried are the variables that say which engine is asked and how; they go into the client's file when they are set here.
var carried = []string{"TWS_", "APP_TWS_", "APP_ENGINES__", "APP_KNOWLEDGE__", "APP_MCP__", "APP_DATA_DIR", "APP_ENV"}

// variables gives the environment of the server: what is set here, and over it what --env says. Of a secret only its name is taken.
func (p *program) variables(c *cli.Command, m install.Machine) ([]install.Variable, error) {
	all := map[string]install.Variable{}
	for _, entry := range p.environ {
		name, value, _ := strings.Cut(entry, "=")
		if value != "" && slices.ContainsFunc(carried, func(top string) bool { return strings.HasPrefix(name, top) }) {
			all[name] = install.Variable{Name: name, Value: value, Reference: install.Secret(name, value)}
		}
	}
	for _, entry := range c.StringSlice("env") {
		name, value, found := strings.Cut(entry, "=")
		all[name] = install.Variable{Name: name, Value: value, Reference: !found}
	}
	var out []install.Variable
	for _, v := range all {
		if v.Reference {
			v.Value = ""
		} else {
			v.Value = absolute(m.Dir, v.Name, v.Value)
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b install.Variable) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

var reference = regexp.MustCompile(`^\$\{[^}]+\}$`)

// unreplaced is the error of a client that passed a reference on instead of the value that it stands for. Used as a password it would lock
// the account.
func (p *program) unreplaced() error {
	for _, entry := range p.environ {
		name, value, _ := strings.Cut(entry, "=")
		if reference.MatchString(value) && slices.ContainsFunc(carried, func(top string) bool { return strings.HasPrefix(name, top) }) {
			return fault.New(fault.Invalid, "%s is the reference %s: the client that started this did not put the value in its place.", name, value).
				WithHint("Set the variable where the client is started, or use %s_FILE.", strings.TrimSuffix(name, "_FILE"))
		}
	}
	return nil
}

// absolute makes paths independent of the folder in which a client starts the server.
func absolute(dir, name, value string) string {
	paths := []string{value}
	switch {
	case name == "APP_KNOWLEDGE__PATHS":
		paths = strings.Split(value, ",")
	case name != "APP_DATA_DIR" && !strings.HasSuffix(name, "_FILE"):
		return value
	}
	for i, path := range paths {
		if path = strings.TrimSpace(path); path != "" && !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		paths[i] = path
	}
	return strings.Join(paths, ",")
}
