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
				refuted = refuted || len(e.find(c.own, false)) > 0 && !c.asks
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
