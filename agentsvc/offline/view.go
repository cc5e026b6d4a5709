package offline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools"
)

// look gives the call of the view that the question asks for.
func look(u understand.Understanding) (Call, bool) {
	if compose.NeedsObject(u) {
		return Call{}, false
	}
	args := map[string]any{}
	set := func(name, value string) {
		if value != "" {
			args[name] = value
		}
	}
	switch u.View {
	case understand.ViewImpact:
		set("target", u.Target)
		set("target_kind", u.TargetKind)
		set("at", u.At)
		if slices.Contains(told, u.Action) {
			set("if", u.Action)
		}
	case understand.ViewLate:
		set("target", u.Target)
		set("at", u.At)
		if u.TargetKind == "job" || u.TargetKind == "job_stream" {
			set("target_kind", u.TargetKind)
		}
	case understand.ViewRadar:
		set("language", u.AnswerLanguage())
	case understand.ViewChanges:
		set("target", u.Target)
		if set("against", u.Against); u.Against == "" {
			set("since", cmp.Or(u.SinceClock, instant(u.Since)))
			set("until", instant(u.Until))
		}
	case understand.ViewStreams:
		narrowed(set, u)
		if st := statuses(u); len(st) > 0 {
			args["status"] = st
		}
		if u.Premise == "late" {
			args["late"] = true
		}
		set("since", instant(u.Since))
		set("until", instant(u.Until))
	case understand.ViewStream:
		set("job_stream", u.Target)
		set("at", u.At)
	case understand.ViewWorkstations:
		set("name", workstation(u))
		if slices.Contains(u.Statuses, "DOWN") || slices.Contains(u.Statuses, "UNLINKED") || slices.Contains(u.Statuses, "STUCK") {
			args["problem"] = true
		}
	case understand.ViewResources:
		set("name", last(u.Target))
		if u.Target == "" && (len(u.Statuses) > 0 || u.Premise != "") {
			args["in_use"] = true
		}
	case understand.ViewPrompts:
		set("name", last(u.Target))
		if len(u.Statuses) > 0 || u.Premise != "" {
			args["status"] = []string{"ASKED", "ANSWERED_NO"}
		}
	default:
		return Call{}, false
	}
	return Call{Name: compose.ToolOf(u.View), Args: args}, true
}

// told are the acts whose consequences impact_of tells.
var told = []string{"rerun", "cancel", "release_dependency", "confirm_succ"}

// narrowed says which job streams: by name, by workstation, or by words.
func narrowed(set func(name, value string), u understand.Understanding) {
	ws := workstation(u)
	set("workstation", ws)
	switch e, err := twstools.ParseEntity(u.Target, nil); {
	case u.Target == "" || u.Target == ws:
	case err == nil && e.Type == twstools.EntityJobStream:
		set("name", e.Stream)
	case strings.Contains(u.Target, " "):
		set("text", u.Target)
	default:
		set("name", u.Target)
	}
}

// last is the name of a resource or prompt without its workstation.
func last(target string) string { return target[strings.LastIndexByte(target, '#')+1:] }

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
