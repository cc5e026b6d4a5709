package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

// noTime stands for a mirror time that nothing proves.
var noTime = time.Time{}

// Bounds of a log window.
const (
	defaultTail = 60
	maxWindow   = 500
	aroundError = 8 // lines shown before and after a decisive line
	// textBytes of lines make a text that the kernel does not cut: what it would cut is the end, which matters most.
	textBytes = 22 << 10
)

// GetJobLog reads a window of a run's log.
func (t *Tools) GetJobLog(ctx context.Context, in GetJobLogIn) (toolkit.Reply[GetJobLogOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[GetJobLogOut]{}, err
	}
	if in.To != 0 && in.From > in.To {
		return toolkit.Reply[GetJobLogOut]{}, fault.New(fault.Invalid, "from_line %d is after to_line %d.", in.From, in.To)
	}
	j, err := c.one(ctx, in.Job, "", true)
	if err != nil {
		return toolkit.Reply[GetJobLogOut]{}, err
	}
	run, err := pickRun(j, in.RunID)
	if err != nil {
		return toolkit.Reply[GetJobLogOut]{}, err
	}
	q := logQuery(j, run)
	if q.From, q.To = in.From, in.To; q.From != 0 && q.To == 0 {
		q.To = q.From + maxWindow - 1
	}
	l, err := t.o.Engine.Logs(ctx, q)
	if err != nil {
		return toolkit.Reply[GetJobLogOut]{}, err
	}
	out := c.logOut(j, run, q, l)
	lines, cut := window(l, in, run)
	lines, over := withinText(lines, in.From == 0 && in.To == 0)
	out.Truncated = cut || over || l.Truncated
	source := toolkit.Source{Source: out.Source, RunID: run.ID}
	for _, line := range lines {
		row := logRow(line)
		out.Lines = append(out.Lines, row)
		source.Lines = append(source.Lines, toolkit.Line(row))
	}
	rep := reply(c, out, []toolkit.Source{source}, noTime)
	rep.Truncated, rep.Text = out.Truncated, logText(out, t.explained(ctx, out.Lines))
	return rep, nil
}

// withinText keeps as many lines as one answer may carry, of a tail the last ones.
func withinText(lines []twstools.LogLine, tail bool) ([]twstools.LogLine, bool) {
	kept := slices.Clone(lines)
	if tail {
		slices.Reverse(kept)
	}
	text, structure := 0, 0
	for i, l := range kept {
		row := logRow(l)
		raw, _ := json.Marshal(row)
		text, structure = text+len(row.Text)+10, structure+2*len(raw) // as data and as evidence
		if i > 0 && (text > textBytes || structure > pageBytes) {
			kept = kept[:i]
			break
		}
	}
	if tail {
		slices.Reverse(kept)
	}
	return kept, len(kept) < len(lines)
}

// logQuery asks for the whole log of a run, where it ran.
func logQuery(j twstools.Job, run twstools.Run) twstools.LogQuery {
	q := twstools.LogQuery{RunID: run.ID, Job: j.Ref, Workstation: j.Workstation}
	if run.ActualWorkstation != "" {
		q.Workstation = run.ActualWorkstation
	}
	return q
}

// logOut is the head of a log, still without lines.
func (c *call) logOut(j twstools.Job, run twstools.Run, q twstools.LogQuery, l twstools.Log) GetJobLogOut {
	return GetJobLogOut{Entity: untrusted.Normalize(j.Entity().String(c.zone)), RunID: run.ID, Status: run.Status.Display(), Total: l.Total,
		Source: fmt.Sprintf("joblog:%s#%d", untrusted.Normalize(q.Workstation), run.JobNumber), Lines: []LogRow{}}
}

// logRow is a line of a log as it may leave.
func logRow(l twstools.LogLine) LogRow {
	return LogRow{N: l.N, Text: strings.TrimRight(untrusted.Clean(l.Text), " \n")}
}

func pickRun(j twstools.Job, id string) (twstools.Run, error) {
	var ids []string
	for i := len(j.Runs) - 1; i >= 0; i-- {
		if id == "" || j.Runs[i].ID == id {
			return j.Runs[i], nil
		}
		ids = append(ids, j.Runs[i].ID)
	}
	if id != "" {
		return twstools.Run{}, fault.New(fault.NotFound, "The job has no run %s.", id).WithCandidates(ids...)
	}
	return twstools.Run{}, fault.New(fault.NotFound, "The job has not run yet, so it has no log (status %s).", j.Status.Display()).WithHint("explain_wait says what it waits for.")
}

// window cuts what was asked for out of the log: a window of lines, the lines around the decisive one, or the tail.
func window(l twstools.Log, in GetJobLogIn, run twstools.Run) ([]twstools.LogLine, bool) {
	lines := l.Lines
	switch {
	case in.Errors:
		return around(l, run)
	case in.From != 0 || in.To != 0:
		if len(lines) > maxWindow {
			return lines[:maxWindow], true
		}
		return lines, false
	}
	tail := in.Tail
	if tail == 0 {
		tail = defaultTail
	}
	if len(lines) > tail {
		return lines[len(lines)-tail:], true
	}
	return lines, false
}

func around(l twstools.Log, run twstools.Run) ([]twstools.LogLine, bool) {
	seg, ok := joblog.Parse(l).Run(run.JobNumber)
	if !ok {
		return nil, false
	}
	found, ok := seg.Decisive(run.ReturnCode)
	if !ok || plan.PhaseOf(run.Status) == plan.Done && found.Signature == "" {
		return nil, len(l.Lines) > 0
	}
	var out []twstools.LogLine
	for _, line := range l.Lines {
		if line.N >= found.Line.N-aroundError && line.N <= found.Line.N+aroundError {
			out = append(out, line)
		}
	}
	return out, len(out) < len(l.Lines)
}
