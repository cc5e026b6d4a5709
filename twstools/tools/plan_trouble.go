package tools

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// What of a list needs a person is the same for everybody who looks while the list is the same, so it is a view of the list (reader.ViewJobs). What
// depends on the hour as well, whether a job runs too long, is judged at each look.

// trouble is something that needs a person, or may.
type trouble struct {
	row  AttentionRow
	rank int
	// running is a job that needs a person once it runs too long; nil: it does now.
	running *twstools.Job
}

// troubles are those of one list.
type troubles struct {
	needs      []trouble
	incomplete bool
}

// plant is the view of all workstations.
type plant struct {
	troubles
	rows  []WorkstationRow // those with a problem first, and no more than the page shows
	names []string         // of all, as the engine writes them
}

// view names a view of a list: what it shows, and the zone in which it tells times.
type view struct {
	of   string
	zone *time.Location
}

func viewOf(of string, zone *time.Location) view { return view{of, zone} }

// rankOf orders what needs a person by its status: bad ends first.
func rankOf(status string) int {
	switch status {
	case "ABEND", "FAIL":
		return -5
	case "STUCK":
		return -4
	case "unlinked", "stopped":
		return -3
	case "ASKED":
		return -2
	case "EXEC":
		return -1
	}
	return 0
}

func troubleOf(row AttentionRow) trouble { return trouble{row: row, rank: rankOf(row.Status)} }

// worst gives as many as the page shows, by rank and else as they stand.
func worst(needs []trouble) []AttentionRow {
	var out []AttentionRow
	for rank := rankOf("ABEND"); rank <= 0; rank++ {
		for i := range needs {
			if len(out) == maxAttention {
				return out
			}
			if needs[i].rank == rank {
				out = append(out, needs[i].row)
			}
		}
	}
	return out
}

// at tells whether it needs a person at an instant, and why.
func (t trouble) at(now time.Time) (trouble, bool) {
	if t.running == nil {
		return t, true
	}
	pace := plan.PaceAt(t.running, now)
	if !pace.Slow {
		return t, false
	}
	t.row.Why = "elapsed " + twstools.Span(pace.Elapsed) + ", estimated " + twstools.Span(pace.Estimate)
	return t, true
}

// plantView makes the view of all workstations. It and those below use nothing of the call but its zone.
func (c *call) plantView(list twstools.List[twstools.Workstation]) (v plant) {
	v.incomplete = list.Incomplete
	for _, w := range list.Items {
		row := c.workstationRow(w)
		v.rows, v.names = append(v.rows, row), append(v.names, w.Name)
		if row.Problem != "" {
			v.needs = append(v.needs, troubleOf(AttentionRow{Entity: row.Entity, Kind: "workstation", Status: row.Status, Why: row.Problem}))
		}
	}
	slices.SortStableFunc(v.rows, func(a, b WorkstationRow) int {
		return cmp.Or(cmp.Compare(b.Problem, a.Problem), cmp.Compare(a.Name, b.Name))
	})
	v.rows = slices.Clone(v.rows[:min(200, len(v.rows))])
	return v
}

// badOrRunning is the view of the jobs that ended badly or run.
func (c *call) badOrRunning(list twstools.List[twstools.Job]) (v troubles) {
	v.incomplete = list.Incomplete
	for i := range list.Items {
		j := &list.Items[i]
		phase := plan.PhaseOf(j.Status)
		if phase != plan.Bad && phase != plan.Running {
			continue
		}
		var last twstools.Run
		if n := len(j.Runs); n > 0 {
			last = j.Runs[n-1]
		}
		n := troubleOf(AttentionRow{Entity: untrusted.Normalize(j.Entity().String(c.zone)), Kind: "job", Status: untrusted.Normalize(j.Status.Internal)})
		if phase == plan.Bad {
			n.row.Since, n.row.Why = c.instant(last.End), n.row.Status
			if last.ReturnCode != nil {
				n.row.Why += " rc=" + strconv.Itoa(*last.ReturnCode)
			}
		} else {
			n.row.Since, n.running = c.instant(last.Start), j
		}
		v.needs = append(v.needs, n)
	}
	return v
}

// stuckStreams is the view of the job streams in which nothing can go on.
func (c *call) stuckStreams(list twstools.List[twstools.JobStream]) (v troubles) {
	v.incomplete = list.Incomplete
	for _, s := range list.Items {
		v.needs = append(v.needs, troubleOf(AttentionRow{Entity: untrusted.Normalize(s.Entity().String(c.zone)), Kind: "job_stream", Status: untrusted.Normalize(s.Status.Display()), Why: untrusted.Normalize(s.Status.Common)}))
	}
	return v
}

// askedPrompts is the view of the prompts that wait for a reply.
func (c *call) askedPrompts(list twstools.List[twstools.Prompt]) (v troubles) {
	v.incomplete = list.Incomplete
	for _, q := range list.Items {
		if informs(q.Text) {
			continue
		}
		v.needs = append(v.needs, troubleOf(AttentionRow{Entity: untrusted.Normalize(q.Entity().String(c.zone)), Kind: "prompt", Status: untrusted.Normalize(q.Status), Why: untrusted.Normalize(q.Text), Since: c.instant(q.AskedAt)}))
	}
	return v
}
