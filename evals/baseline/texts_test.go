package baseline

import (
	"regexp"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Every kind can be told and treated in both languages, and nothing that is said has a hole left.
func TestEveryKindCanBeTold(t *testing.T) {
	b, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := answer.Kinds()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds {
		if answer.Planned(k) {
			continue
		}
		en, pt := b.statement(k, "en", "X"), b.statement(k, "pt", "X")
		if en == pt || !strings.Contains(en, "X") || !strings.Contains(pt, "X") || strings.ContainsAny(en+pt, "{}") {
			t.Errorf("%s: %q, %q", k, en, pt)
		}
	}
	for k, text := range b.Kinds {
		if !answer.KindKnown(k) || answer.Planned(k) {
			t.Errorf("%s is no kind of cause", k)
		}
		checkAction(t, b, text.Fix)
	}
	for _, code := range []string{"check", "rerun", "collect"} {
		checkAction(t, b, code)
	}
	for _, e := range b.Echo {
		if !answer.KindKnown(e.Kind) || len(e.Words) == 0 {
			t.Errorf("%s with the words %q", e.Kind, e.Words)
		}
		for _, w := range e.Words {
			if w != unaccented.Replace(strings.ToLower(w)) {
				t.Errorf("%s: %q never fits a question, which is folded", e.Kind, w)
			}
		}
	}
}

func checkAction(t *testing.T, b *book, code string) {
	t.Helper()
	if code == "" {
		return // somebody looks
	}
	rule, ok := answer.RuleFor(code)
	if !ok || b.Actions[code]["en"] == "" || b.Actions[code]["pt"] == "" {
		t.Errorf("%s is no action that can be told", code)
	}
	for _, p := range rule.Precondition {
		if b.Conditions[p] == "" {
			t.Errorf("the condition %q of %s has no Portuguese", p, code)
		}
	}
	if rule.Group == "administrate" || rule.Group == "operate" && (b.WayBack[code]["en"] == "" || b.WayBack[code]["pt"] == "") {
		t.Errorf("%s is advised without a way back", code)
	}
}

func TestEverySentenceHasTwoLanguages(t *testing.T) {
	b, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	hole := regexp.MustCompile(`\{\w*\}`)
	for _, lines := range []map[string]map[string]string{b.Says, b.Missing, b.Actions, b.WayBack} {
		for key, l := range lines {
			if len(l) != 2 || l["en"] == "" || l["pt"] == "" || l["en"] == l["pt"] || strings.Join(hole.FindAllString(l["en"], -1), "") != strings.Join(hole.FindAllString(l["pt"], -1), "") {
				t.Errorf("%s: %v", key, l)
			}
		}
	}
}

func TestTheSignsAreOfTheContract(t *testing.T) {
	c, err := signs()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rules) < 25 {
		t.Errorf("%d rules", len(c.Rules))
	}
	for _, r := range c.Rules {
		if !answer.KindKnown(r.Kind) || answer.Planned(r.Kind) || r.Weight < 1 || r.Weight > 3 || len(r.Lines) == 0 {
			t.Errorf("the rule of %s, weight %d, %d lines", r.Kind, r.Weight, len(r.Lines))
		}
	}
	for code, kind := range c.Codes {
		if !answer.KindKnown(kind) {
			t.Errorf("%d: %s", code, kind)
		}
	}
}
