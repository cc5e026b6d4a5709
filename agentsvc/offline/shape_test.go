package offline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// demo plays the tools over the demo's plant, without documents.
func demo(t *testing.T) play {
	t.Helper()
	now := time.Date(2026, 3, 17, 3, 10, 0, 0, time.FixedZone("-03", -3*3600))
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	all, err := tools.New(tools.Options{Engine: world.Engine(w, world.Options{}), Name: "default", Mode: "mock", API: "v2", Clock: func() time.Time { return now }}).All()
	if err != nil {
		t.Fatal(err)
	}
	set, err := toolkit.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
		if name == "search_knowledge" {
			out, src := composetest.Knowledge()
			return composetest.OK(out, src...), nil
		}
		b, err := json.Marshal(args)
		if err != nil {
			return toolkit.Result{}, err
		}
		return set.Call(ctx, name, b), nil
	}
}

// The six causes of the demo, each asked about by the object itself and by one that waits, in both languages.
func TestShapeOfTheDemo(t *testing.T) {
	p := demo(t)
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"Why did CLM_RESERVE fail?", "Por que o CLM_RESERVE falhou?", "What waits for CLM_RESERVE?", "Quem espera por CLM_RESERVE?", "Why did CLM_RESERVE fail and can I rerun it?",
		"Por que o CLM_RESERVE falhou e posso reprocessar?", "Is CLMEOD ok?", "Why is GL_COLLECT waiting?", "Por que o GL_COLLECT não começou?", "Why is BANKCOLL waiting?",
		"Why is ACT_MORTALITY not running?", "Por que o ACT_MORTALITY não roda?", "What is wrong with FRLWIN02?", "O que há com a FRLWIN02?", "Is REN_CALC slow?", "O REN_CALC está lento?",
		"Why is RENLETTER waiting?", "Por que PAY_BUILD está esperando?", "Why is PAYOUT waiting?", "Is PAYLIMIT answered?", "Why is DWHWRITE busy?", "Por que o DWHWRITE está ocupado?",
	} {
		t.Run(q, func(t *testing.T) {
			asked := u.Parse(q, understand.Context{})
			turn, a, text := run(t, asked, q, p)
			if a.Diagnosis == nil || a.Diagnosis.Verdict != answer.Problem {
				t.Fatalf("diagnosis = %+v", a.Diagnosis)
			}
			shape(t, turn.Input, a, text)
			passes(t, turn, text)
			if n := len(strings.Fields(text)); len(a.Diagnosis.Causes) == 1 && n > 165 {
				t.Errorf("%d words for one cause", n)
			}
		})
	}
}

// Questions of every other kind keep the bounds too, and nothing of them is struck.
func TestShapeOfOtherAnswers(t *testing.T) {
	p := demo(t)
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"what is wrong?", "o que está errado?", "how is the plan?", "como está o plano?", "Why is REG_SOLVENCY waiting?", "Por que o BOARDBOOK está esperando?", "Did ANN_DUE run?", "O ANN_DUE falhou?",
		"is PAYROLL ok?", "o PAYROLL está bem?", "What waits for ANN_DUE?", "describe job REN_CALC", "descreve o job REN_CALC", "Rerun CLM_RESERVE", "Cancela o GL_COLLECT", "Reply yes to PAYLIMIT", "run JnextPlan",
		"which jobs abended?", "quantos jobs estão rodando?", "show me the log of REN_CALC", "which workstations are down?", "quais prompts estão abertos?", "Why did CLM_RESERV fail?", "por que o XYZZYQ falhou?",
		"what do I do when a job is in FAIL?", "o que fazer quando um job fica em FAIL?", "can I cancel CLM_RESERVE?", "posso cancelar o GL_COLLECT?", "what can you do?", "quem é o presidente?", "status of FRLPOL01",
	} {
		t.Run(q, func(t *testing.T) {
			turn, a, text := run(t, u.Parse(q, understand.Context{}), q, p)
			if !strings.HasPrefix(text, "**") {
				t.Errorf("the first sentence does not stand out: %s", text)
			}
			once(t, text)
			passes(t, turn, text)
			if n := len(strings.Fields(text)); n > 260 {
				t.Errorf("%d words", n)
			}
			if a.Answer != "" {
				t.Error("Build wrote prose")
			}
		})
	}
}

