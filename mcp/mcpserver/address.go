package mcpserver

import (
	"net/url"
	"strings"
)

// The templates of addresses, as clients are told them. What is filled in is percent-encoded: an operator's name holds # and /.
const (
	planTemplate        = "tws://{engine}/plan"
	jobTemplate         = "tws://{engine}/job/{key}"
	logTemplate         = "tws://{engine}/job/{key}/log"
	workstationTemplate = "tws://{engine}/workstation/{name}"
	documentTemplate    = "knowledge://{document}{#section}"
)

// longestAddress is more than any name needs.
const longestAddress = 2000

// address is the URI of a resource, taken apart.
type address struct {
	template string
	engine   string
	name     string // of the job in the operator's form, of the workstation, or of the document
	section  string
}

// String gives the URI, percent-encoded but for letters, digits and -._~ so that it fits its template.
func (a address) String() string {
	if a.template == documentTemplate {
		s := "knowledge://" + escape(a.name)
		if a.section != "" {
			s += "#" + escape(a.section)
		}
		return s
	}
	return strings.NewReplacer("{engine}", escape(a.engine), "{key}", escape(a.name), "{name}", escape(a.name)).Replace(a.template)
}

// escape percent-encodes every byte that RFC 3986 does not leave unreserved.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// parseAddress takes a URI apart. Models and people forget to encode, so a # and a / that are meant are taken as such; the form in which answers cite
// documents, "knowledge:name#section", is an address too. ok is false for what names nothing.
func parseAddress(uri string) (a address, ok bool) {
	if len(uri) > longestAddress {
		return address{}, false
	}
	scheme, rest, found := strings.Cut(uri, ":")
	if !found {
		return address{}, false
	}
	switch strings.ToLower(scheme) {
	case "knowledge":
		a.template = documentTemplate
		a.name, a.section, _ = strings.Cut(strings.TrimPrefix(rest, "//"), "#")
	case "tws":
		rest, found = strings.CutPrefix(rest, "//")
		if a.engine, rest, _ = strings.Cut(rest, "/"); !found || a.engine == "" {
			return address{}, false
		}
		a.template, a.name = planParts(rest)
	}
	for _, part := range []*string{&a.engine, &a.name, &a.section} {
		plain, err := url.PathUnescape(*part)
		if err != nil {
			return address{}, false
		}
		*part = plain
	}
	return a, a.template != "" && (a.name != "" || a.template == planTemplate)
}

// planParts tells the template of what stands behind the engine, and the name in it.
func planParts(path string) (template, name string) {
	if path == "plan" {
		return planTemplate, ""
	}
	if key, ok := strings.CutPrefix(path, "job/"); ok {
		if key, ok := strings.CutSuffix(key, "/log"); ok {
			return logTemplate, key
		}
		return jobTemplate, key
	}
	if name, ok := strings.CutPrefix(path, "workstation/"); ok {
		return workstationTemplate, name
	}
	return "", ""
}
