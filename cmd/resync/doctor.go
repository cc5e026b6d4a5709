package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

func (p *program) doctorCommand() *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "ask every configured engine what it lets us read, the embedder for a vector and the language models for a word, and say what is missing",
		Flags: append(outputFlags(), &cli.StringFlag{Name: "engine", Usage: "only this one of several configured engines"},
			&cli.BoolFlag{Name: "prove-readonly", Usage: "also list every request that can leave this program, and what has left just now"},
			&cli.StringSliceFlag{Name: "mcp", Usage: "look at the tool server at this `URL` instead, as resync agent would use it; several with commas"},
			&cli.StringFlag{Name: "token-file", Usage: "`FILE` with the key for the servers of --mcp"}),
		Action: p.doctor,
	}
}

// finding is one thing that the doctor looked at.
type finding struct {
	Engine string `json:"engine"` // empty for what belongs to none
	What   string `json:"what"`
	State  string `json:"state"` // ok, absent (this engine has no such thing), denied, failed
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// sentRow is one row of the table of allowed requests with what has left under it.
type sentRow struct {
	Engine    string   `json:"engine"`
	Interface string   `json:"interface"` // v2, v1, or server for what lies beside both
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	Query     []string `json:"query"`
	Sent      int64    `json:"sent"`
	Bytes     int64    `json:"bytes"`
	MeanMS    int64    `json:"mean_ms"`
	SlowestMS int64    `json:"slowest_ms"`
}

type examination struct {
	Findings []finding `json:"findings"`
	Requests []sentRow `json:"requests,omitempty"`
}

func (p *program) doctor(ctx context.Context, c *cli.Command) error {
	form, err := output(c)
	if err != nil {
		return err
	}
	if c.IsSet("mcp") || c.IsSet("token-file") {
		return p.examineEdge(ctx, c, form)
	}
	s, err := p.quietly(ctx)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	engines := s.engines
	if name := c.String("engine"); name != "" {
		e, err := s.pick(ctx, name)
		if err != nil {
			return err
		}
		engines = []engine{e}
	}
	var x examination
	for _, e := range engines {
		x.Findings = append(x.Findings, e.examine(ctx, p.clock)...)
		if c.Bool("prove-readonly") {
			x.Requests = append(x.Requests, e.requests()...)
		}
	}
	if c.String("engine") == "" {
		for _, examine := range []func(context.Context, *site) ([]finding, error){p.examineEmbedder, p.examineModels} {
			more, err := examine(ctx, s)
			if err != nil {
				return err
			}
			x.Findings = append(x.Findings, more...)
		}
	}
	return p.tellExamination(form, x)
}

// tellExamination writes what was found; something that failed makes the program end with 4.
func (p *program) tellExamination(form string, x examination) error {
	if err := writeExamination(p.out, form, x); err != nil {
		return fault.Wrap(fault.Internal, err, "The findings cannot be written.")
	}
	for _, f := range x.Findings {
		if f.State == "failed" || f.State == "denied" {
			return errShown{4}
		}
	}
	return nil
}

// examine reads a little of everything. An engine that cannot even say what it is is not asked further.
func (e engine) examine(ctx context.Context, clock func() time.Time) []finding {
	info, err := e.direct.Info(ctx)
	out := []finding{e.found("engine", err, fmt.Sprintf("%s, interface %s, version %s, zone %s", e.mode, info.Dialect, orUnknown(info.Version), orUnknown(info.TimeZone)))}
	if err != nil {
		return out
	}
	if c, ok := e.direct.(twstools.Clocked); ok {
		now, ours := c.PlanNow()
		apart := now.Sub(clock()).Round(time.Second)
		f := finding{Engine: e.name, What: "clock", State: "ok", Detail: fmt.Sprintf("the engine's is %s from ours", apart)}
		switch {
		case ours:
			f.State, f.Detail = "absent", "the engine's answers carry no date; ours stands in"
		case apart.Abs() > 2*time.Minute:
			f.Hint = "Lateness is judged by the engine's clock. If it is wrong, set it there."
		}
		out = append(out, f)
	}
	one := twstools.ListQuery{Limit: 1}
	jobs, err := e.direct.Jobs(ctx, one)
	out = append(out, e.found("jobs", err, total(jobs.Total)))
	streams, err := e.direct.JobStreams(ctx, one)
	out = append(out, e.found("job streams", err, total(streams.Total)))
	workstations, err := e.direct.Workstations(ctx, one)
	out = append(out, e.found("workstations", err, total(workstations.Total)))
	resources, err := e.direct.Resources(ctx, one)
	out = append(out, e.found("resources", err, total(resources.Total)))
	prompts, err := e.direct.Prompts(ctx, one)
	out = append(out, e.found("prompts", err, total(prompts.Total)))
	counts, err := e.direct.Counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}})
	return append(append(out, e.found("counts", err, total(counts.Total))), e.ports(ctx)...)
}

