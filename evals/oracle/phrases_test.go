package oracle

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// TestTheOracleSaysEveryKind: the oracle's words for each kind assert it, in the judge's own reading, and after a denial they do not.
func TestTheOracleSaysEveryKind(t *testing.T) {
	kinds, err := answer.Kinds()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range append(kinds, suite.Sayings()...) {
		if answer.Planned(k) {
			continue
		}
		for lang, form := range map[string][2]string{"en": {"It has trouble because %s.", "It is not so that %s."}, "pt": {"Tem problemas porque %s.", "Não é verdade que %s."}} {
			for i, f := range form {
				text := strings.Replace(f, "%s", say(k, lang), 1)
				if score.Asserts(lang, k, text) != (i == 0) {
					t.Errorf("%s: %q asserts %s: %v", lang, text, k, i != 0)
				}
			}
		}
	}
}
