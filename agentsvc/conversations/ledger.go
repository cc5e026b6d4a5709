package conversations

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// LedgerBytes bounds what is stored of one turn's ledger.
const LedgerBytes = 256 << 10

// Call is one tool call with its untrimmed result: exactly one of Result.Envelope and Result.Error is set.
type Call struct {
	ID          string // t1, t2, … in the order in which the calls were made
	Name        string
	Args        json.RawMessage
	Result      toolkit.Result
	Duration    time.Duration
	ResultBytes int
	// Dropped says that the envelope's data was left out when the turn was stored, for size; its sources are there.
	Dropped bool
}

// OK reports whether the call gave data.
func (c Call) OK() bool { return c.Result.Envelope != nil && c.Result.Error == nil }

// Decode reads the call's data into out, the Out type of its tool. False when it failed or is of another shape.
func (c Call) Decode(out any) bool {
	return c.OK() && len(c.Result.Envelope.Data) > 0 && json.Unmarshal(c.Result.Envelope.Data, out) == nil
}

// Arg gives a string argument of the call, empty when it has none of that name.
func (c Call) Arg(name string) string {
	s, _ := c.Arguments()[name].(string)
	return s
}

// Arguments gives the call's arguments, never nil.
func (c Call) Arguments() map[string]any {
	m := map[string]any{}
	if len(c.Args) > 0 && json.Unmarshal(c.Args, &m) != nil || m == nil {
		return map[string]any{}
	}
	return m
}

// Ledger is what the tools said in one turn, in order, before anything was trimmed (DESIGN.md 4.1).
type Ledger []Call

// Own gives the calls of our own tools: the only ones whose results are evidence, or may decide an answer.
func (l Ledger) Own() Ledger {
	foreign := func(c Call) bool { _, ok := toolkit.ForeignServer(c.Name); return ok }
	if !slices.ContainsFunc(l, foreign) {
		return l
	}
	return slices.DeleteFunc(slices.Clone(l), foreign)
}

// Find gives the last call of the tool that gave data, and false when there is none.
func (l Ledger) Find(name string) (Call, bool) {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].Name == name && l[i].OK() {
			return l[i], true
		}
	}
	return Call{}, false
}

// Bounded gives a ledger of at most limit bytes: the biggest data go first, then the biggest sources. The calls themselves stay.
func (l Ledger) Bounded(limit int) Ledger {
	out := make(Ledger, len(l))
	copy(out, l)
	sizes := make([]int, len(out))
	total := 0
	for i, c := range out {
		sizes[i] = c.size()
		total += sizes[i]
	}
	for total > limit {
		big := -1
		for i := range out {
			if out[i].Result.Envelope != nil && sizes[i] > 0 && (big < 0 || sizes[i] > sizes[big]) {
				big = i
			}
		}
		if big < 0 {
			break
		}
		env := *out[big].Result.Envelope
		if env.Data != nil {
			env.Data = nil
		} else {
			env.Sources = nil
		}
		out[big].Result.Envelope, out[big].Result.Text, out[big].Dropped = &env, "", true
		total -= sizes[big]
		sizes[big] = out[big].size()
		total += sizes[big]
		if env.Sources == nil {
			sizes[big] = 0 // nothing more to take from it
		}
	}
	return out
}

func (c Call) size() int {
	n := len(c.Args) + len(c.Result.Text)
	if e := c.Result.Envelope; e != nil {
		n += len(e.Data)
		for _, s := range e.Sources {
			n += len(s.Source) + len(s.RunID)
			for _, l := range s.Lines {
				n += len(l.Text) + 8
			}
			for _, f := range s.Fields {
				n += len(f.Name) + len(f.Value)
			}
		}
	}
	return n
}
