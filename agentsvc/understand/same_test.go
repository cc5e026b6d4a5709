package understand

import (
	"slices"
	"testing"
)

// Two starts read every example alike, down to its signs: words that are equally near to a slip stand in one order.
func TestEveryStartReadsAlike(t *testing.T) {
	var first []sample
	for range 3 {
		u, err := New()
		if err != nil {
			t.Fatal(err)
		}
		all := examples(t, u)
		for i := range first {
			if !slices.Equal(all[i].signs, first[i].signs) {
				t.Errorf("%q is read in two ways: %v, %v", all[i].question, first[i].signs, all[i].signs)
			}
		}
		first = all
	}
}
