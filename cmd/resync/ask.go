package main

import (
	"bytes"
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
	"github.com/resync-hwa/resync/agentsvc/conversations"
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
		Name: "ask", Usage: "ask one question, or one a line, and print the answers", ArgsUsage: "QUESTION",
		Flags: append(outputFlags(),
			&cli.StringFlag{Name: "language", Usage: "en or pt; the question's own when absent"},
			&cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"},
			&cli.StringFlag{Name: "agent", Usage: "who answers: auto, status, diagnostics, knowledge, handover, or one of your own; auto chooses"},
			&cli.BoolFlag{Name: "lines", Usage: "read questions from standard input, one a line; an empty line begins a new conversation"},
			&cli.StringFlag{Name: "trace", Usage: "append to this `FILE` what the tools returned, one JSON line for each answer"},
			&cli.StringFlag{Name: "mcp", Usage: "take the tools from the MCP server at this `URL` instead of reading an engine"},
			&cli.StringFlag{Name: "mcp-token-file", Usage: "`FILE` with the token or API key for that server"},
			&cli.BoolFlag{Name: "verbose", Usage: "log to standard error"}),
		Action: p.ask, ShellComplete: p.completeAgents,
	}
}

// asking is one run of the command: who answers, and where answers go.
type asking struct {
	agent    agentsvc.Asker
	turns    conversations.Store
	trace    io.WriteCloser // nil: nobody wants one
	out      io.Writer
	form     string // text, json or yaml
	lines    bool   // one JSON object a line
	language string
	engine   string
	who      string // the agent's id; empty: auto
	// answering is the id of the agent that gives the answer at hand, or gave the last one.
	answering string
	fatal     bool // an engine could not be read for one of the answers
}

func (p *program) ask(ctx context.Context, c *cli.Command) error {
	a, question, err := p.asking(c)
	if err != nil {
		return err
	}
	cfg, err := p.config(nil)
	if err != nil {
		return err
	}
	if !c.Bool("verbose") {
		cfg.Log = config.Log{Level: slog.LevelError.String(), Format: cfg.Log.Format}
	}
	if a.trace, err = openTrace(c.String("trace")); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(auth.WithCaller(ctx, auth.Local()))
	defer stop()
	s, err := p.wire(ctx, cfg, c, a)
	if s != nil {
		defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	}
	if err == nil && a.lines {
		err = p.askLines(ctx, a)
	} else if err == nil {
		_, err = a.one(ctx, question, "")
	}
	if a.trace != nil {
		if closed := a.trace.Close(); err == nil && closed != nil {
			err = fault.Wrap(fault.Internal, closed, "The trace cannot be written.")
		}
	}
	if err == nil && a.fatal {
		err = errShown{4}
	}
	return err
}

// asking reads the command line: how answers are printed, and the question where it stands there.
func (p *program) asking(c *cli.Command) (*asking, string, error) {
	form, err := output(c)
	if err != nil {
		return nil, "", err
	}
	a := &asking{out: p.out, form: form, lines: c.Bool("lines"), language: c.String("language"), engine: c.String("engine"), who: c.String("agent")}
	if a.language != "" && a.language != "en" && a.language != "pt" {
		return nil, "", fault.New(fault.Invalid, "There is no language %q.", a.language).WithHint("en and pt are.")
	}
	if c.IsSet("mcp-token-file") && !c.IsSet("mcp") {
		return nil, "", fault.New(fault.Invalid, "A token was given for no server.").WithHint("--mcp names the server.")
	}
	question := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
	switch {
	case a.lines && question != "":
		return nil, "", fault.New(fault.Invalid, "With --lines the questions come from standard input, not from the command line.")
	case !a.lines && question == "":
		return nil, "", fault.New(fault.Invalid, "There is no question.").WithHint(`resync ask "why did PAYROLL abend?"`)
	}
	return a, question, nil
}

// wire makes the agent, over the configured engines or over the tools of another server.
func (p *program) wire(ctx context.Context, cfg *config.Config, c *cli.Command, a *asking) (*site, error) {
	o := conversations.Options{Now: p.clock, Store: conversations.NewMemory(conversations.MemoryOptions{All: 2})} // an ended one is never taken up again
	if a.trace != nil {
		o.LedgerBytes = tracedBytes
	}
	turns := conversations.New(o)
	a.turns = turns.Store()
	if url := c.String("mcp"); url != "" {
		s := p.bare(cfg)
		caller, err := p.remoteTools(ctx, s, url, c.String("mcp-token-file"))
		if err != nil {
			return s, err
		}
		// What the answers then say of the engine is the tools' own; this stands where no tool could be called.
		a.agent, err = p.agentOver(ctx, s, caller, answer.EngineInfo{Name: "default", Mode: "live", API: setAPI("")}, turns)
		return s, err
	}
	s, err := p.open(ctx, cfg)
	if err != nil {
		return s, err
	}
	a.agent, err = p.agent(ctx, s, turns)
	return s, err
}

// one asks one question in a conversation, a new one for "", and prints the answer.
func (a *asking) one(ctx context.Context, question, conversation string) (answer.Answer, error) {
	ans, err := a.agent.Ask(ctx, agentsvc.Question{Text: question, ConversationID: conversation, Language: a.language, Engine: a.engine, Agent: a.who}, a.hear)
	if err != nil {
		return ans, err
	}
	a.fatal = a.fatal || compose.FatalUpstream(ans)
	// The trace stands there before the answer does: whoever reads the answer can read both.
	if err := a.writeTrace(ctx, ans); err != nil {
		return ans, err
	}
	if err := a.print(ans); err != nil {
		return ans, fault.Wrap(fault.Internal, err, "The answer cannot be written.")
	}
	return ans, nil
}

// hear notes who answers.
func (a *asking) hear(e agentsvc.Event) {
	if who, ok := e.Data.(agentsvc.AgentEvent); ok {
		a.answering = who.ID
	}
}

// print writes the answer in one piece, so that nobody who reads along sees half of it.
func (a *asking) print(ans answer.Answer) error {
	var b bytes.Buffer
	var err error
	switch a.form {
	case "json":
		if a.lines {
			err = writeJSON(&b, ans, "")
		} else {
			err = printJSON(&b, ans)
		}
	case "yaml":
		if a.lines {
			b.WriteString("---\n")
		}
		err = printYAML(&b, ans)
	default:
		if err = printAnswer(&b, ans, a.answering); a.lines {
			b.WriteString("\n")
		}
	}
	if err == nil {
		_, err = a.out.Write(b.Bytes())
	}
	return err
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
	var text strings.Builder
	if err := yaml.NewEncoder(&text).Encode(quotedUnseen(same)); err != nil {
		return err
	}
	_, err = io.WriteString(w, escapedYAML(text.String()))
	return err
}

// printAnswer writes an answer for a terminal: the prose, then what it rests on, and who gave it. Bold marks are Markdown's; a terminal shows them as stars.
func printAnswer(w io.Writer, a answer.Answer, agent string) error {
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
	fmt.Fprintf(&b, "\n[%s, %s, %s %s, agent %s]\n", a.Engine.Name, a.Engine.Mode, a.DataAsOf, a.Model, agent)
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
