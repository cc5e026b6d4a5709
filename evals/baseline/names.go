package baseline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools"
)

// What is looked at of a text that is no question any more: its first words, and so many of them for a slip of the pen.
const (
	maxTokens = 400
	maxTries  = 8
)

var (
	tokenForm = regexp.MustCompile(`[\p{L}\p{N}_-]+`)
	// nameLike is a word that nobody writes but as a name: with an underscore, or capitals with a digit.
	nameLike  = regexp.MustCompile(`^(?:[\p{L}\p{N}-]*_[\p{L}\p{N}_-]*|[A-Z]+[0-9][A-Z0-9-]*)$`)
	capitals  = regexp.MustCompile(`^[A-Z][A-Z0-9-]{4,}$`)
	numberTag = regexp.MustCompile(`(?i)#J(\d+)`)
)

// known lists where the world's objects stand by their names in capitals: a function for each that looks the object up.
func (s *scene) known() map[string][]func() object {
	if s.names != nil {
		return s.names
	}
	s.names = map[string][]func() object{}
	keep := func(name string, look func() object) {
		if name != "" {
			s.names[strings.ToUpper(name)] = append(s.names[strings.ToUpper(name)], look)
		}
	}
	w := s.p.World
	for i := range w.Jobs {
		keep(w.Jobs[i].Name, func() object { return s.job(&w.Jobs[i]) })
	}
	for i := range w.JobStreams {
		keep(w.JobStreams[i].Name, func() object { return s.stream(&w.JobStreams[i]) })
	}
	for _, x := range w.Workstations {
		keep(x.Name, func() object { return workstation(x) })
	}
	for _, x := range w.Resources {
		keep(x.Name, func() object { return s.resource(x) })
	}
	for _, x := range w.Prompts {
		keep(x.Entity().Name, func() object { return s.prompt(x) })
	}
	return s.names
}

// called are the objects of a name, however it is written.
func (s *scene) called(name string) []object {
	var out []object
	for _, look := range s.known()[strings.ToUpper(name)] {
		out = append(out, look())
	}
	return out
}

// named is the object that a question names: in its own words first, then in what was asked before, the latest first.
func (s *scene) named(q suite.Question) (object, bool) {
	texts := append(slices.Clone(q.Turns), q.Text)
	for _, text := range slices.Backward(texts) {
		if o, ok := s.namedIn(text); ok {
			return o, true
		}
	}
	return object{}, false
}

// namedIn looks for a job number, a file, then for names as they are written, in other letters, and with a slip of the pen.
func (s *scene) namedIn(text string) (object, bool) {
	if o, ok := s.numbered(text); ok {
		return o, true
	}
	if o, ok := s.path(text); ok {
		return o, true
	}
	tokens := tokenForm.FindAllString(text, maxTokens)
	for _, fits := range []func(token, name string) bool{
		func(token, name string) bool { return token == name },
		func(token, name string) bool { return strings.ContainsAny(token, "_0123456789") },
		func(token, name string) bool { return len(name) > 4 },
	} {
		if o, ok := s.first(text, tokens, fits); ok {
			return o, true
		}
	}
	if o, ok := s.squashed(text, tokens); ok {
		return o, true
	}
	tries := 0
	for _, token := range tokens {
		if tries < maxTries && len(token) <= maxName && (nameLike.MatchString(token) || capitals.MatchString(token)) {
			tries++
			if name, ok := s.nearest(strings.ToUpper(token)); ok {
				return s.instance(text, s.called(name)), true
			}
		}
	}
	return object{}, false
}

// shortestSquashed is how many letters and digits a name must have to be known by them alone.
const shortestSquashed = 6

// squashed finds a name that was typed without its lines, as one word or two: people in a hurry leave them out.
func (s *scene) squashed(text string, tokens []string) (object, bool) {
	written := map[string]bool{}
	last := ""
	for _, token := range tokens {
		word := squash(token)
		written[word], written[last+word] = true, true
		last = word
	}
	best := ""
	for name := range s.known() {
		if word := squash(name); len(word) >= shortestSquashed && written[word] && strings.ContainsAny(name, "_-") && (best == "" || name < best) {
			best = name
		}
	}
	if best == "" {
		return object{}, false
	}
	return s.instance(text, s.called(best)), true
}

var linesOut = strings.NewReplacer("_", "", "-", "")

func squash(name string) string { return linesOut.Replace(strings.ToUpper(name)) }

