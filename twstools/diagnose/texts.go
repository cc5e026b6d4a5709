package diagnose

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/untrusted"
)

//go:embed texts.yaml
var textsYAML []byte

type phrase struct {
	EN string `yaml:"en"`
	PT string `yaml:"pt"`
}

func (p phrase) in(lang string) string {
	if lang == "pt" {
		return p.PT
	}
	return p.EN
}

type texts struct {
	Statements map[string]phrase   `yaml:"statements"`
	Words      map[string]phrase   `yaml:"words"`
	Actions    map[string]phrase   `yaml:"actions"`
	Advice     map[string][]string `yaml:"advice"`
}

var wording = sync.OnceValues(func() (*texts, error) {
	t := &texts{}
	if err := yaml.Unmarshal(textsYAML, t); err != nil {
		return &texts{}, fmt.Errorf("texts.yaml: %w", err)
	}
	return t, nil
})

// Check reports whether the embedded texts are sound; programs call it once at the start.
func Check() error {
	_, err := wording()
	return err
}

// table gives the texts; a broken table gives empty ones, and Check the reason.
func table() *texts {
	t, _ := wording()
	return t
}

var (
	optional    = regexp.MustCompile(`\[\[(.*?)\]\]`)
	placeholder = regexp.MustCompile(`\{(\w+)\}`)
)

// fill replaces {name} by params[name] and drops each [[…]] in which a name has no value.
func fill(template string, params map[string]string) string {
	value := func(m string) string { return untrusted.Normalize(params[m[1:len(m)-1]]) }
	s := optional.ReplaceAllStringFunc(template, func(part string) string {
		for _, m := range placeholder.FindAllStringSubmatch(part, -1) {
			if params[m[1]] == "" {
				return ""
			}
		}
		return placeholder.ReplaceAllStringFunc(part[2:len(part)-2], value)
	})
	return placeholder.ReplaceAllStringFunc(s, value)
}

// statement words a cause or explanation of the kind; a kind without a text of its own takes its parent's.
func (c *kase) statement(kind string, params map[string]string) string {
	for k := kind; k != ""; k = parent(k) {
		if p, ok := table().Statements[k]; ok {
			return fill(p.in(c.lang), params)
		}
	}
	return params["entity"]
}

func parent(kind string) string {
	i := strings.LastIndex(kind, ".")
	if i < 0 {
		return ""
	}
	return kind[:i]
}

func (c *kase) text(key string, args ...any) string {
	s := table().Words[key].in(c.lang)
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}
