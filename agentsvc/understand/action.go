package understand

import (
	"maps"
	"slices"
	"strings"
)

// actionHit is an action that the question names, and how it speaks of it.
type actionHit struct {
	code     string
	mood     mood
	from, to int
	used     []int
	rank     int
}

// mood is how an action is spoken of.
type mood string

const (
	moodNone  mood = ""      // told or denied: "was cancelled", "did somebody rerun it"
	moodWrite mood = "write" // commanded
	moodMay   mood = "may"   // asked about: "can I rerun it?"
	moodIf    mood = "if"    // supposed: "what happens if I cancel it?"
	moodHowTo mood = "howto" // "how do I rerun a job?"
)

func (l *lexicon) addActions(a actionsFile) error {
	l.addClasses(map[string]string{"polite": a.Polite, "noun_after": a.NounAfter})
	for rank, action := range a.Actions {
		for _, of := range []struct {
			prefix string
			lines  []string
		}{{"act:", action.Phrases}, {"noun:", action.Noun}} {
			l.keeps[of.prefix+action.Code] = true
			if err := l.addPatterns(of.prefix+action.Code, of.lines, rank); err != nil {
				return err
			}
			l.hollowVerbs(of.lines)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Moods)) {
		lines := a.Moods[name]
		l.keeps["mood:"+name] = true
		if err := l.addPatterns("mood:"+name, lines, 0); err != nil {
			return err
		}
	}
	return nil
}

// hollowVerbs: a verb that commands by itself is never the end of an object's words.
func (l *lexicon) hollowVerbs(lines []string) {
	for _, line := range lines {
		if strings.Contains(line, " ") {
			continue
		}
		for _, w := range strings.Split(line, "|") {
			if i := &l.words[l.addWord(w)]; len(w) > 3 {
				i.hollow = true
			}
		}
	}
}

// findActions reads which actions are named and in which mood, commands first, then by their place.
func (r *reading) findActions() {
	for group, hits := range r.hits {
		code, isVerb := strings.CutPrefix(group, "act:")
		if !isVerb {
			var isNoun bool
			if code, isNoun = strings.CutPrefix(group, "noun:"); !isNoun {
				continue
			}
		}
		for _, h := range hits {
			r.actions = append(r.actions, actionHit{code: code, mood: r.moodOf(h, isVerb), from: h.from, to: h.to, used: h.used, rank: h.pattern.rank})
		}
	}
	r.dropUnmeant()
	order := map[mood]int{moodWrite: 0, moodIf: 1, moodMay: 1, moodHowTo: 1, moodNone: 2}
	slices.SortFunc(r.actions, func(a, b actionHit) int {
		for _, d := range []int{order[a.mood] - order[b.mood], planWide(a) - planWide(b), a.from - b.from, a.rank - b.rank, len(b.used) - len(a.used)} {
			if d != 0 {
				return d
			}
		}
		return strings.Compare(a.code, b.code)
	})
	if best, ok := r.action(); ok {
		for _, k := range best.used {
			r.tokens[k].used = true
		}
		if best.mood != moodNone {
			r.facts[moodFact(best.mood)] = true
			r.facts["act:"+best.code] = true
		}
	}
}

// planWide puts what touches the whole plan first: "run a ResetPlan" is no rerun.
func planWide(a actionHit) int {
	if slices.Contains(wholePlan, a.code) {
		return 0
	}
	return 1
}

// dropUnmeant leaves out verbs that are no business of the scheduler's ("unlock the account"), and commands inside quotes where the
// question itself asks something: they are what a log or a mail says.
func (r *reading) dropUnmeant() {
	var not []actionHit
	for _, a := range r.actions {
		if a.code == "none" {
			not = append(not, a)
		}
	}
	for _, h := range r.hits["premise:not_started"] {
		if len(h.used) > 1 { // "what keeps it from running" asks for no run
			not = append(not, actionHit{from: h.from, to: h.to})
		}
	}
	asks := r.has("cue:why") || r.has("cue:happened") || r.has("cue:meaning") || r.has("cue:explain") || r.has("cue:q_start")
	r.actions = slices.DeleteFunc(r.actions, func(a actionHit) bool {
		if r.tokens[a.from].quoted && asks || r.tellsHold(a) {
			return true
		}
		if a.to-a.from == 1 && r.is(a.from, "ticket_run") && a.to < len(r.tokens) && r.tokens[a.to].norm == "of" {
			return true // "the 04:15 run of X"
		}
		if r.tokens[a.from].mended && asks && len(r.mentions) == 0 {
			return true // words of an object that look like a slip of a verb
		}
		return slices.ContainsFunc(not, func(n actionHit) bool { return a.from < n.to && n.from < a.to })
	})
}

// tellsHold: words that would put something on hold tell that it is: "por que X ainda está em hold?".
func (r *reading) tellsHold(a actionHit) bool {
	if a.code != "set_priority" || !r.is(a.to-1, "hold") || a.to-a.from < 2 {
		return false
	}
	if r.tokens[a.from].norm == "por" && r.is(a.from+1, "why_words") {
		return true
	}
	for k := a.from + 1; k < a.to-1; k++ {
		if r.is(k, "be") {
			return true
		}
	}
	return false
}

