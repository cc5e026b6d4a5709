// Package agentsvc holds what the rooms of the agent service share: the question that comes in and the events that go out
// while it is being answered. The rooms: understand (what is asked), offline (the model without a model), agent (Genkit),
// compose and verify (the checked answer), conversations (turns and their ledger), api (REST and SSE).
package agentsvc

import (
	"context"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Question is one turn's input. The caller travels in the context (internal/auth).
type Question struct {
	Text           string
	ConversationID string // empty: a new conversation
	Language       string // "en", "pt", or empty: the question's own
	Agent          string // empty: auto
	Engine         string // configured name of one of several engines; empty: the conversation's last, else the first configured
	// Replaces is the message id of an answer of the conversation to make anew: what was asked after it does not count. Empty: a new turn.
	Replaces string
}

// EventType names a streamed event (DESIGN.md 4.3).
type EventType string

// The events in the order in which they may come: the turn begins, the agent that answers, tool calls and results, the diagnosis, prose sentence by
// sentence, reset when a fallback starts the prose again, and done, which carries the whole answer and wins over all before it.
const (
	EventTurn       EventType = "turn"        // TurnEvent: what the turn is called, for whoever wants to stop it
	EventAgent      EventType = "agent"       // AgentEvent
	EventToolCall   EventType = "tool_call"   // ToolEvent
	EventToolResult EventType = "tool_result" // ToolEvent
	EventDiagnosis  EventType = "diagnosis"   // answer.Diagnosis
	EventDelta      EventType = "delta"       // Delta
	EventReset      EventType = "reset"       // struct{}
	EventDone       EventType = "done"        // answer.Answer
	EventError      EventType = "error"       // answer.Error; only when no answer could be made at all
)

// Event is one step of an answer in the making.
type Event struct {
	Type EventType
	Data any
}

// TurnEvent names the turn that begins. It comes first, once.
type TurnEvent struct {
	ConversationID string `json:"conversation_id"`
	MessageID      string `json:"message_id"`
}

// AgentEvent tells who answers. It comes once, before all that is done.
type AgentEvent struct {
	ID   string `json:"id"`
	Name string `json:"name"` // in the answer's language
	// Chosen says that auto chose it; else the question named it, or auto itself answers.
	Chosen bool `json:"chosen"`
}

// ToolEvent tells of a tool call; the last three fields are set on tool_result only.
type ToolEvent struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Arguments   map[string]any `json:"arguments,omitempty"`
	DurationMS  int64          `json:"duration_ms,omitempty"`
	ResultBytes int            `json:"result_bytes,omitempty"`
	Error       string         `json:"error,omitempty"`
}

// Delta is a piece of verified prose.
type Delta struct {
	Text string `json:"text"`
}

// Asker answers questions. The agent implements it. emit may be nil; it is called from one goroutine at a time and must not
// block for long. An engine that cannot be read is no error: it is an answer (contracts/answer.md rule 7).
type Asker interface {
	Ask(ctx context.Context, q Question, emit func(Event)) (answer.Answer, error)
}
