package query

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// qualifierKind is what a qualifier of conman takes behind its =.
type qualifierKind int

const (
	qFlag     qualifierKind = iota // nothing
	qState                         // states, common ones behind a #
	qNumber                        // n, or low,high with either left out
	qDefined                       // nothing, a time, or low,high: defined to the minute
	qActual                        // the same, of what happened within the minute
	qText                          // nothing, or a text with wildcards
	qPrompt                        // nothing, a prompt's name or number
	qNeeds                         // nothing, or [workstation#]resource
	qFollows                       // [workstation#]stream[.job], or a job of the same stream
	qRecovery                      // stop, continue or rerun
	qCritical                      // nothing: on a critical job's network
)

// qualifierOf says how a qualifier reads: its field, and for lists of states the field of the common ones; the bounds of numbers.
type qualifierOf struct {
	kind      qualifierKind
	field     string
	other     string
	low, high int64
}

// qualifiers are conman's, by object. Those that the plan's data cannot answer (carryforward; every with a rate) are missing. Sources: "Selecting jobs
// in commands", "Selecting job streams in commands", the console's form of common statuses.
var qualifiers = map[Object]map[string]qualifierOf{
	Jobs: {
		"at":         {kind: qDefined, field: "timeRestrictions.startTime"},
		"confirmed":  {kind: qFlag, field: "jobOptions.requiresConfirmation"},
		"critical":   {kind: qFlag, field: "jobOptions.critical"},
		"critnet":    {kind: qCritical, field: "jobOptions.critical", other: "criticalStart"},
		"deadline":   {kind: qDefined, field: "timeRestrictions.deadlineTime"},
		"every":      {kind: qFlag, field: "jobOptions.every"},
		"finished":   {kind: qActual, field: "jobruns.timeInfo.actualEndTime"},
		"follows":    {kind: qFollows},
		"logon":      {kind: qText, field: "jobDefinition.userLogin"},
		"needs":      {kind: qNeeds, field: "dependencies.resourceName", other: "dependencies.resourceWorkstation"},
		"opens":      {kind: qText, field: "dependencies.fileName"},
		"priority":   {kind: qNumber, field: "priority", high: 101},
		"prompt":     {kind: qPrompt, field: "dependencies.promptName", other: "dependencies.promptNumber"},
		"recovery":   {kind: qRecovery, field: "jobDefinition.recoveryOption"},
		"scriptname": {kind: qText, field: "jobDefinition.task"},
		"started":    {kind: qActual, field: "jobruns.timeInfo.actualStartTime"},
		"state":      {kind: qState, field: "jobruns.compositeStatus.status", other: "jobruns.commonStatus"},
		"until":      {kind: qDefined, field: "timeRestrictions.untilTime"},
	},
	JobStreams: {
		"at":             {kind: qDefined, field: "timeRestrictions.startTime"},
		"carriedforward": {kind: qFlag, field: "jsDefinitionFlags.carriedForward"},
		"deadline":       {kind: qDefined, field: "timeRestrictions.deadlineTime"},
		"finished":       {kind: qActual, field: "timeInfo.actualEndTime"},
		"follows":        {kind: qFollows},
		"limit":          {kind: qNumber, field: "limit", high: 1024},
		"needs":          {kind: qNeeds, field: "dependencies.resourceName", other: "dependencies.resourceWorkstation"},
		"opens":          {kind: qText, field: "dependencies.fileName"},
		"priority":       {kind: qNumber, field: "priority", high: 101},
		"prompt":         {kind: qPrompt, field: "dependencies.promptName", other: "dependencies.promptNumber"},
		"started":        {kind: qActual, field: "timeInfo.actualStartTime"},
		"state":          {kind: qState, field: "compositeStatus.status", other: "commonStatus"},
		"until":          {kind: qDefined, field: "timeRestrictions.untilTime"},
	},
	Prompts: {"state": {kind: qState, field: "status"}},
}

// present is the condition that a field has a value.
func present(field string) Term { return Term{Field: field, Op: Ne, Values: []Value{nil}} }

func (s selector) qualifier(q qualified) (Expr, error) {
	of, ok := qualifiers[s.of][q.name]
	if !ok {
		valid := slices.Sorted(maps.Keys(qualifiers[s.of]))
		err := fault.New(fault.Invalid, "The qualifier %q at position %d is not one of %s.", clipText(q.name, 40), q.pos, s.of)
		if len(valid) == 0 {
			return nil, err.WithHint("%s take none.", capital(s.of.String()))
		}
		return nil, err.WithHint("Valid qualifiers, the nearest first: %s.", strings.Join(nearest(q.name, valid), ", "))
	}
	x, err := s.qualifierTerms(of, q)
	if err != nil {
		placed := *fault.Public(err)
		placed.Message += " It belongs to the qualifier at position " + strconv.Itoa(q.pos) + "."
		return nil, &placed
	}
	if q.not {
		x = Not{x}
	}
	return x, nil
}

func (s selector) qualifierTerms(of qualifierOf, q qualified) (Expr, error) {
	if !q.valued {
		return of.alone(q.name)
	}
	if q.value == "" {
		return nil, fault.New(fault.Invalid, "Nothing follows %s=.", q.name)
	}
	switch of.kind {
	case qState:
		return s.states(of, q.value)
	case qNumber:
		return of.numbers(q.value)
	case qDefined, qActual:
		return s.times(of, q.value)
	case qText:
		return valued(of.field, q.value)
	case qPrompt:
		if allDigits(q.value) {
			n, _ := bare(q.value)
			return Is(of.other, n), nil
		}
		return named(of.field, lastName(q.value))
	case qNeeds:
		return needs(of, q.value)
	case qFollows:
		return follows(q.value)
	case qRecovery:
		return recovery(of.field, q.value)
	}
	return nil, fault.New(fault.Invalid, "The qualifier %s takes no value here.", q.name)
}

