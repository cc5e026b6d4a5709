package twsmock

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/internal/fault"
)

type v1Log struct {
	Log   string `json:"log"`
	Lines int    `json:"lines,omitempty"`
	Page  int    `json:"pageNumber"`
	Last  bool   `json:"lastPage"`
	File  string `json:"fileId,omitempty"`
	Job   string `json:"jobId"`
}

// logReadings are the logs being read page by page: the first page opens one and the rest name it by fileId.
type logReadings struct {
	mu    sync.Mutex
	opens int
	open  map[string]*logReading
}

type logReading struct {
	run         string
	lines, page int
}

// mostReadings bounds how many are kept open; a client that stops in the middle never says so.
const mostReadings = 256

// joblog answers a run's log: whole without parameters, else lines pages of it one after another. lines must stay the same,
// and pages follow each other (the last one may be asked for again).
func (c v1Call) joblog() answer {
	c = c.unlisted()
	r, err := c.readable()
	if err == nil {
		err = c.mayReadLogOf(jobObject(c.plan.jobs[r.job]))
	}
	if err != nil {
		return failedV1(err)
	}
	l, ok := c.logOf(r)
	if !ok {
		return failedV1(fault.New(fault.NotFound, "The job %q has no job log.", c.plan.jobs[r.job].Name))
	}
	run := c.plan.jobs[r.job].Runs[r.run].ID
	out := v1Log{Log: l, Last: true, Job: c.vars[0]}
	if !c.query.Has("lines") && !c.query.Has("pageNumber") && !c.query.Has("fileId") {
		return inJSON(http.StatusOK, out)
	}
	lines, err := strconv.Atoi(c.query.Get("lines"))
	if err != nil || lines < 1 {
		return failedV1(fault.New(fault.Invalid, "The parameter lines is a number from 1 on, not %q.", c.query.Get("lines")))
	}
	page, err := strconv.Atoi(c.query.Get("pageNumber"))
	if err != nil || page < 0 {
		return failedV1(fault.New(fault.Invalid, "The parameter pageNumber is a number from 0 on, not %q.", c.query.Get("pageNumber")))
	}
	if out.File, err = c.state.readings.turn(c.query.Get("fileId"), run, lines, page); err != nil {
		return failedV1(err)
	}
	out.Log = cut(l, page*lines+1, (page+1)*lines)
	out.Lines, out.Page, out.Last = lines, page, cut(l, (page+1)*lines+1, 0) == ""
	return inJSON(http.StatusOK, out)
}

// logOf gives the log of a row's run. Logs of archived plans are gone.
func (c v1Call) logOf(r jobRow) (string, bool) {
	if c.plan.archived || r.run < 0 {
		return "", false
	}
	l, ok := c.w.Logs[c.plan.jobs[r.job].Runs[r.run].ID]
	return strings.ToValidUTF8(l.Text(), "\uFFFD"), ok
}

// turn opens a reading at page 0, or moves one on.
func (g *logReadings) turn(file, run string, lines, page int) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if file == "" {
		if page != 0 {
			return "", fault.New(fault.Invalid, "The parameter fileId is needed from the second page on.")
		}
		if g.open == nil || len(g.open) >= mostReadings {
			g.open = map[string]*logReading{}
		}
		g.opens++
		file = "joblog" + strconv.Itoa(g.opens) + ".tmp"
		g.open[file] = &logReading{run: run, lines: lines}
		return file, nil
	}
	o := g.open[file]
	switch {
	case o == nil || o.run != run:
		return "", fault.New(fault.Invalid, "The parameter fileId names no log that is being read: %q.", file)
	case o.lines != lines:
		return "", fault.New(fault.Invalid, "The parameter lines was %d before and must stay so.", o.lines)
	case page != o.page && page != o.page+1:
		return "", fault.New(fault.Invalid, "The page after %d is %d, not %d.", o.page, o.page+1, page)
	}
	o.page = page
	return file, nil
}
