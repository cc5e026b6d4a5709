package verify

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Against begins the reason of a sentence that was struck because it speaks against the verdict: whoever writes such a sentence is not to be
// trusted with the rest.
const Against = "it speaks against the verdict: "

// verdict is what the diagnosis says, as far as sentences can speak against it.
type verdict struct {
	problem, urgent bool
	stuck           map[string]bool // names, upper case, of what is no success: causes, hops, the affected
	causes          map[string]bool
	failed          map[string]bool // the causes whose own end is not quoted as a success
	affected        map[string]bool
}

func verdictOf(d *answer.Diagnosis) verdict {
	v := verdict{stuck: map[string]bool{}, causes: map[string]bool{}, failed: map[string]bool{}, affected: map[string]bool{}}
	if d == nil || d.Verdict != answer.Problem {
		return v
	}
	v.problem = true
	v.urgent = d.Urgency == nil || d.Urgency.Class != "morning" && d.Urgency.Class != "none"
	add := func(to map[string]bool, entity string) {
		for _, f := range entityForms(entity) {
			to[f] = true
			if dot := strings.LastIndexAny(f, ".:"); dot > 0 {
				to[f[dot+1:]] = true
			}
		}
	}
	for _, cause := range d.Causes {
		add(v.causes, cause.Entity)
		if !endedWell(cause) {
			add(v.failed, cause.Entity)
			add(v.stuck, cause.Entity)
		}
	}
	for _, h := range d.Chain {
		add(v.stuck, h.Entity)
	}
	for _, e := range d.Affected {
		add(v.stuck, e)
		add(v.affected, e)
	}
	return v
}

// endedWell reports whether a success of the cause itself is among its evidence: a script may turn a failure into one.
func endedWell(c answer.Cause) bool {
	return slices.ContainsFunc(c.Evidence, func(e answer.Evidence) bool {
		return e.Source == "plan:"+c.Entity && strings.HasPrefix(strings.ToUpper(e.Quote), "STATUS=SUCC")
	})
}

// against says how a sentence speaks against the verdict; empty when it does not.
func (v verdict) against(s string) string {
	if !v.problem {
		return ""
	}
	up := strings.ToUpper(s)
	switch {
	case playsDown.MatchString(up), asserts(soothes, up), v.urgent && (notUrgent.MatchString(up) || asserts(laterForm, up)):
		return "it plays the problem down"
	case v.clears(up), v.ends(up):
		return "it calls fine what is not"
	case v.spares(up):
		return "it calls unaffected what is affected"
	}
	return ""
}

// clears reports whether a sentence gives an all-clear. "Nothing is wrong with" something that is no cause is none, and a success is none of
// an object that nothing holds up.
func (v verdict) clears(up string) bool {
	if at := allFine.FindStringIndex(up); at != nil {
		about := wordForm.FindAllString(up[at[1]:], 4)
		for _, w := range about {
			w = strings.Trim(w, ".,:;`*")
			if v.causes[w] {
				return true
			}
			if v.stuck[w] || nameLike(w) && strings.ContainsAny(w, "_#0123456789") {
				return false
			}
		}
		return true
	}
	if !success.MatchString(up) {
		return false
	}
	names := 0
	for _, w := range wordForm.FindAllString(up, -1) {
		w = strings.Trim(w, ".,:;`*")
		if v.stuck[w] {
			return true
		}
		if strings.ContainsAny(w, "_#") {
			names++
		}
	}
	return names == 0 && wholePlan.MatchString(up)
}

