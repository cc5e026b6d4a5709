// Package handover makes the report that one shift leaves to the next: what happened, what is open, what will hit a deadline, what is taken
// for normal here, and what could not be seen. It is made of results of tools alone, wherever those run (in process, over MCP, from an edge
// agent), so every number in it is one that a tool returned, or can be counted in the report itself; each statement names its source.
//
// Start at Make. Gather calls the tools, Build makes a Report of their results without calling anything, and Report has its forms: Page for
// people, and its own fields for programs. In the chat the same tools are told by agentsvc/compose, whose sentences are each checked.
package handover

import (
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Version is that of the Report's fields; it grows when one changes its meaning or goes.
const Version = 1

// Report is what the next shift must know. Times are RFC 3339 in the plan's zone; texts from the plant are data and stay as the tools gave them.
type Report struct {
	Version  int            `json:"version"`
	Language string         `json:"language"` // en or pt
	Engine   toolkit.Engine `json:"engine"`
	Zone     string         `json:"zone,omitempty"` // of the plan, as the engine names it
	From     string         `json:"from"`           // of the time that is reported
	To       string         `json:"to"`
	Until    string         `json:"until"` // up to where deadlines were looked for
	Clocks   toolkit.Clocks `json:"clocks"`
	Stale    bool           `json:"stale"` // some of it was read earlier, because the engine did not answer

	Plan      PlanState  `json:"plan"`
	Happened  Happened   `json:"happened"`
	Open      []Open     `json:"open"` // the most urgent first
	OpenTotal int        `json:"open_total"`
	Deadlines Deadlines  `json:"deadlines"`
	Normal    []Normal   `json:"normal"` // acknowledged as normal here
	Unseen    []Unseen   `json:"unseen"` // what could not be seen, and why
	Read      []ReadCall `json:"read"`   // the calls that this rests on
}

// PlanState is how the plan stands.
type PlanState struct {
	Known           bool           `json:"known"` // false: the plan's state could not be read
	Start           string         `json:"start,omitempty"`
	End             string         `json:"end,omitempty"`
	Problem         string         `json:"problem,omitempty"`
	JobsTotal       int            `json:"jobs_total"`
	JobsByStatus    map[string]int `json:"jobs_by_status,omitempty"`
	JobStreamsTotal int            `json:"job_streams_total"`
	Unhealthy       int            `json:"workstations_unhealthy"`
	Source          string         `json:"source,omitempty"`
}

// Happened is what happened in the reported time.
type Happened struct {
	Known     bool           `json:"known"`            // false: it could not be read
	Counts    map[string]int `json:"counts,omitempty"` // as what_changed counted
	Failures  []Failure      `json:"failures"`
	Answers   []Act          `json:"answers"`         // prompts that were answered
	Cancelled []Act          `json:"cancelled"`       // what was cancelled in the time, or is and nobody knows since when
	Acts      []Act          `json:"acts"`            // other acts of people, and what changed with them
	Late      []LateStart    `json:"late"`            // what counts as late
	More      int            `json:"more,omitempty"`  // changes of the time that are not told here
	Total     int            `json:"total,omitempty"` // changes of the time
}

// Failure is a job that ended badly in the time, or had before and was well again in it.
type Failure struct {
	Entity   string   `json:"entity"`
	Ends     int      `json:"bad_ends"` // in the time
	Last     string   `json:"last,omitempty"`
	Status   string   `json:"status,omitempty"` // of the last bad end, with its return code
	Repaired string   `json:"repaired,omitempty"`
	By       string   `json:"by,omitempty"` // who had it run again, where an audit record shows it
	Act      string   `json:"act,omitempty"`
	Note     string   `json:"note,omitempty"` // what they wrote
	Open     bool     `json:"open"`           // it still needs a person
	Sources  []string `json:"sources"`
}

// Act is what a person did, or what was seen to change.
type Act struct {
	Entity string `json:"entity"`
	What   string `json:"what"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	At     string `json:"at,omitempty"`
	Exact  bool   `json:"exact,omitempty"` // false: At is when it was seen
	By     string `json:"by,omitempty"`
	Source string `json:"source"`
}

// LateStart is a job that counts as late now.
type LateStart struct {
	Entity  string `json:"entity"`
	Status  string `json:"status"`
	Why     string `json:"why"`
	Planned string `json:"planned,omitempty"`
	Started string `json:"started,omitempty"`
	Source  string `json:"source"`
}

// Open is something that is not done when the shift ends.
type Open struct {
	Entity     string            `json:"entity"`
	Ref        answer.Ref        `json:"ref"`
	Kind       string            `json:"kind,omitempty"` // of cause, where one was found
	Cause      string            `json:"cause,omitempty"`
	Class      answer.Class      `json:"class,omitempty"`
	Status     string            `json:"status,omitempty"`
	Since      string            `json:"since,omitempty"`
	Statement  string            `json:"statement"`
	Root       string            `json:"root,omitempty"` // the object that is at fault, where it is another
	Evidence   []answer.Evidence `json:"evidence"`
	Urgency    string            `json:"urgency"` // now, this_shift, morning, none; empty: not known
	ActBy      string            `json:"act_by,omitempty"`
	Why        string            `json:"why,omitempty"`
	Contacts   []string          `json:"contacts"`
	Suffers    []answer.Impact   `json:"suffers"` // those with a deadline or a service first
	SuffersAll int               `json:"suffers_total"`
	Acts       []answer.Action   `json:"acts"` // advice to a person
	Person     bool              `json:"waits_for_person"`
	Also       []string          `json:"also,omitempty"` // further objects with the same cause
	LookedInto bool              `json:"looked_into"`    // false: only its state is known
	Source     string            `json:"source"`
	Severity   string            `json:"severity,omitempty"` // of a finding of the radar
}

// Deadlines is what will hit one.
type Deadlines struct {
	Known    bool           `json:"known"`
	Rows     []Deadline     `json:"rows"`
	Total    int            `json:"total"`
	Counts   map[string]int `json:"counts,omitempty"`
	Basis    string         `json:"basis,omitempty"` // who reckoned this, and from what
	Complete bool           `json:"complete"`
}

// Deadline is one object that has a deadline, or is critical, and may not be in time.
type Deadline struct {
	Entity       string `json:"entity"`
	Status       string `json:"status"`
	Risk         string `json:"risk"`
	Deadline     string `json:"deadline,omitempty"`
	PredictedEnd string `json:"predicted_end,omitempty"`
	AtLeast      bool   `json:"at_least,omitempty"`
	SlackMinutes *int   `json:"slack_minutes,omitempty"`
	ActBy        string `json:"act_by,omitempty"`
	Because      string `json:"because,omitempty"` // the part that eats the slack
	Service      string `json:"service,omitempty"`
	Contact      string `json:"contact,omitempty"`
	Source       string `json:"source"`
}

// Normal is a finding that somebody took for normal here.
type Normal struct {
	ID        string `json:"id"`
	Entity    string `json:"entity"`
	Kind      string `json:"kind,omitempty"` // of cause, as it was found
	Statement string `json:"statement"`
	By        string `json:"by"`
	Note      string `json:"note"`
	Until     string `json:"until"`
	Source    string `json:"source"`
}

// What could not be seen, by kind.
const (
	UnseenHistory = "history" // the past is not known so far back
	UnseenRead    = "read"    // something was not read
	UnseenStale   = "stale"   // it was read earlier than asked
	UnseenMirror  = "mirror"  // the engine reads a copy of the plan, whose age is not known
	UnseenZone    = "zone"    // the plan's zone is not known
	UnseenMore    = "more"    // there is more than was looked into
)

// Unseen is one thing that could not be seen.
type Unseen struct {
	Kind   string `json:"kind"`
	Source string `json:"source"`
	Why    string `json:"why"`
}

// ReadCall is one call that was made for the report.
type ReadCall struct {
	Tool      string         `json:"tool"`
	Arguments map[string]any `json:"arguments,omitempty"`
	Error     string         `json:"error,omitempty"` // code
	Upstream  int            `json:"upstream_calls"`  // what the engine was asked because of it
}
