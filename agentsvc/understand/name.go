package understand

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameByNoun reads what stands beside a type noun: "prompt 12", "agente LXETL" (capitals that a loud question hides), "job payroll",
// and calls a name a workstation where the words do.
func (r *reading) nameByNoun() {
	for i := range r.tokens {
		if kind := r.nounKind(i); kind != "" {
			r.nameAfter(i, kind)
		}
	}
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.mention < 0 || r.mentions[t.mention].Kind != MentionName {
			continue
		}
		if r.nounBeside(i) == "workstation" || r.isPlace(i) {
			r.mentions[t.mention].Kind = MentionWorkstation
		}
	}
}

// nounKind is the type that a noun names: job, job_stream, workstation, resource, prompt, file; empty for other words.
func (r *reading) nounKind(i int) string {
	for _, kind := range objectKinds {
		if r.is(i, "noun_"+kind) {
			return kind
		}
	}
	return ""
}

// objectKinds in the order of looking.
var objectKinds = []string{"job_stream", "job", "workstation", "resource", "prompt", "file"}

func (r *reading) nameAfter(i int, kind string) {
	k := i + 1
	for k < len(r.tokens) && k < i+3 && r.is(k, "number_word") && !r.clauseStart(k) {
		k++
	}
	if k >= len(r.tokens) || r.tokens[k].mention >= 0 || r.tokens[k].clause != r.tokens[i].clause {
		return
	}
	t := &r.tokens[k]
	digits := allDigits(t.text) && (kind == "prompt" || k > i+1 || kind == "job" && len(t.text) >= 5)
	lone := len(t.ids) == 0 && !t.stop && t.class == classNone && kind != "file" && (utf8.RuneCountInString(t.text) > 2 || isUpper(t.text)) && !verbLike(t.text) &&
		(k+1 >= len(r.tokens) || !r.joins(k+1)) && !r.plural(i)
	shouted := !r.loud && isUpper(t.text) && len(t.text) > 1 && t.class == classNone && (!t.hollow || r.is(k, "overall")) && !r.lex.notNames[t.norm] && !r.plural(i) // "stream NIGHT"
	if !digits && !lone && !shouted {
		return
	}
	r.insertMention(k, MentionName)
}

// verbLike: "the stream carried forward" names no stream.
func verbLike(s string) bool {
	if isUpper(s) {
		return false
	}
	for _, end := range []string{"ed", "ing", "ou", "ado", "ada", "ando", "endo", "indo", "iu", "ly", "mente", "aram", "eram"} {
		if strings.HasSuffix(s, end) && len(s) > len(end)+2 {
			return true
		}
	}
	return false
}

// joins: the word goes on with an object's words, so that "job payroll extract" is no name of one word.
func (r *reading) joins(k int) bool {
	t := &r.tokens[k]
	if r.clauseStart(k) || t.mention >= 0 {
		return false
	}
	return t.link || len(t.ids) == 0 && !t.stop && t.class == classNone
}

func (r *reading) plural(i int) bool { return r.is(i, "plural") }

func (r *reading) insertMention(k int, kind MentionKind) {
	t := &r.tokens[k]
	at := 0
	for at < len(r.mentions) && r.mentions[at].Start < t.start {
		at++
	}
	r.mentions = append(r.mentions[:at], append([]Mention{{Text: t.text, Kind: kind, Start: t.start, End: t.end}}, r.mentions[at:]...)...)
	for i := range r.tokens {
		if r.tokens[i].mention >= at {
			r.tokens[i].mention++
		}
	}
	t.mention, t.class, t.ids, t.stop, t.hollow, t.link = at, classObject, nil, false, false, false
}

// nounBeside is the type noun just before a token (an article or "of" may stand between) or just after it.
func (r *reading) nounBeside(i int) string {
	for back, k := 0, i-1; back < 3 && k >= 0 && !r.clauseStart(k+1); back, k = back+1, k-1 {
		if kind := r.nounKind(k); kind != "" && !r.plural(k) {
			return kind
		}
		if !r.is(k, "article") && !r.is(k, "naming") {
			break
		}
	}
	if k := i + 1; k < len(r.tokens) && !r.clauseStart(k) && !r.plural(k) {
		if kind := r.nounKind(k); kind != "" && !(r.tokens[k+min(1, len(r.tokens)-1-k)].mention >= 0 && k+1 < len(r.tokens)) {
			return kind
		}
	}
	return ""
}

// isPlace: a bare name after "on", "no", "na" is where another name or a list of jobs runs.
func (r *reading) isPlace(i int) bool {
	if !r.is(i-1, "place") {
		return false
	}
	for k := range r.tokens[:i-1] {
		if r.tokens[k].sentence == r.tokens[i].sentence && (r.tokens[k].class == classObject || r.plural(k)) {
			return true
		}
	}
	return false
}

// dissolveAcronyms takes short words in capitals that stand within plain words for words: "the ATM reload", "carga do SPC".
func (r *reading) dissolveAcronyms() {
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.mention < 0 || len(t.text) > maxAcronym || !isUpper(t.text) || !allLetters(t.text) || r.mentions[t.mention].Kind != MentionName || t.quoted {
			continue
		}
		next := i+1 < len(r.tokens) && !r.clauseStart(i+1) && r.ordinary(i+1)
		linked := r.behindWords(i)
		before := i > 0 && !r.clauseStart(i) && r.ordinary(i-1)
		if next || linked || before {
			r.removeMention(i)
			t.acronym = true
		}
	}
}

// maxAcronym is the length up to which a word in capitals among plain words is one of them.
const maxAcronym = 5

// behindWords: "vendas no ERP", "envio ao BACEN", "upload to the SEC": a link or a preposition, and perhaps an article, stand between.
func (r *reading) behindWords(i int) bool {
	k := i - 1
	if k > 1 && r.is(k, "article") && !r.is(k, "place") && !r.tokens[k].link && !r.clauseStart(k+1) {
		k--
	}
	return k > 0 && !r.clauseStart(i) && !r.clauseStart(k) && !r.clauseStart(k+1) && (r.tokens[k].link || r.is(k, "told_place") || r.is(k, "name_place")) && r.ordinary(k-1)
}

// ordinary: a word in small letters that only an object's words can hold.
func (r *reading) ordinary(i int) bool {
	t := &r.tokens[i]
	return t.mention < 0 && t.class == classNone && !t.stop && !t.hollow && !t.link && hasLower(t.text) && !verbLike(t.text) &&
		(len(t.ids) == 0 || !r.lex.words[t.ids[0]].act)
}

func (r *reading) removeMention(i int) {
	at := r.tokens[i].mention
	r.mentions = append(r.mentions[:at], r.mentions[at+1:]...)
	for k := range r.tokens {
		if r.tokens[k].mention > at {
			r.tokens[k].mention--
		}
	}
	r.tokens[i].mention, r.tokens[i].class = -1, classNone
}

func allLetters(s string) bool {
	for _, c := range s {
		if !unicode.IsLetter(c) {
			return false
		}
	}
	return true
}