var (
	// allFine finds, in capitals, an all-clear in either language.
	allFine = regexp.MustCompile(`\b(?:NOTHING (?:IS |WAS |AT ALL )?WRONG|NO (?:PROBLEMS?|ERRORS?|ISSUES?)(?: WAS| WERE)? (?:FOUND|DETECTED|AT ALL)|THERE (?:IS|ARE) NO (?:PROBLEMS?|ERRORS?|ISSUES?)\b|` +
		`(?:EVERYTHING|ALL|IT ALL) (?:IS|ARE|LOOKS?|SEEMS?) (?:FINE|OK|OKAY|GOOD|NORMAL|WELL|HEALTHY|IN ORDER)\b|(?:ALL|EVERY) (?:JOBS?|STREAMS?|JOB STREAMS?) (?:ARE|IS) (?:RUNNING NORMALLY|FINE|OK|HEALTHY|GREEN)|RUNNING (?:NORMALLY|AS EXPECTED|SMOOTHLY)\b|` +
		`(?:N[ÃA]O H[ÁA]|N[ÃA]O EXISTE|SEM) (?:NENHUM )?(?:PROBLEMAS?|ERROS?|FALHAS?)\b|(?:N[ÃA]O H[ÁA] )?NADA (?:DE |EST[ÁA] )?ERRADO|(?:EST[ÁA] )?TUDO (?:EST[ÁA] )?(?:CERTO|BEM|NORMAL|OK|EM ORDEM)|RODANDO NORMALMENTE|FUNCIONANDO NORMALMENTE)`)
	// success finds that something ended well.
	success = regexp.MustCompile(`\b(?:COMPLETED|ENDED|FINISHED|RAN|TERMINATED|SUCCEEDED) (?:SUCCESSFULLY|WITHOUT (?:ANY )?ERRORS?|FINE|NORMALLY|OK\b)|\b(?:CONCLU[IÍ]D[OA]|CONCLUIU|TERMINOU|TERMINARAM|FINALIZOU|RODOU|EXECUTOU) (?:COM SUCESSO|SEM ERROS?|NORMALMENTE|BEM\b)`)
	// wholePlan finds that all is meant.
	wholePlan = regexp.MustCompile(`\b(?:ALL|EVERY|EVERYTHING|IT|TODOS|TODAS|TUDO|ELE|ELA)\b`)
	// playsDown finds advice to do nothing, or that an action needs no check. "Is not safe" and "do not ignore" are no such advice.
	playsDown = regexp.MustCompile(`\b(?:IS|'S|BE|ARE|PERFECTLY|COMPLETELY|QUITE) (?:SAFE|FINE|OK) TO (?:RE-?RUN|IGNORE|CONFIRM|CANCEL|RELEASE|KILL|SKIP)|\b(?:IS|ARE) (?:HARMLESS|HEALTHY)\b|` +
		`(?:^|[.!?:;,]\s+)(?:PLEASE |JUST |SIMPLY |(?:YOU )?CAN (?:SAFELY )?)*IGNORE (?:IT|THIS|THAT|THE)\b|\bCAN (?:SAFELY )?BE IGNORED\b|\bNO (?:FURTHER )?ACTION (?:IS )?(?:NEEDED|REQUIRED|NECESSARY)|` +
		`\b(?:NOBODY|NO ONE) (?:NEEDS|HAS) TO\b|\bNO NEED TO (?:ACT|DO|WORRY|CALL|INFORM)|\bNOTHING TO (?:DO|WORRY)\b|` +
		`(?:^|[.!?]\s+|\bE )É SEGURO (?:REEXECUTAR|RODAR|IGNORAR|CONFIRMAR|CANCELAR|LIBERAR)|\bINOFENSIV[OA]|(?:^|[.!?:;,]\s+)(?:VOC[ÊE] )?(?:PODE |PODEM )?IGNOR(?:E|AR) (?:ISSO|ISTO|O ERRO|A FALHA|ESTE ERRO|ESSE ERRO|ESTA FALHA|ESSA FALHA)|` +
		`\bNENHUMA A[ÇC][ÃA]O (?:É |E )?NECESS[ÁA]RIA|\bNINGU[ÉE]M PRECISA|\bN[ÃA]O [ÉE] (?:PRECISO|NECESS[ÁA]RIO) (?:FAZER|AGIR|AVISAR)|\bNADA A FAZER\b`)
	// notUrgent finds that there is time.
	notUrgent = regexp.MustCompile(`\b(?:NOT|ISN'T|NOTHING) URGENT|\bCAN WAIT UNTIL\b|\b(?:IT|THIS|THAT) CAN WAIT\b|N[ÃA]O [ÉE] URGENTE|\bSEM URG[ÊE]NCIA|(?:ISSO|ISTO|E) PODE ESPERAR`)
)
