package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/tools"
)

// The listings of jobs and job streams have conman's columns (UG "showjobs", "showschedules"): estimates in parentheses, a date instead of a time when it
// is not of today, what holds something back in the last column.

// jobsText is sj.
func jobsText(s *screen, rows tools.Shown[tools.ShownJob], o options) {
	if o.has("keys") {
		jobKeys(s, rows, o)
		return
	}
	c := clockOf(rows.Clocks.PlanNow)
	streams := map[string]tools.ShownStream{}
	for _, r := range rows.Streams {
		streams[r.ID+r.Entity] = r
	}
	l := jobLayout{clock: c, o: o}
	grid := l.head()
	last := "\x00"
	for _, r := range rows.Rows {
		name, _ := strings.CutSuffix(r.Entity, "."+r.Name)
		if at := r.Ref.JobStreamID + name; at != last {
			last = at
			grid = append(grid, l.stream(r, streams[at]))
		}
		grid = append(grid, l.job(r))
		grid = append(grid, l.attempts(r)...)
		if o.has("deps") {
			grid = append(grid, l.deps(r.Depends, r.DepsKnown)...)
		}
	}
	s.grid(grid)
}

type jobLayout struct {
	clock clock
	o     options
}

func (l jobLayout) head() [][]cell {
	switch {
	case l.o.has("info"):
		return [][]cell{headed("Workstation", "Job Stream", "SchedTime", "Job", "JobFile", "Opt", "Recovery", "Prompt")}
	case l.o.has("logon"):
		return [][]cell{headed("", "", "", "", "", "", "(Est)", "(Est)"), headed("Workstation", "Job Stream", "SchedTime", "Job", "State", "Pr", "Start", "Elapse", "RetCode", "Logon")}
	case l.o.has("crit"):
		return [][]cell{headed("", "", "", "", "", "", "(Est)", "(Est)"), headed("Workstation", "Job Stream", "SchedTime", "Job", "State", "Pr", "Start", "Elapse", "CP", "CritStart")}
	}
	return [][]cell{headed("", "", "", "", "", "", "(Est)", "(Est)"), headed("Workstation", "Job Stream", "SchedTime", "Job", "State", "Pr", "Start", "Elapse", "RetCode", "Dependencies")}
}

// stream is the line of a job stream, with stars in the column of jobs.
func (l jobLayout) stream(r tools.ShownJob, s tools.ShownStream) []cell {
	row := []cell{text(orElse(r.StreamWorkstation, r.Workstation)), text("#" + folded(r.Folder, r.JobStream)), text(sched(r.SchedTime))}
	if l.o.has("info") {
		return append(row, text("********"))
	}
	row = append(row, text("********"))
	if s.Entity == "" {
		return row
	}
	tail := ""
	if !l.o.has("logon") && !l.o.has("crit") {
		tail = streamTail(l.clock, s, l.o)
	}
	return append(row, status(state(s.Status, s.CommonStatus)), text(figure(s.Priority)), text(l.clock.start(s.Start, orElse(s.Due, s.SchedTime))), text(took(s.Start, s.Elapsed, s.Estimated)), text(""), text(tail))
}

func (l jobLayout) job(r tools.ShownJob) []cell {
	name := r.Name
	if r.StreamWorkstation != "" && r.Workstation != r.StreamWorkstation {
		name = "(" + r.Workstation + "#)" + name
	}
	row := []cell{{}, {}, {}, text(name)}
	if l.o.has("info") {
		return append(row, text(r.Task), text(recoveryWord(r.Recovery)), text(r.RecoveryJob), text(r.RecoveryPrompt))
	}
	if again(r) { // it waits for another turn: its runs stand below
		r.Start, r.ReturnCode, r.JobNumber, r.RanOn = "", nil, 0, ""
	}
	row = append(row, status(state(r.Status, r.CommonStatus)), text(figure(r.Priority)), text(l.clock.start(r.Start, r.Due)), text(took(r.Start, r.Elapsed, r.Estimated)))
	switch {
	case l.o.has("logon"):
		return append(row, text(figure(r.ReturnCode)), text(r.Logon))
	case l.o.has("crit"):
		word := ""
		if r.Critical {
			word = "C"
		} else if r.CriticalStart != "" {
			word = "P"
		}
		return append(row, text(word), text(l.clock.full(r.CriticalStart)))
	}
	return append(row, text(figure(r.ReturnCode)), l.tail(r))
}

// again reports whether a job that has run waits to run once more: it repeats, or was rerun.
func again(r tools.ShownJob) bool {
	phase := plan.PhaseOf(twstools.Status{Internal: r.Status, Common: r.CommonStatus})
	return r.End != "" && (phase == plan.Waiting || phase == plan.Ready)
}

// recoveryWord is conman's word for a recovery option.
func recoveryWord(option string) string {
	for word, short := range map[string]string{"STOP": "ST", "CONTINUE": "CO", "RERUN": "RE"} {
		if strings.HasPrefix(strings.ToUpper(option), word) {
			return short
		}
	}
	return option
}

