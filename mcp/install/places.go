package install

import (
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// Scope says for whom a server is set up.
type Scope string

// The scopes: everything that the person does with the client, or the folder that it works in.
const (
	User    Scope = "user"
	Project Scope = "project"
)

// Machine is where a client is looked for.
type Machine struct {
	OS     string // as in runtime.GOOS
	Dir    string // the working folder, absolute: the project
	Lookup func(name string) (string, bool)
}

func (m Machine) env(name string) string {
	v, _ := m.Lookup(name)
	return v
}

// join puts a path together with the separator of the machine.
func (m Machine) join(parts ...string) string {
	sep := "/"
	if m.OS == "windows" {
		sep = `\`
	}
	return strings.Join(parts, sep)
}

// home gives the person's folder.
func (m Machine) home() (string, error) {
	name := "HOME"
	if m.OS == "windows" {
		name = "USERPROFILE"
	}
	if dir := m.env(name); dir != "" {
		return dir, nil
	}
	return "", fault.New(fault.Invalid, "%s is not set, so the client's file cannot be found.", name)
}

// under gives a path below a folder that a variable names, or else below the person's folder.
func (m Machine) under(variable string, parts ...string) (string, error) {
	if dir := m.env(variable); variable != "" && dir != "" {
		return m.join(append([]string{dir}, parts...)...), nil
	}
	home, err := m.home()
	return m.join(append([]string{home}, parts...)...), err
}

// application gives a path below the folder in which desktop programs keep their settings.
func (m Machine) application(parts ...string) (string, error) {
	switch m.OS {
	case "windows":
		if dir := m.env("APPDATA"); dir != "" {
			return m.join(append([]string{dir}, parts...)...), nil
		}
		return "", fault.New(fault.Invalid, "APPDATA is not set, so the client's file cannot be found.")
	case "darwin":
		return m.under("", append([]string{"Library", "Application Support"}, parts...)...)
	}
	if dir := m.env("XDG_CONFIG_HOME"); strings.HasPrefix(dir, "/") { // a relative one counts for nothing, says its specification
		return m.join(append([]string{dir}, parts...)...), nil
	}
	return m.under("", append([]string{".config"}, parts...)...)
}
