package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// finish renames, cuts the arrows that leave the slice, and writes the transcript down.
func (c *capturer) finish() (*Captured, error) {
	r := c.o.Redactor
	if r != nil {
		r.learn(c.w)
		for _, n := range c.elsewhere {
			if strings.Contains(n, ".") {
				r.learnHost(n)
			} else {
				r.learnName(n)
			}
		}
		r.shiftBy(c.o.ShiftWeeks, c.w.AsOf, c.w.Info.TimeZone)
	}
	in := c.inside()
	w := in.walker(r)
	out := &Captured{redactor: r, World: copyOf(w, c.w)}
	kept, left, err := c.transcript(in, w)
	if err != nil {
		return nil, err
	}
	out.Transcript = kept
	out.Manifest = c.manifest(out, left)
	out.Manifest.Failures = copyOf(w, c.fails)
	return out, out.noSecrets()
}

// inside knows what is in the slice, by the engine's own ids.
type inside struct{ objects, runs map[string]bool }

func (c *capturer) inside() inside {
	in := inside{map[string]bool{}, map[string]bool{}}
	for _, x := range c.w.Workstations {
		in.objects[x.Ref.ID] = true
	}
	for _, x := range c.w.JobStreams {
		in.objects[x.Ref.ID] = true
	}
	for _, x := range c.w.Jobs {
		in.objects[x.Ref.ID] = true
		for _, r := range x.Runs {
			in.runs[r.ID] = true
		}
	}
	for _, x := range c.w.Resources {
		in.objects[x.Ref.ID] = true
	}
	for _, x := range c.w.Prompts {
		in.objects[x.Ref.ID] = true
	}
	return in
}

// walker renames, moves time and unbinds: what a dependency, a holder or a prompt points at outside of the slice it only names from now on.
func (in inside) walker(r *Redactor) walker {
	w := walker{
		text: func(k kind, s string) string {
			if k == asText {
				return eachLine(s, maskSecrets)
			}
			return s
		},
		when: func(t time.Time) time.Time { return t.Round(0) },
		ref: func(x twstools.Ref) twstools.Ref {
			if !in.objects[x.ID] {
				return twstools.Ref{}
			}
			return twstools.Ref{Dialect: world.Dialect, ID: x.ID}
		},
	}
	if r != nil {
		w.text, w.when = r.replace, r.moved
		plainRef := w.ref
		w.ref = func(x twstools.Ref) twstools.Ref {
			out := plainRef(x)
			out.ID = r.id(out.ID)
			return out
		}
	}
	return w
}

func eachLine(s string, f func(string) string) string {
	lines := strings.SplitAfter(s, "\n")
	for i, l := range lines {
		lines[i] = f(l)
	}
	return strings.Join(lines, "")
}

// transcript writes down the calls whose answer is wholly in the capsule; left counts the others.
func (c *capturer) transcript(in inside, w walker) (kept Transcript, left int, err error) {
	left = c.t.lost
	for _, k := range slices.Sorted(maps.Keys(c.t.calls)) {
		x := c.t.calls[k]
		if !in.holds(x) || x.err != nil && !lasting(x.err) || c.part[x.op] {
			left++
			continue
		}
		if c.o.Redactor != nil {
			ok := false
			if x, ok = c.o.Redactor.question(x); !ok {
				left++
				continue
			}
		}
		x.args = copyOf(w, x.args)
		if x.answer != nil && x.err == nil {
			x.answer = copyOf[any](w, x.answer)
		}
		e, err := x.entry()
		if err != nil {
			return nil, 0, err
		}
		e.Error = w.text(asText, e.Error)
		kept = append(kept, e)
	}
	slices.SortFunc(kept, func(a, b Entry) int { return strings.Compare(key(a.Op, a.Args), key(b.Op, b.Args)) })
	return kept, left, nil
}

// lasting reports whether an error is an answer, and not a mishap of that moment.
func lasting(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unsupported) || fault.Is(err, fault.Invalid)
}

// holds reports whether a call asks and answers about the slice alone.
func (in inside) holds(x call) bool {
	if x.args.Ref != "" && !in.objects[x.args.Ref] || x.args.Run != "" && !in.runs[x.args.Run] {
		return false
	}
	if x.err != nil {
		return true
	}
	switch a := x.answer.(type) {
	case twstools.List[twstools.Job]:
		return !a.Incomplete && all(a.Items, func(j twstools.Job) bool { return in.objects[j.Ref.ID] })
	case twstools.List[twstools.JobStream]:
		return !a.Incomplete && all(a.Items, func(s twstools.JobStream) bool { return in.objects[s.Ref.ID] })
	case twstools.List[twstools.Workstation]:
		return !a.Incomplete && all(a.Items, func(s twstools.Workstation) bool { return in.objects[s.Ref.ID] })
	case twstools.List[twstools.Resource]:
		return !a.Incomplete && all(a.Items, func(s twstools.Resource) bool { return in.objects[s.Ref.ID] })
	case twstools.List[twstools.Prompt]:
		return !a.Incomplete && all(a.Items, func(s twstools.Prompt) bool { return in.objects[s.Ref.ID] })
	case twstools.List[twstools.CriticalJob]:
		return !a.Incomplete && all(a.Items, func(s twstools.CriticalJob) bool { return in.objects[s.Job.Ref.ID] })
	case []twstools.Neighbour:
		return all(a, func(n twstools.Neighbour) bool {
			return n.Job != nil && in.objects[n.Job.Ref.ID] || n.JobStream != nil && in.objects[n.JobStream.Ref.ID]
		})
	}
	return true
}

