package main

import (
	"context"
	"strconv"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/twstools/answer"
)

// kbFinding is a finding of the librarian as programs read it.
type kbFinding struct {
	Document string `json:"document"`
	Line     int    `json:"line,omitempty"`
	Rule     string `json:"rule"`
	Text     string `json:"text"`
}

func (p *program) kbLint(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	kinds, err := answer.Kinds()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The built-in kinds of cause are broken.")
	}
	found := []kbFinding{}
	err = p.withShelf(ctx, false, func(ctx context.Context, _ *config.Config, s *shelf) error {
		if s == nil {
			return fault.New(fault.NotFound, "No document has been read in.").WithHint("resync kb ingest PATH… reads some in.")
		}
		list, err := library.Lint(ctx, s.Library, library.LintOptions{Kinds: kinds})
		for _, x := range list {
			found = append(found, kbFinding{x.Document, x.Line, x.Rule, x.Text})
		}
		return err
	})
	if err != nil {
		return err
	}
	rows := func() (head []string, rows [][]string) {
		for _, x := range found {
			rows = append(rows, []string{x.Document, strconv.Itoa(x.Line), x.Rule, x.Text})
		}
		return []string{"document", "line", "rule", "text"}, rows
	}
	w := p.screen()
	page := func() {
		for _, x := range found {
			place := x.Document
			if x.Line > 0 {
				place += ":" + strconv.Itoa(x.Line)
			}
			w.line(looking(place, cyan), looking(x.Rule, amber), text(x.Text))
		}
		if len(found) == 0 {
			w.line(text("Nothing to say."))
		}
	}
	if err := p.write(w, form, found, page, rows); err != nil {
		return err
	}
	if len(found) > 0 {
		return errShown{1}
	}
	return nil
}
