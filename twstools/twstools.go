// Package twstools is the scheduler's domain: jobs, job streams, workstations, resources, prompts,
// dependencies and statuses as HCL Workload Automation knows them, how they are named (Entity, Ref, Key),
// and the Engine port through which they are read.
//
// The engine's words win: statuses and types are open strings, shown as the server gave them and never derived.
// Every field is optional: pointers and zero values mean "the engine did not say". All instants are UTC.
// The package imports no network package and no wire format; twstools/hwa translates.
//
// Start at Engine, then Job and Entity.
package twstools

import (
	"cmp"
	"time"
)

// Ref points at one object of one engine's current plan. It is opaque, belongs to the dialect that gave it
// and does not outlive the plan. History, entities and answers use Key instead.
type Ref struct {
	Engine  string // configured name of the engine
	Dialect string // "v2", "v1", "world"
	ID      string // whatever that dialect takes to read the object again
}

// IsZero reports whether the Ref points at nothing.
func (r Ref) IsZero() bool { return r.ID == "" }

// Key identifies a job or a job stream across plans and dialects (DESIGN.md 4.4).
// Job is empty for a job stream. JobStreamID is the engine's 16-character id, unchanged by carry forward;
// where an engine does not give it, its own id of the stream stands in.
type Key struct {
	Engine            string
	Folder            string // of the job stream, "/" when root
	StreamWorkstation string // display form: "LXPAY01", or "/PROD/LXPAY01" outside the root folder
	Stream            string
	Sched             time.Time // UTC; zero when unknown
	JobStreamID       string
	Job               string
}

// Key makes the key of a job of the engine of that configured name.
func (j Job) Key(engine string) Key {
	return Key{Engine: engine, Folder: cmp.Or(j.StreamFolder, "/"), StreamWorkstation: j.StreamWorkstation, Stream: j.Stream, Sched: j.SchedTime,
		JobStreamID: cmp.Or(j.JobStreamID, j.StreamRef.ID), Job: j.Name}
}

// Key makes the key of a job stream of the engine of that configured name.
func (s JobStream) Key(engine string) Key {
	return Key{Engine: engine, Folder: cmp.Or(s.Folder, "/"), StreamWorkstation: s.Workstation, Stream: s.Name, Sched: s.SchedTime,
		JobStreamID: cmp.Or(s.InternalID, s.Ref.ID)}
}

// Status is one status in the engine's own words, plus the flags it sends beside it.
type Status struct {
	Common                           string // WAITING, READY, RUNNING, SUCCESSFUL, ERROR, CANCELED, HELD, UNDECIDED, BLOCKED, SUPPRESS …
	Internal                         string // HOLD, READY, EXEC, SUCC, ABEND, FAIL, STUCK … (conman's words)
	Substatus                        string // for example HOLD_WAITING_FOR_PROMPT; often empty on distributed engines
	Canceled, CancelPending, DontRun bool
}

// Display gives the word an operator expects: the internal status, else the common one, else "?".
func (s Status) Display() string {
	switch {
	case s.Internal != "":
		return s.Internal
	case s.Common != "":
		return s.Common
	}
	return "?"
}

// Job is a job in the plan with all its runs.
type Job struct {
	Ref                  Ref
	Name                 string
	Folder               string
	Workstation          string // the job's own, display form; may differ from the stream's
	StreamRef            Ref    // zero when the engine does not name the stream
	Stream               string
	StreamFolder         string
	StreamWorkstation    string
	JobStreamID          string // 16 characters; filled where known (see Key)
	SchedTime            time.Time
	TimeZone             string
	Status               Status
	Priority             *int // 0 held, 100 HI, 101 GO
	Late                 bool // the engine's own late flag; off by default on many plants, so false proves nothing
	UntilPassed          bool
	DeadlinePassed       bool
	StreamCancelled      bool
	NeedsMessage         bool // a recovery prompt is pending
	NoOperation          bool
	Critical             bool
	RequiresConfirmation bool
	Every                bool
	Definition           JobDefinition
	Runs                 []Run // oldest first
	Times                TimeRestrictions
	Dependencies         []Dependency
	DependenciesKnown    bool // false: the engine did not fill the list, which is not the same as none
	DependencyCount      *int
	UnresolvedCount      *int
	DependencyCounts     map[DependencyType]int // by type, where the engine told; nil: it did not
	CriticalStart        time.Time
	EstimatedEnd         time.Time
	ConfidenceInterval   string
}

