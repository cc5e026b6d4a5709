package reader

import "testing"

// FuzzOneEdit holds the short way to the long one.
func FuzzOneEdit(f *testing.F) {
	for _, p := range [][2]string{{"ledger", "ledger"}, {"ledger", "ledger"}, {"ledger", "ledgers"}, {"ledger", "edger"}, {"ledger", "legder"}, {"ledger", "ladder"}, {"", "a"}, {"", ""}, {"ab", "ba"}, {"abc", "cab"},
		{"ação", "açao"}, {"ação", "ãçoa"}, {"é", "è"}, {"aé", "éa"}, {"日本語", "日語本"}, {"日本語", "日本"}, {"aa", "aaa"}, {"aab", "aba"}, {"abcd", "badc"}} {
		f.Add(p[0], p[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = folded(a), folded(b) // what the index holds
		if got, want := oneEdit(a, b), distance(a, b) <= 1; got != want {
			t.Errorf("oneEdit(%q, %q) = %v, distance %d", a, b, got, distance(a, b))
		}
	})
}

// TestShortWordsAreKnownByTheirForms: a word of which too little is left without its ending is known by its singular or infinitive.
func TestShortWordsAreKnownByTheirForms(t *testing.T) {
	for _, c := range [][2]string{{"routes", "rotas"}, {"sending", "envia"}, {"load", "carrega"}} {
		if alike(know(c[0]), know(c[1])) == 0 {
			t.Errorf("%s and %s do not mean the same", c[0], c[1])
		}
	}
}
