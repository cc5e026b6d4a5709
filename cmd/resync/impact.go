package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// impactCommand tells who suffers from something, and what an act on it would start.
func (p *program) impactCommand() *cli.Command {
	return tellCommand(p, teller[tools.ImpactIn, tools.ImpactOut]{
		name: "impact", usage: "who suffers from a job, stream, workstation, resource, file or prompt, and what an act on it would start", args: "TARGET",
		flags: []cli.Flag{
			&cli.StringFlag{Name: "if", Usage: "what would start after: rerun, cancel, release or confirm; nothing is carried out"},
			&cli.StringFlag{Name: "kind", Usage: "what TARGET is, where its name could be several things: job, job_stream, workstation, resource, prompt, file"},
			&cli.StringFlag{Name: "at", Usage: "the instance planned for, or running at, that time"},
			&cli.IntFlag{Name: "limit", Value: 100, Usage: "most rows, at most 100"},
		},
		in: func(c *cli.Command) (tools.ImpactIn, error) {
			target := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
			if target == "" {
				return tools.ImpactIn{}, fault.New(fault.Invalid, "There is no target.").WithHint("resync impact LXPAY01#PAYROLL.CALC_TAX")
			}
			act, err := actNamed(c.String("if"))
			if err != nil {
				return tools.ImpactIn{}, err
			}
			return tools.ImpactIn{Target: target, Kind: c.String("kind"), At: c.String("at"), If: act, PageSize: c.Int("limit")}, bounded(c, map[string]int{"limit": 100})
		},
		run:  (*tools.Tools).ImpactOf,
		text: impactText,
		csv: func(o tools.ImpactOut) ([]string, [][]string) {
			var rows [][]string
			for _, r := range o.Affected {
				rows = append(rows, []string{strconv.Itoa(r.Hops), r.Entity, r.Via, r.State, r.Status, r.Deadline, r.PredictedEnd, r.ActBy, r.Service, r.Contact})
			}
			return []string{"hops", "entity", "via", "state", "status", "deadline", "predicted_end", "act_by", "service", "contact"}, rows
		},
	})
}

// actNamed takes the action codes, and the words that people type for them.
func actNamed(word string) (string, error) {
	switch strings.ToLower(word) {
	case "", "rerun", "cancel", "release_dependency", "confirm_succ":
		return strings.ToLower(word), nil
	case "release":
		return "release_dependency", nil
	case "confirm":
		return "confirm_succ", nil
	}
	return "", fault.New(fault.Invalid, "What %q would start cannot be told.", word).WithHint("rerun, cancel, release and confirm can.")
}

func impactText(s *screen, r toolkit.Reply[tools.ImpactOut]) {
	o := r.Data
	s.line(looking(o.Subject.Entity, bold), status(o.Subject.Status), text(o.Subject.Description))
	downstream(s, o, clockOf(r.Clocks.PlanNow))
	switch {
	case o.Total == 0 && o.Complete:
		s.line(text("Nothing waits behind it."))
	case o.Total == 0:
		s.line(text("Nothing was found behind it, and not everything was looked at."))
	default:
		said := fmt.Sprintf("%d held up, %d of them cannot keep their deadlines.", o.Total, o.Late)
		if !o.Complete {
			said = "at least " + said
		}
		s.line(text(said))
		s.line(text("(reckoned by Resync, as if nothing else held them; resync late counts all that each waits for)"))
	}
	if more := o.Total - len(o.Affected); more > 0 {
		s.line(text(fmt.Sprintf("%d more; -o json --limit 100 shows up to 100.", more)))
	}
	if o.If != "" {
		s.line(looking("If it were done: "+o.If, bold))
		for _, x := range o.Starts {
			s.line(text(startWords[x.When]).behind("  "), text(x.Entity), text(strings.Join(x.By, ", ")), looking(unsureWords[x.Unsure], amber))
		}
		if len(o.Starts) == 0 {
			s.line(text("nothing would start").behind("  "))
		}
	}
	for _, m := range o.Missing {
		s.line(looking("not seen: "+m, dim))
	}
}

// startWords say what an act does to an object.
var startWords = map[string]string{"now": "starts now:", "later": "starts when that has ended well:", "still_waits": "let go, and still waits:", "not_released": "not let go, its condition stays:"}

var unsureWords = map[bool]string{true: "(its dependencies could not be read)"}

// downstream draws who suffers as a tree below the subject. Rows whose way was not read hang on the subject.
func downstream(s *screen, o tools.ImpactOut, now clock) {
	known := map[string]bool{o.Subject.Entity: true}
	for _, r := range o.Affected {
		known[r.Entity] = true
	}
	below := map[string][]tools.ImpactRow{}
	for _, r := range o.Affected {
		via := r.Via
		if !known[via] || via == r.Entity {
			via = o.Subject.Entity
		}
		below[via] = append(below[via], r)
	}
	drawn := map[string]bool{o.Subject.Entity: true}
	var draw func(entity, indent, service string)
	draw = func(entity, indent, service string) {
		rows := below[entity]
		for i, r := range rows {
			limb, next := "├─ ", "│  "
			if i == len(rows)-1 {
				limb, next = "└─ ", "   "
			}
			cells := impactCells(r, now, r.Service+r.Contact != service)
			cells[0] = cells[0].behind(indent + limb)
			s.line(cells...)
			if !drawn[r.Entity] {
				drawn[r.Entity] = true
				draw(r.Entity, indent+next, r.Service+r.Contact)
			}
		}
	}
	draw(o.Subject.Entity, "", "")
}

func impactCells(r tools.ImpactRow, now clock, service bool) []cell {
	cells := []cell{text(r.Entity), status(r.Status)}
	switch r.State {
	case "late":
		cells = append(cells, looking("LATE", red))
	case "released":
		cells = append(cells, looking("RELEASED", green))
	}
	if r.Deadline != "" {
		cells = append(cells, text("deadline "+now.full(r.Deadline)+", at the earliest "+now.full(r.PredictedEnd)+", act by "+now.full(r.ActBy)))
	}
	if r.Critical {
		cells = append(cells, looking("critical", amber))
	}
	if service {
		cells = append(cells, looking(r.Service+" "+r.Contact, cyan))
	}
	return cells
}
