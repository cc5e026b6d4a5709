// Package review turns what people say of answers into runbooks, and only through a person. Feedback goes into a queue; a reviewer
// makes a draft of a case in Markdown, edits it, and accepts or rejects it. What is accepted is laid on the shelf as a runbook of the
// site. Nothing is learned that nobody has reviewed, and every step is kept with who did it and when.
//
// Whatever comes with feedback is data: it is cleaned on its way in, stands in a draft as quoted text, and binds nothing. What a
// runbook is bound to comes from the reviewer. Start at NewQueue.
package review

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Verdict is what somebody thinks of an answer.
type Verdict string

// The verdicts.
const (
	Good Verdict = "good"
	Bad  Verdict = "bad"
)

// State is how far a case has come.
type State string

// The states. From New a case is drafted or rejected, from Drafted it is drafted anew, accepted or rejected; the others are ends.
const (
	New      State = "new"
	Drafted  State = "drafted"
	Accepted State = "accepted"
	Rejected State = "rejected"
)

// Evidence is what an answer was founded on.
type Evidence struct {
	Source string `json:"source"` // "joblog:WS#123", "knowledge:doc#section"
	Text   string `json:"text"`
}

// Feedback is what somebody says of an answer, with what the answer was about. All of it is text of others.
type Feedback struct {
	Who          string     `json:"who"` // the person, as they signed in
	When         time.Time  `json:"when"`
	Question     string     `json:"question"`
	Verdict      Verdict    `json:"verdict"`
	Comment      string     `json:"comment,omitempty"`
	Conversation string     `json:"conversation,omitempty"`
	Turn         string     `json:"turn,omitempty"`
	Language     string     `json:"language,omitempty"` // "en", "pt" or ""
	Entities     []string   `json:"entities,omitempty"` // names of jobs, streams, workstations of the diagnosis
	Kinds        []string   `json:"kinds,omitempty"`    // of cause
	Evidence     []Evidence `json:"evidence,omitempty"`
	Citations    []string   `json:"citations,omitempty"`
}

// Step is one thing that was done with a case.
type Step struct {
	State State     `json:"state"` // that it led to
	Who   string    `json:"who"`
	When  time.Time `json:"when"`
	Note  string    `json:"note,omitempty"`
}

// Case is feedback on its way to a runbook.
type Case struct {
	ID       int64    `json:"id"`
	State    State    `json:"state"`
	Feedback Feedback `json:"feedback"`
	Draft    string   `json:"draft,omitempty"` // Markdown
	// Mark names the draft's text: whoever accepts says which text was seen.
	Mark     string `json:"mark,omitempty"`
	Document string `json:"document,omitempty"` // path on the shelf, of an accepted case
	Steps    []Step `json:"steps"`              // oldest first
}

// Bounds of what is kept of one piece of feedback, in items and in characters.
const (
	maxText     = 4000
	maxName     = 200
	maxList     = 50
	maxEvidence = 20
	maxDraft    = 64 << 10 // bytes
)

// cleaned gives feedback as it is kept: nothing invisible in it, secrets masked, its sizes bounded.
func (f Feedback) cleaned() (Feedback, error) {
	f.Who, f.Conversation, f.Turn = name(f.Who), name(f.Conversation), name(f.Turn)
	f.Question, f.Comment = text(f.Question), text(f.Comment)
	f.Language = words.LanguageCode(f.Language)
	f.Entities, f.Kinds, f.Citations = names(f.Entities), names(f.Kinds), names(f.Citations)
	evidence := make([]Evidence, 0, min(len(f.Evidence), maxEvidence))
	for _, e := range f.Evidence[:min(len(f.Evidence), maxEvidence)] {
		if e = (Evidence{Source: name(e.Source), Text: text(e.Text)}); e.Text != "" {
			evidence = append(evidence, e)
		}
	}
	f.Evidence = evidence
	switch {
	case f.Who == "":
		return f, fault.New(fault.Invalid, "Feedback needs the name of the person who gives it.")
	case f.Question == "":
		return f, fault.New(fault.Invalid, "Feedback needs the question that was answered.")
	case f.Verdict != Good && f.Verdict != Bad:
		return f, fault.New(fault.Invalid, "The verdict must be good or bad.")
	}
	return f, nil
}

// text cleans a text of several lines. A private key is masked over all of its lines.
func text(s string) string {
	if len(s) > 4*maxText {
		s = strings.ToValidUTF8(s[:4*maxText], "")
	}
	lines := strings.Split(untrusted.Clean(s), "\n")
	untrusted.HideKeys(len(lines), func(i int) *string { return &lines[i] })
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// name cleans what stands on one line.
func name(s string) string {
	if len(s) > 4*maxName {
		s = strings.ToValidUTF8(s[:4*maxName], "")
	}
	r := []rune(untrusted.Normalize(s))
	return string(r[:min(len(r), maxName)])
}

func names(all []string) []string {
	var out []string
	for _, s := range all[:min(len(all), maxList)] {
		if s = name(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Bindings say which jobs, streams, kinds of cause and message ids a runbook is for. They come from the reviewer, never from feedback.
type Bindings struct {
	Jobs       []string
	Streams    []string
	Kinds      []string
	MessageIDs []string
}

var (
	kindForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,30}(?:\.[a-z0-9_-]{1,30}){0,5}$`)
	nameForm = regexp.MustCompile(`^[A-Za-z0-9_@?][A-Za-z0-9_@?./#-]{0,119}$`)
)

// check refuses what is no name, kind or id: a binding is no place for text.
func (b Bindings) check() (Bindings, error) {
	b.Jobs, b.Streams, b.Kinds, b.MessageIDs = names(b.Jobs), names(b.Streams), names(b.Kinds), names(b.MessageIDs)
	for _, part := range []struct {
		what string
		all  []string
		ok   func(string) bool
	}{
		{"job", b.Jobs, nameForm.MatchString}, {"job stream", b.Streams, nameForm.MatchString}, {"kind of cause", b.Kinds, kindForm.MatchString},
		{"message id", b.MessageIDs, func(s string) bool { return words.IsMessageID(strings.ToLower(s)) }},
	} {
		for _, s := range part.all {
			if !part.ok(s) {
				return b, fault.New(fault.Invalid, "%q has not the form of a %s.", s, part.what)
			}
		}
	}
	for i, id := range b.MessageIDs {
		b.MessageIDs[i] = strings.ToUpper(id)
	}
	return b, nil
}
