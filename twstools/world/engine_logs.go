package world

import (
	"context"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Logs implements twstools.Engine. Lines are counted over the whole text, banner included.
func (e *engine) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	if err := ctx.Err(); err != nil {
		return twstools.Log{}, fault.Wrap(fault.Timeout, err, "The job log could not be read in time.")
	}
	if q.From < 0 || q.To < 0 || q.To > 0 && q.To < q.From {
		return twstools.Log{}, fault.New(fault.Invalid, "The window of lines %d to %d is none.", q.From, q.To)
	}
	if i, ok := e.jobs[q.Job.ID]; q.RunID == "" && ok {
		runs := e.w.Jobs[i].Runs
		if len(runs) == 0 {
			return twstools.Log{}, fault.New(fault.NotFound, "%s has not run yet, so there is no job log.", e.w.Jobs[i].Name)
		}
		q.RunID = runs[len(runs)-1].ID
	}
	if q.RunID == "" {
		return twstools.Log{}, fault.New(fault.Invalid, "A job log belongs to a run; no run was named.")
	}
	at, known := e.runs()[q.RunID]
	if !known {
		return twstools.Log{}, fault.New(fault.NotFound, "No run with the id %q is in the plan.", q.RunID)
	}
	l, ok := e.w.Logs[q.RunID]
	if !ok {
		return twstools.Log{}, fault.New(fault.NotFound, "The run of %s has no job log.", e.w.Jobs[at].Name)
	}
	return window(q, l.Text()), nil
}

// window cuts the asked lines out of a log.
func window(q twstools.LogQuery, text string) twstools.Log {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	from, to := max(q.From, 1), len(lines)
	if q.To > 0 {
		to = min(q.To, to)
	}
	out := twstools.Log{RunID: q.RunID, FirstLine: from, Total: len(lines), Truncated: from > 1 || to < len(lines)}
	for n := from; n <= to; n++ {
		line := strings.TrimSuffix(lines[n-1], "\r")
		out.Lines = append(out.Lines, twstools.LogLine{N: n, Text: line})
		out.Bytes += int64(len(lines[n-1]) + 1)
	}
	return out
}
