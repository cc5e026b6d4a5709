package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/review"
)

// kbReviewCommand is what becomes of feedback: nothing is learned unless a person has read and accepted it.
func (p *program) kbReviewCommand(form []cli.Flag) *cli.Command {
	bindings := []cli.Flag{
		&cli.StringSliceFlag{Name: "job", Usage: "bind the runbook to jobs of this name or pattern; may be repeated, as the next three"},
		&cli.StringSliceFlag{Name: "stream", Usage: "to job streams"},
		&cli.StringSliceFlag{Name: "kind", Usage: "to a kind of cause, such as app.db.auth"},
		&cli.StringSliceFlag{Name: "message-id", Usage: "to a message id"},
	}
	return &cli.Command{
		Name: "review", Usage: "feedback on answers, and the runbooks that people make of it",
		Commands: []*cli.Command{
			{Name: "list", Usage: "list the cases, newest first", Action: p.reviewList, Flags: append([]cli.Flag{&cli.StringFlag{Name: "state", Usage: "new, drafted, accepted or rejected"}}, form...)},
			{Name: "show", Usage: "show a case with its draft", ArgsUsage: "CASE", Action: p.reviewShow, Flags: form},
			{Name: "add", Usage: "note what you think of an answer", ArgsUsage: "QUESTION", Action: p.reviewAdd, Flags: []cli.Flag{
				&cli.StringFlag{Name: "verdict", Value: string(review.Bad), Usage: "good or bad"},
				&cli.StringFlag{Name: "comment", Usage: "what was right or wrong"},
				&cli.StringSliceFlag{Name: "entity", Usage: "what it was about; may be repeated"},
				&cli.StringSliceFlag{Name: "evidence", Usage: "a line that shows it; may be repeated"},
				&cli.StringFlag{Name: "lang", Usage: "en or pt"},
			}},
			{Name: "draft", Usage: "make a runbook draft of a case: problem, evidence, and what fixed it", ArgsUsage: "CASE", Action: p.reviewDraft, Flags: append([]cli.Flag{
				&cli.StringFlag{Name: "title", Usage: "title of the runbook; the question when absent"},
				&cli.StringFlag{Name: "lang", Usage: "en or pt"},
				&cli.StringFlag{Name: "fix", Usage: "what fixed it, in your words; - reads it from standard input"},
			}, bindings...)},
			{Name: "edit", Usage: "replace the draft by a file of yours; - reads it from standard input", ArgsUsage: "CASE FILE", Action: p.reviewEdit},
			{Name: "accept", Usage: "put the draft on the shelf as a runbook", ArgsUsage: "CASE", Action: p.reviewAccept, Flags: []cli.Flag{
				&cli.StringFlag{Name: "mark", Required: true, Usage: "mark of the draft that you have read, as show gives it"},
			}},
			{Name: "reject", Usage: "end a case without a runbook", ArgsUsage: "CASE", Action: p.reviewReject, Flags: []cli.Flag{
				&cli.StringFlag{Name: "note", Usage: "why"},
			}},
		},
	}
}

// caseOf takes the number of a case.
func caseOf(c *cli.Command, args int) (int64, error) {
	n, err := strconv.ParseInt(c.Args().First(), 10, 64)
	if c.Args().Len() != args || err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "The number of a case is needed.").WithHint("resync kb review list shows them.")
	}
	return n, nil
}

// withQueue runs do over the queue.
func (p *program) withQueue(ctx context.Context, makes bool, do func(context.Context, *shelf) error) error {
	return p.withShelf(ctx, makes, func(ctx context.Context, _ *config.Config, s *shelf) error {
		if s == nil {
			return fault.New(fault.NotFound, "There is no feedback here yet.")
		}
		return do(ctx, s)
	})
}

func (p *program) reviewList(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	return p.withQueue(ctx, false, func(ctx context.Context, s *shelf) error {
		cases, err := s.reviews.List(ctx, review.State(c.String("state")), 0, 0)
		if err != nil {
			return err
		}
		if cases == nil {
			cases = []review.Case{}
		}
		rows := func() (head []string, rows [][]string) {
			for _, x := range cases {
				rows = append(rows, []string{strconv.FormatInt(x.ID, 10), string(x.State), string(x.Feedback.Verdict), x.Feedback.When.UTC().Format("2006-01-02 15:04"), x.Feedback.Who, x.Feedback.Question})
			}
			return []string{"case", "state", "verdict", "when (UTC)", "who", "question"}, rows
		}
		w := p.screen()
		page := func() { w.table(rows) }
		return p.write(w, form, cases, page, rows)
	})
}

// table writes rows under their head.
func (s *screen) table(rows func() (head []string, rows [][]string)) {
	head, all := rows()
	grid := [][]cell{headed(head...)}
	for _, row := range all {
		cells := make([]cell, len(row))
		for i, v := range row {
			cells[i] = text(v)
		}
		grid = append(grid, cells)
	}
	s.grid(grid)
}

