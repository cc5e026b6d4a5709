package understand

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is the run of tokens [from, to) that names the object in plain words.
type span struct {
	from, to int
	kind     string
	score    int
}

// findTarget chooses what the question is about: a name as typed, else the object's words, else the previous turn's entity.
func (r *reading) findTarget(out *Understanding, c Context) {
	r.premise(out)
	r.facts["ref"] = r.pointsBack()
	i := r.suffers()
	if i < 0 {
		if i = r.subject(); i >= 0 && r.assertedOfAnother(i) {
			out.Premise = ""
			r.premiseOf(i, out)
		}
	} else {
		r.premiseOf(i, out)
	}
	if i >= 0 {
		r.about = i
		r.facts["wildcard"] = strings.HasSuffix(r.mentions[r.tokens[i].mention].Text, "*")
		r.facts["filter"] = r.isFilter(i) || r.facts["wildcard"]
		out.Target, out.TargetKind = r.nameAt(i, c), r.kindOf(i)
		if out.TargetKind == "" {
			out.TargetKind = r.calledLater(i)
		}
		r.facts["name"] = true
		if r.undone != nil && out.TargetKind == "workstation" && r.asserted.from == r.undone.from {
			out.Premise = "" // an agent that does not answer has not failed to start
		}
		return
	}
	s, ok := r.topic()
	topic := ok
	if !ok {
		s, ok = r.bestSpan()
	}
	if !ok {
		s, ok = r.doneSpan()
	}
	if ok && !(c.LastEntity != "" && (r.has("cue:subject_pronoun") || r.has("cue:other_day") && len(r.tokens) <= 5)) {
		if !topic && r.symptom() {
			r.widen(&s)
		}
		r.own(s, out, topic)
		r.object = s
		out.Target, out.TargetKind = r.text(s.from, s.to), s.kind
		if s.kind == "file" && r.undone != nil && !r.undone.placed && !r.is(r.undone.predicate, "told_verb") {
			out.TargetKind = "" // a job imports, loads or sends it
		}
		r.facts["topic"] = topic
		if r.facts["phrase"] = topic || r.evidence() || s.kind != ""; !r.facts["phrase"] {
			r.facts["weak"] = s.from == 0 || r.is(s.from-1, "article")
		}
		return
	}
	if out.TargetKind = r.loneKind(); r.has("cue:pronoun") {
		out.TargetKind = ""
	}
}

// symptom: a state is asserted, or something is missed, of what stands around it.
func (r *reading) symptom() bool {
	return r.asserted.pattern != nil || r.undone != nil || r.facts["told"] || r.has("cue:missed") || r.done.participle > 0
}

// pointsBack: a pronoun that is not the "it" of "is it safe".
func (r *reading) pointsBack() bool {
	for _, h := range r.hits["cue:reference"] {
		empty := slices.ContainsFunc(r.hits["cue:expletive"], func(e hit) bool { return e.from <= h.from && h.from < e.to })
		if !empty {
			return true
		}
	}
	return false
}

// isFilter: the name narrows a list ("jobs on LX1", "jobs da malha X"): it stands after the plural, behind "on" or "of".
func (r *reading) isFilter(i int) bool {
	k := i - 1
	for k > 0 && (r.nounKind(k) != "" && !r.plural(k) || r.is(k, "article") && !r.is(k, "place") && !r.is(k, "naming")) {
		k--
	}
	if !r.is(k, "place") && !r.is(k, "naming") && !r.is(k, "inside") {
		return false
	}
	return slices.ContainsFunc(r.tokens[:k], func(t token) bool { return r.lex.in(t.ids, "plural") })
}

// nameAt is the mention as typed; a pasted row of conman becomes the form that conman takes as input.
func (r *reading) nameAt(i int, c Context) string {
	m := r.mentions[r.tokens[i].mention]
	g := rowForm.FindStringSubmatch(m.Text)
	if m.Kind != MentionEntity || g == nil {
		return strings.TrimSuffix(strings.TrimSuffix(m.Text, "'s"), "’s")
	}
	year := strings.TrimPrefix(g[5], "/")
	if year == "" && c.Now.IsZero() {
		return g[1] + "#" + g[2] + "." + g[6]
	}
	if year == "" {
		year = yearOf(g[4], c)
	}
	return g[1] + "#" + g[2] + "(" + g[3] + " " + g[4] + "/" + year + ")." + g[6]
}

// kindOf is what the words beside a name call it.
func (r *reading) kindOf(i int) string {
	m := r.mentions[r.tokens[i].mention]
	if kind := r.nounBeside(i); kind != "" && m.Kind != MentionEntity {
		return kind
	}
	switch {
	case m.Kind == MentionFile:
		return "file"
	case m.Kind == MentionWorkstation:
		return "workstation"
	case m.Kind == MentionJobNumber:
		return "job"
	case m.Kind == MentionName && strings.HasPrefix(m.Text, "#"):
		return "prompt"
	}
	return ""
}

