package verify

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Further is a cause that a model proposes beyond those of the tools (DESIGN.md 4.2).
type Further struct {
	Entity    string `json:"entity"`
	Kind      string `json:"kind"`
	Statement string `json:"statement"`
	Source    string `json:"source"`
	Line      int    `json:"line"`
	Quote     string `json:"quote"`
}

const (
	// maxFurther bounds the text of a proposal, and maxStatement its sentence, in bytes.
	maxFurther   = 4 << 10
	maxStatement = 300
	// minProof is the shortest quote, in runes, that may prove a model's cause: shorter ones stand everywhere.
	minProof = 8
	// furtherConfidence is what a model's cause is worth: its quote is real, its mechanism nobody has proven.
	furtherConfidence = 0.4
)

// ReadFurther reads a proposal as a model writes it, one JSON object. False when it is none.
func ReadFurther(text string) (Further, bool) {
	var f Further
	if len(text) > maxFurther || json.Unmarshal([]byte(text), &f) != nil {
		return Further{}, false
	}
	for _, s := range []*string{&f.Entity, &f.Kind, &f.Statement, &f.Source, &f.Quote} {
		*s = untrusted.Normalize(*s)
	}
	return f, f.Entity != "" && f.Kind != "" && f.Quote != ""
}

// Further adds a model's cause to the diagnosis behind all others, as likely, or says why it cannot stand. Verdict, class and the causes of
// the tools stay as they are. It comes after Structure and Allow.
func (c *Checker) Further(d *answer.Diagnosis, f Further) (why string) {
	if d == nil || d.Verdict != answer.Problem || len(d.Causes) == 0 {
		return "there is no problem that it could be a further cause of"
	}
	if len(d.Causes) >= MaxCauses {
		return "there are four causes already"
	}
	if !answer.KindKnown(f.Kind) || answer.Planned(f.Kind) {
		return "its kind is no kind of cause"
	}
	seen := c.objects()
	entity, ok := seen.whole(f.Entity)
	if !ok {
		return "no tool returned its object, or several are called so"
	}
	if role := roleOf(d, entity); role != "" {
		return role
	}
	proof := answer.Evidence{Source: f.Source, Line: f.Line, Quote: f.Quote}
	switch {
	case len([]rune(f.Quote)) < minProof || !strings.ContainsFunc(f.Quote, isLetter):
		return "its quote is too short to prove anything"
	case strings.HasPrefix(f.Source, "absence:") || !c.found(proof):
		return "its quote is not found in its source"
	case untrusted.LooksLikeInstruction(f.Quote) || untrusted.LooksLikeInstruction(f.Statement):
		return "its quote talks like an instruction"
	case fineForm.MatchString(f.Quote):
		return "its quote tells of a success"
	case !seen.speaksOf(f.Source, entity, f.Quote):
		return "its source is about another object"
	}
	statement := strings.TrimSpace(f.Statement)
	if statement == "" || len(statement) > maxStatement || len(Sentences(statement)) != 1 {
		return "its statement is not one sentence"
	}
	clean, bad := c.Sentence(statement)
	if bad != "" {
		return "its statement does not stand: " + bad
	}
	d.Causes = append(slices.Clone(d.Causes), answer.Cause{Entity: entity, Ref: seen.refs[strings.ToUpper(entity)], Kind: f.Kind, Statement: clean,
		Evidence: []answer.Evidence{proof}, Class: answer.Likely, Confidence: furtherConfidence})
	return ""
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f }

// roleOf says what an object is in the diagnosis already; empty when it is nothing.
func roleOf(d *answer.Diagnosis, entity string) string {
	same := func(e string) bool { return sameEntity(e, entity) }
	switch {
	case slices.ContainsFunc(d.Causes, func(x answer.Cause) bool { return same(x.Entity) }):
		return "its object is a cause already"
	case slices.ContainsFunc(d.Affected, same), slices.ContainsFunc(d.Impact, func(x answer.Impact) bool { return same(x.Entity) }):
		return "its object is a victim"
	case slices.ContainsFunc(d.Chain, func(x answer.Hop) bool { return same(x.Entity) }):
		return "its object is a hop"
	case slices.ContainsFunc(d.RuledOut, func(x answer.RuledOut) bool { return same(x.Entity) }):
		return "it was ruled out"
	case slices.ContainsFunc(d.Explanations, func(x answer.Explanation) bool { return same(x.Entity) }):
		return "its object waits as planned"
	}
	return ""
}

