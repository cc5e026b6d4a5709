package offline

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools"
)

// asksWhy finds, in either language, that a question about the plan wants causes and not only counts.
var asksWhy = regexp.MustCompile(`(?i)\b(why|wrong|problems?|broken|failing|failed|fail|trouble|issues?|urgent|attention|ok|okay|fine|healthy?|health|normal|well|por ?qu[eê]|bem|cert[oa]|tranquil[oa]|sa[uú]de|sa[uú]d[aá]vel|errad[oa]s?|problemas?|pend[eê]n\w*|pq|parad[oa]s?|trava\w*|anda|andam|imped\w+|segur\w+|causa|motivo|blocks?|blocking|stuck|holds?|holding|fault|cause|reason|waiting|passagem|resumo|assum\w+|preocupa\w*|handover|summary|open|care|worr\w+|shift|falh\w*|quebr\w*|urgentes?|aten[cç][aã]o|first|begin|priorit\w+|primeiro|come[cç]\w+|prioridades?)\b`)

// asksRemedy finds, in either language, that a question asks what to do.
var asksRemedy = regexp.MustCompile(`(?i)\b(what (?:do|should|shall|can|must) (?:i|we|one) do|what to do|o que (?:eu )?(?:fazer|faço|faco|devo fazer))\b`)

// plan gives the calls that a question needs, before anything is known.
func plan(u understand.Understanding, question string) []Call {
	if compose.NeedsObject(u) {
		return nil
	}
	switch u.Intent {
	case understand.Diagnose, understand.Impact, understand.Next, understand.Write:
		return []Call{together(diagnose(compose.DiagnoseJob, u), u, question)}
	case understand.Wait:
		if u.Target == "" {
			return []Call{diagnose(compose.DiagnoseJob, u)}
		}
		return []Call{together(diagnose(compose.ExplainWait, u), u, question)}
	case understand.Status:
		if u.Target == "" {
			return []Call{planStatus(u)}
		}
		return []Call{together(diagnose(compose.DiagnoseJob, u), u, question)}
	case understand.Plan:
		calls := []Call{planStatus(u)}
		if u.Forecast || u.Premise != "" || asksWhy.MatchString(question) {
			whole := u
			whole.Target, whole.TargetKind = "", ""
			calls = append(calls, diagnose(compose.DiagnoseJob, whole))
		}
		return calls
	case understand.Handover:
		return shift(u)
	case understand.Find:
		return []Call{find(u)}
	case understand.Job:
		return []Call{getJob(u)}
	case understand.Log:
		return []Call{jobLog(u)}
	case understand.Knowledge:
		return []Call{{Name: compose.SearchKnowledge, Args: map[string]any{"query": clip(query(u, question)), "language": u.AnswerLanguage()}}}
	}
	return nil
}

// shift gives the calls of a shift report: how the plan stands, what happened since the shift began, what is open, what will hit a deadline, and
// what is wrong without being red.
func shift(u understand.Understanding) []Call {
	changed := map[string]any{}
	if since := cmp.Or(u.SinceClock, instant(u.Since)); since != "" {
		changed["since"] = since
	}
	if until := instant(u.Until); until != "" {
		changed["until"] = until
	}
	return []Call{planStatus(u), {Name: compose.WhatChanged, Args: changed}, diagnose(compose.DiagnoseJob, u), {Name: compose.LateRisk},
		{Name: compose.Radar, Args: map[string]any{"language": u.AnswerLanguage()}}}
}

// valued are the actions that set something to a value.
var valued = []string{"set_limit", "set_fence", "set_priority", "set_resource", "answer_prompt"}

func diagnose(tool string, u understand.Understanding) Call {
	args := map[string]any{"language": u.AnswerLanguage()}
	set := func(name, value string) {
		if value != "" {
			args[name] = value
		}
	}
	set("target", u.Target)
	if u.Target != "" {
		set("target_kind", u.TargetKind)
		set("hint", u.Hint)
		set("premise", u.Premise)
		set("action", u.Action)
		set("at", u.At)
		if u.Intent == understand.Write && tool == compose.DiagnoseJob && slices.Contains(valued, u.Action) {
			set("value", u.Value)
		}
	}
	return Call{Name: tool, Args: args}
}