// alone reads a qualifier without a value: a flag, or that there is any.
func (of qualifierOf) alone(name string) (Expr, error) {
	switch of.kind {
	case qFlag:
		return Is(of.field, true), nil
	case qCritical:
		return Or{Is(of.field, true), present(of.other)}, nil
	case qDefined, qActual, qText, qNeeds:
		return present(of.field), nil
	case qPrompt:
		return Or{present(of.field), present(of.other)}, nil
	}
	return nil, fault.New(fault.Invalid, "The qualifier %s needs a value.", name)
}

// commonWords are the Dynamic Workload Console's words for common statuses, which are written behind a #.
var commonWords = map[string]string{"WAITING": "WAITING", "READY": "READY", "RUNNING": "RUNNING", "SUCCESSFUL": "SUCCESSFUL", "ERROR": "ERROR", "CANCELED": "CANCELED",
	"HELD": "HELD", "UNDECIDED": "UNDECIDED", "BLOCKED": "BLOCKED", "SUPPRESSED": "SUPPRESS"}

// promptWords are conman's words for the states of prompts that differ from the interface's.
var promptWords = map[string]string{"INACT": "NOT_ASKED", "YES": "ANSWERED_YES", "NO": "ANSWERED_NO"}

func (s selector) states(of qualifierOf, value string) (Expr, error) {
	var internal, common []Value
	for _, one := range splitList(value) {
		one = strings.ToUpper(strings.TrimSpace(one))
		if hashed, ok := strings.CutPrefix(one, "#"); ok {
			word := commonWords[hashed]
			if word == "" || of.other == "" {
				return nil, fault.New(fault.Invalid, "The state %q is not one of the plan's.", clipText(one, 40)).
					WithHint("Behind a # stand: %s.", strings.Join(slices.Sorted(maps.Keys(commonWords)), ", "))
			}
			common = append(common, word)
			continue
		}
		if strings.Trim(one, "+") == "" || strings.Trim(strings.TrimSuffix(one, "+"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
			return nil, fault.New(fault.Invalid, "The state %q is not one of the plan's.", clipText(one, 40))
		}
		internal = append(internal, stateFrom(one, s.of))
	}
	var any Or
	for _, list := range []Term{{of.field, In, internal}, {of.other, In, common}} {
		if len(list.Values) == 1 {
			list.Op = Eq
		}
		if len(list.Values) > 0 {
			any = append(any, list)
		}
	}
	if len(any) == 1 {
		return any[0], nil
	}
	return any, nil
}

func stateFrom(word string, of Object) string {
	if of != Prompts {
		return statusFromConman(word)
	}
	if w := promptWords[word]; w != "" {
		return w
	}
	return word
}

// numbers reads n or low,high with either left out; HI is 100 and GO is 101.
func (of qualifierOf) numbers(value string) (Expr, error) {
	parts := splitList(value)
	bounds := make([]*int64, len(parts))
	for i, p := range parts {
		switch p = strings.ToLower(strings.TrimSpace(p)); {
		case p == "" && len(parts) == 2:
			continue
		case p == "hi" && of.field == "priority":
			p = "100"
		case p == "go" && of.field == "priority":
			p = "101"
		}
		n, err := strconv.ParseInt(p, 10, 16)
		if err != nil || n < of.low || n > of.high {
			return nil, fault.New(fault.Invalid, "%q is no number from %d to %d.", clipText(p, 40), of.low, of.high)
		}
		bounds[i] = &n
	}
	switch {
	case len(bounds) == 1:
		return Is(of.field, *bounds[0]), nil
	case len(bounds) != 2 || bounds[0] == nil && bounds[1] == nil:
		return nil, fault.New(fault.Invalid, "One number or two are needed, not %q.", clipText(value, 40))
	}
	var all And
	if bounds[0] != nil {
		all = append(all, Term{Field: of.field, Op: Ge, Values: []Value{*bounds[0]}})
	}
	if bounds[1] != nil {
		all = append(all, Term{Field: of.field, Op: Le, Values: []Value{*bounds[1]}})
	}
	return all, nil
}

// times reads a time or low,high. What is defined is so to the minute; what happened did so within the minute that conman shows.
func (s selector) times(of qualifierOf, value string) (Expr, error) {
	parts := splitList(value)
	bounds := make([]time.Time, len(parts))
	for i, p := range parts {
		if strings.TrimSpace(p) == "" && len(parts) == 2 {
			continue
		}
		t, err := s.instant(p)
		if err != nil {
			return nil, err
		}
		bounds[i] = t
	}
	from, to := bounds[0], bounds[len(bounds)-1]
	switch {
	case len(bounds) > 2 || from.IsZero() && to.IsZero():
		return nil, fault.New(fault.Invalid, "One time or two are needed, not %q.", clipText(value, 60))
	case len(bounds) == 1 && of.kind == qDefined:
		return Is(of.field, from), nil
	}
	var all And
	if !from.IsZero() {
		all = append(all, Term{Field: of.field, Op: Ge, Values: []Value{from}})
	}
	switch {
	case to.IsZero():
	case of.kind == qActual:
		all = append(all, Term{Field: of.field, Op: Lt, Values: []Value{to.Add(time.Minute)}})
	default:
		all = append(all, Term{Field: of.field, Op: Le, Values: []Value{to}})
	}
	return all, nil
}

// lastName drops the folder of a name that is matched without it.
func lastName(path string) string {
	_, name := cutFolder(path)
	return name
}
