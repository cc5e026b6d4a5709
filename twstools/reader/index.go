package reader

import (
	"hash/maphash"
	"iter"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// index holds the words of all names and descriptions, small enough for a plan of 500,000 jobs: texts are kept once, rows refer to them by number.
// What it gives of an object is its identity; its state is read afresh by whoever found it. Safe for concurrent use.
type index struct {
	mu       sync.RWMutex
	made     time.Time
	rows     []row
	held     map[uint64]struct{} // hashes of the rows' ids
	seed     maphash.Seed
	texts    table
	words    table
	arena    []uint32     // words of rows, one row after the other
	postings [][]uint32   // rows by word
	known    []known      // what is compared of the words
	meaning  map[int]int  // rows that hold a word of a concept
	ref      twstools.Ref // of any object: engine and dialect are those of all
	newest   time.Time    // the latest start or end of any run
	jobs     int
	complete bool
	// told are the words of the descriptions of job streams, by the number of the stream's name; described says that they were asked for.
	told      map[uint32][]uint32
	described bool
}

// row is one job or job stream.
type row struct {
	id                                      string
	sched                                   int64 // Unix seconds; noSched
	first                                   uint32
	inName, inContext                       uint16
	job                                     bool
	name, alias, folder, workstation        uint32 // texts
	stream, streamFolder, streamWorkstation uint32
	streamRef, streamID                     uint32
}

const noSched = math.MinInt64

// table numbers strings.
type table struct {
	list    []string
	numbers map[string]uint32
}

func newTable() table { return table{list: []string{""}, numbers: map[string]uint32{"": 0}} }

func (t *table) number(s string) uint32 {
	n, ok := t.numbers[s]
	if !ok {
		n = uint32(len(t.list)) // #nosec G115 -- far fewer strings than that fit into memory
		t.list = append(t.list, s)
		t.numbers[s] = n
	}
	return n
}

func newIndex(made time.Time) *index {
	return &index{made: made, held: map[uint64]struct{}{}, seed: maphash.MakeSeed(), texts: newTable(), words: newTable(), postings: [][]uint32{nil}, known: []known{{}}, meaning: map[int]int{}, told: map[uint32][]uint32{}, complete: true}
}

// addJobs adds the jobs that it does not hold yet and gives how many those were.
func (x *index) addJobs(jobs []twstools.Job) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	before := x.jobs
	for i := range jobs {
		j := &jobs[i]
		for _, r := range j.Runs {
			for _, t := range []time.Time{r.Start, r.End} {
				if t.After(x.newest) {
					x.newest = t
				}
			}
		}
		if !x.fresh("j" + j.Ref.ID) {
			continue
		}
		x.jobs++
		x.ref = j.Ref
		n := x.texts.number
		x.add(row{id: j.Ref.ID, sched: seconds(j.SchedTime), job: true, name: n(j.Name), folder: n(j.Folder), workstation: n(j.Workstation), stream: n(j.Stream),
			streamFolder: n(j.StreamFolder), streamWorkstation: n(j.StreamWorkstation), streamRef: n(j.StreamRef.ID), streamID: n(j.JobStreamID)},
			words(j.Name), words(j.Definition.Description+" "+j.Stream))
	}
	return x.jobs - before
}

// addStreams adds the job streams that it does not hold yet.
func (x *index) addStreams(streams []twstools.JobStream) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range streams {
		s := &streams[i]
		if !x.fresh("s" + s.Ref.ID) {
			continue
		}
		x.ref = s.Ref
		n := x.texts.number
		x.add(row{id: s.Ref.ID, sched: seconds(s.SchedTime), name: n(s.Name), alias: n(s.Alias), folder: n(s.Folder), workstation: n(s.Workstation), streamID: n(s.InternalID)},
			words(s.Name+" "+s.Alias), words(s.ServiceName))
	}
}

// fresh reports whether an id is new, and takes it. Two ids with one hash would lose a row in 10^7 plans of 500,000 jobs.
func (x *index) fresh(id string) bool {
	h := maphash.String(x.seed, id)
	_, held := x.held[h]
	x.held[h] = struct{}{}
	return !held
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return noSched
	}
	return t.Unix()
}

