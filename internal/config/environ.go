package config

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// variables reads the environment layer. An empty variable counts as not set: compose files pass ${NAME:-}.
func (l *loader) variables() {
	names := map[string]string{} // variable → key
	for _, row := range options {
		addNames(names, row, row.key)
	}
	for _, row := range engineOptions {
		addNames(names, row, "engines."+defaultEngine+"."+row.key)
	}
	l.named(names)
	first := map[string]pair{} // key → variable and value that set it
	for _, name := range slices.Sorted(maps.Keys(names)) {
		key := names[name]
		v, origin, ok := l.variable(name, names)
		if !ok {
			continue
		}
		if before, twice := first[key]; twice {
			if before.value != v {
				l.problem(key, origin, "says something else than "+before.key+"; set one of the two")
			}
			continue
		}
		first[key] = pair{origin, v}
		l.set(key, v, origin)
	}
	l.strangers(names)
}

func addNames(names map[string]string, row option, key string) {
	names[envName(key)] = key
	for _, alias := range row.aliases {
		names[alias] = key
	}
}

// named adds the variables APP_SECTION__NAME__KEY that the environment uses for names in groups, such as engines besides default.
func (l *loader) named(names map[string]string) {
	for _, g := range groups() {
		for _, entry := range l.o.Environ {
			variable, _, _ := strings.Cut(entry, "=")
			after, ok := strings.CutPrefix(variable, envName(g.section)+"__")
			name, _, sub := strings.Cut(after, "__")
			if name = strings.ToLower(name); !ok || !sub || !g.name.MatchString(name) {
				continue
			}
			for _, row := range g.rows {
				key := g.prefix(name) + row.key
				names[envName(key)] = key
			}
		}
	}
}

// variable reads NAME, or the file that NAME_FILE points to.
func (l *loader) variable(name string, names map[string]string) (text, origin string, ok bool) {
	direct, _ := l.o.Env(name)
	path, fileName := "", name+"_FILE"
	if _, isKey := names[fileName]; !isKey {
		path, _ = l.o.Env(fileName)
	}
	switch {
	case direct != "" && path != "":
		l.problem(names[name], name, "and "+fileName+" are both set; set one of the two")
		return "", "", false
	case path != "":
		b, err := os.ReadFile(path) //nolint:gosec // the operator names the file
		if err != nil {
			l.problem(names[name], fileName, "names a file that cannot be read")
			return "", "", false
		}
		v := strings.TrimRight(string(b), "\r\n")
		if v == "" {
			l.problem(names[name], fileName, "names an empty file")
		}
		return v, fileName, v != ""
	case direct != "":
		return direct, name, true
	default:
		return "", "", false
	}
}

// strangers reports variables that begin like ours and are not: a misspelt setting must not be lost silently.
func (l *loader) strangers(names map[string]string) {
	known := slices.Sorted(maps.Keys(names))
	for _, entry := range l.o.Environ {
		name, v, _ := strings.Cut(entry, "=")
		if v == "" || !strings.HasPrefix(name, "APP_") {
			continue
		}
		if slices.Contains(known, name) || slices.Contains(known, strings.TrimSuffix(name, "_FILE")) {
			continue
		}
		l.problem("", name, "is no variable of Resync"+suggest(name, known))
	}
}

func lookup(environ []string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, entry := range slices.Backward(environ) {
			if n, v, ok := strings.Cut(entry, "="); ok && n == name {
				return v, true
			}
		}
		return "", false
	}
}
