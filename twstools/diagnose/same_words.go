package diagnose

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// unknownKind is what a failure is called where no signature knows its line.
const unknownKind = "app.error"

// joinable reports whether a failure may be one with those of other jobs: it is of a kind that comes from outside or, where nothing tells its kind, its
// decisive line names something outside (contract: the shared thing when several jobs fail on it).
func (l logged) joinable() bool {
	return isShareable(l.found.Kind) || l.found.Kind == unknownKind && len(thingsOf(l)) > 0
}

// atLeast is how many jobs must name the same thing before it is the cause of all: two of a kind that is known, one more where nobody knows what
// their lines say (our own choice).
func (l logged) atLeast() int {
	if l.found.Kind == unknownKind {
		return 3
	}
	return 2
}

// inSameWords reports whether two failures of no known kind are told in the same words, names and numbers aside. Where the kind is known it tells enough.
func inSameWords(a, b logged) bool {
	if a.found.Kind != unknownKind {
		return true
	}
	said := wordsOf(a)
	return len(said) > 2 && slices.Equal(said, wordsOf(b))
}

// wordsOf are the plain words of the decisive line.
func wordsOf(l logged) []string {
	return slices.DeleteFunc(strings.Fields(strings.ToLower(untrusted.Normalize(l.found.Line.Text))), func(w string) bool {
		return strings.ContainsAny(strings.TrimRight(w, ".:"), "0123456789/\\._:")
	})
}
