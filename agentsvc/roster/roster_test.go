package roster_test

import (
	"testing"

	"github.com/resync-hwa/resync/agentsvc/roster"
)

func load(t *testing.T, o roster.Options) *roster.Roster {
	t.Helper()
	r, err := roster.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
