package auth_test

import (
	"slices"
	"testing"

	"github.com/resync-hwa/resync/internal/auth"
)

// Labels open by role: a label that is no role's name opens to admins alone.
func TestLabels(t *testing.T) {
	for role, want := range map[auth.Role][]string{"": nil, "guest": nil, auth.Viewer: {"viewer"}, auth.Operator: {"viewer", "operator"}} {
		got, all := auth.Labels(auth.WithCaller(t.Context(), auth.Caller{Role: role}))
		if all || !slices.Equal(got, want) {
			t.Errorf("%q may see %v (all: %v), want %v", role, got, all, want)
		}
	}
	if _, all := auth.Labels(auth.WithCaller(t.Context(), auth.Caller{Role: auth.Admin})); !all {
		t.Error("an admin may not see everything")
	}
	if _, all := auth.Labels(t.Context()); !all {
		t.Error("the program's own work may not see everything")
	}
}
