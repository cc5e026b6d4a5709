package reader

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/twstools"
)

// Wanted says which names somebody is typing.
type Wanted struct {
	Kind        string // job, job_stream or workstation; empty: jobs and job streams
	Typed       string // what stands there so far, in any case, with accents or without
	Stream      string // only jobs of job streams of this name, bare or in the operator's form; empty: of all
	Workstation string // only what is planned on this workstation; empty: on all
	Limit       int
}

// Bounds of one completion.
const (
	mostSorted     = 5000   // of equally fitting names; of more than that the plan's own order is as good as any
	mostTold       = 20_000 // rows among which equal names are counted once; beyond, nobody counts
	workstationMax = 2000
	shortestSlip   = 3       // letters from which a name is looked for that was meant
	mostGuessed    = 100_000 // rows among which such a name is looked for while somebody types
)

// Complete gives names of the plan that fit what is typed, the best first: those that begin with it, then those that hold it, and where there are none,
// those that were likely meant or whose descriptions say it. Names are in the operator's form without an instance's time, except where
// a single name is left that several instances bear. total counts all that fit; -1 where there are too many to count. It reads
// nothing but the name index and the list of workstations.
func (f *Finder) Complete(ctx context.Context, w Wanted) (names []string, total int, err error) {
	if w.Limit <= 0 {
		return nil, 0, nil
	}
	if w.Kind == "workstation" {
		return f.completeWorkstation(ctx, w)
	}
	idx, err := f.names(ctx)
	if err != nil {
		return nil, 0, err
	}
	t := takeApart(w)
	hits := idx.fitting(t, fit)
	if rows, _ := idx.size(); rows <= mostGuessed && len(bare(t.name)) >= shortestSlip {
		if hits.len() == 0 {
			hits = idx.fitting(t, fitLoosely)
		}
		if hits.len() == 0 && t.workstation == "" {
			hits = idx.meant(t)
		}
	}
	names, total = idx.tell(hits, w.Limit)
	if total != 1 {
		return names, total, nil
	}
	if instances := idx.instances(hits); len(instances) > 1 {
		zone := f.zone(ctx)
		for _, e := range instances {
			names = append(names, e.String(zone))
		}
		total = len(names)
	}
	return names[:min(len(names), w.Limit)], total, nil
}

// completeWorkstation is Complete for workstations.
func (f *Finder) completeWorkstation(ctx context.Context, w Wanted) ([]string, int, error) {
	list, err := f.engine.Workstations(ctx, twstools.ListQuery{Limit: workstationMax})
	if err != nil {
		return nil, 0, err
	}
	typed := foldName(w.Typed)
	var ranked [fits][]string
	for i := range list.Items {
		name := twstools.DisplayName(list.Items[i].Name)
		r := fit(name, typed)
		if r == nothing && typed != "" {
			r = fitLoosely(name, typed)
		}
		if r != nothing {
			ranked[r] = append(ranked[r], name)
		}
	}
	var names []string
	for _, r := range ranked {
		slices.Sort(r)
		names = append(names, slices.Compact(r)...)
	}
	return names[:min(len(names), w.Limit)], len(names), nil
}

// foldName is what was typed of a name, as it is compared.
func foldName(s string) string { return fold.Text(strings.Trim(strings.TrimSpace(s), "`'\"")) }

// parts of what is typed, folded: WORKSTATION#FOLDER/STREAM.JOB as far as it goes.
type parts struct {
	kind                        string
	workstation, folder, stream string // as a whole, where they are behind it already
	name                        string // the part that is being typed
	whole                       string // all of it
	placed                      bool   // a workstation is typed
}

func takeApart(w Wanted) parts {
	p := parts{kind: w.Kind, whole: foldName(w.Typed)}
	rest := p.whole
	if i := strings.IndexAny(rest, "[("); i >= 0 {
		rest = rest[:i] + afterInstance(rest[i:])
	}
	p.workstation = strings.TrimPrefix(foldName(w.Workstation), "/")
	if ws, behind, ok := strings.Cut(rest, "#"); ok {
		p.workstation, p.placed, rest = twstools.DisplayName(ws), true, behind
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		p.folder, rest = rest[:i], rest[i+1:]
	}
	p.name = rest
	if s := foldName(w.Stream); s != "" {
		ws, behind, ok := strings.Cut(s, "#")
		if !ok {
			behind = s
		} else if p.workstation == "" {
			p.workstation = twstools.DisplayName(ws)
		}
		if i := strings.IndexAny(behind, "[("); i >= 0 {
			behind = behind[:i]
		}
		p.stream = behind[strings.LastIndexByte(behind, '/')+1:]
	}
	return p
}

// afterInstance is what stands behind an instance's time, "[(0200 03/17/26)].LOAD" being typed.
func afterInstance(s string) string {
	if i := strings.LastIndexAny(s, ")]"); i >= 0 {
		return s[i+1:]
	}
	return ""
}

// ranked are rows by how well they fit.
type ranked [fits][]uint32

func (r *ranked) len() int {
	n := 0
	for _, rows := range r {
		n += len(rows)
	}
	return n
}

