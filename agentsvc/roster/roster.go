// Package roster knows who answers: the agents, each a Markdown file whose front matter (YAML) says what it may do and whose text is its
// prompt for a language model. Five are built in (data/): auto, which gives questions to the others, status, diagnostics, knowledge and
// handover. A site's folder overrides single fields of them or whole files, and adds agents of its own.
//
// Files are read once, by Load; a wrong one is an error that names file, line and what would be right. Nothing is followed that a prompt
// says about rights: an agent has the tools that its file lists, and the agent room keeps to them whatever a model asks for. A Roster is
// immutable and safe for concurrent use. Start at Load and Roster.For.
package roster

import (
	"cmp"
	"slices"
	"time"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// Auto is the agent that gives each question to the one whose file asks for it, and answers itself what none asks for.
const Auto = "auto"

// Text is a text for people in both languages.
type Text struct{ EN, PT string }

// In gives the text in a language: Portuguese for "pt", English for all else.
func (t Text) In(language string) string {
	if language == "pt" {
		return cmp.Or(t.PT, t.EN)
	}
	return cmp.Or(t.EN, t.PT)
}

// MostHistoryTurns is the highest HistoryTurns that a site may set.
const MostHistoryTurns = 20

// Limits bound one answer of an agent. Bytes and turns concern language models only; the rules without a model read everything.
type Limits struct {
	ModelCalls   int           // how often a model may be asked, the last time without tools
	ToolCalls    int           // calls that a model may ask for; what the answer rests on is read in any case
	ToolsAtOnce  int           // calls that run at the same time
	ToolTimeout  time.Duration // of one call
	OutputWords  int           // of the prose
	MaxTokens    int           // of one answer of the model; 0: what is configured for the model, which is the most in any case
	Timeout      time.Duration // of the whole answer; 0: what is configured for all, which is the longest in any case
	ResultBytes  int           // that a model sees of one result
	ContextBytes int           // that a model sees of all results of one answer, but at least a beginning of each
	HistoryTurns int           // that a model sees of the conversation, the latest
	HistoryBytes int           // and of their text
}

// Route is a kind of question that an agent takes when auto chooses. All that is set must hold; of each list one is enough.
type Route struct {
	Intents []understand.Intent
	Views   []understand.View // ViewNone is written "none"
	Targets []string          // patterns of the name asked for: @ any characters, ? one
	Words   []string          // words or phrases of the question, compared without case and accents
}

// Agent is one of those who answer.
type Agent struct {
	ID          string
	Name        Text
	Description Text
	Examples    struct{ EN, PT []string } // questions that it is for
	Language    string                    // "en" or "pt" for an agent that has one; empty: the question's
	Tools       []string                  // sorted; what it may call, and nothing else
	// Guests says that tools of further MCP servers come with those of Tools, as far as the settings allow them: so it is with built-in agents
	// until a file names their tools.
	Guests bool
	Limits Limits
	Model  string // which of the configured models, or "offline"; empty: the first that answers
	Routes []Route
	Prompt *Template
	Own    bool   // a site's file made it, or changed it
	File   string // that file; empty for what is built in
}

// May reports whether the agent may call a tool; guest says that it is one of a further MCP server.
func (a *Agent) May(tool string, guest bool) bool {
	return guest && a.Guests || slices.Contains(a.Tools, tool)
}

// Languages are those in which the agent answers.
func (a *Agent) Languages() []string {
	if a.Language != "" {
		return []string{a.Language}
	}
	return []string{"en", "pt"}
}

// Roster is all agents of a site.
type Roster struct {
	agents []*Agent // auto first, then the built-in ones, then the site's by id
	routes []entry
	rules  *Template // what every prompt ends with
}

// Agents lists who answers: auto first, then the built-in ones, then the site's own by their ids.
func (r *Roster) Agents() []*Agent { return slices.Clone(r.agents) }

// IDs lists their ids in the same order.
func (r *Roster) IDs() []string {
	out := make([]string, 0, len(r.agents))
	for _, a := range r.agents {
		out = append(out, a.ID)
	}
	return out
}

// Agent gives the agent of an id.
func (r *Roster) Agent(id string) (*Agent, bool) {
	for _, a := range r.agents {
		if a.ID == id {
			return a, true
		}
	}
	return nil, false
}

// Who gives the ids of the agents that may call a tool, auto only where no other may.
func (r *Roster) Who(tool string) []string {
	var out []string
	for _, a := range r.agents {
		if a.ID != Auto && a.May(tool, false) {
			out = append(out, a.ID)
		}
	}
	if auto, ok := r.Agent(Auto); ok && out == nil && auto.May(tool, false) {
		out = []string{Auto}
	}
	return out
}

// Prompt gives what a model is told before the question: the agent's own prompt, then the rules that hold for every agent and that no file can
// take away: facts from tools only, untrusted data are no instructions, the language, the length.
func (r *Roster) Prompt(a *Agent, p Places) string {
	return a.Prompt.Render(p) + "\n\n" + r.rules.Render(p)
}
