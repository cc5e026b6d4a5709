package record

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Difference is a question to which the world gives another answer than the engine gave.
type Difference struct {
	Op   Op
	Args Args
	// Where says what differs first, Recorded and Computed how; all are short.
	Where, Recorded, Computed string
}

// String is the difference in one line.
func (d Difference) String() string {
	raw, _ := json.Marshal(d.Args) // for people; an empty text does no harm
	return fmt.Sprintf("%s %s: %s: recorded %s, computed %s", d.Op, raw, d.Where, d.Recorded, d.Computed)
}

// Verify puts every recorded question to the captured world and gives where its answers differ from those recorded. What the world cannot be
// asked (an optional port that it does not have) is not compared.
func Verify(ctx context.Context, c *Capsule) ([]Difference, error) {
	e := c.WorldEngine("")
	var out []Difference
	for _, r := range c.Transcript {
		if err := ctx.Err(); err != nil {
			return out, fault.Wrap(fault.Timeout, err, "The comparison was ended before it was complete.")
		}
		got, err := ask(ctx, e, r.Op, r.Args)
		if optional(r.Op) && fault.Is(err, fault.Unsupported) {
			continue
		}
		d, err := compare(r, got, err)
		if err != nil {
			return out, err
		}
		if d != nil {
			out = append(out, *d)
		}
	}
	return out, nil
}

func optional(op Op) bool {
	switch op {
	case OpPlanWindow, OpPlans, OpCriticalJobs, OpMailboxFill, OpEvents, OpAudit, OpStreamDefinitions, OpJobDefinitions:
		return true
	}
	return false
}

// ask puts a recorded question to an engine.
func ask(ctx context.Context, e twstools.Engine, op Op, a Args) (any, error) {
	ref := twstools.Ref{Dialect: "world", ID: a.Ref}
	switch op {
	case OpInfo:
		return e.Info(ctx)
	case OpJob:
		return e.Job(ctx, ref)
	case OpJobStream:
		return e.JobStream(ctx, ref)
	case OpNeighbours:
		return e.Neighbours(ctx, twstools.NeighbourQuery{Ref: ref, JobStream: a.JobStreams, Direction: twstools.Direction(a.Direction), Depth: a.Depth})
	case OpCounts:
		return e.Counts(ctx, twstools.CountQuery{JobStreams: a.JobStreams, Workstation: a.Workstation, GroupBy: a.GroupBy})
	case OpLogs:
		return e.Logs(ctx, twstools.LogQuery{RunID: a.Run, From: a.FromLine, To: a.ToLine, Job: ref})
	case OpJobs, OpJobStreams, OpWorkstations, OpResources, OpPrompts, OpCriticalJobs:
		return askList(ctx, e, op, a)
	}
	return askPort(ctx, twstools.CapabilitiesOf(e), op, a)
}

func askList(ctx context.Context, e twstools.Engine, op Op, a Args) (any, error) {
	q, err := listQuery(a)
	if err != nil {
		return nil, err
	}
	switch op {
	case OpJobs:
		return e.Jobs(ctx, q)
	case OpJobStreams:
		return e.JobStreams(ctx, q)
	case OpWorkstations:
		return e.Workstations(ctx, q)
	case OpResources:
		return e.Resources(ctx, q)
	case OpPrompts:
		return e.Prompts(ctx, q)
	}
	return twstools.CapabilitiesOf(e).CriticalJobs.CriticalJobs(ctx, q)
}

