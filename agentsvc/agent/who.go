package agent

import (
	"slices"
	"time"

	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/internal/toolkit"
)

const (
	// ruleCalls and ruleTurns bound the offline rules, which know themselves when to end. An agent's limits are for language models.
	ruleCalls = 8
	ruleTurns = 5
	// wordsOf is the part, in percent, of its words that a model is asked to keep to: models write more than they are told.
	wordsOf = 72
)

// allowed divides the tools at hand into those that the agent may call, and the names of the others.
func (t *turn) allowed(infos []toolkit.Info) (mine []toolkit.Info, others []string) {
	for _, i := range infos {
		_, guest := toolkit.ForeignServer(i.Name)
		switch {
		case t.who.May(i.Name, guest):
			mine = append(mine, i)
		case !guest:
			others = append(others, i.Name)
		}
	}
	return mine, others
}

func (t *turn) toolNames() []string {
	names := make([]string, 0, len(t.offered))
	for _, i := range t.offered {
		names = append(names, i.Name)
	}
	return names
}

// whoElse are the agents that may call a tool, the one first to which auto would give this question.
func (t *turn) whoElse(tool string) []string {
	who := t.agent.o.Roster.Who(tool)
	if first, ok := t.agent.o.Roster.For(roster.Auto, t.asked, t.text); ok {
		if i := slices.Index(who, first.ID); i > 0 {
			who = slices.Insert(slices.Delete(who, i, i+1), 0, first.ID)
		}
	}
	return who
}

// most is how many calls the model may ask for.
func (t *turn) most() int {
	if t.real {
		return t.who.Limits.ToolCalls
	}
	return ruleCalls
}

// rounds is how often the model is asked, the last time without tools.
func (t *turn) rounds() int {
	if t.real {
		return t.who.Limits.ModelCalls
	}
	return ruleTurns
}

// timeout is the shorter one of the agent's and everybody's.
func (t *turn) timeout() time.Duration {
	if own := t.who.Limits.Timeout; own > 0 {
		return min(own, t.agent.o.Timeout)
	}
	return t.agent.o.Timeout
}

// words bounds the prose.
func (t *turn) words() int { return min(t.who.Limits.OutputWords, verify.ProseWords) }

// system is what a real model is told before the question.
func (t *turn) system() string {
	names := t.toolNames()
	slices.Sort(names) // the same prompt for the same question, whatever order a server lists them in
	language := "English"
	if t.asked.Language == "pt" {
		language = "Brazilian Portuguese"
	}
	return t.agent.o.Roster.Prompt(t.who, roster.Places{Agent: t.who.Name.In("en"), Language: language, Intent: string(t.asked.Intent), Target: t.asked.Target,
		Engine: t.engine, Tools: names, Words: t.who.Limits.OutputWords * wordsOf / 100 / 10 * 10}) + t.aboutGuests()
}
