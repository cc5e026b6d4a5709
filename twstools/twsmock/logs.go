package twsmock

import (
	"net/http"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// runLog answers the log of the run in the path.
func (c call) runLog() answer { return c.log(c.id) }

// jobLog answers the log of the last run of the one job that oql or plan_filter chooses.
func (c call) jobLog() answer {
	if c.query.Get("oql") == "" && c.query.Get("plan_filter") == "" {
		return refuse(http.StatusBadRequest, "One of oql and plan_filter is required.")
	}
	q, err := c.selection(query.Jobs, query.ParseOQLOf)
	if err != nil {
		return failed(err)
	}
	q.Limit, q.Offset = 2, 0
	found, err := c.e.Jobs(c.r.Context(), q)
	switch {
	case err != nil:
		return failed(err)
	case len(found.Items) == 0:
		return failed(fault.New(fault.NotFound, "No job fits the filter."))
	case found.Total > 1:
		return refuse(http.StatusBadRequest, "The filter fits more than one job.")
	case len(found.Items[0].Runs) == 0:
		return failed(fault.New(fault.NotFound, "The job has not run."))
	}
	runs := found.Items[0].Runs
	return c.log(runs[len(runs)-1].ID)
}

// log answers a window of a run's log as text. contentOnly leaves the agents' frame out before lines are counted.
func (c call) log(run string) answer {
	// The port knows which runs are in the plan and which of them have a log.
	if _, err := c.all.Logs(c.r.Context(), twstools.LogQuery{RunID: run, From: 1, To: 1}); err != nil {
		return failed(err)
	}
	if err := c.mayReadLog(run); err != nil {
		return failed(err)
	}
	from, err := c.number("from_line", 0)
	if err != nil {
		return failed(err)
	}
	to, err := c.number("to_line", 0)
	if err != nil {
		return failed(err)
	}
	l := c.w.Logs[run]
	text := l.Text()
	if c.query.Get("contentOnly") == "true" {
		text = l.Body
	}
	return answer{status: http.StatusOK, contentType: typeText, body: []byte(cut(text, from, to))}
}

// cut keeps the lines from..to, counted from 1; 0 leaves that side open.
func cut(text string, from, to int) string {
	lines := strings.SplitAfter(text, "\n")
	if n := len(lines); n > 0 && lines[n-1] == "" {
		lines = lines[:n-1]
	}
	first := max(from, 1) - 1
	last := len(lines)
	if to > 0 {
		last = min(to, last)
	}
	if first >= last {
		return ""
	}
	return strings.Join(lines[first:last], "")
}
