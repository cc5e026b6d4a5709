package knowledge

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/words"
)

// maxFitting bounds what a diagnosis gets: one section to read first and two more.
const maxFitting = 3

// remedy is the glossary's concept for "what to do".
const remedy = "role_remedy"

// binding says how closely the front matter ties a document to what a diagnosis found: 0 not at all, 1 to a kind near by,
// 2 to this very kind, 3 to a message id or an object's name that was named.
func (d *Document) binding(kinds, messageIDs []string, words string) float64 {
	for _, id := range messageIDs {
		if slices.Contains(d.MessageIDs, strings.ToUpper(id)) {
			return 3
		}
	}
	if words != "" && (namesOne(d.Jobs, words) || namesOne(d.Streams, words)) {
		return 3
	}
	best := 0.0
	for _, asked := range kinds {
		for _, bound := range d.Kinds {
			best = max(best, kinship(strings.ToLower(asked), bound))
		}
	}
	return best
}

// kinship compares a kind that was found with one that a document is bound to. Every prefix of a kind is a kind: a text on
// app.db serves app.db.auth, a little less than one on app.db.auth; a text that is more special than what was found may
// miss the point.
func kinship(asked, bound string) float64 {
	switch {
	case asked == bound:
		return 2
	case strings.HasPrefix(asked, bound+"."):
		return 2 - 0.3*float64(strings.Count(asked, ".")-strings.Count(bound, "."))
	case strings.HasPrefix(bound, asked+"."):
		return 0.5
	default:
		return 0
	}
}

// namesOne reports whether a name in the text fits one of the patterns (@ any characters, ? one).
func namesOne(patterns []string, text string) bool {
	if len(patterns) == 0 {
		return false
	}
	for _, t := range words.Analyse(text) {
		for _, p := range patterns {
			if fits(fold.Text(p), t.Raw) {
				return true
			}
		}
	}
	return false
}

// fits matches a pattern with @ and ? against a name, both folded. A bare @ would bind to everything and binds to nothing.
func fits(pattern, name string) bool {
	if strings.Trim(pattern, "@?") == "" {
		return false
	}
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '@':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p, n = p+1, n+1
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "@") == ""
}

// Fitting gives the sections that fit a diagnosis, best first: of documents bound to its message ids, objects or kinds, the
// part that says what to do; where none is bound, passages that are surely about the words. It gives nothing rather than
// something that does not fit. The texts are cleaned, since they go to another room.
func (b *Base) Fitting(ctx context.Context, kinds, messageIDs []string, words, language string) ([]Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a := b.ask(Query{Text: words, Language: language})
	var bound []ranked // passage: the document's best
	for i := range b.documents {
		if w := b.documents[i].binding(kinds, messageIDs, words); w >= 1 && len(b.documents[i].passages) > 0 {
			bound = append(bound, a.bestOf(i, w))
		}
	}
	slices.SortStableFunc(bound, func(x, y ranked) int { return cmp.Compare(y.score, x.score) })
	if len(bound) == 0 {
		return a.sure(), nil
	}
	hits := make([]Hit, 0, maxFitting)
	told := map[int]bool{}
	for _, r := range bound {
		twin := b.twins[b.places[r.passage].document]
		if len(hits) == maxFitting || twin != 0 && told[twin] {
			continue
		}
		told[twin] = true
		h := a.hit(r)
		h.Band = Strong
		if a.bound[b.places[r.passage].document] < 1.5 {
			h.Band = Fair
		}
		hits = append(hits, h.Cleaned())
	}
	return hits, nil
}

// bestOf picks the passage of a bound document that says what to do, by its words, and scores the document: closeness of
// the binding first, then language, origin and words.
func (a *asked) bestOf(document int, binding float64) ranked {
	b := a.base
	a.bound[document] = binding
	top := 0.0
	for _, p := range a.words.touched {
		top = max(top, a.words.value[p])
	}
	todo := b.lexicon.lookUp(unit{concepts: []string{remedy}, weight: 1})
	best, most := ranked{passage: -1}, 0.0
	for i, p := range b.places {
		if p.document != document || (p.bare && len(b.documents[document].passages) > 1) {
			continue
		}
		w := a.words.value[i]
		most = max(most, w)
		s := w
		if t := todo.at(int32(i)); t > 0 {
			s += 2*top + t
		}
		if best.passage < 0 || s > best.score {
			best = ranked{int32(i), s}
		}
	}
	d := &b.documents[document]
	best.score = binding * bindingScore
	if top > 0 {
		best.score += 0.9 * bindingScore * most / top * 0.3
	}
	if a.language == "" || d.Language == a.language {
		best.score += 0.2 * bindingScore
	}
	if d.Site {
		best.score += 0.35 * bindingScore
	}
	if a.foreign(document) {
		best.score -= 0.5 * bindingScore
	}
	return best
}

// sure gives what the words alone find, if it is surely about them.
func (a *asked) sure() []Hit {
	hits := slices.DeleteFunc(a.hits(maxFitting), func(h Hit) bool { return h.Band != Strong })
	for i := range hits {
		hits[i] = hits[i].Cleaned()
	}
	return hits
}
