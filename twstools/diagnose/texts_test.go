package diagnose_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools/diagnose"
)

// TestTheTextsAreSound: a table that cannot be read leaves answers without words, and nobody would see why.
func TestTheTextsAreSound(t *testing.T) {
	if err := diagnose.Check(); err != nil {
		t.Fatal(err)
	}
}
