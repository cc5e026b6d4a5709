package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// engineArgument chooses the engine, as in a tool server with several.
const (
	engineArgument = "engine"
	engineDoc      = "which of the configured engines to ask"
	knowledgeTool  = "search_knowledge" // asks no engine
	radarTool      = "radar"            // its data are read over MCP: its parameters are not its arguments
)

// Tools implements toolkit.Caller: the tools of all servers, as the caller of the context may use them.
func (e *Edge) Tools(ctx context.Context) ([]toolkit.Info, error) {
	j := e.now(ctx)
	if j.tools == nil {
		return nil, e.silent(j)
	}
	infos := j.tools.Offered(ctx)
	if len(j.engines) != 1 {
		return infos, nil
	}
	for i, info := range infos { // one engine has a name too, by which it may be asked for
		if info.Name == knowledgeTool {
			continue
		}
		named, err := toolkit.WithChoice(info, engineArgument, engineDoc, j.engines[0].Name)
		if err != nil {
			return nil, err
		}
		infos[i] = named
	}
	return infos, nil
}

// Call implements toolkit.Caller. What goes wrong is a Result.
func (e *Edge) Call(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	j := e.now(ctx)
	return e.through(ctx, j, j.tools, name, args), nil
}

// Data reads what tools and views tell over the REST operations of the servers.
func (e *Edge) Data() data.Caller { return overREST{e} }

type overREST struct{ edge *Edge }

// Call implements data.Caller.
func (r overREST) Call(ctx context.Context, name string, args json.RawMessage) toolkit.Result {
	j := r.edge.now(ctx)
	return r.edge.through(ctx, j, j.data, name, args)
}

// through calls a tool of a set, unless it is to go where nobody has answered yet.
func (e *Edge) through(ctx context.Context, j *joined, set *toolkit.Set, name string, args json.RawMessage) toolkit.Result {
	if set == nil {
		return failed(ctx, e.silent(j))
	}
	var asked struct {
		Engine string `json:"engine"`
	}
	if json.Unmarshal(args, &asked) == nil && asked.Engine != "" && len(j.unknown) > 0 && j.owner[asked.Engine] == nil {
		return failed(ctx, j.nowhere(asked.Engine))
	}
	return set.Call(ctx, name, args)
}

// silent is the error while no server has answered.
func (e *Edge) silent(j *joined) error {
	for _, s := range e.servers {
		if _, _, err := s.said(); err != nil {
			return err
		}
	}
	return j.nowhere("")
}

// failed is the result of a call that found nobody to answer it.
func failed(ctx context.Context, err error) toolkit.Result {
	if errors.Is(err, context.Canceled) && fault.Is(err, fault.Internal) {
		err = fault.Wrap(fault.Timeout, err, "The call was cancelled before it was done.")
	}
	p := fault.Public(err)
	body := &toolkit.ErrorBody{Code: string(p.Code), Message: p.Message, Hint: p.Hint, Source: p.Source, Candidates: p.Candidates, CorrelationID: toolkit.Correlation(ctx)}
	return toolkit.Result{Error: body, Text: body.Text()}
}

// join makes the sets of what is known. Tools that not every server has are left out: the servers are of different versions then.
func (e *Edge) join(j *joined) error {
	if len(j.engines) == 0 {
		return nil
	}
	var offered, read []toolkit.Choice
	names := e.common(j)
	for _, one := range j.engines {
		s := j.owner[one.Name]
		over, rest := toolkit.Choice{Name: one.Name}, toolkit.Choice{Name: one.Name}
		_, infos, _ := s.said()
		for _, info := range infos {
			if slices.Contains(names, info.Name) {
				schema, err := without(info.InputSchema, engineArgument)
				if err != nil {
					return fmt.Errorf("tool %s of %s: %w", info.Name, s.o.Name, err)
				}
				info.InputSchema = schema
				over.Tools = append(over.Tools, proxy{info, s.overMCP(info.Name, one.Name)})
			}
		}
		for _, name := range append(data.Addressed(), radarTool) {
			rest.Tools = append(rest.Tools, proxy{toolkit.Info{Name: name, InputSchema: json.RawMessage(`{"type":"object","properties":{}}`)}, s.overREST(name, one.Name)})
		}
		offered, read = append(offered, over), append(read, rest)
	}
	knowledge := e.knowledge(j)
	var err error
	if j.tools, err = e.set(offered, knowledge); err != nil {
		return err
	}
	j.data, err = e.set(read, knowledge)
	return err
}

func (e *Edge) set(choices []toolkit.Choice, knowledge []toolkit.Tool) (*toolkit.Set, error) {
	all, err := toolkit.Choose(engineArgument, engineDoc, choices...)
	if err != nil {
		return nil, err
	}
	set, err := toolkit.NewSet(append(all, knowledge...)...)
	if err != nil {
		return nil, err
	}
	return e.o.Watched(set.WithLogger(e.o.Logger)), nil
}

