// Package toolkit is the tool kernel: it turns a typed Go function and a sentence into a tool with a schema, strict
// decoding, an evidence envelope, byte budgets, coded errors and an audit hook, for every tool alike. It knows nothing of MCP:
// mcp translates, and the agent calls through Caller.
//
// Start at Define; a tool's function gets a context and its typed input and returns a Reply.
package toolkit

import (
	"context"
	"encoding/json"
	"time"
)

// Reply is what a tool's function returns: its data and the evidence the data rests on.
// The kernel makes an Envelope of it.
type Reply[Out any] struct {
	Data      Out
	Sources   []Source
	Engine    Engine
	Clocks    Clocks
	Stale     bool
	Truncated bool
	// UpstreamCalls is how many requests the engine got because of this call.
	UpstreamCalls int
	// Text is the compact form for a model or a person: one short block, tables with aligned columns. Empty: made from Data.
	Text string
}

// Engine names the engine that was read.
type Engine struct {
	Name string `json:"name"`
	Mode string `json:"mode"`
	API  string `json:"api"`
}

// Clocks are the three clocks of the reading, RFC 3339 with zone; MirroredAt "unknown" unless proven.
type Clocks struct {
	FetchedAt  string `json:"fetched_at"`
	MirroredAt string `json:"mirrored_at"`
	PlanNow    string `json:"plan_now"`
}

// Source is something that was read, reduced to the lines or fields that the data cites.
// Texts have passed internal/untrusted.
type Source struct {
	Source string  `json:"source"` // as in contracts/answer.md rule 3: "joblog:WS#123", "plan:<entity>", "knowledge:doc#section" …
	RunID  string  `json:"run_id,omitempty"`
	Lines  []Line  `json:"lines,omitempty"`
	Fields []Field `json:"fields,omitempty"`
}

// Line is a numbered line of a log or document, counted from 1 in the raw source.
type Line struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

// Field is one field of an object; its quote is Name + "=" + Value.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Envelope is the structured content of every successful tool result (DESIGN.md 4.1).
type Envelope struct {
	Data          json.RawMessage `json:"data"`
	Sources       []Source        `json:"sources"`
	Engine        Engine          `json:"engine"`
	Clocks        Clocks          `json:"clocks"`
	Stale         bool            `json:"stale"`
	Truncated     bool            `json:"truncated"`
	UpstreamCalls int             `json:"upstream_calls"`
}

// ErrorBody is the structured content of a failed tool result, under the key "error".
type ErrorBody struct {
	Code          string   `json:"code"`
	Message       string   `json:"message"`
	Hint          string   `json:"hint,omitempty"`
	Source        string   `json:"source,omitempty"`
	Candidates    []string `json:"candidates,omitempty"`
	CorrelationID string   `json:"correlation_id,omitempty"`
}

// Result is what a call gives: exactly one of Envelope and Error is set. Text is the compact form of either.
type Result struct {
	Envelope *Envelope
	Error    *ErrorBody
	Text     string
}

// Info describes a tool to whoever offers it to a model or a person.
type Info struct {
	Name         string
	Title        string
	Description  string
	Toolset      string          // the set that it is offered and allowed with; empty: always
	InputSchema  json.RawMessage // top-level object, portable subset, see schema.go
	OutputSchema json.RawMessage // schema of Envelope with Data filled in
	// PerTurn is how many calls one question may make of a foreign tool's server, all its tools together; 0: no bound of its own.
	PerTurn int
}

// Tool is a defined tool. Safe for concurrent use.
type Tool interface {
	Info() Info
	// Call decodes args strictly, runs the function under the kernel's deadline and gives a Result; it never panics and
	// never returns foreign error text.
	Call(ctx context.Context, args json.RawMessage) Result
}

// Caller is the client side: a set of tools that can be listed and called, wherever they run. mcp/mcpclient implements it.
type Caller interface {
	Tools(ctx context.Context) ([]Info, error)
	// Call returns an error only when the tool server could not be reached or spoke nonsense; a failed tool is a Result with Error.
	Call(ctx context.Context, name string, args json.RawMessage) (Result, error)
}

// Audit is called once per tool call, after it. Implementations must not block.
type Audit func(ctx context.Context, a AuditRecord)

// AuditRecord says who called what, and what it cost.
type AuditRecord struct {
	Tool          string // as it was asked for, known or not
	At            time.Time
	CallerID      string
	CallerName    string
	By            string // who speaks for the caller, if somebody does
	Via           string // how the caller was known
	Role          string
	Engine        string // that answered; empty for failed calls
	ArgsHash      string // see ArgsHash
	ResultBytes   int
	UpstreamCalls int
	Duration      time.Duration
	ErrorCode     string
	CorrelationID string
}

// Spec is the part of a tool that people write.
type Spec struct {
	Name        string // snake_case, from DESIGN.md section 3
	Title       string
	Description string        // what comes back, and when to use another tool
	Toolset     string        // a word; tools of one set are chosen, and allowed, together
	Timeout     time.Duration // 0 means 45 s
	// DataAs names another tool of the same set whose data has the same type; the output schema then refers to it and says
	// no more than the names of its parts.
	DataAs string
}

// Func is a tool's function.
type Func[In, Out any] func(ctx context.Context, in In) (Reply[Out], error)
