package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHostileRequests sends to every operation of the OpenAPI file what its callers must not send: parameters, bodies, addresses and headers that
// are too long, doubled, of another type, deeply nested or no text at all. The real server answers each with a success or with a coded problem
// document, never with an internal error, and tells nothing of its inside. That no goroutine is left TestMain looks at.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc restDocument
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	s := newScript(t, "testdata/script/serve.txtar")
	s.env["APP_LIMITS__REQUESTS_PER_MINUTE"], s.env["APP_LIMITS__LOGINS_PER_MINUTE"] = "10000", "10000"
	s.lines = []string{
		"start serve --listen 127.0.0.1:0",
		"resync user key admin --role admin", `capture KEY '(\S{20,})\n'`,
	}
	defer func() {
		s.stop()
		<-s.ended
		s.stop = nil
		if said := s.errs.String(); strings.Contains(said, "level=ERROR") || strings.Contains(said, "panic") {
			t.Errorf("the server's log: %.2000s", said)
		}
	}()
	for _, line := range s.lines {
		words := s.words(line)
		if err := s.do(false, words[0], words[1:]); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if err := s.do(false, "resync", []string{"user", "key", "admin", "--role", "admin", "--scope", "trace"}); err != nil {
		t.Fatal(err)
	}
	a := &attacker{t: t, s: s, doc: doc, key: s.env["KEY"], trace: strings.TrimSpace(s.out.String()), statuses: map[int]int{}}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			a.operation(strings.ToUpper(method), path, doc.Paths[path][method])
		}
	}
	t.Logf("%d requests: %v", a.sent, a.statuses)
	if a.sent < 1000 || a.statuses[200] == 0 || a.statuses[400] < 500 || a.statuses[404] == 0 || a.statuses[413] == 0 {
		t.Errorf("%d requests with these statuses are no attack: %v", a.sent, a.statuses)
	}
}

type restDocument struct {
	Paths      map[string]map[string]restOperation
	Components struct{ Schemas map[string]restSchema }
}

type restOperation struct {
	Scope      string `json:"x-resync-scope"`
	Parameters []struct {
		Name, In string
		Required bool
		Schema   restSchema
	}
	RequestBody *struct {
		Content map[string]struct{ Schema restSchema }
	} `json:"requestBody"`
}

type restSchema struct {
	Ref        string `json:"$ref"`
	Examples   []any
	Properties map[string]restSchema
	Required   []string
}

type attacker struct {
	t          *testing.T
	s          *script
	doc        restDocument
	key, trace string
	sent       int
	statuses   map[int]int
}

// shot is one request: what differs from a right one.
type shot struct {
	method, target string // target is the address as it goes over the wire, query and all
	header         http.Header
	body           string
}

var (
	badValues = []string{
		"", "%00", "%FF%FE", "%zz", "%", "-1", "99999999999999999999999", "1e400", "NaN", "true", "null", "%5B%5D", "..%2f..%2f..%2fetc%2fpasswd",
		"%F0%9F%92%A9", "%E2%80%AE", "%0d%0aSet-Cookie:%20a=b", "%3Cscript%3Ealert(1)%3C/script%3E", "'%20OR%201=1--", "%25s%25n", strings.Repeat("a", 20_000),
	}
	badParts = []string{
		"..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "../../../etc/passwd", "..%5c..%5cwindows", "%00", "a%00b", "%FF", "%c0%ae%c0%ae%2f", "%252e%252e%252f",
		"//", "./.", "%zz", "a;b", "a%0d%0ab", strings.Repeat("a%2f", 2000), strings.Repeat("a", 10_000), "CON", "~root",
	}
	badJSON = []string{
		"null", "true", "-1", "1e400", "123456789012345678901234567890", "[]", "{}", `""`, `"\ud800"`, `"\u0000"`, "\"\xff\xfe\"", `"\u202e\u200b"`,
		`"` + strings.Repeat("x", 60_000) + `"`, strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000),
	}
	badBodies = []string{
		"", " ", "null", "[]", `"x"`, "{", "}", "{}", "{}{}", "{} x", `{"a":1,}`, "\xef\xbb\xbf{}", "\x00", "\xff\xfe{\x00}\x00", strings.Repeat("[", 60_000), strings.Repeat("x", 100_000),
		`{"__proto__":{"a":1}}`, `{"a":1,"a":2}`, "username=a&username=b", "%zz=%zz&=&&", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
	}
	badHeaders = []http.Header{
		{"X-Long": {strings.Repeat("h", 1<<20)}}, {"Accept-Language": {strings.Repeat("en-US;q=0.1,", 2000)}}, {"Accept": {strings.Repeat("text/html,", 3000)}}, {"If-None-Match": {strings.Repeat(`W/"a",`, 3000)}},
		{"Authorization": {"Bearer " + strings.Repeat("A", 20_000)}}, {"Authorization": {"Bearer a.b.c", "Bearer d"}}, {"Authorization": {"Basic Og=="}}, {"Cookie": {"resync=" + strings.Repeat("%", 3000)}},
		{"Content-Type": {"application/json; charset=utf-16"}}, {"Content-Type": {"text/plain"}}, {"Content-Type": {"a/b", "application/json"}}, {"Content-Encoding": {"gzip"}}, {"Transfer-Encoding": {"gzip"}},
		{"X-Forwarded-For": {"127.0.0.1, ::1, x"}}, {"X-Request-Id": {"a\tb" + strings.Repeat("c", 5000)}}, {"X-Http-Method-Override": {"DELETE"}}, {"Range": {"bytes=0-0,1-1"}}, {"Last-Event-Id": {"-1"}},
	}
)