// calledLater: "BRK_SRV keeps dropping off, what's up with that server": the kind that a later clause calls the only name.
func (r *reading) calledLater(i int) string {
	if len(r.nameTokens()) != 1 || r.mentions[r.tokens[i].mention].Kind == MentionEntity {
		return ""
	}
	for k := i + 2; k < len(r.tokens); k++ {
		if r.is(k-1, "demonstrative") && !r.clauseStart(k) && r.is(k, "noun_workstation") && r.tokens[k].clause != r.tokens[i].clause {
			return "workstation"
		}
	}
	return ""
}

// loneKind: "kill the job", "esse recurso" name a kind though no object.
func (r *reading) loneKind() string {
	for i := range r.tokens {
		if kind := r.nounKind(i); kind != "" && !r.plural(i) && i > 0 && r.is(i-1, "definite") {
			return kind
		}
	}
	return ""
}

func (r *reading) text(from, to int) string {
	s := strings.Join(strings.Fields(r.src.text[r.tokens[from].start:r.tokens[to-1].end]), " ")
	return strings.TrimSuffix(strings.TrimSuffix(s, "'s"), "’s")
}

// content: the token may begin or end an object's words.
func (r *reading) content(i int) bool {
	t := &r.tokens[i]
	return !r.undoneAt(i) && t.mention < 0 && t.class == classNone && !t.stop && !t.used && !t.link && (!t.hollow || r.attributive(i)) && len(t.norm) > 1 && !strings.Contains(t.norm, "/")
}

// attributive: a noun that is also a state stands before an object's word and after an article: "the error report".
func (r *reading) attributive(i int) bool {
	if i == 0 || i+1 >= len(r.tokens) || r.clauseStart(i) || r.clauseStart(i+1) || !r.is(i-1, "article") || r.tokens[i].used {
		return false
	}
	if r.is(i, "list") { // "a lista de passageiros"
		return r.tokens[i+1].link && i+2 < len(r.tokens) && !r.clauseStart(i+2) && r.plain(i+2)
	}
	return r.is(i, "attributive") && r.plain(i+1)
}

func (r *reading) plain(i int) bool {
	t := &r.tokens[i]
	return t.mention < 0 && t.class == classNone && !t.stop && !t.used && !t.link && !t.hollow
}

// bestSpan weighs the runs of content words. What stands beside a type noun, an article or the asserted state is the object; what
// stands after "since", "because of", "after" is the circumstance.
func (r *reading) bestSpan() (span, bool) {
	var best span
	for i := 0; i < len(r.tokens); {
		if !r.content(i) {
			i++
			continue
		}
		to := r.spanEnd(i)
		s := span{from: i, to: to}
		r.weighSpan(&s)
		if s.score > best.score {
			best = s
		}
		i = to
	}
	r.inCapitals(&best)
	return best, best.score > 0
}

// inCapitals takes the whole of a name of several words that begin with capitals: "Night Bottling Line 2".
func (r *reading) inCapitals(s *span) {
	titled := func(k int) bool {
		return k >= 0 && k < len(r.tokens) && r.tokens[k].mention < 0 && titleCase(r.tokens[k].text)
	}
	if s.score <= 0 || r.loud || !titled(s.from) || r.clauseStart(s.from) && s.to-s.from == 1 {
		return
	}
	from, to := s.from, s.to
	for titled(from-1) && !r.clauseStart(from) && !r.clauseStart(from-1) {
		from--
	}
	for to < len(r.tokens) && !r.clauseStart(to) && (titled(to) || r.tokens[to].class == classNumber && titled(to-1)) {
		to++
	}
	s.from, s.to = from, to
}

// titleCase: a capital and then small letters.
func titleCase(s string) bool {
	first, size := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(first) && len(s) > size && !strings.ContainsFunc(s[size:], unicode.IsUpper)
}

// spanEnd goes on over content words and single links between them.
func (r *reading) spanEnd(i int) int {
	to := i + 1
	for k := i + 1; k < len(r.tokens) && !r.clauseStart(k); k++ {
		switch {
		case r.content(k):
			to = k + 1
		case r.tokens[k].link && k == to && k+1 < len(r.tokens) && !r.clauseStart(k+1) && (r.content(k+1) || r.is(k+1, "article") && k+2 < len(r.tokens) && r.content(k+2)):
		case r.inner(k) && k == to && (r.content(k+1) || r.tokens[k+1].link && r.content(min(k+2, len(r.tokens)-1)) && k+2 < len(r.tokens) && r.afterLink(k)):
		case r.afterLink(k) && r.inner(k) && (r.content(k+1) || r.tokens[k+1].link && k+2 < len(r.tokens) && r.content(k+2)):
		case r.tokens[k].link && k == to && k+2 < len(r.tokens) && r.inner(k+1) && !r.clauseStart(k+1) && (r.content(k+2) || r.tokens[k+2].link && k+3 < len(r.tokens) && r.content(k+3)):
		case r.tokens[k].link && k == to+2 && r.inner(k-1) && r.afterLink(k-1) && k+1 < len(r.tokens) && r.content(k+1):
		case r.is(k, "ticket_run") && k == to && r.nounRun(k):
			return k + 1
		case r.tokens[k].link && k == to && r.is(k+1, "period") && !r.clauseStart(k+1):
		case r.is(k, "period") && k == to+1 && r.tokens[k-1].link:
			to = k + 1
		case r.is(k, "article") && k == to+1 && r.tokens[k-1].link:
		default:
			return to
		}
	}
	return to
}

