package understand

import (
	"fmt"
	"slices"
	"strings"
)

// rule gives an intent when all its conditions hold; the first rule that fits decides. A condition names facts: a cue, p:<premise>,
// a mood, name, phrase, target, ref, msg, rc, …; "a|b" is either, "!a" is not.
type rule struct {
	Intent Intent   `yaml:"intent"`
	When   []string `yaml:"when"`
	// Weak rules see little of a question: their word weighs less against the examples.
	Weak bool `yaml:"weak"`
	// Firm rules are not weighed: they see enough, or go by the order of words, which signs hardly show ("who waits for X"). All are firm that
	// gained nothing by weighing in cross-validation. Where a question is foreign to the field they too may give way, to out_of_scope alone.
	Firm bool `yaml:"firm"`
}

func (l *lexicon) addRules(f rulesFile) error {
	for _, r := range f.Rules {
		if !slices.Contains(intents, r.Intent) && r.Intent != again || len(r.When) == 0 {
			return fmt.Errorf("rule %v has no intent or no condition", r)
		}
		for _, c := range r.When {
			for alt := range strings.SplitSeq(strings.TrimPrefix(c, "!"), "|") {
				if !l.isFact(alt) {
					return fmt.Errorf("rule for %s: no cue and no fact is called %q", r.Intent, alt)
				}
			}
		}
	}
	l.rules = f.Rules
	return l.addViews(f.Views)
}

// again, in a rule, repeats the previous turn's intent: "and PAYEXT?".
const again Intent = "again"

var intents = []Intent{Diagnose, Wait, Impact, Status, Plan, Find, Job, Log, Knowledge, Next, Write, Help, OutOfScope, Handover}

// facts that rules may name beside the cues; p:<premise> and act:<code> are facts too.
var factNames = strings.Fields(`name phrase weak target ref last object premise msg rc workstation resource empty window overall bare short list filter lone many
	told undone statuses_said acted asked done_asked question wh trouble admin topic out out_strong last_intent write may if act_howto job_stream enumerated chosen wildcard process`)

func (l *lexicon) isFact(name string) bool {
	if slices.Contains(factNames, name) || l.groups["cue:"+name] {
		return true
	}
	if premise, ok := strings.CutPrefix(name, "p:"); ok {
		return l.groups["premise:"+premise]
	}
	return false
}

func (r *reading) holds(condition string) bool {
	if not, ok := strings.CutPrefix(condition, "!"); ok {
		return !r.holds(not)
	}
	for alt := range strings.SplitSeq(condition, "|") {
		if r.facts[alt] || r.has("cue:"+alt) {
			return true
		}
	}
	return false
}

// weigh gathers the facts that rules go by.
func (r *reading) weigh(out *Understanding, c Context) {
	f := r.facts
	f["target"] = f["name"] || f["phrase"] || f["ref"]
	f["last"] = c.LastEntity != ""
	f["chosen"] = r.choice(c) != ""
	f["object"] = f["target"] || f["last"]
	f["undone"] = r.undone != nil
	f["premise"] = out.Premise != ""
	f["p:"+out.Premise] = true
	f["msg"] = len(out.MessageIDs) > 0
	f["rc"] = out.ReturnCode != nil
	f["workstation"] = out.TargetKind == "workstation"
	f["resource"] = out.TargetKind == "resource"
	f["empty"] = len(r.tokens) == 0
	f["window"] = !out.Since.IsZero() || r.windowSaid()
	f["enumerated"] = r.enumerated()
	f["overall"] = r.has("cue:overall_any")
	f["bare"] = r.bare()
	f["short"] = len(r.tokens) <= 5
	f["acted"] = len(r.actions) > 0
	f["asked"] = len(r.tokens) > 0 && r.tokens[len(r.tokens)-1].asked
	f["question"] = r.asks()
	f["wh"] = r.any("wh")
	f["process"] = slices.ContainsFunc(r.tokens, func(t token) bool { return r.lex.processes[t.norm] })
	f["trouble"] = r.any("wrong")
	f["lone"] = r.loneKind() != ""
	f["many"] = r.has("cue:plural_any")
	f["statuses_said"] = len(r.statuses("")) > 0
	f["list"] = r.has("cue:list_ask")
	f["admin"] = slices.ContainsFunc(r.actions, func(a actionHit) bool { return slices.Contains(wholePlan, a.code) })
	for _, subject := range r.lex.outOfScope {
		if r.strays(subject) {
			f["out"] = true
			f["out_strong"] = f["out_strong"] || strongSubjects[subject]
			if out.OutOfScopeWhy == "" {
				out.OutOfScopeWhy = subject
			}
		}
	}
	f["last_intent"] = c.LastIntent != "" && c.LastIntent != Help && c.LastIntent != OutOfScope && c.LastIntent != Write
}

