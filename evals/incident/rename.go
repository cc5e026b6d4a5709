package incident

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// fixed are names that the product itself gives at every plant; they mean something and are not changed.
var fixed = regexp.MustCompile(`^(FINAL|FINALPOSTREPORTS|STARTAPPSERVER|MAKEPLAN|SWITCHPLAN|CHECKSYNC|CREATEPOSTREPORTS|UPDATESTATS)$`)

var (
	wordOf = regexp.MustCompile(`[A-Z]{2,}`)
	onsets = strings.Fields("B BR C CL D DR F FL G GR H K KR L M N P PL PR R S SK ST T TR V Z")
	vowels = strings.Fields("A E I O U")
	codas  = strings.Fields("L M N R S X T K")
)

// names gives every object of a plant another name, the same everywhere it is mentioned. What the objects are for stays: descriptions, services,
// contacts, hosts and paths are not names.
type names struct {
	words map[string]string // old word to new
	old   map[string]string // new name to old, whole names
}

// rename changes the definitions in place. With a nil source nothing is changed.
func rename(defs *sim.Definitions, r *rand.Rand) *names {
	n := &names{words: map[string]string{}, old: map[string]string{}}
	if r != nil {
		n.learn(defs, r)
	}
	n.plant(defs)
	for i := range defs.Streams {
		n.stream(&defs.Streams[i])
	}
	return n
}

// learn draws a new word for every word that occurs in a name.
func (n *names) learn(defs *sim.Definitions, r *rand.Rand) {
	all := map[string]bool{}
	take := func(name string) {
		if !fixed.MatchString(name) {
			for _, w := range wordOf.FindAllString(name, -1) {
				all[w] = true
			}
		}
	}
	for _, w := range defs.Workstations {
		take(w.Name)
	}
	for _, x := range defs.Resources {
		take(x.Name)
	}
	for _, x := range defs.Prompts {
		take(x.Name)
	}
	for _, s := range defs.Streams {
		take(s.Name)
		for _, j := range s.Jobs {
			take(j.Name)
		}
	}
	used := map[string]bool{}
	for _, w := range slices.Sorted(maps.Keys(all)) {
		fresh := ""
		for fresh == "" || used[fresh] || all[fresh] || fixed.MatchString(fresh) {
			fresh = word(r, len(w))
		}
		used[fresh] = true
		n.words[w] = fresh
	}
}

// word makes a word of about so many letters that can be spoken.
func word(r *rand.Rand, length int) string {
	var b strings.Builder
	for b.Len() < max(length, 3) {
		b.WriteString(onsets[r.IntN(len(onsets))])
		b.WriteString(vowels[r.IntN(len(vowels))])
		if r.IntN(3) == 0 {
			b.WriteString(codas[r.IntN(len(codas))])
		}
	}
	return b.String()[:max(length, 3)]
}

// name gives the new name of an old one.
func (n *names) name(old string) string {
	if old == "" || fixed.MatchString(old) {
		n.old[old] = old
		return old
	}
	fresh := wordOf.ReplaceAllStringFunc(old, func(w string) string {
		if x, ok := n.words[w]; ok {
			return x
		}
		return w
	})
	n.old[fresh] = old
	return fresh
}

// dotted renames STREAM.JOB, WS#NAME and lists of such.
func (n *names) dotted(old string) string {
	for _, sep := range []string{"#", "."} {
		if a, b, ok := strings.Cut(old, sep); ok {
			return n.name(a) + sep + n.name(b)
		}
	}
	return n.name(old)
}

func (n *names) plant(d *sim.Definitions) {
	d.Plan.Master = n.name(d.Plan.Master)
	for i := range d.Workstations {
		w := &d.Workstations[i]
		w.Name, w.Host = n.name(w.Name), n.name(w.Host)
		for k := range w.Members {
			w.Members[k] = n.name(w.Members[k])
		}
	}
	for i := range d.Resources {
		d.Resources[i].Name, d.Resources[i].On = n.name(d.Resources[i].Name), n.name(d.Resources[i].On)
	}
	for i := range d.Prompts {
		d.Prompts[i].Name = n.name(d.Prompts[i].Name)
	}
	for i := range d.Arrivals {
		d.Arrivals[i].On = n.name(d.Arrivals[i].On)
	}
}

func (n *names) stream(s *sim.Stream) {
	s.Name, s.On, s.JobsOn = n.name(s.Name), n.name(s.On), n.name(s.JobsOn)
	if s.StartWhen != nil {
		s.StartWhen.On, s.StartWhen.Alias = n.name(s.StartWhen.On), n.name(s.StartWhen.Alias)
	}
	n.needs(s.Needs)
	for i := range s.Jobs {
		j := &s.Jobs[i]
		j.Name, j.On, j.RecoveryJob = n.name(j.Name), n.name(j.On), n.dotted(j.RecoveryJob)
		if j.After != nil {
			for k := range *j.After {
				(*j.After)[k] = n.name((*j.After)[k])
			}
		}
		n.needs(j.Needs)
	}
}

func (n *names) needs(all []sim.Need) {
	for i := range all {
		x := &all[i]
		x.Job, x.Stream, x.Resource, x.Prompt, x.On = n.dotted(x.Job), n.name(x.Stream), n.dotted(x.Resource), n.name(x.Prompt), n.name(x.On)
		n.needs(x.Of)
	}
}
