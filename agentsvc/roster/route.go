package roster

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// routable are the intents that auto gives away. Help and what is out of scope need no tool, so auto answers them itself.
var routable = []understand.Intent{understand.Diagnose, understand.Wait, understand.Impact, understand.Status, understand.Plan, understand.Find, understand.Job,
	understand.Log, understand.Knowledge, understand.Next, understand.Write, understand.Handover}

var views = []understand.View{understand.ViewImpact, understand.ViewLate, understand.ViewRadar, understand.ViewChanges, understand.ViewStreams, understand.ViewStream,
	understand.ViewWorkstations, understand.ViewResources, understand.ViewPrompts}

// entry is a route with whose it is.
type entry struct {
	Route

	agent *Agent
}

// Of gives the intents of a route; all, where it names none.
func (r Route) Of() []understand.Intent {
	if len(r.Intents) == 0 {
		return slices.Clone(routable)
	}
	return r.Intents
}

// narrow tells how much a route asks for beyond the intent: a name weighs more than words, words more than a view.
func (r Route) narrow() int {
	n := 0
	if len(r.Targets) > 0 {
		n += 4
	}
	if len(r.Words) > 0 {
		n += 2
	}
	if len(r.Views) > 0 {
		n++
	}
	return n
}

// order sorts routes by who is asked first: the narrower, then a site's before a built-in agent's, then by id.
func order(routes []entry) {
	own := func(e entry) int {
		if e.agent.Own {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(routes, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.narrow(), a.narrow()), cmp.Compare(own(a), own(b)), cmp.Compare(a.agent.ID, b.agent.ID))
	})
}

// For gives the agent that answers: the named one, or for auto and "" the one whose files ask for such a question. False: nobody has that id.
func (r *Roster) For(id string, asked understand.Understanding, question string) (*Agent, bool) {
	if id != "" && id != Auto {
		return r.Agent(id)
	}
	folded := words(question)
	for _, e := range r.routes {
		if e.fits(asked, folded) {
			return e.agent, true
		}
	}
	return r.Agent(Auto)
}

func (r Route) fits(asked understand.Understanding, question string) bool {
	if !slices.Contains(r.Of(), asked.Intent) {
		return false
	}
	if len(r.Views) > 0 && !slices.Contains(r.Views, asked.View) {
		return false
	}
	if len(r.Words) > 0 && !slices.ContainsFunc(r.Words, func(w string) bool { return strings.Contains(question, words(w)) }) {
		return false
	}
	return len(r.Targets) == 0 || slices.ContainsFunc(r.Targets, func(p string) bool { return names(p, asked.Target) })
}

// words is a text in which whole words can be looked for: folded, everything else one blank, a blank at both ends.
func words(s string) string {
	parts := strings.FieldsFunc(understand.Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	return " " + strings.Join(parts, " ") + " "
}

// names reports whether a pattern fits a name as it was typed: the whole of it, or one of the parts that # and . and blanks divide.
func names(pattern, target string) bool {
	if target == "" {
		return false
	}
	pattern = strings.ToUpper(pattern)
	target = strings.ToUpper(target)
	parts := strings.FieldsFunc(target, func(r rune) bool { return strings.ContainsRune("#.[]() /", r) })
	return like(pattern, target) || slices.ContainsFunc(parts, func(p string) bool { return like(pattern, p) })
}

// like matches @ (any characters) and ? (one) as conman does. It takes time in proportion to both lengths at most.
func like(pattern, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for i < len(s) {
		r, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case j < len(pattern) && pattern[j] == '@':
			star, mark, j = j, i, j+1
			continue
		case j < len(pattern) && pattern[j] == '?':
			i, j = i+width, j+1
			continue
		case j < len(pattern):
			if p, w := utf8.DecodeRuneInString(pattern[j:]); p == r {
				i, j = i+width, j+w
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, width = utf8.DecodeRuneInString(s[mark:])
		mark += width
		i, j = mark, star+1
	}
	return strings.Trim(pattern[j:], "@") == ""
}
