package sim_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// judge reads "NAME is STATE", "NAME is a STATE instance count" and "NAME has|lacks MARK".
func judge(w *world.World, words []string) error {
	if len(words) < 3 {
		return fmt.Errorf("a statement has a name, a verb and what is said")
	}
	name, verb, what := words[0], words[1], words[2]
	if verb == "instances" {
		n := 0
		for _, st := range w.JobStreams {
			if st.Name == name {
				n++
			}
		}
		if strconv.Itoa(n) != what {
			return fmt.Errorf("%d instances", n)
		}
		return nil
	}
	if p, ok := promptOf(w, name); ok {
		return equal(p.Status, what)
	}
	var state string
	var marks map[string]bool
	if j, ok := jobOf(w, name); ok {
		state, marks = j.Status.Internal, jobMarks(j)
	} else if st, ok := streamOf(w, name); ok {
		state, marks = st.Status.Internal, streamMarks(st)
	} else if verb == "is" && what == "gone" {
		return nil
	} else {
		return fmt.Errorf("nothing is called %s", name)
	}
	switch verb {
	case "is":
		return equal(state, what)
	case "has", "lacks":
		for _, m := range words[2:] {
			if marks[m] != (verb == "has") {
				return fmt.Errorf("%s %s: %v", verb, m, marks)
			}
		}
		return nil
	}
	return fmt.Errorf("%q is no verb", verb)
}

func equal(got, want string) error {
	if got != want {
		return fmt.Errorf("got %s, want %s", got, want)
	}
	return nil
}

func promptOf(w *world.World, name string) (twstools.Prompt, bool) {
	for _, p := range w.Prompts {
		if p.Name == name {
			return p, true
		}
	}
	return twstools.Prompt{}, false
}

// jobOf finds STREAM.JOB, with STREAM/2 for the second instance in the order of the plan.
func jobOf(w *world.World, name string) (twstools.Job, bool) {
	stream, job, ok := strings.Cut(name, ".")
	if st, found := streamOf(w, stream); ok && found {
		for _, j := range w.Jobs {
			if j.StreamRef == st.Ref && j.Name == job {
				return j, true
			}
		}
	}
	return twstools.Job{}, false
}

func streamOf(w *world.World, name string) (twstools.JobStream, bool) {
	name, nth, _ := strings.Cut(name, "/")
	n, _ := strconv.Atoi(nth)
	for _, st := range w.JobStreams {
		if st.Name == name {
			if n--; n <= 0 {
				return st, true
			}
		}
	}
	return twstools.JobStream{}, false
}

func jobMarks(j twstools.Job) map[string]bool {
	out := map[string]bool{"until": j.UntilPassed, "maxdur=" + j.Times.MaxDuration.String(): true, "cancelled=stream": j.StreamCancelled, "late": j.Late, "cancelled": j.Status.Canceled, "cancelpend": j.Status.CancelPending, "message": j.NeedsMessage,
		"runs=" + strconv.Itoa(len(j.Runs)): true, "open=" + strconv.Itoa(*j.UnresolvedCount): true, "deps=" + strconv.Itoa(*j.DependencyCount): true,
		"at=" + j.Times.EarliestStart.Format("15:04"): true, "common=" + j.Status.Common: true, "estimate=" + j.Definition.EstimatedDuration.String(): true}
	if n := len(j.Runs); n > 0 {
		r := j.Runs[n-1]
		out["type="+r.RerunType], out["maxdur"], out["mindur"], out["confirmed"] = true, r.MaxDurationPassed, r.MinDurationMissed, r.Confirmed
		out["on="+r.ActualWorkstation], out["started="+r.Start.Format("15:04")] = true, true
		out["ended="+r.End.Format("15:04")] = true
		if r.ReturnCode != nil {
			out["rc="+strconv.Itoa(*r.ReturnCode)] = true
		}
	}
	for _, d := range j.Dependencies {
		out["pending"], out["orphan"] = out["pending"] || d.Pending, out["orphan"] || d.Orphan
		out["file="+strings.ReplaceAll(d.FileState, " ", "")], out["checked="+d.LastChecked.Format("15:04")] = true, true
		out["sched="+d.StreamSched.Format("02T15:04")] = true
		out["prompt="+d.PromptStatus] = true
	}
	return out
}

func streamMarks(st twstools.JobStream) map[string]bool {
	out := map[string]bool{"late": st.Late, "cancelled": st.Status.Canceled, "carried": st.CarriedForward, "pending": st.PendingPredecessor,
		"sched=" + st.SchedTime.Format("15:04"): true, "open=" + strconv.Itoa(*st.UnresolvedCount): true, "deps=" + strconv.Itoa(len(st.Dependencies)): true}
	for _, d := range st.Dependencies {
		out["orphan"], out["prompt="+d.PromptStatus], out["sched="+d.StreamSched.Format("02T15:04")] = out["orphan"] || d.Orphan, true, true
	}
	return out
}

// board is the plan as text, for a failure.
func board(w *world.World) string {
	var b strings.Builder
	fmt.Fprintln(&b, w.AsOf.Format("15:04:05 Mon"))
	for _, st := range w.JobStreams {
		fmt.Fprintf(&b, "%s %s %v\n", st.Name, st.Status.Internal, streamMarks(st))
		for _, j := range w.Jobs {
			if j.StreamRef == st.Ref {
				fmt.Fprintf(&b, "  %s %s %v\n", j.Name, j.Status.Internal, jobMarks(j))
			}
		}
	}
	for _, p := range w.Prompts {
		fmt.Fprintf(&b, "prompt %s %q %s\n", p.Name, p.Text, p.Status)
	}
	return b.String()
}
