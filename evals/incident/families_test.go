package incident_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/evals/incident"
	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
)

func book(t *testing.T) *incident.Book {
	t.Helper()
	b, err := incident.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Families) == 0 {
		t.Fatal("there are no families: the rules below would hold over nothing")
	}
	return b
}

// sparse is how many families are left out for each that the race detector looks at: it looks for other things, and takes ten times as long.
const sparse = 9

// TestFamilies holds, with one seed in each plant, over every world that can be made of every family: the gold is true there, its evidence stands there exactly once, a right
// answer exists and passes, and the same seed makes the same scenario again. With -v it shows what was made.
func TestFamilies(t *testing.T) {
	b := book(t)
	for i, f := range b.Families {
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			bases := b.Bases(f)
			if raced {
				if i%sparse == 0 {
					twins(t, b, f, bases[i%len(bases)], 0)
				}
				return
			}
			for k, base := range bases {
				twins(t, b, f, base, uint64(k))
			}
		})
	}
}

func twins(t *testing.T, b *incident.Book, f incident.Family, base string, seed uint64) {
	t.Helper()
	all, err := b.Twins(f.ID, base, seed)
	if err != nil {
		t.Error(err)
		return
	}
	if seed == 0 {
		again, err := b.Twins(f.ID, base, seed)
		if err != nil || written(t, again) != written(t, all) {
			t.Errorf("%s/%s/%d: made twice, it is not the same", f.ID, base, seed)
		}
	}
	if testing.Verbose() && seed == 0 {
		t.Log(written(t, all))
	}
	cleared(t, f, all)
	for _, m := range all {
		name := f.ID + "/" + m.Scenario.Gold.Recipe.Variant + "/" + base
		if problems := suite.Lint(suite.Suite{Scenarios: []suite.Scenario{m.Scenario}}); len(problems) > 0 {
			t.Errorf("%s/%d: %s", name, seed, strings.Join(problems, "; "))
		}
		if err := m.World.Validate(); err != nil {
			t.Errorf("%s/%d: the world does not hang together: %v", name, seed, err)
		}
		p, err := plant.New(m.World)
		if err != nil {
			t.Fatal(err)
		}
		if problems := score.LintGold(m.Scenario.Gold, p); len(problems) > 0 {
			t.Errorf("%s/%d: the gold is not true: %s", name, seed, strings.Join(problems, "; "))
			continue
		}
		for _, q := range m.Scenario.Ask {
			right(t, name, m.Scenario.Gold, q, p)
		}
		logsAgree(t, name, m)
	}
}

// cleared holds that a twin without the cause does not hold the cause's evidence: what proves the one must not be there to be found in the other.
func cleared(t *testing.T, f incident.Family, all []incident.Made) {
	t.Helper()
	for i, v := range f.Variants {
		if v.Kind == "cause" {
			continue
		}
		for _, c := range all[0].Scenario.Gold.Causes {
			for _, group := range c.Evidence {
				for _, piece := range group.Any {
					if piece.Quote != "" && f.Variants[0].Kind == "cause" && holds(t, all[i], piece) && !asks(all[i].Scenario.Gold, piece) {
						t.Errorf("%s/%s: %q of the cause's twin stands in this one too", f.ID, v.Name, piece.Quote)
					}
				}
			}
		}
	}
}

func holds(t *testing.T, m incident.Made, piece suite.Piece) bool {
	t.Helper()
	p, err := plant.New(m.World)
	if err != nil {
		t.Fatal(err)
	}
	thing, err := p.Resolve(piece.Of)
	if err != nil {
		return false
	}
	l, ok := p.LastLog(thing)
	return ok && l.Find(piece.Quote) > 0
}

// asks reports whether the gold itself wants the piece.
func asks(g suite.Gold, piece suite.Piece) bool {
	for _, c := range slices.Concat(g.Causes, g.Contributing) {
		for _, group := range c.Evidence {
			if slices.Contains(group.Any, piece) {
				return true
			}
		}
	}
	return false
}

func written(t *testing.T, all []incident.Made) string {
	t.Helper()
	var b strings.Builder
	for _, m := range all {
		for _, x := range []any{m.Scenario, m.Scenario.Gold} {
			raw, err := yaml.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(raw)
			b.WriteString("---\n")
		}
	}
	return b.String()
}

// right holds that a right answer exists.
func right(t *testing.T, name string, g suite.Gold, q suite.Question, p *plant.Plant) {
	t.Helper()
	a, err := oracle.Answer(g, q, p)
	if err != nil {
		t.Errorf("%s/%s: no right answer can be written: %v", name, q.ID, err)
		return
	}
	r, err := score.Score(oracle.Case{Gold: g, Question: q, Plant: p, Answer: a, Requests: 3}.Input())
	if err != nil || !r.Pass {
		t.Errorf("%s/%s: the right answer fails: %v %v", name, q.ID, r.Failed(), err)
	}
}

// logsAgree holds that a log's trailer tells the return code that the plan tells.
func logsAgree(t *testing.T, name string, m incident.Made) {
	t.Helper()
	for _, j := range m.World.Jobs {
		for _, r := range j.Runs {
			l, ok := m.World.Logs[r.ID]
			if !ok || r.ReturnCode == nil || l.Trailer == "" {
				continue
			}
			if want := "Exit Status           : "; !strings.Contains(l.Trailer, want) {
				t.Errorf("%s: the log of %s tells no exit status", name, j.Name)
			}
		}
		legal := []string{"ADD", "HOLD", "READY", "SCHED", "FENCE", "INTRO", "WAIT", "EXEC", "SUCC", "ABEND", "FAIL", "PEND", "SUCCP", "ABENP", "DONE", "SUPPR", "BOUND", "CANCL", "ERROR", "EXTRN"}
		if !slices.Contains(legal, j.Status.Internal) {
			t.Errorf("%s: %s is %q, which no manual knows", name, j.Name, j.Status.Internal)
		}
	}
}
