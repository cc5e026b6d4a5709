package oracle_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// named gives the oracle's case of a question.
func named(t *testing.T, all []oracle.Case, id, lang string) oracle.Case {
	t.Helper()
	for _, c := range all {
		if c.Gold.ID == id && c.Question.Lang == lang {
			return c
		}
	}
	t.Fatalf("no question of %s in %s", id, lang)
	return oracle.Case{}
}

// TestMannersOfSpeech: what people and models write in their own way is right where it is right, and wrong for one reason where it is not.
func TestMannersOfSpeech(t *testing.T) {
	all := cases(t)
	for _, c := range []struct {
		scenario, lang, prose string
		fails                 string // a criterion; empty: it passes
	}{
		{"s-4c1e", "en", "CLM_RESERVE abended at 01:23 with return code 1. Root cause: the password of its database account has expired (ORA-28001). Not a disk problem, and the agent FRLCLM01 is linked.", ""},
		{"s-4c1e", "en", "**CLM_RESERVE failed because of an expired database password.**\n\n- Log: `ORA-28001: the password has expired`\n- It ended 4 seconds after its start.\n\n1. Have the credentials renewed.\n2. Then rerun it.", ""},
		{"s-4c1e", "en", "The account used by `CLM_RESERVE` was rejected: `ORA-28001: the password has expired`. CLM_IBNR and CLM_EXPORT wait behind it, and CLMREPORT cannot start before 07:00.", ""},
		{"s-4c1e", "en", "CLM_RESERVE did not fail because of the disk; its database password expired.", ""},
		{"s-4c1e", "en", "CLM_RESERVE ended with an error. The log should be read.", score.Claims},
		{"s-4c1e", "en", "CLM_RESERVE might have failed because its password expired.", score.Claims},
		{"s-4c1e", "en", "It is not that the password of CLM_RESERVE expired.", score.Claims},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired. The root cause is that the tablespace is full.", score.Consistent},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired. This was caused by DWH_FULLBKP.", score.Consistent},
		{"s-4c1e", "en", "CLM_RESERVE failed at 04:17 because its password expired.", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired, after running for 2 h 40 min.", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE failed with return code 12 because its password expired.", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired (ORA-28000).", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired; FRLCLM77 is where it ran.", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired. 613 jobs are waiting for it.", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE is in ABEND because its password expired; CLM_EXPORT waits (HOLD).", ""},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired. CLM_EXPORT is done (SUCC).", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired. CLM_EXPORT has already started.", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE failed because its password expired. CLM_EXPORT has not started.", ""},
		{"s-4c1e", "pt", "O CLM_RESERVE falhou porque a senha expirou. O CLM_EXPORT já iniciou.", score.Grounded},
		{"s-4c1e", "en", "CLM_RESERVE is not in SUCC: its password expired.", ""},
		{"s-4c1e", "en", "A password has expired: CLM_RESERVE.", ""},
		{"s-4c1e", "pt", "O CLM_RESERVE falhou porque a senha expirou. O CLM_EXPORT está em SUCC.", score.Grounded},
		{"s-4c1e", "pt", "O CLM_RESERVE abendou às 01:23 com código de retorno 1. Causa raiz: a senha da conta no banco venceu (ORA-28001). Não é problema de disco, e o agente FRLCLM01 está linkado.", ""},
		{"s-4c1e", "pt", "**O CLM_RESERVE falhou por causa de uma senha vencida no banco.**\n\n1. Renovar a credencial.\n2. Depois, reprocessar.", ""},
		{"s-4c1e", "pt", "O CLM_RESERVE não falhou por causa do disco, mas porque a senha do banco expirou.", ""},
		{"s-4c1e", "pt", "O CLM_RESERVE talvez tenha falhado porque a senha venceu.", score.Claims},
		{"s-4c1e", "pt", "Não há indício de que a senha do CLM_RESERVE venceu.", score.Claims},
		{"s-4c1e", "pt", "O CLM_RESERVE falhou porque a senha venceu. A causa raiz é a tablespace cheia.", score.Consistent},
		{"s-4c1e", "pt", "O CLM_RESERVE falhou às 04h17 porque a senha venceu.", score.Grounded},
		{"s-91d7", "en", "BANKCOLL is on HOLD since the bank has not delivered RETURN_D1.ok to FRLMFT01 yet. Everything behind it, GL_POST included, has to wait.", ""},
		{"s-91d7", "en", "The return file of the bank, /interface/in/bank/RETURN_D1.ok, is still missing on FRLMFT01, so BANKCOLL cannot start.", ""},
		{"s-91d7", "pt", "O BANKCOLL está parado pois o arquivo RETURN_D1.ok do banco ainda não chegou ao FRLMFT01.", ""},
		{"s-91d7", "en", "BANKCOLL waits. RETURN_D1.ok has arrived long ago.", score.Claims},
		{"s-2f6a", "en", "DWL_FACT_PREMIUM cannot start because DWH_FULLBKP holds both units of the resource DWHWRITE.", ""},
		{"s-2f6a", "pt", "O DWL_FACT_PREMIUM aguarda o recurso DWHWRITE: as 2 unidades estão em uso pelo DWH_FULLBKP.", ""},
		{"s-6e52", "en", "The agent FRLWIN02 has lost its link to the master, that is why ACT_MORTALITY stays in READY.", ""},
		{"s-6e52", "pt", "A workstation FRLWIN02 está sem link; por isso o ACT_MORTALITY não sai de READY.", ""},
		{"s-6e52", "en", "FRLWIN02 is linked. ACT_MORTALITY stays in READY.", score.Claims},
		{"s-b083", "en", "Nobody has answered the prompt PAYLIMIT, which was asked at 00:12; PAYOUT cannot go on before that.", ""},
		{"s-b083", "pt", "O PAYOUT está parado porque ninguém respondeu ao prompt PAYLIMIT, perguntado às 00:12.", ""},
		{"s-d719", "en", "REN_CALC has not failed: it has been running for 2 h 23 min, more than three times its estimate of 40 min.", ""},
		{"s-d719", "pt", "O REN_CALC não falhou: roda há 2 h 23 min, bem mais que a estimativa de 40 min.", ""},
		{"s-08aa", "en", "Yes, COM_COMPUTE ended well: SUCC at 23:27, return code 0.", ""},
		{"s-08aa", "en", "COM_COMPUTE ended in SUCC. It was late because the disk was full.", score.Consistent},
		{"s-3d90", "en", "There is no job called ZQX_NIGHTLY_77 in the current plan, so I cannot say why it abended.", ""},
		{"s-3d90", "en", "There is no job called ZQX_NIGHTLY_77 in the plan. It failed because its password expired.", score.Consistent},
		{"s-3d90", "pt", "Não existe nenhum job chamado ZQX_NIGHTLY_77 neste plano; não dá para dizer por que ele abendou.", ""},
		{"unknown", "en", "CLM_RESERVE was stopped by signal 9, and nothing that can be read tells by whom: its log ends there. CLM_EXPORT waits behind it.", ""},
		{"unknown", "en", "It cannot be told why CLM_RESERVE ended badly. It could be the password or a full disk; neither is proven. CLM_EXPORT waits for it.", ""},
		{"unknown", "en", "It cannot be told for certain. CLM_RESERVE was killed by an operator. CLM_EXPORT waits for it.", score.Consistent},
		{"unknown", "en", "CLM_RESERVE failed because the tablespace was full. CLM_EXPORT waits for it.", score.Consistent},
		{"unknown", "pt", "Não dá para saber por que o CLM_RESERVE falhou: o log não pode ser lido. O CLM_EXPORT espera por ele.", ""},
	} {
		x := named(t, all, c.scenario, c.lang)
		x.Answer.Answer = c.prose
		r := judged(t, x)
		switch failed := r.Failed(); {
		case c.fails == "" && !r.Pass:
			t.Errorf("%s: %q must pass: %v", c.scenario, c.prose, failed)
		case c.fails != "" && !slices.ContainsFunc(failed, func(f score.Criterion) bool { return f.Name == c.fails }):
			t.Errorf("%s: %q must fail for %s: %v", c.scenario, c.prose, c.fails, failed)
		}
	}
}