// JobDefinition is what the plan carries of the job's definition. Task may hold credentials of careless authors:
// it passes internal/untrusted before it leaves.
type JobDefinition struct {
	Name, Description, Task, Workstation string
	IsCommand                            *bool
	EstimatedDuration                    time.Duration
	UserLogins                           []string
	RecoveryOption                       string // STOP, CONTINUE, RERUN as the engine spells them
	RecoveryJob                          string
	AbendPrompt                          string
}

// Run is one attempt: the first run, a rerun, a recovery job, a repetition.
type Run struct {
	ID                string // run id, for the log
	JobNumber         int64  // #J of conman: a process id, recurs
	ActualWorkstation string
	Status            Status
	ReturnCode        *int
	RerunType         string // REGULAR, RERUN, RECOVERY, RECOVERY_RERUN, RERUN_EVERY …
	Attempt           int
	LastInRerunChain  *bool
	Confirmed         bool
	Start, End        time.Time
	Elapsed           time.Duration
	Estimated         time.Duration
	MaxDurationPassed bool
	MinDurationMissed bool
	Step              string
	Name              string // of the recovery job where it differs
	OutputConditions  []OutputCondition
}

// OutputCondition is one condition on the job's outcome and whether it came true.
type OutputCondition struct {
	Name, Expression string
	Satisfied        *bool
	IsSuccess        bool
}

// TimeRestrictions are at, until, deadline and durations. Zero means none.
type TimeRestrictions struct {
	EarliestStart          time.Time
	EarliestStartSatisfied *bool
	LatestStart            time.Time // until
	LatestStartAction      string
	LatestStartSatisfied   *bool
	Deadline               time.Time
	DeadlineAction         string
	MaxDuration            time.Duration
	MaxDurationAction      string
	MinDuration            time.Duration
}

// JobStream is a job stream in the plan.
type JobStream struct {
	Ref                Ref
	Name               string
	OriginalName       string
	Alias              string
	Folder             string
	Workstation        string
	InternalID         string // 16 characters
	SchedTime          time.Time
	TimeZone           string
	Status             Status
	Priority           *int
	Limit              *int // -1 or nil: none; 0: nothing starts
	Stats              JobStreamStats
	CarriedForward     bool
	PendingPredecessor bool
	Late               bool
	Start, End         time.Time
	Estimated          time.Duration
	Times              TimeRestrictions
	Dependencies       []Dependency
	DependenciesKnown  bool
	UnresolvedCount    *int
	DependencyCounts   map[DependencyType]int // by type, where the engine told; nil: it did not
	ServiceName        string
	ServiceContact     string
	Submitter          string
}

// JobStreamStats counts the stream's jobs; nil where the engine did not say.
type JobStreamStats struct{ Total, Successful, Abended, Failed, Executing, NotRunning, Undecided *int }

// Workstation is a workstation in the plan.
type Workstation struct {
	Ref          Ref
	Name         string // display form
	Folder       string
	Type         string // FTA, AGENT, POOL, D-POOL, X-AGENT, MANAGER …
	Domain       string
	Host         string
	Node         string
	OS           string
	TimeZone     string
	Limit        *int
	Fence        *int
	Ignored      bool
	ActiveStates []string // LINKED, UNLINKED, JOBMAN_UP, RUNNING … as sent
	ActiveFlags  []string
	StatesKnown  bool
	Version      string
	TimeStarted  time.Time
	RunNumber    *int
	Description  string
	Requested    *int // members requested or jobs, as the engine means it
}

// Resource is a resource in the plan with its holders.
type Resource struct {
	Ref                        Ref
	Name, Folder, Workstation  string
	Quantity, Available, InUse *int
	Status                     string
	Holders                    []Holder
	Description                string
}

