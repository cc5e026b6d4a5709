package offline

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// between is what stands between names that are asked about in one breath, in English and Portuguese.
var between = regexp.MustCompile("^[`'\"]?\\s*(?:,|;|/|\\+|&|and|e|or|ou|as well as|bem como|,\\s*and|,\\s*e|com|with|and with|e com)?(?:\\s+(?:the|o|a|os|as|do|da|no|na)(?:\\s+job)?)?\\s*[`'\"]?$")

// together adds the names that the question asks about in the same breath.
func together(c Call, u understand.Understanding, question string) Call {
	if more := also(u, question); len(more) > 0 && u.Action == "" {
		c.Args["also"] = more
	}
	return c
}

// also gives the names that stand in one enumeration with the target: "A, B and C have failed". Names apart from it ("is A late because of
// B?") are none.
func also(u understand.Understanding, question string) []string {
	names := slices.DeleteFunc(slices.Clone(u.Mentions), func(m understand.Mention) bool {
		return m.Kind != understand.MentionName && m.Kind != understand.MentionEntity && m.Kind != understand.MentionJobNumber
	})
	at := slices.IndexFunc(names, func(m understand.Mention) bool { return strings.EqualFold(m.Text, u.Target) })
	switch {
	case u.Intent == understand.Write:
		return nil
	case at < 0:
		return u.Also
	}
	joined := func(a, b understand.Mention) bool {
		return a.End <= b.Start && b.Start <= len(question) && between.MatchString(strings.ToLower(question[a.End:b.Start]))
	}
	out := slices.Clone(u.Also)
	add := func(m understand.Mention) {
		if !strings.EqualFold(m.Text, u.Target) && !slices.Contains(out, m.Text) {
			out = append(out, m.Text)
		}
	}
	for i := at; i > 0 && joined(names[i-1], names[i]); i-- {
		add(names[i-1])
	}
	for i := at; i+1 < len(names) && joined(names[i], names[i+1]); i++ {
		add(names[i+1])
	}
	return out
}
