package fold_test

import (
	"testing"

	"github.com/resync-hwa/resync/internal/fold"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"PAY_LOAD": "pay_load", "Lançamento Contábil": "lancamento contabil", "ÀÉÎÕÜ": "aeiou", "": "", "oﬃce": "office", "e\u0301": "e", "naïve-7": "naive-7", "日本": "日本",
	} {
		if got := fold.Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}
