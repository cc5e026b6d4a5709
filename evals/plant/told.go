package plant

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

const minute = time.Minute

// Facts are what the world tells of some things: their instants, durations and whole numbers. An answer that speaks of them may say these.
type Facts struct {
	Times   []time.Time
	Spans   []time.Duration
	Numbers map[string]bool // decimal, as written in fields and logs
	Clocks  map[string]bool // times of day that stand in logs and texts, hh:mm
	pairs   []time.Duration // between two instants of one thing
}

// Told collects the facts of things: their own fields, the last logs of jobs, the job streams that they belong to, and what they wait for.
func (p *Plant) Told(things ...Thing) *Facts {
	f := &Facts{Numbers: map[string]bool{}, Clocks: map[string]bool{}, Times: []time.Time{p.World.AsOf}}
	seen := map[string]bool{}
	for _, t := range things {
		p.tell(f, t, seen)
		if t.Job != nil || t.JobStream != nil {
			then := p.gather(p.before(t)...) // what archived plans hold of it
			f.Times, f.Spans = append(f.Times, then.times...), append(f.Spans, then.spans...)
		}
		if t.Job != nil {
			p.tell(f, p.byRef[t.Job.StreamRef.ID], seen)
		}
		for _, x := range p.needed(t) {
			p.tell(f, x, seen)
		}
	}
	return f
}

// needed are the resources, prompts and files that a job or job stream waits for, and the workstation where it runs.
func (p *Plant) needed(t Thing) []Thing {
	var out []Thing
	var ds []twstools.Dependency
	if t.Job != nil {
		ds = t.Job.Dependencies
		if w, ok := p.workstation(t.Job.Workstation); ok {
			out = append(out, w)
		}
	}
	if t.JobStream != nil {
		ds = t.JobStream.Dependencies
	}
	for _, d := range ds {
		if d.Type == twstools.DepPrompt {
			if x, ok := p.prompt(twstools.PromptEntity("", d.Prompt, d.PromptNumber).String(p.Zone)); ok {
				out = append(out, x)
			}
		}
		if d.Type == twstools.DepResource {
			e := twstools.Entity{Type: twstools.EntityResource, Folder: d.ResourceFolder, Workstation: d.Workstation, Name: d.Resource}
			if x, ok := p.resource(e.String(p.Zone)); ok {
				out = append(out, x)
			}
		}
	}
	return out
}

func (p *Plant) tell(f *Facts, t Thing, seen map[string]bool) {
	if t.Object == nil && t.More == nil || seen[p.node(t)] {
		return
	}
	seen[p.node(t)] = true
	got := p.gather(append([]any{t.Object}, t.More...)...)
	f.Spans = append(f.Spans, got.spans...)
	for i, a := range got.times {
		f.Times = append(f.Times, a)
		for _, b := range got.times[i+1:] {
			f.pairs = append(f.pairs, b.Sub(a).Abs())
		}
		f.pairs = append(f.pairs, p.World.AsOf.Sub(a).Abs())
	}
	for w := range got.words {
		f.read(w)
	}
	if t.Job != nil {
		for _, r := range t.Job.Runs {
			if l, ok := p.logs[r.ID]; ok {
				for _, line := range l.Lines {
					f.read(line)
				}
			}
		}
	}
}

var (
	number = regexp.MustCompile(`\d+`)
	clock  = regexp.MustCompile(`\b([01]?\d|2[0-3]):([0-5]\d)`)
)

// read takes the numbers and times of day of a text.
func (f *Facts) read(text string) {
	for _, n := range number.FindAllString(text, -1) {
		if n = strings.TrimLeft(n, "0"); n == "" {
			n = "0"
		}
		f.Numbers[n] = true
	}
	for _, m := range clock.FindAllStringSubmatch(text, -1) {
		f.Clocks[pad(m[1])+":"+m[2]] = true
	}
}

func pad(hour string) string {
	if len(hour) == 1 {
		return "0" + hour
	}
	return hour
}

