package compose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// maxCandidates bounds the objects that a question back offers.
const maxCandidates = 20

// verdict gives the diagnosis of the answer, nil for questions that are none.
func (r reading) verdict(in Input) *answer.Diagnosis {
	u := in.Asked
	switch u.Intent {
	case understand.OutOfScope:
		return &answer.Diagnosis{Verdict: answer.OutOfScope, ConfidenceClass: answer.Inconclusive}
	case understand.Help:
		return nil
	}
	d := r.fromTools(in)
	if u.Intent == understand.Write {
		return refused(d, u)
	}
	return d
}

func (r reading) fromTools(in Input) *answer.Diagnosis {
	u := in.Asked
	switch {
	case !r.decided && NeedsObject(u):
		return &answer.Diagnosis{Verdict: answer.NeedsClarification, ConfidenceClass: answer.Inconclusive}
	case !r.decided:
		return unseen(in.Errors, in.Asked)
	case failure(r.call) != nil:
		return r.failed(failure(r.call), u)
	case r.diagnosis != nil && r.diagnosis.Diagnosis != nil:
		return fromDiagnosis(r)
	case !r.call.OK() || r.nothing():
		return &answer.Diagnosis{Verdict: answer.InsufficientEvidence, ConfidenceClass: answer.Inconclusive,
			Missing: []string{"tool:" + r.call.Name + ": " + phrases(u.AnswerLanguage()).say("unreadable_result")}}
	}
	return nil
}

// nothing reports whether the deciding call gave data of no shape that is known here.
func (r reading) nothing() bool {
	return r.diagnosis == nil && r.plan == nil && r.jobs == nil && r.job == nil && r.log == nil && r.knowledge == nil && r.view == nil
}

// NeedsObject reports whether the question is about one object that it does not name.
func NeedsObject(u understand.Understanding) bool {
	if u.Target != "" {
		return false
	}
	switch u.Intent {
	case understand.Job, understand.Log, understand.Write:
		return true
	case understand.Diagnose, understand.Wait, understand.Impact, understand.Status, understand.Next:
		return u.Reference
	}
	return false
}

func fromDiagnosis(r reading) *answer.Diagnosis {
	d := *r.diagnosis.Diagnosis
	// A tool cannot know its call's id; what it found absent is cited by it.
	name := func(list []answer.Evidence) {
		for i := range list {
			if strings.HasPrefix(list[i].Source, "absence:") {
				list[i].Source = "absence:" + r.call.ID
			}
		}
	}
	for i := range d.Causes {
		name(d.Causes[i].Evidence)
	}
	for i := range d.Explanations {
		name(d.Explanations[i].Evidence)
	}
	for i := range d.Chain {
		name(d.Chain[i].Evidence)
	}
	// A verdict that only the understanding may give does not come from a tool.
	if d.Verdict == answer.Refused || d.Verdict == answer.OutOfScope || d.Verdict == "" {
		d.Verdict = answer.InsufficientEvidence
		if len(d.Causes) > 0 {
			d.Verdict = answer.Problem
		}
	}
	return &d
}

// failed is the diagnosis where the deciding call gave an error: a question back where names were offered, else what could not be seen.
func (r reading) failed(e *toolkit.ErrorBody, u understand.Understanding) *answer.Diagnosis {
	d := &answer.Diagnosis{Verdict: answer.InsufficientEvidence, ConfidenceClass: answer.Inconclusive}
	code := fault.Code(e.Code)
	if code == fault.Ambiguous || code == fault.NotFound && len(e.Candidates) > 0 {
		d.Verdict = answer.NeedsClarification
		why := "same name"
		if code == fault.NotFound {
			why = "similar name"
		}
		for _, c := range e.Candidates[:min(len(e.Candidates), maxCandidates)] {
			entity, state := splitState(c)
			d.Candidates = append(d.Candidates, answer.Candidate{Entity: entity, Why: cmp.Or(state, why)})
		}

		return d
	}
	say := phrases(u.AnswerLanguage())
	if code == fault.NotFound && u.Target != "" {
		d.Missing = []string{"plan:" + line(u.Target) + ": " + say.say("not_in_plan")}
		return d
	}
	d.Missing = []string{missingLine(shown(r.call, e), say)}
	if e.Hint != "" && u.AnswerLanguage() == "en" {
		d.WouldChange = []string{e.Hint}
	}
	return d
}

