package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// styles are the ways of asking, in the order of the report.
var styles = []string{"anchored", "symptom", "terse", "portuguese", "identifier"}

// question is one of the evaluation's. Want lists the places that answer it, also those that help though another is the better one (the same page in the
// other language, a general page beside the special one); those count half and are no success.
type question struct {
	Q     string   `yaml:"q"`
	Lang  string   `yaml:"lang"`
	Style string   `yaml:"style"`
	Want  []string `yaml:"want"`
	Also  []string `yaml:"also"`

	wants []want // the first len(Want) are the wanted ones
}

// want is a place in the corpus: a section, or lines where a message has no section of its own.
type want struct {
	document, section string
	start, end        int
	gain              float64
}

func parseWant(s string, gain float64) (want, error) {
	if document, section, ok := strings.Cut(s, "#"); ok && document != "" && section != "" {
		return want{document: document, section: section, gain: gain}, nil
	}
	document, span, _ := strings.Cut(s, ":")
	from, to, ok := strings.Cut(span, "-")
	start, err := strconv.Atoi(from)
	end, err2 := strconv.Atoi(to)
	if err := errors.Join(err, err2); err != nil || !ok || document == "" {
		return want{}, fmt.Errorf("%q is neither document#section nor document:line-line", s)
	}
	return want{document: document, start: start, end: end, gain: gain}, nil
}

// readQuestions reads files of questions.
func readQuestions(files ...string) ([]question, error) {
	var all []question
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		var some []question
		if err := yaml.Unmarshal(b, &some); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		for i := range some {
			if err := some[i].parse(); err != nil {
				return nil, fmt.Errorf("%s: %q: %w", f, some[i].Q, err)
			}
		}
		all = append(all, some...)
	}
	return all, nil
}

func (q *question) parse() error {
	if strings.TrimSpace(q.Q) == "" || len(q.Want) == 0 || !slices.Contains(styles, q.Style) || (q.Lang != "en" && q.Lang != "pt") {
		return errors.New("a question needs q, lang (en or pt), a known style and want")
	}
	for i, s := range slices.Concat(q.Want, q.Also) {
		gain := 1.0
		if i >= len(q.Want) {
			gain = 0.5
		}
		w, err := parseWant(s, gain)
		if err != nil {
			return err
		}
		q.wants = append(q.wants, w)
	}
	return nil
}

// lint says what is wrong with a set of questions against a corpus.
func lint(all []question, c *corpus) []error {
	var errs []error
	seen := map[string]bool{}
	for _, q := range all {
		key := strings.ToLower(strings.Join(strings.Fields(q.Q), " "))
		if seen[key] {
			errs = append(errs, fmt.Errorf("%q is asked twice", q.Q))
		}
		seen[key] = true
		for i, w := range q.wants {
			if !c.has(w) {
				errs = append(errs, fmt.Errorf("%q wants %s, which is not there", q.Q, slices.Concat(q.Want, q.Also)[i]))
			}
		}
	}
	return errs
}
