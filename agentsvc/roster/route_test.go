package roster_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/agentsvc/understand"
)

func understander(t *testing.T) *understand.Understander {
	t.Helper()
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// The night shift's hour at which the questions are asked.
var night = understand.Context{Now: time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC), Location: time.FixedZone("-03", -3*3600)}

// TestAutoLosesNoTool holds, over all labelled utterances of the understanding, that the agent that auto chooses has every tool that the answer
// would rest on with all of them at hand.
func TestAutoLosesNoTool(t *testing.T) {
	r, u := load(t, roster.Options{}), understander(t)
	auto, _ := r.Agent(roster.Auto)
	files, err := filepath.Glob("../understand/testdata/[fhv]*.yaml") // said_* are examples by intent and no labelled questions
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	asked, who := 0, map[string]int{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var list []struct {
			Q string `yaml:"q"`
		}
		if err := yaml.Unmarshal(raw, &list); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, x := range list {
			asked++
			got := u.Parse(x.Q, night)
			a, ok := r.For("", got, x.Q)
			if !ok {
				t.Fatalf("%q: nobody", x.Q)
			}
			who[a.ID]++
			if lone := got.Intent == understand.Help || got.Intent == understand.OutOfScope; lone != (a.ID == roster.Auto) {
				t.Errorf("%q (%s) goes to %s", x.Q, got.Intent, a.ID)
			}
			turn := offline.Turn{Input: compose.Input{Question: x.Q, Asked: got}, Offered: a.Tools}
			for _, tool := range auto.Tools {
				if !slices.Contains(a.Tools, tool) {
					turn.Withheld = append(turn.Withheld, tool)
				}
			}
			if barred := offline.Barred(turn); len(barred) > 0 {
				t.Errorf("%q goes to %s, which lacks %v (%s, view %q)", x.Q, a.ID, barred, got.Intent, got.View)
			}
		}
	}
	t.Logf("%d questions: %v", asked, who)
	if asked < 400 || len(who) < 5 {
		t.Errorf("%d questions went to %v", asked, who)
	}
}

// questions are asked of the built-in agents beside one of a site, in both languages.
var questions = []struct{ who, q string }{
	{"diagnostics", "Why did GL_FEED abend?"}, {"diagnostics", "Por que o GL_FEED abendou?"},
	{"diagnostics", "what went wrong with the stock update last night"}, {"diagnostics", "o que deu errado na atualização do estoque ontem"},
	{"diagnostics", "What is EODSTREAM waiting for?"}, {"diagnostics", "O que o EODSTREAM está esperando?"},
	{"diagnostics", "GL_FEED has not started yet, why?"}, {"diagnostics", "o GL_FEED ainda não começou, por quê?"},
	{"diagnostics", "Who suffers if GL_FEED stays down?"}, {"diagnostics", "Quem é afetado se o GL_FEED não rodar?"},
	{"diagnostics", "What would start if I rerun GL_FEED?"}, {"diagnostics", "Se eu reexecutar o GL_FEED, o que começa a rodar?"},
	{"diagnostics", "show me the last 20 lines of the log of GL_FEED"}, {"diagnostics", "mostra as últimas 20 linhas do log do GL_FEED"},
	{"diagnostics", "what does GL_FEED depend on?"}, {"diagnostics", "de que o GL_FEED depende?"},
	{"diagnostics", "GL_FEED failed, what should I do now?"}, {"diagnostics", "o GL_FEED falhou, o que eu faço agora?"},
	{"diagnostics", "may I rerun GL_FEED?"}, {"diagnostics", "posso reexecutar o GL_FEED?"},
	{"diagnostics", "rerun GL_FEED"}, {"diagnostics", "reexecuta o GL_FEED"},
	{"diagnostics", "cancel the job stream EODSTREAM"}, {"diagnostics", "cancela a malha EODSTREAM"},
	{"diagnostics", "agent NYWS01 is unlinked, why?"}, {"diagnostics", "o agente NYWS01 deslinkou, por que?"},
	{"status", "How is the plan?"}, {"status", "Como está o plano?"},
	{"status", "is everything ok tonight?"}, {"status", "está tudo bem hoje?"},
	{"status", "which jobs failed?"}, {"status", "quais jobs falharam?"},
	{"status", "list the jobs in HOLD on NYWS01"}, {"status", "lista os jobs em HOLD na NYWS01"},
	{"status", "how many jobs are running?"}, {"status", "quantos jobs estão rodando?"},
	{"status", "which workstations are down?"}, {"status", "quais estações estão fora?"},
	{"status", "which prompts wait for an answer?"}, {"status", "quais prompts esperam resposta?"},
	{"status", "what is the status of GL_FEED?"}, {"status", "qual o status do GL_FEED?"},
	{"status", "is GL_FEED done?"}, {"status", "o GL_FEED já terminou?"},
	{"status", "Which jobs will be late this morning?"}, {"status", "Alguma coisa vai estourar o prazo hoje?"},
	{"status", "What is wrong even though the board is all green?"}, {"status", "O que está errado sem estar em vermelho?"},
	{"knowledge", "what does AWSBHT001E mean?"}, {"knowledge", "o que significa AWSBHT001E?"},
	{"knowledge", "what does return code 137 mean?"}, {"knowledge", "o que é o código de retorno 137?"},
	{"knowledge", "how do I unlock an oracle account?"}, {"knowledge", "como eu desbloqueio uma conta oracle?"},
	{"handover", "what has changed in the last two hours?"}, {"handover", "o que mudou nas últimas duas horas?"},
	{"handover", "give me a handover of the plan for the next shift"}, {"handover", "me dá o resumo do plano para a passagem de turno"},
	{"payroll", "why did PAY_LOAD abend?"}, {"payroll", "por que o PAY_LOAD abendou?"},
	{"payroll", "what is LXPAY01#PAYEXT.SEND waiting for"}, {"payroll", "is PAY_CALC done?"},
	{"payroll", "como está a Folha de Pagamento?"},
	{"diagnostics", "rerun PAY_LOAD"}, {"diagnostics", "reexecuta o PAY_LOAD"}, // writing is none of its intents
	{"diagnostics", "why did XPAY_LOAD abend?"},
	{"auto", "hello"}, {"auto", "oi"}, {"auto", "what can you do?"}, {"auto", "o que você sabe fazer?"},
	{"auto", "what is the weather in Lisbon?"}, {"auto", "escreve um poema sobre jobs"},
	{"auto", ""},
}

