package agent

import (
	"strings"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// voice is the prose of a turn on its way out: text is cut into sentences, each is verified, and what stands is sent. It is used by the
// goroutine that runs the model, never by tools.
type voice struct {
	model    string // who wrote what stands
	fallBack bool   // the model's words are not used (any more)

	aside    aside
	splitter verify.Splitter
	waiting  []string // sentences that cannot be verified yet: calls are missing
	kept     []string
	words    int
	struck   int
	against  string // how a sentence spoke against the verdict
	full     bool
	told     bool // the diagnosis was sent, as it stood after
	toldAt   int  // so many calls
}

// beginText starts a model's answer: what an earlier try left unfinished is forgotten.
func (t *turn) beginText() {
	v := &t.voice
	v.splitter, v.waiting, v.aside = verify.Splitter{}, nil, aside{}
}

// hear takes a piece of a model's text as it streams.
func (t *turn) hear(text string) {
	for _, s := range t.voice.splitter.Write(t.voice.aside.strip(text)) {
		t.sentence(s)
	}
}

// endText ends a model's answer. Text beside tool calls is chatter and not kept; an answer cut at the token limit loses its last, broken sentence.
func (t *turn) endText(calls, cut bool) {
	v := &t.voice
	if v.aside.inside {
		cut = false // what was cut is the block; the prose before it is whole
	}
	for _, s := range v.splitter.Write(v.aside.flush()) {
		if !calls {
			t.sentence(s)
		}
	}
	rest := v.splitter.Flush()
	if calls {
		v.waiting, v.aside = nil, aside{}
		if len(v.kept) > 0 {
			t.resetText()
		}
		return
	}
	if rest != "" && !cut {
		t.sentence(rest)
	}
}

func (t *turn) spoke() bool { return len(t.voice.kept) > 0 }

func (t *turn) resetText() {
	t.send(agentsvc.EventReset, struct{}{})
	v := &t.voice
	v.splitter, v.waiting, v.kept, v.words, v.struck, v.full, v.against = verify.Splitter{}, nil, nil, 0, 0, false, ""
	v.aside = aside{}
}

// sentence verifies one sentence and sends it, or keeps it until the calls are there that it must be held against.
func (t *turn) sentence(s string) {
	if t.real && len(offline.Needed(t.state(t.most()+offline.MaxCalls))) > 0 {
		t.voice.waiting = append(t.voice.waiting, s)
		return
	}
	if t.real && !t.ownWords() {
		return
	}
	t.say(s)
}

// ownWords reports whether a model may put the answer into words: where nothing is known, or something is refused, the program's words stand.
func (t *turn) ownWords() bool {
	a, _ := t.checked()
	if a.Diagnosis == nil {
		return len(a.ToolCalls) > 0 && len(t.input().Barred) == 0
	}
	return a.Diagnosis.Verdict == answer.Problem || a.Diagnosis.Verdict == answer.NoProblem
}

func (t *turn) say(s string) {
	v := &t.voice
	t.tellDiagnosis()
	_, checker := t.checked()
	clean, why := checker.Sentence(s)
	if why != "" {
		v.struck++
		if strings.HasPrefix(why, verify.Against) {
			v.against = why
		}
		t.agent.o.Logger.Warn("struck", "what", "sentence", "why", why, "message", t.msgID, "model", v.model)
		return
	}
	words := len(strings.Fields(clean))
	if v.full = v.full || v.words+words > t.words(); v.full {
		return
	}
	if strings.TrimSpace(clean) == "" {
		return
	}
	v.words += words
	v.kept = append(v.kept, clean)
	t.send(agentsvc.EventDelta, agentsvc.Delta{Text: clean})
}

// tellDiagnosis sends the diagnosis before any prose, and again where further calls were made before the first word: they may have changed it.
func (t *turn) tellDiagnosis() {
	v, calls := &t.voice, len(t.ledger())
	if v.told && (v.toldAt == calls || len(v.kept) > 0) {
		return
	}
	v.told, v.toldAt = true, calls
	if a, _ := t.checked(); a.Diagnosis != nil {
		t.send(agentsvc.EventDiagnosis, *a.Diagnosis)
	}
}

// settleProse decides whose words stand, once all calls are made.
func (t *turn) settleProse() {
	v := &t.voice
	waiting := v.waiting
	v.waiting = nil
	real := t.real
	if real && !v.fallBack && t.ownWords() {
		for _, s := range waiting {
			t.say(s)
		}
		if why := t.disagrees(); why != "" {
			t.agent.o.Logger.Warn("model's text not used", "why", why, "model", v.model, "message", t.msgID)
			t.fail(answer.Error{Code: string(fault.Invalid), Source: "model:" + v.model, Message: "The language model's text did not agree with what the tools returned, so it was not used."})
		}
	}
	if v.fallBack || real && !t.ownWords() || len(v.kept) == 0 {
		t.plainWords()
	}
	t.tellDiagnosis()
}

// plainWords starts the prose again, in the program's own words.
func (t *turn) plainWords() {
	v := &t.voice
	if v.fallBack || len(v.kept) > 0 {
		t.resetText()
	}
	v.model = offlineLabel
	for _, s := range offline.Sentences(t.state(0)) {
		t.say(s)
	}
}

// said is the prose as it stands, with a note when something was struck.
func (v *voice) said(language string) string {
	text := strings.TrimSpace(strings.Join(v.kept, ""))
	return text + verify.Note(language, v.struck)
}
