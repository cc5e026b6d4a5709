package score

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// causal is what introduces a cause.
var causal = regexp.MustCompile(`\b(because|due to|owing to|caused by|as a result of|stems from|on account of|(root )?causes?( of \S+( \S+)?)? (is|was|are|were)\b|(root )?cause:|reason( \S+){0,4} (is|was)\b|reason:|culprit is|porque|por causa d\w+|devido a\w*|causad[oa] por|causa( raiz)?( d\S+ \S+)? (e|foi)\b|causa( raiz)?:|motivo( \S+){0,4} (e|foi)\b|motivo:|em razao d\w+|pois|por culpa d\w+|culpad[oa] (e|foi))`)

// unseen is what a clause speaks of that tells why something cannot be known, and no cause.
var unseen = regexp.MustCompile(`\b(log|logs|joblog|audit|read|see|seen|shown|shows?|visible|evidence|records?|history|told|tell|known|know|say|said|fetched|interface|api|ler|lido|ver|visto|vist[oa]s?|evidencia\w*|registros?|historico|mostra\w*|dizer|saber|sabe|sabido|conhecid\w+|provar|prova|prove\w*|account may|conta pode|auditoria)\b`)

// claims checks what the prose asserts: what it must, what it must not, and that it tells the same cause as the structure.
func (s *scorer) claims() {
	all, err := words()
	if err != nil {
		s.check(Claims, err.Error())
		return
	}
	english := all["en"]
	l, ok := all[s.Question.Lang]
	if !ok {
		l = english
	}
	p := prosecution{scorer: s, l: l, english: english, clauses: s.clauses(s.Answer.Answer), kinds: l.kinds()}
	var missing, wrong, apart []string
	for _, c := range s.owed() {
		missing = append(missing, p.untold(c))
	}
	for _, c := range s.Gold.Claims {
		if !c.Must {
			continue
		}
		if things, err := s.resolved(c.About); err != nil || !p.tells(things, []string{c.Says}) {
			missing = append(missing, fmt.Sprintf("the prose does not assert %s of %s", c.Says, c.About))
		}
	}
	for _, c := range s.Gold.Denied {
		wrong = append(wrong, p.denied(c))
	}
	apart = append(apart, p.blamed()...)
	s.check(Claims, missing...)
	s.check(Denied, wrong...)
	s.check(Consistent, apart...)
}

