package query

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// ParseSelection reads conman's selection syntax, which is also the interface's plan_filter: `/@/@#/@/@.@`, `WS#STREAM(0200 03/17/26).JOB`,
// `WS#0AAAAAAAAAAAABQM.JOB;schedid`, `WS#881204` (a run's number on the job's workstation), `DOMAIN!WS`, wildcards @ and ?, qualifiers
// after + and negated after ~. A backslash takes a character that means something as it is. A name without a folder means the root folder, or any
// folder where the name is @ alone. Times are read in loc (nil: UTC) and carry a date: ParseSelectionOn takes them without.
//
// What is not understood is fault.Invalid with its position; for an unknown qualifier the hint lists those of the object. A nil Expr means
// everything. Sources: "Selecting jobs in commands", "Selecting job streams in commands" of the User's Guide.
func ParseSelection(text string, of Object, loc *time.Location) (Expr, error) {
	return selector{of: of, loc: orUTC(loc)}.parse(text)
}

// ParseSelectionOn reads a selection as ParseSelection does, in now's zone; a time without a date is one of now's day, a date without a year one of
// now's year.
func ParseSelectionOn(text string, of Object, now time.Time) (Expr, error) {
	return selector{of: of, loc: now.Location(), now: now}.parse(text)
}

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}

// selector reads selections of one kind of object.
type selector struct {
	of  Object
	loc *time.Location
	now time.Time // zero: dates are demanded
}

