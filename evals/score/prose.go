package score

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// maxWords is the contract's (answer.md, "answer").
const maxWords = 350

// prose checks the words: language, length, what they name, and that they say what the verdict says.
func (s *scorer) prose() {
	text := s.Answer.Answer
	lang := ""
	if s.Answer.Language != s.Question.Lang {
		lang = fmt.Sprintf("it says that its language is %q", s.Answer.Language)
	}
	spoken := ""
	if got := detect(text); got != s.Question.Lang && (got != "" || lang != "") { // a table tells no language, and is in the one that the answer names
		spoken = fmt.Sprintf("the prose reads as %q", got)
	}
	s.check(Language, lang, spoken)
	s.check(ProseNames, s.mentions(text)...)
	s.grounded()
	long, opposite := "", ""
	if n := len(strings.Fields(text)); n > maxWords {
		long = fmt.Sprintf("%d words are too many", n)
	}
	if s.d.Verdict == answer.Problem && soothing.MatchString(opening(text)) {
		opposite = "it opens by saying that nothing is wrong"
	}
	if s.d.Verdict == answer.NoProblem && alarming.MatchString(opening(text)) {
		opposite = "it opens by naming a cause"
	}
	s.check(ProseAgrees, long, opposite)
}

// mentions lists what the prose should name and does not.
func (s *scorer) mentions(text string) []string {
	var missing []string
	need := func(word string) {
		if word != "" && !hasWord(text, word) {
			missing = append(missing, "the prose does not mention "+word)
		}
	}
	for _, c := range s.owed() {
		if !slices.ContainsFunc(c.things, func(t plant.Thing) bool {
			w := s.Plant.Word(t)
			return w == "" && planWord.MatchString(plain(text)) || w != "" && hasWord(text, w)
		}) {
			missing = append(missing, "the prose does not mention "+s.Plant.Text(c.things[0]))
		}
	}
	for _, name := range s.Gold.Names {
		t, err := s.Plant.Resolve(name)
		if err != nil {
			missing = append(missing, err.Error())
			continue
		}
		need(s.Plant.Word(t))
	}
	for _, w := range s.Gold.Words {
		if !slices.ContainsFunc(suite.Either(w), func(one string) bool { return hasWord(text, one) }) {
			missing = append(missing, "the prose does not mention "+strings.Join(suite.Either(w), " or "))
		}
	}
	return missing
}

// hasWord finds a name as a whole: PAY_LOAD is not in PAY_LOAD2.
func hasWord(text, word string) bool {
	for rest := text; ; {
		i := strings.Index(rest, word)
		if i < 0 {
			return false
		}
		before, after := byte(' '), byte(' ')
		if i > 0 {
			before = rest[i-1]
		}
		if end := i + len(word); end < len(rest) {
			after = rest[end]
		}
		if !nameByte(before) && !nameByte(after) {
			return true
		}
		rest = rest[i+1:]
	}
}

func nameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

// nameForm is what can only be the name of an object: capitals with an underscore.
var nameForm = regexp.MustCompile(`\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b`)

// opening is the first sentence, where the verdict stands.
func opening(text string) string {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, "\n"); i > 0 {
		text = text[:i]
	}
	if i := strings.Index(text, ". "); i > 0 {
		text = text[:i]
	}
	return text
}

var (
	soothing = regexp.MustCompile(`(?i)\b(nothing is wrong|no problems?\b|all is well|everything is fine|is healthy|nada (está|esta) errado|nenhum problema|não há problema|nao ha problema|tudo (está )?(bem|certo))`)
	alarming = regexp.MustCompile(`(?i)\b(the (root )?cause is|root cause:|a causa( raiz)? é |causa raiz:)`)
)

// owed are the causes that an answer with this verdict must tell: none where it is right not to know.
func (s *scorer) owed() []cause {
	if s.d.Verdict == answer.InsufficientEvidence && slices.Contains(s.Gold.Verdict, answer.InsufficientEvidence) {
		return nil
	}
	return s.must
}
