package knowledge

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/words"
)

// maxFitting bounds what a diagnosis gets: one section to read first and two more.
const maxFitting = 3

// remedy is the glossary's concept for "what to do".
const remedy = "role_remedy"

// binding says how closely the front matter ties a document to what a diagnosis found: 0 not at all, 1 to a kind near by,
// 2 to this very kind, 3 to a message id or an object's name that was named.
func binding(d *entry, kinds, messageIDs []string, words string) float64 {
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
	b.courtesy.Asked()
	defer b.courtesy.Answered()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := b.answering(ctx)
	if err != nil {
		return nil, err
	}
	a, err := b.ask(ctx, Query{Text: words, Language: language, Kinds: kinds, MessageIDs: messageIDs}, words, 1)
	if err != nil {
		return nil, err
	}
	if len(a.bound) == 0 {
		return a.sure(ctx)
	}
	best := a.bestOfEach()
	chosen := make([]*candidate, 0, maxFitting)
	told := map[string]bool{}
	for _, c := range best {
		twin := c.document.twin
		if len(chosen) == maxFitting || twin != "" && told[twin] {
			continue
		}
		told[twin] = true
		chosen = append(chosen, c)
	}
	hits, err := a.quoted(ctx, chosen)
	if err != nil {
		return nil, err
	}
	for i := range hits {
		hits[i].Band = Strong
		if a.bound[chosen[i].document.ID] < 1.5 {
			hits[i].Band = Fair
		}
		hits[i] = hits[i].Cleaned()
	}
	return hits, nil
}

// bestOfEach picks the passage of each bound document that says what to do, by its words, and orders the documents: closeness of
// the binding first, then language, origin and words.
func (a *asked) bestOfEach() []*candidate {
	top := 0.0
	for _, c := range a.candidates {
		top = max(top, c.words)
	}
	type pick struct {
		best      *candidate
		fit, most float64
	}
	picks := map[int64]*pick{}
	var order []*pick
	slices.SortFunc(a.candidates, func(x, y *candidate) int { return cmp.Compare(x.id, y.id) }) // the earlier passage among equals
	for _, c := range a.candidates {
		if a.bound[c.document.ID] == 0 || c.head.Flags&index.Bare != 0 && c.document.Passages > 1 {
			continue
		}
		p := picks[c.document.ID]
		if p == nil {
			p = &pick{fit: -1}
			picks[c.document.ID] = p
			order = append(order, p)
		}
		p.most = max(p.most, c.words)
		fit := c.words
		if t := a.at(&a.remedy, c); t > 0 {
			fit += 2*top + t
		}
		if fit > p.fit {
			p.best, p.fit = c, fit
		}
	}
	slices.SortFunc(order, func(x, y *pick) int { return cmp.Compare(x.best.document.Path, y.best.document.Path) })
	out := make([]*candidate, 0, len(order))
	for _, p := range order {
		d := p.best.document
		s := a.bound[d.ID] * bindingScore
		if top > 0 {
			s += 0.9 * bindingScore * p.most / top * 0.3
		}
		if a.language == "" || d.Language == a.language {
			s += 0.2 * bindingScore
		}
		if d.Site {
			s += 0.35 * bindingScore
		}
		if a.foreign(d) {
			s -= 0.5 * bindingScore
		}
		p.best.score = s
		out = append(out, p.best)
	}
	slices.SortStableFunc(out, func(x, y *candidate) int { return cmp.Compare(y.score, x.score) })
	return out
}

// sure gives what the words alone find, if it is surely about them.
func (a *asked) sure(ctx context.Context) ([]Hit, error) {
	hits, err := a.hits(ctx, maxFitting)
	if err != nil {
		return nil, err
	}
	hits = slices.DeleteFunc(hits, func(h Hit) bool { return h.Band != Strong })
	for i := range hits {
		hits[i] = hits[i].Cleaned()
	}
	return hits, nil
}
