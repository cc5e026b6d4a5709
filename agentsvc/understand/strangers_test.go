package understand_test

import (
	"testing"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// TestStrangers holds the border of the field: words of any subject are of the plant where a job deals with them, and a question in the frame of an
// operator's ("how many … do I have left") is none of the field's without a word of it. The conversation before changes neither.
func TestStrangers(t *testing.T) {
	u := newUnderstander(t)
	tests := []struct {
		q   string
		out bool
	}{
		{q: "did the hotel booking export run?"},
		{q: "a carga da cotação do dólar rodou?"},
		{q: "status of the weather feed import"},
		{q: "o envio do holerite saiu?"},
		{q: "qual a duração normal do fechamento do cartão de crédito"},
		{q: "did the lottery draw file arrive"},
		{q: "how do I unlock an oracle account?"},
		{q: "como desbloqueio um usuário do banco oracle?"},
		{q: "is slack left on PAY_LOAD?"},
		{q: "the printer spool load PRT_LOAD failed, why?"},
		{q: "por que o cálculo das férias não rodou?"},
		{q: "how many vacation days do I have left?", out: true},
		{q: "quantos dias de férias ainda tenho?", out: true},
		{q: "recommend a book", out: true},
		{q: "que hotel você recomenda em Lisboa?", out: true},
		{q: "my laptop won't start", out: true},
		{q: "a impressora do segundo andar travou", out: true},
		{q: "is outlook down?", out: true},
		{q: "a máquina de café quebrou", out: true},
		{q: "esqueci a senha do wifi", out: true},
		{q: "write an email to my landlord", out: true},
	}
	for _, c := range tests {
		for _, talk := range []understand.Context{{}, {LastEntity: "WS7#CLAIMS.CLM_LOAD", LastIntent: understand.Diagnose}} {
			talk.Now, talk.Location = now, zone
			got := u.Parse(c.q, talk)
			if out := got.Intent == understand.OutOfScope; out != c.out {
				t.Errorf("%q after %q: %s, out of scope %v wanted", c.q, talk.LastEntity, got.Intent, c.out)
			}
			if c.out && (got.Target != "" || got.OutOfScopeWhy == "") {
				t.Errorf("%q after %q: target %q, why %q", c.q, talk.LastEntity, got.Target, got.OutOfScopeWhy)
			}
		}
	}
}

// TestSupposedByGerund: an act in front of a question for what follows is supposed, and a question after a state orders nothing.
func TestSupposedByGerund(t *testing.T) {
	u := newUnderstander(t)
	tests := []struct {
		q      string
		intent understand.Intent
		action string
	}{
		{"cancelando o PAY_LOAD, o que dispara?", understand.Impact, "cancel"},
		{"dando confirm no PAY_LOAD o que roda depois?", understand.Impact, "confirm_succ"},
		{"releasing PAY_LOAD would start what", understand.Impact, "release_dependency"},
		{"do I kill PAY_LOAD or give it time?", understand.Next, "kill"},
		{"please give PAY_LOAD another try", understand.Write, "rerun"},
		{"deixa a PAY_LOAD parada por enquanto", understand.Write, "set_priority"},
		{"is it the calendar that leaves out PAY_LOAD at 03:00?", understand.Wait, ""},
		{"de quem o PAY_LOAD depende?", understand.Job, ""},
		{"se o PAY_LOAD não rodar, o que para?", understand.Impact, ""},
		{"PAY_LOAD deu SUCC mas o arquivo veio vazio", understand.Diagnose, ""},
	}
	for _, c := range tests {
		got := u.Parse(c.q, understand.Context{Now: now, Location: zone})
		if got.Intent != c.intent || got.Action != c.action || got.Target != "PAY_LOAD" {
			t.Errorf("%q: %s, action %q, target %q, want %s, %q", c.q, got.Intent, got.Action, got.Target, c.intent, c.action)
		}
	}
}
