package understand_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// TestHostileLength: text that repeats one thing to the limit costs no more than other text.
func TestHostileLength(t *testing.T) {
	u := newUnderstander(t)
	for _, piece := range []string{"rr ", "y ", "do ", "if i rr ", "e se eu rr ", "a_b ", "#a.b ", "is it ok to rr ", "can i rr it if i cj ", "what is a job ", "run no run ", "' \" ` ", "12:30 and ", "rc 1 ", "o que ", "wiatng ", "stuckk late ", "j ", "job a ", "job ", "the log of ", "between 2 and ", "/a/b ", "[(", "a.", "x of y ", "zz of the ", "job zz, ", "prompt 1 ", "A#B[(0200 03/17/26)].C "} {
		q := strings.Repeat(piece, understand.MaxRunes/len(piece))
		began := time.Now()
		u.Parse(q, understand.Context{Now: now, LastEntity: "A#B.C"})
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%q repeated took %v", piece, took)
		}
	}
}
