package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// The tables under test are inside the package so that the columns that a plan of hundreds of thousands of jobs would do without can be left out here.

// plain answers a question the slow way, which the tables must agree with.
func plain[T any](items []T, row func(T) query.Row, q twstools.ListQuery) ([]int, int) {
	var found []int
	for i, x := range items {
		if query.Eval(q.Where, row(x)) {
			found = append(found, i)
		}
	}
	query.Sort(found, func(i int) query.Row { return row(items[i]) }, q.Order)
	total := len(found)
	found = found[min(q.Offset, total):]
	return found[:min(q.Limit, len(found))], total
}

// asker invents questions about a table from the values that are in it.
type asker[T any] struct {
	rng    *rand.Rand
	items  []T
	row    func(T) query.Row
	fields []string
}

func (a asker[T]) value(field string) query.Value {
	vs, _ := a.row(a.items[a.rng.IntN(len(a.items))]).Values(field)
	var v query.Value
	if len(vs) > 0 {
		v = vs[a.rng.IntN(len(vs))]
	}
	if s, ok := v.(query.Spellings); ok {
		v = s[a.rng.IntN(len(s))]
	}
	switch a.rng.IntN(12) {
	case 0:
		return nil
	case 1:
		return []query.Value{"X", int64(3), 7, true, 1.5, time.Minute, time.Unix(1_773_000_000, 0).UTC(), "10", "true", "\xff", "PT1M"}[a.rng.IntN(11)]
	case 2:
		return fmt.Sprint(v)
	}
	return v
}

