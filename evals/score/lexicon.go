package score

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"gopkg.in/yaml.v3"
)

// lexicons are the judge's words for what prose can say, by language: see the files' heads. They are its own and not the product's.
//
//go:embed lexicon/en.yaml lexicon/pt.yaml
var lexicons embed.FS

// entry is one thing that prose can say: a kind of cause, or one of the words of suite.Sayings, or "innocent".
type entry struct {
	Says string   `yaml:"says"`
	Yes  []string `yaml:"yes"`
	No   []string `yaml:"no"`
	// Fact: it may be told as a fact where nobody can know the cause.
	Fact bool `yaml:"fact"`
	// Except is what looks as if it said so and says something else: the system refused the connection, and did not answer with an error.
	Except string `yaml:"except"`
	// Observed is what tells the state that was seen and no cause: it ended with return code 143. It is enough where this must be said, and blames nobody.
	Observed string `yaml:"observed"`

	form, except, observed *regexp.Regexp
}

// find gives the places of a clause's own words that say so. Where somebody is accused, what only tells a state is none.
func (e *entry) find(own string, accused bool) [][]int {
	own = blank(e.except, own)
	if accused {
		own = blank(e.observed, own)
	}
	return e.form.FindAllStringIndex(own, -1)
}

// blank puts spaces for what fits a form, so that all else keeps its place.
func blank(form *regexp.Regexp, text string) string {
	if form == nil {
		return text
	}
	return form.ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(" ", len(m)) })
}

// lexicon is one language's entries by what they say.
type lexicon map[string]*entry

// words reads the lexicons once; a broken one is a defect of the program that its tests find.
var words = sync.OnceValues(func() (map[string]lexicon, error) { //nolint:gochecknoglobals // a parsed literal table
	out := map[string]lexicon{}
	for _, lang := range []string{"en", "pt"} {
		raw, err := lexicons.ReadFile("lexicon/" + lang + ".yaml")
		if err != nil {
			return nil, err
		}
		var l lexicon
		if err := yaml.Unmarshal(raw, &l); err != nil {
			return nil, fmt.Errorf("lexicon %s: %w", lang, err)
		}
		for says, e := range l {
			if err := e.compile(); err != nil {
				return nil, fmt.Errorf("lexicon %s, %s: %w", lang, says, err)
			}
		}
		out[lang] = l
	}
	return out, nil
})

func (e *entry) compile() error {
	for _, x := range []struct {
		text string
		into **regexp.Regexp
	}{{e.Says, &e.form}, {e.Except, &e.except}, {e.Observed, &e.observed}} {
		if x.text == "" {
			continue
		}
		form, err := regexp.Compile(x.text)
		if err != nil {
			return err
		}
		*x.into = form
	}
	return nil
}

// of gives what a language says for a kind or a word: all that lies below it, itself, or else its nearest parent that has words.
func (l lexicon) of(says string) []*entry {
	var out []*entry
	for name, e := range l {
		if name == says || strings.HasPrefix(name, says+".") {
			out = append(out, e)
		}
	}
	if parent := strings.LastIndexByte(says, '.'); len(out) == 0 && parent > 0 {
		return l.of(says[:parent])
	}
	return out
}

// kinds are the entries that are kinds of causes, ordered.
func (l lexicon) kinds() []string {
	var out []string
	for name := range l {
		if strings.ContainsRune(name, '.') {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

var plainLetters = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ã", "a", "ä", "a", "é", "e", "ê", "e", "è", "e", "í", "i", "ó", "o", "ô", "o", "õ", "o", "ö", "o", "ú", "u",
	"ü", "u", "ç", "c", "ñ", "n", "’", "'", "‘", "'")

// plain writes a text as the lexicons do: small letters without accents. Runes of names are kept, so that positions of words stay in order.
func plain(text string) string {
	return plainLetters.Replace(strings.Map(unicode.ToLower, text))
}

// Asserts reports whether a text asserts a kind of cause, or a word of suite.Sayings, whatever it is about. Doubts, denials and questions assert nothing.
func Asserts(lang, what, text string) bool {
	all, err := words()
	if err != nil || all[lang] == nil {
		return false
	}
	return slices.ContainsFunc(bare(text, lang, asItIs), func(c clause) bool { return says(c, all[lang], all["en"], what, true) == asserted })
}
