package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	toml "github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// Options say where to look.
type Options struct {
	Dir     string                      // folder of settings.toml; empty means the working folder
	Env     func(string) (string, bool) // look-up of one variable; nil means look in Environ
	Environ []string                    // all variables as NAME=value, to find misspelt ones
	Flags   map[string]string           // by key, such as server.listen
}

// The origins that are not the name of a file or variable.
const (
	fromDefault = "default"
	fromFlag    = "flag"
)

// loader gathers values and problems layer by layer.
type loader struct {
	o        Options
	values   map[string]value
	problems Problems
	rank     map[string]int // layer of the last setting, by key
	layer    int
	off      bool // somebody asked for no model at all; by default there is none, which is another thing
}

// Load reads all layers. When something is wrong the error (fault code invalid) lists every problem; the configuration is given
// all the same, as far as it could be read, so that it can be printed.
func Load(o Options) (*Config, error) {
	if o.Env == nil {
		o.Env = lookup(o.Environ)
	}
	l := &loader{o: o, values: map[string]value{}, rank: map[string]int{}}
	l.defaults("", options)
	l.file("settings.toml")
	if name := l.environment(); name != "" {
		l.file("settings." + name + ".toml")
	}
	l.layer++
	l.variables()
	l.layer++
	for _, key := range slices.Sorted(maps.Keys(o.Flags)) {
		l.set(key, o.Flags[key], fromFlag)
	}
	l.derive()
	c := l.config()
	l.problems = append(l.problems, c.Check()...)
	return c, l.problems.fault()
}

// defaults puts the rows' defaults in, for engines under "engines.NAME.".
func (l *loader) defaults(prefix string, rows []option) {
	for _, row := range rows {
		v, err := row.kind.parse(row.def)
		if row.def == "" && row.kind == text {
			v, err = "", nil
		}
		if err != nil {
			panic("config: default of " + row.key + " does not parse") // a literal table; a test loads it
		}
		l.values[prefix+row.key] = value{option: row, key: prefix + row.key, typed: v, origin: fromDefault}
	}
}

// file reads one settings file, if it is there.
func (l *loader) file(name string) {
	l.layer++
	b, err := os.ReadFile(filepath.Join(l.o.Dir, name)) //nolint:gosec // the operator's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		l.problem("", name, "cannot be read")
		return
	}
	m, err := toml.Parser().Unmarshal(b)
	if err != nil {
		l.problem("", name, "is not TOML"+position(err))
		return
	}
	for _, kv := range flatten("", m) {
		if kv.key == "env" && name != "settings.toml" {
			l.problem("env", name, "cannot be set here, because it chose this file")
			continue
		}
		l.set(kv.key, kv.value, name)
	}
}

// position tells where a TOML error is, without its text, which may quote a secret.
func position(err error) string {
	var at interface{ Position() (int, int) }
	if !errors.As(err, &at) {
		return ""
	}
	row, column := at.Position()
	return fmt.Sprintf(" (line %d, column %d)", row, column)
}

type pair struct {
	key   string
	value any
}

// flatten gives the leaves of a TOML table in the order of their keys. Empty tables count for nothing.
func flatten(prefix string, m map[string]any) []pair {
	var out []pair
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if sub, ok := m[k].(map[string]any); ok {
			out = append(out, flatten(prefix+k+".", sub)...)
			continue
		}
		out = append(out, pair{prefix + k, m[k]})
	}
	return out
}

// environment gives APP_ENV as the flags, the environment and settings.toml have it, in this order.
func (l *loader) environment() string {
	name, _ := l.values["env"].typed.(string)
	if v, ok := l.o.Env(envName("env")); ok && v != "" {
		name = v
	}
	if v, ok := l.o.Flags["env"]; ok {
		name = v
	}
	if word(name) != nil {
		return "" // reported when the value itself is set
	}
	return name
}

// set puts one value of the current layer in.
func (l *loader) set(key string, raw any, origin string) {
	row, in, name, ok := find(key)
	if !ok {
		l.problems = append(l.problems, Problem{Key: key, Origin: origin, Text: "is no key of Resync" + suggest(key, allKeys())})
		return
	}
	if name != "" {
		if _, known := l.values[in.prefix(name)+in.rows[0].key]; !known {
			l.defaults(in.prefix(name), in.rows)
		}
	}
	v, err := row.kind.typed(raw)
	if err == nil && row.check != nil {
		err = row.check(form(v))
	}
	if err != nil {
		l.problem(key, origin, err.Error()+l.told(row, raw))
		return
	}
	l.values[key] = value{option: row, key: key, typed: v, origin: origin}
	l.rank[key] = l.layer
}

// told repeats the refused value, unless it is a secret.
func (l *loader) told(row option, raw any) string {
	if row.secret || raw == "" {
		return ""
	}
	s := fmt.Sprint(raw)
	if strings.Contains(s, "://") && strings.Contains(s, "@") {
		return "" // may carry a password
	}
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "…"
	}
	return fmt.Sprintf(" (it is %q)", s)
}

func (l *loader) problem(key, origin, text string) {
	l.problems = append(l.problems, Problem{Key: key, Origin: origin, Text: text})
}

// derive decides what auto means: live as soon as a host is set, openai as soon as an endpoint is.
func (l *loader) derive() {
	l.off = l.values["llm.provider"].typed == noModel
	l.auto("llm.provider", "llm.endpoint", "openai", noModel)
	for _, name := range l.names(groups()[0]) {
		p := "engines." + name + "."
		l.auto(p+"mode", p+"host", "live", "mock")
	}
}

func (l *loader) auto(key, by, with, without string) {
	v := l.values[key]
	if v.typed != "auto" {
		return
	}
	source := l.values[by]
	if form(source.typed) != "" {
		v.typed, v.origin = with, "because "+by+" is set by "+source.origin
	} else {
		v.typed = without
	}
	l.values[key] = v
}

// names gives the names that are configured in a group, sorted.
func (l *loader) names(g group) []string {
	var names []string
	for key := range l.values {
		if after, ok := strings.CutPrefix(key, g.section+"."); ok {
			if name, field, _ := strings.Cut(after, "."); field == g.rows[0].key {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// config merges the values.
func (l *loader) config() *Config {
	flat := make(map[string]any, len(l.values))
	for key, v := range l.values {
		flat[key] = v.typed
	}
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(flat, "."), nil); err != nil {
		panic("config: merging a map cannot fail: " + err.Error())
	}
	c := build(k, l.names, l.off)
	for _, key := range slices.Sorted(maps.Keys(l.values)) {
		c.values = append(c.values, l.values[key])
	}
	return c
}
