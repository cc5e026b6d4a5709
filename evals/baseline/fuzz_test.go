package baseline_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/baseline"
	"github.com/resync-hwa/resync/evals/suite"
)

// Whatever a log holds, B4 and B5 quote only what stands in it, in the line that they name.
func FuzzLogs(f *testing.F) {
	for _, seed := range []string{"", "ORA-28000: the account is locked\n", "===\n", strings.Repeat("=", 63) + "\n= x\n" + strings.Repeat("=", 63) + "\nERROR\n", "a\r\nb\r\n", "\x1b[31mERROR\x1b[0m no\u200bthing",
		"AWSBIS308I End of job\nERROR", strings.Repeat("ERROR ", 2000), "\xff\xfe ERROR", "(((((((((\n^X^\n"} {
		f.Add(seed, "", 1)
		f.Add("first\n", seed, 127)
	}
	n := newNight(f)
	run := n.j.Runs[len(n.j.Runs)-1].ID
	keep := n.w.Logs[run]
	f.Fuzz(func(t *testing.T, body, trailer string, code int) {
		l := keep
		l.Body, l.Trailer = body, trailer
		n.w.Logs[run] = l
		n := night{t, n.w, n.j}
		n.ended(code)
		p := n.plant()
		for _, name := range []string{"B4", "B5"} {
			a := reply(t, name, suite.Question{Lang: "en", Text: "Why did CLM_RESERVE abend?"}, p)
			sound(t, name, a)
			for _, c := range a.Diagnosis.Causes {
				for _, e := range c.Evidence {
					if !strings.HasPrefix(e.Source, "joblog:") {
						continue
					}
					if log, ok := p.Log(e.Source, e.RunID); !ok || !log.Holds(e.Quote, e.Line) {
						t.Errorf("%s quotes %q in line %d, where it does not stand", name, e.Quote, e.Line)
					}
				}
			}
		}
	})
}

// Whatever is asked, every answerer answers in the contract's form.
func FuzzQuestions(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Add("Why did CLM_RESREVE in CLMEOD(0100 03/16/26) fail, #J373007?")
	p := newNight(f).plant()
	all := baseline.All(baseline.Options{})
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "hunter2") {
			return
		}
		for _, b := range all {
			a := reply(t, b.Name(), suite.Question{Lang: "pt", Text: text}, p)
			sound(t, b.Name(), a)
		}
	})
}
