package reader

import (
	"cmp"
	"context"
	_ "embed"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

//go:embed synonyms.yaml
var synonymsYAML []byte

// entry is one searchable object.
type entry struct {
	job     *twstools.Job
	stream  *twstools.JobStream
	name    []string // words of the name
	context []string // words of description, stream name and service
}

// index holds the words of all names and descriptions at one moment.
type index struct {
	made      time.Time
	entries   []entry
	frequency map[string]int // entries that hold a word
	meaning   map[int]int    // entries that hold a word of a concept
	newest    time.Time      // the latest start or end of any run
	complete  bool
}

// names gives the index, read afresh when it is older than a minute. Concurrent callers wait for one reading.
func (f *Finder) names(ctx context.Context) (*index, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index != nil && f.clock().Sub(f.index.made) < indexAge {
		return f.index, nil
	}
	idx := &index{made: f.clock(), frequency: map[string]int{}, meaning: map[int]int{}, complete: true}
	for offset := 0; offset < indexRows; offset += indexPage {
		page, err := f.engine.Jobs(ctx, twstools.ListQuery{Limit: indexPage, Offset: offset})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			idx.addJob(&page.Items[i])
		}
		if len(page.Items) < indexPage {
			break
		}
		idx.complete = offset+indexPage < indexRows
	}
	streams, err := f.engine.JobStreams(ctx, twstools.ListQuery{Limit: indexPage})
	if err == nil {
		for i := range streams.Items {
			idx.addStream(&streams.Items[i])
		}
	}
	if len(idx.entries) == 0 && err != nil {
		return nil, err
	}
	f.index = idx
	return idx, nil
}

// Empty reports whether the plan that was read holds no job and no job stream at all.
func (f *Finder) Empty(ctx context.Context) (bool, error) {
	idx, err := f.names(ctx)
	if err != nil {
		return false, err
	}
	return len(idx.entries) == 0, nil
}

// Newest gives the latest start or end of any run that the index holds: when the plan last moved, as far as its copy shows.
func (f *Finder) Newest(ctx context.Context) (time.Time, error) {
	idx, err := f.names(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return idx.newest, nil
}

func (x *index) addJob(j *twstools.Job) {
	for _, r := range j.Runs {
		for _, t := range []time.Time{r.Start, r.End} {
			if t.After(x.newest) {
				x.newest = t
			}
		}
	}
	x.add(entry{job: j, name: words(j.Name), context: words(j.Definition.Description + " " + j.Stream)})
}

func (x *index) addStream(s *twstools.JobStream) {
	x.add(entry{stream: s, name: words(s.Name + " " + s.Alias), context: words(s.ServiceName)})
}

func (x *index) add(e entry) {
	seen, meant := map[string]bool{}, map[int]bool{}
	for _, w := range slices.Concat(e.name, e.context) {
		if !seen[w] {
			seen[w] = true
			x.frequency[w]++
		}
		for _, id := range concepts()[w] {
			if !meant[id] {
				meant[id] = true
				x.meaning[id]++
			}
		}
	}
	x.entries = append(x.entries, e)
}

// minimum share of the question's weight that an object must cover to be meant by it.
const coverage = 0.6

type scored struct {
	entry
	score float64
}

// search ranks objects by how much of the text their words cover, rare words counting more, and gives those that are about as good as
// the best one. hint are further words of the question: they choose between objects that fit the text alike, and carry an object whose
// own words the text names only in part.
func (x *index) search(text, kind, hint string) Found {
	terms, further := words(text), words(hint)
	out := Found{By: "description"}
	if len(terms) == 0 {
		terms, further = further, nil
	}
	if len(terms) == 0 {
		return out
	}
	var hits []scored
	for _, e := range x.entries {
		if kind == "job" && e.job == nil || kind == "job_stream" && e.stream == nil {
			continue
		}
		own := x.score(terms, e)
		whole := own
		if len(further) > 0 && own > 0 {
			whole = x.score(slices.Concat(terms, further), e)
		}
		if own < coverage && whole < coverage {
			continue
		}
		hits = append(hits, scored{e, own + hintWeight*(whole-own)})
	}
	slices.SortStableFunc(hits, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	for _, h := range hits {
		if h.score < hits[0].score*0.93 || out.Len() >= 40 {
			break
		}
		if h.job != nil {
			out.Jobs = append(out.Jobs, *h.job)
		} else {
			out.Streams = append(out.Streams, *h.stream)
		}
	}
	return out
}

// hintWeight is how much the question's further words move an object's score.
const hintWeight = 0.6

// score is the weighted share of the terms that the entry's words cover, 0 to about 1.1; a word in the name counts a little more.
func (x *index) score(terms []string, e entry) float64 {
	var got, all float64
	for _, t := range terms {
		weight := x.weight(t)
		all += weight
		got += weight * max(1.08*bestMatch(t, e.name), bestMatch(t, e.context))
	}
	if all == 0 {
		return 0
	}
	// Among objects that cover the same words, the one that says less besides is meant.
	extra := float64(len(e.context)+len(e.name)) / 400
	return got/all - min(extra, 0.05)
}

// weight is the inverse frequency of a word and its synonyms: "ledger" tells more than "load".
func (x *index) weight(term string) float64 {
	n := x.frequency[term]
	for _, id := range concepts()[term] {
		n = max(n, x.meaning[id])
	}
	return 1 + math.Log(float64(len(x.entries)+1)/float64(n+1))
}

// likely lists up to five objects that some of the words fit, for the asker to choose from; none of them is assumed.
func (x *index) likely(text, hint string, zone *time.Location) []string {
	terms := slices.Concat(words(text), words(hint))
	if len(terms) == 0 {
		return nil
	}
	var hits []scored
	for _, e := range x.entries {
		if s := x.score(terms, e); s >= coverage/2 {
			hits = append(hits, scored{e, s})
		}
	}
	slices.SortStableFunc(hits, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var out []string
	for _, h := range hits[:min(5, len(hits))] {
		if h.job != nil {
			out = append(out, untrusted.Normalize(h.job.Entity().String(zone)))
		} else {
			out = append(out, untrusted.Normalize(h.stream.Entity().String(zone)))
		}
	}
	return out
}

// near lists up to five names close to the typed one, as the operator writes them.
func (x *index) near(e twstools.Entity, zone *time.Location) []string {
	want := strings.ToLower(cmp.Or(e.Job, e.Name, e.Stream))
	if want == "" {
		return nil
	}
	type near struct {
		name string
		d    int
	}
	var all []near
	for _, en := range x.entries {
		name, entity := "", ""
		if en.job != nil {
			name, entity = en.job.Name, untrusted.Normalize(en.job.Entity().String(zone))
		} else {
			name, entity = en.stream.Name, untrusted.Normalize(en.stream.Entity().String(zone))
		}
		d := distance(strings.ToLower(name), want)
		if d <= max(2, len(want)/3) || strings.Contains(strings.ToLower(name), want) {
			all = append(all, near{entity, d})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Or(a.d-b.d, strings.Compare(a.name, b.name)) })
	var out []string
	for _, n := range all[:min(5, len(all))] {
		out = append(out, n.name)
	}
	return out
}