// shape holds what an answer about one object with a cause must look like.
func shape(t *testing.T, in compose.Input, a answer.Answer, text string) {
	t.Helper()
	var out tools.DiagnoseOut
	c, ok := compose.Decisive(in.Asked, in.Ledger)
	if !ok || !c.Decode(&out) || out.Subject == nil {
		t.Fatal("nothing was diagnosed")
	}
	full := out.Subject.Entity
	short := compose.ShortName(full)
	bold, rest, ok := strings.Cut(strings.TrimPrefix(text, "**"), "** ")
	if !ok || strings.Contains(bold, "\n") || !strings.Contains(strings.ToUpper(bold), short) && in.Asked.Action == "" {
		t.Errorf("the first sentence is not bold, or does not name %s: %s", short, text)
	}
	plain := text
	for _, act := range a.Diagnosis.Actions { // a command names its object as it must
		if act.Command != "" {
			plain = strings.ReplaceAll(plain, act.Command, "")
		}
	}
	if n := strings.Count(plain, full); full != short && n != 1 {
		t.Errorf("%s stands there %d times:\n%s", full, n, text)
	}
	for _, other := range append(a.Diagnosis.Affected, a.Diagnosis.Causes[0].Entity) {
		if !strings.HasPrefix(full, other) && strings.Contains(other, "[(") && strings.Contains(plain, other) {
			t.Errorf("%s is written in full:\n%s", other, text)
		}
	}
	quoted := false
	for _, e := range a.Diagnosis.Causes[0].Evidence {
		quoted = quoted || strings.Contains(rest, "`"+strings.Join(strings.Fields(e.Quote), " ")+"`")
	}
	if !quoted {
		t.Errorf("no evidence of the first cause is quoted:\n%s", text)
	}
	if u := a.Diagnosis.Urgency; u != nil && u.Contact != "" && strings.Count(text, u.Contact) != 1 {
		t.Errorf("%s is named %d times:\n%s", u.Contact, strings.Count(text, u.Contact), text)
	}
	if strings.Count(text, "UTC-3") > 1 {
		t.Errorf("the zone is said again:\n%s", text)
	}
	once(t, text)
	connected(t, a, text)
}

// once holds that no sentence is said twice.
func once(t *testing.T, text string) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range verify.Sentences(text) {
		s = strings.Trim(strings.TrimSpace(s), "*- .")
		if len(s) > 20 && seen[s] {
			t.Errorf("said twice: %s\n%s", s, text)
		}
		seen[s] = true
	}
}

// connected holds that the way in the prose is one way: each step begins where the one before it ended, but for what was left out.
func connected(t *testing.T, a answer.Answer, text string) {
	t.Helper()
	and, waits, forWord := " and ", " waits for ", " for "
	if a.Language == "pt" {
		and, waits, forWord = " e ", " espera por ", " por "
	}
	for _, s := range verify.Sentences(text) {
		first, tail, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(s), "."), waits)
		if !ok || !strings.Contains(tail, forWord) || strings.Contains(first, " ") {
			continue
		}
		at := ""
		for _, step := range strings.Split(strings.ReplaceAll(first+forWord+tail, and, ", "), ", ") {
			from, to, ok := strings.Cut(step, forWord)
			if !ok { // steps left out
				at = ""
				continue
			}
			if at != "" && from != at {
				t.Errorf("the way jumps from %s to %s: %s", at, from, s)
			}
			at = to
		}
		if root := compose.ShortName(a.Diagnosis.Causes[0].Entity); !strings.HasSuffix(root, strings.ToUpper(at)) {
			t.Errorf("the way ends at %s and not at %s: %s", at, root, s)
		}
	}
}

