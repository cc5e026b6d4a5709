package install

import (
	encoding "encoding/base64"
	"net/url"
	"strings"

	"github.com/resync-hwa/resync/mcp/install/jsonedit"
)

// owned are the members of an entry that this package decides on. What is in an entry beside them is the person's and stays.
var owned = []string{"type", "command", "args", "env", "env_vars", "url", "httpUrl", "headers", "http_headers", "env_http_headers", "bearer_token_env_var"}

// entry gives what the client's file says of the server.
func (c *Client) entry(s Server) (jsonedit.Object, error) {
	if s.URL != "" {
		return c.http(s)
	}
	return c.stdio(s)
}

// stdio gives the usual entry for a program; ref writes what stands for a variable of the client's own environment.
func stdio(kind string, ref func(string) string) func(Server) (jsonedit.Object, error) {
	return func(s Server) (jsonedit.Object, error) {
		var o jsonedit.Object
		if kind != "" {
			o = append(o, jsonedit.Member{Name: "type", Value: kind})
		}
		o = append(o, jsonedit.Member{Name: "command", Value: s.Command}, jsonedit.Member{Name: "args", Value: s.Args})
		if len(s.Env) > 0 {
			var env jsonedit.Object
			for _, v := range s.Env {
				env = append(env, jsonedit.Member{Name: v.Name, Value: written(v, ref)})
			}
			o = append(o, jsonedit.Member{Name: "env", Value: env})
		}
		return o, nil
	}
}

func written(v Variable, ref func(string) string) string {
	if v.Reference {
		return ref(v.Name)
	}
	return v.Value
}

// overHTTP gives the usual entry for an address.
func overHTTP(kind string, ref func(string) string) func(Server) (jsonedit.Object, error) {
	return func(s Server) (jsonedit.Object, error) {
		var o jsonedit.Object
		if kind != "" {
			o = append(o, jsonedit.Member{Name: "type", Value: kind})
		}
		o = append(o, jsonedit.Member{Name: "url", Value: s.URL})
		if s.KeyVariable != "" {
			o = append(o, jsonedit.Member{Name: "headers", Value: jsonedit.Object{{Name: "Authorization", Value: "Bearer " + ref(s.KeyVariable)}}})
		}
		return o, nil
	}
}

// inputID names a secret that VS Code asks for once and keeps.
func inputID(s Server, variable string) string {
	if s.URL != "" {
		return s.Name + "-key"
	}
	return s.Name + "-" + strings.ToLower(strings.ReplaceAll(variable, "_", "-"))
}

// inputsOf lists what VS Code must ask for.
func inputsOf(s Server) []jsonedit.Object {
	ask := func(id, description string) jsonedit.Object {
		return jsonedit.Object{{Name: "type", Value: "promptString"}, {Name: "id", Value: id}, {Name: "description", Value: description}, {Name: "password", Value: true}}
	}
	var out []jsonedit.Object
	switch {
	case s.URL != "" && s.KeyVariable != "":
		out = append(out, ask(inputID(s, ""), "API key of Resync"))
	case s.URL == "":
		for _, v := range s.Env {
			if v.Reference {
				out = append(out, ask(inputID(s, v.Name), v.Name+" for Resync"))
			}
		}
	}
	return out
}

// escape writes a text for a query; spaces become %20, which every client reads.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func base64(s string) string { return encoding.StdEncoding.EncodeToString([]byte(s)) }