func planStatus(u understand.Understanding) Call {
	args := map[string]any{}
	if ws := workstation(u); ws != "" {
		args["workstation"] = ws
	}
	return Call{Name: compose.PlanStatus, Args: args}
}

// workstation gives the workstation that a question about many objects is narrowed to.
func workstation(u understand.Understanding) string {
	if u.TargetKind == "workstation" || u.Reference && u.Intent == understand.Find && u.Target != "" && !strings.ContainsAny(u.Target, "#.[( ") {
		return u.Target
	}
	for _, m := range u.Mentions {
		if m.Kind == understand.MentionWorkstation {
			return m.Text
		}
	}
	return ""
}

// find lists jobs; other objects, and what is late or slow, are in the state of the plan or in the diagnosis of all of it.
func find(u understand.Understanding) Call {
	switch u.Objects {
	case "workstations", "prompts", "resources", "files", "job_streams":
		return planStatus(u)
	}
	judged := u.Forecast || u.Premise == "late" || u.Premise == "slow"
	if judged && len(u.Statuses) == 0 && u.Target == "" {
		return diagnose(compose.DiagnoseJob, u)
	}
	args := map[string]any{}
	if st := statuses(u); len(st) > 0 {
		args["status"] = st
	}
	ws := workstation(u)
	if ws != "" {
		args["workstation"] = ws
	}
	if u.Target != "" && u.Target != ws {
		named(args, u)
	}
	if !u.Since.IsZero() {
		args["since"] = u.Since.UTC().Format(time.RFC3339)
	}
	if !u.Until.IsZero() {
		args["until"] = u.Until.UTC().Format(time.RFC3339)
	}
	return Call{Name: compose.FindJobs, Args: args}
}

// named narrows a list to what the target says: the parts of an entity, a stream, a pattern, or words.
func named(args map[string]any, u understand.Understanding) {
	e, err := twstools.ParseEntity(u.Target, nil)
	switch {
	case err == nil && (e.Type == twstools.EntityJob || e.Type == twstools.EntityJobStream):
		for name, v := range map[string]string{"name": e.Job, "job_stream": e.Stream} {
			if v != "" {
				args[name] = v
			}
		}
	case u.TargetKind == "job_stream" && !strings.Contains(u.Target, " "):
		args["job_stream"] = u.Target
	case strings.ContainsAny(u.Target, "@?*") && !strings.Contains(u.Target, " "):
		args["name"] = strings.ReplaceAll(u.Target, "*", "@") // the engine's wildcard
	default:
		args["text"] = u.Target
	}
}

// statuses are the engine's words to look for: those that were said, else those that the premise means.
func statuses(u understand.Understanding) []string {
	var out []string
	for _, s := range u.Statuses {
		if !slices.Contains([]string{"DOWN", "UNLINKED", "ASKED"}, s) {
			out = append(out, s)
		}
	}
	if len(out) > 0 {
		return out
	}
	return map[string][]string{"abended": {"ABEND", "FAIL"}, "running_long": {"EXEC"}, "waiting": {"HOLD", "READY"}, "not_started": {"HOLD", "READY"},
		"succeeded": {"SUCC"}}[u.Premise]
}

func getJob(u understand.Understanding) Call {
	args := map[string]any{"job": u.Target}
	if u.At != "" {
		args["at"] = u.At
	}
	return Call{Name: compose.GetJob, Args: args}
}

func jobLog(u understand.Understanding) Call {
	args := map[string]any{"job": u.Target}
	if u.ErrorsOnly {
		args["errors_only"] = true
	}
	if u.Lines > 0 {
		args["tail"] = min(u.Lines, 500)
	}
	return Call{Name: compose.GetJobLog, Args: args}
}

func query(u understand.Understanding, question string) string {
	parts := slices.Clone(u.MessageIDs)
	for _, p := range []string{u.Query} {
		if p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return question
	}
	if u.Action != "" && !asksRemedy.MatchString(question) { // "how do I rerun a job?"
		parts = append(parts, map[string]string{"en": "what to do", "pt": "o que fazer"}[u.AnswerLanguage()])
	}
	if m := asksRemedy.FindString(question); m != "" && !strings.Contains(u.Query, m) {
		parts = append(parts, m) // of a runbook's parts the one that says what to do
	}
	return strings.Join(parts, " ")
}
