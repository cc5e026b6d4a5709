package understand

import (
	"embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed data/actions.yaml data/cues.yaml data/rules.yaml data/words.yaml data/weights.txt
var dataFiles embed.FS

// wordsFile, cuesFile, actionsFile and rulesFile are the shapes of the data; unknown keys are errors.
type (
	wordsFile struct {
		Stop         map[string]string `yaml:"stop"`
		Neutral      string            `yaml:"neutral"`
		Links        string            `yaml:"links"`
		Shows        map[string]string `yaml:"shows"`
		Classes      map[string]string `yaml:"classes"`
		Hollow       []string          `yaml:"hollow"`
		HollowWords  string            `yaml:"hollow_words"`
		Plain        string            `yaml:"plain"`
		Processes    string            `yaml:"processes"`
		NotNames     string            `yaml:"not_names"`
		MayName      string            `yaml:"may_name"`
		AlwaysNames  []string          `yaml:"always_names"`
		Extensions   string            `yaml:"extensions"`
		MessageForms []string          `yaml:"message_forms"`
		CodeForms    []string          `yaml:"code_forms"`
	}
	cuesFile struct {
		Keep       []string            `yaml:"keep"`
		Premises   yaml.Node           `yaml:"premises"`
		Classes    map[string]string   `yaml:"classes"`
		Statuses   yaml.Node           `yaml:"statuses"`
		Cues       map[string][]string `yaml:"cues"`
		OutOfScope map[string][]string `yaml:"out_of_scope"`
	}
	actionsFile struct {
		Actions []struct {
			Code    string   `yaml:"code"`
			Phrases []string `yaml:"phrases"`
			Noun    []string `yaml:"noun"`
		} `yaml:"actions"`
		Polite    string              `yaml:"polite"`
		NounAfter string              `yaml:"noun_after"`
		Moods     map[string][]string `yaml:"moods"`
	}
	rulesFile struct {
		Rules []rule     `yaml:"rules"`
		Views []viewRule `yaml:"views"`
	}
)

// lexicon is the data, compiled. It does not change after loading.
type lexicon struct {
	ids     map[string]int32
	words   []wordInfo
	classes map[string]*bitset
	byWord  map[int32][]*pattern
	byClass map[tokenClass][]*pattern
	keeps   map[string]bool
	groups  map[string]bool    // the names of all groups of patterns
	typos   map[string][]int32 // word with letters left out, to the words it may stand for

	// plain words are no slips; extensions, notNames, mayName and alwaysNames tell names from words.
	plain, extensions, notNames, mayName, alwaysNames map[string]bool
	processes                                         map[string]bool // what jobs do with business objects
	messageForms, codeForms                           []*regexp.Regexp
	outOfScope                                        []string
	rules                                             []rule
	views                                             []viewRule
	weights                                           func() map[string][]weight // of signs, read when first asked for; likely.go
}

type wordInfo struct {
	text               string
	stop, hollow, link bool
	en, pt             bool
	act                bool // used by a class or a pattern: worth mending a typo for
}

func loadLexicon() (*lexicon, error) {
	l := &lexicon{
		ids: map[string]int32{}, classes: map[string]*bitset{}, byWord: map[int32][]*pattern{}, byClass: map[tokenClass][]*pattern{},
		keeps: map[string]bool{}, groups: map[string]bool{}, typos: map[string][]int32{}, plain: map[string]bool{}, extensions: map[string]bool{}, notNames: map[string]bool{}, alwaysNames: map[string]bool{},
	}
	var w wordsFile
	var c cuesFile
	var a actionsFile
	var r rulesFile
	for name, into := range map[string]any{"words": &w, "cues": &c, "actions": &a, "rules": &r} {
		if err := decode(name, into); err != nil {
			return nil, err
		}
	}
	for _, step := range []func() error{
		func() error { return l.addWords(w) },
		func() error { return l.addCues(c) },
		func() error { return l.addActions(a) },
		func() error { return l.addRules(r) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	l.indexTypos()
	l.weights = sync.OnceValue(func() map[string][]weight {
		weights, _ := loadWeights() // embedded, and read whole by TestWeights
		return weights
	})
	return l, nil
}

func decode(name string, into any) error {
	f, err := dataFiles.Open("data/" + name + ".yaml")
	if err != nil {
		return fmt.Errorf("open the embedded %s: %w", name, err)
	}
	defer f.Close() //nolint:errcheck // embedded: nothing can be lost
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read the embedded %s: %w", name, err)
	}
	return nil
}

// word gives the id of a word, adding it when new, and marks it as one that patterns use.
func (l *lexicon) word(s string) int32 {
	id := l.addWord(s)
	l.words[id].act = true
	return id
}

func (l *lexicon) addWord(s string) int32 {
	s = Fold(s)
	id, ok := l.ids[s]
	if !ok {
		id = int32(len(l.words))
		l.ids[s] = id
		l.words = append(l.words, wordInfo{text: s})
	}
	return id
}

func (l *lexicon) addWords(w wordsFile) error {
	neutral := set(w.Neutral)
	// Words get their numbers in this order, which decides between two that are equally near to a slip: it must be the same at each start.
	for _, lang := range slices.Sorted(maps.Keys(w.Stop)) {
		for _, s := range strings.Fields(w.Stop[lang]) {
			i := &l.words[l.addWord(s)]
			i.stop = true
			i.en = i.en || lang == "en" && !neutral[i.text]
			i.pt = i.pt || lang == "pt" && !neutral[i.text]
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(w.Shows)) {
		for _, s := range strings.Fields(w.Shows[lang]) {
			i := &l.words[l.addWord(s)]
			i.en, i.pt = i.en || lang == "en", i.pt || lang == "pt"
		}
	}
	for _, s := range strings.Fields(w.Links) {
		l.words[l.addWord(s)].link = true
	}
	for _, s := range strings.Fields(w.Plain) {
		l.plain[Fold(s)] = true
	}
	for _, s := range strings.Fields(w.HollowWords) {
		l.words[l.addWord(s)].hollow = true
	}
	l.addClasses(w.Classes)
	for _, name := range w.Hollow {
		class, ok := l.classes[name]
		if !ok {
			return fmt.Errorf("hollow names no class: %s", name)
		}
		for id := range l.words {
			l.words[id].hollow = l.words[id].hollow || class.has(int32(id))
		}
	}
	l.processes = set(w.Processes)
	l.extensions, l.notNames, l.mayName = set(w.Extensions), set(w.NotNames), set(w.MayName)
	for _, s := range w.AlwaysNames {
		l.alwaysNames[s] = true
	}
	var err error
	if l.messageForms, err = compileForms(w.MessageForms); err != nil {
		return err
	}
	l.codeForms, err = compileForms(w.CodeForms)
	return err
}

func (l *lexicon) addClasses(classes map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		if l.classes[name] == nil {
			l.classes[name] = &bitset{}
		}
		for _, s := range strings.Fields(classes[name]) {
			l.classes[name].add(l.word(s))
		}
	}
}

func compileForms(forms []string) ([]*regexp.Regexp, error) {
	var out []*regexp.Regexp
	for _, s := range forms {
		re, err := regexp.Compile(s)
		if err != nil {
			return nil, fmt.Errorf("form %q: %w", s, err)
		}
		out = append(out, re)
	}
	return out, nil
}

func (l *lexicon) addCues(c cuesFile) error {
	l.addClasses(c.Classes)
	for _, k := range c.Keep {
		if _, ok := c.Cues[k]; !ok {
			return fmt.Errorf("keep names no cue: %s", k)
		}
		l.keeps["cue:"+k] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.Cues)) {
		if err := l.addPatterns("cue:"+name, c.Cues[name], 0); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.OutOfScope)) {
		l.outOfScope = append(l.outOfScope, name)
		l.keeps["out:"+name] = true
		if err := l.addPatterns("out:"+name, c.OutOfScope[name], 0); err != nil {
			return err
		}
	}
	slices.Sort(l.outOfScope)
	if err := l.addOrdered("premise:", &c.Premises); err != nil {
		return err
	}
	return l.addOrdered("status:", &c.Statuses)
}

