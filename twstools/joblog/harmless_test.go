package joblog

import "testing"

// Lines of healthy programs that speak of bad things: a rule, a count, a plan, a hope, a name. None of them proves anything, even in a run that ended badly.
func TestHealthyTalkProvesNothing(t *testing.T) {
	for _, line := range []string{
		"retention policy: delete when file system is 95% full",
		"checking for lock file /var/run/day.lck: none",
		"lock file /var/run/day.lck created",
		"disk space check: 71% used, fine",
		"verificação de espaço em disco: ok",
		"certificate of partner valid until 2027-01-01",
		"certificado do parceiro vence em 19 dias",
		"timeout set to 60 s",
		"connect timeout = 30000",
		"connection timeout: 30 s",
		"heap dump on OutOfMemoryError is enabled",
		"java -XX:+ExitOnOutOfMemoryError -Xmx6g -jar load.jar",
		"loading class com.acme.errors.FileNotFoundException",
		"registering handler for SQLTimeoutException",
		"0 duplicate keys, 0 invalid rows, 0 timeouts",
		"0 registros rejeitados, nenhum arquivo ausente",
		"table ERROR_LOG truncated",
		"insert into T_FAILED done, 0 rows",
		"column ACCESS_DENIED added",
		"user batch connected",
		"step CHECK_MISSING_FILES begins",
		"job CANCELLED_ORDERS begins",
		"reading /data/in/rejected_0316.dat",
		"gravando /saida/erros_20260316.txt",
		"processing file killed_accounts.csv",
		"the account is locked for 3 customers of the list, letters follow",
		"customers with expired password: 12, letters written",
		"clientes com cadastro inválido: 0",
		"report OUT_OF_STOCK printed",
		"previous run was terminated by operator, taking over its work",
		"will retry on deadlock up to 3 times",
		"lock timeout is 240 s",
		"no space for further pictures in the brochure, page 4 follows",
		"if the file is missing the step is skipped",
		"se o arquivo não existe, o passo é ignorado",
		"http status 200, 404 rows read",
		"status=200 size=503",
		"error rate 0.01 %, below the limit",
		"max errors allowed: 50",
		"dead letter queue is empty",
		"PGTO01 - ARQUIVO DE REJEITADOS ABERTO, STATUS 05, VAZIO",
		"arquivo de erros vazio",
		"error file opened: /out/err.txt",
		"error file /out/day.err is empty",
		"token refreshed, expires in 3600 s",
		"broken pipes: 0",
		"DNS cache: 12 names, 0 unresolved",
		"skip of duplicate batch 4470 as configured",
	} {
		if f := onlyComplaint(line, 1); f.Proves {
			t.Errorf("%q is said to prove %s, by %s", line, f.Kind, f.Signature)
		}
		s := Segment{Body: lines("begin", line, "work goes on", "work goes on", "end")}
		if f, ok := s.Swallowed(); ok {
			t.Errorf("%q is said to have been passed over: %s, by %s", line, f.Kind, f.Signature)
		}
	}
}
