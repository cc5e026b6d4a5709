package understand

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fill reads what needs no choice: message ids, the return code, counting, what of a log is wanted.
func (r *reading) fill(out *Understanding) {
	for _, m := range r.mentions {
		switch m.Kind {
		case MentionMessageID:
			if id := strings.ToUpper(m.Text); !slices.Contains(out.MessageIDs, id) {
				out.MessageIDs = append(out.MessageIDs, id)
			}
		case MentionReturnCode:
			if n, ok := codeOf(m.Text); ok && out.ReturnCode == nil {
				out.ReturnCode = &n
			}
		}
	}
	out.Count = r.has("cue:count")
	out.Forecast = r.has("cue:forecast")
	out.Changes = r.has("cue:changes")
	out.Tail = r.has("cue:tail")
	out.ErrorsOnly = r.has("cue:errors_only")
	out.Lines = r.lines()
}

// lines is the number beside "lines".
func (r *reading) lines() int {
	for i := range r.tokens {
		if !r.is(i, "log_part") {
			continue
		}
		for k := i - 1; k >= 0 && k >= i-3; k-- {
			if n, err := strconv.Atoi(r.tokens[k].text); err == nil && n > 0 {
				return min(n, 5000)
			}
		}
	}
	return 0
}

// premise is what the question asserts: the state that is said first; where several begin at one word, the first of the data.
func (r *reading) premise(out *Understanding) {
	var best hit
	name := ""
	for _, group := range slices.Sorted(maps.Keys(r.hits)) { // in one order: what is said first is no order of all
		p, ok := strings.CutPrefix(group, "premise:")
		if !ok {
			continue
		}
		for _, h := range r.hits[group] {
			if r.denied(p, h) || r.supposed(h) || r.within(h, "cue:next") || r.within(h, "cue:hang_off") || r.ofAction(h) || r.nested(h) {
				continue
			}
			if p == "waiting" && name == "not_started" {
				continue // what has not started waits; the other way round says less
			}
			if p == "not_started" && name == "waiting" {
				best, name = h, p
				continue
			}
			if p == "waiting" && name == "running_long" && r.hung(h) || p == "running_long" && name == "waiting" && r.hung(best) { // what hangs while it runs waits for nobody
				if p == "running_long" {
					best, name = h, p
				}
				continue
			}
			if name == "" || r.rather(h, best) {
				best, name = h, p
			}
		}
	}
	if u := r.undone; u != nil && !r.supposed(hit{from: u.from}) && (name == "" || u.from < best.from) && !(name == "abended" && r.tokens[best.from].aside) {
		best, name = hit{pattern: &pattern{}, from: u.from, to: u.predicate}, "not_started"
	}
	if (name == "waiting" || name == "not_started") && r.has("cue:empty_success") { // "SUCC mas o cliente não recebeu nada": what ended is not waited for
		name = "succeeded"
	}
	out.Premise, r.asserted = name, best
}

// hung: the state is one word of blocking ("travou", "stuck") that names no one who blocks, of the only object there is.
func (r *reading) hung(h hit) bool {
	return len(h.used) == 1 && r.is(h.used[0], "block") && len(r.nameTokens()) <= 1
}

// rather: h says the state before best does, or says more, or stands first in the data.
func (r *reading) rather(h, best hit) bool {
	switch {
	case r.more(best, h):
		return false
	case r.more(h, best):
		return true
	}
	if r.inside(h, best) || h.from == best.from {
		return h.pattern.rank < best.pattern.rank
	}
	return h.from < best.from
}

// more: a is said with all the words of b and further ones: "travou no meio" says more than "travou".
func (r *reading) more(a, b hit) bool {
	return len(a.used) > len(b.used) && !slices.ContainsFunc(b.used, func(k int) bool { return !slices.Contains(a.used, k) })
}

// nested: a noun of a state within an object's words ("estatísticas de queda de energia"), or what is asked ("what went wrong").
func (r *reading) nested(h hit) bool {
	if r.is(h.from-1, "what") && r.is(h.to-1, "wrong") {
		return true
	}
	k := h.from
	return len(h.used) == 1 && k > 1 && k+2 < len(r.tokens) && !r.clauseStart(k-1) && !r.clauseStart(k) && !r.clauseStart(k+1) && r.tokens[k-1].link && r.content(k-2) &&
		r.tokens[k+1].link && r.content(k+2)
}

