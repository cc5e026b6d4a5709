package words

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/portuguese"

	"github.com/resync-hwa/resync/internal/fold"
)

// Languages that texts are analysed in; anything else is analysed as both.
const (
	English    = "en"
	Portuguese = "pt"
)

// maxWord is the length in bytes beyond which a word is not indexed: it is base64 or worse.
const maxWord = 96

// messageID is the form of a program's message number: AWSBHU001E, ORA-28000, SQL0911N.
var messageID = regexp.MustCompile(`^[a-z]{2,8}-?[0-9]{3,6}[a-z]?$`)

// Token is one word of a text: its folded form and both Stems. Identifiers are kept whole and never stemmed.
type Token struct {
	Raw, En, Pt string
	Stop        bool
	Ident       bool // whole identifier; its parts follow as tokens of their own
	Part        bool // part of an identifier
}

// negations are folded into one word in both languages, so that "has not arrived" and "não chegou" can meet.
var negations = map[string]bool{"not": true, "never": true, "without": true, "nao": true, "nunca": true, "sem": true, "cannot": true, "nem": true}

// Negation is the one word that all negations of both languages are folded into.
const Negation = "not"

// Analyse cuts a text into tokens. Safe for concurrent use.
func Analyse(s string) []Token { return Stems{}.Analyse(s) }

// Stems remembers what words come to, for whoever cuts many texts: they repeat themselves, and stemming is most of the work.
type Stems map[string]Token

func (w Stems) of(folded string) Token {
	t, ok := w[folded]
	if !ok {
		t = word(folded)
		w[folded] = t
	}
	return t
}

// Analyse cuts a text into tokens. Not safe for concurrent use: it remembers.
func (w Stems) Analyse(s string) []Token {
	var out []Token
	for _, field := range strings.FieldsFunc(s, notInWord) {
		field = strings.Trim(field, ".,:;-'’#@&+\\") // a leading slash stays: it makes a path
		if field == "" || len(field) > maxWord {
			continue
		}
		folded := fold.Text(field)
		if isIdentifier(field) {
			out = append(out, Token{Raw: folded, En: folded, Pt: folded, Ident: true})
			for _, p := range Parts(folded) {
				t := w.of(p)
				t.Part = true
				out = append(out, t)
			}
			continue
		}
		base, negated := strings.CutSuffix(strings.ReplaceAll(folded, "’", "'"), "n't")
		for _, p := range Parts(base) {
			out = append(out, w.of(p))
		}
		if negated {
			out = append(out, w.of(Negation))
		}
	}
	return out
}

// notInWord cuts at white space and at everything that never stands inside an identifier.
func notInWord(r rune) bool {
	if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
		return false
	}
	return !strings.ContainsRune("_-./#@$:\\'’&+", r)
}

// isIdentifier tells names, paths, codes and message ids from words. Hyphens and single slashes alone do not make one.
func isIdentifier(s string) bool {
	letters, digits, slashes, upper, dots, marks := 0, 0, 0, 0, 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsUpper(r):
			letters, upper = letters+1, upper+1
		case unicode.IsLetter(r):
			letters++
		case r == '/', r == '\\':
			slashes++
		case r == '_', r == '#', r == '@', r == '$':
			marks++
		case r == '.':
			dots++
		}
	}
	switch {
	case letters == 0:
		return false
	case digits > 0, marks > 0, slashes > 1, strings.HasPrefix(s, "/"):
		return true
	default:
		return dots > 0 && upper != 1 // "job.Then" is a missing blank, "app.db.auth" is a name
	}
}

// Parts gives the runs of letters and digits of an identifier or compound.
func Parts(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func word(folded string) Token {
	if negations[folded] {
		return Token{Raw: Negation, En: Negation, Pt: Negation}
	}
	t := Token{Raw: folded, En: folded, Pt: folded, Stop: stopWords[folded]}
	if !strings.ContainsAny(folded, "0123456789") {
		t.En, t.Pt = stemEnglish(folded), stemPortuguese(folded)
	}
	return t
}

func stemEnglish(w string) string {
	env := snowballstem.NewEnv(w)
	english.Stem(env)
	return env.Current()
}

// plurals brings Portuguese plurals, accents already folded, to the form that the stemmer knows.
var plurals = []struct{ from, to string }{{"coes", "cao"}, {"soes", "sao"}, {"oes", "ao"}, {"aes", "ao"}, {"ais", "al"}, {"eis", "el"}, {"ns", "m"}}

func stemPortuguese(w string) string {
	for _, p := range plurals {
		if len(w) > len(p.from)+2 && strings.HasSuffix(w, p.from) {
			w = strings.TrimSuffix(w, p.from) + p.to
			break
		}
	}
	env := snowballstem.NewEnv(w)
	portuguese.Stem(env)
	return env.Current()
}

// Content leaves out stop words and identifier wholes: what phrases are matched on.
func Content(tokens []Token) []Token {
	out := make([]Token, 0, len(tokens))
	for _, t := range tokens {
		if !t.Stop && !t.Ident {
			out = append(out, t)
		}
	}
	return out
}

// IsMessageID reports whether a folded word has the form of a program's message number: AWSBHU001E, ORA-28000, SQL0911N.
func IsMessageID(folded string) bool { return messageID.MatchString(folded) }

// Squeeze folds every run of white space to one blank.
func Squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
