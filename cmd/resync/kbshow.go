package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	pages "github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge"
)

// withBooks runs do over the documents that answer here: those that were read in, else the built-in runbooks.
func (p *program) withBooks(ctx context.Context, do func(context.Context, *config.Config, *knowledge.Base, *shelf) error) error {
	cfg, err := p.config(nil)
	if err != nil {
		return err
	}
	base, s, err := p.books(ctx, cfg, p.logger(cfg), false)
	if err != nil {
		return err
	}
	if s != nil {
		defer s.Close() //nolint:errcheck // every write was committed by its own transaction
	} else {
		fmt.Fprintln(p.err, "resync: nothing has been read in; these are the built-in runbooks. resync kb ingest PATH… reads yours.")
	}
	return do(ctx, cfg, base, s)
}

func (p *program) kbList(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	return p.withBooks(ctx, func(ctx context.Context, _ *config.Config, base *knowledge.Base, s *shelf) error {
		documents, err := base.Documents(ctx)
		if err != nil {
			return err
		}
		out := struct {
			Documents []pages.Document `json:"documents"`
			Problems  []pages.Problem  `json:"problems"`
		}{[]pages.Document{}, []pages.Problem{}}
		for _, d := range documents {
			out.Documents = append(out.Documents, pageOf(d))
		}
		if s != nil {
			problems, err := s.Problems(ctx)
			if err != nil {
				return err
			}
			out.Problems = problemsOf(problems)
		}
		rows := func() (head []string, rows [][]string) {
			for _, d := range out.Documents {
				rows = append(rows, []string{d.Path, d.Kind, d.Format, d.Language, d.Version, d.Access, strconv.Itoa(d.Sections), strconv.Itoa(d.Passages), strconv.Itoa(d.Lines), d.Title})
			}
			return []string{"document", "kind", "format", "lang", "version", "access", "sections", "passages", "lines", "title"}, rows
		}
		w := p.screen()
		page := func() {
			w.table(rows)
			for _, x := range out.Problems {
				w.line(looking("left out:", amber), text(x.Document), text("– "+x.Reason))
			}
		}
		return p.write(w, form, out, page, rows)
	})
}

// kbText is a stretch of a document as programs read it.
type kbText struct {
	Document  pages.Document `json:"document"`
	Section   string         `json:"section,omitempty"`
	StartLine int            `json:"start_line"`
	EndLine   int            `json:"end_line"`
	Lines     []string       `json:"lines"`
}

func (p *program) kbShow(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	if c.Args().Len() != 1 {
		return fault.New(fault.Invalid, "One document is shown at a time.").WithHint("resync kb show DOCUMENT[#SECTION]; resync kb list lists them.")
	}
	return p.withBooks(ctx, func(ctx context.Context, _ *config.Config, base *knowledge.Base, _ *shelf) error {
		shown, err := stretch(ctx, base, strings.TrimPrefix(c.Args().First(), "knowledge:"), c.String("lines"))
		if err != nil {
			return err
		}
		w := p.screen()
		page := func() {
			w.line(looking(shown.Document.Title, bold), looking(shown.Document.Path, dim))
			for i, l := range shown.Lines {
				w.line(looking(fmt.Sprintf("%6d", shown.StartLine+i), dim).behind(""), cell{text: visible(l)})
			}
		}
		rows := func() (head []string, rows [][]string) {
			for i, l := range shown.Lines {
				rows = append(rows, []string{strconv.Itoa(shown.StartLine + i), l})
			}
			return []string{"line", "text"}, rows
		}
		return p.write(w, form, shown, page, rows)
	})
}

// stretch reads what "document", "document#section" and lines name.
func stretch(ctx context.Context, base *knowledge.Base, name, lines string) (kbText, error) {
	d, err := base.Document(ctx, name)
	section := ""
	if err != nil {
		path, slug, both := cutLast(name, "#")
		if !both {
			return kbText{}, err
		}
		if d, err = base.Document(ctx, path); err != nil {
			return kbText{}, err
		}
		section = slug
	}
	out := kbText{Document: pageOf(d), Section: section, StartLine: 1, EndLine: d.Lines}
	if section != "" {
		var s knowledge.Section
		if s, err = base.Section(ctx, d.Path, section); err != nil {
			return kbText{}, err
		}
		out.StartLine, out.EndLine = s.StartLine, s.EndLine
	}
	if lines != "" {
		first, last, both := strings.Cut(lines, "-")
		if !both {
			last = first
		}
		start, err1 := strconv.Atoi(strings.TrimSpace(first))
		end, err2 := strconv.Atoi(strings.TrimSpace(last))
		if err1 != nil || err2 != nil || start < 1 || end < start || start > d.Lines {
			return kbText{}, fault.New(fault.Invalid, "--lines are two numbers between 1 and %d, such as 12-40.", d.Lines)
		}
		out.StartLine, out.EndLine = start, min(end, d.Lines)
	}
	out.Lines, err = base.Lines(ctx, d.Path, out.StartLine, out.EndLine)
	if out.Lines == nil {
		out.Lines = []string{}
	}
	return out, err
}

