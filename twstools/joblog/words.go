package joblog

import (
	"regexp"
	"strings"
)

// The words with which programs speak of a bad end, by strength. English, Portuguese, Spanish, German and French, since programs speak their
// author's language. A hit needs word boundaries so that "terror" and "errorlevel=0" stay quiet.
var (
	strong = regexp.MustCompile(`(?i)\b(fatal|panic|abort(ed|ing)?|abend(ed)?|segmentation fault|core dumped|uncaught|unhandled|traceback|exception|stack ?trace|critical|severe|emergency|abandoned|unusable|abortado|abandonad[oa]|inutiliz[aá]vel|grave|falha (fatal|geral)|fehler|schwerwiegend|abbruch|abgebrochen|erreur|fatale)\b|Exception\b|\bkilled\b`)
	medium = regexp.MustCompile(`(?i)\b(err(or)?s?|fail(ed|ure|s)?|cannot|can't|could not|couldn't|unable|denied|refus(ed|es|ing|al)|reject(ed|s|ing)|invalid|not found|no such|missing|does not exist|doesn't exist|unknown|timed? ?out|timeout|expired|corrupt(ed)?|violat(ed|ion)|mismatch|overflow|exceeded|full|lost|unexpected|illegal|erros?|falh(a|ou|as)|n[aã]o (foi poss[ií]vel|foi encontrad[oa]|encontr(ad[oa]|ei|ou)|existe|p[oô]de)|negad[oa]|recus(ad[oa]|ou)|rejeit(ad[oa]|ou)|inv[aá]lid[oa]|expirad[oa]|divergente|diverg[eê]ncia|ausente|faltando|impossible|fall[oó]|fallido|denegad[oa]|rechazad[oa]|rehusad[oa]|no (se )?(pudo|puede|existe|encontr\w+)|ung[uü]ltig\w*|verweigert|abgelehnt|fehlgeschlagen|fehlt|nicht (gefunden|m[oö]glich|verf[uü]gbar|erlaubt|vorhanden)|kann nicht|introuvable|refus[eé]e?|[eé]chec|errore|impossibile|non trovat[oa]|negat[oa]|mislukt|fout|geweigerd|niet gevonden|odmowa|misslyckades)\b|[a-z]Error\b`)
	// The same in further scripts, whose words RE2's \b does not bound: the plainest words for an error, a refusal, something not found.
	elsewhere = regexp.MustCompile(`(?i)エラー|失敗|異常終了|見つかりません|できません|例外|错误|錯誤|失败|找不到|无法|無法|异常|오류|실패|찾을 수 없|ошибк|не удалось|не найден|отказано|невозможно|сбой|помилк|błąd|błęd|nie można|başarısız|bulunamadı|خطأ|فشل|שגיאה|נכשל|σφάλμα`)
	weak      = regexp.MustCompile(`(?i)\b(g(a|i)ve up|giving up|stopp(ed|ing)|halt(ed|ing)|crash(ed|ing)?|problems?|incorrect|broke|differs?|differences?|breaks?|unbalanced|orphan(ed)?|(will|would|does|did|do|was|is|has|have|could|can)( not|n't)|wrong|broken|bad|dropped|incomplete|out of (range|order|sequence|sync|bounds)|not (allowed|available|balanced|equal|match(ing|ed)?|ready|possible|permitted|authori[sz]ed|supported|enough|defined|set|open|square|closed?|complete)|no \w+ left|insufficient|too (many|large|long|small|old)|no more|out of|desist\w+|interromp\w+|problemas?|incorret[oa]|insuficiente|indispon[ií]vel|incomplet[oa]|sobr(ou|aram)|n[aã]o (autorizad[oa]|permitid[oa]|dispon[ií]vel|definid[oa]|informad[oa]|confere|bate|fecha(m|ou)?|conseg\w+|deu|chegou|veio|tem)|sem (saldo|resposta|retorno)|ohne|doppelt|nicht|keine?[nrs]?|no (cuadra|coincide|cierra|corresponde)|ne \w+ pas)\b|(?i)\bn[aã]o h[aá] `)
	coded     = regexp.MustCompile(`\b([A-Z]{2,6}-\d{3,6}|[A-Z]{3,5}\d{3,5}[EFSA]|SQL\d{4,5}N|SQLSTATE[ =:\[]+\w{5}|SQLCODE[ =:]+-\d+|E(ACCES|AGAIN|BADF|BUSY|CONN[A-Z]+|EXIST|HOST[A-Z]+|INVAL|IO|ISDIR|MFILE|NET[A-Z]+|NFILE|NO[A-Z]{3,6}|NXIO|PERM|PIPE|ROFS|TIMEDOUT|DQUOT|STALE|FBIG|LOOP)|errno[ =:]+\d+|rc=-?[1-9]\d*|HTTP[/ ][\d. ]*[45]\d\d)\b`)
	// A heading announces that the next line is the error.
	heading = regexp.MustCompile(`(?i)^\W*(errors?|erros?|fatal|exception|failure|falha|fehler|message|mensagem|reason|motivo|cause|causa|details?|detalhes?|traceback \(most recent call last\)|stack ?trace|(the above|during handling of the above) exception.*)\W*$`)
	loud    = regexp.MustCompile(`(?i)(^|[\s\[|(<"])(error|fatal|crit(ical)?|severe|alert|emerg|erro|fail(ed|ure)?)([\s\]|):>"]|$)`)
	shouted = regexp.MustCompile(`^\W*(!!+|\*\*\*+)`)

	rethrow    = regexp.MustCompile(`(?i)^\s*(\[?caused by\b|causado por|causada por|nested exception|-{1,3}> )`)
	pyError    = regexp.MustCompile(`^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit)\b(:|$)`)
	stackFrame = regexp.MustCompile(`^\s+at [\w$.<>/]+\(|^\s*at [\w$.<>]+\([\w$]+\.java:\d+\)|^\s+File "|^\s*\.\.\. \d+ (more|common frames)|^\s{4,}\S+\(.*\)$|^\s+(at|em|bei|en) [\w.<>+]+\(.*\) (in|em|na) |^(At|Em|En|In) [A-Z]:\\\S+:\d+|^\+ +|^\s+\^+\s*$`)
)

