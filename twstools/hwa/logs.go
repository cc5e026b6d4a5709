package hwa

import (
	"context"
	"net/http"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// maxLogBytes is how much of one log is read through the rings.
const maxLogBytes = 64 << 20

// Logs reads a window of a run's log, or the whole of it within bounds. One log per workstation is read at a time; where the workstation is not
// known, one log of all such.
func (c *v2) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	q, err := checkWindow(q)
	if err != nil {
		return twstools.Log{}, err
	}
	if q.RunID == "" {
		return c.lastRunLog(ctx, q)
	}
	if err := checkID(q.RunID); err != nil {
		return twstools.Log{}, err
	}
	log, err := c.readLog(ctx, planRunLog, q.RunID, q)
	if err == nil || q.Job.IsZero() || !absent(err) && status(err) != http.StatusBadRequest {
		return log, err
	}
	// The job's path gives the last run's log, so it stands in only for that run.
	j, jobErr := c.Job(ctx, q.Job)
	if jobErr != nil || len(j.Runs) == 0 || j.Runs[len(j.Runs)-1].ID != q.RunID {
		return log, err
	}
	return c.jobLog(ctx, q, err)
}

// checkWindow puts the window of a question in order.
func checkWindow(q twstools.LogQuery) (twstools.LogQuery, error) {
	q.From, q.To = max(q.From, 0), max(q.To, 0)
	if q.To > 0 && q.From == 0 {
		q.From = 1
	}
	if q.To > 0 && q.To < q.From {
		return q, fault.New(fault.Invalid, "The last line of the window is before the first.")
	}
	if q.RunID == "" && q.Job.IsZero() {
		return q, fault.New(fault.Invalid, "A log needs a run or a job.")
	}
	return q, nil
}

// lastRunLog finds the job's last run first.
func (c *v2) lastRunLog(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	j, err := c.Job(ctx, q.Job)
	if err != nil {
		return twstools.Log{}, err
	}
	if len(j.Runs) > 0 {
		last := j.Runs[len(j.Runs)-1]
		q.RunID = last.ID
		if q.Workstation == "" {
			q.Workstation = last.ActualWorkstation
		}
	}
	if q.RunID == "" || checkID(q.RunID) != nil {
		return c.jobLog(ctx, q, nil)
	}
	log, err := c.readLog(ctx, planRunLog, q.RunID, q)
	if err != nil && (absent(err) || status(err) == http.StatusBadRequest) {
		return c.jobLog(ctx, q, err)
	}
	return log, err
}

// jobLog asks by the job; first is the error of the run's own path, which wins when this fails as well.
func (c *v2) jobLog(ctx context.Context, q twstools.LogQuery, first error) (twstools.Log, error) {
	log, err := c.readLog(ctx, planJobLog, "", q)
	if err != nil && first != nil && !fault.Is(err, fault.UpstreamDenied) {
		return log, first
	}
	log.RunID = q.RunID
	return log, err
}

func (c *v2) logRequest(ep endpoint, run string, job twstools.Ref, from, to int) (request, error) {
	params := map[param]string{}
	if ep == planJobLog {
		oql, err := query.Print(query.Query{Where: query.Is("id", job.ID)})
		if err != nil {
			return request{}, err
		}
		params[pOQL] = oql
	}
	if from > 0 {
		params[pFromLine] = strconv.Itoa(from)
	}
	if to > 0 {
		params[pToLine] = strconv.Itoa(to)
	}
	r, err := newRequest(ep, run, params)
	r.what, r.optional = "the job log", true
	return r, err
}

// readLog reads one log through the collector, holding the workstation's slot.
func (c *v2) readLog(ctx context.Context, ep endpoint, run string, q twstools.LogQuery) (twstools.Log, error) {
	release, err := c.logs.acquire(ctx, q.Workstation)
	if err != nil {
		return twstools.Log{}, c.failed(ctx, request{what: "the job log"}, err)
	}
	defer release()
	r, err := c.logRequest(ep, run, q.Job, q.From, q.To)
	if err != nil {
		return twstools.Log{}, err
	}
	var got *collector
	err = c.send(ctx, r, maxLogBytes+maxPageBytes, func(a answer) error {
		got = newCollector(q.From, q.To)
		return got.read(a)
	})
	switch {
	case err != nil && got != nil && got.lines > 0 && ctx.Err() == nil && status(err) == 0:
		// Half a log is better than none: it says of itself that it is not whole.
		c.log.DebugContext(ctx, "log broke off", "lines", got.lines, "error", err)
	case err != nil && status(err) == http.StatusNotFound:
		return twstools.Log{}, fault.Wrap(fault.NotFound, err, "The engine has no log of this run%s.", refusalText(err)).
			WithHint("The run may not have started, its log may have been removed, or its workstation cannot be reached.").WithSource("engine:" + c.opts.Name)
	case err != nil:
		return twstools.Log{}, err
	}
	windowed := q.From > 1
	if windowed {
		if windowed, err = c.windowsWork(ctx, ep, run, q, got); err != nil {
			return twstools.Log{}, err
		}
	}
	log := got.log(windowed)
	log.RunID = q.RunID
	return log, nil
}

func refusalText(err error) string {
	if e, ok := refusedAs(err); ok {
		return e.because()
	}
	return ""
}

// windowsWork proves that the answer to a window begins at the window's first line. An answer no longer than the window may be the window or a short
// log; a longer one may be the whole log, or all that follows that line on a server that ignores where the window ends. Each is settled once per
// process, by asking for the first lines and comparing how the two answers begin.
func (c *v2) windowsWork(ctx context.Context, ep endpoint, run string, q twstools.LogQuery, got *collector) (bool, error) {
	fact := &c.logWindows
	if got.provesLonger() {
		fact = &c.logStarts
	}
	if holds, known := fact.get(); known || got.lines == 0 {
		return holds || !known, nil
	}
	r, err := c.logRequest(ep, run, q.Job, 1, proofLines)
	if err != nil {
		return false, err
	}
	var first *collector
	err = c.send(ctx, r, maxLogBytes+maxPageBytes, func(a answer) error {
		first = newCollector(1, proofLines)
		return first.read(a)
	})
	if err != nil {
		return false, err
	}
	begins, sure := got.differs(first)
	if sure {
		fact.learn(begins)
	}
	return begins, nil
}
