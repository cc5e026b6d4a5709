package query

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// ParseSelection reads conman's selection syntax, which is also the interface's plan_filter: `/@/@#/@/@.@`, `WS#STREAM(0200 03/17/26).JOB`,
// wildcards @ and ?, qualifiers after + and negated after ~ (state, priority, and for jobs critical and every). A name without a folder means
// the root folder, or any folder where the name is @ alone. Times are read in loc (nil: UTC). What is not understood is fault.Invalid. A nil Expr means everything.
func ParseSelection(text string, of Object, loc *time.Location) (Expr, error) {
	if len(text) > maxText {
		return nil, fault.New(fault.Invalid, "The selection is longer than %d characters.", maxText)
	}
	if loc == nil {
		loc = time.UTC
	}
	names, qualifiers := splitQualifiers(strings.TrimSpace(text))
	var all And
	var err error
	switch of {
	case Jobs, JobStreams:
		all, err = selectStreams(names, of, loc)
	case Workstations:
		all = pathTerms("name", names)
	default:
		all, err = selectOnWorkstation(names, of)
	}
	if err != nil {
		return nil, err
	}
	for _, q := range qualifiers {
		x, err := qualifier(q, of)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// splitQualifiers cuts at each + and ~ outside parentheses; a qualifier keeps its sign.
func splitQualifiers(text string) (names string, qualifiers []string) {
	depth, from := 0, 0
	var parts []string
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '+', '~':
			if depth <= 0 {
				parts = append(parts, text[from:i])
				from = i
			}
		}
	}
	parts = append(parts, text[from:])
	return strings.TrimSpace(parts[0]), parts[1:]
}

func selectStreams(names string, of Object, loc *time.Location) (And, error) {
	ws, rest, split := strings.Cut(names, "#")
	var all And
	if !split {
		rest = names
	} else if of == Jobs {
		all = pathTerms("jobStreamWorkstation", ws)
	} else {
		all = pathTerms("workstation", ws)
	}
	stream, when, job, err := cutInstance(rest)
	if err != nil {
		return nil, err
	}
	if when != "" {
		t, err := time.ParseInLocation("1504 01/02/06", when, loc)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is no schedule time like 0200 03/17/26.", when)
		}
		all = append(all, Is("schedTime", t.UTC()))
	}
	if of == JobStreams {
		if job != "" && job != "@" {
			return nil, fault.New(fault.Invalid, "A selection of job streams names no job, but %q does.", names)
		}
		return append(all, nameTerms("name", stream)...), nil
	}
	all = append(all, nameTerms("jobStreamName", stream)...)
	if job != "" && job != "@" {
		all = append(all, Matches("name", job))
	}
	return all, nil
}

// cutInstance takes STREAM(hhmm mm/dd/yy).JOB apart.
func cutInstance(s string) (stream, when, job string, err error) {
	if open := strings.IndexByte(s, '('); open >= 0 {
		end := strings.IndexByte(s[open:], ')')
		if end < 0 {
			return "", "", "", fault.New(fault.Invalid, "A parenthesis is opened and never closed in %q.", s)
		}
		after := s[open+end+1:]
		if after != "" && after[0] != '.' {
			return "", "", "", fault.New(fault.Invalid, "%q is not expected behind the schedule time.", after)
		}
		return s[:open], strings.TrimSpace(s[open+1 : open+end]), strings.TrimPrefix(after, "."), nil
	}
	if strings.Contains(s, ";") {
		return "", "", "", fault.New(fault.Invalid, "Options behind a semicolon are not understood here: %q.", s)
	}
	stream, job, _ = strings.Cut(s, ".")
	return stream, "", job, nil
}

// pathTerms matches a workstation's display form: the name alone in the root folder, else with its folder.
func pathTerms(field, path string) And {
	folder, name := cutFolder(path)
	switch {
	case name == "@" && (folder == "" || folder == "@"):
		return nil
	case folder == "@":
		return And{Or{Matches(field, name), Matches(field, "/@/"+name)}}
	case folder == "":
		return And{Matches(field, name)}
	}
	return And{Matches(field, "/"+folder+"/"+name)}
}

// nameTerms matches a name that has its folder in a field of its own.
func nameTerms(field, path string) And {
	folder, name := cutFolder(path)
	var all And
	switch folder {
	case "@":
	case "":
		if name != "@" {
			all = append(all, Is("folder", "/"))
		}
	default:
		all = append(all, Matches("folder", "/"+folder))
	}
	if name != "@" {
		all = append(all, Matches(field, name))
	}
	return all
}

