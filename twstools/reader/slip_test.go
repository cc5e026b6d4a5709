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

// quay is a terminal whose names are near each other in places.
const quay = `
clock: "06:00"
workstations: [{name: QUAY1, type: FTA, states: [LINKED, RUNNING]}]
streams:
  - {name: BERTHPLAN, workstation: QUAY1, sched: "02:00", state: SUCC, jobs: [
      {name: BER_WINDOWS, does: "Writes the berth windows", start: "02:00", ran: 1m}, {name: BER_WINDOWS2, does: "Copies the berth windows", start: "02:10", ran: 1m},
      {name: TAX_N_SUM, does: "Sums taxes of the north", start: "02:20", ran: 1m}, {name: TAX_S_SUM, does: "Sums taxes of the south", start: "02:30", ran: 1m},
      {name: GATE_BACD, start: "02:40", ran: 1m}, {name: GATE_ABDC, start: "02:40", ran: 1m}, {name: DEMURRAGES, start: "02:45", ran: 1m}, {name: KAN_ZIP, start: "02:50", ran: 1m}]}
`

// TestSlips: a name typed in haste is found where one name alone is near; what may be another object is asked back.
func TestSlips(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(quay)}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	f := reader.NewFinder(world.Engine(w, world.Options{}), func(context.Context) *time.Location { return time.UTC }, func() time.Time { return clock })
	for _, c := range []struct{ typed, hint, want string }{
		{"berwindows", "", "BER_WINDOWS"},
		{"be_rwindows", "", "BER_WINDOWS"},
		{"ber_widnows", "", "BER_WINDOWS"},
		{"ber_widnows2", "", "BER_WINDOWS2"},
		{"kna_zip", "", "KAN_ZIP"},
		{"windows2", "ber", "BER_WINDOWS2"},
		{"demurages", "", "DEMURRAGES"},
		{"DEMURAGGES", "", ""},      // two slips of two kinds
		{"BER_WINDOWS3", "", ""},    // a digit tells objects apart
		{"BER_WINDOWS_NEW", "", ""}, // and so does a word
		{"TAX_W_SUM", "", ""},       // and a letter that nobody hits by chance
		{"GATE_ABCD", "", ""},       // one slip from each of two
		{"kpa_zin", "", ""},
	} {
		found, err := f.Find(t.Context(), c.typed, "", c.hint)
		got := names(found)
		if c.want == "" && (!fault.Is(err, fault.NotFound) || len(got) > 0) {
			t.Errorf("%s: %v, %v; it is to be asked back", c.typed, got, err)
		}
		if c.want != "" && (err != nil || !slices.Equal(got, []string{"BERTHPLAN." + c.want})) {
			t.Errorf("%s: %v, %v; want %s", c.typed, got, err, c.want)
		}
	}
	if found, err := f.Find(t.Context(), "kanzip", "job_stream", ""); err != nil || !slices.Equal(names(found), []string{"BERTHPLAN.KAN_ZIP"}) {
		t.Errorf("the stream of kanzip: %v, %v; want its job", names(found), err)
	}
	for typed, want := range map[string]string{"berth plan": "BERTHPLAN", "kan zip": "BERTHPLAN.KAN_ZIP", "tax n sum": "BERTHPLAN.TAX_N_SUM", "taxes of the north": "BERTHPLAN.TAX_N_SUM"} {
		if found, err := f.Find(t.Context(), typed, "", ""); err != nil || !slices.Equal(names(found), []string{want}) {
			t.Errorf("%s: %v, %v; want %s", typed, names(found), err, want)
		}
	}
}
