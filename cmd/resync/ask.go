package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"

	"github.com/urfave/cli/v3"
	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// outputFlags are -o and --json, alike for every command that prints data.
func outputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, json or yaml"},
		&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
	}
}

// output gives the chosen form.
func output(c *cli.Command) (string, error) {
	if c.Bool("json") {
		return "json", nil
	}
	switch o := c.String("output"); o {
	case "text", "json", "yaml":
		return o, nil
	default:
		return "", fault.New(fault.Invalid, "There is no output form %q.", o).WithHint("text, json and yaml are.")
	}
}

func (p *program) askCommand() *cli.Command {
	return &cli.Command{
		Name: "ask", Usage: "ask one question and print the answer", ArgsUsage: "QUESTION",
		Flags:  append(outputFlags(), &cli.StringFlag{Name: "language", Usage: "en or pt; the question's own when absent"}, &cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"}, &cli.BoolFlag{Name: "verbose", Usage: "log to standard error"}),
		Action: p.ask,
	}
}

func (p *program) ask(ctx context.Context, c *cli.Command) error {
	form, err := output(c)
	if err != nil {
		return err
	}
	language := c.String("language")
	if language != "" && language != "en" && language != "pt" {
		return fault.New(fault.Invalid, "There is no language %q.", language).WithHint("en and pt are.")
	}
	question := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
	if question == "" {
		return fault.New(fault.Invalid, "There is no question.").WithHint(`resync ask "why did PAYROLL abend?"`)
	}
	cfg, err := p.config(nil)
	if err != nil {
		return err
	}
	if !c.Bool("verbose") {
		cfg.Log = config.Log{Level: slog.LevelError.String(), Format: cfg.Log.Format}
	}
	a, err := p.answer(ctx, cfg, agentsvc.Question{Text: question, Language: language, Engine: c.String("engine")})
	if err != nil {
		return err
	}
	switch form {
	case "json":
		enc := json.NewEncoder(p.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(a)
	case "yaml":
		err = printYAML(p.out, a)
	default:
		err = printAnswer(p.out, a)
	}
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The answer cannot be written.")
	}
	if compose.FatalUpstream(a) {
		return errShown{4}
	}
	return nil
}

// answer asks in a process of its own: no store, no server.
func (p *program) answer(ctx context.Context, cfg *config.Config, q agentsvc.Question) (answer.Answer, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s, err := p.open(ctx, cfg)
	if s != nil {
		defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	}
	if err != nil {
		return answer.Answer{}, err
	}
	ag, err := p.agent(ctx, s)
	if err != nil {
		return answer.Answer{}, err
	}
	return ag.Ask(auth.WithCaller(ctx, auth.Local()), q, nil)
}

// printYAML writes the same object as JSON does, with the same names.
func printYAML(w io.Writer, a any) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	var same any
	if err := json.Unmarshal(raw, &same); err != nil {
		return err
	}
	return yaml.NewEncoder(w).Encode(same)
}

// printAnswer writes an answer for a terminal: the prose, then what it rests on. Bold marks are Markdown's; a terminal shows them as stars.
func printAnswer(w io.Writer, a answer.Answer) error {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(strings.TrimSpace(a.Answer), "**", "") + "\n")
	if lines := evidence(a); len(lines) > 0 {
		section(&b, a.Language, "Evidence", "Evidência")
		for _, l := range lines {
			b.WriteString("  " + l + "\n")
		}
	}
	for _, e := range a.Errors {
		fmt.Fprintf(&b, "  ! %s: %s %s\n", e.Code, e.Message, e.Hint)
	}
	fmt.Fprintf(&b, "\n[%s, %s, %s %s]\n", a.Engine.Name, a.Engine.Mode, a.DataAsOf, a.Model)
	_, err := io.WriteString(w, visible(b.String()))
	return err
}

// visible takes out of text for the terminal what a terminal would obey. The tools clean what they pass on; this keeps a gap there from being one here.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1 // control characters, and the invisible ones that turn the direction of reading
	}, s)
}

// evidence lists what the answer rests on, a line each, and what could not be seen.
func evidence(a answer.Answer) []string {
	var out []string
	if d := a.Diagnosis; d != nil {
		for _, c := range d.Causes {
			for _, e := range c.Evidence {
				line := ""
				if e.Line > 0 {
					line = fmt.Sprintf(":%d", e.Line)
				}
				out = append(out, fmt.Sprintf("%s%s  %s", e.Source, line, e.Quote))
			}
		}
		for _, m := range d.Missing {
			out = append(out, "? "+m)
		}
	}
	for _, c := range a.Citations {
		out = append(out, c.Source+"  "+c.Title)
	}
	return out
}

func section(b *strings.Builder, language, en, pt string) {
	if language == "pt" {
		en = pt
	}
	b.WriteString("\n" + en + "\n")
}
