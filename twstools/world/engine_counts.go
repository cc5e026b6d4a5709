package world

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// Tallier is what a world's engine has beside the port: it counts what a filter matches, grouped. Groups are status, internal (the internal status),
// workstation and folder; with none of them there is one tally of all matches, and none at all where nothing matches.
type Tallier interface {
	// TallyJobs counts jobs; a job's workstation is its own, not its stream's.
	TallyJobs(ctx context.Context, where query.Expr, groups ...string) ([]Tally, error)
	// TallyJobStreams counts job streams.
	TallyJobStreams(ctx context.Context, where query.Expr, groups ...string) ([]Tally, error)
}

// Tally is one combination of groups and how many objects are in it. Keys are in the order in which the groups were asked for.
type Tally struct {
	Keys []string
	N    int
}

var _ Tallier = (*engine)(nil)

var jobGroups = map[string]func(*twstools.Job) string{
	"status":            func(j *twstools.Job) string { return j.Status.Common },
	"internal":          func(j *twstools.Job) string { return j.Status.Internal },
	"workstation":       func(j *twstools.Job) string { return j.Workstation },
	"folder":            func(j *twstools.Job) string { return j.Folder },
	"streamWorkstation": func(j *twstools.Job) string { return j.StreamWorkstation },
}

var streamGroups = map[string]func(*twstools.JobStream) string{
	"status":            func(s *twstools.JobStream) string { return s.Status.Common },
	"internal":          func(s *twstools.JobStream) string { return s.Status.Internal },
	"workstation":       func(s *twstools.JobStream) string { return s.Workstation },
	"folder":            func(s *twstools.JobStream) string { return s.Folder },
	"streamWorkstation": func(s *twstools.JobStream) string { return s.Workstation },
}

// TallyJobs implements Tallier.
func (e *engine) TallyJobs(ctx context.Context, where query.Expr, groups ...string) ([]Tally, error) {
	return tally(ctx, e.jobTable, jobGroups, where, groups)
}

// TallyJobStreams implements Tallier.
func (e *engine) TallyJobStreams(ctx context.Context, where query.Expr, groups ...string) ([]Tally, error) {
	return tally(ctx, e.streamTable, streamGroups, where, groups)
}

func tally[T any](ctx context.Context, t *table[T], by map[string]func(*T) string, where query.Expr, groups []string) ([]Tally, error) {
	if err := query.CheckFields(query.Query{Where: where}, t.fields); err != nil {
		return nil, err
	}
	for _, g := range groups {
		if by[g] == nil || g == "streamWorkstation" {
			return nil, fault.New(fault.Invalid, "Objects cannot be counted by %q.", g).WithHint("Valid groups: status, internal, workstation, folder.")
		}
	}
	found, err := t.match(ctx, where)
	if err != nil {
		return nil, err
	}
	return t.tally(found, by, groups), ctx.Err()
}

// tally counts the found rows by the derived columns of the groups.
func (t *table[T]) tally(found places, by map[string]func(*T) string, groups []string) []Tally {
	columns := make([]*column, len(groups))
	cells := 1
	for i, g := range groups {
		columns[i] = t.derived("#"+g, by[g])
		cells *= max(columns[i].groups(), 1)
	}
	counts := make(map[int]int, min(cells, 1024))
	if cells <= 1<<20 {
		flat := make([]int, cells)
		for at := range found.from(0) {
			flat[cell(columns, at)]++
		}
		for c, n := range flat {
			if n > 0 {
				counts[c] = n
			}
		}
	} else {
		for at := range found.from(0) {
			counts[cell(columns, at)]++
		}
	}
	out := make([]Tally, 0, len(counts))
	for _, c := range slices.Sorted(maps.Keys(counts)) {
		one := Tally{Keys: make([]string, len(groups)), N: counts[c]}
		for rest, i := c, len(groups)-1; i >= 0; i-- {
			g := rest % columns[i].groups()
			rest /= columns[i].groups()
			one.Keys[i] = by[groups[i]](&t.items[columns[i].rowsOf(g)[0]])
		}
		out = append(out, one)
	}
	return out
}

// cell numbers the combination of groups that a row is in.
func cell(columns []*column, at int32) int {
	n := 0
	for _, c := range columns {
		n = n*c.groups() + int(c.group[at])
	}
	return n
}

// Counts implements twstools.Engine. The pattern is matched with the job stream's workstation, as conman's selection does.
func (e *engine) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	out := twstools.Counts{Groups: map[string]int{}}
	for _, g := range q.GroupBy {
		if !slices.Contains([]string{"status", "workstation", "folder"}, g) {
			return out, fault.New(fault.Invalid, "Jobs cannot be counted by %q.", g).WithHint("Valid groups: status, workstation, folder.")
		}
	}
	var all []Tally
	if q.JobStreams {
		all = e.streamTable.tally(e.streamTable.onWorkstations(q.Workstation, streamGroups), streamGroups, q.GroupBy)
	} else {
		all = e.jobTable.tally(e.jobTable.onWorkstations(q.Workstation, jobGroups), jobGroups, q.GroupBy)
	}
	for _, t := range all {
		out.Total += t.N
		if len(q.GroupBy) > 0 {
			out.Groups[strings.Join(t.Keys, "/")] += t.N
		}
	}
	return out, ctx.Err()
}

// onWorkstations gives the rows whose job stream is on a workstation that fits the pattern, written with or without the slash in front; "" is any.
func (t *table[T]) onWorkstations(pattern string, by map[string]func(*T) string) places {
	if pattern == "" {
		return allPlaces(len(t.items))
	}
	c := t.derived("#streamWorkstation", by["streamWorkstation"])
	out := noPlaces(len(t.items))
	for g := range c.groups() {
		rows := c.rowsOf(g)
		if name := by["streamWorkstation"](&t.items[rows[0]]); query.Match(strings.TrimPrefix(pattern, "/"), strings.TrimPrefix(name, "/")) {
			out.addAll(rows)
		}
	}
	return out
}
