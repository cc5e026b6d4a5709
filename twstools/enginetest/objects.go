package enginetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

func readsWhole(t *testing.T, s suite) {
	j := s.whole(t, "D4")
	if j.Workstation != "WN1" || j.StreamWorkstation != "LX1" || j.Stream != "DAY" || j.Folder != "/" || j.Status.Common != "HELD" || j.Status.Internal != "HOLD" {
		t.Errorf("D4 = %+v", j)
	}
	if j.Priority == nil || *j.Priority != 0 {
		t.Errorf("D4's priority = %v: 0 must not become unknown", j.Priority)
	}
	if j.Definition.Description != "Comes after" || j.Definition.EstimatedDuration != 2*time.Minute || !slices.Equal(j.Definition.UserLogins, []string{"app"}) {
		t.Errorf("D4's definition = %+v", j.Definition)
	}
	base := now.Truncate(time.Minute)
	if !j.SchedTime.Equal(base.Add(-220*time.Minute)) || !j.Times.LatestStart.Equal(base.Add(50*time.Minute)) || !j.Times.Deadline.Equal(base.Add(65*time.Minute)) {
		t.Errorf("D4's times = %s, %+v", j.SchedTime, j.Times)
	}
	if !s.whole(t, "D3").Critical || j.Critical {
		t.Error("D3 is critical, D4 is not")
	}
	st, err := s.e.JobStream(s.ctx, j.StreamRef)
	if err != nil {
		t.Fatal(err)
	}
	if st.Name != "DAY" || len(st.InternalID) != 16 || st.Limit == nil || *st.Limit != 2 || *st.Priority != 20 || st.ServiceName != "Day end" || st.ServiceContact != "day@example.test" {
		t.Errorf("DAY = %+v", st)
	}
	if st.Stats.Total == nil || *st.Stats.Total != 4 || *st.Stats.Successful != 2 || *st.Stats.Executing != 1 || st.Times.Deadline.IsZero() || st.Start.IsZero() {
		t.Errorf("DAY's counts = %+v", st.Stats)
	}
}

func everyDependency(t *testing.T, s suite) {
	only := func(name string) twstools.Dependency {
		t.Helper()
		j := s.whole(t, name)
		if !j.DependenciesKnown || len(j.Dependencies) != 1 {
			t.Fatalf("%s has dependencies %+v, known %v, want one", name, j.Dependencies, j.DependenciesKnown)
		}
		return j.Dependencies[0]
	}
	open := func(d twstools.Dependency) bool { o, known := d.Open(); return o && known }
	if d := only("D2"); d.Type != twstools.DepInternal || d.Job != "D1" || d.JobRef.ID != s.one(t, "D1").Ref.ID || open(d) {
		t.Errorf("INTERNAL = %+v", d)
	}
	if d := only("W_FILE"); d.Type != twstools.DepFile || d.File != "/in/data.ok" || d.FileQualifier != "-s %p" || d.FileState != "Unavailable" || d.Workstation != "LX1" || d.LastChecked.IsZero() || !open(d) {
		t.Errorf("FILE = %+v", d)
	}
	if d := only("W_SLOT"); d.Type != twstools.DepResource || d.Resource != "SLOT" || d.Workstation != "LX1" || d.Units != 2 || *d.UnitsAvailable != 1 || !open(d) {
		t.Errorf("RESOURCE = %+v", d)
	}
	if d := only("W_JOB"); d.Type != twstools.DepExternalJob || d.Job != "D4" || d.Stream != "DAY" || d.StreamWorkstation != "LX1" || d.JobRef.IsZero() || d.PredecessorStatus.Internal != "HOLD" || !open(d) {
		t.Errorf("EXTERNAL_JOB = %+v", d)
	}
	if d := only("W_STREAM"); d.Type != twstools.DepExternalJobStream || d.Stream != "ASKS" || d.StreamRef.IsZero() || d.StreamSched.IsZero() || !open(d) {
		t.Errorf("EXTERNAL_JOBSTREAM = %+v", d)
	}
	if d := only("W_JOIN"); d.Type != twstools.DepJoin || d.JoinName != "EITHER" || d.JoinQuantity != 1 || len(d.Members) != 2 || open(d) || open(d.Members[0]) || !open(d.Members[1]) {
		t.Errorf("JOIN = %+v", d)
	}
	if d := only("W_REMOTE"); d.Type != twstools.DepInternetwork || d.Remote != "FAR#STREAM.JOB" || d.NetworkAgent != "MASTER1" || !open(d) {
		t.Errorf("INTERNETWORK = %+v", d)
	}
	if d := only("W_PROMPT"); d.Type != twstools.DepPrompt || d.Prompt != "GOON" || d.PromptText != "Go on?" || d.PromptStatus != "ASKED" || *d.PromptNumber != 7 || !open(d) {
		t.Errorf("PROMPT = %+v", d)
	}
	if d := only("W_COND"); !d.Pending || d.Orphan || !d.Conditional || !slices.Equal(d.StatusConditions, []string{"ABEND", "FAIL"}) {
		t.Errorf("conditional = %+v", d)
	}
	st, err := s.e.JobStream(s.ctx, s.one(t, "A1").StreamRef)
	if err != nil || len(st.Dependencies) != 1 || st.Dependencies[0].Type != twstools.DepPrompt {
		t.Errorf("a job stream's own dependency = %+v, %v", st.Dependencies, err)
	}
}

