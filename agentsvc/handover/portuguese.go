package handover

import "regexp"

// reasons are those that tools without a language give for what they could not see, in Portuguese. A reason that is not among them stays as it is.
var reasons = []struct {
	english    *regexp.Regexp
	portuguese string
}{
	{regexp.MustCompile(`^nobody watched from (\S+) to (\S+)$`), "ninguém observou de $1 a $2"},
	{regexp.MustCompile(`^nothing is remembered here: limits, priorities, links and answers that changed and left no run are not seen$`), "aqui nada é lembrado: limites, prioridades, links e respostas que mudaram sem deixar execução não são vistos"},
	{regexp.MustCompile(`^more happened than is told: the latest is$`), "aconteceu mais do que está aqui; está o mais recente"},
	{regexp.MustCompile(`^not all runs of that time were listed: the counts are a lower bound$`), "nem todas as execuções desse período foram listadas: as contagens são um mínimo"},
	{regexp.MustCompile(`^a plan holds about a day: what ran in earlier plans is only in what Resync remembers and in archived plans$`), "um plano guarda cerca de um dia: o que rodou em planos anteriores só está no que o Resync lembra e nos planos arquivados"},
	{regexp.MustCompile(`^the search ended at its budget of reads; there may be more$`), "a busca parou no limite de leituras; pode haver mais"},
	{regexp.MustCompile(`^The engine did not give all (.+): some that need a person may be missing\.$`), "O engine não entregou tudo ($1): pode faltar o que precisa de uma pessoa."},
	{regexp.MustCompile(`^no job and no job stream can be seen; the plan is empty, or the account may not list it$`), "nenhum job e nenhum job stream pode ser visto; o plano está vazio, ou a conta não pode listá-lo"},
}

func inPortuguese(why string) string {
	for _, r := range reasons {
		if r.english.MatchString(why) {
			return r.english.ReplaceAllString(why, r.portuguese)
		}
	}
	return why
}
