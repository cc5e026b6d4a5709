package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
)

// Choice is one of several lists of tools that are alike but for what they read, under the name by which callers choose it.
type Choice struct {
	Name  string
	Tools []Tool
}

// Choose joins choices into one list: each tool takes an optional argument more, which names the choice; without it the first one answers.
// With a single choice the tools keep their schemas, and the argument is accepted as long as it names that choice. All choices
// must have the same tools.
func Choose(argument, doc string, choices ...Choice) ([]Tool, error) {
	if len(choices) == 0 {
		return nil, errors.New("nothing to choose from")
	}
	c := &chooser{argument: argument}
	byName := map[string]map[string]Tool{} // tool → choice → tool
	for _, ch := range choices {
		if slices.Contains(c.names, ch.Name) {
			return nil, fmt.Errorf("two choices are named %s", ch.Name)
		}
		c.names = append(c.names, ch.Name)
		for _, t := range ch.Tools {
			name := t.Info().Name
			if byName[name] == nil {
				byName[name] = map[string]Tool{}
			}
			byName[name][ch.Name] = t
		}
	}
	var out []Tool
	for _, t := range choices[0].Tools {
		info := t.Info()
		if len(byName[info.Name]) != len(choices) {
			return nil, fmt.Errorf("tool %s: not every choice has it", info.Name)
		}
		if len(choices) > 1 {
			var err error
			if info.InputSchema, err = withArgument(info.InputSchema, argument, doc, c.names); err != nil {
				return nil, fmt.Errorf("tool %s: %w", info.Name, err)
			}
		}
		out = append(out, chosen{chooser: c, info: info, tools: byName[info.Name]})
		delete(byName, info.Name)
	}
	for name := range byName {
		return nil, fmt.Errorf("tool %s: not every choice has it", name)
	}
	return out, nil
}

// withArgument adds an optional enumerated string to an object's schema.
func withArgument(schema json.RawMessage, name, doc string, values []string) (json.RawMessage, error) {
	var s map[string]any
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, err
	}
	props, ok := s["properties"].(map[string]any)
	if !ok {
		props = map[string]any{}
	}
	if props[name] != nil {
		return nil, fmt.Errorf("it has an argument %s of its own", name)
	}
	props[name] = map[string]any{"type": "string", "description": doc, "enum": values, "default": values[0]}
	s["properties"] = props
	return json.Marshal(s)
}

type chooser struct {
	argument string
	names    []string
}

// chosen is a tool of several choices.
type chosen struct {
	*chooser
	info  Info
	tools map[string]Tool
}

// Info describes the tool.
func (t chosen) Info() Info { return t.info }

// Call runs the tool of the choice that the arguments name. See Tool.
func (t chosen) Call(ctx context.Context, args json.RawMessage) Result {
	r, _ := t.call(ctx, args)
	return r
}

func (t chosen) call(ctx context.Context, args json.RawMessage) (Result, error) {
	name, rest, err := t.take(args)
	if err != nil {
		if Correlation(ctx) == "" {
			ctx = WithCorrelation(ctx, NewCorrelation())
		}
		return failure(ctx, err), err
	}
	return callTool(ctx, t.tools[name], rest)
}

// take reads the choice and gives the arguments without it. Arguments that are no object are left to the tool, which says what is wrong.
func (t chosen) take(args json.RawMessage) (name string, rest json.RawMessage, err error) {
	first := t.names[0]
	members, err := argumentObject(args)
	if err != nil {
		return first, args, nil //nolint:nilerr // the tool reads them again and says it with its own words
	}
	v, given := members[t.argument]
	if !given {
		return first, args, nil
	}
	members = maps.Clone(members)
	delete(members, t.argument)
	if rest, err = json.Marshal(members); err != nil {
		return "", nil, err
	}
	switch v := v.(type) {
	case nil:
		return first, rest, nil
	case string:
		if v == "" {
			return first, rest, nil
		}
		if slices.Contains(t.names, v) {
			return v, rest, nil
		}
		return "", nil, fault.New(fault.NotFound, "There is no %s %q.", t.argument, clip(v)).WithHint("Configured: see the candidates.").WithCandidates(t.names...)
	}
	return "", nil, fault.New(fault.Invalid, "The argument %s must be a text, not %s.", t.argument, nameOf(v))
}

// callTool runs a tool; those made by this package hand over the cause of a failure beside the result.
func callTool(ctx context.Context, t Tool, args json.RawMessage) (Result, error) {
	if own, ok := t.(interface {
		call(context.Context, json.RawMessage) (Result, error)
	}); ok {
		return own.call(ctx, args)
	}
	return t.Call(ctx, args), nil
}
