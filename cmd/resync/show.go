package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf16"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/tools"
)

// table is how rows of one kind look in a terminal and in CSV: the same columns, text without those that only a program reads.
type table[Row any] struct {
	head  []string
	cells func(Row) []string
}

// showCommands are conman's own words for looking at the plan. What follows the name is conman's selection.
func (p *program) showCommands() []*cli.Command {
	return []*cli.Command{
		showCommand(p, "sj", "showjobs", "jobs", "[WORKSTATION#][STREAM][.JOB][+state=…]", (*tools.Tools).ShowJobs, jobTable),
		showCommand(p, "ss", "showschedules", "job streams", "[WORKSTATION#]STREAM[+state=…]", (*tools.Tools).ShowJobStreams, streamTable),
		showCommand(p, "sc", "showcpus", "workstations", "[WORKSTATION]", (*tools.Tools).ShowWorkstations, workstationTable),
		showCommand(p, "sr", "showresources", "resources and who holds them", "[WORKSTATION#]RESOURCE", (*tools.Tools).ShowResources, resourceTable),
		showCommand(p, "sp", "showprompts", "prompts", "[PROMPT][+state=…]", (*tools.Tools).ShowPrompts, promptTable),
	}
}

// shownByDefault is how many rows are listed when nobody says how many: more than a screen takes, less than a plan has.
const shownByDefault = 1000

func showCommand[Row any](p *program, name, alias, what, args string, read func(*tools.Tools, context.Context, tools.Selection) (tools.Shown[Row], error), t table[Row]) *cli.Command {
	return &cli.Command{
		Name: name, Aliases: []string{alias}, Usage: "list " + what + " as conman does", ArgsUsage: args,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, json, yaml or csv"},
			&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
			&cli.StringFlag{Name: "oql", Usage: "a filter in the engine's query language besides, or instead: \"name LIKE 'PAY@'\""},
			&cli.IntFlag{Name: "limit", Value: shownByDefault, Usage: "most rows; 0 for all"},
			&cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			form := c.String("output")
			if form != "csv" || c.Bool("json") {
				var err error
				if form, err = output(c); err != nil {
					return err
				}
			}
			if c.Int("limit") < 0 {
				return fault.New(fault.Invalid, "--limit cannot be negative.").WithHint("0 lists all.")
			}
			// A selection never holds a space but before the date of an instance, so words that a shell has split belong together.
			selection := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
			if strings.Contains(selection, ";") && !strings.HasSuffix(selection, ";schedid") {
				return fault.New(fault.Invalid, "Options after a semicolon are not known here.").WithHint("-o json shows every field.")
			}
			s, err := p.quietly(ctx)
			if err != nil {
				return err
			}
			defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
			e, err := s.pick(c.String("engine"))
			if err != nil {
				return err
			}
			rows, err := read(e.tools, ctx, tools.Selection{Conman: selection, OQL: c.String("oql"), Limit: c.Int("limit")})
			if err != nil {
				return err
			}
			if err := writeShown(p.out, form, rows, t); err != nil {
				return fault.Wrap(fault.Internal, err, "The rows cannot be written.")
			}
			for _, line := range remarks(len(rows.Rows), c.Int("limit"), rows.Total, rows.Incomplete) {
				fmt.Fprintln(p.err, "resync: "+line)
			}
			return nil
		},
	}
}

// remarks say of a list of n rows what it does not show; total is nil where the engine did not tell it.
func remarks(n, limit int, total *int, incomplete bool) []string {
	var out []string
	switch {
	case total != nil && *total > n && n < limit: // more was asked for
		out = append(out, fmt.Sprintf("the engine counts %d and sent %d.", *total, n))
	case total != nil && *total > n && limit > 0:
		out = append(out, fmt.Sprintf("%d of %d shown; --limit 0 shows all.", n, *total))
	case total == nil && !incomplete && limit > 0 && n >= limit:
		out = append(out, fmt.Sprintf("%d shown, and there may be more; --limit 0 shows all.", n))
	}
	if incomplete {
		out = append(out, "the engine did not give everything that may match: rows may be missing.")
	}
	return out
}

