package query

import (
	"slices"
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
	if _, byID := p.names["jobStreamInternalIdentifier"]; byID {
		return strings.TrimSuffix(stream, ";schedid") + "." + job + ";schedid", err
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
