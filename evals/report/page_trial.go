package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Bounds of what the page holds of one trial; results.jsonl has all of it.
const (
	mostProse  = 8000
	mostLedger = 2000
	mostLines  = 40
)

// trialView is one trial on the page.
type (
	trialView struct {
		ID, Class, Colour, Mark, Name, Lang, Style, Text, First string
		Turns                                                   []string
		Fault                                                   string
		Failed                                                  []fact
		Held                                                    string
		Verdict, Prose                                          string
		Causes                                                  []causeView
		Lists                                                   []listView
		Calls                                                   []callView
		Ledger                                                  []fact
		Requests, Stderr                                        string
		Exit                                                    int
	}
	causeView struct {
		Entity, Kind, Sure, Statement string
		Evidence                      []fact
	}
	listView struct {
		Name  string
		Lines []string
	}
	callView struct {
		ID, Name, Args, Took, Error string
		Bytes                       int
		X, W                        float64 // on a line of 1000, one call after the other
	}
)

func view(t trial.Trial, k int) trialView {
	v := trialView{ID: anchor(t), Name: named(t, k), Lang: folded(t.Lang), Style: folded(t.Style), Text: cut(folded(t.Text), 1000), Exit: t.ExitCode,
		Stderr: cut(shown(t.Stderr), mostLedger), Turns: shownAll(t.Turns), Requests: requests(t)}
	switch {
	case t.Status == trial.Pass:
		v.Class, v.Colour, v.Mark = "pass", "good", "right"
	case t.Status == trial.Wrong && t.ConfirmedWrong:
		v.Class, v.Colour, v.Mark = "wrong confirmed", "bad", "CONFIRMED"
	case t.Status == trial.Wrong:
		v.Class, v.Colour, v.Mark = "wrong", "bad", "wrong"
	default:
		v.Class, v.Colour, v.Mark, v.Fault = "fault", "odd", "not judged", shown(t.Why())
	}
	if t.Status == trial.Wrong {
		v.First = title(t.First())
	}
	var held []string
	for _, c := range t.Criteria {
		if c.Pass {
			held = append(held, folded(c.Name))
		} else {
			v.Failed = append(v.Failed, fact{Name: folded(c.Name), Note: shown(c.Reason)})
		}
	}
	v.Held = strings.Join(held, ", ")
	v.answer(t)
	if t.Status != trial.Pass { // what the tools returned is looked at where something went wrong
		for _, c := range t.Ledger {
			v.Ledger = append(v.Ledger, fact{Name: folded(c.ID + " " + c.Name + " returned"), Value: cut(shown(string(c.Result)+c.Error), mostLedger)})
		}
	}
	return v
}

func requests(t trial.Trial) string {
	var parts []string
	for _, path := range sorted(t.Requests) {
		parts = append(parts, fmt.Sprintf("%s ×%d", folded(path), t.Requests[path]))
	}
	if t.Writes > 0 {
		parts = append(parts, fmt.Sprintf("writes ×%d", t.Writes))
	}
	return strings.Join(parts, ", ")
}

// answer fills in what the program said. What is no answer stands there as it came.
func (v *trialView) answer(t trial.Trial) {
	if len(t.Answer) == 0 {
		return
	}
	var a answer.Answer
	if err := json.Unmarshal(t.Answer, &a); err != nil {
		v.Prose = cut(shown(string(t.Answer)), mostProse)
		return
	}
	v.Prose = cut(shown(a.Answer), mostProse)
	v.calls(a.ToolCalls)
	d := a.Diagnosis
	if d == nil {
		return
	}
	v.Verdict = folded(fmt.Sprintf("%s, %s", d.Verdict, d.ConfidenceClass))
	for _, c := range d.Causes {
		x := causeView{Entity: folded(c.Entity), Kind: folded(c.Kind), Sure: fmt.Sprintf("%s, %.2f", folded(string(c.Class)), c.Confidence), Statement: shown(c.Statement)}
		for _, e := range c.Evidence {
			name := folded(e.Source)
			if e.Line > 0 {
				name = fmt.Sprintf("%s line %d", name, e.Line)
			}
			x.Evidence = append(x.Evidence, fact{Name: name, Value: shown(e.Quote)})
		}
		v.Causes = append(v.Causes, x)
	}
	v.lists(*d)
}

func (v *trialView) lists(d answer.Diagnosis) {
	add := func(name string, lines []string) {
		if len(lines) > mostLines {
			lines = append(slices.Clone(lines[:mostLines]), fmt.Sprintf("and %d more", len(lines)-mostLines))
		}
		if len(lines) > 0 {
			v.Lists = append(v.Lists, listView{name, shownAll(lines)})
		}
	}
	var explained, actions, candidates, ruledOut []string
	for _, x := range d.Explanations {
		explained = append(explained, fmt.Sprintf("%s %s: %s", x.Entity, x.Kind, x.Statement))
	}
	for i, x := range d.Actions {
		s := fmt.Sprintf("%d. %s %s: %s", i, x.Code, x.Target, x.Text)
		if x.After >= 0 {
			s += fmt.Sprintf(" (after %d)", x.After)
		}
		if x.Command != "" {
			s += " [" + x.Command + "]"
		}
		actions = append(actions, s)
	}
	for _, x := range d.Candidates {
		candidates = append(candidates, x.Entity+": "+x.Why)
	}
	for _, x := range d.RuledOut {
		ruledOut = append(ruledOut, fmt.Sprintf("%s %s: %s", x.Entity, x.Kind, x.Why))
	}
	add("Explained", explained)
	add("Affected", d.Affected)
	add("Candidates", candidates)
	add("Ruled out", ruledOut)
	add("Actions", actions)
	add("Missing", d.Missing)
}

func (v *trialView) calls(calls []answer.ToolCall) {
	total := 0.0
	for _, c := range calls {
		total += float64(max(1, c.DurationMS))
	}
	x := 0.0
	for _, c := range calls {
		w := 1000 * float64(max(1, c.DurationMS)) / total
		args, _ := json.Marshal(c.Arguments) // it came out of JSON
		v.Calls = append(v.Calls, callView{ID: folded(c.ID), Name: folded(c.Name), Args: cut(folded(string(args)), 400),
			Took: span(time.Duration(c.DurationMS) * time.Millisecond), Error: folded(c.Error), Bytes: c.ResultBytes, X: x, W: w})
		x += w
	}
}