func instant(s int64) time.Time {
	if s == noSched {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

func (x *index) add(r row, name, context []string) {
	n := uint32(len(x.rows))                                                                         // #nosec G115 -- bounded by Options.Names
	r.first, r.inName, r.inContext = uint32(len(x.arena)), bounded(len(name)), bounded(len(context)) // #nosec G115 -- as above
	meant := map[int]bool{}
	for _, list := range [][]string{name[:r.inName], context[:r.inContext]} {
		for _, w := range list {
			id := x.word(w)
			x.arena = append(x.arena, id)
			if p := x.postings[id]; len(p) == 0 || p[len(p)-1] != n {
				x.postings[id] = append(p, n)
			}
			for _, concept := range x.known[id].ids {
				if !meant[concept] {
					meant[concept] = true
					x.meaning[concept]++
				}
			}
		}
	}
	x.rows = append(x.rows, r)
}

// bounded: a description with more words than this names nothing by the rest.
func bounded(n int) uint16 { return uint16(min(n, 1000)) } // #nosec G115 -- bounded here

// nameWords and contextWords are the words of a row, by number.
func (x *index) nameWords(r *row) []uint32 { return x.arena[r.first : r.first+uint32(r.inName)] }
func (x *index) contextWords(r *row) []uint32 {
	from := r.first + uint32(r.inName)
	own := x.arena[from : from+uint32(r.inContext)]
	if told := x.told[r.name]; len(told) > 0 && !r.job {
		return slices.Concat(own, told)
	}
	return own
}

// asJob gives a row's job: its identity, and nothing of its state.
func (x *index) asJob(r *row) twstools.Job {
	t := x.texts.list
	j := twstools.Job{Ref: x.ref, Name: t[r.name], Folder: t[r.folder], Workstation: t[r.workstation], Stream: t[r.stream], StreamFolder: t[r.streamFolder],
		StreamWorkstation: t[r.streamWorkstation], JobStreamID: t[r.streamID], SchedTime: instant(r.sched)}
	j.Ref.ID = r.id
	if id := t[r.streamRef]; id != "" {
		j.StreamRef = x.ref
		j.StreamRef.ID = id
	}
	return j
}

// asStream gives a row's job stream: its identity, and nothing of its state.
func (x *index) asStream(r *row) twstools.JobStream {
	t := x.texts.list
	s := twstools.JobStream{Ref: x.ref, Name: t[r.name], Alias: t[r.alias], Folder: t[r.folder], Workstation: t[r.workstation], InternalID: t[r.streamID], SchedTime: instant(r.sched)}
	s.Ref.ID = r.id
	return s
}

func (x *index) entity(r *row) twstools.Entity {
	if r.job {
		return x.asJob(r).Entity()
	}
	return x.asStream(r).Entity()
}

// named gives the rows whose name fits; fits is asked once per name.
func (x *index) named(fits func(name string) bool) iter.Seq[*row] {
	return func(yield func(*row) bool) {
		known := map[uint32]bool{}
		for i := range x.rows {
			r := &x.rows[i]
			ok, asked := known[r.name]
			if !asked {
				ok = fits(x.texts.list[r.name])
				known[r.name] = ok
			}
			if ok && !yield(r) {
				return
			}
		}
	}
}

// size gives the number of rows and whether they are all.
func (x *index) size() (rows int, complete bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.rows), x.complete
}

func (x *index) setComplete(complete bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.complete = complete
	if complete { // what it grew by doubling is not needed any more
		x.rows, x.arena = slices.Clip(slices.Clone(x.rows)), slices.Clip(slices.Clone(x.arena))
	}
}

func (x *index) lastMove() time.Time {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.newest
}

// otherCase finds the typed name whatever the case of its letters.
func (x *index) otherCase(e twstools.Entity, kind string) Found {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found := Found{By: "entity"}
	wanted := func(have string) bool { return matches(have, e.Job) || matches(have, e.Stream) }
	if e.Type == twstools.EntityName {
		found.By = "name"
		wanted = func(have string) bool { return sameName(have, e.Name) }
	}
	for r := range x.named(wanted) {
		if r.job && kind != "job_stream" {
			if j := x.asJob(r); e.Type == twstools.EntityName || e.Type == twstools.EntityJob && fitsJob(j, e) {
				found.Jobs = append(found.Jobs, j)
			}
		}
		if !r.job && kind != "job" {
			if s := x.asStream(r); e.Type == twstools.EntityName || e.Type == twstools.EntityJobStream && fitsStream(s, e) {
				found.Streams = append(found.Streams, s)
			}
		}
	}
	return found
}
