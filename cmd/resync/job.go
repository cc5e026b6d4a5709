package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
)

func (p *program) jobCommand() *cli.Command {
	return &cli.Command{
		Name: "job", Usage: "show everything about one job or job stream: runs, dependencies, times, definition", ArgsUsage: "TARGET",
		Description: "TARGET is WORKSTATION#STREAM.JOB, WORKSTATION#STREAM, STREAM.JOB, a bare name, #J and a number, or words of a description.",
		Flags:       append(listFlags(), watchFlag()),
		Action: func(ctx context.Context, c *cli.Command) error {
			form, target, err := aboutOne(c)
			if err != nil {
				return err
			}
			return p.onEngine(ctx, c, form, func(ctx context.Context, e engine, w *screen) ([]string, error) {
				return nil, oneJob(ctx, e, target, form, w)
			})
		},
	}
}

// aboutOne reads the form and the target of a command about one object.
func aboutOne(c *cli.Command) (form, target string, err error) {
	if form, err = listForm(c); err != nil {
		return "", "", err
	}
	if target = strings.TrimSpace(strings.Join(c.Args().Slice(), " ")); target == "" {
		return "", "", fault.New(fault.Invalid, "There is no target.").WithHint("resync %s WORKSTATION#STREAM.JOB", c.Name)
	}
	return form, target, nil
}

// oneJob writes a job, or the job stream that the target is.
func oneJob(ctx context.Context, e engine, target, form string, w *screen) error {
	job, err := e.tools.GetJob(ctx, tools.GetJobIn{Job: target})
	if !fault.Is(err, fault.NotFound) {
		if err != nil {
			return err
		}
		return said(w, form, job, func() { jobPage(w, job.Data, clockOf(job.Clocks.PlanNow)) }, job.Data.Fields)
	}
	stream, streamErr := e.tools.GetJobStream(ctx, tools.GetJobStreamIn{JobStream: target})
	if streamErr != nil {
		return err // what was looked for first is what is missing
	}
	return said(w, form, stream, func() { streamPage(w, stream.Data, clockOf(stream.Clocks.PlanNow)) }, stream.Data.Fields)
}

// said writes a tool's result in a form: text as page writes it, CSV as names and values.
func said[Data any](w *screen, form string, r toolkit.Reply[Data], page func(), fields []tools.FieldRow) error {
	return inForm(w, form, r, page, func() ([]string, [][]string) {
		rows := make([][]string, 0, len(fields))
		for _, f := range fields {
			rows = append(rows, []string{f.Name, f.Value})
		}
		return []string{"name", "value"}, rows
	})
}

// A page has the sections of conman's ;props (UG "showjobs;props"): what it is, how it runs, when it may, what happens when it fails.
var sections = []struct {
	title string
	names []string
}{
	{"General Information", []string{"workstation", "description", "task", "definition", "logon", "priority", "limit", "critical", "requires_confirmation", "no_operation", "repeats", "carried_forward", "alias_of",
		"service", "contact", "submitter"}},
	{"Runtime Information", []string{"status", "common_status", "substatus", "cancelled", "cancel_pending", "late", "until_passed", "deadline_passed", "recovery_prompt_pending", "pending_predecessor",
		"open_dependencies", "start", "end", "estimated_duration", "confidence_interval", "estimated_end", "critical_start", "jobs", "jobs_successful", "jobs_abended", "jobs_failed", "jobs_executing", "jobs_not_running", "jobs_undecided"}},
	{"Time Information", []string{"sched_time", "start_time", "until", "until_action", "deadline", "deadline_action", "max_duration", "max_duration_action", "min_duration", "time_zone"}},
	{"Recovery Information", []string{"recovery_option", "recovery_job", "recovery_prompt"}},
}

// labels are names of fields that are said otherwise than by their words.
var labels = map[string]string{"common_status": "status", "status": "internal status", "start_time": "earliest start", "until": "latest start (until)", "until_action": "when until passes", "sched_time": "scheduled for",
	"deadline_action": "when the deadline passes", "max_duration_action": "when that is exceeded", "no_operation": "no operation (NOP)", "repeats": "every", "open_dependencies": "not satisfied dependencies", "logon": "user"}