// action is the action that counts.
func (r *reading) action() (actionHit, bool) {
	if len(r.actions) == 0 {
		return actionHit{}, false
	}
	return r.actions[0], true
}

func (r *reading) moodOf(h hit, verb bool) mood {
	start := h.from
	for start > 0 && r.tokens[start].clause == r.tokens[start-1].clause {
		start--
	}
	first := start
	for first > 0 && r.tokens[first].sentence == r.tokens[first-1].sentence {
		first--
	}
	if r.supposes(h, start) {
		return moodIf
	}
	for _, o := range r.hits["mood:order"] {
		if m, _ := r.moodBefore(first, o.from); o.from >= start && o.to == h.from && m != moodIf && m != moodHowTo && !r.pastTense(o) {
			return moodWrite
		}
	}
	if m, ok := r.moodBefore(start, h.from); ok && !(m == moodMay && r.is(h.from-1, "addressed") && r.is(start, "possible")) {
		return m
	}
	if r.alternative(h.to) && (r.tokens[h.from].asked && r.commands(start, first, h, verb) || r.is(h.from, "first_person")) || !verb && r.is(h.from, "first_person") && r.tokens[h.from].asked {
		return moodMay // "rerun or escalate?", "reinicio o X ou ligo para alguém"
	}
	if r.commands(start, first, h, verb) {
		if r.tokens[h.from].asked && h.to-h.from == 1 && h.from == start && (h.to >= len(r.tokens) || r.tokens[h.to].sentence != r.tokens[h.from].sentence) {
			return moodMay // "rerun?"
		}
		return moodWrite
	}
	if m, ok := r.moodBefore(first, h.from); ok && m != moodNone {
		return m
	}
	return moodNone
}

// supposes: a gerund in front of a question for what follows: "cancelando o X, o que dispara?", "confirming X would start what?".
func (r *reading) supposes(h hit, start int) bool {
	w := r.tokens[h.from].norm
	if h.from != start || !strings.HasSuffix(w, "ndo") && !strings.HasSuffix(w, "ing") {
		return false
	}
	for k := h.to; k < len(r.tokens) && r.tokens[k].sentence == r.tokens[h.from].sentence; k++ {
		if r.is(k, "what") || r.is(k, "who") {
			return true
		}
	}
	return false
}

// alternative: "or" follows in the sentence.
func (r *reading) alternative(from int) bool {
	for k := from; k < len(r.tokens) && r.tokens[k].sentence == r.tokens[from-1].sentence; k++ {
		if r.tokens[k].norm == "or" || r.tokens[k].norm == "ou" {
			return true
		}
	}
	return false
}

// pastTense: "did you want it cancelled?", "why do they need it cancelled?" order nothing.
func (r *reading) pastTense(o hit) bool {
	return o.from > 0 && !r.clauseStart(o.from) && (r.is(o.from-1, "q_en") || r.is(o.from-1, "neg"))
}

// moodBefore looks at the words between from and to; how-to and supposing win, then what stands nearest.
func (r *reading) moodBefore(from, to int) (mood, bool) {
	best, at, found := moodNone, -1, false
	for _, m := range []mood{moodHowTo, moodIf, moodMay, "never"} {
		for _, h := range r.hits["mood:"+string(m)] {
			if h.from < from || h.to > to {
				continue
			}
			if m == moodHowTo || m == moodIf {
				return m, true
			}
			if h.from > at {
				best, at, found = m, h.from, true
			}
		}
	}
	if best == "never" {
		best = moodNone
	}
	return best, found
}

// commands: the verb begins its clause, but for politeness; or it follows "and" in a sentence that does not ask.
func (r *reading) commands(start, first int, h hit, verb bool) bool {
	if r.is(h.to, "noun_after") && !r.clauseStart(h.to) && h.to-h.from == 1 {
		return false
	}
	from := start
	for k := start; k < h.from; k++ {
		if r.is(k, "and_then") {
			from = k + 1
		}
	}
	for k := h.from - 1; k >= from; k-- {
		if !r.is(k, "polite") {
			return false
		}
		if r.is(k, "addressed") && verb { // "as the shift lead I order you to …"
			return true
		}
	}
	minds := h.from > start && r.tokens[h.from-1].norm == "mind"
	if !verb && !minds {
		return false
	}
	if from > start {
		begged := h.from > from && r.is(from, "begging")
		if (r.tokens[first].asked || r.is(first, "q_en") || r.is(first, "what") || r.is(first, "aux")) && !begged && !r.is(start, "polite") {
			return false
		}
	}
	return true
}

// moodFact is the mood's name in rules.yaml: "howto" is a cue already.
func moodFact(m mood) string {
	if m == moodHowTo {
		return "act_howto"
	}
	return string(m)
}
