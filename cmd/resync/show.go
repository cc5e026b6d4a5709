package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/tools"
)

// table is how rows of one kind look in CSV: the columns that a program reads.
type table[Row any] struct {
	head  []string
	cells func(Row) []string
}

// listing reads what was selected, writes it in a form to w, and gives what is to be said besides.
type listing func(ctx context.Context, e engine, of tools.Selection, o options, form string, w *screen) (remarks []string, err error)

// The options of each listing, in conman's words (UG "showjobs" and its like; ;short, ;single and ;step are not among them: what they leave out or add is
// seen with the others).
var (
	jobOptions         = []string{"deps", "props", "stdlist", "showid", "info", "logon", "crit", "keys", "retcod"}
	streamOptions      = []string{"deps", "props", "showid", "keys"}
	workstationOptions = []string{"info", "link"}
	resourceOptions    = []string{"deps", "keys"}
	promptOptions      = []string{"deps", "info", "keys"}
	fileOptions        = []string{"deps", "keys"}
)

// showCommands are conman's own words for looking at the plan. What follows the name is conman's selection, and behind semicolons conman's options.
func (p *program) showCommands() []*cli.Command {
	return []*cli.Command{
		p.showCommand("sj", "showjobs", "jobs", "[WORKSTATION#][STREAM][.JOB][+state=…][;deps][;props][;stdlist]…", jobOptions, jobListing),
		p.showCommand("ss", "showschedules", "job streams", "[WORKSTATION#]STREAM[+state=…][;deps][;props][;showid]", streamOptions, streamListing),
		p.showCommand("sc", "showcpus", "workstations", "[[DOMAIN!]WORKSTATION][;info|;link]", workstationOptions, func(options) listing {
			return listed((*tools.Tools).ShowWorkstations, workstationTable, workstationsText)
		}),
		p.showCommand("sr", "showresources", "resources and who holds them", "[WORKSTATION#]RESOURCE[;deps]", resourceOptions, func(options) listing {
			return listed((*tools.Tools).ShowResources, resourceTable, resourcesText)
		}),
		p.showCommand("sp", "showprompts", "prompts", "[PROMPT][+state=…][;deps]", promptOptions, func(options) listing {
			return listed((*tools.Tools).ShowPrompts, promptTable, promptsText)
		}),
		p.showCommand("sf", "showfiles", "files that are waited for", "[WORKSTATION#]FILE[;deps]", fileOptions, func(options) listing {
			return listed((*tools.Tools).ShowFiles, fileTable, filesText)
		}),
	}
}

// jobListing is how sj lists: rows, properties, or logs.
func jobListing(o options) listing {
	switch {
	case o.has("stdlist"):
		return listed((*tools.Tools).ShowLogs, logTable, logsText)
	case o.has("props"):
		return listed((*tools.Tools).ShowProperties, jobFieldTable, func(s *screen, rows tools.Shown[tools.GetJobOut], _ options) {
			for _, r := range rows.Rows {
				jobPage(s, r, clockOf(rows.Clocks.PlanNow))
			}
		})
	}
	return listed((*tools.Tools).ShowJobs, jobTable, jobsText)
}

func streamListing(o options) listing {
	if o.has("props") {
		return listed((*tools.Tools).ShowStreamProperties, streamFieldTable, func(s *screen, rows tools.Shown[tools.GetJobStreamOut], _ options) {
			for _, r := range rows.Rows {
				streamPage(s, r, clockOf(rows.Clocks.PlanNow))
			}
		})
	}
	return listed((*tools.Tools).ShowJobStreams, streamTable, streamsText)
}

// listed is a listing of one kind of rows.
func listed[Row any](read func(*tools.Tools, context.Context, tools.Selection) (tools.Shown[Row], error), t table[Row], lay func(*screen, tools.Shown[Row], options)) listing {
	return func(ctx context.Context, e engine, of tools.Selection, o options, form string, w *screen) ([]string, error) {
		of.Deps = o.has("deps")
		rows, err := read(e.tools, ctx, of)
		if err != nil {
			return nil, err
		}
		if form == "text" && len(rows.Rows) > 0 {
			lay(w, rows, o)
		} else if err := writeShown(w, form, rows, t); err != nil {
			return nil, fault.Wrap(fault.Internal, err, "The rows cannot be written.")
		}
		out := rows.Missing
		if len(rows.Missing) == 0 { // a part that could not be read says more than a count
			out = remarks(len(rows.Rows), of.Limit, rows.Total, rows.Incomplete)
		}
		return out, nil
	}
}

