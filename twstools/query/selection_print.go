package query

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// PrintSelection says a condition in conman's selection syntax, which is also the interface's plan_filter. Times are written in loc (nil: UTC), the
// zone in which the reader must read them. Names are escaped, so no text can add a qualifier. Conditions on names that must all hold
// become the names in front, the others qualifiers. What the syntax cannot say exactly is fault.Invalid and named.
func PrintSelection(x Expr, of Object, loc *time.Location) (string, error) {
	p := selectionPrinter{of: of, loc: orUTC(loc), names: map[string]Term{}}
	if _, ok := nameFields[of]; !ok {
		return "", fault.New(fault.Invalid, "The selection syntax does not cover %s.", of)
	}
	var parts []Expr
	switch x := normal(x, of).(type) {
	case nil:
	case And:
		parts = x
	default:
		parts = []Expr{x}
	}
	for _, part := range parts {
		if err := p.part(part); err != nil {
			return "", err
		}
	}
	front, err := p.front()
	if err != nil {
		return "", err
	}
	return front + p.qualifiers.String(), nil
}

// nameFields are the fields that stand in front of the qualifiers.
var nameFields = map[Object][]string{
	Jobs:         {"jobStreamWorkstation", "folder", "jobStreamName", "schedTime", "jobStreamInternalIdentifier", "name"},
	JobStreams:   {"workstation", "folder", "name", "schedTime", "internalIdentifier"},
	Workstations: {"domainName", "name"},
	Resources:    {"workstation", "folder", "name"},
	Prompts:      {"folder", "name"},
	Files:        {"workstation", "name"},
}

type selectionPrinter struct {
	of         Object
	loc        *time.Location
	names      map[string]Term
	qualifiers strings.Builder
}

func (p *selectionPrinter) refuse(t Term) error { return unsayable(t, "The selection syntax") }

func (p *selectionPrinter) part(x Expr) error {
	if t, not, ok := leaf(x); ok {
		if !not && slices.Contains(nameFields[p.of], t.Field) {
			if _, twice := p.names[t.Field]; twice {
				return p.refuse(t)
			}
			p.names[t.Field] = t
			return nil
		}
		text, ok := p.qualifier(t, not)
		if !ok {
			return p.refuse(t)
		}
		p.qualifiers.WriteString(text)
		return nil
	}
	any, ok := x.(Or)
	if !ok || len(any) == 0 {
		return fault.New(fault.Invalid, "The selection syntax cannot say alternatives of different conditions.")
	}
	if text, ok := p.states(any); ok {
		p.qualifiers.WriteString(text)
		return nil
	}
	if of, ok := qualifiers[p.of]["critnet"]; ok && len(any) == 2 && slices.ContainsFunc(any, is(Is(of.field, true))) && slices.ContainsFunc(any, is(Not{Is(of.other, nil)})) {
		p.qualifiers.WriteString("+critnet")
		return nil
	}
	if t, _, ok := leaf(any[0]); ok {
		return p.refuse(t)
	}
	return fault.New(fault.Invalid, "The selection syntax cannot say alternatives of different conditions.")
}

func is(x Expr) func(Expr) bool { return func(y Expr) bool { return sameLeaf(x, y) } }

// front writes the names.
func (p *selectionPrinter) front() (string, error) {
	switch p.of {
	case Workstations:
		domain, err := p.path("domainName", "@")
		if err != nil {
			return "", err
		}
		name, err := p.path("name", "/@/@")
		if _, given := p.names["domainName"]; given {
			return domain + "!" + name, err
		}
		return name, err
	case Prompts:
		return p.foldered("name")
	case Resources:
		return p.join("workstation", "name")
	case Files:
		ws, err := p.path("workstation", "/@/@")
		if err != nil {
			return "", err
		}
		name, err := p.text("name", "@")
		return ws + "#" + name, err
	case JobStreams:
		return p.stream("workstation", "name", "internalIdentifier")
	}
	stream, err := p.stream("jobStreamWorkstation", "jobStreamName", "jobStreamInternalIdentifier")
	if err != nil {
		return "", err
	}
	job, err := p.text("name", "@")
	if stream, ok := strings.CutSuffix(stream, ";schedid"); ok {
		return stream + "." + job + ";schedid", err
	}
	return stream + "." + job, err
}

