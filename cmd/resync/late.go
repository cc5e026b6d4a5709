package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// lateCommand tells when something will be done, or what will be late.
func (p *program) lateCommand() *cli.Command {
	return tellCommand(p, teller[tools.LateIn, tools.LateOut]{
		name: "late", usage: "when a job or stream will be done, or what will miss its deadline, and because of what", args: "[JOB | STREAM]",
		flags: []cli.Flag{
			&cli.IntFlag{Name: "hours", Value: 24, Usage: "without a target: only deadlines within so many hours, at most 168"},
			&cli.StringFlag{Name: "at", Usage: "the instance planned for, or running at, that time"},
			&cli.IntFlag{Name: "limit", Value: 100, Usage: "most rows, at most 100"},
		},
		in: func(c *cli.Command) (tools.LateIn, error) {
			return tools.LateIn{Target: strings.TrimSpace(strings.Join(c.Args().Slice(), " ")), At: c.String("at"), Hours: c.Int("hours"), PageSize: c.Int("limit")},
				bounded(c, map[string]int{"hours": 168, "limit": 100})
		},
		run:  (*tools.Tools).LateRisk,
		text: lateText,
		csv: func(o tools.LateOut) ([]string, [][]string) {
			var rows [][]string
			for _, r := range o.Rows {
				eater := ""
				if r.Eater != nil {
					eater = r.Eater.Entity
				}
				rows = append(rows, []string{string(r.Risk), r.Entity, r.Status, r.Deadline, r.PredictedEnd, r.PredictedSlow, figure(r.SlackMinutes), r.ActBy, eater, r.Service, r.Contact})
			}
			return []string{"risk", "entity", "status", "deadline", "predicted_end", "predicted_end_slow", "slack_minutes", "act_by", "eater", "service", "contact"}, rows
		},
	})
}

func lateText(s *screen, r toolkit.Reply[tools.LateOut]) {
	o := r.Data
	line := func(indent string, said string) { s.line(text(said).behind(indent)) }
	switch {
	case len(o.Rows) > 0:
	case !o.Complete || len(o.Missing) > 0:
		line("", "Nothing was found that has a deadline or is critical, and not everything could be read.")
	default:
		line("", "Nothing that is left to run has a deadline, or is critical.")
	}
	for _, row := range o.Rows {
		s.line(looking(strings.ToUpper(strings.ReplaceAll(string(row.Risk), "_", " ")), riskLooks[string(row.Risk)]), looking(row.Entity, bold), status(row.Status))
		lateLines(line, row, clockOf(r.Clocks.PlanNow))
	}
	if more := o.Total - len(o.Rows); more > 0 {
		line("", fmt.Sprintf("%d more.", more))
	}
	for _, m := range o.Missing {
		line("", "not seen: "+m)
	}
	s.line(looking("("+o.Basis+")", dim))
}

// riskLooks are the colours of what needs somebody.
var riskLooks = map[string]style{"missed": red, "late": red, "blocked": red, "at_risk": amber, "on_time": green}

func lateLines(line func(indent, said string), r tools.LateRow, now clock) {
	const in = "  "
	if r.Deadline != "" && r.SlackMinutes != nil {
		line(in, "deadline "+now.full(r.Deadline)+", slack "+strconv.Itoa(*r.SlackMinutes)+" min, act by "+now.full(r.ActBy))
	}
	if r.Arithmetic != "" {
		said := r.Arithmetic
		if r.AtLeast {
			said += " at the earliest"
		}
		line(in, said)
	}
	if r.PredictedSlow != "" && r.PredictedSlow != r.PredictedEnd {
		line(in, "on a slow day "+now.full(r.PredictedSlow))
	}
	if e := r.Eater; e != nil {
		why := map[string]string{"failed": "it failed, and must run again first", "overrun": fmt.Sprintf("it runs %d min longer than usual", e.Minutes), "longest": fmt.Sprintf("it takes %d min more", e.Minutes)}[e.Why]
		line(in, "what eats it: "+e.Entity+": "+why)
	}
	if len(r.AlsoWaitsFor) > 0 {
		line(in, "and waits for what no clock tells: "+strings.Join(r.AlsoWaitsFor, ", "))
	}
	if s := r.StartNow; s != nil {
		line(in, fmt.Sprintf("starting %s now saves %d min", s.Entity, s.Minutes))
	}
	if e := r.Engine; e != nil {
		line(in, strings.TrimSpace("the engine's own forecast: "+e.Alert+" "+now.full(e.EstimatedEnd)))
	}
	for _, p := range r.Parts {
		if p.Runs > 0 {
			line(in, fmt.Sprintf("%s usually takes %d min (%s, %d runs)", p.Entity, p.UsualMinutes, strings.ReplaceAll(p.Source, "_", " "), p.Runs))
		}
	}
	if r.Service+r.Contact != "" {
		line(in, "service "+r.Service+" "+r.Contact)
	}
}
