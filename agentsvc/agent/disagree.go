package agent

import (
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/twstools/answer"
)

// leastWords is what must be left of a model's text for it to be an answer.
const leastWords = 8

// disagrees says why the model's text cannot stand beside the diagnosis; empty when it can.
func (t *turn) disagrees() string {
	v := &t.voice
	a, _ := t.checked()
	switch {
	case v.words < leastWords:
		return "too little is left"
	case v.struck > len(v.kept):
		return "most of it was struck"
	case a.Diagnosis == nil || a.Diagnosis.Verdict != answer.Problem:
		return ""
	}
	return contradicts(strings.ToUpper(strings.Join(v.kept, "")), a.Diagnosis)
}

// contradicts holds a text, in capitals, against the diagnosis of a problem. Names and numbers have been verified; what is left are
// words that would send people away.
func contradicts(text string, d *answer.Diagnosis) string {
	urgent := d.Urgency == nil || d.Urgency.Class != "morning" && d.Urgency.Class != "none"
	switch {
	case !strings.Contains(text, compose.ShortName(d.Causes[0].Entity)):
		return "it does not name the cause"
	case allFine.MatchString(text):
		return "it calls fine what is not"
	case playsDown.MatchString(text), urgent && notUrgent.MatchString(text):
		return "it plays the problem down"
	}
	return ""
}

var (
	// allFine finds, in capitals, an all-clear in either language.
	allFine = regexp.MustCompile(`\b(?:NOTHING (?:IS )?WRONG|NO PROBLEMS?(?: WAS| WERE)? (?:FOUND|DETECTED)|EVERYTHING IS (?:FINE|OK|NORMAL)|COMPLETED SUCCESSFULLY|` +
		`(?:N[ÃA]O H[ÁA]|SEM) (?:NENHUM )?PROBLEMAS?|TUDO (?:CERTO|BEM|NORMAL)|CONCLU[IÍ]D[OA] COM SUCESSO)`)
	// playsDown finds advice to do nothing, or that an action needs no check. "Is not safe" and "do not ignore" are no such advice.
	playsDown = regexp.MustCompile(`\b(?:IS|'S|BE|ARE|PERFECTLY|COMPLETELY|QUITE) (?:SAFE|FINE|OK) TO (?:RE-?RUN|IGNORE|CONFIRM|CANCEL|RELEASE|KILL|SKIP)|\b(?:IS|ARE) (?:HARMLESS|HEALTHY)\b|` +
		`(?:^|[.!?:;,]\s+)(?:PLEASE |JUST |SIMPLY )?IGNORE (?:IT|THIS|THAT|THE)\b|\bNO (?:FURTHER )?ACTION (?:IS )?(?:NEEDED|REQUIRED|NECESSARY)|` +
		`\b(?:NOBODY|NO ONE) (?:NEEDS|HAS) TO\b|\bNO NEED TO (?:ACT|DO|WORRY|CALL|INFORM)|\bNOTHING TO (?:DO|WORRY)\b|` +
		`(?:^|[.!?]\s+|\bE )É SEGURO (?:REEXECUTAR|RODAR|IGNORAR|CONFIRMAR|CANCELAR|LIBERAR)|\bINOFENSIV[OA]|(?:^|[.!?:;,]\s+)(?:PODE |PODEM )?IGNOR(?:E|AR) (?:ISSO|ISTO|O ERRO|A FALHA)|` +
		`\bNENHUMA A[ÇC][ÃA]O (?:É |E )?NECESS[ÁA]RIA|\bNINGU[ÉE]M PRECISA|\bN[ÃA]O [ÉE] (?:PRECISO|NECESS[ÁA]RIO) (?:FAZER|AGIR|AVISAR)|\bNADA A FAZER\b`)
	// notUrgent finds that there is time.
	notUrgent = regexp.MustCompile(`\b(?:NOT|ISN'T|NOTHING) URGENT|\bCAN WAIT UNTIL\b|\b(?:IT|THIS|THAT) CAN WAIT\b|N[ÃA]O [ÉE] URGENTE|\bSEM URG[ÊE]NCIA|(?:ISSO|ISTO|E) PODE ESPERAR`)
)
