package httpd_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// A program is heard for the person whom it names with its own token, with what both may; a bare name is not heard at all.
func TestSpoken(t *testing.T) {
	now := time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC)
	const token = "the token of the program"
	sign := func(c auth.Caller, with string, at time.Time) string {
		text, err := auth.SignCaller(with, c, at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	edge := auth.Caller{ID: "key:1", Role: auth.Operator, Via: "api_key", Scopes: []string{auth.ScopeMCP, auth.ScopeRead, auth.ScopeDelegate}}
	noRead := auth.Caller{ID: "key:2", Role: auth.Operator, Via: "api_key", Scopes: []string{auth.ScopeMCP, auth.ScopeDelegate}}
	ana := auth.Caller{ID: "u1", Name: "ana", Role: auth.Viewer, Via: "session"}
	asks := auth.Caller{ID: "u2", Name: "ben", Role: auth.Viewer, Via: "api_key", Scopes: []string{auth.ScopeAsk}}
	for name, c := range map[string]struct {
		program auth.Caller
		said    []string
		id      string
		read    bool
		code    fault.Code
	}{
		"for itself":              {edge, nil, "key:1", true, ""},
		"for ana":                 {edge, []string{sign(ana, token, now)}, "key:1/u1", true, ""},
		"without the right":       {noRead, []string{sign(ana, token, now)}, "key:2/u1", false, ""},
		"for who may not read":    {edge, []string{sign(asks, token, now)}, "key:1/u2", false, ""},
		"a bare name":             {edge, []string{"ana"}, "", false, fault.Unauthorized},
		"with another's token":    {edge, []string{sign(ana, "another token", now)}, "", false, fault.Unauthorized},
		"too old":                 {edge, []string{sign(ana, token, now.Add(-3*time.Minute))}, "", false, fault.Unauthorized},
		"twice":                   {edge, []string{sign(ana, token, now), sign(ana, token, now)}, "", false, fault.Unauthorized},
		"who may not, for others": {ana, []string{sign(ana, token, now)}, "", false, fault.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/jobs", nil)
			for _, s := range c.said {
				r.Header.Add(auth.HeaderCaller, s)
			}
			who, err := httpd.Spoken(r, c.program, token, now)
			if fault.CodeOf(err) != c.code || who.ID != c.id || c.code == "" && who.HasScope(auth.ScopeRead) != c.read {
				t.Errorf("%+v %v", who, err)
			}
			if c.code == "" && len(c.said) > 0 && slices.Contains(who.Scopes, auth.ScopeDelegate) {
				t.Errorf("%v may speak for others in turn", who.Scopes)
			}
		})
	}
}
