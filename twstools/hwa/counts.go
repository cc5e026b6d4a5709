package hwa

import (
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// groupings are what the engine can count by.
var groupings = []string{"workstation", "status", "folder"}

// Counts counts jobs or job streams. A server that lacks the count, or leaves the groups out, is read and counted here while that is bounded;
// beyond that the total of its list is given for a plain count, and unsupported for groups.
func (c *v2) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	if err := checkGroups(q.GroupBy); err != nil {
		return twstools.Counts{}, err
	}
	ep := planJobCount
	if q.JobStreams {
		ep = planStreamCount
	}
	filter, err := planFilter(q)
	if err != nil {
		return twstools.Counts{}, err
	}
	params := map[param]string{pFilter: filter}
	if len(q.GroupBy) > 0 {
		params[pGroups] = strings.Join(q.GroupBy, ",")
	}
	r, err := newRequest(ep, "", params)
	if err != nil {
		return twstools.Counts{}, err
	}
	r.what, r.optional = "counts", true
	o, err := c.getObject(ctx, r)
	if err == nil {
		if counts, ok := countsFrom(o, q.GroupBy); ok {
			return counts, nil
		}
	} else if !absent(err) && !refusesFilter(err) {
		return twstools.Counts{}, err
	}
	return countHere(ctx, c, q, c.source)
}

// checkGroups refuses groups that no engine knows.
func checkGroups(groupBy []string) error {
	for _, g := range groupBy {
		if !slices.Contains(groupings, g) {
			return fault.New(fault.Invalid, "The engine cannot count by %q.", g).WithHint("It counts by %s.", strings.Join(groupings, ", "))
		}
	}
	return nil
}

// planFilter says the workstation in conman's selection syntax. Without a folder it means the root folder, as everywhere in display form; the slash is
// always written, so that no server's default folder comes in between.
func planFilter(q twstools.CountQuery) (string, error) {
	of, field := query.Jobs, "jobStreamWorkstation"
	if q.JobStreams {
		of, field = query.JobStreams, "workstation"
	}
	var where query.Expr
	if q.Workstation != "" && q.Workstation != "@" {
		where = query.Matches(field, q.Workstation)
	}
	s, err := query.PrintSelection(where, of, nil)
	if err == nil && !strings.HasPrefix(s, "/") {
		s = "/" + s
	}
	return s, err
}

// countsFrom reads {count, groupedCount}; the groups may be nested under their grouping's name, or one grouping within the other.
func countsFrom(o object, groupBy []string) (twstools.Counts, bool) {
	total := o.integer("count", "total", "totalCount")
	if total == nil || *total < 0 {
		return twstools.Counts{}, false
	}
	out := twstools.Counts{Total: *total, Groups: map[string]int{}}
	groups := o.obj("groupedCount", "groupedCounts", "groups")
	if len(groups) == 1 && len(groupBy) == 1 {
		if inner := groups.obj(groupBy[0]); inner != nil {
			groups = inner
		}
	}
	flatten(out.Groups, "", groups, len(groupBy) == 1 && groupBy[0] == "workstation")
	return out, len(groupBy) == 0 || *total == 0 || len(out.Groups) > 0
}

func flatten(into map[string]int, prefix string, o object, workstations bool) {
	for k, v := range o {
		key := k
		if workstations {
			key = display(k)
		}
		if prefix != "" {
			key = prefix + "/" + key
		}
		if inner := asObject(v); inner != nil {
			flatten(into, key, inner, workstations)
			continue
		}
		if n := o.integer(k); n != nil {
			into[key] += *n
		}
	}
}

// counted is what is needed of a row to count it.
type counted struct{ workstation, status, folder string }

func countHere(ctx context.Context, e twstools.Engine, q twstools.CountQuery, source func(*fault.Error) *fault.Error) (twstools.Counts, error) {
	var where query.Expr
	if q.Workstation != "" && q.Workstation != "@" {
		field := "jobStreamWorkstation" // the selection's workstation is the job stream's, as in conman
		if q.JobStreams {
			field = "workstation"
		}
		where = query.Matches(field, q.Workstation)
	}
	var rows []counted
	var total int
	var whole, cut bool
	read := twstools.ListQuery{Where: where, Limit: maxRequest}
	for pages := 0; pages < maxScan/maxRequest && !whole && !cut; pages++ {
		read.Offset = len(rows)
		more, n, incomplete, err := countPage(ctx, e, q.JobStreams, read)
		if err != nil {
			return twstools.Counts{}, err
		}
		rows, total, cut = append(rows, more...), n, incomplete
		whole = !cut && (len(more) < maxRequest || n == len(rows))
	}
	out := twstools.Counts{Total: len(rows), Groups: map[string]int{}}
	if !whole {
		if total < 0 || len(q.GroupBy) > 0 {
			return twstools.Counts{}, source(fault.New(fault.Unsupported, "This engine does not count its plan, and the plan is too large to count here.").
				WithHint("Narrow the question to a workstation or a job stream."))
		}
		out.Total = total
		return out, nil
	}
	for _, r := range rows {
		if len(q.GroupBy) > 0 {
			out.Groups[r.key(q.GroupBy)]++
		}
	}
	return out, nil
}

func countPage(ctx context.Context, e twstools.Engine, streams bool, q twstools.ListQuery) (rows []counted, total int, incomplete bool, err error) {
	if streams {
		list, err := e.JobStreams(ctx, q)
		for _, s := range list.Items {
			rows = append(rows, counted{s.Workstation, s.Status.Common, s.Folder})
		}
		return rows, list.Total, list.Incomplete, err
	}
	list, err := e.Jobs(ctx, q)
	for _, j := range list.Items {
		rows = append(rows, counted{j.Workstation, j.Status.Common, j.Folder})
	}
	return rows, list.Total, list.Incomplete, err
}

func (r counted) key(groupBy []string) string {
	parts := make([]string, len(groupBy))
	for i, g := range groupBy {
		parts[i] = map[string]string{"workstation": r.workstation, "status": r.status, "folder": r.folder}[g]
	}
	return strings.Join(parts, "/")
}
