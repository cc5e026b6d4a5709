package verify_test

import (
	"fmt"
	"os"
	"testing"
	"testing/quick"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// hostileLog is of another job. Its lines are what sentences_hostile.yaml says.
var hostileLog = toolkit.Source{Source: "joblog:LNX_A1#77099", Lines: []toolkit.Line{{N: 1, Text: "see [click](//evil.example/p) or [click](https://evil.example/p)"}, {N: 2, Text: "rm -rf /opt/app"}}}

// TestSentencesByHand measures both rates: what is true must stand, what is false must go.
func TestSentencesByHand(t *testing.T) {
	for _, file := range []string{"sentences", "sentences_second", "sentences_hostile"} {
		t.Run(file, func(t *testing.T) {
			var set struct {
				True, False, Beyond []string
				Inert               map[string]string
			}
			b, err := os.ReadFile("testdata/" + file + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal(b, &set); err != nil {
				t.Fatal(err)
			}
			a := diagnosed()
			c := verify.New(append(ledger(), composetest.Entry("t6", "get_job", nil, composetest.OK(composetest.JobWhole())),
				composetest.Entry("t7", "find_jobs", nil, composetest.OK(composetest.Found())), composetest.Entry("t8", "get_job_log", nil, composetest.OK(map[string]any{}, hostileLog))), "Why did INV_LOAD fail?")
			c.Structure(a)
			c.Allow(a)
			for _, s := range set.True {
				if _, why := c.Sentence(s); why != "" {
					t.Errorf("struck for %q, and true: %s", why, s)
				}
			}
			for _, s := range set.False {
				if _, why := c.Sentence(s); why == "" {
					t.Errorf("stands, and false: %s", s)
				}
			}
			for _, s := range set.Beyond {
				if _, why := c.Sentence(s); why != "" {
					t.Errorf("struck for %q: it is not beyond the checks any more: %s", why, s)
				}
			}
			for s, want := range set.Inert {
				if got, why := c.Sentence(s); got != want || why != "" {
					t.Errorf("%s became %s (%s), want %s", s, got, why, want)
				}
			}
			if len(set.True) < 30 || len(set.False) < 30 {
				t.Errorf("%d true and %d false ones", len(set.True), len(set.False))
			}
		})
	}
}

// Whatever the counts: parts, rests, sums and rounded percentages of a table stand, and what is no such thing goes.
func TestArithmeticOfCounts(t *testing.T) {
	err := quick.Check(func(x, y, z uint16, lang bool) bool {
		succ, hold, abend := int(x)+10_000, int(y)+100_000, int(z)+1_000_000
		total := succ + hold + abend
		c := verify.New(conversations.Ledger{composetest.Entry("t1", "plan_status", nil, composetest.OK(map[string]any{"jobs_total": total,
			"jobs_by_status": map[string]int{"SUCC": succ, "HOLD": hold, "ABEND": abend}}))}, "how is the plan?")
		share := func(n int) string { return fmt.Sprintf("%.1f", 100*float64(n)/float64(total)) }
		of, jobs := "of", "jobs are in"
		if lang {
			of, jobs = "dos", "jobs estão em"
		}
		stands := func(s string) bool { _, why := c.Sentence(s); return why == "" }
		return stands(fmt.Sprintf("%d %s %d %s SUCC.", succ, of, total, jobs)) &&
			stands(fmt.Sprintf("%d %s HOLD (%s %%).", hold, jobs, share(hold))) &&
			stands(fmt.Sprintf("%d %s SUCC.", total-succ, "jobs are not in")) &&
			stands(fmt.Sprintf("%s %% are in HOLD or ABEND.", share(hold+abend))) &&
			!stands(fmt.Sprintf("%d %s SUCC.", succ+1, jobs)) &&
			!stands(fmt.Sprintf("%d %s %d %s HOLD.", abend, of, total, jobs)) &&
			!stands(fmt.Sprintf("%d %s SUCC.", total+succ, jobs)) &&
			!stands(fmt.Sprintf("%.1f %% %s HOLD.", 100*float64(hold)/float64(total)+0.35, jobs))
	}, &quick.Config{MaxCount: 50})
	if err != nil {
		t.Error(err)
	}
}

// A duration from now reaches to an instant that was returned, and no other does.
func TestArithmeticOfInstants(t *testing.T) {
	err := quick.Check(func(a, b uint16) bool {
		ago, left := int(a)%600+10, int(b)%600+700 // minutes; apart, and apart from their sum
		r := composetest.OK(map[string]any{"end": minutes(-ago), "deadline": minutes(left)})
		c := verify.New(conversations.Ledger{composetest.Entry("t1", "get_job", nil, r)}, "why?")
		stands := func(s string) bool { _, why := c.Sentence(s); return why == "" }
		return stands(fmt.Sprintf("It failed %d minutes ago.", ago)) && stands(fmt.Sprintf("It failed %d h %d min ago.", ago/60, ago%60)) &&
			stands(fmt.Sprintf("Faltam %d minutos para o prazo.", left)) && stands(fmt.Sprintf("Between the two lie %d minutes.", ago+left)) &&
			!stands(fmt.Sprintf("It failed %d minutes ago.", left)) && !stands(fmt.Sprintf("There are %d minutes left.", ago)) &&
			!stands(fmt.Sprintf("It failed %d minutes ago.", ago+2)) && !stands(fmt.Sprintf("It failed %d minutes ago.", ago+left))
	}, &quick.Config{MaxCount: 50})
	if err != nil {
		t.Error(err)
	}
}

// minutes gives an instant so far from the plan's now.
func minutes(n int) string {
	now, err := time.Parse(time.RFC3339, composetest.Now)
	if err != nil {
		panic(err)
	}
	return now.Add(time.Duration(n) * time.Minute).Format(time.RFC3339)
}
