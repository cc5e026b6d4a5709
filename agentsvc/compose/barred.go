package compose

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Barred is a tool that the answer would rest on and that the agent who answers may not call, with the agents that may.
type Barred struct {
	Tool   string
	Agents []string // the first is the one to ask
}

// bar says in the diagnosis what the agent could not look at. Where no tool of its own could answer, that is why. The verdict stays what it is.
func (in Input) bar(d *answer.Diagnosis) *answer.Diagnosis {
	if d == nil || d.Verdict == answer.OutOfScope || len(in.Barred) == 0 {
		return d
	}
	say := phrases(in.Asked.AnswerLanguage())
	d.Missing = slices.DeleteFunc(slices.Clone(d.Missing), func(m string) bool { return m == "tools: "+say.say("no_tool") })
	for _, b := range in.Barred {
		d.Missing = append(d.Missing, "tool:"+b.Tool+": "+in.mayNot(b))
	}
	return d
}

// unbarred is the diagnosis without those lines: the prose says it in one sentence.
func (in Input) unbarred(d *answer.Diagnosis) *answer.Diagnosis {
	if d == nil || len(in.Barred) == 0 {
		return d
	}
	same := *d
	same.Missing = slices.DeleteFunc(slices.Clone(d.Missing), func(m string) bool {
		return slices.ContainsFunc(in.Barred, func(b Barred) bool { return strings.HasPrefix(m, "tool:"+b.Tool+": ") })
	})
	return &same
}

func (in Input) mayNot(b Barred) string {
	say := phrases(in.Asked.AnswerLanguage())
	if len(b.Agents) == 0 {
		return say.say("barred_line", "agent", in.Agent)
	}
	return say.say("barred_line_ask", "agent", in.Agent, "others", strings.Join(b.Agents, ", "))
}

// barredTexts are what may be said of them, for the verifier.
func (in Input) barredTexts() []string {
	var out []string
	for _, b := range in.Barred {
		out = append(out, b.Tool, in.Agent, in.mayNot(b))
		out = append(out, b.Agents...)
	}
	return out
}

// barred tells which tools this agent may not use and who may.
func (p *prose) barred(in Input) {
	if len(in.Barred) == 0 || in.Asked.Intent == understand.OutOfScope || in.Asked.Intent == understand.Help {
		return
	}
	var tools []string
	for _, b := range in.Barred {
		tools = append(tools, code(b.Tool))
	}
	p.paragraph()
	if first := in.Barred[0].Agents; len(first) > 0 {
		p.say1("barred_ask", "agent", code(in.Agent), "tools", p.join(tools), "other", code(first[0]))
		return
	}
	p.say1("barred", "agent", code(in.Agent), "tools", p.join(tools))
}
