package twsmock

import (
	"encoding/json"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// chainBody is the body of a question about a chain of predecessors. Which options there are is not known, so any is taken, and none changes the answer.
type chainBody struct {
	Option string          `json:"option"`
	Filter json.RawMessage `json:"filter"`
}

// firstChain answers the jobs that a critical job waits for, directly or not.
func (c v1Call) firstChain() answer {
	p, err := c.paging("chain")
	if err != nil {
		return failedV1(err)
	}
	p.rest.Of = c.vars[0]
	return c.chain(p)
}

// nextChain continues. Its path no longer names the critical job; Last-Object does.
func (c v1Call) nextChain() answer {
	p, err := c.paging("chain")
	if err != nil {
		return failedV1(err)
	}
	return c.chain(p)
}

func (c v1Call) chain(p v1Paging) answer {
	r, ok := c.row(p.rest.Of)
	if !ok {
		return failedV1(noSuchV1(p.rest.Of))
	}
	var body chainBody
	if len(c.body) > 0 {
		if err := json.Unmarshal(c.body, &body); err != nil {
			return failedV1(fault.New(fault.Invalid, "The body of the request is to be an option and a filter."))
		}
	}
	q, err := chainFilter.read(body.Filter)
	if err != nil {
		return failedV1(err)
	}
	found := chosen(c.upstream(int(r.job)), q, func(i int) query.Row {
		w := c.plan.whole(i)
		return v1Row[chainJob]{chainJob{c.plan.job(w), "", true}, v1JobFields, twstools.JobRow(c.plan.job(w))}
	})
	return pageV1(c, "chain", p, found, func(i int) string { return c.placeID(place{false, i}) }, func(i int) v1Node { return c.node(place{false, i}, false) })
}

// upstream gives the jobs before a job, nearest first. A job stream stands for all of its jobs, and what a job's stream waits for holds the job too.
func (c v1Call) upstream(job int) []int {
	var out []int
	seen := map[place]bool{{false, job}: true}
	edge := []place{{false, job}}
	visit := func(to []place, p place) []place {
		if seen[p] {
			return to
		}
		seen[p] = true
		if !p.stream {
			out = append(out, p.at)
		}
		return append(to, p)
	}
	for len(edge) > 0 {
		var next []place
		for _, at := range edge {
			for _, b := range c.before(at) {
				next = visit(next, b)
			}
			if !at.stream {
				j := c.plan.jobs[at.at]
				if i, ok := c.plan.streamAt[j.StreamWorkstation+";"+j.JobStreamID]; ok {
					for _, b := range c.before(place{true, i}) {
						next = visit(next, b)
					}
				}
				continue
			}
			span := c.plan.spans[v1StreamID(c.plan.streams[at.at])]
			for i := span.from; i < span.to; i++ {
				next = visit(next, place{false, i})
			}
		}
		edge = next
	}
	return out
}

// firstBlockers answers the job streams at the far end of what a stream waits for: those that hold it back and wait for no other stream.
func (c v1Call) firstBlockers() answer {
	most, err := c.howMany(true)
	if err != nil {
		return failedV1(err)
	}
	if _, err := pickV1(c, c.plan.streams, v1StreamID); err != nil {
		return failedV1(err)
	}
	return c.blockers(v1Paging{limit: most, rest: v1Rest{Of: c.vars[0]}})
}

// nextBlockers continues, with the stream in Last-Object.
func (c v1Call) nextBlockers() answer {
	p, err := c.paging("blockers")
	if err != nil {
		return failedV1(err)
	}
	return c.blockers(p)
}

func (c v1Call) blockers(p v1Paging) answer {
	c.vars = []string{p.rest.Of}
	s, err := pickV1(c, c.plan.streams, v1StreamID)
	if err != nil {
		return failedV1(err)
	}
	var found []int
	seen := map[int]bool{}
	var walk func(stream int) bool
	walk = func(stream int) (waits bool) {
		seen[stream] = true
		for _, up := range c.openBefore(stream) {
			waits = true
			if !seen[up] && !walk(up) {
				found = append(found, up)
			}
		}
		return waits
	}
	walk(c.plan.streamAt[v1StreamID(s)])
	return pageV1(c, "blockers", p, found, func(i int) string { return c.ids.write(v1StreamID(c.plan.streams[i])) },
		func(i int) v1Stream { return c.writeStream(c.plan.streams[i], c.withDependencies()) })
}

// openBefore gives the other streams that a stream or its jobs still wait for.
func (c v1Call) openBefore(stream int) []int {
	var out []int
	seen := map[int]bool{stream: true}
	add := func(ds []twstools.Dependency) {
		for d := range flat(ds) {
			if open, _ := d.Open(); !open {
				continue
			}
			if i, ok := c.streamAt(d); ok && !seen[i] {
				seen[i] = true
				out = append(out, i)
			}
		}
	}
	add(c.plan.streams[stream].Dependencies)
	span := c.plan.spans[v1StreamID(c.plan.streams[stream])]
	for i := span.from; i < span.to; i++ {
		add(c.plan.jobs[i].Dependencies)
	}
	return out
}