func (s *scorer) resolved(name string) ([]plant.Thing, error) {
	var out []plant.Thing
	for _, one := range suite.Either(name) {
		t, err := s.Plant.Resolve(one)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// prosecution reads the prose clause by clause.
type prosecution struct {
	*scorer
	l, english lexicon
	clauses    []clause
	kinds      []string // that the lexicon has words for
}

// untold says what the prose owes of a cause: a clause that names it, or something it holds up, and asserts its kind.
func (p prosecution) untold(c cause) string {
	about := slices.Clone(c.things)
	for _, t := range c.things {
		for _, w := range p.Plant.After(t) {
			about = append(about, w.Thing)
		}
	}
	if p.tells(about, c.gold.Kinds) {
		return ""
	}
	return fmt.Sprintf("the prose does not assert %s of %s", strings.Join(c.gold.Kinds, " or "), p.Plant.Text(c.things[0]))
}

// tells reports whether a clause about one of the things asserts one of what is said. Doubt is enough only where the gold leaves room.
func (p prosecution) tells(things []plant.Thing, what []string) bool {
	for _, c := range p.clauses {
		if !p.about(c, things) {
			continue
		}
		for _, w := range what {
			got := says(c, p.l, p.english, w, true)
			if got == asserted || got == doubted && p.Gold.Unsure && !c.asks {
				return true
			}
		}
	}
	return false
}

// about reports whether a clause is about one of the things. A thing that the plan does not hold need not be named.
func (p prosecution) about(c clause, things []plant.Thing) bool {
	return slices.ContainsFunc(things, func(t plant.Thing) bool {
		return slices.ContainsFunc(c.things, func(o plant.Thing) bool { return p.Plant.Identical(t, o) })
	})
}

// denied tells of a claim that must not be asserted and is.
func (p prosecution) denied(claim suite.Claim) string {
	things, err := p.resolved(claim.About)
	if err != nil {
		return err.Error()
	}
	refuted := false
	for _, c := range p.clauses {
		if !p.about(c, things) {
			continue
		}
		switch says(c, p.l, p.english, claim.Says, false) {
		case asserted:
			return fmt.Sprintf("the prose asserts %s of %s: %q", claim.Says, claim.About, short(c.full))
		case denied:
			for _, e := range p.l.of(claim.Says) {
				refuted = refuted || e.form.MatchString(c.own) && !c.asks
			}
		}
	}
	if claim.Must && !refuted && !p.ruledOut(things, claim.Says) {
		return fmt.Sprintf("the answer does not say that %s of %s is not so", claim.Says, claim.About)
	}
	return ""
}

// ruledOut reports whether the structure rules a kind out.
func (p prosecution) ruledOut(things []plant.Thing, kind string) bool {
	return slices.ContainsFunc(p.d.RuledOut, func(r answer.RuledOut) bool {
		return r.Kind == kind && slices.ContainsFunc(things, func(t plant.Thing) bool { return p.Plant.Same(t, r.Entity) })
	})
}

// blamed lists causes that the prose asserts and the structure does not have.
func (p prosecution) blamed() []string {
	var out []string
	free := slices.Contains([]answer.Verdict{answer.Refused, answer.OutOfScope, answer.NeedsClarification}, p.d.Verdict)
	for _, c := range p.clauses {
		if c.asks {
			continue
		}
		if len(p.d.Causes) == 0 {
			out = append(out, p.causeless(c, free))
			continue
		}
		out = append(out, p.otherKind(c), p.otherThing(c), p.takenBack(c))
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// causeless tells of a cause that is asserted where the structure has none. Facts may be told where nothing was to be explained.
func (p prosecution) causeless(c clause, facts bool) string {
	at := causal.FindStringIndex(c.own)
	if unseen.MatchString(c.own) || at == nil && (facts || p.d.Verdict == answer.NoProblem) {
		return ""
	}
	for _, kind := range p.kinds {
		e := p.l[kind]
		if e.Fact && at == nil || p.explains(kind) && p.logged(c, kind) || p.contributes(kind) {
			continue
		}
		for _, m := range e.form.FindAllStringIndex(c.own, -1) {
			if takes(c.lang, c.own, e.form, m[0], m[1]) != asserted {
				continue
			}
			because := at != nil && m[1] > at[0]
			if because && kind != "app.killed.unknown" && kind != "sched.launch.unknown" || !e.Fact && !facts && p.d.Verdict != answer.NoProblem {
				return fmt.Sprintf("the prose asserts a cause (%s): %q", kind, short(c.full))
			}
		}
	}
	return ""
}

// explaining are kinds of causes whose words tell why something is as planned.
var explaining = map[string][]string{
	"planned.not_yet":           {"sched.dep", "sched.calendar", "sched.time", "perf"},
	"planned.in_progress":       {"sched.dep", "sched.limit", "perf"},
	"planned.recovered":         {"app", "sched", "perf", "infra"},
	"planned.acknowledged":      {"app", "sched", "perf", "infra"},
	"planned.next_plan":         {"sched.dep", "sched.carry_forward", "plan"},
	"planned.normal_duration":   {"perf", "app.hang", "sched.dep"},
	"planned.suppressed_branch": {"sched.dep"},
	"planned.limit_by_design":   {"sched.limit", "sched.dep", "perf"},
	"planned.every":             {"sched.dep", "sched.time"},
	"planned.nop":               {"sched.cancelled", "sched.dep", "sched.held"},
	"planned.no_prompt_reply":   {"sched.dep"},
}

// explains reports whether the words of a kind may tell an explanation that the answer has.
func (p prosecution) explains(kind string) bool {
	return slices.ContainsFunc(p.d.Explanations, func(x answer.Explanation) bool {
		return slices.Contains(p.Gold.Explanations, x.Kind) && slices.ContainsFunc(explaining[x.Kind], func(k string) bool { return k == kind || strings.HasPrefix(kind, k+".") })
	})
}

// logged reports whether a kind of failure of a program shows itself in a log of the things that a clause is about. What the scheduler does needs none.
func (p prosecution) logged(c clause, kind string) bool {
	e := p.english[kind]
	if !strings.HasPrefix(kind, "app.") || e == nil || e.Fact {
		return true
	}
	for _, t := range c.things {
		if t.Job == nil {
			continue
		}
		for _, r := range t.Job.Runs {
			if log, ok := p.Plant.RunLog(r.ID); ok && slices.ContainsFunc(log.Lines, func(line string) bool { return e.form.MatchString(plain(line)) }) {
				return true
			}
		}
	}
	return false
}

func (p prosecution) contributes(kind string) bool {
	return slices.ContainsFunc(p.may, func(c cause) bool {
		return slices.ContainsFunc(c.gold.Kinds, func(k string) bool { return akin(k, kind) })
	})
}

// otherKind tells of a clause that gives a cause of a kind which the structure does not have.
func (p prosecution) otherKind(c clause) string {
	at := causal.FindStringIndex(c.own)
	if at == nil {
		return ""
	}
	found := ""
	for _, kind := range p.kinds {
		e := p.l[kind]
		for _, m := range e.form.FindAllStringIndex(c.own, -1) {
			if m[1] <= at[0] || takes(c.lang, c.own, e.form, m[0], m[1]) != asserted {
				continue
			}
			if p.structural(kind) {
				return ""
			}
			if !e.Fact {
				found = fmt.Sprintf("the prose gives %s as a cause, and the structure does not: %q", kind, short(c.full))
			}
		}
	}
	return found
}

// structural reports whether a kind is akin to one that the structure has as a cause or on the way to it.
func (p prosecution) structural(kind string) bool {
	for _, x := range p.d.Causes {
		if akin(x.Kind, kind) {
			return true
		}
	}
	for _, h := range p.d.Chain {
		if akin(h.Why, kind) {
			return true
		}
	}
	return p.explains(kind)
}

// akin: they are one, or one is the other's parent.
func akin(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

// siblings: they have the same parent below the first level.
func siblings(a, b string) bool {
	pa, pb := a[:max(0, strings.LastIndexByte(a, '.'))], b[:max(0, strings.LastIndexByte(b, '.'))]
	return pa == pb && strings.Contains(pa, ".")
}

// otherThing tells of a clause that gives as the cause a thing which is none in the structure and has nothing to do with those.
func (p prosecution) otherThing(c clause) string {
	at := causal.FindStringIndex(c.own)
	if at == nil || !c.here || becauseNot.MatchString(c.own[:at[0]]) || denies(c.lang, scope(c.own[:at[0]])) && nominal.MatchString(c.own[at[0]:at[1]]) {
		return ""
	}
	behind := plainTail(c, at[0])
	if doubts(c.lang, plain(behind)) {
		return ""
	}
	for _, t := range p.named(behind) {
		if p.concerns(t) {
			return ""
		}
	}
	if things := p.named(behind); len(things) > 0 {
		return fmt.Sprintf("the prose blames %s, and the structure does not: %q", p.Plant.Text(things[0]), short(c.full))
	}
	return ""
}

// nominal are causal words that a denial before them reaches: not the root cause is, not due to.
var nominal = regexp.MustCompile(`(cause|reason|culprit|causa|motivo|culpad)`)

func denies(lang, before string) bool {
	c, ok := signs[lang]
	return ok && c.not.MatchString(before)
}

func doubts(lang, text string) bool {
	c, ok := signs[lang]
	return ok && c.doubt.MatchString(text)
}

// plainTail is a clause as written from where its own words give a cause.
func plainTail(c clause, at int) string {
	if m := causal.FindStringIndex(plain(c.full)); m != nil && len(plain(c.full)) == len(c.full) {
		return c.full[m[0]:]
	}
	words := len(strings.Fields(c.own[:at]))
	all := strings.Fields(c.full)
	return strings.Join(all[min(words, len(all)):], " ")
}

// concerns reports whether a thing is a cause, waits behind one, holds one up as its holder, or is where one is.
func (p prosecution) concerns(t plant.Thing) bool {
	for _, x := range p.d.Causes {
		for _, c := range p.Plant.Meant(x.Entity) {
			if p.Plant.Identical(c, t) || p.Plant.Related(c, t) {
				return true
			}
		}
	}
	for _, c := range slices.Concat(p.must, p.may) {
		for _, o := range c.things {
			if p.Plant.Identical(o, t) || p.Plant.Related(o, t) {
				return true
			}
		}
	}
	return false
}

// takenBack tells of a clause that calls a cause of the structure innocent or healthy.
func (p prosecution) takenBack(c clause) string {
	if !c.here {
		return ""
	}
	here := p.named(c.full)
	for _, x := range p.d.Causes {
		for _, t := range p.meant(x.Entity) {
			if !slices.ContainsFunc(here, func(o plant.Thing) bool { return p.Plant.Identical(o, t) }) {
				continue
			}
			if says(c, p.l, p.english, "innocent", false) == asserted {
				return fmt.Sprintf("the prose says that %s is no cause: %q", x.Entity, short(c.full))
			}
			for _, m := range p.l["healthy"].form.FindAllStringIndex(c.own, -1) {
				if wrongless.MatchString(c.own[m[0]:m[1]]) {
					return fmt.Sprintf("the prose says that nothing is wrong with %s: %q", x.Entity, short(c.full))
				}
			}
		}
	}
	return ""
}

// meant is what a name of the answer can mean, things of the gold that the plan does not hold among it.
func (p prosecution) meant(name string) []plant.Thing {
	out := slices.Clone(p.Plant.Meant(name))
	for _, c := range slices.Concat(p.must, p.may) {
		for _, t := range c.things {
			if p.Plant.Same(t, name) {
				out = append(out, t)
			}
		}
	}
	return out
}

var wrongless = regexp.MustCompile(`wrong|no problem|no fault|errado|nenhum problema|healthy|fine|saudavel`)

func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return text
}