// A long way, told among hops of other branches, is one way; its middle is counted.
func TestLongWay(t *testing.T) {
	const stream = "LNX_A1#LEDGER[(0300 03/17/26)]"
	p := func(_ context.Context, name string, args map[string]any) (toolkit.Result, error) {
		if name == "search_knowledge" {
			return composetest.OK(map[string]any{}), nil
		}
		lang, _ := args["language"].(string)
		out, src := composetest.Waiting(lang)
		out.Diagnosis.Chain = nil
		at := composetest.Post
		for i := range 6 {
			next := fmt.Sprintf("%s.STEP_%d", stream, i)
			out.Diagnosis.Chain = append(out.Diagnosis.Chain, answer.Hop{Entity: at, BlockedBy: fmt.Sprintf("%s.SIDE_%d", stream, i)}, answer.Hop{Entity: at, BlockedBy: next},
				answer.Hop{Entity: next, BlockedBy: at}) // a branch that leads nowhere, the way, and a way back
			at = next
		}
		out.Diagnosis.Chain = append(out.Diagnosis.Chain, answer.Hop{Entity: at, BlockedBy: composetest.Load})
		return composetest.OK(out, src...), nil
	}
	for lang, want := range map[string]string{"en": "LED_POST waits for STEP_0, STEP_0 for STEP_1, … (4 more) … and STEP_5 for INV_LOAD.",
		"pt": "LED_POST espera por STEP_0, STEP_0 por STEP_1, … (mais 4) … e STEP_5 por INV_LOAD."} {
		turn, a, text := run(t, understand.Understanding{Intent: understand.Wait, Target: "LED_POST", Language: lang}, "LED_POST?", p)
		if !strings.Contains(text, want) {
			t.Errorf("prose lacks %q:\n%s", want, text)
		}
		shape(t, turn.Input, a, text)
		passes(t, turn, text)
	}
}

// The deadline sentence: nobody waits, one waits, it is too late, it is past, another day.
func TestWhoSuffers(t *testing.T) {
	impact := func(deadline, state string) func(*answer.Diagnosis) {
		return func(d *answer.Diagnosis) { d.Impact[0].Deadline, d.Impact[0].State = deadline, state }
	}
	for name, c := range map[string]struct {
		change func(*answer.Diagnosis)
		en, pt string
	}{
		"nobody": {func(d *answer.Diagnosis) { d.Impact, d.Affected, d.AffectedTotal, d.Urgency = nil, nil, 0, nil }, "Nothing is known to wait behind it.", "Não se conhece nada esperando atrás disso."},
		"one":    {func(*answer.Diagnosis) {}, "LED_POST waits for this and is due by 06:00 (in 35 min): act by 05:45 and call ledger-duty.", "LED_POST espera por isso e tem prazo até 06:00 (daqui a 35 min): aja até 05:45 e avise ledger-duty."},
		"late":   {impact("2026-03-17T05:30:00-03:00", "late"), "LED_POST will miss its deadline of 05:30 (in 5 min): act now and call ledger-duty.", "LED_POST vai perder o prazo das 05:30 (daqui a 5 min): aja agora e avise ledger-duty."},
		"past":   {impact("2026-03-17T05:00:00-03:00", "late"), "LED_POST missed its deadline of 05:00 (25 min ago): act now and call ledger-duty.", "LED_POST perdeu o prazo das 05:00 (há 25 min): aja agora e avise ledger-duty."},
		"zone":   {impact("2026-03-17T12:00:00Z", "blocked"), "is due by 09:00 (in 3 h 35 min)", "tem prazo até 09:00 (daqui a 3 h 35 min)"},
		"morrow": {impact("2026-03-18T06:00:00-03:00", "blocked"), "is due by 06:00 tomorrow (in 24 h 35 min)", "tem prazo até 06:00 de amanhã (daqui a 24 h 35 min)"},
		"week":   {impact("2026-03-24T06:00:00-03:00", "blocked"), "is due by 06:00 on 2026-03-24: act", "tem prazo até 06:00 de 2026-03-24: aja"},
		"none":   {impact("", "blocked"), "This holds up LED_POST: act by 05:45 and call ledger-duty.", "Isso segura LED_POST: aja até 05:45 e avise ledger-duty."},
		"many":   {func(d *answer.Diagnosis) { d.AffectedTotal = 41 }, "This holds up 41 objects; the nearest deadline is 06:00 for LED_POST (in 35 min)", "Isso segura 41 objetos; o prazo mais próximo é 06:00, de LED_POST (daqui a 35 min)"},
	} {
		for lang, want := range map[string]string{"en": c.en, "pt": c.pt} {
			t.Run(name+"-"+lang, func(t *testing.T) {
				turn, _, text := run(t, understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD", Language: lang}, "INV_LOAD?", changed(func(o *tools.DiagnoseOut) { c.change(o.Diagnosis) }))
				if !strings.Contains(text, want) {
					t.Errorf("prose lacks %q:\n%s", want, text)
				}
				passes(t, turn, text)
			})
		}
	}
}

// changed plays the diagnosis of the fixture with a change.
func changed(change func(*tools.DiagnoseOut)) play {
	return func(_ context.Context, name string, args map[string]any) (toolkit.Result, error) {
		if name == "search_knowledge" {
			return composetest.OK(map[string]any{}), nil
		}
		lang, _ := args["language"].(string)
		out, src := composetest.Abend(lang)
		change(&out)
		return composetest.OK(out, src...), nil
	}
}

// What is only likely says so and why, and does not say it again among what was not seen.
func TestLikelySaysWhy(t *testing.T) {
	for lang, want := range map[string][2]string{"en": {"**Most likely: ", "That is likely, not proven: statuses may lag."}, "pt": {"**Mais provável: ", "É provável, não comprovado: os status podem estar atrasados."}} {
		turn, _, text := run(t, understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD", Language: lang}, "INV_LOAD?", changed(func(o *tools.DiagnoseOut) {
			o.Diagnosis.Causes[0].Class = answer.Likely
			o.Diagnosis.Missing = []string{"engine:default: " + map[string]string{"en": "statuses may lag", "pt": "os status podem estar atrasados"}[lang]}
		}))
		if !strings.HasPrefix(text, want[0]) || strings.Count(text, want[1]) != 1 || strings.Contains(text, "confirm") || strings.Contains(text, "Not seen") || strings.Contains(text, "Não visto") {
			t.Errorf("prose = %s", text)
		}
		passes(t, turn, text)
	}
}

