package compose_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// An error that a tool told in English is told in the answer's language, the engine's own words inside it as they are.
func TestErrorsAreInTheAnswersLanguage(t *testing.T) {
	for lang, want := range map[string]string{
		"pt": "A conta usada no engine não pode ler a lista de jobs (AWSJDB817E No rights).",
		"en": "The engine's account may not read the list of jobs (AWSJDB817E No rights).",
	} {
		a := compose.Build(compose.Input{Asked: understand.Understanding{Language: lang}, Errors: []answer.Error{{Code: "upstream_denied", Source: "engine:default",
			Message: "The engine's account may not read the list of jobs (AWSJDB817E No rights).", Hint: "It may belong to an earlier plan."}}})
		if len(a.Errors) != 1 || a.Errors[0].Message != want || strings.HasPrefix(a.Errors[0].Hint, "It may") != (lang == "en") {
			t.Errorf("%s: %+v", lang, a.Errors)
		}
	}
}
