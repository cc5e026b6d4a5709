package auth

import (
	"context"
	"slices"
	"strings"
)

// The scopes of API keys and of other issuers' tokens. One without any of them may all that its role may, unless another issuer made it; what
// ScopeTrace and ScopeDelegate open belongs to no role and must be named.
const (
	ScopeAsk      = "ask"      // ask questions
	ScopeRead     = "read"     // read status and lists
	ScopeMCP      = "mcp"      // call every tool over MCP
	ScopeMetrics  = "metrics"  // scrape metrics
	ScopeTrace    = "trace"    // read what the tools returned for the key's own questions; must be named
	ScopeDelegate = "delegate" // speak for other people, whose names go into the audit; must be named

	scopeToolset = "mcp:"    // before a toolset's name: call the tools of this set over MCP
	scopeEngine  = "engine:" // before an engine's name: read this engine, and no other that is not named too
)

// Scopes lists the scopes that have fixed names.
func Scopes() []string {
	return []string{ScopeAsk, ScopeRead, ScopeMCP, ScopeMetrics, ScopeTrace, ScopeDelegate}
}

// ToolsetScope is the scope that opens one toolset over MCP.
func ToolsetScope(toolset string) string { return scopeToolset + toolset }

// EngineScope is the scope that opens one engine.
func EngineScope(engine string) string { return scopeEngine + engine }

// IsScope reports whether the text is a scope: a fixed one, or that of a toolset or engine, whatever its name.
func IsScope(scope string) bool {
	for _, before := range []string{scopeToolset, scopeEngine} {
		if name, ok := strings.CutPrefix(scope, before); ok {
			return name != "" && !strings.ContainsAny(name, " \t\r\n\"\\")
		}
	}
	return slices.Contains(Scopes(), scope)
}

// HasScope reports whether the caller may use what needs the scope. Whoever has only some toolsets may come to MCP all the same.
// Engines restrict where something may be read, not what may be done, so they do not count here: see MayEngine.
func (c Caller) HasScope(scope string) bool {
	functions := c.functions()
	switch {
	case len(functions) == 0:
		return !c.Foreign
	case scope == ScopeMCP:
		return slices.ContainsFunc(functions, func(s string) bool { return s == ScopeMCP || strings.HasPrefix(s, scopeToolset) })
	}
	return slices.Contains(functions, scope)
}

// MayToolset reports whether the caller may call the tools of a set over MCP. Tools of no set are open to whoever may come to MCP.
func (c Caller) MayToolset(toolset string) bool {
	functions := c.functions()
	switch {
	case len(functions) == 0:
		return !c.Foreign
	case slices.Contains(functions, ScopeMCP):
		return true
	case toolset == "":
		return c.HasScope(ScopeMCP)
	}
	return slices.Contains(functions, ToolsetScope(toolset))
}

// MayEngine reports whether the caller may read the engine of that name: those without the scope of any engine may read all.
func (c Caller) MayEngine(engine string) bool {
	some := false
	for _, s := range c.Scopes {
		if name, ok := strings.CutPrefix(s, scopeEngine); ok {
			if name == engine {
				return true
			}
			some = true
		}
	}
	return !some
}

// MayEngine reports whether whoever the context names may read the engine of that name. A context that names nobody is the program's own work:
// what serves others names its caller.
func MayEngine(ctx context.Context, engine string) bool {
	c, ok := CallerFrom(ctx)
	return !ok || c.MayEngine(engine)
}

// functions are the scopes that say what may be done.
func (c Caller) functions() []string {
	var out []string
	for _, s := range c.Scopes {
		if !strings.HasPrefix(s, scopeEngine) {
			out = append(out, s)
		}
	}
	return out
}
