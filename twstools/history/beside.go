package history

import (
	"cmp"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/twstools"
)

// maxBeside bounds how many jobs' archived runs a History of ReadOnly holds: it lives for one command.
const maxBeside = 2000

// beside holds what archived plans told a History that may not keep it.
type beside struct {
	mu   sync.Mutex
	jobs map[int64]*besideJob
}

type besideJob struct {
	runs []Run
	read []string // ids of the plans that were read for the job
}

// keep takes the job's runs of one archived plan, and that it was asked.
func (b *beside) keep(id int64, who identity, plan string, jobs []twstools.Job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.jobs == nil || len(b.jobs) >= maxBeside {
		b.jobs = map[int64]*besideJob{}
	}
	j := b.jobs[id]
	if j == nil {
		j = &besideJob{}
		b.jobs[id] = j
	}
	j.read = append(j.read, plan)
	for _, job := range jobs {
		j.runs = append(j.runs, archivedRuns(who, job)...)
	}
}

// plans are the ids of the archived plans that were read for a job.
func (b *beside) plans(id int64) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j := b.jobs[id]; j != nil {
		return slices.Clone(j.read)
	}
	return nil
}

// join adds to a job's runs those of archived plans that are not among them, newest first.
func (b *beside) join(id int64, past []Run) []Run {
	b.mu.Lock()
	defer b.mu.Unlock()
	j := b.jobs[id]
	if j == nil {
		return past
	}
	out := slices.Clone(past)
	for _, r := range j.runs {
		if !slices.ContainsFunc(out, r.same) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Run) int { return cmp.Compare(b.when(), a.when()) })
	return out
}
