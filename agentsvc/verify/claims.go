package verify

import (
	"regexp"
	"strings"
)

// asserts reports whether a sentence, in capitals, says what a pattern finds, and does not deny it: "will not fix itself".
func asserts(re *regexp.Regexp, up string) bool {
	for _, at := range re.FindAllStringIndex(up, -1) {
		if !denial.MatchString(up[:at[0]]) {
			return true
		}
	}
	return false
}

// ends reports whether a sentence says, of a cause or of what it holds up, that it ended well, did not fail or works again.
func (v verdict) ends(up string) bool {
	if supposed.MatchString(up) {
		return false
	}
	if len(v.causes) > 0 && asserts(solved, up) {
		return true
	}
	for _, of := range []struct {
		re    *regexp.Regexp
		names map[string]bool
	}{{wellForm, v.stuck}, {unfailedForm, v.failed}} {
		for _, g := range of.re.FindAllStringSubmatch(up, -1) {
			if of.names[shortOf(g[1])] {
				return true
			}
		}
	}
	return false
}

// spares reports whether a sentence calls unaffected what the diagnosis names as affected.
func (v verdict) spares(up string) bool {
	if len(v.affected) == 0 || supposed.MatchString(up) {
		return false
	}
	for _, g := range unaffectedForm.FindAllStringSubmatch(up, -1) {
		if v.affected[shortOf(g[1])] {
			return true
		}
	}
	return noneAffected.MatchString(up)
}

// blames gives an object that a sentence calls the cause, and that is none.
func (c *Checker) blames(s string) string {
	if !c.verdict.problem {
		return ""
	}
	up := strings.ToUpper(s)
	if supposed.MatchString(up) {
		return ""
	}
	for _, g := range blameForm.FindAllStringSubmatch(up, -1) {
		name := shortOf(g[1] + g[2])
		if c.verdict.causes[name] {
			continue
		}
		if c.verdict.stuck[name] || c.corpus.job(name) {
			return name
		}
	}
	return ""
}

// job reports whether a name, in capitals, is a job's or an object's own.
func (c *corpus) job(name string) bool {
	if name == "" || c.entities[name] {
		return name != ""
	}
	for e := range c.entities {
		if strings.HasSuffix(e, "."+name) {
			return true
		}
	}
	return false
}

// shortOf is the last part of a name as prose has it: INV_LOAD of 03/17/26)].INV_LOAD.
func shortOf(w string) string {
	w = strings.Trim(w, ".,:;`*'\"()[]")
	return w[strings.LastIndexAny(w, ".:")+1:]
}