// Holder is a job or job stream that holds units of a resource.
type Holder struct {
	Job, JobStream       string // names as sent
	JobRef, JobStreamRef Ref
	JobKey               string
	Quantity             *int
}

// Prompt is a prompt in the plan.
type Prompt struct {
	Ref                              Ref
	Name, Folder, Text, Status, Type string // status NOT_ASKED, ASKED, ANSWERED_YES, ANSWERED_NO
	Number                           *int
	Workstation                      string
	JobRef, JobStreamRef             Ref
	JobKey, JobStreamKey             string
	AskedAt, AnsweredAt              time.Time
}

// DependencyType is what a dependency waits for. Open string; the constants are the documented ones.
type DependencyType string

// The dependency types of the V2 interface.
const (
	DepInternal          DependencyType = "INTERNAL"
	DepExternalJob       DependencyType = "EXTERNAL_JOB"
	DepExternalJobStream DependencyType = "EXTERNAL_JOBSTREAM"
	DepJoin              DependencyType = "JOIN"
	DepFile              DependencyType = "FILE"
	DepResource          DependencyType = "RESOURCE"
	DepInternetwork      DependencyType = "INTERNETWORK"
	DepPrompt            DependencyType = "PROMPT"
)

// Dependency is one dependency of a job or job stream. Fields that do not belong to its type are zero.
type Dependency struct {
	ID        string
	Type      DependencyType
	State     string // SATISFIED, UNSATISFIED, UNDECIDED, UNBOUND as sent; may be empty
	Satisfied *bool
	Mandatory *bool

	// INTERNAL, EXTERNAL_JOB, EXTERNAL_JOBSTREAM
	JobRef            Ref
	Job               string
	StreamRef         Ref
	Stream            string
	StreamFolder      string
	StreamWorkstation string
	StreamSched       time.Time
	PredecessorStatus Status
	Pending           bool // [P]: belongs to the next plan
	Orphan            bool // [o], zombie: will never resolve
	Conditional       bool
	OutputConditions  []string
	StatusConditions  []string

	// JOIN
	JoinName     string
	JoinQuantity int
	Members      []Dependency

	// FILE
	File, FileQualifier, FileState string // state "Not Checked", Checking, Exists, Unavailable, Resync as sent
	LastChecked                    time.Time

	// FILE, RESOURCE, PROMPT: where it lives
	Workstation string

	// RESOURCE
	Resource       string
	ResourceFolder string
	Units          int
	UnitsHeld      *int
	UnitsAvailable *int
	UnitsTotal     *int

	// PROMPT
	Prompt       string
	PromptNumber *int
	PromptText   string
	PromptStatus string
	PromptType   string

	// INTERNETWORK
	Remote       string
	NetworkAgent string
	RemoteStatus Status
}

// Open reports whether the dependency still holds its owner back, as far as the engine says: true for
// UNSATISFIED, UNDECIDED and UNBOUND or satisfied=false, false for SATISFIED. known is false when neither is sent.
func (d Dependency) Open() (open, known bool) {
	switch {
	case d.State == "SATISFIED":
		return false, true
	case d.State != "":
		return true, true
	case d.Satisfied != nil:
		return !*d.Satisfied, true
	}
	return true, false
}

// Neighbour is a job or job stream beside another in the plan's graph; exactly one of the two is set.
type Neighbour struct {
	Job       *Job
	JobStream *JobStream
}

// Info is what the engine says about itself.
type Info struct {
	Engine   string // configured name
	Mode     string // live, mock, replay
	Dialect  string // v2, v1
	Version  string
	TimeZone string // IANA name as sent
	Locale   string
	License  string
}

// Log is a window of one run's job log.
type Log struct {
	RunID     string
	Lines     []LogLine
	FirstLine int  // number of the first line held, counted from 1 in the raw log
	Total     int  // lines seen in the whole log; 0 when only a window was read
	Truncated bool // some of the log was not read
	Bytes     int64
}

// LogLine is one raw line, numbered from 1 in the raw log, without its line end.
type LogLine struct {
	N    int
	Text string
}
