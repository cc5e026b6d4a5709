package operation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// A refusal names the missing scope and whose it is: a person cannot mend the key of the program that speaks for them.
func TestWhoseScopeIsMissing(t *testing.T) {
	const token = "rsk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
	now := time.Date(2026, 3, 17, 5, 40, 0, 0, time.UTC)
	read := operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}
	person := func(scopes ...string) auth.Caller {
		return auth.Caller{ID: "u7", Name: "Ana", Role: auth.Operator, Via: "api_key", Scopes: scopes}
	}
	for _, tt := range []struct {
		says     string
		program  []string // nil: the person comes themselves
		person   auth.Caller
		mentions string // "": may pass
		silent   string
	}{
		{"both may", []string{"mcp", "read", "delegate"}, person(), "", ""},
		{"the program's key lacks it", []string{"mcp", "delegate"}, person(), "--scope mcp --scope read --scope delegate", ""},
		{"the person's key lacks it", []string{"mcp", "read", "delegate"}, person("mcp"), "It needs the scope read.", "program"},
		{"both lack it", []string{"mcp", "delegate"}, person("mcp"), "program", ""},
		{"the person's own key", nil, person("mcp"), "It needs the scope read.", "program"},
	} {
		c := tt.person
		if tt.program != nil {
			text, err := auth.SignCaller(token, c, now)
			if err != nil {
				t.Fatal(err)
			}
			if c, err = auth.Delegated(auth.Caller{ID: "key:EDGE", Role: auth.Operator, Via: "api_key", Scopes: tt.program}, token, text, now); err != nil {
				t.Fatal(err)
			}
		}
		err := read.Refuse(auth.WithCaller(t.Context(), c))
		if tt.mentions == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.says, err)
			}
			continue
		}
		p := fault.Public(err)
		said := p.Message + " " + p.Hint
		if !errors.Is(err, operation.ErrScope) || p.Code != fault.Forbidden || !strings.Contains(said, tt.mentions) || tt.silent != "" && strings.Contains(said, tt.silent) {
			t.Errorf("%s: %q", tt.says, said)
		}
	}
}
