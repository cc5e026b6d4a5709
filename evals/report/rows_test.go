package report_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/internal/fault"
)

func TestRowsThatAreNoTrialsAreRefused(t *testing.T) {
	t.Parallel()
	const good = `{"scenario":"s-1","question":"q1","attempt":1,"status":"pass"}`
	for name, rows := range map[string]string{
		"nothing":           "null\n" + good,
		"an unknown status": good + `{"scenario":"s-1","question":"q2","attempt":1,"status":"banana"}`,
		"the same twice":    good + "\n" + good,
	} {
		head := `{"format":"` + report.ResultsFormat + `","trials":2}` + "\n"
		if _, err := report.Decode(strings.NewReader(head + rows)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r, err := report.Decode(strings.NewReader(`{"format":"` + report.ResultsFormat + `","trials":1}` + good)); err != nil || len(r.Trials) != 1 {
		t.Errorf("a good row: %v", err)
	}
}
