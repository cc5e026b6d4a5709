package twstools

import "time"

// Change is one thing that is different in the plan since an earlier sighting. Status changes of jobs and streams carry the statuses
// before and after; From is zero for an object seen for the first time, To is zero for one that has left the plan.
type Change struct {
	// Seq grows by one with each change of one engine in one process; a caller resumes after the last that it has seen.
	Seq  uint64
	Kind ChangeKind
	// At is when it happened: exact for starts and ends of runs, which the engine dates, else the moment of the sighting.
	At    time.Time
	Exact bool
	// SeenAt is when we saw it, on our clock.
	SeenAt   time.Time
	Key      Key    // of jobs and job streams; its Engine alone for the rest
	Name     string // of workstations, resources and prompts, display form
	From, To Status
	Run      *Run // the run that started or ended, for RunStarted and RunEnded
	Field    string
	Old, New string // for PropertyChanged: limit, fence, linked, priority, available, answer …
	Job      *Job   // the job as seen now, for changes of jobs; read only
}

// ChangeKind says what kind of change it is.
type ChangeKind string

// The kinds of changes.
const (
	ObjectAppeared  ChangeKind = "appeared"
	ObjectLeft      ChangeKind = "left"
	StatusChanged   ChangeKind = "status"
	RunStarted      ChangeKind = "run_started"
	RunEnded        ChangeKind = "run_ended"
	PropertyChanged ChangeKind = "property"
	PlanTurned      ChangeKind = "plan_turned" // a new plan: references of the old one are void
)
