package knowledge

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Band says how far a result may be trusted to be about the question.
type Band string

// The bands. Weak results are given all the same; the reader decides.
const (
	Strong Band = "strong"
	Fair   Band = "fair"
	Weak   Band = "weak"
)

const (
	// DefaultLimit and MaxLimit bound the results of one search.
	DefaultLimit = 5
	MaxLimit     = 20
	// maxQuestion bounds what is read of a question, in bytes: people paste whole logs.
	maxQuestion = 4 << 10
	maxUnits    = 64
	// bindingScore is what a full binding by front matter is worth, about a good hit in a heading.
	bindingScore = 6.0
	// A text in the asked language, and one of the site's own, win over an equal one that is not.
	languageFactor = 1.06
	siteFactor     = 1.04
	// twinFactor puts a text behind its own twin in the asked language.
	twinFactor = 0.7
	// bareFactor puts a heading without text behind what stands below it.
	bareFactor = 0.3
)

// Query is a question to the knowledge base.
type Query struct {
	Text     string
	Language string // "en", "pt"; "" is guessed from Text
	Limit    int    // 0 means DefaultLimit
	// Kinds and MessageIDs raise the texts whose front matter binds them.
	Kinds      []string
	MessageIDs []string
}

// Hit is a passage that was found. Quote is the bare text of the lines StartLine to EndLine of the document, white space
// folded; of one line that is too long by itself it is a verbatim piece. It is the document's text as it stands there: show
// it only through Cleaned.
type Hit struct {
	Document    string   `json:"document"`
	Title       string   `json:"title"`
	HeadingPath []string `json:"heading_path"`
	Section     string   `json:"section"`
	StartLine   int      `json:"start_line"`
	EndLine     int      `json:"end_line"`
	Score       float64  `json:"score"`
	Band        Band     `json:"band"`
	Quote       string   `json:"quote"`
	Language    string   `json:"language,omitempty"`
}

// Source is the hit's address in the answer's form.
func (h Hit) Source() string { return "knowledge:" + h.Document + "#" + h.Section }

// Results are the hits of one search, best first. Band is that of the first, weak where there is none.
type Results struct {
	Query    string `json:"query"`
	Language string `json:"-"` // of the question, as given or guessed
	Band     Band   `json:"band"`
	Results  []Hit  `json:"results"`
}

// Search ranks the passages for a question. At most one passage of a section is given. Errors are invalid (nothing asked,
// limit out of range) or the context's.
func (b *Base) Search(ctx context.Context, q Query) (Results, error) {
	if err := ctx.Err(); err != nil {
		return Results{}, err
	}
	if strings.TrimSpace(q.Text) == "" && len(q.Kinds) == 0 && len(q.MessageIDs) == 0 {
		return Results{}, fault.New(fault.Invalid, "The question is empty.").WithHint("Say in a few words what you look for.")
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return Results{}, fault.New(fault.Invalid, "The limit must lie between 1 and %d.", MaxLimit)
	}
	s := b.ask(q)
	out := Results{Query: q.Text, Language: s.language, Band: Weak, Results: s.hits(q.Limit)}
	if len(out.Results) > 0 {
		out.Band = out.Results[0].Band
	}
	return out, nil
}

// asked is a question as read against the index.
type asked struct {
	base     *Base
	language string
	units    []scored
	bound    []float64 // per document
	words    *sums     // per passage, what the words alone give
	ranked   []ranked
}

func (b *Base) ask(q Query) *asked {
	text := q.Text
	if len(text) > maxQuestion {
		text = strings.ToValidUTF8(text[:maxQuestion], "")
	}
	a := &asked{base: b, language: words.LanguageCode(q.Language)}
	if a.language == "" {
		a.language = words.LanguageOf(text)
	}
	units := parse(b.glossary, text)
	for _, u := range units[:min(len(units), maxUnits)] {
		a.units = append(a.units, b.lexicon.lookUp(u))
	}
	a.words = b.lexicon.total(a.units)
	a.bound = make([]float64, len(b.documents))
	ids := slices.Clone(q.MessageIDs)
	for i := range b.documents {
		a.bound[i] = b.documents[i].binding(q.Kinds, ids, "")
	}
	a.rank()
	return a
}