// All in capitals, in both languages. NAME is what stands before the white space.
var (
	// denial ends in a word that turns round what follows.
	denial = regexp.MustCompile(`(?:\b(?:NOT|NEVER|NO|CANNOT|HARDLY|NUNCA|NEM|SEM)|N'T|\bN[ÃA]O)(?:\s+[^\s.,;]+){0,2}\s+$`)
	// supposed finds that something is a condition or a question, and no statement.
	supposed = regexp.MustCompile(`\b(?:ONCE|WHEN|IF|AFTER|UNTIL|UNLESS|BEFORE|WHETHER|SOON|CHECK|VERIFY|MAKE SURE|QUANDO|SE|DEPOIS|ASSIM QUE|CASO|ANTES|VERIFIQUE|CONFIRA|ENQUANTO)\b|\bAP[ÓO]S\b|\bAT[ÉE] QUE\b|\?`)
	solved   = regexp.MustCompile(`\b(?:PROBLEM|FAILURE|ERROR|ISSUE|IT|THIS|[A-Z0-9]+_[A-Z0-9_]+) (?:HAS |HAVE |IS |WAS )(?:NOW |ALREADY |SINCE )?(?:BEEN )?(?:RESOLVED|SOLVED|FIXED|RECOVERED)\b|` +
		`\b(?:PROBLEMA|FALHA|ERRO|ISSO|[A-Z0-9]+_[A-Z0-9_]+) (?:J[ÁA] )?(?:FOI|EST[ÁA]) (?:J[ÁA] |AGORA )?(?:RESOLVID[OA]|SOLUCIONAD[OA]|CORRIGID[OA])|\b[A-Z0-9]+_[A-Z0-9_]+ (?:J[ÁA] )?SE RECUPEROU\b`)
	wellForm = regexp.MustCompile("(\\S+)\\s+(?:HAS |HAVE |NOW |ALREADY |J[ÁA] |TAMB[ÉE]M |ALSO )*(?:" +
		`(?:ENDED|FINISHED|IS|WAS|TERMINATED|TERMINOU|EST[ÁA]|ACABOU|FICOU|FINALIZOU)(?: NOW| AGORA)? (?:IN |EM |WITH |AS |COM )?(?:STATUS |STATE |ESTADO )?` + "`?SUCC(?:ESS|ESSFUL)?\\b|" +
		`(?:COMPLETED|SUCCEEDED|CONCLUIU|TERMINOU|FOI CONCLU[IÍ]D[OA])\s*(?:[.,;!]|$)|` +
		`(?:IS|LOOKS|EST[ÁA])(?: NOW| AGORA)? (?:FINE|OK|OKAY|HEALTHY|GREEN|GOOD|BEM|NORMAL)(?: NOW| AGAIN| AGORA| DE NOVO)?\s*(?:[.,;!]|$))`)
	unfailedForm   = regexp.MustCompile(`(\S+)\s+(?:(?:DID NOT|DIDN'T|NEVER|HAS NOT|HASN'T) (?:FAIL|FAILED|ABEND|ABENDED)|(?:N[ÃA]O|NUNCA) (?:FALHOU|ABENDOU|DEU ERRO))\s*(?:[.,;!]|$)`)
	unaffectedForm = regexp.MustCompile(`(\S+)\s+(?:(?:WILL NOT BE|WON'T BE|IS NOT|ISN'T|WAS NOT|WASN'T) (?:AFFECTED|DELAYED|BLOCKED|IMPACTED)|N[ÃA]O (?:[ÉE]|EST[ÁA]|SER[ÁA]|FOI) (?:AFETAD|ATRASAD|BLOQUEAD|IMPACTAD)[OA])`)
	noneAffected   = regexp.MustCompile(`\b(?:NO (?:JOBS?|STREAMS?|JOB STREAMS?)|NOTHING) (?:IS|ARE|WAS|WERE|WILL BE) (?:AFFECTED|DELAYED|BLOCKED|IMPACTED)|\bNENHUM(?:A)? (?:JOB|STREAM|PROCESSO) (?:[ÉE]|EST[ÁA]|SER[ÁA]|FOI) (?:AFETAD|ATRASAD|BLOQUEAD|IMPACTAD)[OA]|\bNADA (?:[ÉE]|FOI|SER[ÁA]) AFETADO`)
	blameForm      = regexp.MustCompile(`(\S+)\s+(?:IS|WAS|[ÉE]|FOI) (?:THE|A|O) (?:(?:ROOT|REAL|TRUE|ACTUAL) CAUSE|CULPRIT|CAUSA(?: RAIZ| REAL)?|CULPAD[OA])\b|\b(?:(?:ROOT|REAL|TRUE|ACTUAL) CAUSE (?:IS|WAS)|CAUSA(?: RAIZ| REAL)? (?:[ÉE]|FOI))(?: THE JOB| O JOB| JOB| O| A)? (\S+)`)
	soothes        = regexp.MustCompile(`\bFALSE ALARM\b|\bALARME FALSO\b|\b(?:DON'T|DO NOT|NO NEED TO) WORRY\b|\bN[ÃA]O (?:SE )?PREOCUPE|\b(?:FIX|RESOLVE|CORRECT|HEAL|SOLVE)(?:S|ES)? ITSELF\b|\bSE (?:RESOLVE|RESOLVER[ÁA]?|CORRIGE|CORRIGIR[ÁA]?) SOZINH|` +
		`\b(?:DON'T|DO NOT) (?:HAVE|NEED) TO DO ANYTHING\b|\bNOTHING (?:THAT )?(?:YOU )?(?:MUST|HAS TO|NEEDS TO|HAVE TO|NEED TO) (?:BE DONE|DO)\b|\bNADA PRECISA SER FEITO|\bN[ÃA]O PRECISA(?:M)? FAZER NADA|\bCOSMETIC\b|\bCOSM[ÉE]TIC[OA]\b|\bNO BIG DEAL\b|\bNOT A BIG DEAL\b|` +
		`\bNO CHECKS? (?:IS|ARE) (?:NEEDED|REQUIRED|NECESSARY)|\bWITHOUT (?:ANY )?(?:CHECK|CHECKS|CHECKING)\b|\bSEM (?:VERIFICAR|CHECAR|CONFERIR)\b`)
	laterForm = regexp.MustCompile(`\b(?:LEFT|LEAVE (?:IT|THIS|THAT)|WAIT) (?:UNTIL|TILL|FOR) (?:TOMORROW|MONDAY|NEXT WEEK)|\b(?:PODE|PODEM) (?:FICAR|DEIXAR|ESPERAR) (?:PARA|AT[ÉE]|PRA) |\bDEIX(?:E|AR) (?:ISSO |ISTO )?(?:PARA|PRA) AMANH[ÃA]`)
)
