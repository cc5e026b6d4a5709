package agent

import (
	"strings"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/twstools/answer"
)

// leastWords is what must be left of a model's text for it to be an answer.
const leastWords = 8

// disagrees says why the model's text cannot stand beside the diagnosis; empty when it can.
func (t *turn) disagrees() string {
	v := &t.voice
	a, _ := t.checked()
	switch {
	case v.words < leastWords:
		return "too little is left"
	case v.struck > len(v.kept):
		return "most of it was struck"
	case v.against != "":
		return v.against
	case a.Diagnosis == nil || a.Diagnosis.Verdict != answer.Problem:
		return ""
	}
	return contradicts(strings.ToUpper(strings.Join(v.kept, "")), a.Diagnosis)
}

// contradicts says what a text, in capitals, misses of the diagnosis of a problem. Each of its sentences has been held against the verdict.
func contradicts(text string, d *answer.Diagnosis) string {
	if !strings.Contains(text, compose.ShortName(d.Causes[0].Entity)) {
		return "it does not name the cause"
	}
	return ""
}
