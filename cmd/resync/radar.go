package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/tools"
)

// radarCommand lists findings; ack and unack below it keep what is normal here.
func (p *program) radarCommand() *cli.Command {
	all := false
	cmd := tellCommand(p, teller[tools.RadarIn, tools.RadarOut]{
		name: "radar", usage: "list what is wrong though nothing is red",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "with evidence, and with what is acknowledged as normal here"},
			&cli.StringFlag{Name: "min", Usage: "only findings at least that bad: critical, high, medium or low"},
			&cli.StringSliceFlag{Name: "rule", Usage: "only findings of this `RULE`; may be repeated"},
			&cli.IntFlag{Name: "prompt-minutes", Value: 30, Usage: "how long a question may wait for its answer"},
			&cli.StringFlag{Name: "language", Value: "en", Usage: "en or pt"},
		},
		in: func(c *cli.Command) (tools.RadarIn, error) {
			all = c.Bool("all")
			in := everything
			in.MinSeverity, in.Rules, in.PromptMinutes, in.Language = c.String("min"), c.StringSlice("rule"), c.Int("prompt-minutes"), c.String("language")
			switch {
			case in.MinSeverity != "" && !plan.Severity(in.MinSeverity).Known():
				return in, fault.New(fault.Invalid, "There is no severity %q.", in.MinSeverity).WithHint("critical, high, medium and low are.")
			case in.Language != "en" && in.Language != "pt":
				return in, fault.New(fault.Invalid, "There is no language %q.", in.Language).WithHint("en and pt are.")
			}
			return in, bounded(c, map[string]int{"prompt-minutes": 10_080}) // a week, as over MCP
		},
		run:  (*tools.Tools).Radar,
		text: func(s *screen, r toolkit.Reply[tools.RadarOut]) { radarText(s, r.Data, all) },
		csv:  radarRows,
	})
	which := &cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"}
	cmd.Commands = []*cli.Command{
		{Name: "ack", Usage: "take a finding for normal here, until a time; it changes nothing in the plan", ArgsUsage: "ID",
			Flags: []cli.Flag{which,
				&cli.StringFlag{Name: "until", Required: true, Usage: "8h, 3d, 2w, a day as 2026-03-31, or an instant as 2026-03-31T18:00 (plan's zone)"},
				&cli.StringFlag{Name: "note", Required: true, Usage: "why it is normal here"}},
			Action: p.radarAck},
		{Name: "unack", Usage: "withdraw an acknowledgement", ArgsUsage: "ID", Flags: []cli.Flag{which}, Action: p.radarUnack},
	}
	return cmd
}

// oneEngine opens a site for a command of the terminal and picks the engine that it names.
func (p *program) oneEngine(ctx context.Context, c *cli.Command) (*site, engine, error) {
	s, err := p.quietly(ctx)
	if err != nil {
		return nil, engine{}, err
	}
	e, err := s.pick(ctx, c.String("engine"))
	if err != nil {
		_ = s.Close() // the error above is the one to tell
		return nil, engine{}, err
	}
	return s, e, nil
}

// radarRows are the findings, and behind them what is acknowledged.
func radarRows(o tools.RadarOut) (head []string, rows [][]string) {
	for _, list := range [][]tools.RadarRow{o.Findings, o.Acknowledged} {
		for _, r := range list {
			row := []string{r.Severity, r.ID, r.Rule, r.Entity, r.Since, strconv.Itoa(max(r.Count, 1)), r.Kind, r.Statement, "", "", ""}
			if r.Ack != nil {
				copy(row[8:], []string{r.Ack.By, r.Ack.Until, r.Ack.Note})
			}
			rows = append(rows, row)
		}
	}
	return []string{"severity", "id", "rule", "entity", "since", "count", "kind", "statement", "acknowledged by", "until", "note"}, rows
}