// rank adds bindings to the words' scores and settles equals by language and origin.
func (a *asked) rank() {
	list := make([]ranked, 0, len(a.words.touched))
	for _, p := range a.words.touched {
		list = append(list, ranked{p, a.weigh(p)})
	}
	for i, at := range a.base.places {
		if a.bound[at.document] > 0 && a.words.value[i] == 0 {
			list = append(list, ranked{int32(i), a.weigh(int32(i))})
		}
	}
	a.ranked = best(list)
}

func (a *asked) weigh(p int32) float64 {
	at := a.base.places[p]
	d := &a.base.documents[at.document]
	s := a.words.value[p] + a.bound[at.document]*bindingScore
	if d.Language == a.language {
		s *= languageFactor
	}
	if a.foreign(at.document) {
		s *= twinFactor
	}
	if d.Site {
		s *= siteFactor
	}
	if at.bare {
		s *= bareFactor
	}
	return s
}

// hits gives the best passage of each section.
func (a *asked) hits(limit int) []Hit {
	out := make([]Hit, 0, limit)
	type section struct{ document, section int }
	seen := map[section]bool{}
	for _, r := range a.ranked {
		if len(out) == limit {
			break
		}
		at := a.base.places[r.passage]
		d := &a.base.documents[at.document]
		key := section{at.document, d.passages[at.passage].Section}
		if seen[key] || (a.bound[at.document] == 0 && r.score < a.ranked[0].score/50) {
			continue
		}
		seen[key] = true
		out = append(out, a.hit(r))
	}
	return out
}

func (a *asked) hit(r ranked) Hit {
	at := a.base.places[r.passage]
	d := &a.base.documents[at.document]
	p := d.passages[at.passage]
	s := d.Sections[p.Section]
	start, end, quote := d.quote(p, a.termWeights())
	return Hit{
		Document: d.Path, Title: d.Title, HeadingPath: s.HeadingPath, Section: s.Slug,
		StartLine: start, EndLine: end, Quote: quote, Language: d.Language,
		Score: math.Round(r.score*1000) / 1000, Band: a.band(r.passage),
	}
}

// band judges by coverage: how much of what the question names, weighted by rarity, the passage has.
// Names that no text has (the site's jobs) are left out of the count; message numbers are not: a text without
// the number is not about it. Parts of a runbook count little, since every runbook has them.
func (a *asked) band(p int32) Band {
	if a.bound[a.base.places[p].document] >= 1 {
		return Strong
	}
	all, got, subjects := 0.0, 0.0, 0
	for _, u := range a.units {
		w := u.idf
		switch {
		case u.unit.ident && !u.unit.message && !u.somewhere():
			continue
		case u.unit.role:
			w *= 0.25
		case u.unit.ident && !u.unit.message:
			w *= 0.5
		case u.unit.message:
			w *= 2
		}
		all += w
		if s := u.at(p); s > 0 {
			got += w
			if !u.unit.role && (len(u.unit.concepts) > 0 || u.unit.message || s > 0.9*u.idf) {
				subjects++
			}
		}
	}
	switch {
	case all == 0 || subjects == 0:
		return Weak
	case got/all >= 0.6:
		return Strong
	case got/all >= 0.3:
		return Fair
	default:
		return Weak
	}
}

// termWeights tells the quote which words matter.
func (a *asked) termWeights() map[string]float64 {
	w := map[string]float64{}
	for _, u := range a.units {
		for _, same := range u.unit.any {
			for _, t := range same {
				w[t] = math.Max(w[t], u.idf)
			}
		}
		for _, c := range u.unit.concepts {
			w["c:"+c] = math.Max(w["c:"+c], u.idf)
		}
	}
	return w
}
