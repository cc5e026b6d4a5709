package roster_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/roster"
)

var example = regexp.MustCompile("(?s)<!-- file: ([a-z]+\\.md) -->\n```markdown\n(.*?)```")

// TestTheExamplesOfTheDocumentWork loads the files that docs/agents.md shows, and asks what auto does with questions for them.
func TestTheExamplesOfTheDocumentWork(t *testing.T) {
	raw, err := os.ReadFile("../../docs/agents.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, m := range example.FindAllStringSubmatch(string(raw), -1) {
		files[m[1]] = m[2]
	}
	if len(files) != 2 {
		t.Fatalf("%d examples", len(files))
	}
	r, u := load(t, site(t, files)), understander(t)
	a, ok := r.Agent("payroll")
	if !ok || a.Language != "pt" || a.Limits.OutputWords != 200 || !slices.Contains(a.Tools, "late_risk") || !strings.Contains(r.Prompt(a, roster.Places{Target: "PAY_LOAD"}), `A pergunta é sobre "PAY_LOAD".`) {
		t.Errorf("payroll = %+v", a)
	}
	if d, _ := r.Agent("diagnostics"); d.Limits.ResultBytes != 16384 || d.Limits.OutputWords != 250 || len(d.Tools) < 10 {
		t.Errorf("diagnostics = %+v", d)
	}
	for question, want := range map[string]string{"por que o PAY_LOAD abendou?": "payroll", "why has FOLHA01#FOLHA.CALC not started?": "payroll", "como está a folha de pagamento?": "payroll", "why did GL_FEED abend?": "diagnostics"} {
		if who, _ := r.For("", u.Parse(question, night), question); who.ID != want {
			t.Errorf("%q goes to %s", question, who.ID)
		}
	}
	// The tables of the document name every limit, field, intent and view that there is.
	_, err = roster.Load(site(t, map[string]string{"p.md": "---\nlimits: {zzzzzz: 1}\nzzzzzz: 1\nroutes: [{intents: [zzzzzz], views: [zzzzzz]}]\n---\n"}))
	if err == nil {
		t.Fatal("no error")
	}
	named := 0
	for _, list := range regexp.MustCompile(`; there are ([a-z_, ]+)`).FindAllStringSubmatch(err.Error(), -1) {
		for name := range strings.SplitSeq(list[1], ", ") {
			named++
			if !strings.Contains(string(raw), "`"+name+"`") {
				t.Errorf("docs/agents.md does not name %q", name)
			}
		}
	}
	if named < 35 {
		t.Errorf("only %d names were compared: %v", named, err)
	}
}