// addOrdered adds a mapping whose order matters: what stands first has the lower rank.
func (l *lexicon) addOrdered(prefix string, node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		var lines []string
		if err := node.Content[i+1].Decode(&lines); err != nil {
			return fmt.Errorf("%s%s: %w", prefix, node.Content[i].Value, err)
		}
		if err := l.addPatterns(prefix+node.Content[i].Value, lines, i); err != nil {
			return err
		}
	}
	return nil
}

func (l *lexicon) addPatterns(group string, lines []string, rank int) error {
	l.groups[group] = true
	for _, line := range lines {
		ps, err := l.compile(line, group, rank)
		if err != nil {
			return fmt.Errorf("%s: %w", group, err)
		}
		for _, p := range ps {
			l.index(p)
		}
	}
	return nil
}

// first is the first element that stands on a token.
func (p *pattern) first() int {
	for i, e := range p.elems {
		if e.kind == elemWord {
			return i
		}
	}
	return 0
}

func (l *lexicon) index(p *pattern) {
	e := p.elems[p.first()]
	for _, c := range e.classes {
		l.byClass[c] = append(l.byClass[c], p)
	}
	if e.words == nil {
		return
	}
	for id := range e.words.all() {
		l.byWord[id] = append(l.byWord[id], p)
	}
}

// known says whether a folded word is of the vocabulary.
func (l *lexicon) known(folded string) bool {
	_, ok := l.ids[folded]
	return ok
}

func (l *lexicon) in(ids []int32, class string) bool {
	set := l.classes[class]
	if set == nil {
		return false
	}
	for _, id := range ids {
		if set.has(id) {
			return true
		}
	}
	return false
}

func set(list string) map[string]bool {
	out := map[string]bool{}
	for _, s := range strings.Fields(list) {
		out[Fold(s)] = true
	}
	return out
}
