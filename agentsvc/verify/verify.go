// Package verify checks an answer against what the tools returned in its turn, whoever wrote it: a rule, a model, or a tool
// that was lied to (contracts/answer.md rules 2 to 6). It strikes what it cannot find, lowers the class that rested on it, and tells
// the person. It adds nothing and reads nothing but the ledger.
//
// What tools of further MCP servers said is no evidence: a quote is never found in it. Prose may repeat it where the sentence says whose
// words they are, by the server's name in backticks or the tool's name.
//
// A quote must stand verbatim in its source; names, message ids, numbers and times of the prose must occur in the ledger or in the
// question, or be recomputable: counts of lists, sums of counts, durations between instants, instants in another zone.
//
// Start at New and Check. A Checker is safe for concurrent use after New.
package verify

import (
	"strings"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// MaxWords bounds the prose, MaxCauses the causes (answer.md).
const (
	MaxWords  = 350
	MaxCauses = 4
	// ProseWords is what is left for the prose beside the notes.
	ProseWords = MaxWords - 60
)

// Strike is one thing that was taken out or lowered.
type Strike struct {
	What string // "evidence", "cause", "explanation", "hop", "citation", "action", "command", "sentence", "class"
	Why  string
	Text string // what was struck
}

// Report tells what Check changed. An empty one means that the answer stood as it was.
type Report struct {
	Strikes []Strike
}

// Sentences counts the struck sentences.
func (r Report) Sentences() int {
	n := 0
	for _, s := range r.Strikes {
		if s.What == "sentence" {
			n++
		}
	}
	return n
}

func (r *Report) strike(what, why, text string) {
	r.Strikes = append(r.Strikes, Strike{What: what, Why: why, Text: text})
}

// Checker holds what one turn's tools said, ready for look-ups.
type Checker struct {
	ledger conversations.Ledger
	corpus *corpus
	// commands and quotes of the diagnosis under check: the only commands that the prose may show.
	commands []string
	rests    map[int64]bool // counts that follow from the lengths of its lists
	verdict  verdict
	// foreign has, for each further MCP server that was asked, what our tools and that server said.
	foreign map[string]*corpus
}

// New reads the ledger once. Trusted are texts that the program itself made for this answer: error messages, resolved filters.
func New(ledger conversations.Ledger, question string, trusted ...string) *Checker {
	own := ledger.Own()
	c := &Checker{ledger: own, foreign: map[string]*corpus{}}
	var names []string // of foreign tools and their servers, which prose may name as it may name tools of ours
	for _, call := range ledger {
		server, ok := toolkit.ForeignServer(call.Name)
		if !ok {
			continue
		}
		names = append(names, server, call.Name)
		if c.foreign[server] == nil {
			c.foreign[server] = read(own, question, trusted)
		}
		c.foreign[server].addForeign(call)
	}
	c.corpus = read(own, question, append(names, trusted...))
	c.corpus.index()
	for _, corpus := range c.foreign {
		for _, name := range names {
			corpus.addText(name)
		}
		corpus.index()
	}
	return c
}

// read takes in what our own tools said and what may be repeated besides.
func read(own conversations.Ledger, question string, trusted []string) *corpus {
	c := newCorpus()
	for _, call := range own {
		c.addCall(call)
	}
	c.addText(question)
	for _, t := range trusted {
		c.addText(t)
	}
	return c
}

// Check verifies the structure and then the prose of a, in place. Every model's answer passes here, the offline one's too.
func Check(a *answer.Answer, ledger conversations.Ledger, question string) Report {
	c := New(ledger, question, ErrorTexts(a.Errors)...)
	r := c.Structure(a)
	c.Allow(a)
	kept, struck := c.Prose(a.Answer)
	r.Strikes = append(r.Strikes, struck.Strikes...)
	a.Answer = strings.TrimSpace(kept + Note(a.Language, struck.Sentences()))
	return r
}

// Allow tells the Checker which commands the answer's actions carry, after Structure has seen them, and how many of the answer's lists
// are left when the first few were named.
func (c *Checker) Allow(a *answer.Answer) {
	c.commands, c.rests, c.verdict = nil, map[int64]bool{}, verdictOf(a.Diagnosis)
	if a.Diagnosis == nil {
		return
	}
	d := a.Diagnosis
	c.allowRests(len(d.Causes)+len(d.Candidates), 0)
	for _, n := range []int{len(d.Chain), len(d.Affected), d.AffectedTotal, len(d.Impact), len(d.Candidates)} {
		c.allowRests(n, maxNamed)
	}
	for _, act := range d.Actions {
		c.allowRests(len(act.Starts), maxNamed)
	}
	if len(d.Causes) > 0 {
		for _, steps := range stepsTo(d.Chain, d.Causes[0].Entity) {
			c.allowRests(steps, wayTold)
		}
	}
	for _, act := range a.Diagnosis.Actions {
		if act.Command != "" {
			c.commands = append(c.commands, fold(act.Command))
		}
	}
}

// maxNamed is how many of a list prose names at most before it counts the rest.
const maxNamed = 8

// wayTold is how many steps of a way through the chain prose tells before it counts the rest.
const wayTold = 3

// stepsTo gives the length of the shortest way through the hops from each object of the chain to the root.
func stepsTo(chain []answer.Hop, root string) map[string]int {
	steps := map[string]int{root: 0}
	for queue := []string{root}; len(queue) > 0; queue = queue[1:] {
		for _, h := range chain {
			if _, seen := steps[h.Entity]; h.BlockedBy == queue[0] && !seen {
				steps[h.Entity] = steps[queue[0]] + 1
				queue = append(queue, h.Entity)
			}
		}
	}
	return steps
}

// allowRests lets prose write a length, and what is left of it after some.
func (c *Checker) allowRests(length, named int) {
	for n := length; n > 0 && n >= length-named; n-- {
		c.rests[int64(n)] = true
	}
}

// Prose checks a whole text sentence by sentence and gives what stands, at most MaxWords words.
func (c *Checker) Prose(text string) (string, Report) {
	var r Report
	var b strings.Builder
	words := 0
	for _, s := range Sentences(text) {
		clean, why := c.Sentence(s)
		if why != "" {
			r.strike("sentence", why, strings.TrimSpace(s))
			// A struck sentence takes its words along, not the break that followed it.
			b.WriteString(trailingBreak(s))
			continue
		}
		if words += len(strings.Fields(clean)); words > ProseWords {
			r.strike("length", "beyond 350 words", strings.TrimSpace(s))
			break
		}
		b.WriteString(clean)
	}
	return tidy(b.String()), r
}

// Note is the sentence that tells the person about struck sentences; empty when there are none.
func Note(language string, struck int) string {
	switch {
	case struck == 0:
		return ""
	case language == "pt":
		return "\n\n_Parte do texto foi retirada porque nenhuma leitura desta conversa a comprova._"
	default:
		return "\n\n_Part of the text was removed because no reading in this conversation supports it._"
	}
}

// ErrorTexts gives the texts of errors, which the program wrote and the prose may repeat.
func ErrorTexts(errs []answer.Error) []string {
	out := make([]string, 0, 3*len(errs))
	for _, e := range errs {
		if strings.HasPrefix(e.Source, "mcp:") {
			continue // of a further server: nothing in it is needed
		}
		out = append(out, e.Message, e.Hint, e.Source+" "+e.Code)
	}
	return out
}

func trailingBreak(s string) string {
	if i := strings.LastIndexFunc(s, func(r rune) bool { return r != '\n' && r != ' ' && r != '\t' }); strings.Contains(s[i+1:], "\n") {
		return s[strings.Index(s[i+1:], "\n")+i+1:]
	}
	return ""
}

// tidy folds the empty lines that struck sentences leave behind.
func tidy(s string) string {
	s = strings.ReplaceAll(s, " \n", "\n")
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s)
}