// cutLast cuts at the last separator: a path may hold one too.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// kbTally is what the shelf and its index hold and cost.
type kbTally struct {
	Documents     int     `json:"documents"`
	Passages      int     `json:"passages"`
	Lines         int     `json:"lines"`
	Problems      int     `json:"problems"`
	TextBytes     int64   `json:"text_bytes"`     // packed, in the database
	DatabaseBytes int64   `json:"database_bytes"` // of the file; 0 on PostgreSQL
	Index         string  `json:"index"`          // embedded or qdrant
	Indexed       int     `json:"indexed_passages"`
	IndexBytes    int64   `json:"index_bytes"` // 0 where a server does not tell
	Behind        int64   `json:"behind"`      // changes of the shelf that the index does not have yet
	Model         string  `json:"model,omitempty"`
	BytesAPassage float64 `json:"bytes_a_passage"`
	// WithoutVectors are documents that lack theirs since the embedder was away; Weight is what vectors count in a search, 0 to 0.5.
	WithoutVectors int     `json:"without_vectors,omitempty"`
	Weight         float64 `json:"weight,omitempty"`
}

func (p *program) kbStats(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	return p.withShelf(ctx, false, func(ctx context.Context, cfg *config.Config, s *shelf) error {
		if s == nil {
			return fault.New(fault.NotFound, "No document has been read in.").WithHint("resync kb ingest PATH… reads some in.")
		}
		t, err := tallyOf(ctx, cfg, s)
		if err != nil {
			return err
		}
		vectors, err := s.base.Vectors(ctx)
		if err != nil {
			return err
		}
		t.WithoutVectors, t.Weight = vectors.Lacking, vectors.Weight.Alpha
		w := p.screen()
		page := func() {
			w.line(text(fmt.Sprintf("%d documents, %d lines, %d passages; %d files left out.", t.Documents, t.Lines, t.Passages, t.Problems)))
			w.line(text(fmt.Sprintf("Texts %s packed; database %s; index (%s) %s; %.0f bytes a passage.", megabytes(t.TextBytes), megabytes(t.DatabaseBytes), t.Index, megabytes(t.IndexBytes), t.BytesAPassage)))
			w.vectors(vectors)
			if t.Behind > 0 {
				w.line(looking(fmt.Sprintf("The index lacks the last %d changes; the next ingest or start of the server takes them up.", t.Behind), amber))
			}
		}
		rows := func() (head []string, rows [][]string) {
			return []string{"documents", "passages", "lines", "problems", "text_bytes", "database_bytes", "index_bytes", "behind"},
				[][]string{{strconv.Itoa(t.Documents), strconv.Itoa(t.Passages), strconv.Itoa(t.Lines), strconv.Itoa(t.Problems), strconv.FormatInt(t.TextBytes, 10), strconv.FormatInt(t.DatabaseBytes, 10), strconv.FormatInt(t.IndexBytes, 10), strconv.FormatInt(t.Behind, 10)}}
		}
		return p.write(w, form, t, page, rows)
	})
}

func megabytes(n int64) string { return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB" }

func tallyOf(ctx context.Context, cfg *config.Config, s *shelf) (kbTally, error) {
	tally, err := s.Tally(ctx)
	if err != nil {
		return kbTally{}, err
	}
	problems, err := s.Problems(ctx)
	if err != nil {
		return kbTally{}, err
	}
	state, err := s.index.State(ctx)
	if err != nil {
		return kbTally{}, err
	}
	change, err := s.Change(ctx)
	if err != nil {
		return kbTally{}, err
	}
	t := kbTally{Documents: tally.Documents, Passages: tally.Passages, Lines: tally.Lines, Problems: len(problems), TextBytes: tally.Bytes,
		Index: "embedded", Indexed: state.Passages, IndexBytes: state.Bytes, Behind: max(0, change-state.Upto), Model: state.Layout.Model}
	if !cfg.Qdrant.IsZero() {
		t.Index = "qdrant"
	}
	if cfg.Database.IsZero() {
		t.DatabaseBytes = fileSize(filepath.Join(cfg.DataDir, knowledgeFile+".db"))
	}
	if t.Passages > 0 {
		t.BytesAPassage = float64(t.DatabaseBytes+t.IndexBytes) / float64(t.Passages)
	}
	return t, nil
}