// TestOrderAndLanguageChangeNothing: the order of causes beside the first, of actions, of what suffers and of evidence takes no part, and what is
// right or wrong in one language is so in the other.
func TestOrderAndLanguageChangeNothing(t *testing.T) {
	swept(t)
	all := cases(t)
	for _, c := range all {
		d := c.Answer.Diagnosis
		if len(d.Causes) > 2 {
			slices.Reverse(d.Causes[1:])
		}
		slices.Reverse(d.Affected)
		slices.Reverse(d.Candidates)
		slices.Reverse(d.Missing)
		if len(d.Actions) > 0 {
			last := len(d.Actions) - 1
			slices.Reverse(d.Actions)
			for i := range d.Actions {
				if d.Actions[i].After >= 0 {
					d.Actions[i].After = last - d.Actions[i].After
				}
			}
		}
		for i := range d.Causes {
			slices.Reverse(d.Causes[i].Evidence)
		}
		if r := judged(t, c); !r.Pass {
			t.Errorf("%s/%s: %v", c.Gold.ID, c.Question.ID, r.Failed())
		}
	}
	for _, m := range oracle.Mutants() {
		caught := map[string]map[string]bool{}
		for _, c := range all {
			if x, ok := m.Spoil(c); ok && strings.HasPrefix(c.Question.ID, c.Question.Lang) {
				if caught[c.Gold.ID] == nil {
					caught[c.Gold.ID] = map[string]bool{}
				}
				caught[c.Gold.ID][c.Question.Lang] = judged(t, x).Pass
			}
		}
		for id, by := range caught {
			if by["en"] != by["pt"] || len(by) != 2 {
				t.Errorf("%s: %s is judged differently in English and Portuguese: %v", m.Name, id, by)
			}
		}
	}
}

