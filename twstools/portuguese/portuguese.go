// Package portuguese says in Portuguese what tools and the engine port say in English of what could not be seen: reasons in `missing`, and messages
// of errors. Tools that take a language say it themselves in their own sentences; what is shared, or made by a tool without a language, is in
// the one table here. What is not in it, and what comes from the plant or the engine, stays as it is. Start at Of.
package portuguese

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed reasons.yaml
var reasonsYAML []byte

// placeholder is a name in braces: {name} stands for some text, {because} for the engine's own words in parentheses, or nothing.
var placeholder = regexp.MustCompile(`\{(\w+)\}`)

type reason struct {
	english    *regexp.Regexp
	names      []string
	portuguese string
}

type table struct {
	reasons []reason
	things  map[string]string
}

var loaded = sync.OnceValues(func() (*table, error) {
	var file struct {
		Reasons []struct{ EN, PT string } `yaml:"reasons"`
		Things  map[string]string         `yaml:"things"` // what is read, as it stands inside a reason
	}
	if err := yaml.Unmarshal(reasonsYAML, &file); err != nil {
		return &table{}, fmt.Errorf("reasons.yaml: %w", err)
	}
	t := &table{things: file.Things}
	for _, r := range file.Reasons {
		var pattern strings.Builder
		var names []string
		at := 0
		for _, m := range placeholder.FindAllStringSubmatchIndex(r.EN, -1) {
			name := r.EN[m[2]:m[3]]
			pattern.WriteString(regexp.QuoteMeta(r.EN[at:m[0]]))
			if name == "because" {
				pattern.WriteString(`((?: \(.*\))?)`)
			} else {
				pattern.WriteString(`(.+?)`)
			}
			names, at = append(names, name), m[1]
		}
		pattern.WriteString(regexp.QuoteMeta(r.EN[at:]))
		english, err := regexp.Compile("^" + pattern.String() + "$")
		if err != nil {
			return &table{}, fmt.Errorf("reasons.yaml: %q: %w", r.EN, err)
		}
		t.reasons = append(t.reasons, reason{english, names, r.PT})
	}
	return t, nil
})

// Check reports whether the embedded table is sound.
func Check() error {
	_, err := loaded()
	return err
}

// Of gives a reason, or an error's message, in Portuguese; one that is not known stays as it is. Names, figures and times in it are kept.
func Of(english string) string {
	t, _ := loaded()
	for _, r := range t.reasons {
		m := r.english.FindStringSubmatch(english)
		if m == nil {
			continue
		}
		pairs := make([]string, 0, 2*len(r.names))
		for i, name := range r.names {
			value := m[i+1]
			switch own, ok := t.things[value]; {
			case ok:
				value = own
			case name == "answer" || name == "why": // a reason inside a reason
				value = Of(value)
			}
			pairs = append(pairs, "{"+name+"}", value)
		}
		return strings.NewReplacer(pairs...).Replace(r.portuguese)
	}
	return english
}

// Line is Of for a line of `missing`: the source that it names stays, the reason is told in Portuguese.
func Line(line string) string {
	source, why, ok := strings.Cut(line, ": ")
	if !ok || !strings.Contains(source, ":") {
		return Of(line)
	}
	return source + ": " + Of(why)
}