// shownByDefault is how many rows are listed when nobody says how many: more than a screen takes, less than a plan has.
const shownByDefault = 1000

func (p *program) showCommand(name, alias, what, args string, known []string, view func(options) listing) *cli.Command {
	return &cli.Command{
		Name: name, Aliases: []string{alias}, Usage: "list " + what + " as conman does", ArgsUsage: args,
		Description: "Options behind the selection: ;" + strings.Join(known, " ;"),
		Flags: append(listFlags(),
			&cli.StringFlag{Name: "oql", Usage: "a filter in the engine's query language besides, or instead: \"name LIKE 'PAY@'\""},
			&cli.IntFlag{Name: "limit", Value: shownByDefault, Usage: "most rows; 0 for all"},
			watchFlag()),
		Action: func(ctx context.Context, c *cli.Command) error {
			form, err := listForm(c)
			if err != nil {
				return err
			}
			if c.Int("limit") < 0 {
				return fault.New(fault.Invalid, "--limit cannot be negative.").WithHint("0 lists all.")
			}
			// A selection never holds a space but before the date of an instance, so words that a shell has split belong together.
			selection, o, err := cutOptions(name, strings.TrimSpace(strings.Join(c.Args().Slice(), " ")), known)
			if err != nil {
				return err
			}
			read := view(o)
			return p.onEngine(ctx, c, form, func(ctx context.Context, e engine, w *screen) ([]string, error) {
				return read(ctx, e, tools.Selection{Conman: selection, OQL: c.String("oql"), Limit: c.Int("limit")}, o, form, w)
			})
		},
	}
}

// listFlags are the options of every command that looks at one engine.
func listFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, json, yaml or csv"},
		&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
		&cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"},
	}
}

// listForm gives the chosen form, of which csv is one more here.
func listForm(c *cli.Command) (string, error) {
	if c.String("output") == "csv" && !c.Bool("json") {
		return "csv", nil
	}
	form, err := output(c)
	if err != nil {
		return "", fault.New(fault.Invalid, "There is no output form %q.", c.String("output")).WithHint("text, json, yaml and csv are.")
	}
	return form, nil
}

// onEngine opens the engine that a command names, has it read, and prints what came: once, or again and again with --watch.
func (p *program) onEngine(ctx context.Context, c *cli.Command, form string, draw func(context.Context, engine, *screen) ([]string, error)) error {
	every, err := watching(c, form)
	if err != nil {
		return err
	}
	s, e, err := p.oneEngine(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	once := func(ctx context.Context) (string, []string, error) {
		w := p.screen()
		if form != "text" {
			w.colour = false
		}
		said, err := draw(ctx, e, w)
		return w.String(), said, err
	}
	if every > 0 {
		tick := time.NewTicker(every)
		defer tick.Stop()
		return p.watch(ctx, watched{title: strings.Join(p.args[1:], " "), every: every, draw: once, ticks: tick.C, redraw: shown(p.out)})
	}
	page, said, err := once(ctx)
	if err != nil {
		return err
	}
	return p.tell(page, said)
}

// tell writes a page in one piece, and what is to be said besides to standard error.
func (p *program) tell(page string, said []string) error {
	if _, err := io.Copy(p.out, bytes.NewBufferString(page)); err != nil {
		return fault.Wrap(fault.Internal, err, "The rows cannot be written.")
	}
	for _, line := range said {
		fmt.Fprintln(p.err, "resync: "+visible(line))
	}
	return nil
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

// writeShown writes rows for a program; in the form of text it says that there are none.
func writeShown[Row any](w io.Writer, form string, rows tools.Shown[Row], t table[Row]) error {
	switch form {
	case "json":
		return printJSON(w, rows)
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
	said := "Nothing in the plan matches."
	if len(rows.Nearest) > 0 {
		said += " The nearest names:\n  " + strings.Join(rows.Nearest, "\n  ")
	}
	_, err := fmt.Fprintln(w, visible(said))
	return err
}

// printJSON writes a value as indented JSON that shows a terminal nothing that it would obey.
func printJSON(w io.Writer, v any) error { return writeJSON(w, v, "  ") }

// writeJSON is printJSON with another indent; none puts all on one line.
func writeJSON(w io.Writer, v any, indent string) error {
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(text.String()))
	return err
}

// printable takes out of cells what could move the cursor or the columns: what the engine sent is not the terminal's to obey.
func printable(cells []string) []string {
	for i, c := range cells {
		cells[i] = strings.Join(strings.Fields(untrusted.Normalize(c)), " ")
	}
	return cells
}

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
