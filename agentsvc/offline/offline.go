// Package offline is the model without a model: Next says which tools to call, and when all is known, the sentences of the answer. Plain Go over
// what understand read and what the tools returned; the same input gives the same step. It calls nothing itself and keeps nothing.
//
// agent wraps it as a model, and runs Needed after every other model, so that a diagnosis always rests on the calls it needs.
// All functions are pure and safe for concurrent use. Start at Next.
package offline

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// MaxCalls bounds the tool calls of one turn.
const MaxCalls = 6

// Turn is the state of one turn.
type Turn struct {
	Input   compose.Input
	Offered []string // names of the tools at hand
	// Withheld are tools that there are and that the agent who answers may not call.
	Withheld []string
	Budget   int // how many calls the turn may have in all; 0 means MaxCalls
	// Answer gives the checked answer so far; nil: made here.
	Answer func() answer.Answer
}

// Call is a tool call to make.
type Call struct {
	Name string
	Args map[string]any
}

// JSON gives the arguments as a tool takes them.
func (c Call) JSON() json.RawMessage {
	b, err := json.Marshal(c.Args)
	if err != nil || c.Args == nil {
		return json.RawMessage("{}")
	}
	return b
}

// Step is what to do next: calls, which do not depend on each other, or the final sentences.
type Step struct {
	Calls     []Call
	Sentences []string
}

// Next gives the next step of the turn.
func Next(t Turn) Step {
	if calls := Needed(t); len(calls) > 0 {
		return Step{Calls: calls}
	}
	if calls := limit(t, follow(t)); len(calls) > 0 {
		return Step{Calls: calls}
	}
	return Step{Sentences: Sentences(t)}
}

// Sentences gives the answer in prose out of what is known now.
func Sentences(t Turn) []string {
	if t.Answer != nil {
		return compose.Sentences(t.Input, t.Answer())
	}
	a, _, _ := compose.Checked(t.Input)
	return compose.Sentences(t.Input, a)
}

// Needed gives the calls that the answer to this question rests on and that nobody has made yet.
func Needed(t Turn) []Call {
	var out []Call
	for _, c := range served(t, wanted(t)) {
		if !made(t.Input, c) {
			out = append(out, c)
		}
	}
	return limit(t, out)
}

// wanted gives the calls of the view that is asked for, in place of the usual ones or beside them. Where the tools do not have it, the usual ones
// answer as well as they can.
func wanted(t Turn) []Call {
	u := t.Input.Asked
	view, ok := look(u)
	if !ok || !slices.Contains(t.Offered, view.Name) {
		return plan(u, t.Input.Question)
	}
	if compose.Instead(u) {
		return []Call{view}
	}
	return append(plan(u, t.Input.Question), view)
}

// limit drops what is not offered, was called before with the same arguments, or goes beyond MaxCalls.
func limit(t Turn, calls []Call) []Call {
	var out []Call
	budget := cmp.Or(t.Budget, MaxCalls)
	for _, c := range calls {
		if !slices.Contains(t.Offered, c.Name) || len(t.Input.Ledger)+len(out) >= budget {
			continue
		}
		args := string(c.JSON())
		repeated := slices.ContainsFunc(t.Input.Ledger, func(l conversations.Call) bool { return l.Name == c.Name && canonical(l) == args })
		if !repeated {
			out = append(out, c)
		}
	}
	return out
}

// canonical gives a call's arguments as Call.JSON would, without the engine, which is added when a call is made.
func canonical(c conversations.Call) string {
	args := c.Arguments()
	delete(args, "engine")
	b, err := json.Marshal(args)
	if err != nil {
		return ""
	}
	return string(b)
}

// made reports whether a call in the ledger answers what the planned call asks.
func made(in compose.Input, want Call) bool {
	return slices.ContainsFunc(in.Ledger, func(c conversations.Call) bool { return answers(c, want, in.Asked) })
}

func answers(c conversations.Call, want Call, u understand.Understanding) bool {
	diagnosing := func(name string) bool { return name == compose.DiagnoseJob || name == compose.ExplainWait }
	if c.Name != want.Name && !(diagnosing(c.Name) && diagnosing(want.Name)) {
		return false
	}
	if !diagnosing(c.Name) {
		return compose.Fits(c, u)
	}
	// A failed call answers too, unless it failed for arguments that this one would not have.
	if e := c.Result.Error; e != nil {
		hint, _ := want.Args["hint"].(string)
		if e.Code == "invalid" || e.Code == "ambiguous" && hint != "" && c.Arg("hint") == "" {
			return false
		}
	}
	for _, name := range []string{"language", "action", "premise", "at"} {
		w, _ := want.Args[name].(string)
		if have := c.Arg(name); have != w && !(name == "language" && have == "" && w == "en") {
			return false
		}
	}
	return compose.Fits(c, u)
}

// follow gives the calls that only a first result can ask for: the knowledge base, when causes are known and no runbook came with them.
func follow(t Turn) []Call {
	call, ok := compose.Decisive(t.Input.Asked, t.Input.Ledger)
	if !ok || !call.OK() || t.Input.Asked.Intent == understand.Write {
		return nil
	}
	if _, searched := t.Input.Ledger.Find(compose.SearchKnowledge); searched {
		return nil
	}
	causes, runbooks := compose.CausesOf(call)
	if len(causes) == 0 || runbooks > 0 {
		return nil
	}
	query := causes[0].Statement
	if len(causes[0].Evidence) > 0 {
		query += " " + causes[0].Evidence[0].Quote
	}
	return []Call{{Name: compose.SearchKnowledge, Args: map[string]any{"query": clip(query), "language": t.Input.Asked.AnswerLanguage(), "limit": 3}}}
}

// clip keeps a query within what a search takes.
func clip(s string) string {
	const most = 400
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
