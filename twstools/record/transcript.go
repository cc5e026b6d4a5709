package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// Op names one read of the port, as its method is called.
type Op string

// The operations of a transcript: the port's eleven reads, then those of the optional ports.
const (
	OpInfo              Op = "Info"
	OpJobs              Op = "Jobs"
	OpJob               Op = "Job"
	OpJobStreams        Op = "JobStreams"
	OpJobStream         Op = "JobStream"
	OpNeighbours        Op = "Neighbours"
	OpCounts            Op = "Counts"
	OpWorkstations      Op = "Workstations"
	OpResources         Op = "Resources"
	OpPrompts           Op = "Prompts"
	OpLogs              Op = "Logs"
	OpPlanWindow        Op = "PlanWindow"
	OpPlans             Op = "Plans"
	OpCriticalJobs      Op = "CriticalJobs"
	OpMailboxFill       Op = "MailboxFill"
	OpEvents            Op = "Events"
	OpAudit             Op = "Audit"
	OpStreamDefinitions Op = "JobStreamDefinitions"
	OpJobDefinitions    Op = "JobDefinitions"
)

// Args are an operation's arguments in one normal form: equal questions have equal Args. Where is OQL.
type Args struct {
	Ref         string     `json:"ref,omitempty"`
	Where       string     `json:"where,omitempty"`
	Order       []string   `json:"order,omitempty"` // "name", "-name"
	Limit       int        `json:"limit,omitempty"`
	Offset      int        `json:"offset,omitempty"`
	JobStreams  bool       `json:"job_streams,omitempty"`
	Direction   string     `json:"direction,omitempty"`
	Depth       int        `json:"depth,omitempty"`
	Workstation string     `json:"workstation,omitempty"`
	GroupBy     []string   `json:"group_by,omitempty"`
	Run         string     `json:"run,omitempty"`
	FromLine    int        `json:"from_line,omitempty"`
	ToLine      int        `json:"to_line,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Name        string     `json:"name,omitempty"`
	Kind        string     `json:"kind,omitempty"`
	Object      string     `json:"object,omitempty"`
	From        *time.Time `json:"from,omitempty"`
	To          *time.Time `json:"to,omitempty"`
}

// Entry is one question and its answer.
type Entry struct {
	Op     Op              `json:"op"`
	Args   Args            `json:"args"`
	Digest string          `json:"digest"` // sha256 of the answer's JSON
	Answer json.RawMessage `json:"answer,omitempty"`
	Code   fault.Code      `json:"code,omitempty"` // of the error, where there is no answer
	Error  string          `json:"error,omitempty"`
}

// Transcript is what was asked and answered, in the order of Op and Args, each question once.
type Transcript []Entry

// call is a question as it was put, before it is written down.
type call struct {
	op     Op
	args   Args
	where  query.Expr
	answer any
	err    error
}

func key(op Op, a Args) string {
	raw, err := json.Marshal(a)
	if err != nil {
		return string(op) // times out of range are all that cannot be written; no engine has them
	}
	return string(op) + " " + string(raw)
}

// entry writes a call down.
func (c call) entry() (Entry, error) {
	e := Entry{Op: c.op, Args: c.args}
	if c.err != nil {
		f := fault.Public(c.err)
		e.Code, e.Error = f.Code, f.Message
		e.Digest = digest([]byte(string(f.Code)))
		return e, nil
	}
	raw, err := encode(c.answer)
	if err != nil {
		return Entry{}, err
	}
	e.Answer, e.Digest = raw, digest(raw)
	return e, nil
}

func digest(raw []byte) string {
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:])
}

// encode writes JSON without the escapes that browsers want: a reader of the file sees the text as it is.
func encode(x any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "An answer cannot be written into the capsule.")
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}

// decode reads an answer back in its type.
func decode(e Entry) (any, error) {
	switch e.Op {
	case OpInfo:
		return decodeAs[twstools.Info](e)
	case OpJobs:
		return decodeAs[twstools.List[twstools.Job]](e)
	case OpJob:
		return decodeAs[twstools.Job](e)
	case OpJobStreams:
		return decodeAs[twstools.List[twstools.JobStream]](e)
	case OpJobStream:
		return decodeAs[twstools.JobStream](e)
	case OpNeighbours:
		return decodeAs[[]twstools.Neighbour](e)
	case OpCounts:
		return decodeAs[twstools.Counts](e)
	case OpWorkstations:
		return decodeAs[twstools.List[twstools.Workstation]](e)
	case OpResources:
		return decodeAs[twstools.List[twstools.Resource]](e)
	case OpPrompts:
		return decodeAs[twstools.List[twstools.Prompt]](e)
	case OpLogs:
		return decodeAs[twstools.Log](e)
	case OpPlanWindow:
		return decodeAs[twstools.PlanWindow](e)
	case OpPlans:
		return decodeAs[[]twstools.Plan](e)
	case OpCriticalJobs:
		return decodeAs[twstools.List[twstools.CriticalJob]](e)
	case OpMailboxFill:
		return decodeAs[int](e)
	case OpEvents:
		return decodeAs[[]twstools.EventRecord](e)
	case OpAudit:
		return decodeAs[[]twstools.AuditRecord](e)
	case OpStreamDefinitions:
		return decodeAs[[]twstools.JobStreamDefinition](e)
	case OpJobDefinitions:
		return decodeAs[[]twstools.JobDefinition](e)
	}
	return nil, fault.New(fault.Invalid, "The transcript holds an operation %.40q that this version does not know.", string(e.Op))
}

func decodeAs[T any](e Entry) (T, error) {
	var out T
	if err := json.Unmarshal(e.Answer, &out); err != nil {
		return out, fault.Wrap(fault.Invalid, err, "An answer to %s in the transcript is broken.", string(e.Op))
	}
	return out, nil
}

// listArgs is the normal form of a ListQuery. A filter that OQL cannot say gives false: such a question cannot be written down.
func listArgs(q twstools.ListQuery) (Args, bool) {
	a := Args{Limit: q.Limit, Offset: q.Offset}
	if a.Limit == 0 {
		a.Limit = 500 // the port's own default
	}
	if q.Where != nil {
		text, err := query.Print(query.Query{Where: q.Where})
		if err != nil {
			return a, false
		}
		a.Where = text
	}
	for _, o := range q.Order {
		name := o.Field
		if o.Desc {
			name = "-" + name
		}
		a.Order = append(a.Order, name)
	}
	return a, true
}

// listQuery is listArgs read back.
func listQuery(a Args) (twstools.ListQuery, error) {
	q := twstools.ListQuery{Limit: a.Limit, Offset: a.Offset}
	if a.Where != "" {
		parsed, err := query.ParseOQL(a.Where)
		if err != nil {
			return q, err
		}
		q.Where = parsed.Where
	}
	for _, o := range a.Order {
		field, desc := strings.CutPrefix(o, "-")
		q.Order = append(q.Order, query.Order{Field: field, Desc: desc})
	}
	return q, nil
}

func neighbourArgs(q twstools.NeighbourQuery) Args {
	return Args{Ref: q.Ref.ID, JobStreams: q.JobStream, Direction: string(q.Direction), Depth: max(q.Depth, 1)}
}

func countArgs(q twstools.CountQuery) Args {
	return Args{JobStreams: q.JobStreams, Workstation: q.Workstation, GroupBy: slices.Clone(q.GroupBy)}
}

func logArgs(q twstools.LogQuery) Args {
	a := Args{Run: q.RunID, FromLine: q.From, ToLine: q.To}
	if q.RunID == "" {
		a.Ref = q.Job.ID
	}
	return a
}

func recordArgs(q twstools.RecordQuery) Args {
	a := Args{Object: q.Object, Limit: q.Limit}
	if a.Limit == 0 {
		a.Limit = 500 // the port's own default
	}
	if !q.From.IsZero() {
		t := q.From.UTC()
		a.From = &t
	}
	if !q.To.IsZero() {
		t := q.To.UTC()
		a.To = &t
	}
	return a
}