func all[T any](items []T, ok func(T) bool) bool {
	return !slices.ContainsFunc(items, func(x T) bool { return !ok(x) })
}

// question renames the constants of a filter. false: a pattern would not fit the same names any more, or an order by name another page.
func (r *Redactor) question(x call) (call, bool) {
	if len(x.args.Order) > 0 && !complete(x) || strings.ContainsAny(x.args.Pattern, "@?*") && strings.Trim(x.args.Pattern, "@") != "" {
		return x, false
	}
	if x.where == nil {
		return x, true
	}
	where, ok := r.filter(x.where)
	if !ok {
		return x, false
	}
	text, err := query.Print(query.Query{Where: where})
	if err != nil {
		return x, false
	}
	x.args.Where = text
	return x, true
}

// complete reports whether a list is the whole of what was asked for.
func complete(x call) bool {
	n, total := -1, -1
	switch a := x.answer.(type) {
	case twstools.List[twstools.Job]:
		n, total = len(a.Items), a.Total
	case twstools.List[twstools.JobStream]:
		n, total = len(a.Items), a.Total
	case twstools.List[twstools.Workstation]:
		n, total = len(a.Items), a.Total
	case twstools.List[twstools.Resource]:
		n, total = len(a.Items), a.Total
	case twstools.List[twstools.Prompt]:
		n, total = len(a.Items), a.Total
	}
	return x.args.Offset == 0 && n >= 0 && n == total
}

// filterKinds says what the constants of a filter's field are. A string field that is not here cannot be renamed.
var filterKinds = map[string]kind{
	"id": asID, "jobStreamId": asID, "jobId": asID, "name": asJob, "jobStreamName": asStream, "workstation": asWorkstation, "jobStreamWorkstation": asWorkstation, "folder": asFolder,
	"jobruns.commonStatus": keep, "jobruns.compositeStatus.status": keep, "commonStatus": keep, "compositeStatus.status": keep, "status": keep, "type": keep, "activeStates": keep,
	"internalIdentifier": asStreamID, "jobStreamInternalIdentifier": asStreamID, "jobruns.actualWorkstation": asWorkstation, "alertLevel": keep, "jobruns.rerunType": keep,
}

func (r *Redactor) filter(x query.Expr) (query.Expr, bool) {
	switch x := x.(type) {
	case query.And:
		parts, ok := r.filters(x)
		return query.And(parts), ok
	case query.Or:
		parts, ok := r.filters(x)
		return query.Or(parts), ok
	case query.Not:
		part, ok := r.filter(x.X)
		return query.Not{X: part}, ok
	case query.Term:
		out := query.Term{Field: x.Field, Op: x.Op}
		for _, v := range x.Values {
			switch v := v.(type) {
			case string:
				k, known := filterKinds[x.Field]
				if !known || (x.Op == query.Like || x.Op == query.NotLike) && k != keep {
					return nil, false
				}
				out.Values = append(out.Values, r.replace(k, v))
			case time.Time:
				out.Values = append(out.Values, r.moved(v))
			default:
				out.Values = append(out.Values, v)
			}
		}
		return out, true
	}
	return nil, x == nil
}

func (r *Redactor) filters(xs []query.Expr) ([]query.Expr, bool) {
	var out []query.Expr
	for _, x := range xs {
		y, ok := r.filter(x)
		if !ok {
			return nil, false
		}
		out = append(out, y)
	}
	return out, true
}

// noSecrets reads everything once more. Whatever looks like a secret now stands where masking must not reach: in a name.
func (c *Captured) noSecrets() error {
	var found []string
	look := func(where string) func(kind, string) {
		return func(k kind, s string) {
			for l := range strings.SplitSeq(s, "\n") {
				if k != keep && k != asID && holdsSecret(l) && len(found) < 5 {
					found = append(found, fmt.Sprintf("a %s in the %s", string(k), where))
				}
			}
		}
	}
	walkStrings(c.World, look("world"))
	for _, e := range c.Transcript {
		for l := range strings.SplitSeq(e.Error, "\n") {
			if holdsSecret(l) {
				found = append(found, "an error in the transcript")
			}
		}
	}
	if len(found) > 0 {
		return fault.New(fault.Forbidden, "The capture is not written: it still holds what looks like a secret (%s).", strings.Join(found, "; ")).
			WithHint("A secret within an object's name cannot be masked; rename the object, or leave it out of the roots.")
	}
	return nil
}