func fieldSections(s *screen, fields []tools.FieldRow, c clock) {
	left := slices.Clone(fields)
	for _, sec := range sections {
		var rows [][]cell
		for _, name := range sec.names {
			left = slices.DeleteFunc(left, func(f tools.FieldRow) bool {
				if f.Name == name {
					rows = append(rows, fieldRow(f, c))
				}
				return f.Name == name
			})
		}
		sectionOf(s, sec.title, rows)
	}
	var rows [][]cell
	for _, f := range left {
		rows = append(rows, fieldRow(f, c))
	}
	sectionOf(s, "Extra Information", rows)
}

func sectionOf(s *screen, title string, rows [][]cell) {
	if len(rows) == 0 {
		return
	}
	s.line(looking(title, bold))
	s.grid(rows)
}

func fieldRow(f tools.FieldRow, c clock) []cell {
	label := labels[f.Name]
	if label == "" {
		label = strings.ReplaceAll(f.Name, "_", " ")
	}
	value := text(f.Value)
	switch f.Name {
	case "status", "common_status":
		value = status(f.Value)
	}
	if d, err := time.ParseDuration(f.Value); err == nil && d >= time.Minute {
		value = text(twstools.Span(d))
	}
	if _, err := time.Parse(time.RFC3339, f.Value); err == nil {
		value.text += nearby(c, f.Value)
	}
	return []cell{text(strings.ToUpper(label[:1]) + label[1:]).behind("  "), {text: ":"}, value}
}

// nearby says how far an instant is from now, where that helps: within a day.
func nearby(c clock, instant string) string {
	t, err := time.Parse(time.RFC3339, instant)
	if err != nil || c.now.IsZero() {
		return ""
	}
	d := t.Sub(c.now)
	switch {
	case d > 24*time.Hour || d < -24*time.Hour:
		return ""
	case d >= time.Minute:
		return "  (in " + twstools.Span(d) + ")"
	case d <= -time.Minute:
		return "  (" + twstools.Span(-d) + " ago)"
	}
	return "  (now)"
}

// jobPage writes one job whole.
func jobPage(s *screen, o tools.GetJobOut, c clock) {
	s.line(looking(o.Job.Entity, bold), status(state(o.Job.Status, o.Job.CommonStatus)), looking(late(o.Job.Late), amber))
	if o.JobStream != "" {
		s.line(text("in job stream "+o.JobStream).behind("  "), status(o.StreamState))
	}
	fieldSections(s, o.Fields, c)
	if f := o.Job.Forecast; f != nil {
		s.line(looking("Critical Path", bold))
		s.line(text("risk "+f.Risk).behind("  "), text(maybe("expected start ", c.full(f.EstimatedStart))), text(maybe("expected end ", c.full(f.EstimatedEnd))), text(maybe("latest start ", c.full(f.CriticalStart))),
			text(maybe("deadline ", c.full(f.Deadline))))
	}
	runsOf(s, o.Runs, c)
	dependenciesOf(s, o.Depends, o.DepsKnown)
	missingLines(s, o.Missing)
	s.WriteString("\n")
}

func late(why string) string {
	if why == "" {
		return ""
	}
	return "late: " + why
}

func maybe(label, value string) string {
	if value == "" {
		return ""
	}
	return label + value
}

