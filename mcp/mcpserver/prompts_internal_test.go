package mcpserver

import (
	"strings"
	"testing"
)

// TestPromptsAreRead: prompts that are broken or not whole are an error at the start, not a server without prompts.
func TestPromptsAreRead(t *testing.T) {
	t.Parallel()
	if err := Check(); err != nil {
		t.Fatal(err)
	}
	whole := string(promptsYAML)
	const one = "given: {en: a, pt: b}\nengine: {en: a, pt: b}\nprompts:\n  - {name: a, title: b, description: c, task: {en: a, pt: b}, answer: {en: a, pt: b}"
	if _, err := readPrompts([]byte("rules: {en: [a], pt: [b]}\n" + one + ", steps: [{en: a, pt: b}]}\n")); err != nil {
		t.Errorf("whole: %v", err)
	}
	for name, raw := range map[string]string{
		"empty":            "",
		"no YAML":          "prompts: [",
		"unknown field":    whole + "\nprompt: {}\n",
		"unknown in one":   strings.Replace(whole, "    answer:\n", "    answr:\n", 1),
		"no prompts":       whole[:strings.Index(whole, "\nprompts:")],
		"no rules":         "rules: {en: [], pt: []}\n" + one + ", steps: [{en: a, pt: b}]}\n",
		"one language":     strings.Replace(whole, "\n      pt: ", "\n      # ", 1),
		"a step in one":    strings.Replace(whole, "\n        pt: ", "\n        # ", 1),
		"without a name":   strings.Replace(whole, "name: triage_abend", "name: ''", 1),
		"without steps":    "rules: {en: [a], pt: [b]}\n" + one + "}\n",
		"a number as text": strings.Replace(whole, "from: 1,", "from: one,", 1),
	} {
		if raw == whole {
			t.Errorf("%s: the prompts are not changed", name)
		}
		if _, err := readPrompts([]byte(raw)); err == nil || !strings.HasPrefix(err.Error(), "prompts: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
