package query

import (
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// needs reads a resource, with its workstation where one is named.
func needs(of qualifierOf, value string) (Expr, error) {
	var all And
	if hash := cutAt(value, "#"); hash >= 0 {
		terms, err := pathTerms(of.other, value[:hash])
		if err != nil {
			return nil, err
		}
		all, value = terms, value[hash+1:]
	}
	name := lastName(value)
	if name == "@" {
		if len(all) == 0 {
			return present(of.field), nil
		}
		return all, nil
	}
	x, err := named(of.field, name)
	return append(all, x), err
}

// follows reads predecessors; several are alternatives.
func follows(value string) (Expr, error) {
	var any Or
	for _, one := range splitList(value) {
		x, err := followed(strings.TrimSpace(one))
		if err != nil {
			return nil, err
		}
		any = append(any, x)
	}
	if len(any) == 1 {
		return any[0], nil
	}
	return any, nil
}

func followed(one string) (Expr, error) {
	if cutAt(one, ";") >= 0 || cutAt(one, ":") >= 0 || cutAt(one, "(") >= 0 {
		return nil, fault.New(fault.Invalid, "The predecessor %q is not understood.", clipText(one, 60)).WithHint("It is written WS#STREAM.JOB, WS#STREAM or JOB.")
	}
	hash := cutAt(one, "#")
	stream, job := one[hash+1:], ""
	dot := cutAt(stream, ".")
	if dot >= 0 {
		stream, job = stream[:dot], stream[dot+1:]
	}
	if hash < 0 && dot < 0 && cutAt(one, "/") < 0 {
		return named("dependencies.jobName", one)
	}
	all, err := pathTerms("dependencies.jobStreamWorkstation", one[:max(hash, 0)])
	if err != nil {
		return nil, err
	}
	terms, err := nameTerms("dependencies.jobStreamName", "dependencies.jobStreamFolder", stream)
	if err != nil {
		return nil, err
	}
	all = append(all, terms...)
	if job != "" && job != "@" {
		x, err := named("dependencies.jobName", job)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	if len(all) == 0 {
		return Or{present("dependencies.jobName"), present("dependencies.jobStreamName")}, nil
	}
	return all, nil
}

// recoveryWords are conman's recovery options and the engine's, which tell apart whether a prompt asks first.
var recoveryWords = map[string][]string{"stop": {"STOP"}, "continue": {"CONTINUE", "CONTINUE_PROMPT"}, "rerun": {"RERUN", "RERUN_PROMPT"}}

func recovery(field, value string) (Expr, error) {
	words, ok := recoveryWords[strings.ToLower(value)]
	if !ok {
		return nil, fault.New(fault.Invalid, "%q is no recovery option.", clipText(value, 40)).WithHint("Valid are stop, continue, rerun.")
	}
	t := Term{Field: field, Op: In}
	for _, w := range words {
		t.Values = append(t.Values, w)
	}
	return t, nil
}