const payroll = "---\nname: Payroll\ndescription: D.\ntools: [diagnose_job, explain_wait, get_job, search_knowledge]\nroutes:\n  - intents: [diagnose, wait, status]\n    targets: [\"PAY?@\"]\n" +
	"  - words: [folha de pagamento]\n---\nAnswer.\n"

func TestRouting(t *testing.T) {
	r, u := load(t, site(t, map[string]string{"payroll.md": payroll})), understander(t)
	for _, x := range questions {
		got := u.Parse(x.q, night)
		for range 3 { // the same question goes to the same agent
			if who, ok := r.For("", got, x.q); !ok || who.ID != x.who {
				t.Errorf("%q (%s, target %q, view %q) goes to %s, want %s", x.q, got.Intent, got.Target, got.View, who.ID, x.who)
				break
			}
		}
		if who, ok := r.For("knowledge", got, x.q); !ok || who.ID != "knowledge" {
			t.Errorf("%q: the named agent does not answer", x.q)
		}
	}
	if len(questions) < 60 {
		t.Errorf("only %d questions", len(questions))
	}
}

// A site's own agent takes an intent from a built-in one, but not what that one asks for more narrowly.
func TestASiteTakesAnIntent(t *testing.T) {
	r, u := load(t, site(t, map[string]string{"desk.md": "---\nname: Desk\ndescription: D.\ntools: [plan_status]\nroutes: [{intents: [plan, log]}]\n---\nAnswer.\n"})), understander(t)
	for q, want := range map[string]string{"how is the plan?": "desk", "show me the log of GL_FEED": "desk", "what has changed in the last two hours?": "handover", "which jobs failed?": "status"} {
		if who, _ := r.For(roster.Auto, u.Parse(q, night), q); who.ID != want {
			t.Errorf("%q goes to %s, want %s", q, who.ID, want)
		}
	}
}

func TestTargets(t *testing.T) {
	cases := []struct {
		pattern, target string
		fits            bool
	}{
		{"PAY@", "pay_load", true}, {"PAY@", "PAY", true}, {"PAY?@", "PAY", false}, {"PAY@", "XPAY", false}, {"@PAY@", "XPAYX", true}, {"PAY@", "LXPAY01#STREAM.PAY_LOAD", true}, {"STREAM", "WS#STREAM[(0200 03/17/26)].JOB", true},
		{"PAY@LOAD", "PAY_A_LOAD", true}, {"PAY@LOAD", "PAY_A_LOADS", false}, {"?", "é", true}, {"??", "é", false}, {"@folha@", "a Folha de pagamento", true}, {"PAY@", "", false}, {"WS#@.PAY@", "WS#S.PAY1", true},
		{"@a@a@a@a@a@a@b", strings.Repeat("a", 3000), false},
	}
	for _, c := range cases {
		r := load(t, site(t, map[string]string{"p.md": strings.Replace(own, "tools", "routes: [{targets: [\""+c.pattern+"\"]}]\ntools", 1)}))
		who, _ := r.For("", understand.Understanding{Intent: understand.Log, Target: c.target}, "")
		if got := who.ID == "p"; got != c.fits {
			t.Errorf("%s fits %q: %v", c.pattern, c.target, got)
		}
	}
}
