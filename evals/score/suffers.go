package score

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

func (s *scorer) affected() {
	var missing []string
	for _, wanted := range s.Gold.Affected {
		if !s.anyAffected(suite.Either(wanted)) {
			missing = append(missing, strings.Join(suite.Either(wanted), " or ")+" is not among the affected")
		}
	}
	if s.d.AffectedTotal < len(s.d.Affected) {
		missing = append(missing, fmt.Sprintf("affected_total is %d, and %d are listed", s.d.AffectedTotal, len(s.d.Affected)))
	}
	s.check(Affected, missing...)
}

func (s *scorer) anyAffected(names []string) bool {
	for _, name := range names {
		t, err := s.Plant.Resolve(name)
		if err == nil && slices.ContainsFunc(s.d.Affected, func(a string) bool { return s.Plant.Same(t, a) }) {
			return true
		}
	}
	return false
}

// impact checks that whoever is said to suffer can suffer: it is there, and stands behind a cause in the plan, or beside it in its job stream.
func (s *scorer) impact() {
	var bad []string
	said := slices.Clone(s.d.Affected)
	g := s.ground()
	for _, x := range s.d.Impact {
		if !slices.Contains([]string{"blocked", "late", "released"}, x.State) {
			bad = append(bad, fmt.Sprintf("%s is %q, which is no state of what suffers", x.Entity, x.State))
		}
		if x.Hops < 0 {
			bad = append(bad, fmt.Sprintf("%s is %d hops away", x.Entity, x.Hops))
		}
		if why := g.agrees(x); why != "" {
			bad = append(bad, why)
		}
		said = append(said, x.Entity)
	}
	slices.Sort(said)
	from := s.sources()
	reach := 0
	for _, name := range slices.Compact(said) {
		if why := s.suffers(name, from, &reach); why != "" {
			bad = append(bad, why)
		}
	}
	if len(from) > 0 && s.d.AffectedTotal > reach && reach > 0 {
		bad = append(bad, fmt.Sprintf("affected_total is %d, and no more than %d can suffer", s.d.AffectedTotal, reach))
	}
	s.check(Impact, bad...)
}

// sources are the things from which something can suffer: the gold's causes and what it names, else whatever the answer says are causes.
func (s *scorer) sources() []plant.Thing {
	var out []plant.Thing
	for _, c := range slices.Concat(s.must, s.may) {
		out = append(out, c.things...)
	}
	for _, name := range s.Gold.Names {
		if t, err := s.Plant.Resolve(name); err == nil {
			out = append(out, t)
		}
	}
	if a := s.Gold.Actions.Advised; a != nil {
		if t, err := s.Plant.Resolve(a.Target); err == nil {
			out = append(out, t)
		}
	}
	return out
}

// suffers says why a name cannot be that of something that suffers.
func (s *scorer) suffers(name string, from []plant.Thing, reach *int) string {
	things := s.Plant.Meant(name)
	if len(things) == 0 {
		return name + " is said to suffer and is not there"
	}
	if len(from) == 0 {
		return ""
	}
	behind := map[string]bool{}
	for _, f := range from {
		for _, w := range s.Plant.After(f) {
			behind[s.Plant.Text(w.Thing)] = true
		}
	}
	*reach = max(*reach, len(behind)+1)
	for _, t := range things {
		if behind[s.Plant.Text(t)] {
			return ""
		}
		for _, f := range from {
			if beside(f, t) {
				return ""
			}
		}
	}
	return name + " does not suffer from it"
}

// beside reports whether two things are of one job stream, where a limit or a stuck stream can hold one up for the other, or the same.
func beside(a, b plant.Thing) bool {
	stream := func(t plant.Thing) string {
		switch {
		case t.Job != nil:
			return t.Job.StreamRef.ID
		case t.JobStream != nil:
			return t.JobStream.Ref.ID
		}
		return ""
	}
	return stream(a) != "" && stream(a) == stream(b)
}

// missing checks that the answer says what it has not seen: each source that the gold wants begins a line.
func (s *scorer) missing() {
	var bad []string
	if s.Gold.Verdict == nil || s.d.Verdict != answer.InsufficientEvidence {
		s.check(Missing)
		return
	}
	for _, want := range s.Gold.Missing {
		if !slices.ContainsFunc(suite.Either(want), s.saysMissing) {
			bad = append(bad, fmt.Sprintf("no line of what is missing begins with %s", want))
		}
	}
	if more := s.unasked(); len(more) > maxUnasked {
		bad = append(bad, fmt.Sprintf("it lists %s as unseen too, whatever was there to be seen", strings.Join(more, ", ")))
	}
	s.check(Missing, bad...)
}

// maxUnasked is how many kinds of sources beyond those of the gold may be called unseen: an honest answer may have looked for audit records and
// history as well; one that lists every source has looked for none.
const maxUnasked = 2

