package twsmock

import (
	"slices"
	"sync"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1Index finds rows by what is asked most, so that a large plan is not gone through for each question. Each field is indexed when it is
// first asked by; the rows under a value are in the plan's order.
type v1Index struct {
	mu sync.Mutex
	by map[string]map[string][]int32
}

// indexed are the fields, and how they are read; a run that is not the last has a status of its own.
var indexed = map[string]func(*twstools.Job, twstools.Status) string{
	"name":                           func(j *twstools.Job, _ twstools.Status) string { return j.Name },
	"jobStreamName":                  func(j *twstools.Job, _ twstools.Status) string { return j.Stream },
	"workstation":                    func(j *twstools.Job, _ twstools.Status) string { return j.Workstation },
	"jobStreamWorkstation":           func(j *twstools.Job, _ twstools.Status) string { return j.StreamWorkstation },
	"jobruns.commonStatus":           func(_ *twstools.Job, s twstools.Status) string { return s.Common },
	"jobruns.compositeStatus.status": func(_ *twstools.Job, s twstools.Status) string { return s.Internal },
}

// value reads an indexed field of a row without making the whole row.
func (p *v1Plan) value(r jobRow, field string) (string, bool) {
	read, ok := indexed[field]
	if !ok {
		return "", false
	}
	j := &p.jobs[r.job]
	if r.run < 0 || p.last(r) {
		return read(j, j.Status), true
	}
	run := &j.Runs[r.run]
	if field == "name" && run.Name != "" {
		return run.Name, true
	}
	return read(j, run.Status), true
}

// values gives an indexed field's value as a row does.
func values(field, v string) []query.Value {
	switch {
	case v == "":
		return nil
	case field == "workstation" || field == "jobStreamWorkstation":
		return eitherName(v)
	}
	return []query.Value{v}
}

// index gives the rows of each value of a field.
func (p *v1Plan) index(field string) map[string][]int32 {
	p.found.index.mu.Lock()
	defer p.found.index.mu.Unlock()
	if all, ok := p.found.index.by[field]; ok {
		return all
	}
	all := map[string][]int32{}
	for i, r := range p.rows {
		v, _ := p.value(r, field)
		all[v] = append(all[v], int32(i)) //nolint:gosec // a plan has fewer rows than fit
	}
	if p.found.index.by == nil {
		p.found.index.by = map[string]map[string][]int32{}
	}
	p.found.index.by[field] = all
	return all
}

// candidates gives the rows that can match x, in the plan's order, where an index tells; all that match are among them.
func (p *v1Plan) candidates(x query.Expr) (rows []int32, known bool) {
	switch x := x.(type) {
	case query.And:
		for _, part := range x {
			if some, ok := p.candidates(part); ok && (!known || len(some) < len(rows)) {
				rows, known = some, true
			}
		}
		return rows, known
	case query.Or:
		for _, part := range x {
			some, ok := p.candidates(part)
			if !ok {
				return nil, false
			}
			rows = append(rows, some...)
		}
		slices.Sort(rows)
		return slices.Compact(rows), true
	case query.Term:
		if _, ok := indexed[x.Field]; !ok {
			return nil, false
		}
		for v, some := range p.index(x.Field) {
			if query.Eval(x, keyRow{x.Field, v}) {
				rows = append(rows, some...)
			}
		}
		slices.Sort(rows)
		return rows, true
	}
	return nil, false
}

// keyRow is one value of an index as a condition sees it.
type keyRow struct{ field, value string }

// Values implements query.Row.
func (k keyRow) Values(field string) ([]query.Value, bool) {
	return values(field, k.value), field == k.field
}

// planRow is a row of the plan as a condition sees it: by the indexed fields at once, by all others as a whole.
type planRow struct {
	p *v1Plan
	r jobRow
}

// Values implements query.Row.
func (x planRow) Values(field string) ([]query.Value, bool) {
	if v, ok := x.p.value(x.r, field); ok {
		return values(field, v), true
	}
	j := chainJob{x.p.job(x.r), v1JobID(x.p.jobs[x.r.job], int(x.r.run)), x.p.last(x.r)}
	if read, ok := v1JobFields[field]; ok {
		return read(j), true
	}
	return twstools.JobRow(j.Job).Values(field)
}
