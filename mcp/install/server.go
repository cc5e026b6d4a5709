package install

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/loopback"
)

// Server is what a client shall start, or call: a program over standard input and output, or an address over HTTP when URL is set.
type Server struct {
	Name    string // under which the client shows it
	Command string // absolute path
	Args    []string
	Env     []Variable // for the program
	URL     string
	// KeyVariable names the environment variable of the client's machine that holds the API key for URL; empty for a server that asks for
	// none. The key itself is never written.
	KeyVariable string
}

// Variable is an environment variable of the program that the client starts.
type Variable struct {
	Name      string
	Value     string // as written into the file
	Reference bool   // the value stays outside of the file: the client takes it from its own environment, or asks for it and keeps it
}

var (
	serverName   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Check says what is wrong with a server, before any file is opened.
func (s Server) Check() error {
	if !serverName.MatchString(s.Name) {
		return fault.New(fault.Invalid, "A server's name has letters, digits, - and _ only, 64 at most.")
	}
	for _, v := range s.Env {
		switch {
		case !variableName.MatchString(v.Name):
			return fault.New(fault.Invalid, "%q is not the name of an environment variable.", v.Name)
		case strings.ContainsAny(v.Value, "\x00\r\n"):
			return fault.New(fault.Invalid, "The value of %s has more than one line.", v.Name)
		case !v.Reference && Secret(v.Name, v.Value):
			return fault.New(fault.Invalid, "%s is a secret, and secrets are not written into a client's file.", v.Name).
				WithHint("Put it into a file that only you can read and give %s_FILE, or give --env %s without a value: then the client takes it from its own environment.", v.Name, v.Name)
		}
	}
	if s.URL == "" {
		return nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fault.New(fault.Invalid, "The address of a server begins with http:// or https:// and has a host.").WithHint("For example https://resync.example.com/mcp.")
	}
	if u.User != nil || u.Fragment != "" {
		return fault.New(fault.Invalid, "The address of a server holds no user, password or fragment.").WithHint("The key comes from an environment variable: --key-env names it.")
	}
	if s.KeyVariable != "" && !variableName.MatchString(s.KeyVariable) {
		return fault.New(fault.Invalid, "%q is not the name of an environment variable.", s.KeyVariable)
	}
	return nil
}

var secretName = regexp.MustCompile(`(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|_KEY)$|^(DATABASE|REDIS|QDRANT)_URL$`)

// Secret reports whether a variable holds a secret, by its name or because its value is a URL with a password. The name of a file that
// holds one is none.
func Secret(name, value string) bool {
	if secretName.MatchString(strings.ToUpper(name)) {
		return true
	}
	u, err := url.Parse(value)
	return err == nil && u.User != nil
}

// open reports whether what goes to the address would go over a network in the clear.
func open(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && !loopback.Host(u.Hostname())
}
