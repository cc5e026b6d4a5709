package handover

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/tools"
)

// maxActs bounds how many acts and changes are told one by one.
const maxActs = 30

// jobsOut is what both calls of find_jobs give.
type jobsOut = tools.FindJobsOut

// takeJobs takes what is cancelled, and what counts as late.
func (b *builder) takeJobs(res Result) {
	o := decode[jobsOut](res)
	if o == nil {
		return
	}
	b.missing(o.Missing)
	h := &b.out.Happened
	if late, _ := res.Arguments["late"].(bool); late {
		for _, j := range o.Jobs {
			l := LateStart{Entity: j.Entity, Status: j.Status, Why: j.Late, Planned: cmp.Or(j.Due, j.SchedTime), Started: j.Start, Source: "plan:" + j.Entity}
			if !slices.Contains(h.Late, l) {
				h.Late = append(h.Late, l)
			}
		}
		return
	}
	for _, j := range o.Jobs {
		h.Cancelled = append(h.Cancelled, Act{Entity: j.Entity, What: "cancelled", After: j.Status, Source: "plan:" + j.Entity})
	}
}

// happened makes the past of the changes: bad ends with who mended them, answers, cancels, other acts.
func (b *builder) happened() {
	acts := []tools.ChangeRow{}
	for _, c := range b.changes {
		if c.Kind == "action" {
			acts = append(acts, c)
		}
	}
	told := b.failures(acts)
	h := &b.out.Happened
	shown := 0
	for _, c := range b.changes {
		if c.Kind == "failed" || c.Kind == "recovered" {
			continue
		}
		a := Act{Entity: c.Entity, What: cmp.Or(c.Field, c.Kind), Before: c.Before, After: c.After, At: c.At, Exact: c.Exact, By: c.By, Source: c.Source}
		switch word := strings.ToLower(a.What + " " + a.After); {
		case c.Kind == "action" && told[c.Source+c.At]:
			continue // told with the job that it mended
		case c.Kind == "action" && strings.Contains(word, "cancel"), c.Kind == "status" && strings.Contains(word, "canc"):
			a.What = "cancelled"
			b.cancelled(a)
		case strings.HasPrefix(strings.ToLower(a.What), "repl") || strings.ToLower(a.What) == "answer":
			h.Answers = append(h.Answers, a)
		case c.Kind == "status" && c.By == "":
			h.More++ // where the plan stands is told by what is open
		case shown < maxActs:
			shown++
			h.Acts = append(h.Acts, a)
		default:
			h.More++
		}
	}
	if unread := h.Total - len(b.changes); unread > 0 {
		h.More += unread
	}
}

// cancelled adds a cancel that has a time, and takes out what the plan's list says of the same object without one.
func (b *builder) cancelled(a Act) {
	h := &b.out.Happened
	h.Cancelled = slices.DeleteFunc(h.Cancelled, func(have Act) bool {
		return have.At == "" && (mentions(a.Entity, have.Entity) || mentions(a.Entity, streamOf(have.Entity)))
	})
	if i := slices.IndexFunc(h.Cancelled, func(have Act) bool { return have.At != "" && mentions(a.Entity, have.Entity) }); i >= 0 {
		if h.Cancelled[i].By == "" {
			h.Cancelled[i].By = a.By
		}
		return
	}
	h.Cancelled = append([]Act{a}, h.Cancelled...)
}

// failures groups bad ends and recoveries by their job. It gives the acts that it told.
func (b *builder) failures(acts []tools.ChangeRow) map[string]bool {
	by, order := map[string]*Failure{}, []string{}
	for _, c := range slices.Backward(b.changes) { // the earliest first
		if c.Kind != "failed" && c.Kind != "recovered" {
			continue
		}
		f := by[c.Entity]
		if f == nil {
			f = &Failure{Entity: c.Entity, Sources: []string{c.Source}}
			by[c.Entity] = f
			order = append(order, c.Entity)
		}
		if c.Kind == "failed" {
			f.Ends++
			f.Last, f.Status, f.Repaired = c.At, c.After, ""
		} else {
			f.Repaired = c.At
			f.Status = cmp.Or(f.Status, c.Before)
		}
	}
	told := map[string]bool{}
	for _, name := range order {
		f := by[name]
		f.Open = f.Repaired == "" && b.needsPerson(name)
		for _, a := range acts {
			if mended(*f, a) {
				f.By, f.Act, f.Note = a.By, a.Field, a.After
				f.Sources = append(f.Sources, a.Source)
				told[a.Source+a.At] = true
				break
			}
		}
		b.out.Happened.Failures = append(b.out.Happened.Failures, *f)
	}
	slices.SortStableFunc(b.out.Happened.Failures, func(x, y Failure) int {
		return cmp.Or(cmp.Compare(rankOf(x), rankOf(y)), cmp.Compare(y.Last, x.Last))
	})
	return told
}

// rankOf puts first what is open, then what is not and nobody mended as far as can be seen, then what is well again.
func rankOf(f Failure) int {
	switch {
	case f.Open:
		return 0
	case f.Repaired == "":
		return 1
	}
	return 2
}

// mended reports whether an act had a job run again, or made it good: it lies between the bad end and the good one.
func mended(f Failure, a tools.ChangeRow) bool {
	word := strings.ToLower(a.Field)
	if f.Repaired == "" || !(strings.Contains(word, "rerun") || strings.Contains(word, "confirm")) || !mentions(a.Entity, f.Entity) {
		return false
	}
	at, ok1 := instant(a.At)
	good, ok2 := instant(f.Repaired)
	bad, ok3 := instant(f.Last)
	return ok1 && ok2 && !at.After(good) && (!ok3 || !at.Before(bad))
}

func instant(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}

// needsPerson reports whether the plan's page lists an object.
func (b *builder) needsPerson(entity string) bool {
	return b.status != nil && slices.ContainsFunc(b.status.NeedsPerson, func(a tools.AttentionRow) bool { return a.Entity == entity })
}

// mentions reports whether the object of an audit record, which may leave out the instance and the folder, is an entity.
func mentions(object, entity string) bool {
	a, b := withoutInstance(object), withoutInstance(entity)
	return a != "" && (a == b || strings.HasSuffix(b, "#"+a) || strings.HasSuffix(a, "#"+b))
}

func withoutInstance(s string) string {
	if i, j := strings.IndexByte(s, '['), strings.IndexByte(s, ']'); i >= 0 && j > i {
		s = s[:i] + s[j+1:]
	}
	return strings.ToUpper(strings.ReplaceAll(s, "/", ""))
}
