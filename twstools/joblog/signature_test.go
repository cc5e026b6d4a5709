package joblog

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Every signature brings its proof along: lines that it must know, lines that look alike and are something else, and lines that quote its text, which prove
// nothing whatever they say.
func TestSignaturesProveWhatTheySay(t *testing.T) {
	sigs, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	if len(sigs) < 100 {
		t.Errorf("%d signatures, want at least 100", len(sigs))
	}
	seen := map[string]bool{}
	for i := range sigs {
		s := &sigs[i]
		t.Run(s.ID, func(t *testing.T) {
			if seen[s.ID] {
				t.Error("the id is used twice")
			}
			seen[s.ID] = true
			if !answer.KindKnown(s.Kind) || answer.Planned(s.Kind) {
				t.Errorf("kind %q is no cause kind", s.Kind)
			}
			for _, text := range []string{s.Says.En, s.Says.Pt, s.Not.En, s.Not.Pt, s.Fix} {
				if text == "" {
					t.Error("what it proves, what it does not, and what mends it must be said in both languages")
				}
			}
			if s.Weight < 0 || s.Weight > 41 {
				t.Errorf("weight %d", s.Weight)
			}
			if len(s.Yes) == 0 || len(s.Near) == 0 || len(s.Quoted) < 2 {
				t.Errorf("%d positive, %d near, %d hostile examples", len(s.Yes), len(s.Near), len(s.Quoted))
			}
			rc := 1
			if len(s.Exit) > 0 {
				rc = s.Exit[0]
			}
			for _, line := range s.Yes {
				if f := onlyComplaint(line, rc); f.Line.N != 2 || f.Kind != s.Kind || f.Proves != s.Proves {
					t.Errorf("%q: line %d is decisive, kind %s by %q, proves %v; want kind %s, proves %v", line, f.Line.N, f.Kind, f.Signature, f.Proves, s.Kind, s.Proves)
				}
			}
			own := false
			for _, line := range s.Yes {
				own = own || onlyComplaint(line, rc).Signature == s.ID
			}
			if !own {
				t.Error("none of its examples is its own: another signature takes them all")
			}
			for _, line := range s.Near {
				if f := onlyComplaint(line, rc); f.Signature == s.ID {
					t.Errorf("%q only looks alike, and is taken for %s", line, s.Kind)
				}
			}
			for _, line := range s.Quoted {
				if f := onlyComplaint(line, rc); f.Signature != "" || f.Proves {
					t.Errorf("%q quotes, and proves %s by %q", line, f.Kind, f.Signature)
				}
			}
		})
	}
}

// onlyComplaint judges a line between ordinary ones.
func onlyComplaint(line string, rc int) Finding {
	f, _ := Segment{Body: lines("begin of the day's work", line, "end of the day's work")}.Decisive(&rc)
	return f
}

func lines(texts ...string) []twstools.LogLine {
	var out []twstools.LogLine
	for i, text := range texts {
		out = append(out, twstools.LogLine{N: i + 1, Text: text})
	}
	return out
}

// A signature costs little on the lines it does not know: words that must stand in the line are looked for first. A word that its own examples lack would
// make the signature blind.
func TestWordsToLookForFirst(t *testing.T) {
	sigs, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	for i := range sigs {
		s := &sigs[i]
		if len(s.Any) == 0 {
			t.Errorf("%s: no words to look for first", s.ID)
		}
		for _, w := range s.Any {
			if w != strings.ToLower(w) {
				t.Errorf("%s: %q is not in lower case", s.ID, w)
			}
		}
		for _, line := range s.Yes {
			bare := unstamped(untrusted.Normalize(line))
			if m := s.match.MatchString(bare); m != (s.find2(bare)) && m {
				t.Errorf("%s: its expression matches %q, but no word of %q stands in it", s.ID, line, s.Any)
			}
		}
	}
}

// find2 is find in a run with the return code the signature asks for.
func (s *signature) find2(text string) bool {
	rc := 1
	if len(s.Exit) > 0 {
		rc = s.Exit[0]
	}
	if s.unless != nil && s.unless.MatchString(text) {
		return true // something else, whatever the words
	}
	_, span := s.find(text, strings.ToLower(text), rc)
	return span != nil
}

func TestExplain(t *testing.T) {
	e, ok := Explain("ora-account")
	if !ok || e.Kind != "app.db.auth" || e.Subject != "oracle" || e.Proves.In("pt-BR") == e.Proves.In("en") || e.Not.In("") != e.Not.En {
		t.Errorf("Explain = %+v, %v", e, ok)
	}
	if _, ok := Explain("nobody"); ok {
		t.Error("an unknown id is explained")
	}
}
