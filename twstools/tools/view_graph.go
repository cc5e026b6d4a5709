package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// GraphIn says around what to draw, and how far.
type GraphIn struct {
	Target    string `json:"target" doc:"job or job stream, as in get_job and get_job_stream" example:"LXPAY01#PAYROLL.CALC_TAX"`
	Kind      string `json:"target_kind,omitempty" doc:"what the target is" enum:"job,job_stream" default:"job"`
	At        string `json:"at,omitempty" doc:"picks among instances of one name; written as in get_job" example:"02:25"`
	Direction string `json:"direction,omitempty" doc:"predecessors (what it waits for), successors (what waits for it), or both" enum:"predecessors,successors,both" default:"both"`
	Hops      int    `json:"hops,omitempty" doc:"how far" default:"2" min:"1" max:"10"`
	Nodes     int    `json:"nodes,omitempty" doc:"most nodes" default:"100" min:"2" max:"200"`
}

// GraphOut are nodes and the edges between them. An edge leads from what must end first to what waits for it.
type GraphOut struct {
	Subject  string      `json:"subject" doc:"id of the node that was asked about"`
	Nodes    []GraphNode `json:"nodes" doc:"nearest first"`
	Edges    []GraphEdge `json:"edges"`
	Complete bool        `json:"complete" doc:"false: there is more within the asked hops than was read"`
	Missing  []string    `json:"missing,omitempty" doc:"what could not be read, and why"`
}

// GraphNode is one object. Hops are the layers of a drawing: negative before the subject, positive behind it.
type GraphNode struct {
	ID          string `json:"id" doc:"within this answer"`
	Kind        string `json:"kind" doc:"job, job_stream, resource, prompt, file, join or internetwork"`
	Entity      string `json:"entity" doc:"operator's form"`
	Name        string `json:"name"`
	JobStream   string `json:"job_stream,omitempty"`
	Workstation string `json:"workstation,omitempty"`
	Status      string `json:"status,omitempty" doc:"the engine's internal status; of what is no job its state"`
	Start       string `json:"start,omitempty"`
	End         string `json:"end,omitempty"`
	Hops        int    `json:"hops"`
	Late        string `json:"late,omitempty" doc:"why it counts as late"`
	Critical    bool   `json:"critical,omitempty"`
}

// GraphEdge joins two nodes by their ids.
type GraphEdge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Open *bool  `json:"open,omitempty" doc:"whether it still holds back, where the engine says so"`
}

// graphReads bounds what one drawing may ask the engine: as much as a chain of 50 hops (DESIGN.md section 7).
const graphReads = 60

// PlanGraph draws the neighbourhood of a job or job stream. The graph around a job stream begins with its jobs.
func (t *Tools) PlanGraph(ctx context.Context, in GraphIn) (toolkit.Reply[GraphOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[GraphOut]{}, err
	}
	d := &drawing{c: c, in: in, seen: map[string]int{}, out: GraphOut{Nodes: []GraphNode{}, Edges: []GraphEdge{}, Complete: true}}
	if in.Kind == "job_stream" {
		err = d.aroundStream(ctx)
	} else {
		err = d.aroundJob(ctx)
	}
	if err != nil {
		return toolkit.Reply[GraphOut]{}, c.orUnread(ctx, err)
	}
	d.walk(ctx)
	if err := ctx.Err(); err != nil {
		return toolkit.Reply[GraphOut]{}, err
	}
	var sources []toolkit.Source
	if n := len(d.out.Nodes); n > 0 {
		first := d.out.Nodes[0]
		sources = append(sources, toolkit.Source{Source: "plan:" + first.Entity, Fields: []toolkit.Field{{Name: "status", Value: first.Status}}})
	}
	r := reply(c, d.out, sources, noTime)
	r.Text = fmt.Sprintf("%d nodes and %d edges around %s", len(d.out.Nodes), len(d.out.Edges), d.out.Nodes[0].Entity)
	return r, nil
}

// drawing grows from its subject hop by hop.
type drawing struct {
	c     *call
	in    GraphIn
	out   GraphOut
	seen  map[string]int // id → place in out.Nodes
	queue []toDraw
	reads int
}

// toDraw is a node whose neighbours are to be read on one side.
type toDraw struct {
	id     string
	ref    twstools.Ref
	stream bool
	side   twstools.Direction
	hops   int // its own
}

func (d *drawing) aroundJob(ctx context.Context) error {
	j, err := d.c.one(ctx, d.in.Target, d.in.At, false)
	if err != nil {
		return err
	}
	id, _ := d.job(&j, 0)
	d.out.Subject = id
	for _, dep := range j.Dependencies {
		d.needs(id, j.Entity(), dep)
	}
	d.both(id, j.Ref, false, 0)
	return nil
}

func (d *drawing) aroundStream(ctx context.Context) error {
	s, err := d.c.oneStream(ctx, d.in.Target, d.in.At)
	if err != nil {
		return err
	}
	id, _ := d.stream(&s, 0)
	d.out.Subject = id
	for _, dep := range s.Dependencies {
		d.needs(id, s.Entity(), dep)
	}
	d.both(id, s.Ref, true, 0)
	list, err := d.c.t.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobStreamId", s.Ref.ID), Limit: maxStreamJobs})
	if err != nil {
		d.failed("jobs of "+d.out.Nodes[0].Entity, err)
		return nil
	}
	for i := range list.Items {
		if id, ok := d.job(&list.Items[i], 0); ok {
			d.both(id, list.Items[i].Ref, false, 0)
		}
	}
	return nil
}

