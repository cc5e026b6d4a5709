package hwa

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// v1Talk asks for one kind of object in V1. The filter is the body of a POST. A list goes on from the header Last-Object of the answer before, so an
// offset is reached by going through what comes before it, or from a place that an earlier page left behind.
type v1Talk struct {
	c         *Client
	of        query.Object
	prefix    string // of the filter's name: "jobInPlan"
	list      endpoint
	next      endpoint
	single    endpoint
	plan      string // "" means the current one
	what      string
	thing     string
	needs     bool // lists carry dependencies
	mayLack   bool // some levels lack the list
	translate func(object) object
	places    *places
}

// print says a query as the body of a V1 query.
func (t v1Talk) print(q query.Query) (string, error) {
	v, err := query.PrintV1(q, t.of)
	if err != nil {
		return "", err
	}
	if q.Where == nil && len(q.Order) == 0 {
		return "", nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return string(raw), nil
}

// part says what V1 has words for; the rest is decided here.
func (t v1Talk) part(where query.Expr) string {
	say, _ := query.SplitV1(where, t.of)
	if say == nil {
		return ""
	}
	text, err := t.print(query.Query{Where: say})
	if err != nil {
		return ""
	}
	return text
}

func (t v1Talk) one(ctx context.Context, id string) (object, error) {
	r, err := makeRequest(t.single, parts{plan: t.planOf(t.single), id: id, headers: t.steer(t.single, map[header]string{hDependencies: "1"})})
	if err != nil {
		return nil, err
	}
	r.what = "the " + t.thing
	o, err := t.c.getObject(ctx, r)
	if err != nil {
		return nil, err
	}
	return t.translate(o), nil
}

// planOf gives the plan to ask about, for rows that take one.
func (t v1Talk) planOf(ep endpoint) string {
	if t.plan == "" && strings.Contains(allowed[ep].Path, "{plan}") {
		return currentPlan
	}
	return t.plan
}

// steer leaves out headers that the row does not take.
func (t v1Talk) steer(ep endpoint, hs map[header]string) map[header]string {
	out := map[header]string{}
	for _, h := range allowed[ep].Headers {
		if v := hs[h]; v != "" {
			out[h] = v
		}
	}
	return out
}

// fetch reads rows [offset, offset+limit).
func (t v1Talk) fetch(ctx context.Context, text string, offset, limit int, reset func(), each func(object) bool) (page, error) {
	bodies, err := t.bodies(text)
	if err != nil {
		return page{}, err
	}
	if offset > 0 && bodies.next == "" { // alternatives cannot be continued, only asked for at once
		return t.skip(ctx, bodies, offset, limit, reset, each)
	}
	at, cursor := t.places.before(bodies.key, offset)
	for pages := 0; at < offset; pages++ {
		if pages >= maxPages {
			return page{count: -1, cut: true}, nil
		}
		n := min(offset-at, maxRequest)
		p, last, err := t.ask(ctx, bodies, cursor, n, func() {}, func(object) bool { return true })
		if err != nil {
			if cursor != "" && ctx.Err() == nil && status(err) != 0 { // the place is gone: from the start once more
				t.places.forget(bodies.key)
				at, cursor = 0, ""
				continue
			}
			return p, err
		}
		at += p.rows
		switch {
		case p.rows > n: // the number is ignored: this was everything
			return t.skip(ctx, bodies, offset, limit, reset, each)
		case p.rows == 0 || p.rows < n && p.count < 0 && !roundSize(p.rows) || p.count >= 0 && at >= p.count:
			return page{count: p.count}, nil
		case last == "" || last == cursor: // the server does not go on
			return t.skip(ctx, bodies, offset, limit, reset, each)
		}
		cursor = last
		t.places.keep(bodies.key, at, last)
	}
	p, last, err := t.ask(ctx, bodies, cursor, limit, reset, each)
	if err == nil && !p.stopped && last != "" && bodies.next != "" {
		t.places.keep(bodies.key, offset+p.rows, last)
	}
	return p, err
}

// skip reads everything up to the end of the window in one answer, as far as one answer goes.
func (t v1Talk) skip(ctx context.Context, b bodies, offset, limit int, reset func(), each func(object) bool) (page, error) {
	if offset >= maxRequest {
		return page{count: -1, cut: true}, nil
	}
	seen, kept := 0, 0
	p, _, err := t.ask(ctx, b, "", min(offset+limit, maxRequest), func() { seen, kept = 0, 0; reset() }, func(o object) bool {
		if seen++; seen <= offset {
			return true
		}
		kept++
		return each(o) && kept < limit
	})
	p.rows, p.stopped = max(seen-offset, 0), p.stopped && kept < limit
	p.cut = offset+limit > maxRequest && seen >= maxRequest
	return p, err
}

// ask sends one query, or its continuation where cursor says so.
func (t v1Talk) ask(ctx context.Context, b bodies, cursor string, limit int, reset func(), each func(object) bool) (p page, last string, err error) {
	ep, body := t.list, b.first
	headers := map[header]string{hHowMany: strconv.Itoa(min(limit, maxRequest)), hObjectCount: "1"}
	if t.needs {
		headers[hDependencies] = "1"
	}
	if cursor != "" {
		ep, body = t.next, b.next
		headers[hLastObject] = cursor
	}
	r, err := makeRequest(ep, parts{plan: t.planOf(ep), headers: t.steer(ep, headers), body: body})
	if err != nil {
		return page{}, "", err
	}
	r.what, r.optional = t.what, t.mayLack
	err = t.c.send(ctx, r, maxPageBytes, func(a answer) error {
		reset()
		last = a.header.Get("Last-Object")
		var err error
		p, err = readPage(a, rowKeys, func(o object) bool { return each(t.translate(o)) })
		if n := (object{"n": a.header.Get("Context-ObjectCount")}).integer("n"); err == nil && n != nil && *n > 0 {
			p.count = *n // 0 is what servers say that do not count
		}
		return err
	})
	if !hLastObject.valid(last) {
		last = ""
	}
	return p, last, err
}

// bodies are the two forms of a question: the query, and what continues it.
type bodies struct{ key, first, next string }

// bodies makes both. A question with complexFilters has no continuation, because that takes plain filters alone.
func (t v1Talk) bodies(text string) (bodies, error) {
	b := bodies{key: t.planOf(t.list) + "\x00" + t.prefix + "\x00" + text, first: text}
	if text == "" {
		b.first = `{"filters":{"` + t.prefix + `Filter":{}}}`
		b.next = `{"` + t.prefix + `Filter":{}}`
		return b, nil
	}
	var v query.V1Query
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return b, err
	}
	if len(v.ComplexFilters) > 0 {
		return b, nil
	}
	raw, err := json.Marshal(v.Filters)
	b.next = string(raw)
	return b, err
}

// places remembers where pages ended, so that the next one need not begin at the first row. Safe for concurrent use.
type places struct {
	clock func() time.Time

	mu   sync.Mutex
	ends map[string]map[int]place
}

type place struct {
	cursor string
	at     time.Time
}

const (
	maxPlaces  = 64 // questions, and pages of each
	placeLasts = 5 * time.Minute
)

// before gives the last known place at or before an offset; 0 and "" is the start.
func (k *places) before(key string, offset int) (int, string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	best, cursor := 0, ""
	for at, p := range k.ends[key] {
		if at <= offset && at > best && k.clock().Sub(p.at) < placeLasts {
			best, cursor = at, p.cursor
		}
	}
	return best, cursor
}

func (k *places) keep(key string, at int, cursor string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ends == nil || len(k.ends) >= maxPlaces && k.ends[key] == nil {
		k.ends = map[string]map[int]place{}
	}
	if k.ends[key] == nil || len(k.ends[key]) >= maxPlaces {
		k.ends[key] = map[int]place{}
	}
	k.ends[key][at] = place{cursor, k.clock()}
}

func (k *places) forget(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.ends, key)
}
