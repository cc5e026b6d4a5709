package roster

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// The bounds of single fields.
const (
	maxName        = 60  // characters
	maxDescription = 400 // characters
	maxExamples    = 8   // in each language
	maxExample     = 200 // characters
	maxTools       = 64
	maxRoutes      = 16
	maxListed      = 64 // targets and words of one route
	maxListedSize  = 80 // characters of one of them
)

var (
	idForm    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	modelForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$`)
)

// draft is an agent while files are laid over each other.
type draft struct {
	*Agent

	off   bool
	where map[string]int // line of the fields that were read last, in the agent's file
}

// fieldNames are the keys of the front matter.
var fieldNames = []string{"id", "name", "description", "examples", "language", "tools", "limits", "model", "routes", "enabled"}

// limitRule is one row of limits: how it is written, and between which bounds.
type limitRule struct {
	name      string
	low, high int // of numbers
	number    func(*Limits) *int
	least     time.Duration // of durations
	most      time.Duration
	duration  func(*Limits) *time.Duration
}

// limitRules is the table of limits. What no file says is set by defaults.
var limitRules = []limitRule{
	{name: "model_calls", low: 2, high: 12, number: func(l *Limits) *int { return &l.ModelCalls }},
	{name: "tool_calls", low: 0, high: 24, number: func(l *Limits) *int { return &l.ToolCalls }},
	{name: "tools_at_once", low: 1, high: 8, number: func(l *Limits) *int { return &l.ToolsAtOnce }},
	{name: "output_words", low: 60, high: 350, number: func(l *Limits) *int { return &l.OutputWords }},
	{name: "max_tokens", low: 64, high: 1_000_000, number: func(l *Limits) *int { return &l.MaxTokens }},
	{name: "result_bytes", low: 1 << 10, high: 64 << 10, number: func(l *Limits) *int { return &l.ResultBytes }},
	{name: "context_bytes", low: 2 << 10, high: 1 << 20, number: func(l *Limits) *int { return &l.ContextBytes }},
	{name: "history_turns", low: 0, high: MostHistoryTurns, number: func(l *Limits) *int { return &l.HistoryTurns }},
	{name: "history_bytes", low: 0, high: 64 << 10, number: func(l *Limits) *int { return &l.HistoryBytes }},
	{name: "tool_timeout", least: time.Second, most: 10 * time.Minute, duration: func(l *Limits) *time.Duration { return &l.ToolTimeout }},
	{name: "timeout", least: time.Second, most: 30 * time.Minute, duration: func(l *Limits) *time.Duration { return &l.Timeout }},
}

// defaults are the limits of an agent whose file says nothing.
func defaults() Limits {
	return Limits{ModelCalls: 5, ToolCalls: 8, ToolsAtOnce: 4, ToolTimeout: time.Minute, OutputWords: 350, ResultBytes: 8 << 10, ContextBytes: 40 << 10,
		HistoryTurns: 6, HistoryBytes: 6 << 10}
}

// apply lays a file over the draft.
func (f *file) apply(d *draft) {
	for _, key := range f.order {
		node := f.fields[key]
		d.where[key] = node.Line + 1
		switch key {
		case "id":
			if id, ok := f.text(key, node, maxName); ok && id != d.ID {
				f.wrong(node.Line+1, "the id is %s, and the file is that of %s; the two must be the same", shown(id), shown(d.ID))
			}
		case "name":
			f.inBoth(key, node, maxName, &d.Name)
		case "description":
			f.inBoth(key, node, maxDescription, &d.Description)
		case "examples":
			f.examples(node, d)
		case "language":
			f.language(node, d)
		case "tools":
			d.Tools, d.Guests = f.list(key, node, maxTools, maxListedSize), false
			slices.Sort(d.Tools)
		case "limits":
			f.limits(node, &d.Limits)
		case "model":
			f.model(node, d)
		case "routes":
			f.routes(node, d)
		case "enabled":
			switch node.Value {
			case "true", "false":
				d.off = node.Value == "false"
			default:
				f.wrong(node.Line+1, "enabled must be true or false")
			}
		default:
			f.wrong(node.Line+1, "there is no field %s%s", shown(key), among(key, fieldNames))
		}
	}
	if f.prompt != "" && len(f.problems) == 0 {
		if t, err := f.template(); err == nil {
			d.Prompt = t
		}
	}
}

// among says which of the known words was most likely meant, else all of them.
func among(word string, known []string) string {
	if near := toolkit.Nearest(word, known); near != "" {
		return fmt.Sprintf("; did you mean %s? There are %s", near, strings.Join(known, ", "))
	}
	return "; there are " + strings.Join(known, ", ")
}

// text reads one line of text.
func (f *file) text(key string, n *yaml.Node, most int) (string, bool) {
	s := strings.TrimSpace(n.Value)
	switch {
	case n.Kind != yaml.ScalarNode:
		f.wrong(n.Line+1, "%s must be a text", key)
	case s == "" || n.ShortTag() == "!!null":
		f.wrong(n.Line+1, "%s has no text", key)
	case strings.ContainsAny(s, "\n\t"):
		f.wrong(n.Line+1, "%s must be one line", key)
	case utf8.RuneCountInString(s) > most:
		f.wrong(n.Line+1, "%s has more than %d characters", key, most)
	default:
		return s, true
	}
	return "", false
}

// inBoth reads a text in English and Portuguese, or one for both.
func (f *file) inBoth(key string, n *yaml.Node, most int, out *Text) {
	if n.Kind == yaml.ScalarNode {
		if s, ok := f.text(key, n, most); ok {
			*out = Text{EN: s, PT: s}
		}
		return
	}
	f.languages(key, n, func(language string, v *yaml.Node) {
		if s, ok := f.text(key+"."+language, v, most); ok && language == "en" {
			out.EN = s
		} else if ok {
			out.PT = s
		}
	})
}

// languages calls do for the keys en and pt.
func (f *file) languages(key string, n *yaml.Node, do func(language string, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		f.wrong(n.Line+1, "%s must have the fields en and pt", key)
		return
	}
	f.each(n, func(language string, v *yaml.Node) {
		if language != "en" && language != "pt" {
			f.wrong(v.Line+1, "%s has no field %s; it has en and pt", key, shown(language))
			return
		}
		do(language, v)
	})
}

func (f *file) examples(n *yaml.Node, d *draft) {
	f.languages("examples", n, func(language string, v *yaml.Node) {
		list := f.list("examples."+language, v, maxExamples, maxExample)
		if language == "en" {
			d.Examples.EN = list
		} else {
			d.Examples.PT = list
		}
	})
}

// list reads a list of different texts.
func (f *file) list(key string, n *yaml.Node, most, size int) []string {
	out := []string{}
	if n.Kind != yaml.SequenceNode {
		f.wrong(n.Line+1, "%s must be a list, as in %s: [a, b]", key, key)
		return out
	}
	if len(n.Content) > most {
		f.wrong(n.Line+1, "%s has %d entries; at most %d are read", key, len(n.Content), most)
		return out
	}
	for _, v := range n.Content {
		s, ok := f.text("an entry of "+key, v, size)
		switch {
		case !ok:
		case slices.Contains(out, s):
			f.wrong(v.Line+1, "%s names %s twice", key, shown(s))
		default:
			out = append(out, s)
		}
	}
	return out
}

func (f *file) language(n *yaml.Node, d *draft) {
	switch n.Value {
	case "auto":
		d.Language = ""
	case "en", "pt":
		d.Language = n.Value
	default:
		f.wrong(n.Line+1, "the language must be auto, en or pt")
	}
}

func (f *file) model(n *yaml.Node, d *draft) {
	if n.Kind == yaml.ScalarNode && (n.Value == "" || n.Value == "auto") {
		d.Model = ""
		return
	}
	if s, ok := f.text("model", n, 128); ok {
		if !modelForm.MatchString(s) {
			f.wrong(n.Line+1, "%s is no name of a model", shown(s))
			return
		}
		d.Model = s
	}
}

func (f *file) limits(n *yaml.Node, l *Limits) {
	if n.Kind != yaml.MappingNode {
		f.wrong(n.Line+1, "limits must have fields, as in tool_calls: 4")
		return
	}
	f.each(n, func(name string, v *yaml.Node) {
		i := slices.IndexFunc(limitRules, func(r limitRule) bool { return r.name == name })
		if i < 0 {
			known := make([]string, len(limitRules))
			for k, r := range limitRules {
				known[k] = r.name
			}
			f.wrong(v.Line+1, "there is no limit %s%s", shown(name), among(name, known))
			return
		}
		rule := limitRules[i]
		if rule.number != nil {
			x, err := strconv.Atoi(v.Value)
			if err != nil || v.Kind != yaml.ScalarNode || x < rule.low || x > rule.high {
				f.wrong(v.Line+1, "%s must be a whole number from %d to %d", name, rule.low, rule.high)
				return
			}
			*rule.number(l) = x
			return
		}
		x, err := time.ParseDuration(v.Value)
		if err != nil || x < rule.least || x > rule.most {
			f.wrong(v.Line+1, "%s must be a time from %v to %v, such as 30s or 2m", name, rule.least, rule.most)
			return
		}
		*rule.duration(l) = x
	})
}

func (f *file) routes(n *yaml.Node, d *draft) {
	d.Routes = nil
	if n.Kind != yaml.SequenceNode {
		f.wrong(n.Line+1, "routes must be a list, each entry with intents, views, targets or words")
		return
	}
	if len(n.Content) > maxRoutes {
		f.wrong(n.Line+1, "there are %d routes; at most %d are read", len(n.Content), maxRoutes)
		return
	}
	for _, v := range n.Content {
		if v.Kind != yaml.MappingNode || len(v.Content) == 0 {
			f.wrong(v.Line+1, "a route has fields, as in intents: [log]")
			continue
		}
		d.Routes = append(d.Routes, f.route(v))
	}
}

func (f *file) route(n *yaml.Node) (r Route) {
	f.each(n, func(key string, v *yaml.Node) {
		list := f.list(key, v, maxListed, maxListedSize)
		if len(list) == 0 && len(f.problems) == 0 {
			f.wrong(v.Line+1, "%s has no entry; leave it out where it does not matter", key)
		}
		switch key {
		case "intents":
			for _, s := range list {
				if !slices.Contains(routable, understand.Intent(s)) {
					f.wrong(v.Line+1, "there is no intent %s%s", shown(s), among(s, asStrings(routable)))
				}
				r.Intents = append(r.Intents, understand.Intent(s))
			}
		case "views":
			for _, s := range list {
				if s == "none" {
					s = ""
				} else if !slices.Contains(views, understand.View(s)) {
					f.wrong(v.Line+1, "there is no view %s%s, none", shown(s), among(s, asStrings(views)))
				}
				r.Views = append(r.Views, understand.View(s))
			}
		case "targets":
			for _, s := range list {
				if strings.ContainsAny(s, "*%") {
					f.wrong(v.Line+1, "in %s write @ for any characters and ? for one", shown(s))
				} else if strings.Trim(s, "@") == "" {
					f.wrong(v.Line+1, "%s fits every name; leave targets out where the name does not matter", shown(s))
				}
			}
			r.Targets = list
		case "words":
			for _, s := range list {
				if strings.TrimSpace(words(s)) == "" {
					f.wrong(v.Line+1, "%s holds no word", shown(s))
				}
			}
			r.Words = list
		default:
			f.wrong(v.Line+1, "a route has no field %s%s", shown(key), among(key, []string{"intents", "views", "targets", "words"}))
		}
	})
	return r
}

func asStrings[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