// both notes that the neighbours of a node are wanted, on the sides that were asked for.
func (d *drawing) both(id string, ref twstools.Ref, stream bool, hops int) {
	if d.in.Direction != string(twstools.Successors) {
		d.queue = append(d.queue, toDraw{id, ref, stream, twstools.Predecessors, hops})
	}
	if d.in.Direction != string(twstools.Predecessors) {
		d.queue = append(d.queue, toDraw{id, ref, stream, twstools.Successors, hops})
	}
}

// walk reads hop by hop, the nearest first.
func (d *drawing) walk(ctx context.Context) {
	for len(d.queue) > 0 && ctx.Err() == nil {
		next := d.queue[0]
		d.queue = d.queue[1:]
		if d.reads == graphReads {
			d.out.Complete = false
			return
		}
		d.reads++
		found, err := d.c.t.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: next.ref, JobStream: next.stream, Direction: next.side})
		if err != nil {
			d.failed(d.out.Nodes[d.seen[next.id]].Entity, err)
			continue
		}
		for _, n := range found {
			d.neighbour(next, n)
		}
	}
}

func (d *drawing) neighbour(of toDraw, n twstools.Neighbour) {
	hops := of.hops + 1
	if of.side == twstools.Predecessors {
		hops = of.hops - 1
	}
	var id string
	var ok, isNew bool
	var ref twstools.Ref
	before := len(d.out.Nodes)
	switch {
	case n.Job != nil:
		id, ok = d.job(n.Job, hops)
		ref = n.Job.Ref
	case n.JobStream != nil:
		id, ok = d.stream(n.JobStream, hops)
		ref = n.JobStream.Ref
	}
	if !ok || id == of.id {
		return
	}
	isNew = len(d.out.Nodes) > before
	if of.side == twstools.Predecessors {
		d.edge(id, of.id, nil)
	} else {
		d.edge(of.id, id, nil)
	}
	if isNew && max(hops, -hops) < d.in.Hops {
		d.queue = append(d.queue, toDraw{id, ref, n.JobStream != nil, of.side, hops})
	}
}

// job adds a job's node unless it is there; false when there is no room.
func (d *drawing) job(j *twstools.Job, hops int) (string, bool) {
	row := d.c.jobRow(*j)
	return d.node(string(plan.JobID(j.Ref)), GraphNode{Kind: "job", Entity: row.Entity, Name: row.Name, JobStream: row.JobStream, Workstation: row.Workstation, Status: row.Status,
		Start: row.Start, End: row.End, Hops: hops, Late: row.Late, Critical: row.Critical})
}

func (d *drawing) stream(s *twstools.JobStream, hops int) (string, bool) {
	row := d.c.streamRow(*s)
	return d.node(string(plan.StreamID(s.Ref)), GraphNode{Kind: "job_stream", Entity: row.Entity, Name: row.Name, Workstation: row.Workstation, Status: row.Status,
		Start: row.Start, End: row.End, Hops: hops, Late: row.Late})
}

// needs adds what the subject waits for that is no job. Predecessors come with the walk, which knows their nodes; here they get their state.
func (d *drawing) needs(id string, of twstools.Entity, dep twstools.Dependency) {
	row := d.c.dependencyRow(of, dep)
	switch dep.Type {
	case twstools.DepFile, twstools.DepResource, twstools.DepPrompt, twstools.DepJoin, twstools.DepInternetwork:
		if d.in.Direction == string(twstools.Successors) {
			return
		}
		on := untrusted.Normalize(row.On)
		if other, ok := d.node(strings.ToLower(row.Type)+":"+on, GraphNode{Kind: strings.ToLower(row.Type), Entity: on, Name: on, Status: untrusted.Normalize(row.State), Hops: -1}); ok {
			d.edge(other, id, row.Open)
		}
	}
}

func (d *drawing) node(key string, n GraphNode) (string, bool) {
	if at, ok := d.seen[key]; ok {
		return d.out.Nodes[at].ID, true
	}
	if len(d.out.Nodes) == d.in.Nodes {
		d.out.Complete = false
		return "", false
	}
	n.ID = fmt.Sprintf("n%d", len(d.out.Nodes)+1)
	d.seen[key], d.seen[n.ID] = len(d.out.Nodes), len(d.out.Nodes)
	d.out.Nodes = append(d.out.Nodes, n)
	return n.ID, true
}

func (d *drawing) edge(from, to string, open *bool) {
	if !slices.ContainsFunc(d.out.Edges, func(e GraphEdge) bool { return e.From == from && e.To == to }) {
		d.out.Edges = append(d.out.Edges, GraphEdge{from, to, open})
	}
}

func (d *drawing) failed(what string, err error) {
	d.out.Complete = false
	if row := "plan:" + what + ": " + fault.Public(err).Message; !slices.Contains(d.out.Missing, row) && len(d.out.Missing) < 10 {
		d.out.Missing = append(d.out.Missing, row)
	}
}