// inner: a state or type word between an object's words belongs to them: "customer file transfer", "distribuição da lista de preços".
func (r *reading) inner(k int) bool {
	if k+1 >= len(r.tokens) || r.clauseStart(k) || r.clauseStart(k+1) {
		return false
	}
	t := &r.tokens[k]
	return t.hollow && !t.used && !t.stop && t.mention < 0 && r.is(k, "attributive") || r.is(k, "list") && !t.stop && !t.used
}

func (r *reading) afterLink(k int) bool { return k > 0 && r.tokens[k-1].link }

// nounRun: "the billing run has been executing": a noun, since a verb follows.
func (r *reading) nounRun(k int) bool {
	return k+1 < len(r.tokens) && (r.is(k+1, "aux") || r.is(k+1, "be") || r.is(k+1, "late") || r.is(k+1, "fail"))
}

func (r *reading) weighSpan(s *span) {
	s.score = 2
	before := s.from - 1
	for k := before; k >= 0 && k >= before-2 && !r.clauseStart(k+1); k-- {
		if kind := r.nounKind(k); kind != "" && !r.plural(k) {
			s.score, s.kind = s.score+nounWeight(kind), kind
			break
		}
		if !r.is(k, "article") && !r.is(k, "naming") {
			break
		}
	}
	if s.to < len(r.tokens) && !r.clauseStart(s.to) && s.kind == "" {
		if kind := r.nounKind(s.to); kind != "" && !r.plural(s.to) {
			s.score, s.kind = s.score+nounWeight(kind), kind
		}
	}
	if before >= 0 && !r.clauseStart(s.from) && (r.is(before, "article") || r.is(before, "naming")) {
		s.score++
		before--
	}
	if before >= 0 && !r.clauseStart(before+1) && r.is(before, "circumstance") && !r.matterWith(before) && !r.follows(before) {
		s.score -= 3
	}
	if r.nearPremise(s) {
		s.score += 3
	}
	if u := r.undone; u != nil && r.tokens[s.from].clause == r.tokens[u.from].clause {
		switch {
		case s.to <= u.from:
			s.score += 4
		case s.from == u.predicate:
			s.score = -9
		}
	}
	if s.to-s.from == 1 && r.tokens[s.from].acronym && r.behindWords(s.from) {
		s.score -= 4 // "the upload to the SEC is late"
	}
	if r.aboutTalk(s.from) {
		s.score += 2
	}
	if r.smallTalk(*s) {
		s.score = 1 // only where nothing else is named
	} else if s.to-s.from > 1 {
		s.score++
	} else if r.is(s.from, "adjective") {
		s.score = 0
	}
}

// follows: "what comes after X" asks about X.
func (r *reading) follows(k int) bool {
	return slices.ContainsFunc(r.hits["cue:impact"], func(h hit) bool { return slices.Contains(h.used, k) })
}

// matterWith: "wrong with X", "o que houve com X" ask about X.
func (r *reading) matterWith(k int) bool {
	return !r.clauseStart(k) && (r.is(k-1, "wrong") || r.is(k-1, "matter")) && r.is(k, "towards")
}

// nounWeight: a file is more often what the object waits for than the object.
func nounWeight(kind string) int {
	if kind == "file" {
		return 1
	}
	return 4
}

// evidence: something of a scheduler's was said; without it, unknown words are an object only if nothing else fits.
func (r *reading) evidence() bool {
	if r.undone != nil || r.facts["told"] || r.done.participle > 0 {
		return true
	}
	for group := range r.hits {
		if strings.HasPrefix(group, "premise:") {
			return true
		}
	}
	for _, cue := range []string{"yes_no", "status", "impact", "log", "details", "why", "happened", "what_waits", "forecast", "next", "domain", "fix", "explain"} {
		if r.has("cue:" + cue) {
			return true
		}
	}
	return len(r.actions) > 0 && r.actions[0].mood != moodNone
}

// nearPremise: the asserted state stands just after the words, or just before them, or around them ("not … started").
func (r *reading) nearPremise(s *span) bool {
	h := r.asserted
	if h.pattern == nil || r.tokens[h.from].clause != r.tokens[s.from].clause {
		return false
	}
	return h.from >= s.to && h.from-s.to <= 3 || s.from >= h.to && s.from-h.to <= 2 || h.from < s.from && h.to > s.to
}
