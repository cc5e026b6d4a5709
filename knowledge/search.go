package knowledge

import (
	"context"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/knowledge/words"
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
	// contentsFactor puts tables of contents and indexes behind what they point at.
	contentsFactor = 0.3
)

// Query is a question to the knowledge base.
type Query struct {
	Text     string
	Language string // "en", "pt"; "" is guessed from Text
	Limit    int    // 0 means DefaultLimit
	// Kinds and MessageIDs raise the texts whose front matter binds them.
	Kinds      []string
	MessageIDs []string
	// Whole quotes a passage from its first line to its last, not just the lines of it that answer best.
	Whole bool
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
	Language    string   `json:"-"` // of the document
}

// Source is the hit's address in the answer's form.
func (h Hit) Source() string { return "knowledge:" + h.Document + "#" + h.Section }

// Results are the hits of one search, best first. Band is that of the first, weak where there is none.
type Results struct {
	Query    string `json:"query"`
	Language string `json:"-"` // of the question, as given or guessed
	Band     Band   `json:"band"`
	Results  []Hit  `json:"results"`
	Note     string `json:"-"` // a sentence for people: what the search had to do without; "" for nothing
}

// Search ranks the passages for a question. At most one passage of a section is given. Errors are invalid (nothing asked,
// limit out of range) or the context's.
func (b *Base) Search(ctx context.Context, q Query) (Results, error) {
	if err := ctx.Err(); err != nil {
		return Results{}, err
	}
	b.courtesy.Asked()
	defer b.courtesy.Answered()
	if strings.TrimSpace(q.Text) == "" && len(q.Kinds) == 0 && len(q.MessageIDs) == 0 {
		return Results{}, fault.New(fault.Invalid, "The question is empty.").WithHint("Say in a few words what you look for.")
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return Results{}, fault.New(fault.Invalid, "The limit must lie between 1 and %d.", MaxLimit)
	}
	b, err := b.answering(ctx)
	if err != nil {
		return Results{}, err
	}
	a, err := b.ask(ctx, q, "", 0)
	if err != nil {
		return Results{}, err
	}
	hits, err := a.hits(ctx, q.Limit)
	if err != nil {
		return Results{}, err
	}
	out := Results{Query: q.Text, Language: a.language, Band: Weak, Results: hits, Note: a.note}
	if len(hits) > 0 {
		out.Band = hits[0].Band
	}
	return out, nil
}

// asked is a question as read against the documents.
type asked struct {
	base       *Base
	whole      bool
	language   string
	stats      *statistics // to be read under the view's lock only
	average    float64
	units      []scored
	remedy     scored   // "what to do", which Fitting looks for
	wanted     []uint32 // hashes of the terms that are looked for
	sorted     []int    // their slots by rising hash
	bound      map[int64]float64
	candidates []*candidate
	alpha      float64 // how much vectors count
	note       string
}

// ask finds the candidates for a question and ranks them. Documents that are bound by at least so much are looked at whole, found or not;
// names are the words in which the names of jobs and streams are looked for.
func (b *Base) ask(ctx context.Context, q Query, names string, least float64) (*asked, error) {
	if err := b.refresh(ctx); err != nil {
		return nil, err
	}
	text := q.Text
	if len(text) > maxQuestion {
		text = strings.ToValidUTF8(text[:maxQuestion], "")
	}
	a := &asked{base: b, whole: q.Whole, language: words.LanguageCode(q.Language), bound: map[int64]float64{}}
	if a.language == "" {
		a.language = words.LanguageOf(text)
	}
	var vector []float32
	if dimensions := b.comparable(); dimensions > 0 && strings.TrimSpace(text) != "" {
		a.alpha = b.Weight().Alpha
		if a.alpha > 0 { // where vectors count nothing, none is asked for
			vector, a.note = b.vector(ctx, text, dimensions)
		}
	}
	bound := a.understand(ctx, text, &q, names, least)
	found, err := b.engine.Find(ctx, a.query(ctx, vector))
	if err != nil {
		return nil, err
	}
	if err := a.take(ctx, found, bound); err != nil {
		return nil, err
	}
	a.rank()
	return a, nil
}