func (s selector) parse(text string) (Expr, error) {
	if len(text) > maxText {
		return nil, fault.New(fault.Invalid, "The selection is longer than %d characters.", maxText)
	}
	names, qualifiers := splitQualifiers(text)
	var all And
	var err error
	switch s.of {
	case Jobs, JobStreams:
		all, err = s.streams(names)
	case Workstations:
		all, err = workstationTerms(names)
	case Resources, Prompts:
		all, err = onWorkstation(names, s.of)
	case Files:
		all, err = fileTerms(names)
	default:
		return nil, fault.New(fault.Invalid, "The selection syntax does not cover %s.", s.of)
	}
	if err != nil {
		return nil, err
	}
	for _, q := range qualifiers {
		x, err := s.qualifier(q)
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

// qualified is one +name=values or ~name=values; pos counts bytes from 1.
type qualified struct {
	not         bool
	name, value string
	valued      bool // an = was there
	pos         int
}

// splitQualifiers cuts at each + and ~ that a letter follows and that is neither escaped nor in parentheses or double quotes, so that `0600+1 days` and `exec+` stay whole.
func splitQualifiers(text string) (names string, out []qualified) {
	starts := unescapedAt(text, func(i, depth int) bool {
		return depth == 0 && (text[i] == '+' || text[i] == '~') && i+1 < len(text) && isLetter(text[i+1])
	})
	if len(starts) == 0 {
		return strings.TrimSpace(text), nil
	}
	for n, from := range starts {
		to := len(text)
		if n+1 < len(starts) {
			to = starts[n+1]
		}
		name, value, valued := strings.Cut(text[from+1:to], "=")
		out = append(out, qualified{text[from] == '~', strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value), valued, from + 1})
	}
	return strings.TrimSpace(text[:starts[0]]), out
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (s selector) streams(names string) (And, error) {
	byID := false
	if i := cutAt(names, ";"); i >= 0 && names[i:] == ";schedid" {
		names, byID = names[:i], true
	} else if i >= 0 {
		return nil, fault.New(fault.Invalid, "Options behind a semicolon are not understood here: %q.", clipText(names, 60)).WithHint("Only ;schedid is.")
	}
	ws, rest := "", names
	hash := cutAt(names, "#")
	if hash >= 0 {
		ws, rest = names[:hash], names[hash+1:]
	}
	if s.of == Jobs && hash >= 0 && allDigits(rest) {
		return runOn(ws, rest)
	}
	if cutAt(ws, "!") >= 0 {
		return nil, fault.New(fault.Invalid, "%s are not selected by a domain, but %q names one.", capital(s.of.String()), clipText(ws, 60))
	}
	field := "workstation"
	if s.of == Jobs {
		field = "jobStreamWorkstation"
	}
	var all And
	if hash >= 0 {
		terms, err := pathTerms(field, ws)
		if err != nil {
			return nil, err
		}
		all = terms
	}
	stream, when, job, err := cutInstance(rest)
	if err != nil {
		return nil, err
	}
	if s.of == JobStreams && job != "" && job != "@" {
		return nil, fault.New(fault.Invalid, "A selection of job streams names no job, but %q does.", clipText(names, 60))
	}
	var terms And
	if byID {
		terms, err = s.streamID(stream, when)
	} else {
		terms, err = s.streamNamed(stream, when)
	}
	if err != nil {
		return nil, err
	}
	all = append(all, terms...)
	if job != "" && job != "@" && s.of == Jobs {
		x, err := named("name", job)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

func (s selector) streamNamed(stream, when string) (And, error) {
	var all And
	if when != "" {
		t, err := s.instant(when)
		if err != nil {
			return nil, err
		}
		all = append(all, Is("schedTime", t))
	}
	field := "name"
	if s.of == Jobs {
		field = "jobStreamName"
	}
	terms, err := nameTerms(field, "folder", stream)
	return append(all, terms...), err
}

func (s selector) streamID(id, when string) (And, error) {
	if when != "" || id == "" || strings.ContainsAny(id, `@?/\`) {
		return nil, fault.New(fault.Invalid, "%q is no identifier of a job stream.", clipText(id, 60)).WithHint("Before ;schedid stands its 16-character identifier.")
	}
	field := "internalIdentifier"
	if s.of == Jobs {
		field = "jobStreamInternalIdentifier"
	}
	return And{Is(field, id)}, nil
}

// runOn selects by the number of a run, with the job's own workstation.
func runOn(ws, number string) (And, error) {
	all, err := pathTerms("workstation", ws)
	n, ok := bare(number)
	if !ok {
		return nil, fault.New(fault.Invalid, "%q is no number of a run.", clipText(number, 60))
	}
	return append(all, Is("jobruns.jobNumber", n)), err
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// cutInstance takes STREAM(hhmm mm/dd/yy).JOB apart.
func cutInstance(s string) (stream, when, job string, err error) {
	if open := cutAt(s, "("); open >= 0 {
		end := strings.IndexByte(s[open:], ')')
		if end < 0 {
			return "", "", "", fault.New(fault.Invalid, "A parenthesis is opened and never closed in %q.", clipText(s, 60))
		}
		after := s[open+end+1:]
		if after != "" && after[0] != '.' {
			return "", "", "", fault.New(fault.Invalid, "%q is not expected behind the schedule time.", clipText(after, 60))
		}
		when = strings.TrimSpace(s[open+1 : open+end])
		if when == "" {
			return "", "", "", fault.New(fault.Invalid, "The parentheses hold no schedule time like 0200 03/17/26.")
		}
		return s[:open], when, strings.TrimPrefix(after, "."), nil
	}
	if dot := cutAt(s, "."); dot >= 0 {
		return s[:dot], "", s[dot+1:], nil
	}
	return s, "", "", nil
}

func workstationTerms(names string) (And, error) {
	var all And
	if bang := cutAt(names, "!"); bang >= 0 {
		domain, err := pathTerms("domainName", names[:bang])
		if err != nil {
			return nil, err
		}
		all, names = domain, names[bang+1:]
	}
	terms, err := pathTerms("name", names)
	return append(all, terms...), err
}

func onWorkstation(names string, of Object) (And, error) {
	hash := cutAt(names, "#")
	if hash < 0 {
		return nameTerms("name", "folder", names)
	}
	if of == Prompts {
		return nil, fault.New(fault.Invalid, "A selection of prompts names no workstation, but %q does.", clipText(names, 60))
	}
	all, err := pathTerms("workstation", names[:hash])
	if err != nil {
		return nil, err
	}
	terms, err := nameTerms("name", "folder", names[hash+1:])
	return append(all, terms...), err
}

// fileTerms reads [workstation#]path: the slashes of a file are its own.
func fileTerms(names string) (And, error) {
	var all And
	if hash := cutAt(names, "#"); hash >= 0 {
		terms, err := pathTerms("workstation", names[:hash])
		if err != nil {
			return nil, err
		}
		all, names = terms, names[hash+1:]
	}
	if names = strings.TrimSpace(names); names == "" || names == "@" {
		return all, nil
	}
	x, err := valued("name", names)
	return append(all, x), err
}

// pathTerms matches a workstation's display form: the name alone in the root folder, else with its folder.
func pathTerms(field, path string) (And, error) {
	folder, name := cutFolder(path)
	switch {
	case name == "@" && (folder == "" || folder == "/" || folder == "@"):
		return nil, nil
	case folder == "@":
		root, err := named(field, name)
		if err != nil {
			return nil, err
		}
		return And{Or{root, Matches(field, "/@/"+patternOf(name))}}, nil
	case folder == "" || folder == "/":
		x, err := named(field, name)
		return And{x}, err
	}
	if err := checkName(folder, "/"); err != nil {
		return nil, err
	}
	if err := checkName(name, ""); err != nil {
		return nil, err
	}
	return And{spoken(field, "/"+patternOf(folder)+"/"+patternOf(name))}, nil
}

// nameTerms matches a name that has its folder in a field of its own.
func nameTerms(field, folderField, path string) (And, error) {
	folder, name := cutFolder(path)
	var all And
	switch {
	case folder == "@":
	case folder == "" && name == "@":
	case folder == "" || folder == "/":
		all = append(all, Is(folderField, "/"))
	default:
		if err := checkName(folder, "/"); err != nil {
			return nil, err
		}
		all = append(all, spoken(folderField, "/"+patternOf(folder)))
	}
	if name != "@" {
		x, err := named(field, name)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// cutFolder splits a path; folder "" is none, "/" the root as written, "@" every folder. An empty path means all.
func cutFolder(path string) (folder, name string) {
	path = strings.TrimSpace(path)
	if path == "" || path == "/" {
		return "@", "@"
	}
	slashes := unescapedAt(path, func(i, _ int) bool { return path[i] == '/' })
	if len(slashes) == 0 {
		return "", path
	}
	i := slashes[len(slashes)-1]
	if name = path[i+1:]; name == "" {
		name = "@"
	}
	if folder = strings.Trim(path[:i], "/"); folder == "" {
		folder = "/"
	}
	return folder, name
}