// cutFolder splits a path; folder "" is the root, "@" every folder. An empty name means all.
func cutFolder(path string) (folder, name string) {
	path = strings.TrimSpace(path)
	if path == "" || path == "/" {
		return "@", "@"
	}
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	if name = path[i+1:]; name == "" {
		name = "@"
	}
	return strings.Trim(path[:i], "/"), name
}

func selectOnWorkstation(names string, of Object) (And, error) {
	ws, rest, split := strings.Cut(names, "#")
	if !split {
		return nameTerms("name", names), nil
	}
	if of == Prompts {
		return nil, fault.New(fault.Invalid, "A selection of prompts names no workstation, but %q does.", names)
	}
	return append(pathTerms("workstation", ws), nameTerms("name", rest)...), nil
}

// qualifier reads one +name=values or ~name=values.
func qualifier(text string, of Object) (Expr, error) {
	name, value, _ := strings.Cut(text[1:], "=")
	var x Expr
	var err error
	switch name = strings.ToLower(strings.TrimSpace(name)); {
	case name == "state" && of != Workstations && of != Resources:
		x, err = stateTerm(value, of)
	case name == "priority" && (of == Jobs || of == JobStreams):
		x, err = priorityTerm(value)
	case name == "critical" && of == Jobs && value == "":
		x = Is("jobOptions.critical", true)
	case name == "every" && of == Jobs && value == "":
		x = Is("jobOptions.every", true)
	default:
		return nil, fault.New(fault.Invalid, "The qualifier %q is not understood here.", strings.TrimSpace(text[1:]))
	}
	if err == nil && text[0] == '~' {
		x = Not{x}
	}
	return x, err
}

// stateWords are conman's spellings that differ from the interface's.
var stateWords = map[string]string{"DONE": "END", "FAILED": "FAIL", "CANCEL": "CANCL", "CANCP": "CANCLP", "SUPPRESS": "SUPPR", "ADD": "ADD"}

// commonWords are the Dynamic Workload Console's words for common statuses, which are written behind a #.
var commonWords = map[string]string{"WAITING": "WAITING", "READY": "READY", "RUNNING": "RUNNING", "SUCCESSFUL": "SUCCESSFUL", "ERROR": "ERROR", "CANCELED": "CANCELED",
	"HELD": "HELD", "UNDECIDED": "UNDECIDED", "BLOCKED": "BLOCKED", "SUPPRESSED": "SUPPRESS"}

func stateTerm(value string, of Object) (Expr, error) {
	internal, common := "compositeStatus.status", "commonStatus"
	switch of {
	case Jobs:
		internal, common = "jobruns."+internal, "jobruns."+common
	case Prompts:
		internal, common = "status", "status"
	}
	var any Or
	for one := range strings.SplitSeq(value, ",") {
		one = strings.ToUpper(strings.TrimSpace(one))
		if hashed, ok := strings.CutPrefix(one, "#"); ok {
			word, known := commonWords[hashed]
			if !known {
				return nil, fault.New(fault.Invalid, "The state %q is not one of the plan's.", one)
			}
			any = append(any, Is(common, word))
			continue
		}
		if one == "" || strings.Trim(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
			return nil, fault.New(fault.Invalid, "The state %q is not one of the plan's.", one)
		}
		if w := stateWords[one]; w != "" {
			one = w
		}
		any = append(any, Is(internal, one))
	}
	return any, nil
}

// priorityTerm reads n or low,high; HI is 100 and GO is 101.
func priorityTerm(value string) (Expr, error) {
	parts := strings.Split(value, ",")
	var bounds []int64
	for _, p := range parts {
		switch p = strings.ToLower(strings.TrimSpace(p)); p {
		case "hi":
			bounds = append(bounds, 100)
		case "go":
			bounds = append(bounds, 101)
		default:
			n, err := strconv.ParseInt(p, 10, 16)
			if err != nil || n < 0 || n > 101 {
				return nil, fault.New(fault.Invalid, "The priority %q is none.", p)
			}
			bounds = append(bounds, n)
		}
	}
	switch len(bounds) {
	case 1:
		return Is("priority", bounds[0]), nil
	case 2:
		slices.Sort(bounds)
		return And{Term{Field: "priority", Op: Ge, Values: []Value{bounds[0]}}, Term{Field: "priority", Op: Le, Values: []Value{bounds[1]}}}, nil
	}
	return nil, fault.New(fault.Invalid, "A priority is one number or two, not %q.", value)
}