func notFound(t *testing.T, s suite) {
	ref := s.one(t, "D1").Ref
	for _, id := range []string{"00000000-0000-3000-8000-000000000000", "no/such;job#", ""} {
		ref.ID = id
		_, err := s.e.Job(s.ctx, ref)
		if id != "" {
			wantCode(t, "Job("+id+")", err, fault.NotFound)
		} else if err == nil {
			t.Error("Job without an id succeeds")
		}
	}
	ref.ID = "00000000-0000-3000-8000-000000000000"
	_, err := s.e.JobStream(s.ctx, ref)
	wantCode(t, "JobStream", err, fault.NotFound)
	_, err = s.e.Neighbours(s.ctx, twstools.NeighbourQuery{Ref: ref, Direction: twstools.Successors})
	wantCode(t, "Neighbours", err, fault.NotFound)
	_, err = s.e.Logs(s.ctx, twstools.LogQuery{RunID: ref.ID})
	wantCode(t, "Logs", err, fault.NotFound)
}

func neighbours(t *testing.T, s suite) {
	for _, c := range []struct {
		job   string
		dir   twstools.Direction
		depth int
		want  string
	}{
		{"D1", twstools.Successors, 1, "D2 W_JOIN"}, {"D1", twstools.Successors, 9, "D2 W_JOIN D3 D4 W_COND W_JOB"}, {"D1", twstools.Predecessors, 3, ""},
		{"D4", twstools.Predecessors, 0, "D3"}, {"D4", twstools.Predecessors, 2, "D3 D2"}, {"W_STREAM", twstools.Predecessors, 1, "ASKS"},
	} {
		ns, err := s.e.Neighbours(s.ctx, twstools.NeighbourQuery{Ref: s.one(t, c.job).Ref, Direction: c.dir, Depth: c.depth})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, n := range ns {
			if (n.Job == nil) == (n.JobStream == nil) {
				t.Fatalf("a neighbour is a job or a job stream, not %+v", n)
			}
			if n.Job != nil {
				got = append(got, n.Job.Name)
			} else {
				got = append(got, n.JobStream.Name)
			}
		}
		want := strings.Fields(c.want)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s of %s to depth %d = %v, want %v", c.dir, c.job, c.depth, got, want)
		}
	}
	ns, err := s.e.Neighbours(s.ctx, twstools.NeighbourQuery{Ref: s.one(t, "A1").StreamRef, JobStream: true, Direction: twstools.Successors})
	if err != nil || len(ns) != 2 {
		t.Errorf("successors of ASKS = %+v, %v, want W_STREAM and W_JOIN", ns, err)
	}
}