// unasked are the kinds of sources that are called unseen and that the gold does not want.
func (s *scorer) unasked() []string {
	var out []string
	for _, line := range s.d.Missing {
		kind, _, ok := strings.Cut(line, ":")
		wanted := slices.ContainsFunc(s.Gold.Missing, func(want string) bool {
			return slices.ContainsFunc(suite.Either(want), func(one string) bool { k, _, _ := strings.Cut(one, ":"); return k == kind })
		})
		if ok && !wanted && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
}

func (s *scorer) saysMissing(want string) bool {
	kind, name, named := strings.Cut(want, ":")
	for _, line := range s.d.Missing {
		if !strings.HasPrefix(line, kind+":") && line != kind {
			continue
		}
		if !named || strings.Contains(line, name) {
			return true
		}
		if t, err := s.Plant.Resolve(want); err == nil && s.mentionsThing(line, t) {
			return true
		}
	}
	return false
}

// mentionsThing finds a thing in a line by its name, or by the number of one of its runs.
func (s *scorer) mentionsThing(line string, t plant.Thing) bool {
	if w := s.Plant.Word(t); w != "" && hasWord(line, w) {
		return true
	}
	if t.Job != nil {
		for _, r := range t.Job.Runs {
			if hasWord(line, fmt.Sprint(r.JobNumber)) {
				return true
			}
		}
	}
	return false
}

// candidates checks that exactly the gold's instances are to be chosen from, where the question must be asked back.
func (s *scorer) candidates() {
	if s.d.Verdict != answer.NeedsClarification || len(s.Gold.Candidates) == 0 {
		s.check(Candidates)
		return
	}
	var bad []string
	taken := make([]bool, len(s.d.Candidates))
	for _, name := range s.Gold.Candidates {
		t, err := s.Plant.Resolve(name)
		at := slices.IndexFunc(s.d.Candidates, func(c answer.Candidate) bool {
			return err == nil && s.Plant.Same(t, c.Entity) && s.Plant.SameRef(t, c.Ref)
		})
		if at < 0 {
			bad = append(bad, name+" is not among those to choose from")
			continue
		}
		taken[at] = true
	}
	for i, c := range s.d.Candidates {
		if !taken[i] {
			bad = append(bad, c.Entity+" is none of those to choose from")
		}
	}
	s.check(Candidates, bad...)
}

// listed checks a list: everything that belongs to it is named, nothing else of its type is, and figures are stated.
func (s *scorer) listed() {
	var bad []string
	if len(s.Gold.Items) > 0 {
		bad = s.items()
	}
	for _, n := range s.Gold.Figures {
		if !states(s.Answer.Answer, n, s.Question.Lang) {
			bad = append(bad, fmt.Sprintf("the prose does not state %d", n))
		}
	}
	s.check(Listed, bad...)
}

func (s *scorer) items() []string {
	var bad []string
	var wanted []plant.Thing
	named := s.named(s.Answer.Answer)
	var told []plant.Thing
	for _, c := range s.d.Candidates {
		told = append(told, s.Plant.Meant(c.Entity)...)
	}
	for _, x := range s.d.Causes {
		told = append(told, s.Plant.Meant(x.Entity)...)
	}
	for _, item := range s.Gold.Items {
		t, err := s.Plant.Resolve(item)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		wanted = append(wanted, t)
		same := func(o plant.Thing) bool { return s.Plant.Identical(o, t) }
		if !slices.ContainsFunc(named, same) && !slices.ContainsFunc(told, same) {
			bad = append(bad, item+" is not in the list")
		}
	}
	words := map[string]bool{}
	for _, t := range wanted {
		words[s.Plant.Word(t)] = true
	}
	for _, o := range slices.Concat(named, told) {
		w := s.Plant.Word(o)
		of := func(t plant.Thing) bool { return t.Entity.Type == o.Entity.Type }
		if !words[w] && slices.ContainsFunc(wanted, of) && !hasWord(s.Question.Text, w) && !slices.Contains(bad, w+" does not belong to the list") {
			bad = append(bad, w+" does not belong to the list")
		}
	}
	return bad
}

// numerals are numbers that prose writes as words.
var numerals = map[string][]string{
	"en": {"no|none|zero|nothing", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"},
	"pt": {"nenhum|nenhuma|zero|nada", "um|uma", "dois|duas", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze"},
}

// states reports whether a number stands in prose by itself, and not as part of a time or a name.
func states(text string, n int, lang string) bool {
	for _, m := range wholeNum.FindAllStringSubmatch(strings.ReplaceAll(strings.ReplaceAll(text, "**", " "), " ", "  "), -1) {
		if atoi(m[1]) == n {
			return true
		}
	}
	if list := numerals[lang]; n < len(list) {
		return slices.ContainsFunc(strings.Split(list[n], "|"), func(w string) bool { return hasWord(plain(text), w) })
	}
	return false
}
