package record

import (
	"bytes"
	_ "embed"
	"errors"
	"io"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
)

//go:embed keep.yaml
var keepFile []byte

// Policy is what a plant adds to the built-in rules of redaction.
type Policy struct {
	// Keep are words that stay as they are, in any case: names of products that the plant runs, for example.
	Keep []string `yaml:"keep"`
	// Names are words that are replaced wherever they stand, though no field of the plan says that they are names: the company's own, for example.
	Names []string `yaml:"names"`
	// Patterns find further things to replace in text.
	Patterns []Pattern `yaml:"patterns"`
}

// Pattern is a kind of thing that only this plant has: account numbers, for example. What matches (its first group where it has one) is replaced
// letter by letter and digit by digit.
type Pattern struct {
	Kind  string `yaml:"kind"`
	Match string `yaml:"match"` // in the syntax of package regexp
}

// ParsePolicy reads a policy's YAML; an unknown key or a pattern that cannot be compiled is fault.Invalid.
func ParsePolicy(raw []byte) (Policy, error) {
	var p Policy
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&p); err != nil && !errors.Is(err, io.EOF) {
		return Policy{}, fault.Wrap(fault.Invalid, err, "The policy is not in the form of one: %s", strings.Join(strings.Fields(err.Error()), " ")).
			WithHint("It may hold keep: [WORD], names: [WORD] and patterns: [{kind: WORD, match: 'REGEXP'}].")
	}
	_, err := p.compile()
	return p, err
}

type extraPattern struct {
	kind string
	re   *regexp.Regexp
}

func (p Policy) compile() ([]extraPattern, error) {
	var out []extraPattern
	for _, x := range p.Patterns {
		re, err := regexp.Compile(x.Match)
		if err != nil || x.Match == "" || x.Kind == "" {
			return nil, fault.Wrap(fault.Invalid, err, "The policy's pattern %q (%s) cannot be used.", x.Match, x.Kind).WithHint("A pattern has a kind and a match in the syntax of Go's regexp.")
		}
		if re.MatchString("") {
			return nil, fault.New(fault.Invalid, "The policy's pattern %q matches nothing at all, and so everywhere.", x.Match)
		}
		out = append(out, extraPattern{x.Kind, re})
	}
	return out, nil
}

// lists are the built-in words, upper case for product, lower case for the rest.
type lists struct{ product, text, path, host map[string]bool }

func builtIn() (lists, error) {
	var raw struct{ Product, Text, Path, Host []string }
	dec := yaml.NewDecoder(bytes.NewReader(keepFile))
	dec.KnownFields(true)
	if err := dec.Decode(&raw); err != nil {
		return lists{}, fault.Wrap(fault.Internal, err, "The built-in list of words that stay cannot be read.")
	}
	return lists{set(raw.Product), set(raw.Text), set(raw.Path), set(raw.Host)}, nil
}

func set(words []string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}