func writeShown[Row any](w io.Writer, form string, rows tools.Shown[Row], t table[Row]) error {
	switch form {
	case "json":
		var text strings.Builder
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(rows); err != nil {
			return err
		}
		_, err := io.WriteString(w, escaped(text.String()))
		return err
	case "yaml":
		return printYAML(w, rows)
	case "csv":
		out := csv.NewWriter(w)
		_ = out.Write(t.head) // an error stays and is told by Error below
		for _, r := range rows.Rows {
			_ = out.Write(harmless(printable(t.cells(r))))
		}
		out.Flush()
		return out.Error()
	}
	if len(rows.Rows) == 0 {
		said := "Nothing in the plan matches."
		if len(rows.Nearest) > 0 {
			said += " The nearest names:\n  " + strings.Join(rows.Nearest, "\n  ")
		}
		_, err := fmt.Fprintln(w, said)
		return err
	}
	var text strings.Builder
	out := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, strings.ToUpper(strings.Join(t.head, "\t")))
	for _, r := range rows.Rows {
		fmt.Fprintln(out, strings.Join(printable(t.cells(r)), "\t")) // each row has all cells, else the columns below it move
	}
	_ = out.Flush() // a builder takes everything
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// printable takes out of cells what could move the cursor or the columns: what the engine sent is not the terminal's to obey.
func printable(cells []string) []string {
	for i, c := range cells {
		cells[i] = strings.Join(strings.Fields(untrusted.Normalize(c)), " ")
	}
	return cells
}

// escaped writes what JSON may hold raw and a terminal would obey, control characters of the upper range and marks of direction, as JSON's escapes: the
// same value for every program.
func escaped(json string) string {
	if strings.IndexFunc(json, unseen) < 0 {
		return json
	}
	var b strings.Builder
	for _, r := range json {
		if unseen(r) {
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "\\u%04x", unit)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unseen(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }

// harmless keeps a spreadsheet from taking a name for a formula.
func harmless(cells []string) []string {
	for i, c := range cells {
		if c == "" || !strings.ContainsAny(c[:1], "=+-@\t\r") {
			continue
		}
		if _, err := strconv.Atoi(c); err != nil {
			cells[i] = "'" + c
		}
	}
	return cells
}

var (
	jobTable = table[tools.JobRow]{
		head: []string{"job", "workstation", "status", "pr", "start", "end", "rc", "number"},
		cells: func(r tools.JobRow) []string {
			number := ""
			if r.JobNumber != 0 {
				number = "#J" + strconv.FormatInt(r.JobNumber, 10)
			}
			return []string{r.Entity, r.Workstation, state(r.Status, r.CommonStatus), figure(r.Priority), r.Start, r.End, figure(r.ReturnCode), number}
		},
	}
	streamTable = table[tools.JobStreamRow]{
		head: []string{"stream", "status", "pr", "start", "end", "jobs", "ok", "limit", "id"},
		cells: func(r tools.JobStreamRow) []string {
			return []string{r.Entity, state(r.Status, r.CommonStatus), figure(r.Priority), r.Start, r.End, figure(r.Jobs), figure(r.Successful), figure(r.Limit), r.ID}
		},
	}
	workstationTable = table[tools.WorkstationRow]{
		head: []string{"workstation", "type", "state", "limit", "fence", "problem"},
		cells: func(r tools.WorkstationRow) []string {
			return []string{r.Entity, r.Type, r.Status, figure(r.Limit), figure(r.Fence), r.Problem}
		},
	}
	resourceTable = table[tools.ResourceRow]{
		head: []string{"resource", "total", "available", "in use", "used by"},
		cells: func(r tools.ResourceRow) []string {
			var holders []string
			for _, h := range r.Holders {
				holders = append(holders, strings.TrimSpace(figure(h.Units)+" "+h.Entity))
			}
			return []string{r.Entity, figure(r.Total), figure(r.Available), figure(r.InUse), strings.Join(holders, ", ")}
		},
	}
	promptTable = table[tools.PromptRow]{
		head: []string{"state", "number", "name", "text", "asked"},
		cells: func(r tools.PromptRow) []string {
			return []string{r.Status, figure(r.Number), r.Name, r.Text, r.AskedAt}
		},
	}
)

// state is the engine's internal word, else its common one.
func state(internal, common string) string {
	if internal != "" {
		return internal
	}
	return common
}

func figure(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