// ports reads what only some engines have.
func (e engine) ports(ctx context.Context) []finding {
	c := twstools.CapabilitiesOf(e.direct)
	window, err := c.Plans.PlanWindow(ctx)
	out := []finding{e.found("plan window", err, strings.TrimSpace("until "+window.End.UTC().Format(time.RFC3339)+" "+window.Batchman))}
	plans, err := c.Plans.Plans(ctx, "")
	out = append(out, e.found("plans", err, total(len(plans))))
	files, err := c.Files.Files(ctx, twstools.ListQuery{Limit: 1})
	out = append(out, e.found("files", err, total(files.Total)))
	critical, err := c.CriticalJobs.CriticalJobs(ctx, twstools.ListQuery{Limit: 1})
	out = append(out, e.found("critical jobs", err, total(critical.Total)))
	fill, err := c.Mailbox.MailboxFill(ctx, "")
	out = append(out, e.found("mailbox", err, strconv.Itoa(fill)+" % full"))
	events, err := c.Events.Events(ctx, twstools.RecordQuery{Limit: 1})
	out = append(out, e.found("event records", err, seen(len(events))))
	records, err := c.Audit.Audit(ctx, twstools.RecordQuery{Limit: 1})
	out = append(out, e.found("audit records", err, seen(len(records))))
	definitions, err := c.Definitions.JobStreamDefinitions(ctx, "@", 1)
	out = append(out, e.found("definitions", err, seen(len(definitions))))
	m, err := c.Metrics.Metrics(ctx)
	return append(out, e.found("metrics", err, seen(len(m.JobsByStatus)+len(m.Linked))))
}

// found words the outcome of one read.
func (e engine) found(what string, err error, detail string) finding {
	return outcome(e.name, what, err, detail)
}

func outcome(engine, what string, err error, detail string) finding {
	f := finding{Engine: engine, What: what, State: "ok", Detail: detail}
	if err == nil {
		return f
	}
	p := fault.Public(err)
	f.State, f.Detail, f.Hint = "failed", p.Message, p.Hint
	switch p.Code {
	case fault.Unsupported, fault.NotFound:
		f.State = "absent"
	case fault.UpstreamDenied, fault.Unauthorized, fault.Forbidden:
		f.State = "denied"
	}
	return f
}

// requests lists the whole table of what can leave for this engine, with what has left.
func (e engine) requests() []sentRow {
	sent := map[string]hwa.LedgerRow{}
	for _, r := range e.ledger() {
		sent[r.Dialect+" "+r.Method+" "+r.Template] = r
	}
	var out []sentRow
	for _, op := range hwa.Operations() {
		row := sentRow{Engine: e.name, Interface: op.Dialect, Method: op.Method, Path: op.Path, Query: op.Query}
		if r, ok := sent[op.Dialect+" "+op.Method+" "+op.Path]; ok {
			row.Sent, row.Bytes, row.SlowestMS = r.Count, r.Bytes, r.Slowest.Milliseconds()
			row.MeanMS = (r.Latency / time.Duration(max(r.Answers, 1))).Milliseconds()
		}
		out = append(out, row)
	}
	return out
}

func writeExamination(w io.Writer, form string, x examination) error {
	switch form {
	case "json":
		return printJSON(w, x)
	case "yaml":
		return printYAML(w, x)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range x.Findings {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", cmp.Or(f.Engine, "-"), f.State, f.What, visible(strings.TrimSpace(f.Detail+" "+f.Hint)))
	}
	if err := t.Flush(); err != nil || len(x.Requests) == 0 {
		return err
	}
	var all int64
	for _, r := range x.Requests {
		all += r.Sent
	}
	fmt.Fprintf(w, "\nNothing but these requests can leave this program for an engine; %d have left just now.\n", all)
	fmt.Fprintln(t, "SENT\tBYTES\tMEAN\tINTERFACE\tMETHOD\tPATH\tPARAMETERS")
	for _, r := range x.Requests {
		fmt.Fprintf(t, "%d\t%d\t%d ms\t%s\t%s\t%s\t%s\n", r.Sent, r.Bytes, r.MeanMS, r.Interface, r.Method, r.Path, strings.Join(r.Query, " "))
	}
	return t.Flush()
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

func total(n int) string {
	if n < 0 {
		return "readable; it does not say how many"
	}
	return strconv.Itoa(n)
}

func seen(n int) string {
	if n == 0 {
		return "readable, and empty"
	}
	return "readable"
}
