package handover

import (
	"fmt"
	"strings"
)

// phrases are the report's own words in one language. Fields that end in % places take names, times and numbers, in this order.
type phrases struct {
	title, covers, zone, deadlinesTo, asOf, demo      string
	nothingOpen, openOne, openMany, first, unknownNow string
	unseenBut, happenedIs, planIs, planProblem        string

	happened, open, deadlines, normal, unseenHead, read string

	runs, noFailures, failedOnce, failedMore, was, repairedAt, repairedBy, stillOpen, endedBad string
	answered, cancelled, cancelledNow, acts, late, by, seenAt, note, moreChanges, pastUnknown  string

	since, urgency, actBy, because, suffersOne, suffersMany, among, due, predicted, earliest, contact, advice, person, also, notLooked, root string
	command, condNo, condUnknown, source, likely, noCause, moreOpen                                                                          string

	noDeadlines, deadlinesUnknown, deadline, slackMin, shortMin, actUntil, eats, moreOfStream, moreDeadlines, onTime string
	cannotTell, moreFailures, missed, willLate, blocked, atRisk, riskUnknown                                         string

	normalRow, noNormal, allSeen, kindHistory, kindStale, kindMirror, kindZone, kindMore, kindRead string

	now, thisShift, morning, none string

	notAsked, staleWhy, mirrorWhy, zoneWhy, lateIncomplete, openMore, changesMore string

	yesterday, tomorrow, onDay string
}

// phrasesOf gives the words of a language; English where it is not known.
func phrasesOf(lang string) phrases {
	if lang == "pt" {
		return portuguese
	}
	return english
}

var english = phrases{
	title: "Shift handover, engine %", covers: "From % to %.", zone: "All times in % (%).", deadlinesTo: "Deadlines up to %.", asOf: "Read at %, plan's now %.",
	demo:        "This is no live engine (%): plant and events are invented or recorded.",
	nothingOpen: "Nothing is open as far as could be seen.", openOne: "One thing is open.", openMany: "% things are open.", first: "First: %", unknownNow: "How the plan stands could not be read.",
	unseenBut: "What could not be seen stands at the end.", happenedIs: "In the shift % jobs ended badly and % were well again.", planIs: "% jobs in the plan: %.", planProblem: "The plan itself: %.",

	happened: "What happened", open: "What is open", deadlines: "What will hit a deadline", normal: "Acknowledged as normal here", unseenHead: "What could not be seen", read: "Read for this report",

	runs: "Runs: % started, % ended well, % ended badly.", noFailures: "No job ended badly.", failedOnce: "% ended badly at % (%)", failedMore: "% ended badly % times, last at % (%)",
	was: "% had ended badly before (%)", repairedAt: "; well again at %", repairedBy: ", % by %", stillOpen: "; still open", endedBad: "; no good end was seen",
	answered: "Answered: %", cancelled: "Cancelled: %", cancelledNow: "Cancelled in the plan, since when is not known: %", acts: "Done or changed: %", late: "Late: %", by: " by %", seenAt: " (seen at %)", note: ": “%”",
	moreChanges: "% more changes are not told here: resync changes lists them.", pastUnknown: "What happened in the shift could not be read.",

	since: "since %", urgency: "Urgency: %", actBy: "act by %", because: "Because: %", suffersOne: "One object waits behind it: %", suffersMany: "% objects wait behind it, among them %", among: "among them %",
	due: "due %", predicted: "predicted %", earliest: "predicted % at the earliest", contact: "Contact: %", advice: "Advised: %", person: "It waits for a person's word.", also: "With the same cause: %",
	notLooked: "Not looked into: only its state is known.", root: "At fault: %", command: "command: %", condNo: "does not hold yet: %", condUnknown: "to be checked first: %", source: "Source: %", likely: "likely",
	noCause: "No cause was found.", moreOpen: "% more are open and not told here: resync status lists them.",

	noDeadlines: "No deadline is in danger as far as could be reckoned.", deadlinesUnknown: "What will be late could not be reckoned.", deadline: "deadline %", slackMin: "slack % min", shortMin: "% min too late", actUntil: "act by %",
	eats: "because of %", moreOfStream: "and % more of this job stream", moreDeadlines: "% more rows: resync late lists them.", onTime: "% are on time.",
	missed: "missed", willLate: "will be late", blocked: "blocked", atRisk: "at risk", riskUnknown: "cannot be told",
	cannotTell: "For % it cannot be told: something on the way has no clock or was not read. The first: %", moreFailures: "% more jobs ended badly, of which % were well again: resync changes lists them.",

	normalRow: "acknowledged by % until %: “%”", noNormal: "Nothing is acknowledged.", allSeen: "Everything that was asked for could be seen.",
	kindHistory: "History does not reach over all of this time", kindStale: "Old data", kindMirror: "Age of the engine's copy", kindZone: "Time zone", kindMore: "More than is told", kindRead: "Not read",

	now: "now", thisShift: "this shift", morning: "until the morning", none: "none",

	notAsked: "was not asked", staleWhy: "the engine did not answer just now; the oldest reading is of %", mirrorWhy: "the API reads a copy of the plan, and nothing proves how old it is: states may lag",
	zoneWhy: "the plan's time zone is not told; times are written in the offset of the plan's clock", lateIncomplete: "the reckoning was ended by its budget: more may be late", openMore: "% more need a person and are not told one by one",
	changesMore: "% more changes in this time are not told one by one",

	yesterday: " yesterday", tomorrow: " tomorrow", onDay: " on %",
}