// What looks bad and is not.
var (
	// Counters at zero, handlers, levels below error.
	harmless   = regexp.MustCompile(`(?i)\b(errors?|rejects?|rejected|exceptions?) (file|log|list|table|queue|folder|report)\b[^:]{0,40}\bempty\b|\b(arquivo|lista|tabela|fila|pasta|log|relat[oó]rio) de (erros?|rejeitad[oa]s|rejei[cç][oõ]es|falhas|exce[cç][oõ]es)\b[^:]{0,40}\bvazi[oa]\b|\b(0|no|zero|nenhum|sem|without|keine) (invalid|bad|rejected|corrupt|inv[aá]lid[oa]s?|rejeitad[oa]s?) (records?|rows?|lines?|registros?|linhas?)\b|\b(0|no|zero|nenhum[ao]?) \w+ (missing|lost|ausentes?|faltando|perdid[oa]s?)\b|\binvalid \w+( so far)?\s*[:=]\s*0+\s*($|[,;.)|\]])|\b(0|no|zero|nenhum|sem|without|keine) (errors?|failures?|fail(ed)?|erros?|falhas?|rejects?|warnings?|exceptions?|rejeitados?)\b|\b(errors?|failures?|failed|erros?|falhas?|rejects?|rejected|rejeitados?|exceptions?|invalid)([ _-]?(count|total|s|so far))?(\s*[:=]\s*|\s+)0+\s*($|[,;.)|\]])|\berror[_ ]?level\s*=\s*0|\bon ?error (goto|resume|stop|exit|continue)|\bif error\b|\b(exit|return|retorno) (code|status)?\s*[:=]?\s*0\b|\brc\s*=\s*0\b`)
	quietLevel = regexp.MustCompile(`(?i)(^|[\s\[|(<"])(debug|trace|info|informational|notice|note|nota|warn(ing)?s?|aviso|advert[eê]ncia|aten[cç][aã]o|informa[cç][aã]o|hinweis|warnung|aviso)([\s\]|):>"]|$)`)
	setUp      = regexp.MustCompile(`(?i)\b(handler|hook|trap|threshold|limit|level|policy|mode|watch(dog)?|monitor|detection|list|queue|limiar|limite|fila)\b.*\b(armed|enabled|disabled|set|installed|active|configured|registered|emptied|empty|clear(ed)?|(is|=|:)? ?(0|on|off)|armad[oa]|ativ[oa]|vazi[oa])\W*$|\b(armed|enabled)\b`)
	earlierRun = regexp.MustCompile(`(?i)\b(last|previous|prior|yesterday'?s?|earlier) (time|run|day|night|step|execution|week|attempt|load)\b|\b(execu[cç][aã]o|carga|rodada|passo|noite) (anterior|passad[oa])\b|\bde ontem\b|\bof yesterday\b|\b(vorige[nrs]?|letzte[nrs]?) (lauf|nacht|mal)\b`)
	counters   = regexp.MustCompile(`^\W*(\w{1,14}\s*[=:]\s*\d+\W*){2,}$`)
	endsWell   = regexp.MustCompile(`(?i)[,;:.)-]\s*(ok|good|fine|done|granted|passed|resolvid[oa]|tudo bem|gut)\W*$`)
	// Tried again and recovered.
	recovered = regexp.MustCompile(`(?i)\b(retry(ing)?|retries|will retry|trying again|tr(y|ies) \d+|attempt \d+ (of|/) ?\d+|attempt #?\d+|succeeded (on|after)|recovered|reconnected|ignored|ignoring|skipp(ed|ing)|continuing|going on|falling back|repaired|tentando novamente|nova tentativa|tentativa \d+|ignorad[oa]|ignorando|prosseguindo|seguindo em frente|contornad[oa]|recuperad[oa]|reintentando|erneuter versuch)\b`)
	tries     = regexp.MustCompile(`(?i)\b(?:attempt|try|retry|tentativa|intento|versuch)\s*#?\(?(\d+)\s*(?:of|/|de|von)\s*(\d+)`)
	goodEnd   = regexp.MustCompile(`(?i)\b(succe(ss|eded|ssful(ly)?)|completed ok|restored|(re)?connected|connection (re-?)?established|recovered|is back|came back|good|sucesso|conclu[ií]d[oa]|restabelecid[oa]|(re)?conectado|voltou|normalizad[oa])\b`)
)

