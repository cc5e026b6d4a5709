package query

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// qualifier writes one term as a qualifier.
func (p *selectionPrinter) qualifier(t Term, not bool) (string, bool) {
	if strings.HasPrefix(t.Field, "dependencies.job") && (p.of == Jobs || p.of == JobStreams) {
		text, ok := t.follows()
		return sign(not) + "follows=" + text, ok
	}
	for _, name := range slices.Sorted(maps.Keys(qualifiers[p.of])) {
		of := qualifiers[p.of][name]
		if t.Field != of.field && t.Field != of.other || t.Field == "" || of.kind == qCritical {
			continue
		}
		value, flip, ok := p.value(of, t)
		if !ok {
			return "", false
		}
		if value != "" {
			value = "=" + value
		}
		return sign(not != flip) + name + value, true
	}
	return "", false
}

func sign(not bool) string {
	if not {
		return "~"
	}
	return "+"
}

// value writes what stands behind the =; "" for a qualifier alone, with flip when the term says that there is none.
func (p *selectionPrinter) value(of qualifierOf, t Term) (text string, flip, ok bool) {
	if len(t.Values) == 1 && t.Values[0] == nil {
		f, _ := FieldOf(p.of, t.Field)
		presence := of.kind == qDefined || of.kind == qActual || of.kind == qText || of.kind == qNeeds && t.Field == of.field
		return "", t.Op == Eq, presence && (t.Op == Ne || t.Op == Eq && !f.Many)
	}
	switch of.kind {
	case qFlag:
		return "", false, t.Op == Eq && len(t.Values) == 1 && t.Values[0] == true
	case qState:
		text, ok = p.stateWords(of, t)
	case qNumber:
		text, ok = of.bounded(t)
	case qDefined, qActual:
		text, ok = p.timed(of, t)
	case qText:
		text, ok = t.written()
	case qPrompt, qNeeds:
		text, ok = of.nameOrNumber(t)
	case qRecovery:
		for _, word := range slices.Sorted(maps.Keys(recoveryWords)) {
			if sameWords(recoveryWords[word], t) {
				text, ok = word, true
			}
		}
	}
	return text, false, ok
}

// sameWords reports whether a term asks for just these words.
func sameWords(words []string, t Term) bool {
	if t.Op != Eq && t.Op != In {
		return false
	}
	for _, w := range words {
		if !slices.Contains(t.Values, Value(w)) {
			return false
		}
	}
	return !slices.ContainsFunc(t.Values, func(v Value) bool { s, ok := v.(string); return !ok || !slices.Contains(words, s) })
}

func (p *selectionPrinter) stateWords(of qualifierOf, t Term) (string, bool) {
	if t.Op != Eq && t.Op != In || len(t.Values) == 0 {
		return "", false
	}
	words := make([]string, len(t.Values))
	for i, v := range t.Values {
		s, ok := v.(string)
		if !ok {
			return "", false
		}
		if words[i], ok = p.stateWord(of, t.Field, s); !ok {
			return "", false
		}
	}
	return strings.Join(words, ","), true
}

func (p *selectionPrinter) stateWord(of qualifierOf, field, s string) (string, bool) {
	if field == of.other {
		for _, shown := range slices.Sorted(maps.Keys(commonWords)) {
			if commonWords[shown] == s {
				return "#" + shown[:1] + strings.ToLower(shown[1:]), true
			}
		}
		return "", false
	}
	word := s
	if w := statusToConman(s); len(w) > 0 && p.of != Prompts {
		word = w[0]
	}
	for shown, w := range promptWords {
		if w == s && p.of == Prompts {
			word = shown
		}
	}
	if word == "" || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" || stateFrom(word, p.of) != s {
		return "", false
	}
	return strings.ToLower(word), true
}

// states joins alternatives that are all states.
func (p *selectionPrinter) states(any Or) (string, bool) {
	of, ok := qualifiers[p.of]["state"]
	var words []string
	for _, x := range any {
		t, isTerm := x.(Term)
		if !ok || !isTerm || t.Field != of.field && t.Field != of.other {
			return "", false
		}
		text, said := p.stateWords(of, t)
		if !said {
			return "", false
		}
		words = append(words, text)
	}
	return "+state=" + strings.Join(words, ","), true
}

func (of qualifierOf) bounded(t Term) (string, bool) {
	if len(t.Values) != 1 {
		return "", false
	}
	n, ok := widen(t.Values[0]).(int64)
	op := t.Op
	switch op {
	case Gt:
		op, n = Ge, n+1
	case Lt:
		op, n = Le, n-1
	}
	if !ok || n < of.low || n > of.high {
		return "", false
	}
	text := strconv.FormatInt(n, 10)
	switch op {
	case Eq, In:
		return text, true
	case Ge:
		return text + ",", true
	case Le:
		return "," + text, true
	}
	return "", false
}

func (p *selectionPrinter) timed(of qualifierOf, t Term) (string, bool) {
	if len(t.Values) != 1 {
		return "", false
	}
	at, ok := t.Values[0].(time.Time)
	if !ok {
		return "", false
	}
	if t.Op == Lt && of.kind == qActual {
		at = at.Add(-time.Minute)
	}
	text, ok := writtenTime(at, p.loc)
	switch {
	case !ok:
		return "", false
	case t.Op == Ge:
		return text + ",", true
	case t.Op == Lt && of.kind == qActual, t.Op == Le && of.kind == qDefined:
		return "," + text, true
	case (t.Op == Eq || t.Op == In) && of.kind == qDefined:
		return text, true
	}
	return "", false
}

// nameOrNumber writes a prompt's name or number, or a resource or its workstation.
func (of qualifierOf) nameOrNumber(t Term) (string, bool) {
	if of.kind == qNeeds && t.Field == of.other {
		ws, ok := t.path()
		return ws + "#@", ok
	}
	if t.Field == of.other {
		if len(t.Values) != 1 || t.Op != Eq && t.Op != In {
			return "", false
		}
		n, ok := widen(t.Values[0]).(int64)
		return strconv.FormatInt(n, 10), ok && n >= 0
	}
	out, ok := t.written()
	return out, ok && (of.kind != qPrompt || !allDigits(out))
}

// follows writes one condition on predecessors.
func (t Term) follows() (string, bool) {
	switch t.Field {
	case "dependencies.jobName":
		return t.written()
	case "dependencies.jobStreamName":
		out, ok := t.written()
		return "@#/@/" + out + ".@", ok
	case "dependencies.jobStreamWorkstation":
		out, ok := t.path()
		return out + "#/@/@.@", ok
	}
	return "", false
}
