package hwa

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// commonStatuses are the statuses that V1 can be asked to count by ("Common status" of jobs and job streams in the console's manual).
var commonStatuses = []string{"WAITING", "READY", "RUNNING", "SUCCESSFUL", "ERROR", "CANCELED", "HELD", "UNDECIDED", "BLOCKED", "SUPPRESS"}

// lastRuns chooses the rows that stand for their jobs, on servers that have a row for each run.
var lastRuns = query.Is("jobruns.lastInRerunChain", true)

// Counts counts jobs or job streams. V1 has no groups: a plan that can be read whole is counted here, a larger one is asked for the count of each status.
func (v *v1) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	if err := checkGroups(q.GroupBy); err != nil {
		return twstools.Counts{}, err
	}
	if q.Workstation != "" && q.Workstation != "@" {
		return countHere(ctx, v, q, v.source)
	}
	total, ok, err := v.total(ctx, q.JobStreams, nil)
	switch {
	case err != nil:
		return twstools.Counts{}, err
	case ok && len(q.GroupBy) == 0:
		return twstools.Counts{Total: total, Groups: map[string]int{}}, nil
	case ok && total > maxScan && len(q.GroupBy) == 1 && q.GroupBy[0] == "status":
		return v.byStatus(ctx, q.JobStreams, total)
	}
	return countHere(ctx, v, q, v.source)
}

// byStatus asks for the count of each status. Words that V1 has and we do not know make up the rest, under "?".
func (v *v1) byStatus(ctx context.Context, streams bool, total int) (twstools.Counts, error) {
	field := "jobruns.commonStatus"
	if streams {
		field = "commonStatus"
	}
	out := twstools.Counts{Total: total, Groups: map[string]int{}}
	rest := total
	for _, s := range commonStatuses {
		n, ok, err := v.total(ctx, streams, query.Is(field, s))
		if err != nil {
			return twstools.Counts{}, err
		}
		if !ok {
			return twstools.Counts{}, v.unsupported("This engine does not count its plan by status.")
		}
		if n > 0 {
			out.Groups[s] = n
		}
		rest -= n
	}
	if rest > 0 {
		out.Groups["?"] = rest
	}
	return out, nil
}

// total asks for the number of matches: of jobs by their own count, else, as of everything, by the header of a list. ok is false when the server does
// neither.
func (v *v1) total(ctx context.Context, streams bool, where query.Expr) (n int, ok bool, err error) {
	t := v.talk(query.Jobs)
	if streams {
		t = v.talk(query.JobStreams)
	}
	marks, known := v.marks.get()
	if streams || known && !marks {
		return v.count(ctx, t, where, streams)
	}
	// The count of rows is the count of jobs only where one row stands for each; a server that does not know the mark finds none.
	n, ok, err = v.count(ctx, t, joined(where, lastRuns), streams)
	if err != nil || known {
		return n, ok, err
	}
	rows, told, err := v.count(ctx, t, where, streams)
	if err != nil || !told || !ok || rows == n {
		return rows, told, err
	}
	// Some rows are not marked: old runs, or jobs that were never rerun on a server that marks only those that were.
	if marks, err = v.marksHold(ctx, n); err != nil || !marks {
		return rows, told, err
	}
	return n, true, nil
}

// marksHold looks at one row without the mark: does its job have another row? It is asked once.
func (v *v1) marksHold(ctx context.Context, marked int) (bool, error) {
	if marked == 0 {
		v.marks.learn(false)
		return false, nil
	}
	l := v.jobLister(false)
	l.fold = nil
	text, err := l.talk.print(query.Query{Where: query.Is("jobruns.lastInRerunChain", false)})
	if err != nil {
		return false, err
	}
	g, err := l.gather(ctx, text, filter{}, 0, 1)
	if err != nil || len(g.rows) == 0 {
		return err == nil, err
	}
	whole, err := v.chain(ctx, l, g.rows[0].item)
	if err != nil {
		return false, err
	}
	holds := len(whole.Runs) > len(g.rows[0].item.Runs)
	v.marks.learn(holds)
	return holds, nil
}

func joined(a, b query.Expr) query.Expr {
	if a == nil {
		return b
	}
	return query.And{a, b}
}

func (v *v1) count(ctx context.Context, t v1Talk, where query.Expr, streams bool) (n int, ok bool, err error) {
	text, err := t.print(query.Query{Where: where})
	if err != nil {
		return 0, false, err
	}
	if !streams {
		if n, ok, err = v.jobCount(ctx, t, text); ok || err != nil && !absent(err) && !refusesFilter(err) {
			return n, ok, err
		}
	}
	p, err := t.fetch(ctx, text, 0, 1, func() {}, func(object) bool { return true })
	switch {
	case err != nil:
		return 0, false, err
	case p.rows == 0:
		return 0, true, nil
	case p.count > 0 && p.rows <= 1:
		return p.count, true, nil
	}
	return 0, false, nil
}

// jobCount asks for the count of jobs: documented as 202 and a text; a number or an object with one are taken too.
func (v *v1) jobCount(ctx context.Context, t v1Talk, text string) (n int, ok bool, err error) {
	b, err := t.bodies(text)
	if err != nil {
		return 0, false, err
	}
	r, err := makeRequest(v1JobCount, parts{body: b.first})
	if err != nil {
		return 0, false, err
	}
	r.what, r.optional = "counts", true
	err = v.send(ctx, r, maxErrorBytes, func(a answer) error {
		raw, err := io.ReadAll(a.body)
		if err != nil {
			return err
		}
		n, ok = bareNumber(raw)
		return nil
	})
	return n, ok, err
}

// wholeObject reads an answer that is one object.
func wholeObject(raw []byte) (object, error) {
	var o object
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	d.UseNumber()
	err := d.Decode(&o)
	if err == nil && o == nil {
		err = errShape
	}
	return o, err
}

// bareNumber reads a number that is the whole answer, as JSON, as a text in JSON, as plain text, or in an object's field.
func bareNumber(raw []byte) (int, bool) {
	s := strings.TrimSpace(string(raw))
	if o, err := wholeObject(raw); err == nil {
		n := o.integer("count", "total", "totalCount", "value", "result")
		if n == nil {
			return 0, false
		}
		return *n, *n >= 0
	}
	n, err := strconv.Atoi(strings.Trim(s, `" `))
	return n, err == nil && n >= 0
}
