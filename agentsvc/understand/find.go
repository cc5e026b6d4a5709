package understand

import (
	"slices"
	"strings"
)

// fillFind reads what is to be listed.
func (r *reading) fillFind(out *Understanding) {
	out.Objects = r.objects()
	out.Statuses = r.statuses(out.Objects)
	if b := r.before; b != nil && len(out.Statuses) == 0 && out.Objects == "" {
		out.Objects, out.Statuses, out.Premise, out.Count = b.Objects, b.Statuses, b.Premise, b.Count
	}
	if (out.TargetKind == "" || out.TargetKind == "workstation") && r.facts["name"] && r.has("cue:runs_there") {
		out.TargetKind = "workstation" // what runs there
		if len(out.Statuses) == 0 && !r.windowSaid() {
			out.Statuses = []string{"EXEC"}
		}
	}
	if len(out.Statuses) > 0 && !slices.Contains([]string{"late", "slow", "running_long"}, out.Premise) || out.Premise == "succeeded" || out.Premise == "abended" && out.ReturnCode != nil {
		out.Premise = ""
	}
	if out.Premise == "late" || out.Premise == "slow" || out.Premise == "running_long" {
		out.Statuses = nil
	}
}

// objects is the plural that is asked for: the first type noun behind the question word, else what the statuses belong to.
func (r *reading) objects() string {
	for _, kind := range objectKinds {
		if r.is(0, "conman_"+kind) || r.is(1, "conman_"+kind) {
			return kind + "s"
		}
	}
	if r.has("cue:reply_wanted") {
		return "prompts"
	}
	for _, wantPlural := range []bool{true, false} {
		for i := range r.tokens {
			kind := r.nounKind(i)
			if kind == "" || r.plural(i) != wantPlural || i+1 < len(r.tokens) && r.nounKind(i+1) != "" && !r.clauseStart(i+1) {
				continue
			}
			if !wantPlural && i+1 < len(r.tokens) && r.tokens[i+1].mention >= 0 {
				continue // "stream PAYEXT" narrows, it is not what is listed
			}
			return kind + "s"
		}
	}
	if r.statuses("") != nil || r.has("cue:ran_list") {
		return "jobs"
	}
	return ""
}

// statuses are the engine's words for the states that are said.
func (r *reading) statuses(objects string) []string {
	switch objects {
	case "workstations":
		return r.stateWords(map[string]string{"down": "DOWN", "unlinked": "UNLINKED", "linked": "LINKED"})
	case "prompts":
		return []string{"ASKED"}
	case "resources", "files":
		return nil
	}
	var out []string
	type ranked struct {
		rank int
		name string
	}
	var found []ranked
	for group, hits := range r.hits {
		if names, ok := strings.CutPrefix(group, "status:"); ok {
			for _, name := range strings.Split(names, ",") {
				found = append(found, ranked{hits[0].pattern.rank, name})
			}
		}
	}
	slices.SortFunc(found, func(a, b ranked) int { return a.rank - b.rank })
	for _, f := range found {
		if !slices.Contains(out, f.name) {
			out = append(out, f.name)
		}
	}
	if len(out) > 1 && slices.Contains(out, "ABEND") { // "finished with an error"
		out = slices.DeleteFunc(out, func(s string) bool {
			return s == "SUCC" && !r.has("premise:succeeded") || s == "SUCC" && !slices.ContainsFunc(r.tokens, func(t token) bool { return r.lex.in(t.ids, "success") })
		})
	}
	return out
}

func (r *reading) stateWords(byClass map[string]string) []string {
	var out []string
	for class, word := range byClass {
		for i := range r.tokens {
			denied := r.is(i-1, "neg") || r.is(i-2, "neg")
			if !r.is(i, class) {
				continue
			}
			if word == "LINKED" && denied {
				out = append(out, "UNLINKED")
			} else if word != "LINKED" || !denied {
				out = append(out, word)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
