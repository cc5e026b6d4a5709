package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	pages "github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/library"
)

// kbCommand is the documents at the terminal.
func (p *program) kbCommand() *cli.Command {
	form := []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, json, yaml or csv"},
		&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
	}
	with := func(flags ...cli.Flag) []cli.Flag { return append(flags, form...) }
	return &cli.Command{
		Name: "kb", Usage: "manuals and runbooks: read them in, search them, look after them",
		Commands: []*cli.Command{
			{Name: "ingest", Usage: "read files, folders and archives in; what has not changed costs nothing", ArgsUsage: "PATH…", Action: p.kbIngest, Flags: with(
				&cli.StringFlag{Name: "kind", Usage: "runbook or manual, where a document does not say so itself"},
				&cli.StringFlag{Name: "lang", Usage: "en or pt, where a document does not say so itself; guessed when absent"},
				&cli.StringFlag{Name: "product-version", Usage: "version of the product that the documents speak of"},
				&cli.StringFlag{Name: "access", Usage: "least role that may see them: viewer, operator or admin"},
				&cli.BoolFlag{Name: "keep", Usage: "keep documents whose files have gone from a folder; without it they are removed"},
				&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "show no progress"},
			)},
			{Name: "search", Usage: "find the passages that answer a question", ArgsUsage: "TEXT", Action: p.kbSearch, Flags: with(
				&cli.IntFlag{Name: "limit", Value: knowledge.DefaultLimit, Usage: fmt.Sprintf("passages at most, up to %d", knowledge.MaxLimit)},
				&cli.StringFlag{Name: "lang", Usage: "language of the question, en or pt; guessed when absent"},
			)},
			{Name: "list", Usage: "list the documents", Action: p.kbList, Flags: with()},
			{Name: "show", Usage: "show a document, a section of it, or some lines", ArgsUsage: "DOCUMENT[#SECTION]", Action: p.kbShow, Flags: with(
				&cli.StringFlag{Name: "lines", Usage: "only these lines, such as 12-40"},
			)},
			{Name: "remove", Usage: "take documents off the shelf; files on disk stay", ArgsUsage: "DOCUMENT…", Action: p.kbRemove},
			{Name: "stats", Usage: "how many documents and passages there are, and what they cost", Action: p.kbStats, Flags: with()},
			p.kbReviewCommand(form),
			{Name: "lint", Usage: "what a librarian would want to know; exit status 1 when there is something", Action: p.kbLint, Flags: with()},
		},
	}
}

// withShelf runs do over the documents. Where none were ever kept, and none are to be, do gets a shelf only if it makes one.
func (p *program) withShelf(ctx context.Context, makes bool, do func(context.Context, *config.Config, *shelf) error) error {
	cfg, err := p.config(nil)
	if err != nil {
		return err
	}
	if !makes && !kept(cfg) {
		return do(ctx, cfg, nil)
	}
	s, err := p.openShelf(ctx, cfg, p.logger(cfg))
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // every write was committed by its own transaction
	return do(ctx, cfg, s)
}

func (p *program) kbIngest(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	paths := c.Args().Slice()
	if len(paths) == 0 {
		return fault.New(fault.Invalid, "Nothing was named to read.").WithHint("resync kb ingest PATH…, where PATH is a file, a folder or an archive.")
	}
	kind := library.Kind(c.String("kind"))
	if kind != "" && kind != library.Runbook && kind != library.Manual {
		return fault.New(fault.Invalid, "--kind is runbook or manual.")
	}
	return p.withShelf(ctx, true, func(ctx context.Context, _ *config.Config, s *shelf) error {
		bar := p.progress(c.Bool("quiet") || form != "text")
		report, err := library.Ingest(ctx, s.Library, library.IngestOptions{
			Paths: paths, Site: true, Kind: kind, Language: c.String("lang"), Version: c.String("product-version"), Access: c.String("access"),
			Prune: !c.Bool("keep"), Progress: bar.ingest,
		})
		bar.end()
		if err != nil {
			return err
		}
		err = s.update(ctx, bar.index)
		bar.end()
		if fault.Is(err, fault.Conflict) { // it says itself what to do; all are found by their words
			return err
		}
		if err != nil {
			return fault.Wrap(fault.CodeOf(err), err, "The documents are kept, but the index could not be brought up to them.").WithHint("Run the command again, or start the server; nothing is read twice.")
		}
		vectors, err := s.base.Vectors(ctx)
		if err != nil {
			return err
		}
		return p.tellIngest(form, report, vectors)
	})
}

