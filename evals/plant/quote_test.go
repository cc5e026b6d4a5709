package plant_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/plant"
)

// TestQuoteShowsWhatIsAskedFor holds that what is quoted for a value is that value, and not another in which its figures happen to stand.
func TestQuoteShowsWhatIsAskedFor(t *testing.T) {
	w := demo(t).World
	rc, name := 143, ""
	for i := range w.Jobs {
		if j := &w.Jobs[i]; j.Stream == "COMMISSION" && len(j.Runs) > 0 {
			last := &j.Runs[len(j.Runs)-1]
			last.ReturnCode, last.JobNumber, name = &rc, 1143007, j.Stream+"."+j.Name
		}
	}
	p, err := plant.New(w)
	if err != nil {
		t.Fatal(err)
	}
	thing, err := p.Resolve("job:" + name)
	if err != nil {
		t.Fatal(err)
	}
	quote, found := p.Quote(thing, "143", "")
	if _, value, _ := strings.Cut(quote, "="); !found || !p.Shows(thing, value, "143", "") {
		t.Errorf("%q is quoted for the return code 143", quote)
	}
}