// tail is the last column of a job: its number, what holds it back, and its marks.
func (l jobLayout) tail(r tools.ShownJob) cell {
	var parts []string
	if r.JobNumber != 0 {
		parts = append(parts, "#J"+strconv.FormatInt(r.JobNumber, 10))
	}
	if r.RanOn != "" {
		parts = append(parts, "{"+r.RanOn+"}")
	}
	parts = append(parts, limits(l.clock, r.Until, r.Deadline, r.Start != "")...)
	if r.Every {
		parts = append(parts, "&")
	}
	stream, _ := strings.CutSuffix(r.Entity, r.Name)
	for _, d := range holding(r.Depends, r.DepsKnown, r.Open, r.Start != "") {
		parts = append(parts, strings.TrimPrefix(d, stream)) // inside its own stream a job is named alone
	}
	parts = append(parts, marks(r.Marks, r.Late)...)
	out := text(strings.Join(parts, "; "))
	if r.Late != "" {
		out.look = amber
	}
	return out
}

func limits(c clock, until, deadline string, started bool) []string {
	var out []string
	if until != "" && !started {
		out = append(out, "<"+c.full(until))
	}
	if deadline != "" {
		out = append(out, "<"+c.full(deadline)+" deadline")
	}
	return out
}

func marks(words []string, late string) []string {
	var out []string
	for _, w := range words {
		if w != "Late" {
			out = append(out, "["+w+"]")
		}
	}
	if late != "" {
		out = append(out, "[Late]")
	}
	return out
}

// holding are the dependencies that still hold something back, in conman's short forms; only their number where they were not read.
func holding(all []tools.DependencyRow, known bool, open *int, started bool) []string {
	if started {
		return nil
	}
	if !known {
		if open != nil && *open > 0 {
			return []string{strconv.Itoa(*open) + " open (;deps)"}
		}
		return nil
	}
	var out []string
	for _, d := range all {
		if d.Open == nil || *d.Open {
			out = append(out, dependency(d))
		}
	}
	return out
}

// dependency is a dependency in conman's short form: -RESOURCE-, #31(PROMPT), a file, a predecessor with [P] pending or [o] orphaned.
func dependency(d tools.DependencyRow) string {
	switch twstools.DependencyType(d.Type) {
	case twstools.DepResource:
		units := ""
		if n, ok := strings.CutPrefix(d.Detail, "units "); ok {
			units, _, _ = strings.Cut(n, ",")
		}
		return strings.TrimSpace(units) + "-" + d.On + "-"
	case twstools.DepPrompt:
		return "#(" + d.On + ")"
	}
	switch {
	case strings.HasSuffix(d.Detail, " pending"):
		return d.On + "[P]"
	case strings.HasSuffix(d.Detail, " orphaned"):
		return d.On + "[o]"
	}
	return d.On
}

// attempts are the runs of a job that ran more than once.
func (l jobLayout) attempts(r tools.ShownJob) [][]cell {
	if l.o.has("info") {
		return nil
	}
	var out [][]cell
	for i, a := range r.Attempts {
		what := text(fmt.Sprintf(">>%s %d of %d", runWord(a.Kind), i+1, len(r.Attempts))).behind(" ")
		what.wide = true
		number := ""
		if a.JobNumber != 0 {
			number = "#J" + strconv.FormatInt(a.JobNumber, 10)
		}
		if a.Confirmed {
			number += " [Confirmed]"
		}
		out = append(out, []cell{what, {}, {}, text(orElse(a.Name, r.Name)), status(a.Status), {}, text(l.clock.start(a.Start, "")), text(took(a.Start, a.Seconds, 0)), text(figure(a.ReturnCode)), text(number)})
	}
	return out
}

// runWord is a kind of run in words.
func runWord(kind string) string {
	switch strings.ToUpper(kind) {
	case "":
		return "run"
	case "RERUN_EVERY":
		return "every run"
	}
	return strings.ToLower(strings.ReplaceAll(kind, "_", " "))
}

// deep is where lines below a row begin.
const deep = "        "

// deps are all dependencies of one object, a line each, with their state.
func (jobLayout) deps(all []tools.DependencyRow, known bool) [][]cell {
	switch {
	case !known:
		return [][]cell{{text("dependencies are not told").behind(deep)}}
	case len(all) == 0:
		return [][]cell{{looking("no dependencies", dim).behind(deep)}}
	}
	var out [][]cell
	for _, d := range all {
		look := plain
		if d.Open != nil && !*d.Open {
			look = dim
		}
		out = append(out, []cell{looking(d.Type+" "+d.On+" "+d.State+" "+d.Detail, look).behind(deep)})
	}
	return out
}

// jobKeys lists what names each job for good: the identifier of its stream and the number of its run.
func jobKeys(s *screen, rows tools.Shown[tools.ShownJob], o options) {
	for _, r := range rows.Rows {
		key := text(orElse(r.StreamWorkstation, r.Workstation) + "#" + orElse(r.Ref.JobStreamID, r.JobStream) + "." + r.Name)
		number, code := "", ""
		if r.JobNumber != 0 {
			number = "#J" + strconv.FormatInt(r.JobNumber, 10)
		}
		if o.has("retcod") {
			code = figure(r.ReturnCode)
		}
		s.line(key, text(number), text(code))
	}
}