// ingested is a report as programs read it.
type ingested struct {
	Added     int             `json:"added"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Removed   int             `json:"removed"`
	Passages  int             `json:"passages"`
	Seconds   float64         `json:"seconds"`
	Problems  []pages.Problem `json:"problems"`
	// WithoutVectors counts documents that are found by their words alone until the embedder has answered.
	WithoutVectors int `json:"without_vectors,omitempty"`
}

func problemsOf(list []library.Problem) []pages.Problem {
	out := []pages.Problem{}
	for _, x := range list {
		out = append(out, pages.Problem{Document: x.Document, Reason: x.Reason})
	}
	return out
}

func (p *program) tellIngest(form string, r library.Report, v knowledge.Vectors) error {
	all := ingested{Added: r.Added, Changed: r.Changed, Unchanged: r.Unchanged, Removed: r.Removed, Passages: r.Passages, Seconds: r.Took.Seconds(), Problems: problemsOf(r.Problems), WithoutVectors: v.Lacking}
	w := p.screen()
	page := func() {
		w.line(text(fmt.Sprintf("%d added, %d changed, %d unchanged, %d removed; %d passages in %s.", r.Added, r.Changed, r.Unchanged, r.Removed, r.Passages, r.Took.Round(time.Millisecond))))
		for _, x := range r.Problems {
			w.line(looking("left out:", amber), text(x.Document), text("– "+x.Reason))
		}
		w.vectors(v)
	}
	rows := func() (head []string, rows [][]string) {
		for _, x := range r.Problems {
			rows = append(rows, []string{x.Document, x.Reason})
		}
		return []string{"left out", "reason"}, rows
	}
	return p.write(w, form, all, page, rows)
}

// vectors says how far documents have vectors and what those count; nothing without an embedder.
func (s *screen) vectors(v knowledge.Vectors) {
	if v.Model == "" {
		return
	}
	if v.Lacking > 0 {
		s.line(looking(fmt.Sprintf("%d documents are found by their words alone until the embedder answers; the next ingest, or the server, gives them their vectors.", v.Lacking), amber))
		var f *fault.Error
		if errors.As(v.Reason, &f) {
			s.line(text(f.Message))
			if f.Hint != "" {
				s.line(text(f.Hint))
			}
		}
		return
	}
	if w := v.Weight; w.Model != "" {
		s.line(text(fmt.Sprintf("Vectors by %s count %.0f %%, as measured on %d headings of the documents.", v.Model, 100*w.Alpha, w.Questions)))
	} else {
		s.line(text("Vectors by " + v.Model + " are not weighed yet and count nothing."))
	}
}

// write prints a value in a form.
func (p *program) write(w *screen, form string, v any, page func(), rows func() (head []string, rows [][]string)) error {
	if err := w.inForm(form, v, page, rows); err != nil {
		return err
	}
	if _, err := io.WriteString(p.out, w.String()); err != nil {
		return fault.Wrap(fault.Internal, err, "The result cannot be written.")
	}
	return nil
}

func (p *program) kbSearch(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	if err := bounded(c, map[string]int{"limit": knowledge.MaxLimit}); err != nil {
		return err
	}
	lang := c.String("lang")
	if lang != "" && lang != knowledge.English && lang != knowledge.Portuguese {
		return fault.New(fault.Invalid, "--lang is en or pt.")
	}
	return p.withBooks(ctx, func(ctx context.Context, _ *config.Config, base *knowledge.Base, _ *shelf) error {
		found, err := base.Search(ctx, knowledge.Query{Text: strings.Join(c.Args().Slice(), " "), Language: lang, Limit: c.Int("limit"), Whole: form != "text"})
		if err != nil {
			return err
		}
		if found.Note != "" {
			fmt.Fprintln(p.err, "resync: "+found.Note)
		}
		w := p.screen()
		page := func() { w.passages(found) }
		rows := func() (head []string, rows [][]string) {
			for _, h := range found.Results {
				rows = append(rows, []string{string(h.Band), strconv.FormatFloat(h.Score, 'f', 3, 64), h.Document, h.Section, strconv.Itoa(h.StartLine), strconv.Itoa(h.EndLine), strings.Join(h.HeadingPath, " > "), h.Quote})
			}
			return []string{"band", "score", "document", "section", "start_line", "end_line", "heading_path", "quote"}, rows
		}
		return p.write(w, form, found, page, rows)
	})
}

// passages writes what was found for a person: where, how surely, and the words.
func (s *screen) passages(r knowledge.Results) {
	looks := map[knowledge.Band]style{knowledge.Strong: green, knowledge.Fair: amber, knowledge.Weak: dim}
	if len(r.Results) == 0 {
		s.line(text("No passage was found."))
	}
	for i, h := range r.Results {
		h = h.Cleaned()
		headed := h.HeadingPath
		if len(headed) == 0 || headed[0] != h.Title { // "What to do" alone does not tell of what
			headed = append([]string{h.Title}, headed...)
		}
		s.line(looking(strconv.Itoa(i+1)+".", bold), looking(string(h.Band), looks[h.Band]), text(strings.Join(headed, " > ")))
		s.line(looking(fmt.Sprintf("%s:%d-%d", h.Document, h.StartLine, h.EndLine), cyan).behind("   "))
		for _, l := range wrapped(h.Quote, 100) {
			s.line(text(l).behind("   "))
		}
	}
}

// wrapped cuts a text into lines of about so many characters at blanks.
func wrapped(s string, width int) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && len([]rune(line))+1+len([]rune(w)) > width {
			out, line = append(out, line), ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}

// namedDocuments takes the documents that a command names.
func namedDocuments(c *cli.Command) ([]string, error) {
	names := c.Args().Slice()
	if len(names) == 0 {
		return nil, fault.New(fault.Invalid, "No document was named.").WithHint("resync kb list lists them.")
	}
	return names, nil
}

func (p *program) kbRemove(ctx context.Context, c *cli.Command) error {
	names, err := namedDocuments(c)
	if err != nil {
		return err
	}
	return p.withShelf(ctx, false, func(ctx context.Context, _ *config.Config, s *shelf) error {
		if s == nil {
			return fault.New(fault.NotFound, "No document has been read in.").WithHint("The built-in runbooks are part of the program and give way to yours: resync kb ingest PATH…")
		}
		if err := s.Remove(ctx, names...); err != nil {
			return err
		}
		if err := s.update(ctx, nil); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%d removed.\n", len(names))
		return err
	})
}

// fileSize is that of a file; one that is not there has nothing in it.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
