package mcpserver

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/fold"
)

// The kinds of names that can be completed.
const (
	NamesOfJobs         = "job"
	NamesOfStreams      = "job_stream"
	NamesOfWorkstations = "workstation"
	NamesOfBoth         = "" // jobs and job streams
)

// Wanted says which names somebody is typing.
type Wanted struct {
	Engine      string
	Kind        string // NamesOf…
	Typed       string // what stands there so far
	Stream      string // only jobs of this job stream; empty: of all
	Workstation string // only what is planned there; empty: everywhere
	Limit       int
}

// Names knows the names in a plan. It is asked at every key somebody presses, so it must not make the engine work for each.
type Names interface {
	// Names gives the names that fit, the best first, at most w.Limit, and how many fit in all; -1 where nobody counted.
	Names(ctx context.Context, w Wanted) (names []string, total int, err error)
}

const (
	mostValues = 100             // as the protocol has it
	typingTime = 5 * time.Second // whoever types does not wait longer; a first reading of the plan must fit
)

// completer completes arguments of prompts and of addresses. What cannot be told just now is no error: the person types on.
type completer struct{ *Server }

// CompletePromptArgument completes a prompt's argument.
func (c completer) CompletePromptArgument(ctx context.Context, name string, a mcp.CompleteArgument, with mcp.CompleteContext) (*mcp.Completion, error) {
	p := c.promptNamed(name)
	if p == nil || !c.openPrompt(ctx, p) {
		return &mcp.Completion{}, nil
	}
	for _, have := range p.Arguments {
		if have.Name == a.Name {
			return c.complete(ctx, have.Complete, a.Value, with.Arguments), nil
		}
	}
	return &mcp.Completion{}, nil
}

// CompleteResourceArgument completes a part of an address.
func (c completer) CompleteResourceArgument(ctx context.Context, uri string, a mcp.CompleteArgument, with mcp.CompleteContext) (*mcp.Completion, error) {
	template, given := uri, with.Arguments
	if at, ok := parseAddress(uri); ok && !strings.Contains(uri, "{") {
		template = at.template // some clients send the address as far as it goes
		given = map[string]string{"engine": at.engine, "document": at.name}
	}
	if !c.open(ctx, address{template: template}.toolOf()) {
		return &mcp.Completion{}, nil
	}
	kind := map[string]string{
		planTemplate + " engine": "engine", jobTemplate + " engine": "engine", logTemplate + " engine": "engine", workstationTemplate + " engine": "engine",
		jobTemplate + " key": "job", logTemplate + " key": "job", workstationTemplate + " name": "workstation",
		documentTemplate + " document": "document", documentTemplate + " section": "section",
	}[template+" "+a.Name]
	return c.complete(ctx, kind, a.Value, given), nil
}

// complete gives values of a kind that fit what is typed; given are the arguments that are filled in already.
func (c completer) complete(ctx context.Context, kind, typed string, given map[string]string) (out *mcp.Completion) {
	defer func() {
		if p := recover(); p != nil {
			c.logger.LogAttrs(ctx, slog.LevelError, "completion failed", slog.String("error", fmt.Sprintf("panic: %v\n%s", p, debug.Stack())))
			out = &mcp.Completion{}
		}
	}()
	if len(typed) > longestAddress {
		return &mcp.Completion{}
	}
	switch kind {
	case "engine":
		return fitting(c.enginesOf(ctx), typed)
	case "language":
		return fitting([]string{english, portuguese}, typed)
	case "document", "section":
		if c.documents == nil || !c.open(ctx, toolKnowledge) {
			return &mcp.Completion{}
		}
		if kind == "section" {
			return fitting(c.documents.Sections(ctx, given["document"]), typed)
		}
		var names []string
		for _, d := range c.documents.List(ctx) {
			names = append(names, d.Name)
		}
		slices.Sort(names)
		return fitting(names, typed)
	}
	of, ok := map[string]string{"job": NamesOfJobs, "stream": NamesOfStreams, "job_or_stream": NamesOfBoth, "workstation": NamesOfWorkstations}[kind]
	if !ok {
		return &mcp.Completion{}
	}
	return c.names(ctx, Wanted{Kind: of, Typed: typed, Engine: given["engine"], Stream: cmp.Or(given["stream"], given["job_stream"]), Workstation: given["workstation"]})
}

// names asks the plan for names.
func (c completer) names(ctx context.Context, w Wanted) *mcp.Completion {
	engines := c.enginesOf(ctx)
	if w.Engine == "" && len(engines) > 0 {
		w.Engine = engines[0]
	}
	if c.source == nil || !c.open(ctx, toolJob) || !slices.Contains(engines, w.Engine) {
		return &mcp.Completion{}
	}
	w.Limit = mostValues
	ctx, cancel := context.WithTimeout(ctx, typingTime)
	defer cancel()
	names, total, err := c.source.Names(ctx, w)
	if err != nil {
		c.logger.LogAttrs(ctx, slog.LevelDebug, "names cannot be completed", slog.String("engine", w.Engine), slog.String("error", err.Error()))
		return &mcp.Completion{}
	}
	names = names[:min(len(names), mostValues)]
	if total < 0 {
		return &mcp.Completion{Values: names, HasMore: true}
	}
	return &mcp.Completion{Values: names, Total: total, HasMore: total > len(names)}
}

// fitting gives the words that begin with what is typed, then those that hold it.
func fitting(words []string, typed string) *mcp.Completion {
	typed = fold.Text(strings.TrimSpace(typed))
	var begin, hold []string
	for _, w := range words {
		switch at := strings.Index(fold.Text(w), typed); {
		case at == 0:
			begin = append(begin, w)
		case at > 0:
			hold = append(hold, w)
		}
	}
	all := slices.Concat(begin, hold)
	return &mcp.Completion{Values: all[:min(len(all), mostValues)], Total: len(all), HasMore: len(all) > mostValues}
}
