package twsmock

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1Body is a filter as it comes: the body of a query, or of a continuation, which is the inner filters alone.
type v1Body struct {
	Filters json.RawMessage `json:"filters,omitempty"`
	Sorters json.RawMessage `json:"sorters,omitempty"`
	Complex json.RawMessage `json:"complexFilters,omitempty"`
}

// filterBody gives the whole filter as one body, and notes in p what a continuation of it will need. A body that is empty asks for everything.
func (c v1Call) filterBody(p *v1Paging) ([]byte, error) {
	body := bytes.TrimSpace(c.body)
	if len(body) == 0 || string(body) == "null" {
		body = []byte("{}")
	}
	if !json.Valid(body) {
		return nil, fault.New(fault.Invalid, "The body of the request is no JSON.")
	}
	if c.next {
		return json.Marshal(v1Body{Filters: body, Sorters: p.rest.Sorters, Complex: p.rest.Complex})
	}
	var whole v1Body
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, fault.New(fault.Invalid, "The body of the request is no filter.")
	}
	p.rest.Sorters, p.rest.Complex = whole.Sorters, whole.Complex
	return body, nil
}

// selection reads paging and filter of a list of one kind of object.
func (c v1Call) selection(of query.Object, list string) (query.Query, string, v1Paging, error) {
	p, err := c.paging(list)
	if err != nil {
		return query.Query{}, "", p, err
	}
	body, err := c.filterBody(&p)
	if err != nil {
		return query.Query{}, "", p, err
	}
	q, err := query.ParseV1(body, of)
	return q, string(body), p, err
}

// listV1 answers one part of a list of one kind of object.
func listV1[T, W any](c v1Call, of query.Object, list string, all []T, row func(T) query.Row, id func(T) string, write func(T) W) answer {
	q, _, p, err := c.selection(of, list)
	if err != nil {
		return failedV1(err)
	}
	return pageV1(c, list, p, chosen(all, q, row), func(x T) string { return c.ids.write(id(x)) }, write)
}

func chosen[T any](all []T, q query.Query, row func(T) query.Row) []T {
	found := []T{}
	for _, x := range all {
		if query.Eval(q.Where, row(x)) {
			found = append(found, x)
		}
	}
	query.Sort(found, row, q.Order)
	return found
}

// smallFilter is a filter of a kind that package query does not know, for objects of which nothing but these keys is asked: names with the
// wildcards @ and *, words of a list, or true and false.
type smallFilter struct {
	name string            // of the object's part inside "filters"
	keys map[string]string // key → field
}

var (
	domainFilter = smallFilter{"domainInPlanFilter", map[string]string{"domainName": "name", "domainNameAsString": "name", "domainId": "id",
		"parentDomainNameAsString": "parent", "managerNameAsString": "manager"}}
	userFilter  = smallFilter{"windowsUserInPlanFilter", map[string]string{"userName": "name", "userId": "id", "workstationName": "workstation"}}
	chainFilter = smallFilter{"jobInPlanOnCriticalPathFilter", map[string]string{"late": "jobStatusFlags.jobLate", "statusList": "jobruns.commonStatus",
		"internalStatusList": "jobruns.compositeStatus.status"}}
	headerFilters = map[string]smallFilter{
		"jobdefinition": {"jobDefinitionFilter", map[string]string{"jobDefinitionName": "name", "workstationName": "workstation"}},
		"jobstream":     {"jobstreamFilter", map[string]string{"jobStreamName": "name", "workstationName": "workstation", "validIn": "validIn"}},
		"workstation":   {"workstationFilter", map[string]string{"workstationName": "name"}},
	}
	recordFilter = smallFilter{} // which keys the event processor's records can be asked by is not known
)

// read reads a whole body. Sorters and complex filters are not understood here.
func (f smallFilter) read(body []byte) (query.Query, error) {
	top, err := object(body, "filters")
	if err != nil {
		return query.Query{}, err
	}
	filters, err := object(top["filters"], f.name)
	if err != nil {
		return query.Query{}, err
	}
	keys, err := object(filters[f.name], slices.Sorted(maps.Keys(f.keys))...)
	if err != nil {
		return query.Query{}, err
	}
	var all query.And
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		t, err := smallTerm(key, f.keys[key], keys[key])
		if err != nil {
			return query.Query{}, err
		}
		all = append(all, t)
	}
	return query.Query{Where: all}, nil
}

// object reads a JSON object that may hold nothing but the given keys; nothing at all is an empty one.
func object(raw json.RawMessage, known ...string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if len(raw) == 0 {
		return out, nil
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fault.New(fault.Invalid, "The filter is to be an object.")
	}
	for _, k := range slices.Sorted(maps.Keys(out)) {
		if k == "" || !slices.Contains(known, k) {
			return nil, fault.New(fault.Invalid, "The key %q of the filter is not understood.", k)
		}
	}
	return out, nil
}

func smallTerm(key, field string, raw json.RawMessage) (query.Expr, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, fault.New(fault.Invalid, "The key %q of the filter has no value.", key)
	}
	switch v := v.(type) {
	case string:
		if field == "validIn" {
			return validIn(key, v)
		}
		return query.Matches(field, strings.NewReplacer("*", "@", `\`, `\\`).Replace(v)), nil
	case bool:
		return query.Is(field, v), nil
	case []any:
		words := make([]query.Value, len(v))
		for i, w := range v {
			s, ok := w.(string)
			if !ok {
				return nil, fault.New(fault.Invalid, "The key %q of the filter is a list of words.", key)
			}
			words[i] = query.StatusFromV1(s)
		}
		return query.AnyOf(field, words...), nil
	}
	return nil, fault.New(fault.Invalid, "The key %q of the filter is a text, a list of words, true or false.", key)
}

// validIn asks for what is valid at an instant: from its first day on, before its last.
func validIn(key, text string) (query.Expr, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return query.And{query.Or{query.Is("validFrom", nil), query.Term{Field: "validFrom", Op: query.Le, Values: []query.Value{t.UTC()}}},
				query.Or{query.Is("validTo", nil), query.Term{Field: "validTo", Op: query.Gt, Values: []query.Value{t.UTC()}}}}, nil
		}
	}
	return nil, fault.New(fault.Invalid, "The key %q of the filter is an instant like 2026-03-17T06:00:00.", key)
}
