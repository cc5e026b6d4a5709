package alert

// words are what is said of findings that have no words of their own, in one language. %s are names and times, in this order.
type words struct {
	abend, look          string
	risk                 map[string]string
	deadline, predicted  string
	eater                string
	unreadable, doctor   string
	what                 map[string]string // by event
	severity             map[string]string
	acknowledged, before string

	head, test, testWhat, demo, more       string
	since, actBy, contact, do, id, sourced string
}

var speech = map[string]words{
	"en": {
		abend: "%s ended badly: %s.", look: "resync why, or ask the chat, for the cause.",
		risk:     map[string]string{"missed": "%s has missed its deadline", "late": "%s will be late", "blocked": "%s is blocked and may be late", "at_risk": "%s may be late"},
		deadline: ", deadline %s", predicted: ", predicted end %s", eater: "What eats the time: %s.",
		unreadable: "Engine %s cannot be read: nothing can be seen of its plan.", doctor: "resync doctor says what is wrong.",
		what:         map[string]string{Appeared: "new", Worse: "worse", Reminder: "still there", Ended: "over"},
		severity:     map[string]string{"critical": "critical", "high": "high", "medium": "medium", "low": "low"},
		acknowledged: "acknowledged as normal", before: "was %s",
		head: "Resync, engine %s — %s", test: "Resync: test message", testWhat: "This is a test. Whoever reads it can be reached by the webhook %s.", demo: "no live engine (%s)", more: "%d more; resync watch --once lists them.",
		since: "since %s", actBy: "act by %s", contact: "Contact: %s", do: "To do: %s", id: "finding %s", sourced: "source %s",
	},
	"pt": {
		abend: "%s terminou mal: %s.", look: "resync why, ou pergunte no chat, pela causa.",
		risk:     map[string]string{"missed": "%s perdeu o prazo", "late": "%s vai atrasar", "blocked": "%s está bloqueado e pode atrasar", "at_risk": "%s pode atrasar"},
		deadline: ", prazo %s", predicted: ", término previsto %s", eater: "O que consome o tempo: %s.",
		unreadable: "O engine %s não pode ser lido: nada se vê do plano dele.", doctor: "resync doctor diz o que está errado.",
		what:         map[string]string{Appeared: "novo", Worse: "pior", Reminder: "continua", Ended: "acabou"},
		severity:     map[string]string{"critical": "crítico", "high": "alto", "medium": "médio", "low": "baixo"},
		acknowledged: "reconhecido como normal", before: "era %s",
		head: "Resync, engine %s — %s", test: "Resync: mensagem de teste", testWhat: "Isto é um teste. Quem o lê pode ser alcançado pelo webhook %s.", demo: "engine que não é real (%s)", more: "mais %d; resync watch --once os lista.",
		since: "desde %s", actBy: "agir até %s", contact: "Contato: %s", do: "A fazer: %s", id: "achado %s", sourced: "fonte %s",
	},
}

func wordsIn(lang string) words {
	if w, ok := speech[lang]; ok {
		return w
	}
	return speech["en"]
}