// HasClock reports whether a time of day is one of the facts', seen in any of the zones; rounding to the minute is allowed.
func (f *Facts) HasClock(hour, min int, zones ...*time.Location) bool {
	if f.Clocks[time.Date(2000, 1, 1, hour, min, 0, 0, time.UTC).Format("15:04")] {
		return true
	}
	for _, t := range f.Times {
		for _, z := range zones {
			for _, r := range []time.Time{t.In(z), t.In(z).Add(30 * time.Second)} {
				if r.Hour() == hour && r.Minute() == min {
					return true
				}
			}
		}
	}
	return false
}

// HasSpan reports whether a duration is one of the facts', or lies between two instants of one thing or one of them and now. By is how
// coarsely it was said.
func (f *Facts) HasSpan(d, by time.Duration) bool {
	ok := func(x time.Duration) bool { return near(x-d, max(by, slack)) }
	return slices.ContainsFunc(f.Spans, ok) || slices.ContainsFunc(f.pairs, ok)
}

// Counts reports whether a number is that of the jobs or job streams of the world that share a status, a job stream or a workstation.
func (p *Plant) Counts(n int) bool {
	by := map[string]int{}
	for i := range p.World.Jobs {
		j := &p.World.Jobs[i]
		for _, key := range []string{"jobs", "status " + j.Status.Internal, "stream " + j.StreamRef.ID, "on " + j.Workstation, j.StreamRef.ID + " " + j.Status.Internal, j.Workstation + " " + j.Status.Internal} {
			by[key]++
		}
	}
	for i := range p.World.JobStreams {
		s := &p.World.JobStreams[i]
		by["streams"]++
		by["streams "+s.Status.Internal]++
	}
	by["workstations"] = len(p.World.Workstations)
	return slices.Contains(slices.Collect(maps.Values(by)), n)
}

// corpus is everything that the world says, to look for paths, message ids and addresses in.
func (p *Plant) corpus() string {
	var b strings.Builder
	for _, v := range []any{p.World.Info, p.World.PlanID, p.World.Workstations, p.World.Resources, p.World.Prompts, p.World.JobStreams, p.World.Jobs, p.World.Audit, p.World.Events,
		p.World.StreamDefinitions, p.World.JobDefinitions} {
		for w := range p.gather(v).words {
			b.WriteString(w + "\n")
		}
	}
	for _, l := range p.logs {
		b.WriteString(l.Source + "\n" + Fold(strings.Join(l.Lines, "\n")) + "\n")
	}
	for name, full := range p.World.Mailboxes {
		b.WriteString(name + " " + strconv.Itoa(full) + "\n")
	}
	return strings.ToUpper(b.String())
}

// Says reports whether a text occurs anywhere in the world, whatever its case.
func (p *Plant) Says(text string) bool {
	return strings.Contains(p.text(), strings.ToUpper(Fold(text)))
}

// Users are the ids of people in the audit, ordered: whom an answer may name as having done something.
func (p *Plant) Users() []string {
	var out []string
	for _, r := range p.World.Audit {
		if r.User != "" && !slices.Contains(out, r.User) {
			out = append(out, r.User)
		}
	}
	slices.Sort(out)
	return out
}

// Words are all words by which prose may mention a thing of the world, each with what it may mean.
func (p *Plant) Words() map[string][]Thing { return p.called() }

func (p *Plant) byWord() map[string][]Thing {
	out := maps.Clone(p.byName)
	keep := func(t Thing, ok bool) {
		if !ok {
			return
		}
		for _, w := range []string{p.Word(t), p.Text(t)} {
			if !slices.ContainsFunc(out[w], func(o Thing) bool { return p.Identical(o, t) }) {
				out[w] = append(slices.Clone(out[w]), t)
			}
		}
	}
	for _, w := range p.World.Workstations {
		keep(p.workstation(w.Name))
	}
	for _, r := range p.World.Resources {
		keep(p.resource(p.Text(Thing{Entity: r.Entity()})))
	}
	for _, r := range p.World.Prompts {
		keep(p.prompt(p.Text(Thing{Entity: r.Entity()})))
	}
	files := func(ds []twstools.Dependency) {
		for _, d := range ds {
			if d.Type == twstools.DepFile {
				keep(p.file(d.Workstation + "#" + d.File))
			}
		}
	}
	for i := range p.World.JobStreams {
		files(p.World.JobStreams[i].Dependencies)
	}
	for i := range p.World.Jobs {
		files(p.World.Jobs[i].Dependencies)
	}
	return out
}
