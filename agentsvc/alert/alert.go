// Package alert watches plans and tells people: it sees what the radar finds, what ended badly and what will be late, notices what appears, gets
// worse and ends, and sends that to webhooks. A finding is told once when it appears, again when it becomes worse or after the reminder's time, and
// once when it ends, over restarts and by one of several processes alone.
//
// Start at Scan, which makes a Sighting of results of tools; a Book remembers what was told (in memory, or in a database together with what is still
// to be sent); a Post sends. Watch puts them together.
package alert

import (
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Severity is how bad a finding is, in the radar's words.
type Severity string

// The severities, the worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

var severities = []Severity{Low, Medium, High, Critical}

// rank orders severities; one that is not known is the least.
func (s Severity) rank() int { return slices.Index(severities, s) }

// AtLeast reports whether s is as bad as o, or worse.
func (s Severity) AtLeast(o Severity) bool { return s.rank() >= o.rank() }

// Known reports whether there is such a severity.
func (s Severity) Known() bool { return s.rank() >= 0 }

// The sources of findings. What a source could not read says nothing of its findings: they neither end nor begin.
const (
	FromRadar  = "radar"  // wrong though nothing is red
	FromAbend  = "abend"  // ended badly
	FromLate   = "late"   // misses a deadline, or will
	FromEngine = "engine" // the engine cannot be read
)

// Finding is one thing that is wrong. Its texts come from the plant and are data.
type Finding struct {
	// ID is made of engine, source, kind and the object's key, never of a text: the same finding has it every day, in every language and process.
	ID       string     `json:"id"`
	Source   string     `json:"source"`
	Kind     string     `json:"kind"` // the radar's rule, abend, late, unreadable
	Severity Severity   `json:"severity"`
	Entity   string     `json:"entity"`
	Ref      answer.Ref `json:"ref"`
	Since    string     `json:"since,omitempty"`    // RFC 3339, plan's zone
	Deadline string     `json:"deadline,omitempty"` // of what is late
	ActBy    string     `json:"act_by,omitempty"`
	Contact  string     `json:"contact,omitempty"`
	Evidence string     `json:"evidence,omitempty"` // the source that it was read from, as evidence names it
	// Statement and Act are what is wrong and what to do, by language.
	Statement map[string]string `json:"statement"`
	Act       map[string]string `json:"act,omitempty"`
	// Hold is for what often passes by itself: it is told only when it has lasted.
	Hold bool `json:"hold,omitempty"`
}

// in gives a text in a language, else in English.
func in(texts map[string]string, lang string) string {
	if t := texts[lang]; t != "" {
		return t
	}
	return texts["en"]
}

// Sighting is what was seen of one engine at one time.
type Sighting struct {
	Engine   string    // under which its findings are kept: name, and mode where it is not live
	Name     string    // as people know it
	Mode     string    // live, mock, replay
	At       time.Time // on our clock
	PlanNow  time.Time // the plan's own, in its zone; At where it is not known
	Findings []Finding
	Seen     []string // the sources that were read whole
	Missing  []string // what was not, and why
	// Acknowledged are findings that somebody took for normal: they are there, and told no more.
	Acknowledged []string // ids
}

// What an event says of a finding.
const (
	Appeared = "appeared"
	Worse    = "worse"
	Reminder = "reminder"
	Ended    = "ended"
)

// Event is something to tell.
type Event struct {
	What    string   `json:"event"`
	Finding Finding  `json:"finding"`
	Before  Severity `json:"severity_before,omitempty"` // of what became worse
	Why     string   `json:"why,omitempty"`             // of what ended: acknowledged where that is all that happened
	First   string   `json:"first_seen"`                // RFC 3339, UTC
}

// Rule says what somebody wants to be told.
type Rule struct {
	Name        string // of the webhook
	MinSeverity Severity
	Engines     []string // by name; none means all
	Quiet       Quiet
	Remind      time.Duration // 0: never again
}

// wants reports whether a rule is for an engine.
func (r Rule) wants(s Sighting) bool {
	return len(r.Engines) == 0 || slices.Contains(r.Engines, s.Name)
}

// now reports whether a finding of a severity is told at this time: in quiet hours only what is critical is.
func (r Rule) now(sev Severity, at time.Time) bool {
	return sev == Critical || !r.Quiet.At(at)
}
