package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/twstools/tools"
)

func (p *program) statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Aliases: []string{"showinfo"}, Usage: "show how the plan stands: its window and run number, batchman, counts, and what needs a person",
		Flags: append(listFlags(), watchFlag(), &cli.StringFlag{Name: "workstation", Usage: "count jobs of this workstation only; @ and ? allowed"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			form, err := listForm(c)
			if err != nil {
				return err
			}
			return p.onEngine(ctx, c, form, func(ctx context.Context, e engine, w *screen) ([]string, error) {
				r, err := e.tools.PlanStatus(ctx, tools.PlanStatusIn{Workstation: c.String("workstation")})
				if err != nil {
					return nil, err
				}
				var fields []tools.FieldRow
				for _, s := range r.Sources[:min(1, len(r.Sources))] {
					for _, f := range s.Fields {
						fields = append(fields, tools.FieldRow(f))
					}
				}
				return nil, said(w, form, r, func() { statusPage(w, r.Data) }, fields)
			})
		},
	}
}

// statusPage writes the plan on one page: conman's head line, what planman's showinfo tells as far as the interface does, counts, and what needs a person.
func statusPage(s *screen, o tools.PlanStatusOut) {
	c := clockOf(o.PlanNow)
	planHead(s, o)
	planLines(s, o, c)
	countLine(s, "Jobs", o.JobsTotal, o.JobsByStatus)
	countLine(s, "Job streams", o.JobStreamsTotal, o.JobStreamsByStatus)
	sick := 0
	for _, w := range o.Workstations {
		if w.Problem != "" {
			sick++
		}
	}
	s.line(looking("Workstations", bold), text(strconv.Itoa(len(o.Workstations))), looking(maybe("with a problem: ", positive(sick)), red))
	if len(o.NeedsPerson) > 0 {
		s.line(looking("Needs a person", bold), text(strconv.Itoa(o.NeedsPersonTotal)))
		var rows [][]cell
		for _, a := range o.NeedsPerson {
			why := strings.TrimSpace(strings.TrimPrefix(a.Why, a.Status)) // the status stands there already
			kind := text(strings.ReplaceAll(a.Kind, "_", " ")).behind("  ")
			look := status(a.Status)
			if a.Kind == "workstation" || a.Kind == "prompt" {
				look.look = red
			}
			rows = append(rows, []cell{kind, look, text(a.Entity), text(maybe("since ", c.full(a.Since))), text(why)})
		}
		s.grid(rows)
		if more := o.NeedsPersonTotal - len(o.NeedsPerson); more > 0 {
			s.line(text(fmt.Sprintf("and %d more", more)).behind("  "))
		}
	}
	missingLines(s, o.Missing)
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// planHead is the line that stands over every answer of conman (UG "conman", its prompt): the date, the run number, and whether batchman lives.
func planHead(s *screen, o tools.PlanStatusOut) {
	e := o.Engine
	name := strings.TrimSpace(e.Name + " (" + e.Mode + ", " + e.API + maybe(", ", e.Version) + ")")
	p := o.Plan
	if p == nil || p.Unread != "" {
		s.line(looking("Plan of "+name, bold))
		return
	}
	head := "Scheduled for " + orElse(p.ScheduledDate, "?")
	if p.RunNumber != nil {
		head += " (#" + strconv.Itoa(*p.RunNumber) + ")"
	}
	look := green
	word := "Batchman " + orElse(p.Batchman, "not told")
	if p.Batchman == "" {
		look = dim
	} else if p.Problem != "" {
		look = red
	}
	s.line(looking(head+" on "+name+".", bold), looking(word+".", look))
	if p.Problem != "" {
		s.line(looking("! "+p.Problem, red))
	}
}

// planLines are the lines of planman's showinfo (UG "Retrieving the production plan information"). What the interface does not tell is named once: no line
// may look as if it were known.
func planLines(s *screen, o tools.PlanStatusOut, c clock) {
	var rows [][]cell
	row := func(label, value string) {
		rows = append(rows, []cell{text(label).behind("  "), {text: ":"}, text(value)})
	}
	row("Plan's now", o.PlanNow)
	if p := o.Plan; p != nil && p.Unread == "" {
		for _, f := range []struct{ label, value string }{{"Production plan start time", p.Start}, {"Production plan end time", p.End}} {
			if f.value != "" {
				row(f.label, f.value+nearby(c, f.value))
			}
		}
		row("Run number", orElse(figure(p.RunNumber), "not told"))
		row("Time zone", orElse(p.TimeZone, orElse(o.Engine.TimeZone, "not told")))
	}
	s.grid(rows)
	switch p := o.Plan; {
	case p == nil:
	case p.Unread != "":
		s.line(looking("? Window, run number and batchman: "+p.Unread, dim))
	default:
		s.line(looking("? Not told by the REST interface: plan creation and last update, preproduction plan, first incomplete instance, confirm run number. On the master: planman showinfo", dim))
	}
}

// countLine writes a total and its parts, the biggest first.
func countLine(s *screen, what string, total int, by map[string]int) {
	cells := []cell{looking(what, bold), text(strconv.Itoa(total))}
	words := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		if by[a] != by[b] {
			return by[b] - by[a]
		}
		return strings.Compare(a, b)
	})
	for _, w := range words {
		c := status(w)
		c.text = c.text + " " + strconv.Itoa(by[w])
		cells = append(cells, c)
	}
	s.line(cells...)
}