// inside: two hits share words.
func (r *reading) inside(a, b hit) bool { return a.from < b.to && b.from < a.to }

// denied: "has not failed" asserts no failure, "has not finished" no success, "is not stuck" no waiting.
func (r *reading) denied(premise string, h hit) bool {
	if premise == "not_started" { // "…, não foi?" asks for assent
		return h.from > 0 && r.clauseStart(h.from) && r.tokens[h.from].norm == "nao" && h.to-h.from == 2 && r.tokens[h.from+1].norm == "foi"
	}
	if before := max(h.from-1, 0); premise == "waiting" && before > 0 && (r.tokens[before].norm == "or" || r.tokens[before].norm == "ou") { // "rerun or wait?"
		return true
	}
	for k := h.from - 1; k >= 0 && k >= h.from-2 && !r.clauseStart(k+1); k-- {
		if r.is(k, "neg") {
			return true
		}
	}
	return false
}

// supposed: "if it fails" asserts no failure.
func (r *reading) supposed(h hit) bool {
	for k := h.from - 1; k >= 0 && r.tokens[k].sentence == r.tokens[h.from].sentence; k-- {
		if r.is(k, "cond") && !(r.tokens[k].norm == "se" && (r.is(k-1, "be") || r.is(k-1, "neg"))) { // "está se arrastando"
			return true
		}
	}
	return false
}

// within: all words of the hit are words of a cue ("can it wait until the morning").
func (r *reading) within(h hit, cue string) bool {
	return slices.ContainsFunc(r.hits[cue], func(c hit) bool {
		return !slices.ContainsFunc(h.used, func(k int) bool { return !slices.Contains(c.used, k) })
	})
}

// ofAction: the words are those of what is asked to be done ("put it on hold", "kill it"), not of a state.
func (r *reading) ofAction(h hit) bool {
	a, ok := r.action()
	if !ok || a.mood == moodNone {
		return false
	}
	for _, k := range h.used {
		if slices.Contains(a.used, k) {
			return true
		}
	}
	return false
}

// finish sets what depends on the intent.
func (r *reading) finish(out *Understanding, c Context) {
	r.resolve(out, c)
	switch out.Intent {
	case Find:
		r.fillFind(out)
	case Knowledge:
		out.Query = r.query()
	case Handover:
		shift(out, c)
	case Impact:
		if r.has("cue:if_i") || r.has("cue:hang_off") || r.has("cue:waiters") || r.has("cue:suffers") && out.Premise != "abended" { // supposed, or asserted of others
			out.Premise = ""
		}
	case Job:
		if out.Premise != "abended" { // "how long does it take" asserts nothing
			out.Premise = ""
		}
	}
	if a, ok := r.action(); ok && (a.mood != moodNone || out.Intent == Next || out.Intent == Write && r.facts["admin"]) && slices.Contains([]Intent{Write, Next, Impact, Knowledge}, out.Intent) {
		out.Action, out.Value = a.code, r.value(a)
	}
	if out.Forecast && out.Premise == "succeeded" || out.Intent == Status && out.TargetKind == "resource" || out.Intent == Log && out.ErrorsOnly {
		out.Premise = ""
	}
	out.Count = out.Count && out.Intent == Find
	if out.Intent == OutOfScope {
		if out.OutOfScopeWhy == "" {
			out.OutOfScopeWhy = "unknown"
		}
		out.Premise, out.Action = "", ""
	} else {
		out.OutOfScopeWhy = ""
	}
	if out.TargetKind == "file" && out.Premise == "not_started" {
		out.Premise = "waiting" // a file does not start, it is waited for
	}
	r.clearTarget(out)
	switch {
	case out.Target == "" || out.Reference:
	case r.facts["name"]:
		out.Hint = r.tornOff()
	default:
		out.Hint = r.hint(r.object)
	}
}