// decide chooses the intent.
func (r *reading) decide(out *Understanding, c Context) {
	sure, firm := false, false
	for _, rule := range r.lex.rules {
		if r.fits(rule) {
			out.Intent, sure, firm = rule.Intent, !rule.Weak, rule.Firm
			break
		}
	}
	switch {
	case out.Intent == again:
		out.Intent, r.facts["again"] = c.LastIntent, true
	case !firm || r.foreign():
		out.Intent = r.likely(out.Intent, sure, firm)
	}
}

// fieldFacts are the facts that show a question of the field, and fieldCues what no stranger says.
var (
	fieldFacts = strings.Fields("name ref premise process msg rc workstation resource statuses_said overall many lone undone chosen trouble told wildcard admin")
	fieldCues  = strings.Fields("domain log changes plan handover previous_run previous_plan impact")
)

// foreign: no name stands in the question, no word of the field, and nothing that happens to jobs. What a rule reads in it goes by its frame alone
// ("how many … do I have left"), which any subject may fill.
func (r *reading) foreign() bool {
	return len(r.tokens) > 2 && !slices.ContainsFunc(fieldFacts, func(f string) bool { return r.facts[f] }) &&
		!slices.ContainsFunc(fieldCues, func(c string) bool { return r.has("cue:" + c) })
}

// strays: the question speaks of a subject that is nothing of a scheduler's, and not only aside: "while I fetch my lunch: …".
func (r *reading) strays(subject string) bool {
	for _, h := range r.hits["out:"+subject] {
		if !strongSubjects[subject] && r.processed(h) {
			continue
		}
		from := h.from
		for from > 0 && !r.clauseStart(from) {
			from--
		}
		if strongSubjects[subject] || r.object.to == 0 || !r.is(from, "meanwhile") || r.tokens[from].clause == r.tokens[r.object.from].clause {
			return true
		}
	}
	return false
}

func (r *reading) processAt(k int) bool { return r.lex.processes[r.tokens[k].norm] }

// processed: what is spoken of is done by a job, whatever its words mean elsewhere: "the weather feed", "a carga da cotação do dólar".
func (r *reading) processed(h hit) bool {
	for k := h.from - 1; k >= 0 && !r.clauseStart(k+1) && (r.tokens[k].link || r.tokens[k].stop || r.word(k) || r.processAt(k)); k-- {
		if r.processAt(k) && k+1 < len(r.tokens) && r.tokens[k+1].link {
			return true
		}
	}
	for k := h.to; k < len(r.tokens) && k <= h.to+1 && !r.clauseStart(k) && !r.tokens[k].link && !r.tokens[k].stop; k++ {
		if r.processAt(k) {
			return true
		}
	}
	return false
}

// strongSubjects are asked for in the imperative, or are told of who asks and of his desk: words of a scheduler's beside them change nothing ("write a
// poem about jobs", "my laptop does not start").
var strongSubjects = map[string]bool{"writing": true, "jokes": true, "code": true, "translation": true, "leisure": true, "desk": true}

func (r *reading) fits(rule rule) bool {
	for _, c := range rule.When {
		if !r.holds(c) {
			return false
		}
	}
	return true
}

// asks: a question mark, or a question word in front.
func (r *reading) asks() bool {
	return r.facts["asked"] || r.has("cue:q_start")
}

// bare: nothing but names, messages and stop words were said.
func (r *reading) bare() bool {
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.mention < 0 && r.nounKind(i) == "" && t.class == classNone && !r.is(i, "article") && !t.link {
			return false
		}
	}
	return len(r.mentions) > 0
}