// fitting gives the rows whose names fit what is typed.
func (x *index) fitting(p parts, compare func(text, typed string) int8) ranked {
	x.mu.RLock()
	defer x.mu.RUnlock()
	name, at, folder, of := x.fitsOf(p.name, compare), x.fitsOf(p.workstation, same), x.fitsOf(p.folder, same), x.fitsOf(p.stream, same)
	stream, job, dotted := strings.Cut(p.name, ".")
	dottedStream, dottedJob := x.fitsOf(stream, same), x.fitsOf(job, compare)
	var out ranked
	for i := range x.rows {
		r := &x.rows[i]
		if p.kind == "job" && !r.job || p.kind == "job_stream" && r.job {
			continue
		}
		if !at.all(r.place()) || !folder.all(r.home()) || !of.all(r.ownStream()) {
			continue
		}
		best := name.of(r.name)
		if r.job && best != begins {
			best = sooner(best, shifted(name.of(r.stream), streamBegins, streamHolds))
			if dotted && dottedStream.all(r.stream) {
				best = sooner(best, dottedJob.of(r.name))
			}
		}
		if !p.placed {
			best = sooner(best, shifted(name.of(r.place()), placeBegins, nothing))
		}
		if best != nothing {
			out[best] = append(out[best], uint32(i)) // #nosec G115 -- bounded by Options.Names
		}
	}
	return out
}

// place is the workstation that the row's name in the operator's form begins with.
func (r *row) place() uint32 {
	if r.job && r.streamWorkstation != 0 {
		return r.streamWorkstation
	}
	return r.workstation
}

// home is the folder of the row's job stream.
func (r *row) home() uint32 {
	if r.job {
		return r.streamFolder
	}
	return r.folder
}

// ownStream is the name of the row's job stream, which a job stream is itself.
func (r *row) ownStream() uint32 {
	if r.job {
		return r.stream
	}
	return r.name
}

// meant gives rows for something typed that no name holds: names that it is a slip of, else those whose names and descriptions say it, in either language.
func (x *index) meant(p parts) ranked {
	found := x.slip(twstools.Entity{Type: twstools.EntityName, Name: p.name}, p.kind, "")
	if found.Len() == 0 {
		found = x.search(p.whole, p.kind, "")
	}
	ids := map[string]bool{}
	for i := range found.Jobs {
		ids["j"+found.Jobs[i].Ref.ID] = true
	}
	for i := range found.Streams {
		ids["s"+found.Streams[i].Ref.ID] = true
	}
	var out ranked
	if len(ids) == 0 {
		return out
	}
	at, of := x.fitsOf(p.workstation, same), x.fitsOf(p.stream, same)
	x.mu.RLock()
	defer x.mu.RUnlock()
	for i := range x.rows {
		r := &x.rows[i]
		if (r.job && ids["j"+r.id] || !r.job && ids["s"+r.id]) && at.all(r.place()) && of.all(r.ownStream()) {
			out[loosely] = append(out[loosely], uint32(i)) // #nosec G115 -- bounded by Options.Names
		}
	}
	return out
}

// identity is what two instances of one job or job stream share.
type identity struct {
	job                         bool
	place, home, stream, member uint32
}

func (r *row) identity() identity {
	id := identity{job: r.job, place: r.place(), home: r.home(), stream: r.ownStream()}
	if r.job {
		id.member = r.name
	}
	return id
}

// tell names the rows, each name once. total is -1 where there are too many to count.
func (x *index) tell(hits ranked, limit int) (names []string, total int) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	seen := map[identity]bool{}
	count := hits.len() <= mostTold
	for _, rows := range hits {
		var here []*row
		for _, n := range rows {
			r := &x.rows[n]
			if !count && len(names)+len(here) >= limit {
				break
			}
			if id := r.identity(); !seen[id] {
				seen[id] = true
				here = append(here, r)
			}
		}
		if len(here) > mostSorted {
			here = here[:max(limit, mostSorted)]
		}
		told := make([]string, len(here))
		for i, r := range here {
			told[i] = x.nameOf(r)
		}
		slices.SortFunc(told, func(a, b string) int {
			return cmp.Or(strings.Compare(fold.Text(a), fold.Text(b)), strings.Compare(a, b))
		})
		names = append(names, told[:min(len(told), max(0, limit-len(names)))]...)
	}
	if !count {
		return names, -1
	}
	return names, len(seen)
}

// nameOf is the row's name in the operator's form, whichever instance it is.
func (x *index) nameOf(r *row) string {
	e := x.entity(r)
	e.Sched, e.JobStreamID = time.Time{}, ""
	return e.String(nil)
}

// instances gives the instances of the one name that hits bear, by their times; with the 16-character id where two share one.
func (x *index) instances(hits ranked) []twstools.Entity {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []twstools.Entity
	at := map[int64]int{}
	for _, rows := range hits {
		for _, n := range rows {
			out = append(out, x.entity(&x.rows[n]))
			at[x.rows[n].sched]++
		}
	}
	for i := range out {
		out[i].ShowID = at[seconds(out[i].Sched)] > 1
	}
	slices.SortFunc(out, func(a, b twstools.Entity) int {
		return cmp.Or(a.Sched.Compare(b.Sched), strings.Compare(a.JobStreamID, b.JobStreamID))
	})
	return out
}