// What reports the end and does not explain it.
var (
	allWell  = regexp.MustCompile(`(?i)^\W*(all|everything|every|tud?o|todos?|todas?|alles?|tout(es)?|tous)\b.{0,40}\b(processed|done|ok|okay|fine|completed?|finished|written|loaded|sent|passed|processad[oa]s?|feit[oa]s?|certo|bem|carregad[oa]s?|enviad[oa]s?|verarbeitet|erledigt|procesad[oa]s?|trait[eé]e?s?)\W*$`)
	farewell = regexp.MustCompile(`(?i)^\W*(exit(ing|ed)?|rc|return code|status|code|bye|end(ed)?|done|finished|quit(ting)?|logout|fim|encerrad[oa]|fin|ende|out|exit (code|status)|(job|step|script|process(ing|o)?|program|batch) (is )?(finished|ended|done|complete|terminou|finalizad[oa]|encerrad[oa])|([\w-]+: )?(stopping|exiting|leaving|quitting|terminating|aborting|saindo|parando|encerrando|abortando|terminated|aborted)|.{0,24}\b(wird beendet|endet mit|beendet))\W*-?\d*\W*$`)
	wrapUp   = regexp.MustCompile(`(?i)\b(exit(ing|ed|s)?|ended|ends|leaves|terminat(ed|ing)|finish(ed|ing)|nothing (done|sent|changed|kept|written)|step failed|job failed|script failed|aborting|giving up|gave up|encerrad[oa]|encerrando|finalizad[oa]|terminou|saindo|desistindo|termina)\b.*(\brc\b|code|status|error|erro|c[oó]digo|\d+\W*$)|\brc\s*[=:]\s*-?[1-9]|\b(total|number of|count of)\b.*\b(errors?|failures?|failed|erros|falhas|rejects?)\b\W*\d+\W*$|\b(errors?|failures?|erros?|falhas?|rejects?|rejeitad[oa]s?)\b[\w ]{0,30}[:=]\s*\d+\W*$|\bfailed with (an )?exception\W*$|\b(code|c[oó]digo)\W+\d+\W*$|^\W*(\S+: )?(line \d+: )?(\d+ )?(Aborted|Abort trap|Segmentation fault)\b`)
	stepEnd  = regexp.MustCompile(`(?i)^[^:=]{0,40}\b(job|step|script|batch|program(a)?|process(o|amento)?|task|phase|fase|etapa|passo|rotina|carga|execu[cç][aã]o|run|module|m[oó]dulo|pipeline|stage|worker|workflow|session|mapping|main|BUILD|command|comando)\b[^:=]{0,60}\b(fail(ed|ure)?|abend(ed)?|aborted|falhou|com (falha|erros?)|abortad[oa]|terminated|in error|unsuccessful(ly)?|fehlgeschlagen|fall[oó]|non-zero|sem sucesso)\b[^:]{0,40}$|\breturned (a )?non-?zero\b|\bexit(ed)? (with )?(code|status|value) [1-9]|\bcommand .* (failed|falhou)\b|^\W*(BUILD|RUN|JOB|STEP|TASK|LOAD|CARGA) (FAILED|FAILURE|ABORTED|ABENDED|FALHOU)\W*$`)
)

