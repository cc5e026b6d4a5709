package chat

import (
	"cmp"
	"context"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/roster"
)

// Agent is one of those who answer, as GET /api/agents tells it, in one language.
type Agent struct {
	ID          string   `json:"id" example:"diagnostics" doc:"What POST /api/chat takes as agent."`
	Name        string   `json:"name" example:"Diagnostics"`
	Description string   `json:"description" doc:"What it is for."`
	Examples    []string `json:"examples" doc:"Questions that it is for."`
	Languages   []string `json:"languages" doc:"Those it answers in: en, pt."`
	Tools       []string `json:"tools" doc:"The tools that it may call. Those of further MCP servers, which the built-in agents may call too, are listed only where its file names them."`
	Intents     []string `json:"intents" doc:"What auto gives it, in part or in whole: diagnose, plan, log and so on; empty for agents that must be named."`
	Model       string   `json:"model,omitempty" doc:"The language model that writes its prose; offline where none does."`
}

type agentsInput struct {
	Language string `query:"language" enum:"en,pt" doc:"The language of names, descriptions and examples; without one, that of Accept-Language, else English."`
	Accept   string `header:"Accept-Language" maxLength:"200" doc:"Preferred languages; the first of en and pt counts."`
}

// agentsOutput is the answer of GET /api/agents.
type agentsOutput struct {
	Language string `header:"Content-Language" doc:"The language of names, descriptions and examples."`
	Vary     string `header:"Vary" hidden:"true"`
	Body     struct {
		Agents []Agent `json:"agents" doc:"Who answers; the one named auto chooses among the others."`
	}
}

func (a *API) agents(_ context.Context, in *agentsInput) (*agentsOutput, error) {
	out := &agentsOutput{Language: cmp.Or(in.Language, preferred(in.Accept)), Vary: "Accept-Language"}
	for _, g := range a.o.Roster.Agents() {
		examples := g.Examples.EN
		if out.Language == "pt" {
			examples = g.Examples.PT
		}
		out.Body.Agents = append(out.Body.Agents, Agent{ID: g.ID, Name: g.Name.In(out.Language), Description: g.Description.In(out.Language), Examples: filled(examples), Languages: g.Languages(), Tools: g.Tools,
			Intents: filled(intents(g)), Model: cmp.Or(g.Model, a.o.Model)})
	}
	return out, nil
}

// filled is never null in JSON.
func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// intents are those of an agent's routes, each once, in their order.
func intents(g *roster.Agent) []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range g.Routes {
		for _, i := range r.Of() {
			if !seen[string(i)] {
				seen[string(i)] = true
				out = append(out, string(i))
			}
		}
	}
	return out
}

// preferred is the first of our languages in a header's list; English where it names neither. Weights are not compared: browsers sort by them.
func preferred(header string) string {
	for part := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		language, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if (language == "en" || language == "pt") && strings.ReplaceAll(params, " ", "") != "q=0" {
			return language
		}
	}
	return "en"
}