func sameEntity(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// objects are the objects that tools returned as such: whole values, not names in texts.
type objects struct {
	names map[string]string          // upper case: as written
	refs  map[string]answer.Ref      // of them, by their names in upper case
	about map[string]map[string]bool // source: the objects, in upper case, that a tool gave it for
}

// told are fields whose values are words, of people or of logs, and name no object even where they look like one.
var told = map[string]bool{"text": true, "quote": true, "query": true, "description": true, "statement": true, "why": true, "title": true, "message": true, "hint": true, "name": true, "source": true}

func (c *Checker) objects() objects {
	o := objects{names: map[string]string{}, refs: map[string]answer.Ref{}, about: map[string]map[string]bool{}}
	for _, call := range c.ledger {
		if call.OK() && call.Name != "search_knowledge" {
			o.call(call)
		}
	}
	return o
}

func (o objects) call(call conversations.Call) {
	var data any
	if json.Unmarshal(call.Result.Envelope.Data, &data) == nil {
		o.value("", data)
	}
}

func (o objects) value(key string, v any) {
	switch v := v.(type) {
	case string:
		if !told[key] && objectForm(v) {
			o.names[strings.ToUpper(v)] = v
		}
	case []any:
		for _, e := range v {
			o.value(key, e)
		}
	case map[string]any:
		o.object(v)
		for k, e := range v {
			o.value(k, e)
		}
	}
}

// object takes in what one decoded object says of the object that it names.
func (o objects) object(v map[string]any) {
	entity, ok := v["entity"].(string)
	if !ok || entity == "" {
		return
	}
	up := strings.ToUpper(entity)
	o.names[up] = entity
	if ref, ok := v["ref"]; ok {
		var r answer.Ref
		if b, err := json.Marshal(ref); err == nil && json.Unmarshal(b, &r) == nil {
			o.refs[up] = r
		}
	}
	add := func(source any) {
		s, ok := source.(string)
		if !ok || s == "" {
			return
		}
		if o.about[s] == nil {
			o.about[s] = map[string]bool{}
		}
		o.about[s][up] = true
	}
	add(v["source"])
	if list, ok := v["evidence"].([]any); ok {
		for _, e := range list {
			if m, ok := e.(map[string]any); ok {
				add(m["source"])
			}
		}
	}
}

// objectForm reports whether a text is the name of an object and nothing else.
func objectForm(s string) bool {
	if kind, name, ok := strings.Cut(s, ":"); ok && name != "" && !strings.ContainsAny(s, " \n") {
		switch kind {
		case "db", "host", "service", "user", "calendar", "rule", "plan":
			return true
		}
	}
	at := entityForm.FindStringIndex(s)
	return at != nil && at[0] == 0 && at[1] == len(s)
}

// whole gives the object that a name means: itself, or the only one that can be written so.
func (o objects) whole(name string) (string, bool) {
	up := strings.ToUpper(strings.TrimSpace(name))
	if e, ok := o.names[up]; ok {
		return e, true
	}
	found := ""
	for whole, e := range o.names {
		forms := entityForms(whole)
		short := whole[strings.LastIndexByte(whole, '.')+1:]
		if !slices.Contains(forms, up) && !(strings.Contains(whole, "#") && short == up) {
			continue
		}
		if found != "" {
			return "", false
		}
		found = e
	}
	return found, found != ""
}

// fineForm finds fields that tell of a success and of nothing else.
var fineForm = regexp.MustCompile(`(?i)^(?:(?:\w*status=SUCC\w*|return_code=0)(?:[,;] )?)+$`)

// speaksOf reports whether a source may prove something of an object: its own reading, a log that a tool gave for it, or what happened to it by the
// quote's own words.
func (o objects) speaksOf(source, entity, quote string) bool {
	up := strings.ToUpper(entity)
	kind, of, _ := strings.Cut(source, ":")
	switch kind {
	case "joblog":
		return !strings.Contains(entity, "#") || o.about[source][up]
	case "plan", "definition", "history", "workstation", "resource", "prompt", "file":
		return strings.EqualFold(of, entity) || o.about[source][up]
	}
	if kind != "event" && kind != "audit" && kind != "engine" {
		return false // documents tell what may be, not what was
	}
	return strings.EqualFold(of, entity) || o.about[source][up] || wholeName(strings.ToUpper(quote), shortOf(up))
}

// wholeName reports whether a text, in capitals, names an object, and not another whose name holds this one.
func wholeName(text, name string) bool {
	for _, w := range wordForm.FindAllString(text, -1) {
		if shortOf(w) == name {
			return true
		}
	}
	return false
}

// FurtherNote tells the person about a cause of the model: that it stands on the model's word but for its quote, or that it was left out.
func FurtherNote(language string, stands bool) string {
	switch {
	case stands && language == "pt":
		return "\n\n_A última causa foi proposta pelo modelo de linguagem: a citação foi conferida, a ligação com o problema não está provada._"
	case stands:
		return "\n\n_The last cause was proposed by the language model: its quote was checked, its link to the problem is not proven._"
	case language == "pt":
		return "\n\n_Uma causa proposta pelo modelo de linguagem foi retirada porque nenhuma leitura desta conversa a comprova._"
	}
	return "\n\n_A cause that the language model proposed was removed because no reading in this conversation supports it._"
}

// maxPlaces bounds the places that InstructionNote names.
const maxPlaces = 3

// InstructionNote tells the person where text was read that talks to a model; empty without places.
func InstructionNote(language string, places []string) string {
	if len(places) == 0 {
		return ""
	}
	more := ""
	if len(places) > maxPlaces {
		places, more = places[:maxPlaces], " …"
	}
	list := "`" + strings.Join(places, "`, `") + "`" + more
	if language == "pt" {
		return "\n\n_O texto em " + list + " se dirige a um programa como este; foi lido como dado, e não foi seguido._"
	}
	return "\n\n_The text at " + list + " addresses a program like this one; it was read as data and not followed._"
}