var portuguese = phrases{
	title: "Passagem de turno, engine %", covers: "De % a %.", zone: "Todos os horários em % (%).", deadlinesTo: "Prazos até %.", asOf: "Lido às %, relógio do plano %.",
	demo:        "Este engine não é real (%): a planta e os eventos são inventados ou gravados.",
	nothingOpen: "Nada está aberto, até onde se pôde ver.", openOne: "Uma coisa está aberta.", openMany: "% coisas estão abertas.", first: "Primeiro: %", unknownNow: "Não foi possível ler como está o plano.",
	unseenBut: "O que não pôde ser visto está no fim.", happenedIs: "No turno, % jobs terminaram mal e % voltaram a ficar bem.", planIs: "% jobs no plano: %.", planProblem: "O próprio plano: %.",

	happened: "O que aconteceu", open: "O que está aberto", deadlines: "O que vai bater em prazo", normal: "Reconhecido como normal aqui", unseenHead: "O que não pôde ser visto", read: "Lido para este relatório",

	runs: "Execuções: % iniciadas, % terminaram bem, % terminaram mal.", noFailures: "Nenhum job terminou mal.", failedOnce: "% terminou mal às % (%)", failedMore: "% terminou mal % vezes, a última às % (%)",
	was: "% tinha terminado mal antes (%)", repairedAt: "; bem de novo às %", repairedBy: ", % por %", stillOpen: "; continua aberto", endedBad: "; não se viu um término bom",
	answered: "Respondido: %", cancelled: "Cancelado: %", cancelledNow: "Cancelado no plano, não se sabe desde quando: %", acts: "Feito ou alterado: %", late: "Atrasado: %", by: " por %", seenAt: " (visto às %)", note: ": “%”",
	moreChanges: "Mais % mudanças não estão aqui: resync changes as lista.", pastUnknown: "Não foi possível ler o que aconteceu no turno.",

	since: "desde %", urgency: "Urgência: %", actBy: "agir até %", because: "Porque: %", suffersOne: "Um objeto espera por ele: %", suffersMany: "% objetos esperam por ele, entre eles %", among: "entre eles %",
	due: "prazo %", predicted: "previsto %", earliest: "previsto % no mínimo", contact: "Contato: %", advice: "Aconselhado: %", person: "Espera a palavra de uma pessoa.", also: "Com a mesma causa: %",
	notLooked: "Não examinado: só se conhece o estado.", root: "A falha está em: %", command: "comando: %", condNo: "ainda não vale: %", condUnknown: "verificar antes: %", source: "Fonte: %", likely: "provável",
	noCause: "Nenhuma causa foi encontrada.", moreOpen: "Mais % estão abertos e não estão aqui: resync status os lista.",

	noDeadlines: "Nenhum prazo está em perigo, até onde se pôde calcular.", deadlinesUnknown: "Não foi possível calcular o que vai atrasar.", deadline: "prazo %", slackMin: "folga de % min", shortMin: "% min de atraso", actUntil: "agir até %",
	eats: "por causa de %", moreOfStream: "e mais % deste job stream", moreDeadlines: "Mais % linhas: resync late as lista.", onTime: "% estão em dia.",
	missed: "perdido", willLate: "vai atrasar", blocked: "bloqueado", atRisk: "em risco", riskUnknown: "não se pode dizer",
	cannotTell: "De % não se pode dizer: algo no caminho não tem hora ou não foi lido. Os primeiros: %", moreFailures: "Mais % jobs terminaram mal, dos quais % voltaram a ficar bem: resync changes os lista.",

	normalRow: "reconhecido por % até %: “%”", noNormal: "Nada está reconhecido.", allSeen: "Tudo o que foi pedido pôde ser visto.",
	kindHistory: "O histórico não cobre todo este período", kindStale: "Dados antigos", kindMirror: "Idade da cópia do engine", kindZone: "Fuso horário", kindMore: "Mais do que está aqui", kindRead: "Não lido",

	now: "agora", thisShift: "neste turno", morning: "até a manhã", none: "nenhuma",

	notAsked: "não foi perguntado", staleWhy: "o engine não respondeu agora; a leitura mais antiga é de %", mirrorWhy: "a API lê uma cópia do plano, e nada prova a idade dela: estados podem estar atrasados",
	zoneWhy: "o fuso horário do plano não é informado; os horários seguem o relógio do plano", lateIncomplete: "o cálculo parou no limite de leituras: pode haver mais atrasos", openMore: "mais % precisam de uma pessoa e não estão aqui um a um",
	changesMore: "mais % mudanças neste período não estão aqui uma a uma",

	yesterday: " de ontem", tomorrow: " de amanhã", onDay: " em %",
}

// fill puts values into the places of a phrase, as plain text.
func fill(phrase string, values ...any) string {
	var b strings.Builder
	for i, part := range strings.Split(phrase, "%") {
		if i > 0 && len(values) > 0 {
			fmt.Fprint(&b, values[0])
			values = values[1:]
		}
		b.WriteString(part)
	}
	return b.String()
}