// Stems of which a line must hold one before an expression of that strength is tried: they say nothing themselves, they save the time.
var (
	strongStems = []string{"fatal", "panic", "abort", "abend", "segment", "core dump", "uncaught", "unhandled", "traceback", "exception", "stack", "critical", "severe", "emergency", "abandon", "usable", "inutiliz", "grave", "falha", "fehler", "abbruch", "abgebroch", "erreur", "kill"}
	weakStems   = []string{" up", "stop", "halt", "crash", "problem", "incorrect", "incorret", "broke", "break", "differ", "balanced", "orphan", "not ", "not", "n't", "wrong", "bad", "dropped", "complet", "out of", " left", "insufficient", "insuficiente", "too ", "no more", "desist", "interromp", "indispon", "sobr", "n\u00e3o ", "nao ", "sem ", "ohne", "doppelt", "nicht", "kein", "no c", "ne "}
	mediumStems = []string{"err", "fail", "can't", "cannot", "could", "unable", "den", "refus", "reject", "invalid", "inv\u00e1l", "found", "no such", "missing", "exist", "unknown", "time", "expir", "corrupt", "violat", "mismatch", "overflow", "exceed", "full", "lost", "unexpected", "illegal", "falh", "n\u00e3o", "nao", "negad", "recus", "rejeit", "diverg", "ausente", "falta", "imposs", "fall", "rechaz", "rehus", "no p", "no se", "no e", "ung", "verweig", "abgelehnt", "fehl", "nicht", "introuv", "chec", "trovat", "negat", "mislukt", "fout", "geweig", "gevonden", "odmow", "misslyck"}
)

func holdsAny(low string, stems []string) bool {
	for _, w := range stems {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}
