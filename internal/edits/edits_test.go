package edits_test

import (
	"testing"

	"github.com/resync-hwa/resync/internal/edits"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"status", "status", 0}, {"status", "Status", 1},
		{"satus", "status", 1}, {"stattus", "status", 1}, {"stetus", "status", 1}, {"sttaus", "status", 1},
		{"kitten", "sitting", 3}, {"ação", "acao", 2}, {"日本語", "日語本", 1}, {"ca", "abc", 3},
	} {
		if got := edits.Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := edits.Distance(c.b, c.a); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d as the other way round", c.b, c.a, got, c.want)
		}
	}
}
