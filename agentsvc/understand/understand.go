// Package understand reads an operator's question and says what is asked: the language, the intent, the object, what the
// question asserts about it, the window of time, and whether it asks to change the plan. It is deterministic and driven by the
// data in data/*.yaml (English and Portuguese; accents folded, slips of the keyboard tolerated). It runs before every model.
//
// It refuses to know the plan: it dials nothing, looks up no name, and never says whether an object exists. Text is only ever
// read, never obeyed: "ignore previous instructions" is words like any other.
//
// An Understander is immutable after New and safe for concurrent use. Offsets are bytes of the question as given. Questions are
// read up to MaxRunes. Start at Parse, then data/rules.yaml, which turns what was found into an intent.
package understand

import (
	"time"
)

// MaxRunes is how much of a question is read; what follows is ignored.
const MaxRunes = 4000

// Intent is what a question wants.
type Intent string

// The intents. Diagnose: what went wrong; Wait: what it waits for; Impact: who suffers, or what would start; Status: of one
// object; Plan: overview and health; Find: a list or a count; Job: definition, dependencies, usual run; Log; Knowledge: message
// ids, return codes, how-to; Next: what to do now, and whether one may rerun; Write: asks to change the plan; Help: greeting,
// nothing said, what can you do; OutOfScope: nothing of a scheduler's; Handover: what the one who takes over must know of a shift (Since: its
// begin, ShiftLength ago where none was said).
const (
	Diagnose   Intent = "diagnose"
	Wait       Intent = "wait"
	Impact     Intent = "impact"
	Status     Intent = "status"
	Plan       Intent = "plan"
	Find       Intent = "find"
	Job        Intent = "job"
	Log        Intent = "log"
	Knowledge  Intent = "knowledge"
	Next       Intent = "next"
	Write      Intent = "write"
	Help       Intent = "help"
	OutOfScope Intent = "out_of_scope"
	Handover   Intent = "handover"
)

// ShiftLength is how far back "my shift" reaches where no time was said.
const ShiftLength = 8 * time.Hour

// ShiftClock is ShiftLength as tools take it, and the SinceClock of a shift that nobody gave a beginning: reckoned from the plan's own now, which need not be ours.
const ShiftClock = "8h"

// View is another reading of the plan than a diagnosis that a question asks for.
type View string

// The views. Impact: who suffers, or what an act would start; Late: what will be late, or when something will be done; Radar: what is wrong
// though nothing failed; Changes: what differs from before; the others list one kind of object.
const (
	ViewNone         View = ""
	ViewImpact       View = "impact"
	ViewLate         View = "late"
	ViewRadar        View = "radar"
	ViewChanges      View = "changes"
	ViewStreams      View = "job_streams"
	ViewStream       View = "job_stream"
	ViewWorkstations View = "workstations"
	ViewResources    View = "resources"
	ViewPrompts      View = "prompts"
)

// MentionKind says what a mention looks like; only the plan can say what it is.
type MentionKind string

// The kinds of mention.
const (
	MentionEntity      MentionKind = "entity"      // WS#STREAM.JOB and its relatives, STREAM.JOB, a line of conman
	MentionName        MentionKind = "name"        // a bare name
	MentionJobNumber   MentionKind = "job_number"  // #J881204, WS#J881204
	MentionMessageID   MentionKind = "message_id"  // AWSBHT001E, ORA-28000
	MentionReturnCode  MentionKind = "return_code" // RC=16
	MentionWorkstation MentionKind = "workstation" // a name that the words call an agent or workstation
	MentionFile        MentionKind = "file"        // a path
)

// Mention is a name found in the question.
type Mention struct {
	Text       string
	Kind       MentionKind
	Start, End int
}

// Context is what the conversation knows before the question.
type Context struct {
	Now          time.Time      // zero: windows of time are left empty
	Location     *time.Location // the plan's zone; nil: UTC
	LastEntity   string         // operator form of the entity of the previous turn
	LastIntent   Intent
	LastLanguage string
	LastQuestion string   // for "and yesterday?": what it leaves out was said there
	Offered      []string // the objects that the last answer listed, in its order: "the second one"
	Language     string   // forced: "en" or "pt"
}