// first is the job, else the stream, else whatever else the tokens name; among jobs of one name those of a stream that is named too.
func (s *scene) first(text string, tokens []string, fits func(token, name string) bool) (object, bool) {
	found := map[twstools.EntityType][]object{}
	streams := map[string]bool{}
	for _, token := range tokens {
		for _, o := range s.called(token) {
			if !fits(token, o.word) {
				continue
			}
			if have := found[o.kind]; len(have) == 0 || have[0].word == o.word {
				found[o.kind] = append(have, o)
			}
			if o.stream != nil {
				streams[o.word] = true
			}
		}
	}
	for _, kind := range []twstools.EntityType{twstools.EntityJob, twstools.EntityJobStream, twstools.EntityResource, twstools.EntityPrompt, twstools.EntityWorkstation} {
		some := found[kind]
		if in := slices.DeleteFunc(slices.Clone(some), func(o object) bool { return o.job == nil || !streams[o.job.Stream] }); len(in) > 0 {
			some = in
		}
		if len(some) > 0 {
			return s.instance(text, some), true
		}
	}
	return object{}, false
}

// instance chooses among several instances of one name: the one whose time or id the text names, else the latest whose time has come, else the
// first.
func (s *scene) instance(text string, some []object) object {
	best := some[0]
	for _, o := range some {
		id := o.ref.JobStreamID
		if at := o.sched.In(s.p.Zone).Format("(1504 01/02/06)"); !o.sched.IsZero() && strings.Contains(text, at) || id != "" && strings.Contains(text, id) {
			return o
		}
		if due := !o.sched.After(s.p.World.AsOf); due && (best.sched.After(s.p.World.AsOf) || o.sched.After(best.sched)) {
			best = o
		}
	}
	return best
}

func (s *scene) numbered(text string) (object, bool) {
	m := numberTag.FindStringSubmatch(text)
	if m == nil {
		return object{}, false
	}
	for i := range s.p.World.Jobs {
		j := &s.p.World.Jobs[i]
		if slices.ContainsFunc(j.Runs, func(r twstools.Run) bool { return strconv.FormatInt(r.JobNumber, 10) == m[1] }) {
			return s.job(j), true
		}
	}
	return object{}, false
}

// path finds a file that some job or stream waits for, by its whole path or by its last part.
func (s *scene) path(text string) (object, bool) {
	if !strings.Contains(text, ".") && !strings.ContainsAny(text, `/\`) {
		return object{}, false
	}
	w := s.p.World
	for i := range w.JobStreams {
		if o, ok := s.fileIn(w.JobStreams[i].Dependencies, text); ok {
			return o, true
		}
	}
	for i := range w.Jobs {
		if o, ok := s.fileIn(w.Jobs[i].Dependencies, text); ok {
			return o, true
		}
	}
	return object{}, false
}

func (s *scene) fileIn(deps []twstools.Dependency, text string) (object, bool) {
	for _, d := range deps {
		if d.Type != twstools.DepFile {
			continue
		}
		if o := s.file(d); len(o.word) > 4 && strings.Contains(text, o.word) {
			return o, true
		}
	}
	return object{}, false
}

// stranger is a word of the question that can only be a name, and that nothing in the world has.
func (s *scene) stranger(q suite.Question) string {
	for _, token := range tokenForm.FindAllString(q.Text, maxTokens) {
		if nameLike.MatchString(token) && len(s.known()[strings.ToUpper(token)]) == 0 {
			return token
		}
	}
	return ""
}

// nearest is the only name that is a slip of the pen away: one letter, or two in a long name.
func (s *scene) nearest(token string) (string, bool) {
	best, least, twice := "", 2, false
	if len(token) >= 8 {
		least = 3
	}
	for name := range s.known() {
		if d := len(name) - len(token); d > 2 || d < -2 {
			continue
		}
		switch n := distance(token, name); {
		case n < least:
			best, least, twice = name, n, false
		case n == least && best != "":
			twice = true
		}
	}
	return best, best != "" && !twice
}

// distance counts the letters to change, add, drop or swap with their neighbour that lie between two words.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// asked is the job that a question is about for one who reads logs: the job that it names, or the one that ended badly in the stream that it
// names; nil when it names neither.
func (s *scene) asked(q suite.Question) *twstools.Job {
	o, ok := s.named(q)
	switch {
	case !ok:
		return nil
	case o.job != nil:
		return o.job
	case o.stream == nil:
		return nil
	}
	for _, j := range s.jobsOf(o.stream.Ref) {
		if failed(j.Status.Internal) {
			return j
		}
	}
	return nil
}
