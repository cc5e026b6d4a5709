package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/agentsvc/handover"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// handoverCommand writes what one shift leaves to the next.
func (p *program) handoverCommand() *cli.Command {
	return &cli.Command{
		Name: "handover", Usage: "write the report that one shift leaves to the next: what is open, what will be late, what happened, what could not be seen",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "since", Usage: "from when on: 8h, 22:00, a date or RFC 3339; the start of the shift that ends when absent (shift.starts)"},
			&cli.StringFlag{Name: "language", Value: "en", Usage: "en or pt"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, markdown, json or yaml"},
			&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
			&cli.StringFlag{Name: "out", Usage: "write into this `FILE` instead of standard output; .md, .json and .yaml choose the form where -o does not"},
			&cli.IntFlag{Name: "look-into", Value: 8, Usage: "how many open objects are diagnosed one by one, 1 to 30; each may cost the engine dozens of reads"},
			&cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"},
			&cli.StringFlag{Name: "mcp", Usage: "take the tools from the MCP server at this `URL` instead of reading an engine"},
			&cli.StringFlag{Name: "mcp-token-file", Usage: "`FILE` with the token or API key for that server"},
		},
		Action: p.handover,
	}
}

func (p *program) handover(ctx context.Context, c *cli.Command) error {
	form, err := handoverForm(c)
	if err != nil {
		return err
	}
	if lang := c.String("language"); lang != "en" && lang != "pt" {
		return fault.New(fault.Invalid, "There is no language %q.", lang).WithHint("en and pt are.")
	}
	if err := bounded(c, map[string]int{"look-into": 30}); err != nil {
		return err
	}
	s, caller, named, err := p.handoverTools(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	r, err := handover.Make(ctx, caller, handover.Request{Engine: named, Since: c.String("since"), Starts: s.cfg.Shift.Starts, Language: c.String("language"), Diagnoses: c.Int("look-into")})
	if err != nil {
		return err
	}
	file := c.String("out")
	w := p.screen()
	if file != "" {
		w.colour = false
	}
	if err := writeHandover(w, form, r); err != nil {
		return err
	}
	if file == "" {
		return p.tell(w.String(), nil)
	}
	if err := os.WriteFile(file, []byte(w.String()), 0o600); err != nil {
		return fault.Wrap(fault.Invalid, err, "The report cannot be written to %s.", file)
	}
	return nil
}

// handoverTools gives the tools of the engine that a command names, or those of a server elsewhere, to which the engine is then named.
func (p *program) handoverTools(ctx context.Context, c *cli.Command) (*site, toolkit.Caller, string, error) {
	if !c.IsSet("mcp") {
		if c.IsSet("mcp-token-file") {
			return nil, nil, "", fault.New(fault.Invalid, "A token was given for no server.").WithHint("--mcp names the server.")
		}
		s, e, err := p.oneEngine(ctx, c)
		if err != nil {
			return nil, nil, "", err
		}
		caller, err := e.caller()
		if err != nil {
			_ = s.Close() // the error above is the one to tell
		}
		return s, caller, "", err
	}
	cfg, err := p.config(nil)
	if err != nil {
		return nil, nil, "", err
	}
	s := p.bare(cfg)
	caller, err := p.remoteTools(ctx, s, c.String("mcp"), c.String("mcp-token-file"))
	if err != nil {
		_ = s.Close() // the error above is the one to tell
	}
	return s, caller, c.String("engine"), err
}

// handoverForm gives the form that was asked for, else the one that the file's name says.
func handoverForm(c *cli.Command) (string, error) {
	form := c.String("output")
	switch {
	case c.Bool("json"):
		return "json", nil
	case !c.IsSet("output"):
		if named := map[string]string{".md": "markdown", ".markdown": "markdown", ".json": "json", ".yaml": "yaml", ".yml": "yaml"}[strings.ToLower(filepath.Ext(c.String("out")))]; named != "" {
			return named, nil
		}
	case form == "md":
		return "markdown", nil
	}
	switch form {
	case "text", "markdown", "json", "yaml":
		return form, nil
	}
	return "", fault.New(fault.Invalid, "There is no output form %q.", form).WithHint("text, markdown, json and yaml are.")
}

// caller gives the tools of one engine to whoever calls them by name. There is no other engine to choose.
func (e engine) caller() (toolkit.Caller, error) {
	all, err := e.tools.All()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The tools cannot be defined.")
	}
	set, err := toolkit.NewSet(all...)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The tool set cannot be made.")
	}
	return toolkit.Local(set), nil
}

func writeHandover(w *screen, form string, r handover.Report) error {
	switch form {
	case "json", "yaml":
		return w.inForm(form, r, nil, nil)
	case "markdown":
		w.WriteString(visibleLines(r.Page().Markdown()))
		return nil
	}
	page := r.Page()
	w.line(looking(page.Title, bold))
	for _, s := range page.Sections {
		w.WriteString("\n")
		if s.Head != "" {
			w.line(looking(s.Head, bold))
		}
		for _, l := range s.Lines {
			w.handoverLine(l)
		}
	}
	return nil
}

// handoverLine writes one line; what stands behind it as its source is dim.
func (s *screen) handoverLine(l handover.Line) {
	looks := map[string]style{handover.Name: cyan, handover.Strong: bold, handover.Code: bold}
	var out strings.Builder
	for _, span := range l.Spans {
		out.WriteString(s.painted(cell{text: visible(strings.Join(strings.FieldsFunc(span.Text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " ")), look: looks[span.Kind]}))
	}
	s.WriteString(strings.Repeat("   ", l.Level) + strings.TrimRight(out.String(), " "))
	if l.Source != "" {
		s.WriteString(s.painted(cell{text: "  [" + visible(l.Source) + "]", look: dim}))
	}
	s.WriteString("\n")
}

// visibleLines makes a text of several lines harmless for a terminal.
func visibleLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = visible(l)
	}
	return strings.Join(lines, "\n")
}
