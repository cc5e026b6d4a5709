package score

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools/answer"
)

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
		for _, m := range e.find(c.own, true) {
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
		for _, m := range e.find(c.own, true) {
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
