package history

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Run is one attempt of a job as it is remembered. Times are UTC, zero where unknown.
type Run struct {
	ID          string // run id, for the log while the plan holds it; the embedded database keeps those of the last 10 runs
	Instance    string // the job stream's 16-character id
	Sched       time.Time
	Start, End  time.Time
	Status      twstools.Status
	ReturnCode  *int
	JobNumber   int64
	Attempt     int
	RerunType   string
	Workstation string // where it ran
	Estimated   time.Duration
	// Exact: the engine dated start and end. Otherwise they are the moments when we saw it.
	Exact bool
	// Archived: read from an archived plan and never seen by us.
	Archived bool

	seen int64 // our clock when this was last seen, milliseconds; 0 for archived
}

// when orders the runs of a job: by start, or else by what is known.
func (r Run) when() int64 {
	switch {
	case !r.Start.IsZero():
		return r.Start.UnixMilli()
	case !r.End.IsZero():
		return r.End.UnixMilli()
	}
	return r.seen
}

// recovery reports whether the run is that of a recovery job, which says nothing about the job's own habits.
func (r Run) recovery() bool { return strings.EqualFold(r.RerunType, "RECOVERY") }

// mark tells the runs of one job apart. It holds the start and the job number and not the run id, which is another one after the plan
// has turned, in an archived plan and in the other dialect.
func (r Run) mark() string {
	if r.Start.IsZero() {
		return "id:" + r.Instance + ":" + r.ID
	}
	m := strconv.FormatInt(r.Start.Unix(), 36) + "." + strconv.FormatInt(r.JobNumber, 36)
	if r.recovery() {
		m += ".r"
	}
	return m
}

// same reports whether two records are of one run.
func (r Run) same(o Run) bool {
	if r.ID != "" && r.ID == o.ID && (r.Instance == o.Instance || r.Instance == "" || o.Instance == "") {
		return true
	}
	if r.Start.IsZero() && o.Start.IsZero() {
		return r.mark() == o.mark() && r.End.Equal(o.End)
	}
	return !r.Start.IsZero() && r.Start.Unix() == o.Start.Unix() && r.recovery() == o.recovery() &&
		(r.JobNumber == o.JobNumber || r.JobNumber == 0 || o.JobNumber == 0)
}

// newer orders two records of one run: what has ended is later than what runs, then the later sighting.
func (r Run) newer(o Run) int {
	return cmp.Or(cmp.Compare(number(!r.End.IsZero()), number(!o.End.IsZero())), cmp.Compare(r.seen, o.seen), strings.Compare(statusText(r.Status), statusText(o.Status)))
}

// merged joins two records of one run, whichever came first.
func merged(a, b Run) Run {
	if a.newer(b) < 0 {
		a, b = b, a
	}
	a.ID, a.Instance, a.RerunType = cmp.Or(a.ID, b.ID), cmp.Or(a.Instance, b.Instance), cmp.Or(a.RerunType, b.RerunType)
	a.Workstation, a.JobNumber, a.Attempt = cmp.Or(a.Workstation, b.Workstation), cmp.Or(a.JobNumber, b.JobNumber), max(a.Attempt, b.Attempt)
	a.Start, a.End, a.Estimated = cmp.Or(a.Start, b.Start), cmp.Or(a.End, b.End), cmp.Or(a.Estimated, b.Estimated)
	if a.Status == (twstools.Status{}) {
		a.Status = b.Status
	}
	if a.ReturnCode == nil {
		a.ReturnCode = b.ReturnCode
	}
	// A started stream may show its start as its schedule time (User's Guide, "Selecting jobs in commands"): the earlier one is the plan's.
	if !b.Sched.IsZero() && (a.Sched.IsZero() || b.Sched.Before(a.Sched)) {
		a.Sched = b.Sched
	}
	a.Exact, a.Archived, a.seen = a.Exact || b.Exact, a.Archived && b.Archived, max(a.seen, b.seen)
	return a
}

// whole gives a time without the fraction of its second: nobody asks for it, and it takes a tenth of the space.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.Unix(t.Unix(), 0).UTC()
}

// runOf makes a record of an engine's run.
func runOf(k twstools.Key, r twstools.Run, exact bool, seen time.Time) Run {
	return Run{ID: cut(r.ID, 100), Instance: cut(instanceOf(k), 40), Sched: whole(k.Sched), Start: whole(r.Start), End: whole(r.End), Status: statusFrom(statusText(r.Status)),
		ReturnCode: r.ReturnCode, JobNumber: max(r.JobNumber, 0), Attempt: max(r.Attempt, 0), RerunType: cut(r.RerunType, 40), Workstation: cut(r.ActualWorkstation, 80),
		Estimated: max(r.Estimated, 0).Truncate(time.Second), Exact: exact, seen: millis(whole(seen))}
}

const (
	// keptRuns is how many runs of each job are kept one by one (DESIGN.md 4.10).
	keptRuns = 20
	// keptIDs is how many of those keep their run ids. They take a third of the space and open nothing once the plan has turned.
	keptIDs = 10
)

// Digest counts all runs of a job that were ever seen.
type Digest struct {
	Ended, Succeeded int
	First            time.Time // start of the first one
}

// runs are the last runs of a job, oldest first, and a digest of those before them.
type runs struct {
	last []Run
	gone Digest
	// lost is when the latest of those in gone began: whatever is told about that time or before has been counted.
	lost int64
}

// add takes a run in. It gives the run as it stands then, and the mark under which it stood before if that was another one; known is
// false for a run from before those that are kept.
func (rs *runs) add(r Run) (now Run, before string, known bool) {
	i := slices.IndexFunc(rs.last, r.same)
	switch {
	case i >= 0:
		was := rs.last[i].mark()
		rs.last[i] = merged(rs.last[i], r)
		r = rs.last[i]
		if was != r.mark() {
			before = was
		}
	case r.when() <= rs.lost && rs.lost != 0:
		return r, "", false
	default:
		rs.last = append(rs.last, r)
	}
	slices.SortFunc(rs.last, func(a, b Run) int {
		return cmp.Or(cmp.Compare(a.when(), b.when()), strings.Compare(a.mark(), b.mark()))
	})
	for len(rs.last) > keptRuns {
		rs.lost = rs.last[0].when()
		rs.gone.count(rs.last[0])
		rs.last = rs.last[1:]
	}
	for i := range len(rs.last) - keptIDs {
		if !rs.last[i].Start.IsZero() {
			rs.last[i].ID = ""
		}
	}
	return r, before, true
}

func (d *Digest) count(r Run) {
	if d.First.IsZero() || !r.Start.IsZero() && r.Start.Before(d.First) {
		d.First = r.Start
	}
	if r.End.IsZero() || r.recovery() {
		return
	}
	d.Ended++
	if succeeded(r.Status) {
		d.Succeeded++
	}
}

// digest counts what is gone and what is left.
func (rs *runs) digest() Digest {
	d := rs.gone
	for _, r := range rs.last {
		d.count(r)
	}
	return d
}
