package knowledge

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Explained is what a document of the shelf says of a message id or return code, in its own words, cleaned as every text that leaves
// a tool.
type Explained struct {
	ID       string // "AWSBHT001E", or "rc 127"
	Meaning  string
	Action   string
	Language string // of the document
	Source   string // "knowledge:document#section"
	Lines    []toolkit.Line
}

// maxExplained bounds the ids of one question that are looked for.
const maxExplained = 10

// maxEntryLines bounds what is read of one entry.
const maxEntryLines = 120

var (
	idInText   = regexp.MustCompile(`[A-Za-z]{2,8}-?[0-9]{3,6}[A-Za-z]?`)
	codeInText = regexp.MustCompile(`(?i)\b(?:rc|return[ _-]?code|exit[ _-]?(?:code|status)|c[oó]digo(?:\s+de)?\s+(?:retorno|sa[ií]da)|retorno)\s*(?:is|of|was|[eé]|foi|[:=#])?\s*(-?[0-9]{1,5})\b`)
)

// idsIn gives the message ids and return codes that a question names, as passages list them.
func idsIn(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:.!?()[]{}<>\"'`", r) }) {
		if idInText.FindString(word) == word && words.IsMessageID(strings.ToLower(word)) {
			out = append(out, strings.ToUpper(word))
		}
	}
	for _, m := range codeInText.FindAllStringSubmatch(text, -1) {
		out = append(out, "RC "+m[1])
	}
	var unique []string
	for _, id := range out {
		if !slices.Contains(unique, id) && len(unique) < maxExplained {
			unique = append(unique, id)
		}
	}
	return unique
}

// Explain gives what the documents say of a message id or of a return code ("rc 127"), from the passage that defines it. A text of the
// site goes before others, one in the language ("en", "pt" or "") before one in another, one that says what to do before
// one that does not. What the caller may not see is left out. Where the shelf cannot be read there is nothing to tell; the log says why.
func (b *Base) Explain(ctx context.Context, id, language string) (Explained, bool) {
	id = strings.ToUpper(words.Squeeze(id))
	e, ok, err := b.explain(ctx, id, words.LanguageCode(language))
	if err != nil {
		b.logger.WarnContext(ctx, "message not explained", "id", id, "error", err.Error())
	}
	return e, ok && err == nil
}

func (b *Base) explain(ctx context.Context, id, language string) (Explained, bool, error) {
	if id == "" || len(id) > 32 {
		return Explained{}, false, nil
	}
	b, err := b.answering(ctx)
	if err != nil {
		return Explained{}, false, err
	}
	if err := b.refresh(ctx); err != nil {
		return Explained{}, false, err
	}
	hash := index.Hash("=" + fold.Text(id))
	q := index.Query{Units: []index.Unit{{Weight: 1, Any: []index.Term{{Hash: hash, IDF: 1}}}}, Limit: index.Candidates}
	q.Access, q.All = auth.Labels(ctx)
	found, err := b.engine.Find(ctx, q)
	if err != nil {
		return Explained{}, false, err
	}
	var ids []uint64
	for _, c := range found {
		if defines(c.Record, hash) {
			ids = append(ids, c.ID)
		}
	}
	passages, err := b.shelf.Where(ctx, ids...)
	if err != nil {
		return Explained{}, false, err
	}
	type choice struct {
		Explained
		rank int
	}
	var all []choice
	for i := range passages {
		p := &passages[i]
		b.view.mu.RLock()
		d := b.view.known[p.Document]
		b.view.mu.RUnlock()
		if d == nil || !slices.Contains(p.Messages, id) || !sees(ctx, d.Access) || len(all) >= maxExplained {
			continue
		}
		e, ok, err := b.entry(ctx, &d.Document, p, id)
		if err != nil {
			return Explained{}, false, err
		}
		if !ok {
			continue
		}
		c := choice{Explained: e}
		if d.Site {
			c.rank += 4
		}
		if language == "" || d.Language == language {
			c.rank += 2
		}
		if e.Action != "" {
			c.rank++
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return Explained{}, false, nil
	}
	return slices.MaxFunc(all, func(a, b choice) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), -strings.Compare(a.Source, b.Source))
	}).Explained, true, nil
}

