package plan

import (
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// folded makes one difference of the jobs of a stream's instance that is new or gone as a whole.
func folded(ds []Difference, before, after []Facet) []Difference {
	all := map[ChangeKind]map[string]int{ChangeGone: instances(before), ChangeNew: instances(after)}
	fresh := map[string]int{}
	for _, d := range ds {
		if f := d.one(); f != nil && f.Entity.Type == twstools.EntityJob {
			fresh[string(d.Kind)+f.instance()]++
		}
	}
	var out []Difference
	told := map[string]bool{}
	for _, d := range ds {
		f := d.one()
		if f == nil || f.Entity.Type != twstools.EntityJob {
			out = append(out, d)
			continue
		}
		id := string(d.Kind) + f.instance()
		n := fresh[id]
		switch {
		case n < 2 || n < all[d.Kind][f.instance()]:
			out = append(out, d)
		case !told[id]:
			told[id] = true
			out = append(out, ofStream(d, n))
		}
	}
	return out
}

// one is the facet of what is new or gone, nil for what differs otherwise.
func (d Difference) one() *Facet {
	switch d.Kind {
	case ChangeGone:
		return d.Before
	case ChangeNew:
		return d.After
	}
	return nil
}

func instances(fs []Facet) map[string]int {
	out := map[string]int{}
	for _, f := range fs {
		if f.Entity.Type == twstools.EntityJob {
			out[f.instance()]++
		}
	}
	return out
}

// instance is the job stream's instance that a job belongs to.
func (f *Facet) instance() string {
	e := f.Entity
	return strings.ToUpper(strings.Join([]string{e.Workstation, strings.TrimSuffix(e.Folder, "/"), e.Stream, e.JobStreamID, f.Sched.Format(time.RFC3339)}, "|"))
}

func ofStream(d Difference, jobs int) Difference {
	f := *d.one()
	f.Entity.Type, f.Entity.Job, f.Start = twstools.EntityJobStream, "", time.Time{}
	out := Difference{Kind: d.Kind, Field: "jobs"}
	if d.Kind == ChangeGone {
		out.Before, out.Old = &f, strconv.Itoa(jobs)
	} else {
		out.After, out.New = &f, strconv.Itoa(jobs)
	}
	return out
}