func (p *selectionPrinter) join(wsField, nameField string) (string, error) {
	ws, err := p.path(wsField, "/@/@")
	if err != nil {
		return "", err
	}
	name, err := p.foldered(nameField)
	return ws + "#" + name, err
}

// stream writes workstation, folder, name and time of a job stream, or its identifier.
func (p *selectionPrinter) stream(wsField, nameField, idField string) (string, error) {
	id, byID := p.names[idField]
	if !byID {
		out, err := p.join(wsField, nameField)
		at, timed := p.names["schedTime"]
		if err != nil || !timed {
			return out, err
		}
		when, ok := p.time(at)
		if !ok {
			return "", p.refuse(at)
		}
		return out + "(" + when + ")", nil
	}
	for _, other := range []string{nameField, "folder", "schedTime"} {
		if _, both := p.names[other]; both {
			return "", p.refuse(id)
		}
	}
	s, ok := id.text()
	if !ok || id.Op != Eq || strings.ContainsAny(s, special) || !isField("x"+s) {
		return "", p.refuse(id)
	}
	ws, err := p.path(wsField, "/@/@")
	return ws + "#" + s + ";schedid", err
}

// text is a term's one value when it is text.
func (t Term) text() (string, bool) {
	if len(t.Values) != 1 || t.Op != Eq && t.Op != Like && t.Op != In {
		return "", false
	}
	s, ok := t.Values[0].(string)
	return s, ok
}

// written is a term's text as a selection takes it.
func (t Term) written() (string, bool) {
	s, ok := t.text()
	switch {
	case !ok:
		return "", false
	case t.Op == Like:
		out, ok := escapedPattern(s)
		return out, ok && strings.Trim(out, "@") != ""
	}
	return escaped(s)
}

func (p *selectionPrinter) text(field, absent string) (string, error) {
	t, given := p.names[field]
	if !given {
		return absent, nil
	}
	out, ok := t.written()
	if !ok {
		return "", p.refuse(t)
	}
	return out, nil
}

// path writes a workstation or a domain: the name alone, or its folder before it.
func (p *selectionPrinter) path(field, absent string) (string, error) {
	t, given := p.names[field]
	if !given {
		return absent, nil
	}
	out, ok := t.path()
	if !ok {
		return "", p.refuse(t)
	}
	return out, nil
}

func (t Term) path() (string, bool) {
	s, ok := t.text()
	if !ok {
		return "", false
	}
	s = strings.TrimPrefix(s, "/")
	parts := strings.Split(s, "/")
	for i, part := range parts {
		one, ok := Term{Op: t.Op, Values: []Value{part}}.written()
		if !ok {
			return "", false
		}
		parts[i] = one
	}
	if len(parts) > 1 {
		return "/" + strings.Join(parts, "/"), true
	}
	return parts[0], true
}

// foldered writes a name whose folder is a field of its own.
func (p *selectionPrinter) foldered(field string) (string, error) {
	name, err := p.text(field, "@")
	if err != nil {
		return "", err
	}
	t, given := p.names["folder"]
	if !given {
		return "/@/" + name, nil
	}
	s, ok := t.text()
	if !ok || s == "" || s[0] != '/' {
		return "", p.refuse(t)
	}
	if s == "/" && t.Op != Like {
		if name == "@" {
			return "/@", nil
		}
		return name, nil
	}
	if t.Op != Like {
		s = strings.TrimSuffix(s, "/")
	}
	t.Values = []Value{s}
	folder, ok := t.path()
	if !ok {
		return "", p.refuse(t)
	}
	return "/" + strings.TrimPrefix(folder, "/") + "/" + name, nil
}

func (p *selectionPrinter) time(t Term) (string, bool) {
	if len(t.Values) != 1 || t.Op != Eq && t.Op != In {
		return "", false
	}
	at, ok := t.Values[0].(time.Time)
	if !ok {
		return "", false
	}
	return writtenTime(at, p.loc)
}

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