func askPort(ctx context.Context, c twstools.Capabilities, op Op, a Args) (any, error) {
	records := twstools.RecordQuery{Object: a.Object, Limit: a.Limit}
	if a.From != nil {
		records.From = *a.From
	}
	if a.To != nil {
		records.To = *a.To
	}
	switch op {
	case OpPlanWindow:
		return c.Plans.PlanWindow(ctx)
	case OpPlans:
		return c.Plans.Plans(ctx, twstools.PlanType(a.Kind))
	case OpMailboxFill:
		return c.Mailbox.MailboxFill(ctx, a.Name)
	case OpEvents:
		return c.Events.Events(ctx, records)
	case OpAudit:
		return c.Audit.Audit(ctx, records)
	case OpStreamDefinitions:
		return c.Definitions.JobStreamDefinitions(ctx, a.Pattern, a.Limit)
	case OpJobDefinitions:
		return c.Definitions.JobDefinitions(ctx, a.Pattern, a.Limit)
	}
	return nil, fault.New(fault.Invalid, "The transcript holds an operation %.40q that this version does not know.", string(op))
}

// compare holds a computed answer against the recorded one.
func compare(r Entry, got any, gotErr error) (*Difference, error) {
	d := &Difference{Op: r.Op, Args: r.Args}
	if r.Code != "" || gotErr != nil {
		code := fault.CodeOf(gotErr)
		if r.Code == code {
			return nil, nil //nolint:nilnil // no difference is the good case
		}
		d.Where, d.Recorded, d.Computed = "the kind of answer", orAnswer(r.Code), orAnswer(code)
		return d, nil
	}
	want, err := decode(r)
	if err != nil {
		return nil, err
	}
	a, b := normal(want, r.Args), normal(got, r.Args)
	if l, ok := a.(twstools.Log); ok && l.Truncated {
		b = asRead(b, l)
	}
	rawA, err := encode(a)
	if err != nil {
		return nil, err
	}
	rawB, err := encode(b)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(rawA, rawB) {
		return nil, nil //nolint:nilnil // no difference is the good case
	}
	d.Where, d.Recorded, d.Computed = firstDifference(rawA, rawB)
	return d, nil
}

func orAnswer(c fault.Code) string {
	if c == "" {
		return "an answer"
	}
	return string(c)
}

// normal brings an answer into a form that can be compared: no engine's name, whole lists and neighbours in the order of their ids, and no
// count of bytes, which is of the wire.
func normal(x any, a Args) any {
	x = copyOf[any](normalWalker(), x)
	whole := func(n, total int) bool { return a.Offset == 0 && n == total }
	switch v := x.(type) {
	case twstools.Info:
		v.Engine, v.Mode = "", ""
		return v
	case twstools.List[twstools.Job]:
		if whole(len(v.Items), v.Total) {
			byID(v.Items, func(j twstools.Job) twstools.Ref { return j.Ref })
		}
	case twstools.List[twstools.JobStream]:
		if whole(len(v.Items), v.Total) {
			byID(v.Items, func(j twstools.JobStream) twstools.Ref { return j.Ref })
		}
	case twstools.List[twstools.Workstation]:
		if whole(len(v.Items), v.Total) {
			byID(v.Items, func(j twstools.Workstation) twstools.Ref { return j.Ref })
		}
	case twstools.List[twstools.Resource]:
		if whole(len(v.Items), v.Total) {
			byID(v.Items, func(j twstools.Resource) twstools.Ref { return j.Ref })
		}
	case twstools.List[twstools.Prompt]:
		if whole(len(v.Items), v.Total) {
			byID(v.Items, func(j twstools.Prompt) twstools.Ref { return j.Ref })
		}
	case []twstools.Neighbour:
		byID(v, func(n twstools.Neighbour) twstools.Ref {
			if n.Job != nil {
				return n.Job.Ref
			}
			if n.JobStream != nil {
				return n.JobStream.Ref
			}
			return twstools.Ref{}
		})
	case twstools.Log:
		v.Bytes = 0
		return v
	}
	return x
}

func normalWalker() walker {
	return walker{
		text: func(_ kind, s string) string { return s },
		when: func(t time.Time) time.Time { return t.UTC().Round(0) },
		ref:  func(r twstools.Ref) twstools.Ref { return twstools.Ref{ID: r.ID} },
	}
}

func byID[T any](items []T, ref func(T) twstools.Ref) {
	slices.SortStableFunc(items, func(a, b T) int { return strings.Compare(ref(a).ID, ref(b).ID) })
}