// defines reports whether a record has the term as one that its passage explains.
func defines(p index.Packed, hash uint32) bool {
	found := false
	// A broken record defines nothing; searching tells of it.
	_ = p.Scan(func(index.Header) {}, func(e *index.Entry) bool {
		found = e.Hash == hash && e.Counts[index.Defines] > 0
		return e.Hash < hash
	})
	return found
}

// entry reads what one passage says of an id.
func (b *Base) entry(ctx context.Context, d *library.Document, p *library.Passage, id string) (Explained, bool, error) {
	sections, err := b.sections(ctx, d)
	if err != nil || p.Section >= len(sections) {
		return Explained{}, false, err
	}
	text, err := b.shelf.Lines(ctx, d.ID, p.Start, min(p.End, p.Start+maxEntryLines-1))
	if err != nil || len(text) == 0 {
		return Explained{}, false, err
	}
	first := p.Start
	if p.To > 0 {
		text[0] = piece(text[0], p.From, p.To)
	}
	head, err := b.head(ctx, d, p)
	if err != nil {
		return Explained{}, false, err
	}
	entry := cut.EntryOf(id, head, text)
	// Where the cause stands under a heading of its own it may be a section of its own.
	if next := p.Section + 1; entry.Cause+entry.Action == "" && p.To == 0 && p.End == sections[p.Section].EndLine && next < len(sections) && isPart(&sections[next]) {
		more, err := b.shelf.Lines(ctx, d.ID, p.End+1, min(sections[next].EndLine, p.Start+maxEntryLines-1))
		if err != nil {
			return Explained{}, false, err
		}
		text = append(text, more...)
		entry = cut.EntryOf(id, head, text)
	}
	meaning := untrusted.Normalize(strings.TrimSpace(entry.Says + " " + entry.Cause))
	if meaning == "" && entry.Action == "" {
		return Explained{}, false, nil
	}
	e := Explained{ID: shownID(id), Meaning: meaning, Action: untrusted.Normalize(entry.Action), Language: d.Language,
		Source: Hit{Document: d.Path, Section: sections[p.Section].Slug}.Source()}
	for i, l := range text {
		if strings.TrimSpace(l) != "" {
			e.Lines = append(e.Lines, toolkit.Line{N: first + i, Text: untrusted.Clean(l)})
		}
	}
	return e, true, nil
}

// head reads the head of the table whose row a passage is.
func (b *Base) head(ctx context.Context, d *library.Document, p *library.Passage) ([]string, error) {
	if p.HeadEnd == 0 {
		return nil, nil
	}
	head, err := b.shelf.Lines(ctx, d.ID, p.HeadStart, min(p.HeadEnd, p.HeadStart+4))
	if err == nil && len(head) > 0 && p.HeadTo > 0 {
		head[0] = piece(head[0], p.HeadFrom, p.HeadTo)
	}
	return head, err
}

func piece(line string, from, to int) string {
	if from < 0 || from > to || to > len(line) {
		return line // it changed under us
	}
	return line[from:to]
}

// isPart reports whether a section is only the cause or the remedy of the one before it.
func isPart(s *cut.Section) bool {
	return len(s.HeadingPath) > 0 && cut.IsLabel(s.HeadingPath[len(s.HeadingPath)-1])
}

// shownID is an id as people write it.
func shownID(id string) string {
	if code, ok := strings.CutPrefix(id, "RC "); ok {
		return "rc " + code
	}
	return id
}

// withManuals adds to what the catalogue knows of a question's ids what the documents explain, and puts their words in the place of what the
// catalogue tells by an id's form alone.
func (b *Base) withManuals(ctx context.Context, question, language string, known []Decoded) ([]Decoded, []toolkit.Source) {
	var sources []toolkit.Source
	for _, id := range idsIn(question) {
		at := slices.IndexFunc(known, func(d Decoded) bool { return strings.EqualFold(d.ID, id) })
		if at >= 0 && known[at].Known {
			continue
		}
		e, ok := b.Explain(ctx, id, language)
		if !ok {
			continue
		}
		d := Decoded{ID: e.ID}
		if at >= 0 {
			d = known[at]
		}
		d.Meaning, d.Action, d.Source, d.Known = e.Meaning, e.Action, e.Source, true
		if at >= 0 {
			known[at] = d
		} else {
			known = append(known, d)
		}
		sources = append(sources, toolkit.Source{Source: e.Source, Lines: e.Lines})
	}
	return known, sources
}
