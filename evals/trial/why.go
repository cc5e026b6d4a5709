package trial

import (
	"strings"

	"github.com/resync-hwa/resync/evals/score"
)

// WrongAndConfirmed is told before any criterion of a wrong answer that calls its cause confirmed: somebody may act on it at night.
const WrongAndConfirmed = "confirmed_wrong"

// Failed are the criteria that did not hold, in the judge's order.
func (t Trial) Failed() []score.Criterion { return score.Result{Criteria: t.Criteria}.Failed() }

// First names what is told first of a trial that did not pass: WrongAndConfirmed, else the first gate that failed, else the first criterion that
// did; of a fault its kind. It is empty for a pass.
func (t Trial) First() string {
	if t.ConfirmedWrong {
		return WrongAndConfirmed
	}
	if t.Status == Fault {
		return t.FaultOrUnknown().Kind
	}
	if len(t.Gates) > 0 {
		return t.Gates[0]
	}
	if failed := t.Failed(); len(failed) > 0 {
		return failed[0].Name
	}
	return ""
}

// Why says in one line why a trial did not pass: the fault, or the failed criteria separated by " | ".
func (t Trial) Why() string {
	if t.Status == Fault {
		f := t.FaultOrUnknown()
		return f.Kind + ": " + f.Reason
	}
	failed := t.Failed()
	parts := make([]string, len(failed))
	for i, c := range failed {
		parts[i] = c.Name + ": " + c.Reason
	}
	return strings.Join(parts, " | ")
}

// FaultOrUnknown is the fault; a row that says fault and does not say which gets one of kind "unknown", so that no reader needs to ask for nil.
func (t Trial) FaultOrUnknown() FaultTold {
	if t.Fault != nil {
		return *t.Fault
	}
	return FaultTold{Kind: "unknown", Reason: "the row does not say what kept the question from being judged"}
}