// splitState takes a candidate "ENTITY STATUS", as tools list instances, apart. Blanks inside an instance's time do not count.
func splitState(s string) (entity, state string) {
	s = line(s)
	if i := strings.LastIndexByte(s, ' '); i > 0 && strings.LastIndexByte(s, ')') < i {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// unseen is the diagnosis where no call was made at all: the tool server is out of reach, or has no fitting tool.
func unseen(errs []answer.Error, u understand.Understanding) *answer.Diagnosis {
	d := &answer.Diagnosis{Verdict: answer.InsufficientEvidence, ConfidenceClass: answer.Inconclusive}
	for _, e := range errs {
		if fault.Upstream(fault.Code(e.Code)) {
			d.Missing = append(d.Missing, missingLine(e, phrases(u.AnswerLanguage())))
		}
	}
	if d.Missing == nil {
		d.Missing = []string{"tools: " + phrases(u.AnswerLanguage()).say("no_tool")}
	}
	return d
}

// refused keeps what a person needs who would do it: instance, conditions, command, what would start. It asserts no cause. Administration of
// the plan is named and never carries a command.
func refused(d *answer.Diagnosis, u understand.Understanding) *answer.Diagnosis {
	if d == nil {
		d = &answer.Diagnosis{}
	}
	d.Verdict, d.ConfidenceClass, d.Causes = answer.Refused, answer.Inconclusive, nil
	rule, ok := answer.RuleFor(u.Action)
	named := slices.ContainsFunc(d.Actions, func(a answer.Action) bool { return a.Code == u.Action })
	if ok && rule.Group == "administrate" && !named {
		d.Actions = append([]answer.Action{{Code: u.Action, Target: "plan:current", Text: phrases(u.AnswerLanguage()).say("no_command"), After: -1, Risk: "high", NeedsApproval: true}},
			shifted(d.Actions)...)
	}
	return d
}

// shifted moves the order of actions along by the one that is put before them.
func shifted(actions []answer.Action) []answer.Action {
	out := slices.Clone(actions)
	for i := range out {
		if out[i].After >= 0 {
			out[i].After++
		}
	}
	return out
}

// failure gives the error of a call, also where an envelope says in its data that nothing at all could be read.
func failure(c conversations.Call) *toolkit.ErrorBody {
	if c.Result.Error != nil {
		return c.Result.Error
	}
	var failures []answer.Error
	switch c.Name {
	case PlanStatus:
		if p := decode[tools.PlanStatusOut](c); p != nil && p.JobsTotal == 0 && p.JobStreamsTotal == 0 && len(p.Workstations) == 0 {
			failures = p.Failures
		}
	case DiagnoseJob, ExplainWait:
		if d := decode[tools.DiagnoseOut](c); d != nil && d.Subject == nil && d.Diagnosis != nil &&
			d.Diagnosis.Verdict == answer.InsufficientEvidence && len(d.Diagnosis.Affected)+len(d.Diagnosis.Candidates) == 0 {
			failures = d.Failures
		}
	}
	for _, f := range failures {
		if fault.Upstream(fault.Code(f.Code)) {
			return &toolkit.ErrorBody{Code: f.Code, Message: f.Message, Hint: f.Hint, Source: f.Source}
		}
	}
	return nil
}

// errorsOf are the errors of a call that the answer shows: coded failures, not a name that was not found or was not unique.
func errorsOf(c conversations.Call) []answer.Error {
	var out []answer.Error
	if e := failure(c); e != nil && fault.Code(e.Code) != fault.NotFound && fault.Code(e.Code) != fault.Ambiguous {
		out = append(out, shown(c, e))
	}
	if d := decode[tools.DiagnoseOut](c); d != nil && (c.Name == DiagnoseJob || c.Name == ExplainWait) {
		out = append(out, d.Failures...)
	}
	if p := decode[tools.PlanStatusOut](c); p != nil && c.Name == PlanStatus {
		out = append(out, p.Failures...)
	}
	return out
}

func shown(c conversations.Call, e *toolkit.ErrorBody) answer.Error {
	source := "tool:" + c.Name
	if fault.Upstream(fault.Code(e.Code)) && c.Name != SearchKnowledge {
		source = "engine:default"
	}
	return answer.Error{Code: e.Code, Message: e.Message, Hint: e.Hint, Source: cmp.Or(e.Source, source)}
}

// foreignError tells that a tool of a further MCP server failed. Its own words are for the model alone, which reads them as untrusted data.
func foreignError(c conversations.Call, server string) []answer.Error {
	if c.Result.Error == nil {
		return nil
	}
	return []answer.Error{{Code: c.Result.Error.Code, Message: "A tool of the MCP server " + server + " gave no result.", Source: "mcp:" + server}}
}

func missingLine(e answer.Error, s speech) string {
	return e.Source + ": " + s.failed(e.Code, e.Message)
}

func addErrors(list, more []answer.Error) []answer.Error {
	for _, e := range more {
		known := false
		for _, have := range list {
			known = known || have.Code == e.Code && have.Source == e.Source && have.Message == e.Message
		}
		if !known {
			list = append(list, e)
		}
	}
	return list
}

// FatalUpstream reports whether the engine, or the way to it, could not be read at all: every call that reads it failed so, or none
// could be made. The terminal then exits with 4 (answer.md rule 7); a failed single read beside others that worked is not fatal.
func FatalUpstream(a answer.Answer) bool {
	made := 0
	for _, c := range a.ToolCalls {
		if _, foreign := toolkit.ForeignServer(c.Name); foreign || c.Name == SearchKnowledge {
			continue
		}
		if !fault.Upstream(fault.Code(c.Error)) {
			return false
		}
		made++
	}
	if made > 0 {
		return true
	}
	return a.Diagnosis != nil && a.Diagnosis.Verdict == answer.InsufficientEvidence && len(a.ToolCalls) == 0 && upstreamError(a.Errors)
}

func upstreamError(errs []answer.Error) bool {
	for _, e := range errs {
		if fault.Upstream(fault.Code(e.Code)) && !strings.HasPrefix(e.Source, "model:") && !strings.HasPrefix(e.Source, "mcp:") {
			return true
		}
	}
	return false
}
