package baseline

import (
	_ "embed"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

//go:embed texts.yaml
var textsYAML []byte

// book is all that the answerers know how to say.
type book struct {
	Kinds      map[string]kindText          `yaml:"kinds"`
	Says       map[string]map[string]string `yaml:"says"`
	Missing    map[string]map[string]string `yaml:"missing"`
	Actions    map[string]map[string]string `yaml:"actions"`
	Conditions map[string]string            `yaml:"conditions"` // the contract's words to Portuguese
	WayBack    map[string]map[string]string `yaml:"way_back"`
	Echo       []struct {
		Kind  string   `yaml:"kind"`
		Words []string `yaml:"words"`
	} `yaml:"echo"`
}

// kindText is what is said of a kind of cause, and which action is tried.
type kindText struct {
	EN  string `yaml:"en"`
	PT  string `yaml:"pt"`
	Fix string `yaml:"fix"`
}

// texts is read once from the embedded file, which is literal data of this package.
var texts = sync.OnceValues(func() (*book, error) {
	var b book
	if err := yaml.Unmarshal(textsYAML, &b); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The texts of the baselines cannot be read.")
	}
	return &b, nil
})

func (b *book) line(of map[string]map[string]string, key, lang string) string { return of[key][lang] }

// fill gives a line with the name that it is about.
func (b *book) fill(of map[string]map[string]string, key, lang, what string) string {
	return strings.ReplaceAll(of[key][lang], "{what}", what)
}

// kind gives the texts of a kind, or of the nearest one above it.
func (b *book) kind(kind string) kindText {
	for {
		if t, ok := b.Kinds[kind]; ok {
			return t
		}
		i := strings.LastIndex(kind, ".")
		if i < 0 {
			return b.Kinds["app"]
		}
		kind = kind[:i]
	}
}

func (b *book) statement(kind, lang, it string) string {
	t := b.kind(kind)
	text := t.EN
	if lang == "pt" {
		text = t.PT
	}
	return strings.ReplaceAll(text, "{it}", it)
}

// unaccented takes the accents off Portuguese small letters: people in a hurry do not type them.
var unaccented = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ã", "a", "é", "e", "ê", "e", "í", "i", "ó", "o", "ô", "o", "õ", "o", "ú", "u", "ü", "u", "ç", "c")

// guess is the kind of cause that the words of a question suggest about a thing.
func (b *book) guess(o object, question string) string {
	switch o.kind {
	case twstools.EntityFile:
		return "sched.dep.file"
	case twstools.EntityResource:
		return "sched.dep.resource"
	case twstools.EntityPrompt:
		return "sched.dep.prompt"
	case twstools.EntityWorkstation:
		return "sched.agent.unlinked"
	}
	words := " " + strings.Join(tokenForm.FindAllString(unaccented.Replace(strings.ToLower(question)), -1), " ")
	for _, e := range b.Echo {
		for _, w := range e.Words {
			if strings.Contains(words, " "+w) {
				return e.Kind
			}
		}
	}
	return "app.error"
}
