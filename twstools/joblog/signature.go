package joblog

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed signatures/*.yaml
var signatureFiles embed.FS

// Bilingual is a sentence in both languages.
type Bilingual struct {
	En string `yaml:"en"`
	Pt string `yaml:"pt"`
}

// In gives the sentence in a language; anything but "pt" is English.
func (b Bilingual) In(language string) string {
	if strings.HasPrefix(strings.ToLower(language), "pt") {
		return b.Pt
	}
	return b.En
}

// Explanation tells what a signature proves, what it leaves open, and which action mends it.
type Explanation struct {
	ID      string
	Subject string // the file it stands in: oracle, shell, network …
	Kind    string
	Proves  Bilingual
	Not     Bilingual
	Fix     string // code of the action that mends it (contracts/action-codes.yaml); its text in both languages is the diagnosis's
}

// signature is one known wording of a failure. Of several that match a line, the one with the highest weight counts; between equals the first in the order
// of files and lines.
type signature struct {
	ID     string    `yaml:"id"`
	Kind   string    `yaml:"kind"`
	Any    []string  `yaml:"any"`    // in lower case; a line without any of them cannot match
	Match  string    `yaml:"match"`  // on one normalised line without its own time
	Unless string    `yaml:"unless"` // a line that matches this as well is something else
	Exit   []int     `yaml:"exit"`   // only in a run with one of these return codes
	Differ bool      `yaml:"differ"` // the groups a and b must hold different numbers
	Weight int       `yaml:"weight"` // 0 to 40: how surely this line, not another, is the cause
	Proves bool      `yaml:"proves"` // the line states the mechanism
	Over   []string  `yaml:"over"`   // kinds that this one explains, when both stand in one burst
	Fix    string    `yaml:"fix"`    // action code
	Says   Bilingual `yaml:"says"`   // what it proves
	Not    Bilingual `yaml:"not"`    // what it does not prove
	// Examples: lines that match, lines that look alike and do not, lines that quote the text and prove nothing.
	Yes    []string `yaml:"yes"`
	Near   []string `yaml:"near"`
	Quoted []string `yaml:"quoted"`

	subject       string
	match, unless *regexp.Regexp
}

var loaded = sync.OnceValues(func() ([]signature, error) {
	files, err := signatureFiles.ReadDir("signatures")
	if err != nil {
		return nil, fmt.Errorf("signatures: %w", err)
	}
	var all []signature
	for _, f := range files {
		raw, err := signatureFiles.ReadFile(path.Join("signatures", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("signatures: %w", err)
		}
		var sigs []signature
		if err := yaml.Unmarshal(raw, &sigs); err != nil {
			return nil, fmt.Errorf("signatures/%s: %w", f.Name(), err)
		}
		for i := range sigs {
			if err := sigs[i].prepare(strings.TrimSuffix(f.Name(), ".yaml")); err != nil {
				return nil, fmt.Errorf("signatures/%s: %w", f.Name(), err)
			}
		}
		all = append(all, sigs...)
	}
	// Heavier ones first, so that a match can end the search.
	slices.SortStableFunc(all, func(a, b signature) int { return b.Weight - a.Weight })
	return all, nil
})

func (s *signature) prepare(subject string) error {
	s.subject = subject
	var err error
	if s.match, err = regexp.Compile(s.Match); err != nil {
		return fmt.Errorf("signature %s: %w", s.ID, err)
	}
	if s.Unless != "" {
		if s.unless, err = regexp.Compile(s.Unless); err != nil {
			return fmt.Errorf("signature %s: %w", s.ID, err)
		}
	}
	return nil
}

// find looks for the signature in a line; low is the line in lower case. span is where it matched.
func (s *signature) find(text, low string, rc int) (name string, span []int) {
	if len(s.Any) > 0 && !slices.ContainsFunc(s.Any, func(w string) bool { return strings.Contains(low, w) }) {
		return "", nil
	}
	if len(s.Exit) > 0 && !slices.Contains(s.Exit, rc) {
		return "", nil
	}
	m := s.match.FindStringSubmatchIndex(text)
	if m == nil || s.unless != nil && s.unless.MatchString(text) {
		return "", nil
	}
	group := func(which string) string {
		if g := s.match.SubexpIndex(which); g > 0 && m[2*g] >= 0 {
			return text[m[2*g]:m[2*g+1]]
		}
		return ""
	}
	if a := group("a"); s.Differ && a != "" && digits(a) == digits(group("b")) {
		return "", nil
	}
	return group("name"), m[:2]
}

// strength is what the signature adds to a line's score. One that proves nothing but a bad end reports a failure, as words do, and must not hide the cause.
func (s *signature) strength() int {
	if !s.Proves && s.Kind == "app.error" {
		return 5 + s.Weight
	}
	return 60 + s.Weight
}

// digits drops the marks between thousands.
func digits(n string) string { return strings.NewReplacer(".", "", ",", "", " ", "").Replace(n) }

// match gives the strongest signature of a normalised line without its own time (low is the same in lower case), what the line names (the group called name), and where it matched.
func match(text, low string, rc int) (*signature, string, []int) {
	sigs, err := loaded()
	if err != nil {
		return nil, "", nil // Check reports it; a broken table must not stop a diagnosis
	}
	for i := range sigs {
		if name, span := sigs[i].find(text, low, rc); span != nil {
			return &sigs[i], name, span
		}
	}
	return nil, "", nil
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

// Explain tells what the signature of a finding proves and what it leaves open; false for an id that no file holds.
func Explain(id string) (Explanation, bool) {
	sigs, err := loaded()
	if err != nil {
		return Explanation{}, false
	}
	for _, s := range sigs {
		if s.ID == id {
			return Explanation{ID: s.ID, Subject: s.subject, Kind: s.Kind, Proves: s.Says, Not: s.Not, Fix: s.Fix}, true
		}
	}
	return Explanation{}, false
}
