package query_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// objects are all kinds that a filter chooses from.
var objects = []query.Object{query.Jobs, query.JobStreams, query.Workstations, query.Resources, query.Prompts, query.Files, query.CriticalJobs, query.Plans}

// names hold what names may and what makes trouble: wildcards, quotes, separators, other languages, words of the languages themselves.
var names = []string{"A", "AB", "PAY_LOAD", "PAY@LOAD", "A?B", "A*B", `DOM\user`, `A\@B`, `\`, "@", "O'NEIL", "x' OR name != '", "a.b", "a+b~c", "A#B", "A(B)", "A,B", "A;B", "A=B",
	"ação", " A ", "PT5M", "PT300S", "2026-03-17T02:00:00.000Z", "null", "10", "A/B", "A!B", "A:B", "/", "\n", "{}", `"`, "B"}

var words = []string{"ABEND", "FAIL", "EXEC", "SUCC", "HOLD", "END", "CANCLP", "SUPPR", "SCHED", "STUCK", "ERROR", "WAITING", "RUNNING", "SUCCESSFUL", "BLOCKED", "SUPPRESS", "LINKED", "UNLINKED",
	"AVAILABLE", "ASKED", "NEWWORD", "HIGH_RISK", "CURRENT", "REGULAR", "RERUN_STEP", "D-POOL", "DYNAMIC_POOL", "FTA", "STOP", "CONTINUE", "RERUN"}

var epoch = time.Date(2026, 3, 17, 2, 0, 0, 0, time.UTC)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// plainValue is a random value of a field's type, as a row holds it.
func plainValue(r *rand.Rand, f query.Field) query.Value {
	switch f.Type {
	case query.Int:
		return pick(r, []int64{-1, 0, 1, 5, 10, 100, 101, 1 << 40})
	case query.Bool:
		return r.IntN(2) == 0
	case query.Instant:
		return epoch.Add(pick(r, []time.Duration{0, time.Minute, time.Hour, -time.Hour, 1500 * time.Millisecond, 24 * time.Hour}))
	case query.Duration:
		return pick(r, []time.Duration{0, time.Second, 5 * time.Minute, 90 * time.Minute, 1250 * time.Millisecond})
	case query.Enum:
		return pick(r, words)
	}
	return pick(r, names)
}

// spelt gives a row's value the spellings that rows of the domain give it.
func spelt(f query.Field, v query.Value) query.Value {
	s, ok := v.(string)
	switch {
	case ok && f.Path && len(s) > 0 && s[0] == '/':
		return query.Spellings{s, s[1:]}
	case ok && f.Path:
		return query.Spellings{"/" + s, s}
	case ok && isFolder(f) && s == "/":
		return s
	case ok && isFolder(f):
		s = "/" + strings.Trim(s, "/")
		return query.Spellings{s, s + "/"}
	case f.Name == "type" && s == "D-POOL":
		return query.Spellings{"D-POOL", "DYNAMIC_POOL"}
	case f.Name == "type" && s == "DYNAMIC_POOL":
		return query.Spellings{"D-POOL", "DYNAMIC_POOL"}
	}
	return v
}

// isFolder tells the fields that rows give with and without a slash at the end.
func isFolder(f query.Field) bool {
	return f.Name == "folder" || f.Name == "workstationFolder" || f.Name == "dependencies.jobStreamFolder"
}

func randomRow(r *rand.Rand, of query.Object) fakeRow {
	row := fakeRow{}
	for _, f := range query.FieldsOf(of) {
		n := r.IntN(3)
		if !f.Many {
			n = min(n, 1)
		}
		row[f.Name] = nil
		for range n {
			row[f.Name] = append(row[f.Name], spelt(f, plainValue(r, f)))
		}
	}
	return row
}

var patterns = []string{"@", "A@", "@B", "P@_LOAD", "A?", "?", `A\@B`, `A\?@`, "A*@", "/A@", "/@/B", "@/B", `DOM\\u@`, "", "PAY_LOAD", `\`, "@ção"}

func randomTerm(r *rand.Rand, fields []query.Field) query.Term {
	f := pick(r, fields)
	ops := []query.Op{query.Eq, query.Eq, query.Ne, query.In, query.NotIn}
	switch f.Type {
	case query.String:
		ops = append(ops, query.Like, query.Like, query.NotLike)
		if !f.Path && !isFolder(f) { // what has two spellings has no order
			ops = append(ops, query.Lt, query.Ge)
		}
	case query.Int, query.Instant, query.Duration:
		ops = append(ops, query.Lt, query.Le, query.Gt, query.Ge, query.Le, query.Ge)
	}
	t := query.Term{Field: f.Name, Op: pick(r, ops)}
	n := 1
	switch t.Op {
	case query.In, query.NotIn:
		n = r.IntN(4)
		t.Values = []query.Value{}
	case query.Like, query.NotLike:
		return query.Term{Field: f.Name, Op: t.Op, Values: []query.Value{pick(r, patterns)}}
	case query.Eq, query.Ne:
		if r.IntN(12) == 0 {
			return query.Term{Field: f.Name, Op: t.Op, Values: []query.Value{nil}}
		}
	}
	for range n {
		v := plainValue(r, f)
		if s, ok := v.(string); ok && (f.Path && r.IntN(3) == 0 || isFolder(f) && r.IntN(6) > 0) {
			v = "/" + s
		}
		t.Values = append(t.Values, v)
	}
	return t
}

// randomExpr is a random condition of any shape.
func randomExpr(r *rand.Rand, fields []query.Field, depth int) query.Expr {
	if depth == 0 {
		return randomTerm(r, fields)
	}
	n := r.IntN(4)
	switch r.IntN(8) {
	case 0, 1:
		x := query.And{}
		for range n {
			x = append(x, randomExpr(r, fields, depth-1))
		}
		return x
	case 2, 3:
		x := query.Or{}
		for range n {
			x = append(x, randomExpr(r, fields, depth-1))
		}
		return x
	case 4:
		return query.Not{X: randomExpr(r, fields, depth-1)}
	case 5:
		if r.IntN(4) == 0 {
			return nil
		}
	}
	return randomTerm(r, fields)
}

// mostly runs a property over random conditions and sees to it that a fair part of them could be said at all.
func mostly(t *testing.T, holds func(*testing.T, uint64) bool) {
	t.Helper()
	const seeds = 2500
	said := 0
	for seed := range uint64(seeds) {
		if holds(t, seed) {
			said++
		}
	}
	t.Logf("%d of %d conditions were said", said, seeds)
	if said < seeds/20 {
		t.Errorf("only %d of %d conditions were said", said, seeds)
	}
}