func (a asker[T]) pattern(field string) query.Value {
	s := []rune(fmt.Sprint(a.value(field)))
	switch a.rng.IntN(6) {
	case 0:
		return "@" + string(s[len(s)/2:])
	case 1:
		return string(s[:len(s)/2]) + "@"
	case 2:
		if len(s) > 0 {
			s[a.rng.IntN(len(s))] = '?'
		}
		return string(s)
	case 3:
		return query.Literal(string(s)) + "@"
	case 4:
		return string(s) + `\`
	}
	return string(s)
}

func (a asker[T]) term() query.Expr {
	field := a.fields[a.rng.IntN(len(a.fields))]
	op := []query.Op{query.Eq, query.Ne, query.Lt, query.Le, query.Gt, query.Ge, query.In, query.NotIn, query.Like, query.NotLike}[a.rng.IntN(10)]
	t := query.Term{Field: field, Op: op}
	switch op {
	case query.Like, query.NotLike:
		t.Values = []query.Value{a.pattern(field)}
	case query.In, query.NotIn:
		for range a.rng.IntN(5) {
			t.Values = append(t.Values, a.value(field))
		}
	default:
		t.Values = []query.Value{a.value(field)}
	}
	return t
}

func (a asker[T]) expr(depth int) query.Expr {
	if depth == 0 || a.rng.IntN(3) == 0 {
		return a.term()
	}
	var parts []query.Expr
	for range a.rng.IntN(4) {
		parts = append(parts, a.expr(depth-1))
	}
	switch a.rng.IntN(5) {
	case 0, 1:
		return query.And(parts)
	case 2, 3:
		return query.Or(parts)
	}
	return query.Not{X: a.expr(depth - 1)}
}

func (a asker[T]) question() twstools.ListQuery {
	q := twstools.ListQuery{Limit: 1 + a.rng.IntN(30)}
	if a.rng.IntN(10) > 0 {
		q.Where = a.expr(3)
	}
	for range a.rng.IntN(4) {
		q.Order = append(q.Order, query.Order{Field: a.fields[a.rng.IntN(len(a.fields))], Desc: a.rng.IntN(2) == 0})
	}
	if a.rng.IntN(2) == 0 {
		q.Offset = a.rng.IntN(len(a.items) + 3)
	}
	return q
}

// agree asks a table what it asks the slow way.
func agree[T any](t *testing.T, name string, questions int, items []T, fields []string, row func(T) query.Row, id func(T) string) {
	t.Helper()
	for _, keep := range []struct {
		name string
		kept func(string) bool
	}{{"all columns", func(string) bool { return true }}, {"no column", func(string) bool { return false }}, {"every other column", func(f string) bool { return len(f)%2 == 0 }}} {
		t.Run(name+", "+keep.name, func(t *testing.T) {
			under := newTable(items, fields, row)
			under.kept = keep.kept
			if jobs, ok := any(under).(*table[twstools.Job]); ok {
				jobs.field = twstools.JobField
			}
			under.unique = map[string]int{}
			for i, x := range items {
				under.unique[id(x)] = i
			}
			a := asker[T]{rng: rand.New(rand.NewPCG(7, uint64(len(items)))), items: items, row: row, fields: fields} //nolint:gosec // the same questions each time
			hits := 0
			for range questions {
				q := a.question()
				want, total := plain(items, row, q)
				got, err := under.page(context.Background(), q, func(x T) T { return x })
				if err != nil {
					t.Fatalf("%+v: %v", q, err)
				}
				if got.Total != total || len(got.Items) != len(want) {
					t.Fatalf("%+v = %d of %d, want %d of %d", q, len(got.Items), got.Total, len(want), total)
				}
				for i, x := range got.Items {
					if id(x) != id(items[want[i]]) {
						t.Fatalf("%+v: row %d is %s, want %s", q, i, id(x), id(items[want[i]]))
					}
				}
				if total > 0 && total < len(items) {
					hits++
				}
			}
			if hits < questions/10 {
				t.Errorf("only %d of %d questions chose some rows and not all", hits, questions)
			}
		})
	}
}

func TestTablesAnswerAsAWalkDoes(t *testing.T) {
	now := time.Date(2026, 3, 17, 6, 10, 42, 0, time.UTC)
	w, err := Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "jobs of the demo", 400, w.Jobs, twstools.JobFields(), twstools.JobRow, func(j twstools.Job) string { return j.Ref.ID })
	agree(t, "streams of the demo", 400, w.JobStreams, twstools.JobStreamFields(), twstools.JobStreamRow, func(s twstools.JobStream) string { return s.Ref.ID })
	agree(t, "workstations of the demo", 400, w.Workstations, twstools.WorkstationFields(), twstools.WorkstationRow, func(x twstools.Workstation) string { return x.Ref.ID })
	agree(t, "resources of the demo", 200, w.Resources, twstools.ResourceFields(), twstools.ResourceRow, func(r twstools.Resource) string { return r.Ref.ID })
	agree(t, "prompts of the demo", 200, w.Prompts, twstools.PromptFields(), twstools.PromptRow, func(p twstools.Prompt) string { return p.Ref.ID })
	big := Big(fewRows+200, now)
	agree(t, "jobs of a larger plan", 60, big.Jobs, twstools.JobFields(), twstools.JobRow, func(j twstools.Job) string { return j.Ref.ID })
}

// Names that no pattern has seen in the demo: broken text, empty, one a prefix of another.
func TestTablesAndStrangeNames(t *testing.T) {
	var jobs []twstools.Job
	for i, name := range []string{"", "A", "AA", "A@B", "A?B", `A\B`, "\xffA", "\xfeA", "A\ufffdB", "ação", "A\x00B", "10", "true", "PT1M", "2026-03-17T02:00:00.000Z"} {
		jobs = append(jobs, twstools.Job{Ref: twstools.Ref{ID: nth(i)}, Name: name, Workstation: name, Folder: "/" + name})
	}
	agree(t, "strange names", 1500, jobs, []string{"name", "workstation", "folder"}, twstools.JobRow, func(j twstools.Job) string { return j.Ref.ID })
}

func TestTalliesAgreeWithAWalk(t *testing.T) {
	now := time.Date(2026, 3, 17, 6, 10, 42, 0, time.UTC)
	w, err := Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := Engine(w, Options{}).(Tallier)
	a := asker[twstools.Job]{rng: rand.New(rand.NewPCG(9, 9)), items: w.Jobs, row: twstools.JobRow, fields: twstools.JobFields()} //nolint:gosec // the same questions each time
	for n := range 200 {
		where, groups := a.expr(2), [][]string{nil, {"status"}, {"workstation", "status"}, {"folder", "internal", "status"}}[n%4]
		want := map[string]int{}
		for _, j := range w.Jobs {
			if query.Eval(where, twstools.JobRow(j)) {
				key := []string{}
				for _, g := range groups {
					key = append(key, map[string]string{"status": j.Status.Common, "internal": j.Status.Internal, "workstation": j.Workstation, "folder": j.Folder}[g])
				}
				want[fmt.Sprint(key)]++
			}
		}
		got, err := e.TallyJobs(t.Context(), where, groups...)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%+v by %v = %v, %v, want %v", where, groups, got, err, want)
		}
		for _, tally := range got {
			if key := fmt.Sprint(append([]string{}, tally.Keys...)); want[key] != tally.N {
				t.Fatalf("%+v by %v: %s = %d, want %d", where, groups, key, tally.N, want[key])
			}
		}
	}
	if _, err := e.TallyJobs(t.Context(), nil, "colour"); err == nil {
		t.Error("jobs are counted by colour")
	}
}

func FuzzPatternsFitAsMatchDoes(f *testing.F) {
	for _, p := range []string{"", "@", "A@B", "@A@0?@", `\@A`, `A\`, "?", "\xff@", "@\ufffd@", "ação@", "@@", "A??@"} {
		f.Add(p, "A0B@\xffação")
		f.Add(p, p)
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		compiled := newPattern(p)
		if got, want := compiled.fits(s), query.Match(p, s); got != want {
			t.Fatalf("%q fits %q = %v, want %v", s, p, got, want)
		}
	})
}

func TestPlacesSkip(t *testing.T) {
	p := noPlaces(200)
	all := []int32{0, 1, 63, 64, 65, 128, 199}
	p.addAll(all)
	for skip := range len(all) + 2 {
		if got := slices.Collect(p.from(skip)); !slices.Equal(got, all[min(skip, len(all)):]) {
			t.Errorf("from(%d) = %v", skip, got)
		}
	}
	p.others(200)
	if p.count() != 193 || p.has(199) || !p.has(2) {
		t.Errorf("the complement has %d members", p.count())
	}
}