// Objects of one name keep apart: the asked one has the short name, the others a longer one.
func TestNamesakesKeepApart(t *testing.T) {
	turn, _, text := run(t, understand.Understanding{Intent: understand.Diagnose, Target: "INV_LOAD"}, "INV_LOAD?", changed(func(o *tools.DiagnoseOut) {
		o.Diagnosis.Impact = []answer.Impact{{Entity: "LNX_A1#OTHER[(0300 03/17/26)].INV_LOAD", Hops: 1, Deadline: "2026-03-17T06:00:00-03:00"}}
		o.Diagnosis.Affected = []string{"LNX_A1#OTHER[(0300 03/17/26)].INV_LOAD"}
	}))
	if !strings.Contains(text, "OTHER.INV_LOAD waits for this") {
		t.Errorf("prose = %s", text)
	}
	passes(t, turn, text)
}

// A refused account names the setting to look at.
func TestRefusedAccountNamesTheSetting(t *testing.T) {
	denied := func(_ context.Context, _ string, _ map[string]any) (toolkit.Result, error) {
		r := composetest.Failed("upstream_denied", "The engine refused the credentials.", "")
		r.Error.Source = "engine:default"
		return r, nil
	}
	for _, lang := range []string{"en", "pt"} {
		for _, intent := range []understand.Intent{understand.Diagnose, understand.Write} {
			turn, _, text := run(t, understand.Understanding{Intent: intent, Target: "INV_LOAD", Action: "rerun", Language: lang}, "INV_LOAD?", denied)
			if !strings.Contains(text, "TWS_USER") || !strings.Contains(text, "TWS_PASSWORD") {
				t.Errorf("%s: %s", intent, text)
			}
			passes(t, turn, text)
		}
	}
}
