// Package trial is what a run of the evals leaves: which question was asked how often of which program, what came back, and what the judge
// said to it. It is the one form in which results are written, read again, regraded, compared and reported.
//
// Everything here is plain data. Start at Run.
package trial

import (
	"encoding/json"
	"time"

	"github.com/resync-hwa/resync/evals/score"
)

// Status is how a trial ended.
type Status string

// The statuses. A Fault says nothing about the answers: there was none to judge.
const (
	Pass  Status = "pass"
	Wrong Status = "wrong"
	Fault Status = "fault"
)

// Run is one run of a suite.
type Run struct {
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Suite   string    `json:"suite"`             // hash of what was asked and of the gold
	Scorer  string    `json:"scorer"`            // version; results of two versions are not compared
	Program string    `json:"program,omitempty"` // what the judged program says its version is, or the address that was asked
	Model   string    `json:"model"`             // "offline", or the configured model
	Engine  string    `json:"engine"`            // variant of the engine: full, v1-only …
	Seeds   string    `json:"seeds"`             // "dev", or "own" for a seed that only the person running it knows
	K       int       `json:"k"`                 // trials of each question
	Trials  []Trial   `json:"trials"`
	// Baselines are what dumb answerers reach on the same questions, by name (B0 …).
	Baselines map[string][]Trial `json:"-"`
}

// Trial is one question asked once.
type Trial struct {
	Scenario string   `json:"scenario"`
	Question string   `json:"question"`
	Attempt  int      `json:"attempt"` // from 1
	Lang     string   `json:"lang"`
	Style    string   `json:"style"`
	Turns    []string `json:"turns,omitempty"`
	Text     string   `json:"text"`

	Slice   string   `json:"slice"`             // of the scenario: application, scheduler …
	Family  string   `json:"family"`            // the cluster of the statistics; the scenario's id where it was written by hand
	Variant string   `json:"variant,omitempty"` // of the family
	Set     string   `json:"set,omitempty"`     // scenarios with one Set are twins
	Base    string   `json:"base,omitempty"`
	Seed    uint64   `json:"seed,omitempty"`
	Wants   []string `json:"wants"` // verdicts that are right
	Core    bool     `json:"must_pass,omitempty"`

	Status         Status            `json:"status"`
	ConfirmedWrong bool              `json:"confirmed_wrong"`
	WrongInstance  *bool             `json:"wrong_instance,omitempty"` // the right name of another instance was blamed; nil where the judge does not tell
	Score          float64           `json:"score"`                    // 0 to 100, for sorting; never for the headline
	Criteria       []score.Criterion `json:"criteria,omitempty"`
	Gates          []string          `json:"gates,omitempty"` // failed criteria after which nothing else counts, where the judge tells
	Fault          *FaultTold        `json:"fault,omitempty"`

	Answer   json.RawMessage   `json:"answer,omitempty"` // as the program printed it
	Before   []json.RawMessage `json:"before,omitempty"` // the answers to Turns; they are not judged
	Ledger   []score.Call      `json:"ledger,omitempty"` // what its tools returned, where the program tells
	Requests map[string]int    `json:"requests"`         // that reached the engine for this question, by method and path template
	Seen     []string          `json:"seen,omitempty"`   // what the engine was asked for since the scenario began, sorted, "METHOD path"
	Writes   int               `json:"writes"`           // requests that would change or lock something
	ExitCode int               `json:"exit_code"`
	Stderr   string            `json:"stderr,omitempty"` // its end
	Duration time.Duration     `json:"duration_ns"`
	CostUSD  float64           `json:"cost_usd,omitempty"`
}

// FaultTold is what kept a trial from being judged.
type FaultTold struct {
	Kind   string `json:"kind"` // start, timeout, exit, no_json, mock, budget
	Reason string `json:"reason"`
}

// Name is scenario and question.
func (t Trial) Name() string { return t.Scenario + "/" + t.Question }
