package install

import (
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/install/jsonedit"
	"github.com/resync-hwa/resync/mcp/install/tomledit"
)

const authorization = "Authorization"

// remaining sorts the variables of an entry that are not written anew: those that stay, and those that go because the server gives the same
// value in the other way, as TWS_PASSWORD or as TWS_PASSWORD_FILE. With both the program would not start.
func (s Server) remaining(names []string) (kept, gone []string) {
	for _, name := range names {
		short, isFile := strings.CutSuffix(name, "_FILE")
		switch {
		case s.sets(name):
		case s.sets(name+"_FILE") || isFile && s.sets(short):
			gone = append(gone, name)
		default:
			kept = append(kept, name)
		}
	}
	return kept, gone
}

func (s Server) sets(variable string) bool {
	return slices.ContainsFunc(s.Env, func(v Variable) bool { return v.Name == variable })
}

// remainingHeaders does the same for headers. The key is the server's own, however its header is spelt.
func (s Server) remainingHeaders(names []string) (kept, gone []string) {
	for _, name := range names {
		switch {
		case name == authorization && s.KeyVariable != "":
		case strings.EqualFold(name, authorization):
			gone = append(gone, name)
		default:
			kept = append(kept, name)
		}
	}
	return kept, gone
}

// setObject writes the entry into a file of JSON, and gives the variables or headers that it left there.
func (c *Client) setObject(text []byte, s Server, entry jsonedit.Object) (out []byte, kept []string, err error) {
	at := jsonedit.Names(c.servers, s.Name)
	shared, remaining := "env", s.remaining
	if s.URL != "" {
		shared, remaining = "headers", s.remainingHeaders
	}
	kept, gone := remaining(jsonedit.Members(text, at.Member(shared)))
	out = text
	if len(kept) > 0 {
		for _, name := range gone {
			if out, err = jsonedit.Delete(out, at.Member(shared).Member(name)); err != nil {
				return nil, nil, err
			}
		}
		if i := slices.IndexFunc(entry, func(m jsonedit.Member) bool { return m.Name == shared }); i >= 0 {
			if out, err = jsonedit.Set(out, at.Member(shared), entry[i].Value); err != nil {
				return nil, nil, err
			}
			entry = slices.Delete(slices.Clone(entry), i, i+1)
		}
	}
	out, err = jsonedit.Set(out, at, entry)
	for _, key := range owned {
		if err == nil && !has(entry, key) && (key != shared || len(kept) == 0) {
			out, err = jsonedit.Delete(out, at.Member(key))
		}
	}
	if c.inputs {
		for _, in := range inputsOf(s) {
			if err == nil {
				out, err = jsonedit.Set(out, jsonedit.Names("inputs").Element(in[1].Value.(string)), in)
			}
		}
	}
	return out, kept, err
}

// setTable writes the entry into a file of TOML, and gives the variables or headers that it left there.
func (c *Client) setTable(text []byte, s Server, entry jsonedit.Object) (out []byte, kept []string, err error) {
	var stay []string // members of the entry that are somebody's own
	out = text
	if s.URL == "" {
		out, entry, kept, err = c.mergedVariables(text, s, entry)
		stay = []string{"env", "env_vars"}
	} else {
		for _, key := range []string{"http_headers", "env_http_headers"} {
			have, _ := tomledit.Value(text, c.servers, s.Name, key).(map[string]any)
			if same, gone := s.remainingHeaders(slices.Sorted(maps.Keys(have))); len(gone) == 0 && len(same) == len(have) && len(have) > 0 {
				stay, kept = append(stay, key), append(kept, same...)
			}
		}
	}
	for _, key := range owned {
		if err == nil && !has(entry, key) && !slices.Contains(stay, key) && tomledit.Has(out, c.servers, s.Name, key) {
			out, err = tomledit.Delete(out, c.servers, s.Name, key)
		}
	}
	if err == nil {
		out, err = tomledit.Set(out, table(entry), c.servers, s.Name)
	}
	return out, kept, err
}

// mergedVariables brings the variables of a table together with those of the entry: the ones with a value (env), and the names of those that
// the client passes on (env_vars). A table [….env] is changed in place, with its comments; a table on one line is written anew.
func (c *Client) mergedVariables(text []byte, s Server, entry jsonedit.Object) ([]byte, jsonedit.Object, []string, error) {
	at := []string{c.servers, s.Name, "env"}
	env, isTable := tomledit.Value(text, at...).(map[string]any)
	passed, isList := tomledit.Value(text, c.servers, s.Name, "env_vars").([]any)
	keptEnv, goneEnv := s.remaining(slices.Sorted(maps.Keys(env)))
	var names []string
	for _, v := range passed {
		name, ok := v.(string)
		if !ok {
			return nil, nil, nil, fault.New(fault.Conflict, "env_vars of %s holds more than names.", s.Name).WithHint("Write it as a list of names, or change the entry by hand. Nothing was written.")
		}
		names = append(names, name)
	}
	keptPassed, _ := s.remaining(names)
	kept := slices.Compact(slices.Sorted(slices.Values(slices.Concat(keptEnv, keptPassed))))

	var rest jsonedit.Object // the entry without both
	var mine jsonedit.Object
	var mineNames []string
	for _, m := range entry {
		switch v := m.Value.(type) {
		case jsonedit.Object:
			mine = v
		case []string:
			if m.Name == "env_vars" {
				mineNames = v
			} else {
				rest = append(rest, m)
			}
		default:
			rest = append(rest, m)
		}
	}
	for name := range env { // a variable that is passed on from now on has no value
		if slices.Contains(mineNames, name) {
			goneEnv = append(goneEnv, name)
		}
	}
	out := text
	var err error
	_, notOwn := tomledit.Set(text, nil, at...)
	switch {
	case isTable && len(keptEnv) > 0 && notOwn == nil:
		for _, name := range goneEnv {
			if out, err = tomledit.Delete(out, append(slices.Clone(at), name)...); err != nil {
				return nil, nil, nil, err
			}
		}
		if out, err = tomledit.Set(out, table(mine), at...); err != nil {
			return nil, nil, nil, err
		}
	case len(keptEnv) > 0 || len(mine) > 0:
		for _, name := range keptEnv {
			value, ok := env[name].(string)
			if !ok {
				return nil, nil, nil, fault.New(fault.Conflict, "%s in env of %s is no text.", name, s.Name).WithHint("Put it into quotes. Nothing was written.")
			}
			mine = append(mine, jsonedit.Member{Name: name, Value: value})
		}
		rest = append(rest, jsonedit.Member{Name: "env", Value: mine})
	case isTable:
		if out, err = tomledit.Delete(out, at...); err != nil {
			return nil, nil, nil, err
		}
	}
	switch all := slices.Concat(keptPassed, mineNames); {
	case len(all) > 0:
		if isList && slices.Equal(slices.Sorted(slices.Values(all)), slices.Sorted(slices.Values(names))) {
			all = names // the order counts for nothing
		}
		rest = append(rest, jsonedit.Member{Name: "env_vars", Value: all})
	case isList:
		if out, err = tomledit.Delete(out, c.servers, s.Name, "env_vars"); err != nil {
			return nil, nil, nil, err
		}
	}
	return out, rest, kept, nil
}