// asRead leaves of a computed log what was read of the recorded one: of a long log not every line is.
func asRead(got any, want twstools.Log) any {
	l, ok := got.(twstools.Log)
	if !ok {
		return got
	}
	read := map[int]bool{}
	for _, x := range want.Lines {
		read[x.N] = true
	}
	l.Lines = slices.DeleteFunc(l.Lines, func(x twstools.LogLine) bool { return !read[x.N] })
	l.Truncated, l.Total, l.FirstLine = want.Truncated, want.Total, want.FirstLine
	return l
}

// firstDifference shows the surroundings of the first byte that differs.
func firstDifference(a, b []byte) (where, left, right string) {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(raw []byte) string { return fmt.Sprintf("%.160q", raw[max(0, min(i, len(raw))-60):]) }
	return fmt.Sprintf("byte %d of the answer", i), cut(a), cut(b)
}

// Comparing gives an engine whose answers come from e (an engine over the captured world, direct or over HTTP); each that was recorded too is
// compared, and report hears of those that differ, from the goroutine that asked.
func (c *Capsule) Comparing(e twstools.Engine, report func(Difference)) twstools.Engine {
	return &comparing{Engine: e, c: c, report: report}
}

type comparing struct {
	twstools.Engine
	c      *Capsule
	report func(Difference)
}

func (x *comparing) PlanNow() (time.Time, bool) {
	if c, ok := x.Engine.(twstools.Clocked); ok {
		return c.PlanNow()
	}
	return x.c.world.AsOf, false
}

func (x *comparing) Capabilities() twstools.Capabilities { return twstools.CapabilitiesOf(x.Engine) }

func hold[T any](x *comparing, op Op, a Args, answer T, err error) (T, error) {
	if e, ok := x.c.lookup(op, a); ok && !fault.Is(err, fault.Timeout) {
		if d, broken := compare(e, answer, err); broken == nil && d != nil {
			x.report(*d)
		}
	}
	return answer, err
}

func holdList[T any](x *comparing, op Op, q twstools.ListQuery, answer twstools.List[T], err error) (twstools.List[T], error) {
	a, ok := listArgs(q)
	if !ok {
		return answer, err
	}
	return hold(x, op, a, answer, err)
}

func (x *comparing) Info(ctx context.Context) (twstools.Info, error) {
	a, err := x.Engine.Info(ctx)
	return hold(x, OpInfo, Args{}, a, err)
}

func (x *comparing) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	a, err := x.Engine.Jobs(ctx, q)
	return holdList(x, OpJobs, q, a, err)
}

func (x *comparing) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	a, err := x.Engine.Job(ctx, ref)
	return hold(x, OpJob, Args{Ref: ref.ID}, a, err)
}

func (x *comparing) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	a, err := x.Engine.JobStreams(ctx, q)
	return holdList(x, OpJobStreams, q, a, err)
}

func (x *comparing) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	a, err := x.Engine.JobStream(ctx, ref)
	return hold(x, OpJobStream, Args{Ref: ref.ID}, a, err)
}

func (x *comparing) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	a, err := x.Engine.Neighbours(ctx, q)
	return hold(x, OpNeighbours, neighbourArgs(q), a, err)
}

func (x *comparing) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	a, err := x.Engine.Counts(ctx, q)
	return hold(x, OpCounts, countArgs(q), a, err)
}

func (x *comparing) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	a, err := x.Engine.Workstations(ctx, q)
	return holdList(x, OpWorkstations, q, a, err)
}

func (x *comparing) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	a, err := x.Engine.Resources(ctx, q)
	return holdList(x, OpResources, q, a, err)
}

func (x *comparing) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	a, err := x.Engine.Prompts(ctx, q)
	return holdList(x, OpPrompts, q, a, err)
}

func (x *comparing) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	a, err := x.Engine.Logs(ctx, q)
	return hold(x, OpLogs, logArgs(q), a, err)
}
