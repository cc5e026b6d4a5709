package agent

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// engineArgument is the argument by which tools of several engines choose one.
const engineArgument = "engine"

// checkEngine refuses a question to an engine that is not configured: no tool's answer about it could be told from one about the plan.
func (a *Agent) checkEngine(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	infos, err := a.tools(ctx)
	if err != nil && len(infos) == 0 {
		return nil //nolint:nilerr // the turn itself says that there are no tools
	}
	known := []string{a.o.Engine.Name}
	for _, i := range infos {
		if _, foreign := toolkit.ForeignServer(i.Name); foreign {
			continue // its engines are not ours
		}
		if names, _ := enginesOf(i); names != nil {
			known = names
			break
		}
	}
	if slices.Contains(known, name) {
		return nil
	}
	return fault.New(fault.NotFound, "There is no engine %q.", name).WithHint("These are configured.").WithCandidates(known...)
}

// enginesOf gives the engines that a tool lists, and whether it chooses one: where they are many, one tool lists them for others (toolkit.Choose).
func enginesOf(i toolkit.Info) (names []string, chooses bool) {
	var s struct {
		Properties map[string]struct {
			Enum []string `json:"enum"`
		} `json:"properties"`
	}
	if json.Unmarshal(i.InputSchema, &s) != nil {
		return nil, false
	}
	argument, chooses := s.Properties[engineArgument]
	return argument.Enum, chooses
}

// firstEngine is the engine that answers this asker by default, where the tools tell; else "".
func (t *turn) firstEngine() string {
	for _, i := range t.listed {
		if names, _ := enginesOf(i); len(names) > 0 {
			return names[0]
		}
	}
	return ""
}

// atEngine adds the chosen engine to the arguments of a tool that has several to choose from, unless they name one.
func (t *turn) atEngine(tool string, args json.RawMessage) json.RawMessage {
	i := slices.IndexFunc(t.offered, func(i toolkit.Info) bool { return i.Name == tool })
	if _, foreign := toolkit.ForeignServer(tool); foreign {
		return args
	}
	if t.engine == "" || i < 0 {
		return args
	}
	if _, chooses := enginesOf(t.offered[i]); !chooses {
		return args
	}
	members := map[string]json.RawMessage{}
	if len(args) > 0 && json.Unmarshal(args, &members) != nil || members[engineArgument] != nil {
		return args
	}
	if members == nil { // the arguments were null
		members = map[string]json.RawMessage{}
	}
	name, err := json.Marshal(t.engine)
	if err != nil {
		return args
	}
	members[engineArgument] = name
	if out, err := json.Marshal(members); err == nil {
		return out
	}
	return args
}
