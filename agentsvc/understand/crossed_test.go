package understand

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestCrossValidation learns from all examples but those of some voices and reads those then: what a stranger's question meets, whose words neither the
// rules nor the weights have seen. Folds are whole voices, both languages together, for a question and its translation share cues. The voices were
// written by one hand, before any measure: shorter and harder than questions of an evening (fresh_four, of another hand, fares better). It reports
// each intent and both ways to be wrong about an order.
func TestCrossValidation(t *testing.T) {
	u, err := New()
	if err != nil {
		t.Fatal(err)
	}
	all := examples(t, u)
	type rate struct{ right, asked int }
	rates := map[string]*rate{}
	count := func(ok bool, names ...string) {
		for _, name := range names {
			if rates[name] == nil {
				rates[name] = &rate{}
			}
			rates[name].asked++
			if ok {
				rates[name].right++
			}
		}
	}
	missed, refused := 0, 0
	for _, fold := range [][]string{{"said_manager", "said_orders"}, {"said_business", "said_voice", "said_desk"}, {"said_night", "said_developer", "fresh_four"}} {
		var learned, asked []sample
		for _, s := range all {
			if slices.Contains(fold, s.set) {
				asked = append(asked, s)
			} else {
				learned = append(learned, s)
			}
		}
		weights, err := readWeights(strings.NewReader(train(learned)))
		if err != nil {
			t.Fatal(err)
		}
		lex := *u.lex
		lex.weights = func() map[string][]weight { return weights }
		apart := &Understander{lex: &lex}
		for _, s := range asked {
			got := string(apart.Parse(s.question, s.talk).Intent)
			ok := slices.Contains(s.intents, got)
			count(ok, "all", "all "+s.language, s.set, s.intents[0], s.intents[0]+" "+s.language)
			if s.intents[0] == string(Write) && got != string(Write) {
				missed++
			}
			if got == string(Write) && !ok {
				refused++
			}
			if !ok {
				t.Logf("%s %s: %q read as %s, want %s", s.set, s.language, s.question, got, s.intents)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rates)) {
		t.Logf("%-20s %5.1f %% of %d", name, 100*float64(rates[name].right)/float64(rates[name].asked), rates[name].asked)
	}
	t.Logf("%d orders of %d not seen, %d questions taken for an order", missed, rates["write"].asked, refused)
	for _, name := range []string{"all", "all en", "all pt"} {
		if r := rates[name]; float64(r.right) < 0.85*float64(r.asked) {
			t.Errorf("%s: %d of %d intents right, want 85 %%", name, r.right, r.asked)
		}
	}
	if r := rates[string(OutOfScope)]; float64(r.right) < 0.80*float64(r.asked) {
		t.Errorf("out_of_scope: %d of %d right, want 80 %%", r.right, r.asked)
	}
	if missed > 30 || refused > 25 {
		t.Errorf("%d orders were not seen and %d questions were refused, want at most 30 and 25", missed, refused)
	}
}