// understand reads the question as units, with the weights that the documents give them, and gives the documents that are bound.
func (a *asked) understand(ctx context.Context, text string, q *Query, names string, least float64) (bound []*entry) {
	v := a.base.view
	v.mu.RLock()
	defer v.mu.RUnlock()
	a.stats, a.average = &v.stats, v.stats.average()
	units := parse(a.base.glossary, text)
	for _, u := range units[:min(len(units), maxUnits)] {
		a.units = append(a.units, a.lookUp(u))
	}
	a.remedy = a.lookUp(unit{concepts: []string{remedy}, weight: 1})
	a.sortWanted()
	for _, e := range v.bound {
		if w := binding(e, q.Kinds, q.MessageIDs, names); w > 0 && w >= least && sees(ctx, e.Access) {
			a.bound[e.ID] = w
			bound = append(bound, e)
		}
	}
	return bound
}

// take reads the records of what was found, and of the passages of bound documents.
func (a *asked) take(ctx context.Context, found []index.Candidate, bound []*entry) error {
	v := a.base.view
	v.mu.RLock()
	documents := make([]*entry, len(found))
	for i := range found {
		documents[i] = v.known[found[i].Document]
	}
	v.mu.RUnlock()
	there := map[uint64]bool{}
	for i := range found {
		if documents[i] == nil || !sees(ctx, documents[i].Access) {
			continue // gone from the shelf or shut, and not yet in the index
		}
		c, err := a.read(found[i], documents[i])
		if err != nil {
			return fault.Wrap(fault.Internal, err, "The knowledge index is damaged.").WithHint("Have it made anew.")
		}
		a.candidates = append(a.candidates, c)
		there[c.id] = true
	}
	for _, d := range bound {
		h, err := a.base.whole(ctx, &d.Document)
		if err != nil {
			return err
		}
		for i := range h.passages {
			if there[h.passages[i].ID] {
				continue
			}
			c, err := a.read(index.Candidate{ID: h.passages[i].ID, Document: d.ID, Record: h.records[i]}, d)
			if err != nil {
				return err
			}
			a.candidates = append(a.candidates, c)
		}
	}
	return nil
}

// hits gives the best passage of each section.
func (a *asked) hits(ctx context.Context, limit int) ([]Hit, error) {
	type section struct {
		document int64
		section  int
	}
	seen := map[section]bool{}
	var chosen []*candidate
	for _, c := range a.candidates {
		if len(chosen) == limit {
			break
		}
		key := section{c.document.ID, c.head.Section}
		if seen[key] || c.score <= 0 || (a.bound[c.document.ID] == 0 && c.score < a.candidates[0].score/50) {
			continue
		}
		seen[key] = true
		chosen = append(chosen, c)
	}
	return a.quoted(ctx, chosen)
}

// quoted makes hits of candidates. One whose passage is gone meanwhile is left out.
func (a *asked) quoted(ctx context.Context, chosen []*candidate) ([]Hit, error) {
	ids := make([]uint64, len(chosen))
	for i, c := range chosen {
		ids[i] = c.id
	}
	passages, err := a.base.shelf.Where(ctx, ids...)
	if err != nil {
		return nil, err
	}
	at := map[uint64]library.Passage{}
	for _, p := range passages {
		at[p.ID] = p
	}
	out := make([]Hit, 0, len(chosen))
	weights := a.termWeights()
	for _, c := range chosen {
		p, there := at[c.id]
		if !there {
			continue
		}
		d := &c.document.Document
		sections, err := a.base.sections(ctx, d)
		if err != nil {
			return nil, err
		}
		if p.Section >= len(sections) {
			continue
		}
		lines, first, err := a.cited(ctx, &p)
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			continue
		}
		s := &sections[p.Section]
		start, end, text := quote(lines, first, weights, a.whole)
		out = append(out, Hit{
			Document: d.Path, Title: d.Title, HeadingPath: s.HeadingPath, Section: s.Slug,
			StartLine: start, EndLine: end, Quote: text, Language: d.Language,
			Score: math.Round(c.score*1000) / 1000, Band: a.band(c),
		})
	}
	return out, nil
}

// cited gives the lines that a passage is quoted from, and the number of the first. A passage that is a piece of a line is quoted from that
// piece, and where whole passages are wanted from its line, as long as a quote can hold it.
func (a *asked) cited(ctx context.Context, p *library.Passage) (lines []string, first int, err error) {
	if p.To == 0 {
		lines, err = a.base.body(ctx, p)
		return lines, p.Body, err
	}
	if a.whole {
		lines, err = a.base.shelf.Lines(ctx, p.Document, p.Start, p.Start)
		if err != nil || len(lines) == 1 && utf8.RuneCountInString(words.Squeeze(lines[0])) <= maxWhole {
			return lines, p.Start, err
		}
	}
	lines, err = a.base.body(ctx, p)
	return lines, p.Start, err
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
