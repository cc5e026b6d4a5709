package compose

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// budget is how many words prose may have before its less important parts are left out; the verifier's bound is higher.
const budget = 290

// prose collects sentences. Each piece keeps the white space after it.
type prose struct {
	speech
	language  string
	names     *namer
	clock     *clock
	pieces    []string
	words     int
	corrected bool // the first sentence said that what was believed does not hold, and what does
}

// Sentences tells the answer in prose, sentence by sentence: verdict first, then evidence, chain, impact, next steps. Joined, the
// sentences are the answer's text. a is the answer of Build for the same input, verified or not.
func Sentences(in Input, a answer.Answer) []string {
	in.Ledger = in.Ledger.Own()
	a.Diagnosis = in.unbarred(a.Diagnosis)
	r := read(in.Asked, in.Ledger)
	p := &prose{speech: phrases(in.Asked.AnswerLanguage()), language: in.Asked.AnswerLanguage(), names: newNamer(subject(r), a.Diagnosis), clock: newClock(a.Clocks.PlanNow)}
	switch in.Asked.Intent {
	case understand.Help:
		p.help()
	case understand.OutOfScope:
		p.bold(p.say("out_of_scope"))
		p.say1("try")
	default:
		p.answer(in, a, r)
		p.barred(in)
	}
	return p.done()
}

func (p *prose) answer(in Input, a answer.Answer, r reading) {
	p.foretell(in, a, r)
	if in.Asked.Intent == understand.Handover {
		defer p.shift(in, a.Clocks.PlanNow)
	}
	if a.Diagnosis == nil {
		p.lists(in, r)
		return
	}
	d := a.Diagnosis
	switch d.Verdict {
	case answer.Refused:
		p.refusal(in, a, r)
	case answer.NeedsClarification:
		p.question(in, d, r)
	case answer.InsufficientEvidence:
		p.unknown(in, a, r)
	case answer.NoProblem:
		p.fine(in, a, r)
	default:
		p.problem(in, a, r)
	}
	p.meant(in, subject(r))
}

func (p *prose) help() {
	p.bold(p.say("help"))
	p.list(p.say("help_list"), []string{p.say("help_why"), p.say("help_impact"), p.say("help_plan"), p.say("help_find"), p.say("help_log"), p.say("help_know")})
}

// add appends a sentence or several.
func (p *prose) add(text string) {
	if text = p.readable(sentence(text)); text != "" {
		p.piece(text)
	}
}

// bold adds the sentence that says it all.
func (p *prose) bold(text string) {
	if text = strings.TrimSpace(p.readable(sentence(text))); text != "" {
		p.piece("**" + text + "** ")
	}
}

// whole is an entity in full, as code; the places around it say it once. Empty where the short name is all there is of it.
func (p *prose) whole(entity string) string {
	if p.names.of(entity) == entity {
		return ""
	}
	return code(entity)
}

// told adds a text of the program, its objects by their short names.
func (p *prose) told(text string) { p.add(p.names.plain(text)) }

func (p *prose) piece(text string) {
	p.pieces = append(p.pieces, text)
	p.words += len(strings.Fields(text))
}

// say1 adds a phrase as it is.
func (p *prose) say1(key string, pairs ...string) { p.add(p.say(key, pairs...)) }

// paragraph makes what follows a paragraph of its own.
func (p *prose) paragraph() { p.breakWith("\n\n") }

func (p *prose) breakWith(end string) {
	if n := len(p.pieces); n > 0 {
		p.pieces[n-1] = strings.TrimRight(p.pieces[n-1], " \n") + end
	}
}

// list adds a heading and its items, while there is room.
func (p *prose) list(heading string, items []string) {
	if len(items) == 0 {
		return
	}
	p.paragraph()
	p.add(heading)
	p.breakWith("\n")
	for _, it := range items {
		if !p.room() {
			break
		}
		p.piece("- " + p.readable(strings.TrimSpace(it)) + "\n")
	}
}

func (p *prose) room() bool { return p.words < budget }

func (p *prose) done() []string {
	p.breakWith("")
	return p.pieces
}

// some names the first few of a list, and how many more there are.
func (p *prose) some(names []string, total, most int) string {
	shown := names[:min(len(names), most)]
	rest := max(total, len(names)) - len(shown)
	if rest > 0 && len(shown) > 0 {
		return strings.Join(shown, ", ") + " " + p.say("more", "n", strconv.Itoa(rest))
	}
	return p.join(shown)
}

// join writes a, b and c.
func (p *prose) join(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + p.say("and") + parts[last]
}

// target is what was asked about, as typed, safe to repeat.
func target(in Input) string { return code(in.Asked.Target) }
