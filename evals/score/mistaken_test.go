package score

import "testing"

// TestWhatIsMistaken holds sentences that once were taken for what they do not say, or not taken for what they say. Each was an answer's, or stands
// beside one that was.
func TestWhatIsMistaken(t *testing.T) {
	for _, c := range []struct {
		lang, what, text string
		want             bool
	}{
		{"en", "app.script.permission", "`J` ended with ABEND because its script may not be executed.", true},
		{"en", "app.script.permission", "Its script is not executable.", true},
		{"en", "app.script.permission", "The script cannot be executed by the user.", true},
		{"en", "app.script.permission", "load.sh has no execute permission.", true},
		{"en", "app.script.permission", "The program is not allowed to be run.", true},
		{"pt", "app.script.permission", "terminou com ABEND porque o seu script não pode ser executado.", true},
		{"pt", "app.script.permission", "O script não é executável.", true},
		{"pt", "app.script.permission", "O script não tem permissão de execução.", true},
		{"pt", "app.script.permission", "O script está sem permissão para executar.", true},
		{"en", "app.fs.permission", "Its script may not be executed.", false},
		{"en", "app.remote_error", "X ended with ABEND because a remote system refused or dropped the connection", false},
		{"pt", "app.remote_error", "X terminou com ABEND porque um sistema remoto recusou ou derrubou a conexão", false},
		{"en", "app.net.unreachable", "X ended with ABEND because a remote system refused or dropped the connection", true},
		{"pt", "app.net.unreachable", "X terminou com ABEND porque um sistema remoto recusou ou derrubou a conexão", true},
		{"pt", "app.net.tls", "X terminou com ABEND porque um certificado não foi aceito", true},
		{"en", "app.net.tls", "X ended because a certificate was not accepted", true},
		{"en", "app.remote_error", "The partner refused the transaction.", true},
		{"en", "app.remote_error", "The server refused the connection.", false},
		{"pt", "app.remote_error", "O parceiro recusou a transação.", true},
		{"pt", "app.remote_error", "O servidor recusou a conexão.", false},
		{"en", "plan.locked", "47, 33 WAITING, 10 SUCCESSFUL, 2 BLOCKED, 2 RUNNING", false},
		{"en", "plan.locked", "BLOCKED", false},
		{"pt", "plan.locked", "47, 33 WAITING, 10 SUCCESSFUL, 2 BLOCKED, 2 RUNNING", false},
		{"pt", "plan.locked", "O job está bloqueado.", false},
		{"pt", "plan.locked", "O banco está bloqueado por outra ação.", true},
		{"pt", "plan.locked", "A extensão encontrou o plano travado.", true},
		{"en", "plan.locked", "The account is locked.", false},
		{"en", "plan.locked", "The database is already locked by another planner action.", true},
		{"en", "plan.locked", "JnextPlan found the plan locked.", true},
		{"en", "app.killed.operator", "X was stopped by a signal (return code 137)", false},
		{"en", "app.killed.operator", "X was killed by the kernel for lack of memory", false},
		{"en", "app.killed.operator", "X was killed by operator jsilva.", true},
		{"en", "app.killed.operator", "Somebody issued a kill.", true},
		{"en", "app.killed.operator", "It was cancelled by an operator.", true},
		{"en", "app.killed.operator", "It was stopped by the scheduler at its deadline.", false},
		{"pt", "app.killed.operator", "X foi interrompido por um sinal (código de retorno 137)", false},
		{"pt", "app.killed.operator", "X foi morto pelo kernel por falta de memória", false},
		{"pt", "app.killed.operator", "X foi morto pelo operador jsilva.", true},
		{"pt", "app.killed.operator", "Um operador derrubou o job.", true},
		{"pt", "app.killed.operator", "O usuário opnoite matou o job.", true},
		{"pt", "app.killed.operator", "O job foi encerrado pelo scheduler no deadline.", false},
		{"en", "perf.slow", "X has been running for 2 h 46 min, its estimate is 13 min; it has not failed.", true},
		{"pt", "perf.slow", "X está rodando há 2 h 46 min, e a estimativa é de 13 min.", true},
		{"en", "sched.agent.lost_event", "The engine itself shows `estimated_duration=21m37s` and `elapsed=3h1m51s` (confirmed)", false},
		{"en", "app.net.dns", "X ended because a host name could not be resolved", true},
		{"pt", "sched.time.deadline_kill", "o que está parado atrás dele, e o que vai perder o prazo", false},
		{"en", "sched.dep.file", "File has not arrived", true},
	} {
		if got := Asserts(c.lang, c.what, c.text); got != c.want {
			t.Errorf("%s %s: %q asserts it: %v", c.lang, c.what, c.text, got)
		}
	}
}

// TestAStateAccusesNobody: that something ended in a bad state says no cause where a cause must not be asserted, and is enough where the state is all there is to say.
func TestAStateAccusesNobody(t *testing.T) {
	all, err := words()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lang, what, text string
		accuses          bool
	}{
		{"en", "app.error", "X ended with ABEND and return code 143", false},
		{"en", "app.error", "X was stopped by a signal (return code 137)", false},
		{"pt", "app.error", "X terminou com ABEND e código de retorno 143", false},
		{"pt", "app.error", "X foi interrompido por um sinal (código de retorno 137)", false},
		{"en", "perf.slow", "X is running for 4 min of an estimated 15 min", false},
		{"pt", "perf.slow", "X está rodando há 4 min de um total estimado de 15 min", false},
		{"en", "app.error", "X ended with an error of its program.", true},
		{"pt", "app.error", "O programa terminou com erro.", true},
		{"en", "perf.slow", "X has been running far longer than usual.", true},
		{"pt", "perf.slow", "X roda há muito mais tempo do que o habitual.", true},
	} {
		for _, cl := range bare(c.text, c.lang, asItIs) {
			if got := says(cl, all[c.lang], all["en"], c.what, false) == asserted; got != c.accuses {
				t.Errorf("%s %s: %q accuses: %v", c.lang, c.what, c.text, got)
			}
		}
	}
	if !Asserts("en", "app.error", "X ended with ABEND and return code 143.") || !Asserts("pt", "app.error", "X terminou com ABEND e código de retorno 143.") {
		t.Error("a state is no longer enough where it must be said")
	}
}
