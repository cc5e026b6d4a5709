package conversations

import (
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Turn is one question with its answer and the ledger the answer rests on.
type Turn struct {
	ID       string // the answer's message id
	Question string
	Language string
	Asked    Asked
	Answer   answer.Answer
	// Ledger is what the tools said. Only Store.Turn reads it; a conversation that is read has turns without.
	Ledger Ledger
	At     time.Time
	// Stopped says that whoever asked gave the turn up: the answer is what stood by then.
	Stopped bool
	// Replaces is the message id of the answer in whose place this one was made; empty for a first answer. The earlier one is kept as
	// an earlier version, MaxVersions of them at most: people may have acted on it, and its feedback is about it.
	Replaces string
	// Earlier are the message ids of the earlier versions, the oldest first.
	Earlier  []string
	Feedback []Feedback // one a person at most
}

// MaxVersions is how many earlier answers to one question are kept beside the one that counts.
const MaxVersions = 3

// Asked is what the turn was about, as far as the next turn's references need it.
type Asked struct {
	Intent     string
	Target     string // as the question named it
	TargetKind string
	Entity     string // as the plan named it; empty when nothing was found
	Engine     string // as the question chose it; empty: the first configured
	Agent      string // who answered
}

// Opinion is what somebody thinks of an answer.
type Opinion string

// The opinions. None takes an earlier one back.
const (
	Up   Opinion = "up"
	Down Opinion = "down"
	None Opinion = ""
)

// Feedback is one person's word on one answer.
type Feedback struct {
	Who     string // the person's id
	Name    string // as people know them
	Opinion Opinion
	Words   string // may be empty; at most MaxWords characters
	At      time.Time
	// Reported says that the words have reached those who review feedback.
	Reported bool
}

// MaxWords is how many characters the words of a feedback may have.
const MaxWords = 2000

// Conversation is a list of turns with an owner. Turns are the latest ones, oldest first, each in its present version.
type Conversation struct {
	ID      string
	Owner   string
	Title   string // the first question, shortened, or what the owner called it
	Created time.Time
	Updated time.Time
	Turns   []Turn
	Share   *Share // nil: nobody else may read it
}

// Turn gives the turn whose answer has the message id, and false when there is none, or none any more.
func (c Conversation) Turn(message string) (Turn, bool) {
	i := slices.IndexFunc(c.Turns, func(t Turn) bool { return t.ID == message })
	if i < 0 {
		return Turn{}, false
	}
	return c.Turns[i], true
}

// Last gives the latest turn, and false for a conversation without any.
func (c Conversation) Last() (Turn, bool) {
	if len(c.Turns) == 0 {
		return Turn{}, false
	}
	return c.Turns[len(c.Turns)-1], true
}

// Before gives the turns before the one with the message id, which is what that one was asked after; all turns for an empty id, and false
// when there is no such turn.
func (c Conversation) Before(message string) ([]Turn, bool) {
	if message == "" {
		return c.Turns, true
	}
	i := slices.IndexFunc(c.Turns, func(t Turn) bool { return t.ID == message })
	if i < 0 {
		return nil, false
	}
	return c.Turns[:i:i], true
}

// Summary is a conversation in a list.
type Summary struct {
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Turns   int       `json:"turns" doc:"How many turns are kept."`
	Match   *Match    `json:"match,omitempty" doc:"Where the words were found; only in a search."`
}

// Match is the latest turn in which a search found its words; without a message id they stand in the title.
type Match struct {
	MessageID string `json:"message_id,omitempty"`
	Excerpt   string `json:"excerpt" doc:"The text around the first of the words, in one line."`
}