// radarText writes findings for a person: worst first, what to do below each.
func radarText(s *screen, o tools.RadarOut, all bool) {
	say := func(en, pt string) string { return wording{en, pt}.in(o.Language) }
	below := func(said string) { s.line(text(said).behind(strings.Repeat(" ", 23))) }
	head := func(severity string, look style, id, statement string) {
		s.line(cell{text: fmt.Sprintf("%-8s", severity), look: look}, cell{text: fmt.Sprintf("%-13s", id), look: dim}, text(statement))
	}
	for _, r := range o.Findings {
		head(r.Severity, severityLooks[r.Severity], r.ID, r.Statement)
		if r.Since != "" {
			below(say("since", "desde") + " " + r.Since)
		}
		for _, a := range r.Actions {
			said := a.Text
			if a.Command != "" {
				said += "  (" + a.Command + ")"
			}
			below(said)
		}
		if all {
			for _, e := range r.Evidence {
				below(e.Source + "  " + e.Quote)
			}
		}
	}
	switch {
	case o.Clear:
		s.line(looking(say("Nothing is wrong that the radar knows, and it could check everything.", "Nada de errado que o radar conheça, e tudo pôde ser verificado."), green))
	case len(o.Findings) == 0 && len(o.Missing) > 0:
		s.line(text(say("Nothing was found in what could be checked.", "Nada foi encontrado no que pôde ser verificado.")))
	case len(o.Findings) == 0:
		s.line(text(say("Nothing of that is wrong.", "Nada disso está errado.")))
	}
	if all {
		for _, r := range o.Acknowledged {
			head("normal", dim, r.ID, r.Statement)
			below(say("acknowledged by", "reconhecido por") + " " + r.Ack.By + ", " + say("until", "até") + " " + r.Ack.Until + ": " + r.Ack.Note)
		}
	} else if n := len(o.Acknowledged); n > 0 {
		s.line(text(fmt.Sprintf(say("%d acknowledged as normal here; --all shows them.", "%d reconhecido(s) como normal aqui; --all mostra."), n)))
	}
	if len(o.Missing) > 0 {
		s.line(text(say("Not checked:", "Não verificado:")))
		for _, m := range o.Missing {
			s.line(looking(m, dim).behind("  "))
		}
	}
}

// severityLooks are the colours of severities.
var severityLooks = map[string]style{"critical": red, "high": red, "medium": amber}

func (p *program) radarAck(ctx context.Context, c *cli.Command) error {
	id, err := findingArgument(c)
	if err != nil {
		return err
	}
	s, e, err := p.oneEngine(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // the write was committed by its own transaction
	until, err := untilWhen(c.String("until"), p.clock(), e.tools.Zone(ctx))
	if err != nil {
		return err
	}
	a, err := s.acknowledge(auth.WithCaller(ctx, p.person()), e, id, until, c.String("note"))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s (%s) is normal here until %s, as %s says: %s\n", visible(a.Entity), a.Rule, a.Until.In(e.tools.Zone(ctx)).Format(time.RFC3339), visible(a.ByName), visible(a.Note))
	return err
}

func (p *program) radarUnack(ctx context.Context, c *cli.Command) error {
	id, err := findingArgument(c)
	if err != nil {
		return err
	}
	s, e, err := p.oneEngine(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // the write was committed by its own transaction
	if err := s.withdraw(auth.WithCaller(ctx, p.person()), e, id); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s is no longer acknowledged.\n", id)
	return err
}

func findingArgument(c *cli.Command) (string, error) {
	if c.Args().Len() != 1 {
		return "", fault.New(fault.Invalid, "One id of a finding is needed.").WithHint("resync radar lists them.")
	}
	return strings.ToLower(strings.TrimSpace(c.Args().First())), nil
}

// person is whoever sits at this terminal: the caller that commands have, by the name of the account on this machine where it is told.
func (p *program) person() auth.Caller {
	who := auth.Local()
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if value := p.setting(name); value != "" {
			who.Name = value
			break
		}
	}
	return who
}

var untilSpan = regexp.MustCompile(`^(\d{1,4})(m|h|d|w)$`)

// untilWhen reads an end: so long from now, the end of a day, or an instant; without a zone of its own it is in the plan's.
func untilWhen(text string, now time.Time, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if m := untilSpan.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[m[2]]
		return now.Add(time.Duration(n) * unit), nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return day.AddDate(0, 0, 1), nil // the day itself counts
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is no time until which something can hold.", text).WithHint("Write 8h, 3d, 2w, 2026-03-31, or 2026-03-31T18:00.")
}