// common are the tools of the plan that every server has whose engines are known.
func (e *Edge) common(j *joined) []string {
	var out []string
	first := true
	for _, s := range e.servers {
		engines, infos, _ := s.said()
		if len(engines) == 0 {
			continue
		}
		var names []string
		for _, i := range infos {
			if i.Name != knowledgeTool && (first || slices.Contains(out, i.Name)) {
				names = append(names, i.Name)
			}
		}
		out, first = names, false
	}
	return out
}

// knowledge is the search in documents: the first server that has it and answers.
func (e *Edge) knowledge(*joined) []toolkit.Tool {
	for _, s := range e.servers {
		_, infos, _ := s.said()
		if i := slices.IndexFunc(infos, func(i toolkit.Info) bool { return i.Name == knowledgeTool }); i >= 0 {
			return []toolkit.Tool{proxy{infos[i], e.searched}}
		}
	}
	return nil
}

func (e *Edge) searched(ctx context.Context, args json.RawMessage) toolkit.Result {
	var last toolkit.Result
	for _, s := range e.servers {
		_, infos, _ := s.said()
		if !slices.ContainsFunc(infos, func(i toolkit.Info) bool { return i.Name == knowledgeTool }) {
			continue
		}
		last = s.call(ctx, knowledgeTool, args)
		if last.Error == nil || !fault.Upstream(fault.Code(last.Error.Code)) {
			return last
		}
	}
	return last
}

// proxy is a tool elsewhere.
type proxy struct {
	info toolkit.Info
	call func(ctx context.Context, args json.RawMessage) toolkit.Result
}

// Info implements toolkit.Tool.
func (p proxy) Info() toolkit.Info { return p.info }

// Call implements toolkit.Tool.
func (p proxy) Call(ctx context.Context, args json.RawMessage) toolkit.Result {
	return p.call(ctx, args)
}

// call calls a tool over MCP.
func (s *server) call(ctx context.Context, tool string, args json.RawMessage) toolkit.Result {
	r, err := s.o.Tools.Call(ctx, tool, args)
	if err != nil {
		return failed(ctx, s.denied(err))
	}
	return r
}

// overMCP calls a tool at one of the server's engines.
func (s *server) overMCP(tool, engine string) func(context.Context, json.RawMessage) toolkit.Result {
	return func(ctx context.Context, args json.RawMessage) toolkit.Result {
		members, err := membersOf(args)
		if err == nil {
			members[engineArgument] = engine
			args, err = json.Marshal(members)
		}
		if err != nil { // the tool itself says what is wrong with them
			return s.call(ctx, tool, args)
		}
		return s.call(ctx, tool, args)
	}
}

// overREST reads a tool's data from the address that it has in the REST API, and over MCP where it has none.
func (s *server) overREST(tool, engine string) func(context.Context, json.RawMessage) toolkit.Result {
	address, ok := data.AddressOf(tool)
	if !ok {
		return s.overMCP(tool, engine)
	}
	return func(ctx context.Context, args json.RawMessage) toolkit.Result {
		members, err := membersOf(args)
		if err != nil {
			return failed(ctx, fault.Wrap(fault.Invalid, err, "The arguments are no JSON object."))
		}
		path, query := address.Path, url.Values{engineArgument: {engine}}
		for name, value := range members {
			text := textOf(value)
			if name == address.Key {
				before, rest, _ := strings.Cut(address.Path, "{")
				_, after, _ := strings.Cut(rest, "}")
				path = before + pathPart(text) + after
				continue
			}
			query.Set(name, text)
		}
		raw, _, err := s.get(ctx, path, query)
		if err != nil {
			return failed(ctx, err)
		}
		e, err := s.envelope(raw, engine)
		if err != nil {
			return failed(ctx, err)
		}
		return toolkit.Result{Envelope: e}
	}
}

// pathPart writes a text as one part of a path. Dots alone are escaped too: bare they lead elsewhere.
func pathPart(text string) string {
	if text == "." || text == ".." {
		return strings.ReplaceAll(text, ".", "%2E")
	}
	return url.PathEscape(text)
}

// membersOf reads arguments; numbers keep their digits.
func membersOf(args json.RawMessage) (map[string]any, error) {
	members := map[string]any{}
	if text := bytes.TrimSpace(args); len(text) == 0 || string(text) == "null" {
		return members, nil
	}
	d := json.NewDecoder(bytes.NewReader(args))
	d.UseNumber()
	return members, d.Decode(&members)
}

// textOf writes an argument as a query parameter: lists with commas.
func textOf(v any) string {
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, textOf(one))
		}
		return strings.Join(parts, ",")
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// without takes a member out of an object's schema. The others keep their order: models read them in it.
func without(schema json.RawMessage, member string) (json.RawMessage, error) {
	var s map[string]json.RawMessage
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(s["properties"]))
	if _, err := d.Token(); err != nil {
		return schema, nil //nolint:nilerr // it takes no arguments
	}
	out := []byte{'{'}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		if name == member {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	s["properties"] = append(out, '}')
	return json.Marshal(s)
}
