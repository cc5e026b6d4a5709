package knowledge

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Bounds of an exam beside MaxSamples.
const (
	rivalsOfEach = 5    // of a question, by words and by vector each
	maxPool      = 2500 // passages that are looked at
)

// exam asks the documents for their own headings, among passages that have none. Were only the answer without its heading, it would stand behind everything
// whose heading is made like the question.
type exam struct {
	base      *Base
	questions []examined
	pool      []pooled
	in        map[uint64]bool // passages of the pool
}

// examined is a question with the section that answers it.
type examined struct {
	KnownQuestion
	document int64
	section  int
	vector   []float32
}

// pooled is a passage without its heading.
type pooled struct {
	document *entry
	passage  library.Passage
	section  cut.Section
	body     []string
	record   index.Packed
	vector   []float32
}

// draw chooses the questions; what answers them is the first of the pool.
func (e *exam) draw(ctx context.Context, all []*entry) error {
	type answer struct {
		examined
		passages []pooled
	}
	found := map[[2]string]*answer{}
	var headings []Heading
	for _, d := range all {
		sections, err := e.base.shelf.Sections(ctx, d.ID)
		if err != nil {
			return err
		}
		passages, err := e.base.shelf.Passages(ctx, d.ID)
		if err != nil {
			return err
		}
		for i, s := range sections {
			if s.Level == 0 || len(s.HeadingPath) == 0 {
				continue
			}
			h := Heading{Document: d.Path, Section: s.Slug, Title: d.Title, Text: s.HeadingPath[len(s.HeadingPath)-1], Leaf: i+1 == len(sections) || sections[i+1].Level <= s.Level}
			a := &answer{examined: examined{document: d.ID, section: i}}
			for _, p := range passages {
				if p.Section == i && !p.Bare {
					a.passages, h.Words = append(a.passages, pooled{document: d, passage: p, section: s}), leastWords // counted below, where it is drawn
				}
			}
			h.Leaf = h.Leaf && fold.Text(h.Text) != fold.Text(d.Title) // a title stays, so it would not be gone
			headings, found[[2]string{d.Path, s.Slug}] = append(headings, h), a
		}
	}
	for _, q := range KnownQuestions(headings, 2*MaxSamples) {
		a := found[[2]string{q.Document, q.Section}]
		a.KnownQuestion = q
		n := 0
		for i := range a.passages {
			if err := e.read(ctx, &a.passages[i]); err != nil {
				return err
			}
			n += len(strings.Fields(strings.Join(a.passages[i].body, " ")))
		}
		if n < leastWords || len(e.pool)+len(a.passages) > maxPool {
			continue
		}
		e.questions = append(e.questions, a.examined)
		for _, p := range a.passages {
			e.pool, e.in[p.passage.ID] = append(e.pool, p), true
		}
		if len(e.questions) == MaxSamples {
			break
		}
	}
	return nil
}

func (e *exam) read(ctx context.Context, p *pooled) (err error) {
	p.body, err = e.base.body(ctx, &p.passage)
	return err
}

// rivals adds to the pool what looks most like an answer to each question, to words and to vectors alike.
func (e *exam) rivals(ctx context.Context) error {
	b := e.base
	for i := range e.questions {
		q := &e.questions[i]
		vectors, err := b.questions.Embed(ctx, []string{q.Text})
		if err != nil {
			return err
		}
		if len(vectors) != 1 {
			return fault.New(fault.UpstreamUnavailable, "The embedder gave %d vectors for a question.", len(vectors))
		}
		q.vector = vectors[0]
		query := e.understood(ctx, q).query(ctx, q.vector)
		query.Limit = rivalsOfEach
		found, err := b.engine.Find(ctx, query)
		if err != nil {
			return err
		}
		var ids []uint64
		for _, c := range found {
			if !e.in[c.ID] && len(e.pool)+len(ids) < maxPool {
				ids, e.in[c.ID] = append(ids, c.ID), true
			}
		}
		passages, err := b.shelf.Where(ctx, ids...)
		if err != nil {
			return err
		}
		for _, p := range passages {
			b.view.mu.RLock()
			d := b.view.known[p.Document]
			b.view.mu.RUnlock()
			if d == nil || p.Bare {
				continue
			}
			sections, err := b.sections(ctx, &d.Document)
			if err != nil {
				return err
			}
			if p.Section >= len(sections) {
				continue // it changed meanwhile
			}
			rival := pooled{document: d, passage: p, section: sections[p.Section]}
			if err := e.read(ctx, &rival); err != nil {
				return err
			}
			e.pool = append(e.pool, rival)
		}
	}
	return nil
}

// bare makes records and vectors of the pool, as if there were no headings.
func (e *exam) bare(ctx context.Context) error {
	m := newMaker(e.base.glossary)
	texts := make([]string, len(e.pool))
	for i := range e.pool {
		p := &e.pool[i]
		r := m.record(&p.document.Document, &p.section, &p.passage.Passage, p.body)
		kept := r.Entries[:0]
		for _, entry := range r.Entries {
			entry.Counts[index.Heading] = 0
			if entry.Counts != ([index.Fields]uint8{}) {
				kept = append(kept, entry)
			}
		}
		r.Entries, r.Words = kept, 0
		p.record = r.Pack()
		s := p.section
		s.HeadingPath = s.HeadingPath[:max(0, len(s.HeadingPath)-1)]
		texts[i] = embeddable(&p.document.Document, &s, p.body)
	}
	into := make([]index.Passage, len(texts))
	if err := e.base.embed(ctx, texts, into); err != nil {
		return err
	}
	for i := range e.pool {
		e.pool[i].vector = into[i].Vector
	}
	return nil
}

// understood reads a question as Search does.
func (e *exam) understood(ctx context.Context, q *examined) *asked {
	a := &asked{base: e.base, language: words.LanguageOf(q.Text), bound: map[int64]float64{}}
	a.understand(ctx, q.Text, &Query{}, "", 0)
	return a
}

// sample lets the scorer rank the pool for a question.
func (e *exam) sample(ctx context.Context, number int) (Sample, error) {
	q := &e.questions[number]
	a := e.understood(ctx, q)
	found := make([]index.Candidate, len(e.pool))
	for i, p := range e.pool {
		found[i] = index.Candidate{ID: p.passage.ID, Document: p.document.ID, Record: p.record, Dense: cosine(q.vector, p.vector)}
	}
	slices.SortFunc(found, func(x, y index.Candidate) int { return cmp.Or(cmp.Compare(y.Dense, x.Dense), cmp.Compare(x.ID, y.ID)) })
	for i := range found[:min(len(found), index.Candidates)] {
		found[i].ByVector = true
	}
	if err := a.take(ctx, found, nil); err != nil {
		return Sample{}, err
	}
	a.rank()
	s := Sample{Own: -1}
	lexical, dense := a.lists()
	type place struct {
		document int64
		section  int
	}
	places := map[place]int{}
	for i, c := range a.candidates {
		if c.words <= 0 && math.IsNaN(dense[i]) {
			continue
		}
		at := place{c.document.ID, c.head.Section}
		n, seen := places[at]
		if !seen {
			n = len(places)
			places[at] = n
		}
		if at == (place{q.document, q.section}) {
			s.Own = n
		}
		s.Lexical, s.Dense, s.Section = append(s.Lexical, lexical[i]), append(s.Dense, dense[i]), append(s.Section, n)
	}
	return s, nil
}

// cosine is that of vectors of length 1.
func cosine(a, b []float32) float64 {
	sum := 0.0
	for i := range min(len(a), len(b)) {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
