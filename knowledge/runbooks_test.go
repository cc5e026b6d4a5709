package knowledge_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge"
	"gopkg.in/yaml.v3"
)

// harmful are commands on the plan, its queues and its managers, which no runbook of ours may show, and wildcards in any command.
var harmful = regexp.MustCompile(`(?i)planman|resetplan|jnextplan|switchplan|makeplan|evtsize|switchmgr|switchevtp|-scratch|;noask|rm -|kill -9|@[#!.]|[#!.]@`)

// Our runbooks have all five parts, are bound to kinds that exist, and show no harmful command.
func TestRunbooksKeepTheForm(t *testing.T) {
	raw, err := os.ReadFile("../twstools/answer/cause-kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	parts := map[string][]string{
		"en": {"when-it-applies", "what-to-look-at", "what-to-do", "what-never-to-do", "whom-to-inform"},
		"pt": {"quando-se-aplica", "o-que-olhar", "o-que-fazer", "o-que-nunca-fazer", "quem-avisar"},
	}
	base := open(t, knowledge.Options{})
	if p := base.Problems(); len(p) != 0 {
		t.Errorf("left out: %v", p)
	}
	languages := map[string]int{}
	for _, d := range documents(t, base) {
		languages[d.Language]++
		for _, part := range parts[d.Language] {
			s, err := base.Section(t.Context(), d.Path, part)
			if err != nil || len(strings.Fields(s.Text)) < 10 {
				t.Errorf("%s: the part %s is missing or empty", d.Path, part)
			}
		}
		for _, k := range d.Kinds {
			if !kindExists(tree, k) {
				t.Errorf("%s is bound to %s, which is no kind", d.Path, k)
			}
		}
		for _, s := range sections(t, base, d.Path) {
			if bad := harmful.FindString(s.Text); bad != "" {
				t.Errorf("%s#%s shows %q", d.Path, s.Slug, bad)
			}
		}
	}
	if languages["en"] < 8 || languages["pt"] < 3 || len(languages) != 2 {
		t.Errorf("languages %v, want at least 8 English and 3 Portuguese runbooks", languages)
	}
}

func kindExists(tree map[string]any, kind string) bool {
	node := any(tree)
	for _, step := range strings.Split(kind, ".") {
		m, ok := node.(map[string]any)
		if !ok {
			return false
		}
		if node, ok = m[step]; !ok {
			return false
		}
	}
	return true
}
