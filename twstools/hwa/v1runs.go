package hwa

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// maxChains bounds how many jobs of one list have their other runs looked for.
const maxChains = 20

// chainKey names the job that a row is a run of.
func chainKey(j twstools.Job) string {
	stream := j.StreamRef.ID
	if stream == "" {
		stream = j.StreamWorkstation + "#" + j.StreamFolder + "/" + j.Stream + "@" + j.SchedTime.String()
	}
	return stream + "\x00" + j.Name
}

// linked reports whether a row is one of several of its job, as far as it says so itself: earlier is one that is not the last, rerun one that is not
// the first.
func linked(j twstools.Job) (earlier, rerun bool) {
	for _, r := range j.Runs {
		earlier = earlier || r.LastInRerunChain != nil && !*r.LastInRerunChain
		rerun = rerun || r.RerunType != "" && r.RerunType != "REGULAR"
	}
	return earlier, rerun
}

// fold makes one job of the rows of its runs. V1 may list a job once, or once for each run; the mark of the last run tells them apart. Runs that the
// filter or the end of the page left out are read, for a few jobs; an old run is never given for the job itself.
func (v *v1) fold(l lister[twstools.Job]) func(context.Context, []found[twstools.Job], filter) ([]found[twstools.Job], bool, error) {
	return func(ctx context.Context, rows []found[twstools.Job], f filter) ([]found[twstools.Job], bool, error) {
		at := map[string]int{}
		var out []found[twstools.Job]
		var changed []bool
		for _, r := range rows {
			earlier, rerun := linked(r.item)
			key := chainKey(r.item)
			i, seen := at[key]
			if !seen {
				at[key] = len(out)
				out, changed = append(out, r), append(changed, false)
				continue
			}
			if e, re := linked(out[i].item); !earlier && !rerun && !e && !re { // two jobs of one name that say nothing of runs
				out, changed = append(out, r), append(changed, false)
				continue
			}
			v.jobs.apart.learn(true)
			out[i], changed[i] = joinRows(out[i], r), true
		}
		kept, tried, short := out[:0:0], 0, false
		for i, r := range out {
			if v.incomplete(r.item) {
				if tried++; tried <= maxChains {
					whole, err := v.chain(ctx, l, r.item)
					if err != nil {
						return nil, false, err
					}
					if len(whole.Runs) > len(r.item.Runs) {
						v.jobs.apart.learn(true)
						r.item, r.id, changed[i] = whole, whole.Ref.ID, true
					}
				}
			}
			if tried > maxChains && v.isOld(r.item) {
				short = true
				continue
			}
			if changed[i] {
				number(r.item.Runs)
				r.is = f.evaluate(l.row(r.item), r.sent, l.known(r.item))
			}
			kept = append(kept, r)
		}
		return kept, short, nil
	}
}

// incomplete reports whether runs of the job are known to be missing.
func (v *v1) incomplete(j twstools.Job) bool {
	if v.isOld(j) {
		return true
	}
	if alone, known := v.jobs.alone.get(); known && alone {
		return false
	}
	return len(j.Runs) > 0 && j.Runs[0].RerunType != "" && j.Runs[0].RerunType != "REGULAR"
}

// isOld reports whether the last run that is there is marked as not the last one. Servers that leave the mark out of jobs that were never rerun are found
// out, and not believed in that any more.
func (v *v1) isOld(j twstools.Job) bool {
	if unmarked, known := v.unmarked.get(); len(j.Runs) == 0 || known && unmarked {
		return false
	}
	j.Runs = j.Runs[len(j.Runs)-1:]
	earlier, _ := linked(j)
	return earlier
}

// joinRows puts the runs of two rows together; the later row is the job.
func joinRows(a, b found[twstools.Job]) found[twstools.Job] {
	runs := slices.Concat(a.item.Runs, b.item.Runs)
	oldestFirst(runs)
	if slices.ContainsFunc(runs, func(r twstools.Run) bool { return marked(r) }) {
		slices.SortStableFunc(runs, func(x, y twstools.Run) int { // the mark decides about the last one
			return map[bool]int{true: 1}[marked(x)] - map[bool]int{true: 1}[marked(y)]
		})
	}
	last := b
	if len(runs) > 0 && len(a.item.Runs) > 0 && runs[len(runs)-1].ID == a.item.Runs[len(a.item.Runs)-1].ID {
		last = a
	}
	if len(a.item.Runs) == 0 && len(b.item.Runs) > 0 { // a rerun that has not begun is the job as it stands now
		last = a
	} else if len(b.item.Runs) == 0 {
		last = b
	}
	last.item.Runs = runs
	last.is = max(a.is, b.is)
	return last
}

// number counts the attempts of a job whose runs are all there; without the first one nothing is to be counted from.
func number(runs []twstools.Run) {
	if len(runs) > 0 && runs[0].RerunType != "" && runs[0].RerunType != "REGULAR" {
		return
	}
	for i := range runs {
		if runs[i].Attempt == 0 {
			runs[i].Attempt = i + 1
		}
	}
}

// chain reads the other runs of a job whose row shows that there are some.
func (v *v1) chain(ctx context.Context, l lister[twstools.Job], j twstools.Job) (twstools.Job, error) {
	if !v.incomplete(j) {
		number(j.Runs)
		return j, nil
	}
	where := query.And{query.Is("name", j.Name), query.Is("jobStreamName", j.Stream)}
	if !j.SchedTime.IsZero() {
		where = append(where, query.Is("schedTime", j.SchedTime))
	}
	plain := l
	plain.fold = nil
	rows, err := plain.gather(ctx, l.talk.part(where), filter{}, 0, defaultLimit)
	if err != nil {
		return j, err
	}
	whole := found[twstools.Job]{item: j}
	seen := map[string]bool{}
	for _, r := range j.Runs {
		seen[r.ID] = true
	}
	others, itself := 0, false
	for _, r := range rows.rows {
		itself = itself || r.item.Ref == j.Ref
		if chainKey(r.item) != chainKey(j) || r.item.Ref == j.Ref || len(r.item.Runs) > 0 && seen[r.item.Runs[0].ID] {
			continue
		}
		others++
		deps, known := whole.item.Dependencies, whole.item.DependenciesKnown
		if whole = joinRows(whole, r); known && !whole.item.DependenciesKnown {
			whole.item.Dependencies, whole.item.DependenciesKnown = deps, known
		}
	}
	switch {
	case others > 0 || !itself || !rows.whole: // nothing is learned from a question that was not understood
	case v.isOld(j):
		v.unmarked.learn(true)
	default:
		v.jobs.alone.learn(true)
	}
	number(whole.item.Runs)
	return whole.item, nil
}