// shift is the window of a shift: the one that was said, as far as it has begun, else the last ShiftLength.
func shift(out *Understanding, c Context) {
	if c.Now.IsZero() {
		return
	}
	now := c.Now.UTC()
	if out.Since.IsZero() || !out.Since.Before(now) || out.Until.After(now) { // "who relieves me at 6h" tells its end
		out.Since, out.Until, out.SinceClock = now.Add(-ShiftLength), time.Time{}, ShiftClock
	}
}

// wholePlan are the actions on the plan itself, which have no object.
var wholePlan = []string{"reset_plan", "unlock_plan", "resync_plan_copy", "extend_plan", "switch_manager", "recover_queue"}

// clearTarget drops words that only look like an object: questions about the plan, about a term, or about nothing here.
func (r *reading) clearTarget(out *Understanding) {
	named := r.facts["name"]
	switch {
	case out.Intent == Help, out.Intent == OutOfScope, out.Intent == Plan, out.Intent == Handover,
		slices.Contains(wholePlan, out.Action) && !named,
		(out.Intent == Knowledge || out.Intent == Find) && !named && !out.Reference:
		out.Target = ""
		if !named {
			out.TargetKind = ""
		}
	}
	if out.Intent == Plan || out.Intent == Help || out.Intent == Handover {
		out.Premise = planPremise(out)
		out.TargetKind = ""
	}
	if out.Intent == Knowledge && !named {
		out.Premise = ""
	}
}

// planPremise keeps what is asserted about everything, where a tool can use it.
func planPremise(out *Understanding) string {
	if out.Intent == Plan && (out.Premise == "late" || out.Premise == "slow") {
		return out.Premise
	}
	return ""
}

// resolve takes the previous turn's entity where the question points back at it or leaves the object out.
func (r *reading) resolve(out *Understanding, c Context) {
	if one := r.choice(c); one != "" && !r.facts["name"] {
		out.Target, out.TargetKind, out.Reference = one, "", true
		return
	}
	if out.Target != "" || r.before != nil {
		return
	}
	needs := slices.Contains([]Intent{Diagnose, Wait, Impact, Status, Job, Log, Next, Write}, out.Intent)
	points := r.facts["ref"] || needs && out.TargetKind == "" || needs && r.loneKind() != ""
	if out.TargetKind == "" && !r.facts["ref"] && r.has("cue:overall_any") { // "JnextPlan failed, what now?"
		points = false
	}
	if out.Intent == Write && slices.Contains(wholePlan, r.actionCode()) {
		points = false
	}
	if !points || out.Intent == Knowledge && (r.facts["msg"] || r.facts["rc"]) || out.Intent == Plan || out.Intent == Handover || out.Intent == Find && !r.facts["ref"] || out.Intent == Help || out.Intent == OutOfScope {
		return
	}
	out.Reference = c.LastEntity != "" || r.facts["ref"]
	out.Target = c.LastEntity
}

func (r *reading) actionCode() string {
	a, _ := r.action()
	return a.code
}

// value is what an action should set: the number after "to", or the answer to a prompt.
func (r *reading) value(a actionHit) string {
	switch a.code {
	case "answer_prompt":
		for i := range r.tokens {
			switch r.tokens[i].norm {
			case "yes", "sim", "y", "s":
				return "yes"
			case "no", "nao", "n":
				if !r.is(i+1, "noun_prompt") {
					return "no"
				}
			}
		}
	case "set_limit", "set_fence", "set_priority", "set_resource":
		for i := len(r.tokens) - 1; i >= a.from; i-- {
			if r.tokens[i].class == classNumber && r.tokens[i].mention < 0 {
				return r.tokens[i].text
			}
		}
		for i := a.from; i < len(r.tokens); i++ {
			if r.is(i, "hold") && a.code == "set_priority" {
				return "0"
			}
		}
	}
	return ""
}

// query is what to search the documents for: the question without its politeness and question words.
func (r *reading) query() string {
	var words []string
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.mention >= 0 || !t.stop && !r.is(i, "mean") {
			words = append(words, t.text)
		}
	}
	if len(words) == 0 {
		return strings.Join(strings.Fields(r.src.text), " ")
	}
	return strings.Join(words, " ")
}
