package toolkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// Choice is one of several lists of tools that are alike but for the engine they read, under the name by which callers choose it.
type Choice struct {
	Name  string
	Tools []Tool
}

// Choose joins the tools of several engines into one list: each tool takes an optional argument more, which names the engine; without it the first
// one that the caller may read answers (auth.MayEngine). A caller sees and reaches only the engines open to them. With a single choice the
// tools keep their schemas, and the argument is accepted as long as it names that choice. All choices must have the same tools.
//
// Many names would stand in every tool's schema and make a list of tools long. Beyond namesEverywhere the first tool of each toolset lists them,
// which is offered wherever the others are; those refer to it.
func Choose(argument, doc string, choices ...Choice) ([]Tool, error) {
	if len(choices) == 0 {
		return nil, errors.New("nothing to choose from")
	}
	c := &chooser{argument: argument, doc: doc}
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
	first := map[string]string{} // toolset → its first tool
	for _, t := range choices[0].Tools {
		name, set := t.Info().Name, t.Info().Toolset
		if first[set] == "" {
			first[set] = name
		}
		if len(byName[name]) != len(choices) {
			return nil, fmt.Errorf("tool %s: not every choice has it", name)
		}
		joined := chosen{chooser: c, bare: t.Info(), lister: first[set], tools: byName[name]}
		var err error
		if joined.info, err = joined.offering(c.names); err != nil {
			return nil, fmt.Errorf("tool %s: %w", name, err)
		}
		out = append(out, joined)
		delete(byName, name)
	}
	for name := range byName {
		return nil, fmt.Errorf("tool %s: not every choice has it", name)
	}
	return out, nil
}

// namesEverywhere is how long the names of all choices may be together, in bytes, to stand in the schema of each tool.
const namesEverywhere = 40

// withArgument adds an argument to an object's schema, behind the members it has.
func withArgument(schema json.RawMessage, name string, argument map[string]any) (json.RawMessage, error) {
	var s map[string]json.RawMessage
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, err
	}
	var have map[string]json.RawMessage
	props := bytes.TrimSpace(s["properties"])
	if len(props) == 0 {
		props = []byte("{}")
	}
	if err := json.Unmarshal(props, &have); err != nil {
		return nil, err
	}
	if have[name] != nil {
		return nil, fmt.Errorf("it has an argument %s of its own", name)
	}
	member, err := json.Marshal(map[string]any{name: argument})
	if err != nil {
		return nil, err
	}
	// Texts are joined, not maps: models read the members in the order in which they were written.
	joined := bytes.Clone(props[:len(props)-1])
	if len(have) > 0 {
		joined = append(joined, ',')
	}
	s["properties"] = append(joined, member[1:]...)
	return json.Marshal(s)
}

type chooser struct {
	argument, doc string
	names         []string
}

// open lists the engines that the caller may read, the one that answers by default first.
func (c *chooser) open(ctx context.Context) ([]string, error) {
	var out []string
	for _, name := range c.names {
		if auth.MayEngine(ctx, name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Forbidden, "You may read no %s of this server.", c.argument).
			WithHint("Your key or token names others; it needs the scope %s of one that is here.", auth.EngineScope("NAME"))
	}
	return out, nil
}

// chosen is a tool of several choices.
type chosen struct {
	*chooser
	bare, info Info   // without the argument, and with all choices
	lister     string // the tool whose schema lists the names where they are many
	tools      map[string]Tool
}

// Info describes the tool to somebody who may read every engine.
func (t chosen) Info() Info { return t.info }

// infoFor describes the tool with the engines that the caller may read. Who may read none sees it without the argument.
func (t chosen) infoFor(ctx context.Context) Info {
	names, err := t.open(ctx)
	if err != nil {
		return t.bare
	}
	if len(names) == len(t.names) {
		return t.info
	}
	info, err := t.offering(names)
	if err != nil {
		return t.bare // Choose has shown that the argument can be added
	}
	return info
}

// offering describes the tool with these engines to choose from. Where only one is configured there is nothing to choose.
func (t chosen) offering(names []string) (info Info, err error) {
	info = t.bare
	if len(t.names) == 1 {
		return info, nil
	}
	argument := map[string]any{"type": "string"}
	if t.bare.Name == t.lister || len(strings.Join(names, "")) <= namesEverywhere {
		argument["description"], argument["enum"], argument["default"] = t.doc, names, names[0]
	} else {
		argument["description"] = t.doc + ", see " + t.lister
	}
	info.InputSchema, err = withArgument(info.InputSchema, t.argument, argument)
	return info, err
}

// Call runs the tool of the choice that the arguments name. Where there are several the text begins with the one that answered. See Tool.
func (t chosen) Call(ctx context.Context, args json.RawMessage) Result {
	r, _ := t.call(ctx, args)
	return r
}

func (t chosen) call(ctx context.Context, args json.RawMessage) (Result, error) {
	name, rest, err := t.take(ctx, args)
	if err != nil {
		if Correlation(ctx) == "" {
			ctx = WithCorrelation(ctx, NewCorrelation())
		}
		return failure(ctx, err), err
	}
	r, err := callTool(ctx, t.tools[name], rest)
	if r.Envelope != nil && len(t.names) > 1 {
		r.Text = cutAtBudget(t.argument+": "+name+"\n"+r.Text, textEnds)
	}
	return r, err
}

// take reads the choice and gives the arguments without it. Arguments that are no object are left to the tool, which says what is wrong.
func (t chosen) take(ctx context.Context, args json.RawMessage) (name string, rest json.RawMessage, err error) {
	names, err := t.open(ctx)
	if err != nil {
		return "", nil, err
	}
	members, err := argumentObject(args)
	if err != nil {
		return names[0], args, nil //nolint:nilerr // the tool reads them again and says it with its own words
	}
	for given := range members {
		if given != t.argument && plain(given) == plain(t.argument) {
			return "", nil, unknownArgument(clip(given), []string{t.argument})
		}
	}
	v, given := members[t.argument]
	if !given {
		return names[0], args, nil
	}
	members = maps.Clone(members)
	delete(members, t.argument)
	if rest, err = json.Marshal(members); err != nil {
		return "", nil, err
	}
	switch v := only(v).(type) {
	case nil:
		return names[0], rest, nil
	case string:
		asked := strings.TrimSpace(v)
		if slices.Contains(names, asked) {
			return asked, rest, nil
		}
		if i := slices.IndexFunc(names, func(have string) bool { return strings.EqualFold(have, asked) }); i >= 0 {
			return names[i], rest, nil
		}
		if absentWord(asked) {
			return names[0], rest, nil
		}
		// An engine that the caller may not read and one that does not exist are told alike.
		return "", nil, fault.New(fault.NotFound, "There is no %s %q.", t.argument, clip(asked)).WithHint("Open to you: see the candidates.").WithCandidates(names...)
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

// WithChoice describes a tool with one more argument, whose only value is name: where there is one choice, and callers may name it.
func WithChoice(info Info, argument, doc, name string) (Info, error) {
	schema, err := withArgument(info.InputSchema, argument, map[string]any{"type": "string", "description": doc, "enum": []string{name}, "default": name})
	info.InputSchema = schema
	return info, err
}
