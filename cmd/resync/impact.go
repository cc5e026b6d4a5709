package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

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
			return tools.ImpactIn{Target: target, Kind: c.String("kind"), At: c.String("at"), If: act, PageSize: min(100, max(1, c.Int("limit")))}, nil
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

func impactText(w io.Writer, r toolkit.Reply[tools.ImpactOut]) error {
	o := r.Data
	var b strings.Builder
	line := func(indent string, cells ...string) {
		var kept []string
		for _, c := range printable(cells) {
			if c != "" {
				kept = append(kept, c)
			}
		}
		b.WriteString(strings.TrimRight(indent+strings.Join(kept, "  "), " ") + "\n")
	}
	line("", o.Subject.Entity, o.Subject.Status, o.Subject.Description)
	downstream(line, o, r.Clocks.PlanNow)
	switch {
	case o.Total == 0 && o.Complete:
		line("", "Nothing waits behind it.")
	case o.Total == 0:
		line("", "Nothing was found behind it, and not everything was looked at.")
	default:
		said := fmt.Sprintf("%d held up, %d of them cannot keep their deadlines", o.Total, o.Late)
		if !o.Complete {
			said = "at least " + said
		}
		line("", said+".")
	}
	if more := o.Total - len(o.Affected); more > 0 {
		line("", fmt.Sprintf("%d more; -o json --limit 100 shows up to 100.", more))
	}
	if o.If != "" {
		line("", "", "If it were done: "+o.If)
		for _, s := range o.Starts {
			line("  ", startWords[s.When], s.Entity, strings.Join(s.By, ", "), unsureWords[s.Unsure])
		}
		if len(o.Starts) == 0 {
			line("  ", "nothing would start")
		}
	}
	for _, m := range o.Missing {
		line("", "not seen: "+m)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// startWords say what an act does to an object.
var startWords = map[string]string{"now": "starts now:", "later": "starts when that has ended well:", "still_waits": "let go, and still waits:", "not_released": "not let go, its condition stays:"}

var unsureWords = map[bool]string{true: "(its dependencies could not be read)"}

// downstream draws who suffers as a tree below the subject. Rows whose way was not read hang on the subject.
func downstream(line func(indent string, cells ...string), o tools.ImpactOut, now string) {
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
			line(indent+limb, impactCells(r, now, r.Service+r.Contact != service)...)
			if !drawn[r.Entity] {
				drawn[r.Entity] = true
				draw(r.Entity, indent+next, r.Service+r.Contact)
			}
		}
	}
	draw(o.Subject.Entity, "", "")
}

func impactCells(r tools.ImpactRow, now string, service bool) []string {
	cells := []string{r.Entity, r.Status}
	if r.State != "blocked" {
		cells = append(cells, strings.ToUpper(r.State))
	}
	if r.Deadline != "" {
		cells = append(cells, "deadline "+hour(r.Deadline, now)+", at the earliest "+hour(r.PredictedEnd, now)+", act by "+hour(r.ActBy, now))
	}
	if r.Critical {
		cells = append(cells, "critical")
	}
	if service {
		cells = append(cells, strings.Join(strings.Fields(r.Service+" "+r.Contact), " "))
	}
	return cells
}

// hour writes an instant as people say it: the time of day, with the date where that is not the one of now.
func hour(at, now string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	if n, err := time.Parse(time.RFC3339, now); err == nil && n.Format(time.DateOnly) == t.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
