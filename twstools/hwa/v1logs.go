package hwa

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

const (
	logPageLines = 5000
	maxLogPages  = 2000
)

// Logs reads a window of a run's log, or the whole of it within bounds, page by page from its beginning: V1 gives no page before the ones in front of
// it. One log per workstation is read at a time.
func (v *v1) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	q, err := checkWindow(q)
	if err != nil {
		return twstools.Log{}, err
	}
	if q.RunID == "" {
		j, err := v.Job(ctx, q.Job)
		if err != nil {
			return twstools.Log{}, err
		}
		q.RunID = j.Ref.ID
		if len(j.Runs) > 0 {
			last := j.Runs[len(j.Runs)-1]
			q.RunID = last.ID
			if q.Workstation == "" {
				q.Workstation = last.ActualWorkstation
			}
		}
	}
	if err := checkID(q.RunID); err != nil {
		return twstools.Log{}, err
	}
	release, err := v.logs.acquire(ctx, q.Workstation)
	if err != nil {
		return twstools.Log{}, v.failed(ctx, request{what: "the job log"}, err)
	}
	defer release()
	got := newCollector(q.From, q.To)
	if err := v.readPages(ctx, q, got); err != nil {
		if got.lines == 0 || ctx.Err() != nil || status(err) != 0 {
			return twstools.Log{}, v.noLog(err)
		}
		v.log.DebugContext(ctx, "log broke off", "lines", got.lines, "error", err) // half a log says of itself that it is not whole
	}
	log := got.log(false)
	log.RunID = q.RunID
	return log, nil
}

func (v *v1) noLog(err error) error {
	if !fault.Is(err, fault.NotFound) && !absent(err) {
		return err
	}
	return v.source(fault.Wrap(fault.NotFound, err, "The engine has no log of this run%s.", refusalText(err)).
		WithHint("The run may not have started, its log may have been removed, or its workstation cannot be reached."))
}

// logPage is one answer.
type logPage struct {
	text string
	file string
	last bool
}

// readPages reads pages into the collector until the log, the window or the bound ends.
func (v *v1) readPages(ctx context.Context, q twstools.LogQuery, got *collector) error {
	lines := logPageLines
	if q.To > 0 {
		lines = min(max(q.To+1, 100), maxRequest) // one line more shows whether the log goes on
	}
	file, before := "", ""
	for n := 0; n < maxLogPages; n++ {
		p, err := v.logPage(ctx, q.RunID, file, lines, n)
		if err != nil {
			return err
		}
		if n > 0 && (p.text == "" || p.text == before) { // a server that sends the same page again has no more
			got.ended = p.text == "" || p.last
			return nil
		}
		if err := got.scan(strings.NewReader(p.text)); err != nil {
			return err
		}
		whole := got.ended // the page was read to its end
		// More lines than asked for are the whole log; so is a page from a server that names no file to go on with.
		got.ended = whole && (p.last || p.file == "" || strings.Count(p.text, "\n") > lines)
		if !whole || got.ended || got.full() || got.bytes >= maxLogBytes {
			return nil
		}
		file, before = p.file, p.text
	}
	return nil
}

func (v *v1) logPage(ctx context.Context, run, file string, lines, n int) (logPage, error) {
	params := map[param]string{pLines: strconv.Itoa(lines), pPage: strconv.Itoa(n)}
	if file != "" {
		params[pFile] = file
	}
	r, err := makeRequest(v1JobLog, parts{id: run, query: params})
	if err != nil {
		return logPage{}, err
	}
	r.what, r.optional = "the job log", true
	var p logPage
	err = v.send(ctx, r, maxLogBytes+maxPageBytes, func(a answer) error {
		p = logPage{}
		raw, err := io.ReadAll(io.LimitReader(a.body, maxLogBytes))
		if err != nil {
			return err
		}
		return p.read(raw)
	})
	return p, err
}

// read takes a page from JSON; what is no JSON is the log itself.
func (p *logPage) read(raw []byte) error {
	o, err := wholeObject(raw)
	if err != nil {
		text, ok := logInJSON(raw)
		if !ok {
			text = string(raw)
		}
		if strings.HasPrefix(strings.TrimSpace(text), "{") { // half a page
			return errNotJSON
		}
		p.text, p.last = text, true
		return nil
	}
	p.text, _ = logInJSON(raw)
	p.file = o.str("fileId")
	last := o.boolean("lastPage")
	p.last = last != nil && *last
	return nil
}