// Understanding is what was read out of a question.
type Understanding struct {
	Language string // "en" or "pt"
	Intent   Intent
	Mentions []Mention // in order
	// Target is what a tool should be asked about: the mention as typed, else the object's words ("ledger posting"), else empty
	// (the whole plan, or nothing named). A pasted line of conman is given as WS#STREAM(hhmm mm/dd/yy).JOB. With Reference it is
	// Context.LastEntity.
	Target string
	// Hint are the other words of the statement about Target: what is not done with it, and where it is missed ("matched with invoices").
	// They choose between objects that the Target fits alike; empty when the target is a name.
	Hint string
	// TargetKind is job, job_stream, workstation, resource, prompt or file where the words say so, else empty.
	TargetKind string
	// Premise is what the question asserts about the target (or about the objects it asks for): abended, not_started, waiting,
	// running_long, late, slow, succeeded.
	Premise string
	// Action is a code of action-codes.yaml: what is asked for (Write), or asked about (Next, Impact with "if I …", Knowledge). "Run it"
	// says rerun: only the plan can tell whether that is a rerun, a release or a submit.
	Action string
	// Value is what Action should set: the new limit, the answer to a prompt. Empty when not said.
	Value string
	// Statuses are engine's words for Find: ABEND, FAIL, HOLD, READY, EXEC, SUCC, STUCK …; for workstations DOWN and UNLINKED, for
	// prompts ASKED.
	Statuses []string
	// Objects is what Find lists: jobs, job_streams, workstations, prompts, resources, files; empty: anything.
	Objects      string
	Count        bool
	Since, Until time.Time // UTC; Until zero: open
	// SinceClock is Since as a length of time before the plan's now ("8h", of a shift that nobody gave a beginning), or as a time of day of the plan's
	// zone ("02:00"), where it was said so or means one ("today"): right also where the zone of Context is not known yet.
	SinceClock string
	// Also are further objects told in one enumeration with Target, in words: "the load of x, the list of y and the update of z". Names are
	// left to the mentions.
	Also []string
	// At is the time that tells which instance of Target is meant, in the plan's zone, as the tools read it: "2006-01-02", "15:04", today,
	// yesterday, "2 days ago", monday, "02-14", "day 12", or a day and a time with a blank between; empty when none was named.
	At         string
	Lines      int // of a log; 0: not said
	Tail       bool
	ErrorsOnly bool
	Reference  bool // it, ele, isso, that job, or an elliptic follow-up: resolved to Context.LastEntity
	Forecast   bool // asks about the future: will it finish, what will be late
	Changes    bool // asks what changed, or for a comparison
	// View is the reading that the question asks for, beside or in place of a diagnosis; it follows from the views of rules.yaml.
	View View
	// Against is what ViewChanges compares with: previous_run or previous_plan; empty: the time since Since.
	Against    string
	MessageIDs []string
	ReturnCode *int
	Query      string // for Knowledge: the words to search
	// OutOfScopeWhy names the subject that is not a scheduler's: weather, code, chat, product …; "unknown" when nothing was recognised.
	OutOfScopeWhy string
}

// AnswerLanguage is the language to search and answer in: "pt" for Portuguese, "en" for all else.
func (u Understanding) AnswerLanguage() string {
	if u.Language == "pt" {
		return "pt"
	}
	return "en"
}

// Understander holds the loaded data.
type Understander struct {
	lex *lexicon
}

// New loads the embedded data once. An error means that the data are broken, and a test would have said so.
func New() (*Understander, error) {
	lex, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	return &Understander{lex: lex}, nil
}

// inherit takes from the question before what an elliptic one leaves out: "and yesterday?" after "how many abends today?".
func (u *Understander) inherit(r *reading, out *Understanding, c Context) {
	if !r.facts["again"] && !(c.LastIntent == Find && r.facts["ref"]) || out.Intent != Find || c.LastQuestion == "" || r.facts["name"] {
		return
	}
	before := u.Parse(c.LastQuestion, Context{Location: c.Location})
	if before.Intent == Find {
		r.before = &before
	}
}

// Parse reads a question. It never fails: what cannot be read is out of scope, and nothing at all is a call for help.
func (u *Understander) Parse(question string, c Context) Understanding {
	r := u.read(question, c)
	out := r.out
	r.decide(&out, c)
	u.inherit(r, &out, c)
	r.finish(&out, c)
	r.moment(&out)
	r.view(&out)
	r.also(&out)
	return out
}

// read takes a question apart, up to where its intent can be decided.
func (u *Understander) read(question string, c Context) *reading {
	r := u.lex.read(question)
	r.lastIntent = c.LastIntent
	r.out = Understanding{Language: u.lex.language(r, c), Mentions: r.mentions}
	r.tell()
	r.fill(&r.out)
	r.findActions()
	r.findDone()
	r.findTarget(&r.out, c)
	r.window(&r.out, c)
	r.weigh(&r.out, c)
	return r
}
