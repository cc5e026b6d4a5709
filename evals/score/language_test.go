package score

import "testing"

func TestDetect(t *testing.T) {
	for text, want := range map[string]string{
		"The job is waiting for the file, and nothing else holds it up.":           "en",
		"O job está parado porque o arquivo ainda não chegou.":                     "pt",
		"There is no problem: it ended well.":                                      "en",
		"Não há nada de errado com `THE_JOB_IS_IT`: terminou bem.":                 "pt",
		"O log diz \"the password has expired and it is the cause of the error\".": "pt",
		"ABEND SUCC HOLD": "",
		"":                "",
		"ok":              "",
		"It is held up because of this. Está parado por causa disso, e não há mais o que ver.": "",
	} {
		if got := detect(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestHasWord(t *testing.T) {
	for _, c := range []struct {
		text, word string
		want       bool
	}{{"see PAY_LOAD.", "PAY_LOAD", true}, {"see PAY_LOAD2", "PAY_LOAD", false}, {"see XPAY_LOAD, PAY_LOAD", "PAY_LOAD", true}, {"`S.PAY_LOAD`", "PAY_LOAD", true}, {"", "PAY_LOAD", false}} {
		if got := hasWord(c.text, c.word); got != c.want {
			t.Errorf("%q in %q: %v, want %v", c.word, c.text, got, c.want)
		}
	}
}
