// Package llm speaks to language models: servers of OpenAI's chat completions (OpenAI, OpenRouter, vLLM, LM Studio, llama.cpp, Ollama's /v1),
// Anthropic, Gemini, and Ollama's own interface. Each is a small codec over net/http, because client libraries hide what matters here: which tokens
// were spent, whether a stream had an end, what a server said when it refused, and how long nothing came.
//
// A Chain holds the configured models in the order in which they are asked. Chain.Begin starts the talk about one question: Talk.Generate asks the
// first model, and the next one when a model cannot be reached, is too slow, refuses, or answers with something that is no answer. What went wrong
// is a Failure: coded, worded for people, with the server's own words only for the log. A server that fails again and again is left alone for a
// while, and tries that repeat others are few (breaker.go). Words that were already heard when a try fails are taken back through Ear.Restart.
//
// Every request has a deadline for its first event, between two events and as a whole; every answer a bound on its bytes and tokens. Keys travel
// in headers only, to the configured host only; redirects are not followed. Of the environment only the proxy variables of Go's net/http count
// (HTTPS_PROXY, NO_PROXY). All is safe for concurrent use, but a Talk belongs to one question. Start at New and Chain.Begin.
package llm

import (
	"encoding/json"
	"time"
)

// The kinds of Provider.
const (
	OpenAI    = "openai"    // any endpoint that speaks OpenAI's chat completions
	Anthropic = "anthropic" // Anthropic's messages
	Gemini    = "gemini"    // Google's generateContent
	Ollama    = "ollama"    // Ollama's own /api/chat, 0.5 or later
)

// Providers lists them.
func Providers() []string { return []string{OpenAI, Anthropic, Gemini, Ollama} }

// Settings are one configured model.
type Settings struct {
	Name        string // under which it is configured; empty where there is only one
	Provider    string // one of Providers
	Endpoint    string // base URL; empty means the provider's public one, where it has one
	APIKey      string // empty for local servers
	Model       string // the model's own name
	MaxTokens   int    // 0 means 1,200; always sent, since some servers generate without end
	Temperature float64
	// Timeout bounds all of a model's work on one question; 0 means 60 s. FirstByte bounds the wait for the first event of one answer (0: 30 s), Between
	// that between two events (0: 20 s).
	Timeout, FirstByte, Between time.Duration
	// ContextTokens is what the model can hold, prompt and answer together; 0 means unknown. To Ollama's own interface it goes as num_ctx, there 0 means 16,384.
	ContextTokens int
	KeepAlive     string // how long Ollama keeps the model loaded, as it writes it: "10m", "-1"; empty: as the server is set
	CAFile        string // PEM; empty means the system's authorities
}

// Request is what a model is asked.
type Request struct {
	System   string
	Messages []Message
	Tools    []Tool
	// Facts gives what the tools return as one text, for a model that cannot call tools or has no room for their descriptions. It may be called
	// more than once, and gives at most about n bytes. Nil where there are no tools.
	Facts func(n int) string
	// MaxTokens bounds the answer where it is less than the model's own bound; 0: that one.
	MaxTokens int
}

// The roles of messages.
const (
	User      = "user"
	Assistant = "assistant"
	Results   = "tool"
)

// Message is one step of the talk: the person's words, a model's words and calls, or the results of calls.
type Message struct {
	Role    string
	Text    string
	Calls   []Call
	Results []Result
}

// Call is a tool call that a model wants.
type Call struct {
	ID   string // empty where the server gave none that is usable
	Name string
	Args json.RawMessage // a JSON value, an object unless the model was careless; never empty
	// Signature is what Gemini wants back with its own calls; By names the model that made the call.
	Signature, By string
}

// Result is what a call gave.
type Result struct {
	ID, Name string
	Output   string             // JSON
	Shorter  func(n int) string // the same in about n bytes; nil where it cannot be shortened
}

// Tool is a tool as it is offered.
type Tool struct {
	Name, Description string
	Schema            map[string]any
}

// Response is a model's answer.
type Response struct {
	Text  string
	Calls []Call
	Cut   bool // it ended at the limit of tokens
	Model *Model
}

// Usage is what one request cost, in tokens.
type Usage struct {
	Input, Cached, Stored, Output int     // Cached and Stored are parts of Input
	CostUSD                       float64 // as the server told it
	Estimated                     bool    // the server told no counts
}

// Ear hears an answer as it comes.
type Ear interface {
	// Hear takes a piece of text.
	Hear(text string)
	// Restart tells that nothing heard so far counts: a model begins again, or another one does.
	Restart()
}

// Try is one request that was made, or not made because the server is left alone.
type Try struct {
	Model   *Model
	Usage   Usage
	Failure *Failure // nil where the answer can be used
	Sent    bool     // a server was asked
	Last    bool     // with a Failure: this model is not asked again for this question
}
