package oracle_test

import (
	"slices"
	"testing"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/twstools/answer"
)

// TestWhatIsTrueIsGrounded: lines, job numbers, times with their zone and deadlines that are so may be told, and those that are not may not.
func TestWhatIsTrueIsGrounded(t *testing.T) {
	all := cases(t)
	c := named(t, all, "s-4c1e", "en")
	pt := named(t, all, "s-4c1e", "pt")
	for _, x := range []struct {
		en, pt string
		ok     bool
	}{
		{"Line 16 of its log: `ORA-28001: the password has expired`.", "Linha 16 do log: `ORA-28001: the password has expired`.", true},
		{"Line 12 of its log: `ORA-28001: the password has expired`.", "Linha 12 do log: `ORA-28001: the password has expired`.", false},
		{"Lines 15 to 17 of its log say it.", "As linhas 15 a 17 do log dizem isso.", true},
		{"Line 77 of its log says it.", "A linha 77 do log diz isso.", false},
		{"The decisive line of the log is the 16.", "A linha decisiva do log é a 16.", true},
		{"Its log:\n- 15: `ERROR:`\n- 16: `ORA-28001: the password has expired`\n- 17: `SP2-0751: Unable to connect to Oracle.`\n\nThe log has 28 lines.", "O log:\n- 16: `ORA-28001: the password has expired`\n\nO log tem 28 linhas.", true},
		{"Its log:\n- 17: `ORA-28001: the password has expired`", "O log:\n- 17: `ORA-28001: the password has expired`", false},
		{"The log of 373007: read. Job number 373007.", "O log de 373007: lido. Número do job 373007.", true},
		{"The log of 373009: read.", "O log de 373009: lido.", false},
		{"It ended at 01:23 UTC-3, which is 04:23 UTC.", "Terminou às 01:23 UTC-3, ou 04:23 UTC.", true},
		{"It ended at 01:23 (-03:00).", "Terminou às 01:23 (-03:00).", true},
		{"It ended at 01:23 UTC+1.", "Terminou às 01:23 UTC+1.", false},
		{"REGREPORT has its deadline at 09:00 (in 5 h 50 min).", "REGREPORT tem prazo até 09:00 (daqui a 5 h 50 min).", true},
		{"REGREPORT has its deadline at 10:40.", "REGREPORT tem prazo até 10:40.", false},
		{"Act by 06:45 UTC-3, before CLMREPORT is late.", "Aja até 06:45 UTC-3, antes que CLMREPORT se atrase.", true},
		{"Act by 03:47, before CLMREPORT is late.", "Aja até 03:47, antes que CLMREPORT se atrase.", false},
	} {
		for _, y := range []struct {
			prose string
			of    int
		}{{"CLM_RESERVE failed because its password expired. " + x.en, 0}, {"O CLM_RESERVE falhou porque a senha expirou. " + x.pt, 1}} {
			one := c
			if y.of == 1 {
				one = pt
			}
			d := *one.Answer.Diagnosis
			d.Urgency = &answer.Urgency{Class: "this_shift", ActBy: "2026-03-17T06:45:00-03:00", Why: "the deadline"}
			one.Answer.Diagnosis, one.Answer.Answer = &d, y.prose
			failed := judged(t, one).Failed()
			if got := !slices.ContainsFunc(failed, func(f score.Criterion) bool { return f.Name == score.Grounded }); got != x.ok || x.ok && len(failed) > 0 {
				t.Errorf("%q is grounded: %v, want %v: %v", y.prose, got, x.ok, failed)
			}
		}
	}
}