// TestHarmlessDifferencesPass: what an answer may do and still be right.
func TestHarmlessDifferencesPass(t *testing.T) {
	swept(t)
	for _, c := range cases(t) {
		d := c.Answer.Diagnosis
		if len(d.Causes) > 0 {
			x := &d.Causes[0]
			x.Class, d.ConfidenceClass = answer.Likely, answer.Likely
			x.Ref.RunID, x.Ref.Engine = "17", "prod"
			x.Evidence[0].Quote = "  " + x.Evidence[0].Quote + "\t"
		}
		d.Urgency = &answer.Urgency{Class: "now", Why: "soon"}
		d.WouldChange = []string{"another read"}
		c.Ledger, c.Seen = nil, nil // a program that does not tell
		c.Answer.Answer += "\n\n" + map[string]string{"en": "1. That is what is known.\n2. Ask again if you need more.", "pt": "1. Isso é o que se sabe.\n2. Pergunte de novo se precisar de mais."}[c.Question.Lang]
		if r := judged(t, c); !r.Pass {
			t.Errorf("%s/%s: %v", c.Gold.ID, c.Question.ID, r.Failed())
		}
	}
}

// TestWaysToTheEvidence: each complete way counts, in either interface, and a part of one does not.
func TestWaysToTheEvidence(t *testing.T) {
	c := named(t, cases(t), "s-4c1e", "en")
	c.Gold.Reads = [][]string{{"joblog:CLMEOD.CLM_RESERVE", "workstations"}, {"resources"}}
	job, err := c.Plant.Resolve("job:CLMEOD.CLM_RESERVE")
	if err != nil {
		t.Fatal(err)
	}
	run := "GET /twsd/api/v2/plan/job/run/" + job.Job.Runs[0].ID + "/joblog"
	for _, x := range []struct {
		seen []string
		want bool
	}{
		{[]string{run, "GET /twsd/api/v2/plan/workstation"}, true},
		{[]string{run}, false},
		{[]string{"GET /plan/resource"}, true},
		{[]string{"GET /plan/job/joblog?oql=name%20%3D%20'CLM_RESERVE'", "GET /plan/workstation"}, true},
		{[]string{"GET /twsd/plan/PL1/job/FRLCLM01%3B0AAAAAAAAAAAJC54%3BCLM_RESERVE/joblog", "POST /twsd/plan/PL1/workstation/query"}, true},
		{[]string{"GET /twsd/plan/PL1/job/RlJMQ0xNMDE7MEFBQUFBQUFBQUFBSkM1NDtDTE1fUkVTRVJWRQ==/joblog", "POST /twsd/plan/PL1/workstation/query"}, true},
		{[]string{"GET /twsd/plan/PL1/job/FRLCLM01%3B0AAAAAAAAAAAJC54%3BCLM_IBNR/joblog", "POST /twsd/plan/PL1/workstation/query"}, false},
		{[]string{"GET /plan/job/run/1/joblog", "GET /plan/workstation"}, false},
	} {
		c.Seen = x.seen
		failed := slices.ContainsFunc(judged(t, c).Failed(), func(f score.Criterion) bool { return f.Name == score.Read })
		if failed == x.want {
			t.Errorf("%v is a way to the evidence: %v, want %v", x.seen, !failed, x.want)
		}
	}
}

// TestAPoorerEngine: what a variant of the engine leaves decides what is right.
func TestAPoorerEngine(t *testing.T) {
	c := named(t, cases(t), "s-4c1e", "en")
	c.Gold.Under = map[string]suite.Left{suite.V1Only: {Proof: suite.LeftSame}, suite.Restricted: {Proof: suite.LeftGone, Missing: []string{"joblog:CLMEOD.CLM_RESERVE"}}, suite.LateCopy: {Proof: suite.LeftWeak}}
	for variant, want := range map[string]bool{"": true, suite.Full: true, suite.V1Only: true, suite.LateCopy: false, suite.Restricted: false} {
		x := c
		x.Gold = c.Gold.For(variant)
		if r := judged(t, x); r.Pass != want {
			t.Errorf("%q: the confirmed answer passes: %v, want %v: %v", variant, r.Pass, want, r.Failed())
		}
		y, err := oracle.NewCase(x.Gold, x.Question, x.Plant)
		if err != nil {
			t.Fatal(err)
		}
		if r := judged(t, y); !r.Pass {
			t.Errorf("%q: %v", variant, r.Failed())
		}
	}
}
