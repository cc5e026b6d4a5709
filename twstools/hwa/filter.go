package hwa

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/query"
)

// match is what a filter says about one row.
type match int

const (
	no      match = iota
	unclear       // the row lacks a field that the filter asks about
	yes
)

// filter is a list's condition, applied here to rows that an engine sent.
type filter struct {
	where query.Expr
	// alone says that the engine did not filter: flags that are not sent then count as off, as everywhere else.
	alone bool
}

// evaluate decides with three values. row is the decoded object; o the object as sent, depsKnown whether its dependencies were.
func (f filter) evaluate(row query.Row, o object, depsKnown bool) match {
	return f.expr(f.where, row, o, depsKnown)
}

func (f filter) expr(x query.Expr, row query.Row, o object, deps bool) match {
	switch x := x.(type) {
	case nil:
		return yes
	case query.And:
		m := yes
		for _, p := range x {
			m = min(m, f.expr(p, row, o, deps))
		}
		return m
	case query.Or:
		m := no
		for _, p := range x {
			m = max(m, f.expr(p, row, o, deps))
		}
		return m
	case query.Not:
		return yes - f.expr(x.X, row, o, deps)
	case query.Term:
		return f.term(x, row, o, deps)
	}
	return no
}

func (f filter) term(t query.Term, row query.Row, o object, deps bool) match {
	values, known := row.Values(t.Field)
	switch {
	case !known:
		return unclear
	case strings.HasPrefix(t.Field, "dependencies.") || strings.HasPrefix(t.Field, "dependenciesStats."):
		if !deps && !o.hasPath(t.Field) {
			return unclear
		}
	case len(values) == 0 && (!f.alone || !slices.Contains(t.Values, query.Value(nil))):
		return unclear // an engine that filters may know a value and not send it; elsewhere absent is null
	case isFlag(values) && !f.alone && !o.sent(t.Field):
		return unclear
	}
	if query.Eval(t, row) {
		return yes
	}
	return no
}

func isFlag(values []query.Value) bool {
	if len(values) == 0 {
		return false
	}
	_, ok := values[0].(bool)
	return ok
}

// sent reports whether the engine sent the flag, under OQL's name or where the interface puts the last run's.
func (o object) sent(field string) bool {
	if o.hasPath(field) {
		return true
	}
	rest, ofRun := strings.CutPrefix(field, "jobruns.compositeStatus.")
	return ofRun && (o.hasPath("lastRunCompositeStatus."+rest) || o.hasPath("compositeStatus."+rest)) || field == "jobmanUp" && o["activeStates"] != nil
}

// workstationFields hold paths that the engine writes "/MDM" and operators MDM; folderFields may end in a slash or not.
var (
	workstationFields = []string{"workstation", "jobStreamWorkstation", "jobruns.actualWorkstation", "jobDefinition.workstation", "jobDefinition.workstationKey",
		"dependencies.jobStreamWorkstation", "domainName"}
	folderFields = []string{"folder", "jobStreamFolder", "workstationFolder", "dependencies.jobStreamFolder"}
)

// rewrite keeps the groups of a condition and gives each part that is no group to part.
func rewrite(x query.Expr, part func(query.Expr) query.Expr) query.Expr {
	switch x := x.(type) {
	case query.And:
		out := make(query.And, len(x))
		for i, p := range x {
			out[i] = rewrite(p, part)
		}
		return out
	case query.Or:
		out := make(query.Or, len(x))
		for i, p := range x {
			out[i] = rewrite(p, part)
		}
		return out
	}
	return part(x)
}

// widen rewrites conditions on names that have two spellings so that an engine with either finds its rows. The filter is applied again here with
// the narrow meaning.
func widen(x query.Expr, paths []string) query.Expr {
	return rewrite(x, func(x query.Expr) query.Expr {
		switch x := x.(type) {
		case query.Not:
			if t, ok := x.X.(query.Term); ok && t.Op == query.Like { // its widened form is a group, which OQL cannot negate
				t.Op = query.NotLike
				return widenTerm(t, paths)
			}
			return query.Not{X: widen(x.X, paths)}
		case query.Term:
			return widenTerm(x, paths)
		}
		return x
	})
}

func widenTerm(t query.Term, paths []string) query.Expr {
	spell := spellings(t.Field, paths)
	if spell == nil {
		return t
	}
	var all []query.Value
	for _, v := range t.Values {
		s, ok := v.(string)
		if !ok || s == "" {
			return t
		}
		for _, one := range spell(s) {
			if !slices.Contains(all, query.Value(one)) {
				all = append(all, one)
			}
		}
	}
	if len(all) <= len(t.Values) {
		return t
	}
	switch t.Op {
	case query.Eq, query.In:
		return query.Term{Field: t.Field, Op: query.In, Values: all}
	case query.Ne, query.NotIn:
		return query.Term{Field: t.Field, Op: query.NotIn, Values: all}
	case query.Like:
		return eachLike[query.Or](t, all)
	case query.NotLike:
		return eachLike[query.And](t, all)
	}
	return t
}

// spread says lists of values as single comparisons, for engines that do not know IN.
func spread(x query.Expr) query.Expr {
	return rewrite(x, func(x query.Expr) query.Expr {
		t, ok := x.(query.Term)
		switch {
		case ok && t.Op == query.In && len(t.Values) <= maxSpread:
			t.Op = query.Eq
			return eachLike[query.Or](t, t.Values)
		case ok && t.Op == query.NotIn && len(t.Values) <= maxSpread:
			t.Op = query.Ne
			return eachLike[query.And](t, t.Values)
		}
		return x
	})
}

// maxSpread bounds how many values are said one by one.
const maxSpread = 50

func eachLike[G ~[]query.Expr](t query.Term, all []query.Value) G {
	out := make(G, len(all))
	for i, v := range all {
		out[i] = query.Term{Field: t.Field, Op: t.Op, Values: []query.Value{v}}
	}
	return out
}

func spellings(field string, paths []string) func(string) []string {
	switch {
	case slices.Contains(folderFields, field):
		return func(s string) []string {
			s = strings.TrimRight(s, "/")
			if s == "" || strings.HasSuffix(s, "@") {
				return nil
			}
			return []string{s, s + "/"}
		}
	case slices.Contains(paths, field):
		return func(s string) []string {
			if strings.HasPrefix(s, "@") {
				return []string{s} // matches either spelling
			}
			if bare := strings.TrimPrefix(s, "/"); field == "name" && strings.Contains(bare, "/") {
				return []string{s, bare, s[strings.LastIndexByte(s, '/')+1:]} // the engine may keep the folder apart
			}
			if strings.HasPrefix(s, "/") {
				return []string{s, s[1:]}
			}
			return []string{s, "/" + s}
		}
	}
	return nil
}

// quoted finds the constants of an OQL text.
var quoted = regexp.MustCompile(`'(?:[^']|'')*'`)

// shape is an OQL text without its constants: what a server that refuses it would refuse again.
func shape(oql string) string { return clip(quoted.ReplaceAllString(oql, "?"), 512) }