func (a *attacker) operation(method, path string, op restOperation) {
	target, query := path, url.Values{}
	var pathNames []string
	for _, p := range op.Parameters {
		value := "x"
		if len(p.Schema.Examples) > 0 {
			value = fmt.Sprint(p.Schema.Examples[0])
		}
		switch {
		case p.In == "path":
			pathNames = append(pathNames, p.Name)
			target = strings.ReplaceAll(target, "{"+p.Name+"}", value)
		case p.In == "query" && p.Required:
			query.Set(p.Name, value)
		}
	}
	header := http.Header{"Authorization": {"Bearer " + a.key}}
	if op.Scope == "trace" {
		header.Set("Authorization", "Bearer "+a.trace)
	}
	kind, fields := a.body(op)
	body := encoded(kind, fields, "", "")
	if kind != "" {
		header.Set("Content-Type", kind)
	}
	send := func(what string, change func(*shot)) {
		x := shot{method, target, header.Clone(), body}
		if len(query) > 0 {
			x.target += "?" + query.Encode()
		}
		change(&x)
		a.send(what, x)
	}
	join := func(x *shot, more string) {
		mark := "?"
		if strings.Contains(x.target, "?") {
			mark = "&"
		}
		x.target += mark + more
	}
	send("as it should be", func(*shot) {})
	send("not known", func(x *shot) { join(x, "nope=1") })
	send("semicolons", func(x *shot) { join(x, "a=1;b=2") })
	send("many", func(x *shot) { join(x, strings.Repeat("a=1&", 3000)) })
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		send("twice", func(x *shot) { join(x, p.Name+"=1&"+p.Name+"=2") })
		for _, v := range badValues {
			send("query", func(x *shot) { x.target = target + "?" + p.Name + "=" + v })
		}
	}
	for _, name := range pathNames {
		for _, v := range badParts {
			send("path", func(x *shot) { x.target = strings.Replace(path, "{"+name+"}", v, 1) })
		}
	}
	for _, v := range []string{"/..%2f..", "/%2e%2e/%2e%2e/etc", "//", "%00", "%FF", "/."} {
		send("address", func(x *shot) { x.target = target + v })
	}
	for _, h := range badHeaders {
		send("header", func(x *shot) { maps.Copy(x.header, h) })
	}
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
		if a.doc.Paths[path][strings.ToLower(m)].hasNothing() {
			send("method", func(x *shot) { x.method = m })
		}
	}
	if kind == "" {
		send("a body where none belongs", func(x *shot) { x.body = `{"a":1}` })
		return
	}
	for _, b := range badBodies {
		send("body", func(x *shot) { x.body = b })
	}
	send("another field", func(x *shot) { x.body = encoded(kind, fields, "nope", "1") })
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, v := range badJSON {
			send("field "+name, func(x *shot) { x.body = encoded(kind, fields, name, v) })
		}
	}
}

