package joblog

import (
	_ "embed"
	"fmt"
	"regexp"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed signatures.yaml
var signaturesYAML []byte

// signature is one known wording of a failure. Order in the file decides between equals; more specific ones stand first.
type signature struct {
	ID     string `yaml:"id"`
	Kind   string `yaml:"kind"`
	Match  string `yaml:"match"`
	Unless string `yaml:"unless"`
	Weight int    `yaml:"weight"` // 0 to 40: how surely this line, not another, is the cause
	Proves bool   `yaml:"proves"` // the line states the mechanism
	Fix    string `yaml:"fix"`    // action code

	match, unless *regexp.Regexp
}

var loaded = sync.OnceValues(func() ([]signature, error) {
	var sigs []signature
	if err := yaml.Unmarshal(signaturesYAML, &sigs); err != nil {
		return nil, fmt.Errorf("signatures.yaml: %w", err)
	}
	for i := range sigs {
		s := &sigs[i]
		var err error
		if s.match, err = regexp.Compile(s.Match); err != nil {
			return nil, fmt.Errorf("signature %s: %w", s.ID, err)
		}
		if s.Unless != "" {
			if s.unless, err = regexp.Compile(s.Unless); err != nil {
				return nil, fmt.Errorf("signature %s: %w", s.ID, err)
			}
		}
	}
	return sigs, nil
})

// match gives the strongest signature of a normalised line, and what the line names (the group called name).
func match(text string) (*signature, string) {
	sigs, err := loaded()
	if err != nil {
		return nil, "" // Check reports it; a broken table must not stop a diagnosis
	}
	var best *signature
	name := ""
	for i := range sigs {
		s := &sigs[i]
		if best != nil && s.Weight <= best.Weight {
			continue
		}
		m := s.match.FindStringSubmatch(text)
		if m == nil || s.unless != nil && s.unless.MatchString(text) {
			continue
		}
		best, name = s, ""
		if g := s.match.SubexpIndex("name"); g > 0 {
			name = m[g]
		}
	}
	return best, name
}

// Check reports whether the embedded signatures are sound. Programs call it once at the start, tests always.
func Check() error {
	_, err := loaded()
	return err
}

// Signatures lists id and kind of every signature, for tests and documentation.
func Signatures() (map[string]string, error) {
	sigs, err := loaded()
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(sigs))
	for _, s := range sigs {
		out[s.ID] = s.Kind
	}
	return out, nil
}