func (p *program) reviewShow(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	id, err := caseOf(c, 1)
	if err != nil {
		return err
	}
	return p.withQueue(ctx, false, func(ctx context.Context, s *shelf) error {
		x, err := s.reviews.Get(ctx, id)
		if err != nil {
			return err
		}
		return p.tellCase(form, x)
	})
}

func (p *program) tellCase(form string, x review.Case) error {
	w := p.screen()
	page := func() {
		w.line(looking(fmt.Sprintf("Case %d", x.ID), bold), looking(string(x.State), amber), text(string(x.Feedback.Verdict)))
		w.line(text(x.Feedback.Question))
		if x.Feedback.Comment != "" {
			w.line(text(x.Feedback.Comment).behind("  "))
		}
		for _, e := range x.Feedback.Evidence {
			w.line(looking(e.Source, cyan).behind("  "), text(e.Text))
		}
		for _, s := range x.Steps {
			w.line(looking(s.When.UTC().Format("2006-01-02 15:04"), dim), text(string(s.State)), text(s.Who), looking(s.Note, dim))
		}
		if x.Draft != "" {
			w.line(looking("Draft, mark "+x.Mark, bold))
			for _, l := range strings.Split(strings.TrimRight(x.Draft, "\n"), "\n") {
				w.line(cell{text: "  " + visible(l)})
			}
		}
	}
	rows := func() (head []string, rows [][]string) {
		return []string{"case", "state", "mark", "document"}, [][]string{{strconv.FormatInt(x.ID, 10), string(x.State), x.Mark, x.Document}}
	}
	return p.write(w, form, x, page, rows)
}

func (p *program) reviewAdd(ctx context.Context, c *cli.Command) error {
	f := review.Feedback{Who: p.person().Name, When: p.clock(), Question: strings.Join(c.Args().Slice(), " "), Verdict: review.Verdict(c.String("verdict")),
		Comment: c.String("comment"), Entities: c.StringSlice("entity"), Language: c.String("lang")}
	for _, e := range c.StringSlice("evidence") {
		f.Evidence = append(f.Evidence, review.Evidence{Text: e})
	}
	return p.withQueue(ctx, true, func(ctx context.Context, s *shelf) error {
		x, err := s.reviews.Add(ctx, f)
		if err != nil {
			return err
		}
		return p.tellCase("text", x)
	})
}

func (p *program) reviewDraft(ctx context.Context, c *cli.Command) error {
	id, err := caseOf(c, 1)
	if err != nil {
		return err
	}
	fix := c.String("fix")
	if fix == "-" {
		if fix, err = p.typed("-"); err != nil {
			return err
		}
	}
	o := review.Outline{Title: c.String("title"), Language: c.String("lang"), Fix: fix, Bindings: review.Bindings{
		Jobs: c.StringSlice("job"), Streams: c.StringSlice("stream"), Kinds: c.StringSlice("kind"), MessageIDs: c.StringSlice("message-id")}}
	return p.withQueue(ctx, false, func(ctx context.Context, s *shelf) error {
		x, err := s.reviews.Draft(ctx, id, p.person().Name, o)
		if err != nil {
			return err
		}
		return p.tellCase("text", x)
	})
}

// maxTyped bounds what is read of a draft.
const maxTyped = 1 << 20

// typed reads a text from a file, or from standard input for "-".
func (p *program) typed(name string) (string, error) {
	from := p.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", fault.Wrap(fault.Invalid, err, "%s cannot be read.", name)
		}
		defer f.Close() //nolint:errcheck // it was only read
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, maxTyped))
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "%s cannot be read to its end.", name)
	}
	return string(data), nil
}

func (p *program) reviewEdit(ctx context.Context, c *cli.Command) error {
	id, err := caseOf(c, 2)
	if err != nil {
		return err
	}
	draft, err := p.typed(c.Args().Get(1))
	if err != nil {
		return err
	}
	return p.withQueue(ctx, false, func(ctx context.Context, s *shelf) error {
		x, err := s.reviews.Edit(ctx, id, p.person().Name, draft)
		if err != nil {
			return err
		}
		return p.tellCase("text", x)
	})
}

func (p *program) reviewAccept(ctx context.Context, c *cli.Command) error {
	id, err := caseOf(c, 1)
	if err != nil {
		return err
	}
	return p.withQueue(ctx, false, func(ctx context.Context, s *shelf) error {
		x, err := s.reviews.Accept(ctx, id, p.person().Name, c.String("mark"), s.Library)
		if err != nil {
			return err
		}
		if err := s.update(ctx, nil); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.out, "Case %d is the runbook %s.\n", x.ID, x.Document)
		return err
	})
}

func (p *program) reviewReject(ctx context.Context, c *cli.Command) error {
	id, err := caseOf(c, 1)
	if err != nil {
		return err
	}
	return p.withQueue(ctx, false, func(ctx context.Context, s *shelf) error {
		x, err := s.reviews.Reject(ctx, id, p.person().Name, c.String("note"))
		if err != nil {
			return err
		}
		return p.tellCase("text", x)
	})
}
