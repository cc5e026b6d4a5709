package reader_test

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// bakery is a plant whose words are partly English, partly Portuguese.
const bakery = `
clock: "06:00"
workstations: [{name: OVEN1, type: FTA, states: [LINKED, RUNNING]}]
streams:
  - {name: BREADDAY, workstation: OVEN1, sched: "02:00", state: SUCC, jobs: [
      {name: BRD_A, does: "Computes the deliveries of every shop", start: "02:00", ran: 1m}, {name: BRD_B, does: "Prices the bread of the week", start: "02:10", ran: 1m}]}
  - {name: FLOURIN, workstation: OVEN1, sched: "03:00", state: SUCC, jobs: [{name: FLR_A, does: "Valida as leituras das balanças", start: "03:00", ran: 1m}]}
`

// TestWordsOfBothLanguages: a question finds what a description says in the other language or in another form of the word, and nothing
// where it only shares a common word with several objects.
func TestWordsOfBothLanguages(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(bakery)}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	f := reader.NewFinder(world.Engine(w, world.Options{}), func(context.Context) *time.Location { return time.UTC }, func() time.Time { return clock })
	for text, want := range map[string]string{
		"precificação semanal":           "BREADDAY.BRD_B",
		"pricing for the week":           "BREADDAY.BRD_B",
		"cálculo das entregas das lojas": "BREADDAY.BRD_A",
		"validation of the readings":     "FLOURIN.FLR_A",
		"lunar eclipse forecast":         "",
		"insurance of the vessels":       "",
	} {
		found, err := f.Find(t.Context(), text, "", "")
		if want == "" && !fault.Is(err, fault.NotFound) || want != "" && (err != nil || !slices.Equal(names(found), []string{want})) {
			t.Errorf("%s: %v, %v; want %q", text, names(found), err, want)
		}
	}
}