func runs(t *testing.T, s suite) {
	rs := s.whole(t, "D2").Runs
	if s.lacks(EarlierRuns) {
		if len(rs) != 1 || rs[0].Status.Internal != "SUCC" || rs[0].RerunType != "RERUN" {
			t.Errorf("D2 has runs %+v, want its last", rs)
		}
		return
	}
	if len(rs) != 2 {
		t.Fatalf("D2 has runs %+v", rs)
	}
	a, b := rs[0], rs[1]
	if a.Status.Internal != "ABEND" || a.ReturnCode == nil || *a.ReturnCode != 8 || a.RerunType != "REGULAR" || a.Elapsed != 30*time.Second || a.Attempt != 1 {
		t.Errorf("first run = %+v", a)
	}
	if b.Status.Internal != "SUCC" || b.ReturnCode == nil || *b.ReturnCode != 0 || b.RerunType != "RERUN" || b.LastInRerunChain == nil || !*b.LastInRerunChain || b.Start.Before(a.End) {
		t.Errorf("second run = %+v", b)
	}
	if len(b.OutputConditions) != 1 || b.OutputConditions[0].Name != "STATUS_OK" || !b.OutputConditions[0].IsSuccess || b.OutputConditions[0].Expression != "RC=0" {
		t.Errorf("output conditions = %+v", b.OutputConditions)
	}
	if r := s.whole(t, "D3").Runs[0]; !r.End.IsZero() || r.ReturnCode != nil || r.Status.Common != "RUNNING" || r.JobNumber == 0 || r.Estimated != 20*time.Minute {
		t.Errorf("running = %+v", r)
	}
}

func logs(t *testing.T, s suite) {
	run, marked := s.whole(t, "D2").Runs[0], "ERROR: it broke"
	if s.lacks(EarlierRuns) {
		marked = "line 3 ação"
	}
	all, err := s.e.Logs(s.ctx, twstools.LogQuery{RunID: run.ID})
	if err != nil || all.FirstLine != 1 || all.Truncated || len(all.Lines) < 12 {
		t.Fatalf("Logs = %+v, %v", all, err)
	}
	at := slices.IndexFunc(all.Lines, func(l twstools.LogLine) bool { return l.Text == marked })
	if at < 6 || all.Lines[at].N != at+1 || !strings.HasPrefix(all.Lines[1].Text, "= JOB       : LX1#DAY[(") {
		t.Fatalf("Logs: line %d of %+v", at, all.Lines)
	}
	n := all.Lines[at].N
	part, err := s.e.Logs(s.ctx, twstools.LogQuery{RunID: run.ID, From: n - 1, To: n})
	if err != nil || len(part.Lines) != 2 || part.FirstLine != n-1 || part.Lines[1] != all.Lines[at] || !part.Truncated {
		t.Errorf("Logs(%d to %d) = %+v, %v", n-1, n, part, err)
	}
	tail, err := s.e.Logs(s.ctx, twstools.LogQuery{RunID: run.ID, From: len(all.Lines) - 1})
	if err != nil || len(tail.Lines) != 2 || tail.Lines[1] != all.Lines[len(all.Lines)-1] {
		t.Errorf("Logs(tail) = %+v, %v", tail, err)
	}
	beyond, err := s.e.Logs(s.ctx, twstools.LogQuery{RunID: run.ID, From: 9999, To: 10000})
	if err != nil && !fault.Is(err, fault.NotFound) || len(beyond.Lines) != 0 {
		t.Errorf("Logs(beyond the end) = %+v, %v", beyond, err)
	}
	_, err = s.e.Logs(s.ctx, twstools.LogQuery{RunID: s.whole(t, "F1").Runs[0].ID})
	wantCode(t, "Logs of a job that could not be launched", err, fault.NotFound)
}

// hostile asks for jobs whose names try to be more than names.
func hostile(t *testing.T, s suite) {
	for _, name := range []string{"Q'OR name != '", "A/B;C#D%20", "AÇÃO?@"} {
		j := s.whole(t, name)
		if j.Name != name || j.Stream != "O'HARE" || j.StreamWorkstation != "/PROD/LX2" || j.StreamFolder != "/PROD" {
			t.Errorf("Job(%q) = %+v", name, j)
		}
		if l, err := s.e.Logs(s.ctx, twstools.LogQuery{RunID: j.Runs[0].ID}); err != nil || !slices.ContainsFunc(l.Lines, func(l twstools.LogLine) bool { return l.Text == "line 3 ação" }) {
			t.Errorf("Logs of %q = %+v, %v", name, l, err)
		}
	}
	if d := s.whole(t, "Q'OR name != '").Definition.Description; d != "<b>name</b> that tries; to break out" {
		t.Errorf("description = %q: what is data stays as it is", d)
	}
}
