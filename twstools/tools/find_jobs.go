package tools

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// maxCounted is how many matches are read to count them by status.
const maxCounted = 1000

// commonStatuses are the words of the coarse vocabulary; all others are the engine's internal ones.
var commonStatuses = map[string]bool{"WAITING": true, "RUNNING": true, "SUCCESSFUL": true, "CANCELED": true, "HELD": true, "UNDECIDED": true, "BLOCKED": true, "SUPPRESS": true}

// FindJobs lists jobs.
func (t *Tools) FindJobs(ctx context.Context, in FindJobsIn) (toolkit.Reply[FindJobsOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	typed, err := query.ParseOQLOf(in.OQL, query.Jobs)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	where, err := jobFilter(in)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	offset, err := readCursor(in, in.Cursor)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	if typed.Where != nil {
		where = query.And{where, typed.Where}
	}
	jobs, total, err := c.matching(ctx, in, query.Query{Where: where, Order: typed.Order}, offset)
	if err != nil {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	if err := c.unread(ctx); err != nil && len(jobs) == 0 {
		return toolkit.Reply[FindJobsOut]{}, err
	}
	size := in.PageSize
	if size == 0 {
		size = 20
	}
	out := FindJobsOut{Jobs: []JobRow{}, ByStatus: map[string]int{}}
	for _, j := range jobs {
		out.ByStatus[j.Status.Display()]++
	}
	if offset > 0 || total > len(jobs) {
		out.ByStatus = nil // not all matches were seen
	}
	if total >= 0 {
		out.Total = &total
	}
	var sources []toolkit.Source
	shown := jobs[:min(size, len(jobs))]
	ids := c.t.finder.StreamIDs(ctx, shown)
	for _, j := range shown {
		if j.JobStreamID == "" {
			j.JobStreamID = ids[j.StreamRef]
		}
		row := c.jobRow(j)
		out.Jobs = append(out.Jobs, row)
		sources = append(sources, rowSource(row))
	}
	if len(jobs) > size || total > offset+size {
		out.NextCursor = writeCursor(in, offset+size)
	}
	sources = append(sources, toolkit.Source{Source: "absence:find_jobs", Fields: []toolkit.Field{{Name: "total", Value: totalText(total, len(jobs))}}})
	return reply(c, out, sources, noTime), nil
}

func totalText(total, seen int) string {
	if total < 0 {
		total = seen
	}
	raw, _ := json.Marshal(total)
	return string(raw)
}

// matching reads the matches from offset on: by words through the name index, else from the engine.
func (c *call) matching(ctx context.Context, in FindJobsIn, q query.Query, offset int) ([]twstools.Job, int, error) {
	if strings.TrimSpace(in.Text) != "" {
		found, err := c.t.finder.Find(ctx, in.Text, "job", "")
		if fault.Is(err, fault.NotFound) {
			return nil, 0, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var jobs []twstools.Job
		for _, j := range found.Jobs {
			if q.Where == nil || query.Eval(q.Where, twstools.JobRow(j)) {
				jobs = append(jobs, j)
			}
		}
		total := len(jobs)
		return jobs[min(offset, total):], total, nil
	}
	page, err := c.t.o.Engine.Jobs(ctx, twstools.ListQuery{Where: q.Where, Order: q.Order, Limit: maxCounted, Offset: offset})
	if err != nil {
		return nil, 0, err
	}
	if len(in.Status) > 0 && !page.Incomplete && page.Total <= offset+len(page.Items) {
		// The engine's filter looks at every run; what is asked is how the job stands now.
		kept := page.Items[:0:0]
		for _, j := range page.Items {
			if stands(j, in.Status) {
				kept = append(kept, j)
			}
		}
		return kept, offset + len(kept), nil
	}
	total := page.Total
	if total < 0 && !page.Incomplete && len(page.Items) < maxCounted {
		total = offset + len(page.Items)
	}
	return page.Items, total, nil
}

// stands reports whether the job's present status is one of the asked ones.
func stands(j twstools.Job, statuses []string) bool {
	for _, s := range statuses {
		s = strings.TrimSpace(s)
		if strings.EqualFold(s, j.Status.Internal) || strings.EqualFold(s, j.Status.Common) {
			return true
		}
	}
	return j.Status.Internal == "" && j.Status.Common == ""
}

func jobFilter(in FindJobsIn) (query.Expr, error) {
	var and query.And
	pattern := func(field, p string) {
		if p == "" {
			return
		}
		p = strings.ToUpper(p)
		if strings.ContainsAny(p, "@?") {
			and = append(and, query.Matches(field, p))
			return
		}
		and = append(and, query.Is(field, p))
	}
	pattern("name", in.Name)
	pattern("jobStreamName", in.JobStream)
	if in.Workstation != "" && !strings.ContainsAny(in.Workstation, "@?") {
		and = append(and, twstools.AtWorkstation("workstation", strings.ToUpper(in.Workstation)))
	} else {
		pattern("workstation", in.Workstation)
	}
	if len(in.Status) > 0 {
		and = append(and, statusFilter(in.Status))
	}
	for _, bound := range []struct {
		text, field string
		op          query.Op
	}{{in.Since, "jobruns.timeInfo.actualStartTime", query.Ge}, {in.Until, "jobruns.timeInfo.actualStartTime", query.Lt}} {
		if bound.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, bound.text)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%q is no instant.", bound.text).WithHint("Write it as 2026-03-17T02:00:00-03:00.")
		}
		and = append(and, query.Term{Field: bound.field, Op: bound.op, Values: []query.Value{at.UTC()}})
	}
	if len(and) == 0 {
		return nil, nil
	}
	return and, nil
}

func statusFilter(statuses []string) query.Expr {
	var internal, common []query.Value
	for _, s := range statuses {
		s = strings.ToUpper(strings.TrimSpace(s))
		if commonStatuses[s] {
			common = append(common, s)
		} else {
			internal = append(internal, s)
		}
		if s == "READY" || s == "ERROR" {
			common = append(common, s)
		}
	}
	var or query.Or
	if len(internal) > 0 {
		or = append(or, query.AnyOf("jobruns.compositeStatus.status", internal...))
	}
	if len(common) > 0 {
		or = append(or, query.AnyOf("jobruns.commonStatus", common...))
	}
	if len(or) == 1 {
		return or[0]
	}
	return or
}

// cursor is where the next page starts, bound to the filter it belongs to. It holds no state of the process, so it survives a restart.
type cursor struct {
	Filter string `json:"f"`
	Offset int    `json:"o"`
}

// filterHash is of all arguments but those that only turn pages.
func filterHash(in any) string {
	var args map[string]any
	raw, _ := json.Marshal(in)
	_ = json.Unmarshal(raw, &args)
	delete(args, "cursor")
	delete(args, "page_size")
	raw, _ = json.Marshal(args)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:6])
}

func writeCursor(in any, offset int) string {
	raw, _ := json.Marshal(cursor{Filter: filterHash(in), Offset: offset})
	return base64.RawURLEncoding.EncodeToString(raw)
}

// readCursor gives where the page of text starts; text must come from a page of the same arguments.
func readCursor(in any, text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.Offset < 0 || c.Filter != filterHash(in) {
		return 0, fault.New(fault.Invalid, "The cursor does not belong to this filter.").WithHint("Use next_cursor of the page before with the same arguments, or leave it out.")
	}
	return c.Offset, nil
}