// hasNothing tells an operation that the file does not have.
func (op restOperation) hasNothing() bool { return op.Parameters == nil && op.RequestBody == nil }

// body gives the media type of an operation's body and values for its fields, as JSON.
func (a *attacker) body(op restOperation) (kind string, fields map[string]string) {
	if op.RequestBody == nil {
		return "", nil
	}
	fields = map[string]string{}
	for media, c := range op.RequestBody.Content {
		schema := c.Schema
		if schema.Ref != "" {
			schema = a.doc.Components.Schemas[schema.Ref[strings.LastIndexByte(schema.Ref, '/')+1:]]
		}
		for name, p := range schema.Properties {
			fields[name] = "null" // left out of a right body
			if len(p.Examples) > 0 || slices.Contains(schema.Required, name) {
				b, err := json.Marshal(append(p.Examples, "x")[0])
				if err != nil {
					a.t.Fatal(err)
				}
				fields[name] = string(b)
			}
		}
		kind = media
	}
	return kind, fields
}

// encoded writes a body with one field set to something else.
func encoded(kind string, fields map[string]string, name, value string) string {
	all := maps.Clone(fields)
	if name != "" {
		all[name] = value
	}
	var parts []string
	for _, n := range slices.Sorted(maps.Keys(all)) {
		switch {
		case kind == "application/x-www-form-urlencoded":
			parts = append(parts, n+"="+url.QueryEscape(strings.Trim(all[n], `"`)))
		case all[n] != "null" || n == name:
			parts = append(parts, fmt.Sprintf("%q:%s", n, all[n]))
		}
	}
	if kind == "application/x-www-form-urlencoded" {
		return strings.Join(parts, "&")
	}
	return "{" + strings.Join(parts, ",") + "}"
}

var (
	inside = regexp.MustCompile(`(?i)json: |strconv|\.go\b|goroutine|panic|huma\b|invalid character|unmarshal|unexpected e|sqlite|pgx|syscall|no such file|runtime error|%!|0x[0-9a-f]{8}|root:`)
	// What a server of the standard library answers before any handler sees a request.
	notSeen = regexp.MustCompile(`^(?:400 Bad Request|431 Request Header Fields Too Large|501 Not Implemented)`)
)

func (a *attacker) send(what string, x shot) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), 30*time.Second)
	defer cancel()
	at, err := url.Parse(a.s.env["URL"])
	if err != nil {
		a.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, x.method, at.String(), bytes.NewReader([]byte(x.body)))
	if err != nil {
		a.t.Fatal(err)
	}
	// The address goes over the wire as it stands: nothing here mends it.
	path, query, _ := strings.Cut(x.target, "?")
	req.URL.Opaque, req.URL.RawQuery = "//"+at.Host+path, query
	req.Header = x.header
	a.sent++
	where := fmt.Sprintf("%s %s, %s: %.120q %.200q", x.method, what, x.header.Get("Content-Type"), x.target, x.body)
	res, err := a.s.client.Do(req)
	if err != nil {
		a.t.Errorf("%s: %v", where, err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	a.statuses[res.StatusCode]++
	if res.StatusCode < 400 {
		return // a stream may have no end
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		a.t.Errorf("%s: %v", where, err)
		return
	}
	if res.StatusCode == http.StatusInternalServerError {
		a.t.Errorf("%s: 500 %.300s", where, text)
		return
	}
	if x.method == http.MethodHead || res.Header.Get("X-Request-Id") == "" && notSeen.Match(text) {
		return
	}
	var p struct{ Code, Title, Detail, Hint string }
	if err := json.Unmarshal(text, &p); err != nil || res.Header.Get("Content-Type") != "application/problem+json" || p.Code == "" || p.Code == "internal" || p.Detail == "" {
		a.t.Errorf("%s: %d %s is no coded problem: %.300s", where, res.StatusCode, res.Header.Get("Content-Type"), text)
	}
	if said := p.Title + p.Detail + p.Hint; inside.MatchString(said) || len(said) > 4000 {
		a.t.Errorf("%s: %d tells of the inside: %.300s", where, res.StatusCode, said)
	}
}
