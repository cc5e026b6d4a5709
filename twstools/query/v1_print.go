package query

import (
	"reflect"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// V1Query is a question to the first generation of the interface: the body of its POST …/query, as encoding/json writes it, with sorted keys and
// therefore always the same bytes. Filters alone is the body of …/query_next, which takes no ComplexFilters: a question with
// ComplexFilters must be answered in one request. Read it, do not change it.
type V1Query struct {
	Filters        map[string]any `json:"filters"`
	Sorters        map[string]any `json:"sorters,omitempty"`
	ComplexFilters map[string]any `json:"complexFilters,omitempty"`
}

// PrintV1 says a query in V1's filters. Conditions that must all hold share one filter object; alternatives and negations become
// complexFilters. What V1 cannot say exactly is fault.Invalid and named: SplitV1 finds the part that can be asked.
//
// The exactness is that of Eval over rows that hold a whole job. V1 compares each run as a row of its own, so two conditions on runs meet in one run there.
func PrintV1(q Query, of Object) (V1Query, error) {
	prefix, err := v1PrefixOf(of)
	if err != nil {
		return V1Query{}, err
	}
	p := v1Printer{of: of}
	main := map[string]any{}
	out := V1Query{Filters: map[string]any{prefix + "Filter": main}}
	if x := normal(q.Where, of); x != nil {
		n, err := p.node(x)
		if err != nil {
			return V1Query{}, err
		}
		if n.op == "AND" && len(n.clauses) > 0 && !n.clauses[0].not {
			main, n.clauses = n.clauses[0].filter, n.clauses[1:]
			out.Filters[prefix+"Filter"] = main
		}
		if len(n.clauses)+len(n.nodes) > 0 {
			out.ComplexFilters = n.body(prefix)
		}
	}
	out.Sorters, err = v1Order(q.Order, of, prefix)
	return out, err
}

func v1PrefixOf(of Object) (string, error) {
	if of < 0 || int(of) >= len(v1Prefix) {
		return "", fault.New(fault.Invalid, "V1 has no lists of %s.", of)
	}
	return v1Prefix[of], nil
}

func v1Order(order []Order, of Object, prefix string) (map[string]any, error) {
	if len(order) == 0 {
		return nil, nil
	}
	keys := map[string]any{}
	for i, o := range order {
		key := v1Sorters[of][o.Field]
		if key == "" {
			return nil, fault.New(fault.Invalid, "V1 cannot order %s by %q.", of, o.Field)
		}
		if _, twice := keys[key]; !twice {
			keys[key] = map[string]any{"descending": o.Desc, "priority": i + 1}
		}
	}
	return map[string]any{prefix + "Sorter": keys}, nil
}

// v1Clause is one filter object; its keys must all hold.
type v1Clause struct {
	filter map[string]any
	not    bool
}

// v1Node is a group: clauses and groups joined by AND or OR.
type v1Node struct {
	op      string
	clauses []v1Clause
	nodes   []v1Node
}

// add puts a clause to the others unless it is there.
func (n *v1Node) add(clauses ...v1Clause) {
	for _, c := range clauses {
		if !slices.ContainsFunc(n.clauses, func(o v1Clause) bool { return reflect.DeepEqual(o, c) }) {
			n.clauses = append(n.clauses, c)
		}
	}
}

func (n v1Node) body(prefix string) map[string]any {
	out := map[string]any{"operator": n.op}
	if len(n.clauses) > 0 {
		list := make([]any, len(n.clauses))
		for i, c := range n.clauses {
			list[i] = map[string]any{"filter": c.filter, "notOperator": c.not}
		}
		out[prefix+"ComplexFilter"] = list
	}
	if len(n.nodes) > 0 {
		list := make([]any, len(n.nodes))
		for i, m := range n.nodes {
			list[i] = m.body(prefix)
		}
		out["complexFilters"] = list
	}
	return out
}

// v1Printer prints normal expressions about one kind of object.
type v1Printer struct{ of Object }

func (p v1Printer) node(x Expr) (v1Node, error) {
	switch x := x.(type) {
	case And:
		return p.all(x)
	case Or:
		return p.any(x)
	}
	t, not, ok := leaf(x)
	if !ok {
		return v1Node{}, fault.New(fault.Invalid, "The filter holds a part of unknown kind.")
	}
	pairs, err := p.say(t)
	if err != nil {
		return v1Node{}, err
	}
	n := v1Node{op: "OR"}
	for _, one := range pairs {
		n.add(v1Clause{map[string]any{one.key: one.value}, not})
	}
	if not || len(n.clauses) == 1 {
		n.op = "AND"
	}
	return n, nil
}

// all merges what one filter object can hold; keys that are taken go to further objects.
func (p v1Printer) all(parts And) (v1Node, error) {
	out := v1Node{op: "AND"}
	merged := map[string]any{}
	for _, part := range parts {
		n, err := p.node(part)
		if err != nil {
			return out, err
		}
		if n.op == "OR" {
			out.nodes = append(out.nodes, n)
			continue
		}
		for _, c := range n.clauses {
			if c.not || !mergeV1(merged, c.filter) {
				out.add(c)
			}
		}
		out.nodes = append(out.nodes, n.nodes...)
	}
	if len(merged) > 0 {
		first := v1Clause{filter: merged}
		out.clauses = append([]v1Clause{first}, slices.DeleteFunc(out.clauses, func(c v1Clause) bool { return reflect.DeepEqual(c, first) })...)
	}
	if len(out.clauses) == 0 && len(out.nodes) == 1 {
		return out.nodes[0], nil
	}
	return out, nil
}

// mergeV1 adds keys to a filter object; false, and nothing done, when one is taken. The two ends of a range meet in one.
func mergeV1(to, from map[string]any) bool {
	for k, v := range from {
		held, taken := to[k]
		if !taken || reflect.DeepEqual(held, v) {
			continue
		}
		have, isRange := held.(map[string]any)
		more, both := v.(map[string]any)
		if !isRange || !both {
			return false
		}
		for end := range more {
			if _, taken := have[end]; taken {
				return false
			}
		}
	}
	for k, v := range from {
		if have, isRange := to[k].(map[string]any); isRange {
			for end, bound := range v.(map[string]any) {
				have[end] = bound
			}
			continue
		}
		to[k] = v
	}
	return true
}

func (p v1Printer) any(parts Or) (v1Node, error) {
	out := v1Node{op: "OR"}
	if len(parts) == 0 {
		return out, fault.New(fault.Invalid, "The filter can match nothing, so there is nothing to ask the engine.")
	}
	rest, either, err := p.either(parts)
	if err != nil {
		return out, err
	}
	out.add(either...)
	for _, part := range rest {
		n, err := p.node(part)
		switch {
		case err != nil:
			return out, err
		case n.op == "OR" || len(n.clauses) == 1 && len(n.nodes) == 0:
			out.add(n.clauses...)
			out.nodes = append(out.nodes, n.nodes...)
		default:
			out.nodes = append(out.nodes, n)
		}
	}
	if len(out.clauses) == 1 && len(out.nodes) == 0 {
		out.op = "AND"
	}
	return out, nil
}

// either takes the pairs out of an Or of jobs that say the same of the job's workstation and of its stream's: V1 has a key for them together.
func (p v1Printer) either(parts Or) (rest []Expr, out []v1Clause, err error) {
	rest = slices.Clone(parts)
	if p.of != Jobs {
		return rest, nil, nil
	}
	for i := 0; i < len(rest); i++ {
		t, ok := rest[i].(Term)
		if !ok || t.Field != eitherWorkstation[0] {
			continue
		}
		twin := t
		twin.Field = eitherWorkstation[1]
		at := slices.IndexFunc(rest, func(x Expr) bool { return sameLeaf(x, twin) })
		if at < 0 {
			continue
		}
		pairs, err := p.say(t)
		if err != nil {
			return nil, nil, err
		}
		for _, one := range pairs {
			out = append(out, v1Clause{filter: map[string]any{v1EitherWorkstation: one.value}})
		}
		rest = slices.Delete(rest, max(i, at), max(i, at)+1)
		rest = slices.Delete(rest, min(i, at), min(i, at)+1)
		i = -1
	}
	return rest, out, nil
}

// unsayable is the refusal of one term.
func unsayable(t Term, where string) error {
	var b strings.Builder
	if printTerm(&b, t) != nil {
		return fault.New(fault.Invalid, "%s cannot say the condition on %q.", where, t.Field)
	}
	return fault.New(fault.Invalid, "%s cannot say the condition %s.", where, b.String())
}
