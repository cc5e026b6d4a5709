package score

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// TestTheLexiconKnowsEveryKind: every deepest kind of the contract and every word that a claim may say has words in both languages.
func TestTheLexiconKnowsEveryKind(t *testing.T) {
	all, err := words()
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := answer.Kinds()
	if err != nil {
		t.Fatal(err)
	}
	for lang, l := range all {
		for _, k := range kinds {
			leaf := !slices.ContainsFunc(kinds, func(o string) bool { return strings.HasPrefix(o, k+".") })
			if leaf && !answer.Planned(k) && l[k] == nil {
				t.Errorf("%s: %s has no words", lang, k)
			}
		}
		for _, w := range append(suite.Sayings(), "innocent") {
			if l[w] == nil {
				t.Errorf("%s: %s has no words", lang, w)
			}
		}
		for name, e := range l {
			if len(e.Yes) == 0 || len(e.No) == 0 {
				t.Errorf("%s: %s has no sentences that show what it means and what not", lang, name)
			}
			if strings.Contains(name, ".") && !slices.Contains(kinds, name) {
				t.Errorf("%s: %s is no kind", lang, name)
			}
		}
	}
}

// strongest is how a text takes what is said.
func strongest(t *testing.T, lang, what, text string) polarity {
	t.Helper()
	all, err := words()
	if err != nil {
		t.Fatal(err)
	}
	best := denied
	for _, c := range bare(text, lang, asItIs) {
		best = max(best, says(c, all[lang], all["en"], what, true))
	}
	return best
}

func TestTheLexiconsOwnSentences(t *testing.T) {
	all, err := words()
	if err != nil {
		t.Fatal(err)
	}
	for lang, l := range all {
		for name, e := range l {
			for _, y := range e.Yes {
				if strongest(t, lang, name, y) != asserted {
					t.Errorf("%s: %s is not seen in %q", lang, name, y)
				}
			}
			for _, n := range e.No {
				if strongest(t, lang, name, n) == asserted {
					t.Errorf("%s: %s is seen in %q", lang, name, n)
				}
			}
		}
	}
}

// TestPolarity: what denies, doubts, asks or only supposes a thing does not assert it, and what looks like a denial may assert it.
func TestPolarity(t *testing.T) {
	for _, c := range []struct {
		lang, what, text string
		want             polarity
	}{
		{"en", "app.fs.space", "The disk is full.", asserted},
		{"en", "app.fs.space", "Disk is full? No, 61 % is used.", denied},
		{"en", "app.fs.space", "There is no evidence that the disk is full.", denied},
		{"en", "app.fs.space", "A full disk was ruled out.", denied},
		{"en", "app.fs.space", "The full disk is unrelated to it.", denied},
		{"en", "app.fs.space", "It might be a full disk.", doubted},
		{"en", "app.fs.space", "Possibly the disk is full.", doubted},
		{"en", "app.fs.space", "Check whether the disk is full.", doubted},
		{"en", "app.fs.space", "If the disk is full, ask the owner.", doubted},
		{"en", "app.fs.space", "Not only the listener but also the disk is full.", asserted},
		{"en", "app.fs.space", "It is not the listener, but the disk is full.", asserted},
		{"en", "app.fs.space", "It did not run because the disk is full.", asserted},
		{"en", "app.fs.space", "It failed, not because the disk is full.", denied},
		{"en", "app.fs.space", "Instead of a full disk it is the listener.", denied},
		{"en", "app.db.auth", "The account isn't locked.", denied},
		{"en", "app.db.auth", "The account was never locked.", denied},
		{"en", "app.db.auth", "The log says: `ORA-28001: the password has expired`.", asserted},
		{"en", "sched.agent.unlinked", "It waits because workstation LX1 is not linked: its states may be old.", asserted},
		{"en", "sched.dep.file", "The file has not arrived.", asserted},
		{"en", "rerun_fixes", "A rerun will not fix it.", denied},
		{"pt", "app.fs.space", "O disco está cheio.", asserted},
		{"pt", "app.fs.space", "Não é que o disco está cheio.", denied},
		{"pt", "app.fs.space", "Não há indício de disco cheio.", denied},
		{"pt", "app.fs.space", "Disco cheio foi descartado.", denied},
		{"pt", "app.fs.space", "Talvez o disco esteja cheio.", doubted},
		{"pt", "app.fs.space", "Pode ser que o disco encheu.", doubted},
		{"pt", "app.fs.space", "Não só o listener, mas também o disco está cheio.", asserted},
		{"pt", "app.fs.space", "Não é o listener, mas o disco está cheio.", asserted},
		{"pt", "app.fs.space", "O disco está cheio?", denied},
		{"pt", "app.fs.space", "Não rodou porque o disco está cheio.", asserted},
		{"pt", "app.fs.space", "Em vez de disco cheio, é o listener.", denied},
		{"pt", "app.db.auth", "A senha não expirou.", denied},
		{"pt", "sched.agent.unlinked", "A workstation LX1 não está linkada.", asserted},
	} {
		if got := strongest(t, c.lang, c.what, c.text); got != c.want {
			t.Errorf("%q takes %s as %d, want %d", c.text, c.what, got, c.want)
		}
	}
}