// runsOf lists the run chain: every attempt, who had it run again where audit shows it, and how the engine came to its verdict.
func runsOf(s *screen, runs []tools.RunRow, c clock) {
	if len(runs) == 0 {
		s.line(looking("Runs", bold), text("none yet"))
		return
	}
	rows := [][]cell{headed("Runs", "State", "RetCode", "Start", "End", "Elapse", "Workstation", "Number", "By", "")}
	for i, r := range runs {
		number := ""
		if r.JobNumber != 0 {
			number = "#J" + strconv.FormatInt(r.JobNumber, 10)
		}
		note := strings.Join(r.Conditions, "; ")
		if r.Confirmed {
			note = strings.TrimSpace("[Confirmed] " + note)
		}
		kind := text(strconv.Itoa(i+1) + " " + runWord(r.Kind) + " " + r.Name).behind("  ")
		took := ""
		if r.Seconds > 0 || r.End != "" {
			took = hours(r.Seconds)
		}
		rows = append(rows, []cell{kind, status(r.Status), text(figure(r.ReturnCode)), text(c.full(r.Start)), text(c.full(r.End)), text(took), text(r.Workstation), text(number), text(r.By), text(note)})
	}
	s.grid(rows)
}

func dependenciesOf(s *screen, all []tools.DependencyRow, known bool) {
	switch {
	case !known:
		s.line(looking("Dependencies", bold), text("not told by the engine"))
		return
	case len(all) == 0:
		s.line(looking("Dependencies", bold), text("none"))
		return
	}
	rows := [][]cell{headed("Dependencies", "On", "State", "")}
	for _, d := range all {
		look := plain
		if d.Open != nil && *d.Open {
			look = amber
		}
		kind := text(strings.ToLower(strings.ReplaceAll(d.Type, "_", " "))).behind("  ")
		rows = append(rows, []cell{kind, text(d.On), looking(strings.ToLower(d.State), look), text(d.Detail)})
	}
	s.grid(rows)
}

func missingLines(s *screen, missing []string) {
	for _, m := range missing {
		s.line(looking("? "+m, dim))
	}
}

// streamPage writes one job stream whole.
func streamPage(s *screen, o tools.GetJobStreamOut, c clock) {
	r := o.JobStream
	s.line(looking(r.Entity, bold), status(state(r.Status, r.CommonStatus)), text(maybe("{", r.ID)+map[bool]string{true: "}"}[r.ID != ""]), looking(late(r.Late), amber))
	fieldSections(s, o.Fields, c)
	dependenciesOf(s, o.Depends, o.DepsKnown)
	rows := [][]cell{headed("Jobs ("+strconv.Itoa(o.JobsTotal)+")", "State", "Pr", "Start", "End", "RetCode", "Number", "")}
	for _, j := range o.Jobs {
		number, note := "", ""
		if j.JobNumber != 0 {
			number = "#J" + strconv.FormatInt(j.JobNumber, 10)
		}
		if j.Open != nil && *j.Open > 0 && j.Start == "" {
			note = strconv.Itoa(*j.Open) + " open"
		}
		name := text(j.Name)
		if j.Workstation != r.Workstation {
			name = text("(" + j.Workstation + "#)" + j.Name)
		}
		rows = append(rows, []cell{name.behind("  "), status(j.Status), text(figure(j.Priority)), text(c.full(j.Start)), text(c.full(j.End)), text(figure(j.ReturnCode)), text(number), text(strings.TrimSpace(note + " " + late(j.Late)))})
	}
	s.grid(rows)
	if d := o.Definition; d != nil {
		s.line(looking("Definition", bold), text(strings.TrimSpace(d.Workstation+"#"+d.Name+" "+d.Description)))
		for _, rc := range d.RunCycles {
			s.line(text("run cycle " + rc).behind("  "))
		}
	}
	missingLines(s, o.Missing)
	s.WriteString("\n")
}

// logsText is ;stdlist: the logs as they are, cleaned of what a terminal would obey.
func logsText(s *screen, rows tools.Shown[tools.GetJobLogOut], _ options) {
	for _, r := range rows.Rows {
		if len(rows.Rows) > 1 {
			s.line(looking(r.Entity, bold), status(r.Status))
		}
		for _, l := range r.Lines {
			s.WriteString(visible(l.Text) + "\n")
		}
		if r.Truncated {
			s.line(looking("... the log is longer: what is shown was read within the bounds for one log", amber))
		}
	}
}
