package twsmock

// The types here are the older interface's objects with its names and spellings; fields that the mock never fills are left out.
// Durations are milliseconds; pointers are left out where the world does not say.

type v1Job struct {
	ID            string            `json:"id"`
	Name          string            `json:"name"`
	Description   string            `json:"description,omitempty"`
	Definition    v1Definition      `json:"jobDefinition"`
	Workstation   *v1WorkstationKey `json:"workstationInPlan,omitempty"`
	Stream        *v1StreamKey      `json:"jobStreamInPlan"`
	TaskType      v1NameKey         `json:"taskType"`
	Dependencies  *v1Needs          `json:"dependencies,omitempty"`
	Priority      *int              `json:"priority,omitempty"`
	OrigPriority  *int              `json:"originalPriority,omitempty"`
	Time          v1Time            `json:"timeInfo"`
	Restriction   v1Restriction     `json:"timeRestriction"`
	JobNumber     *int64            `json:"jobNumber,omitempty"`
	Status        *v1Status         `json:"status"`
	RerunNumber   int               `json:"rerunInstancesNumber"`
	LastInChain   bool              `json:"lastInRerunChain"`
	Stats         v1Stats           `json:"dependenciesStats"`
	Critical      *v1Network        `json:"criticalNetworkInfo,omitempty"`
	Every         bool              `json:"every"`
	HeldByUser    bool              `json:"heldByUser"`
	Late          bool              `json:"jobLate"`
	NeedMessage   bool              `json:"needMessage"`
	PendingCancel bool              `json:"pendingCancellation"`
	RecoveryRerun bool              `json:"recoveryRerunJob"`
	Rerun         bool              `json:"rerunJob"`
	Running       bool              `json:"running"`
	UntilGone     bool              `json:"untilGone"`
	Confirmation  bool              `json:"requiresConfirmation"`
	MinNotReached bool              `json:"minDurationNotReached"`
	MaxGone       bool              `json:"maxDurationGone"`
	NoOperation   bool              `json:"noOperation"`
	EveryRerun    bool              `json:"everyRerun"`
	RerunStep     bool              `json:"rerunStep"`
	StreamID      string            `json:"jobStreamId"`
	RunID         string            `json:"jobRunId,omitempty"`
	HeadRunID     string            `json:"headJobRunId,omitempty"`
	PlanID        string            `json:"planId"`
	ActualKey     string            `json:"actualKey,omitempty"`
	RerunType     string            `json:"rerunType,omitempty"`
	ActualOn      string            `json:"actualWorkstation,omitempty"`
}

type v1Definition struct {
	Key         v1DefinitionKey  `json:"jobDefinitionInPlanKey"`
	Description string           `json:"description,omitempty"`
	TaskType    string           `json:"taskType,omitempty"`
	Command     *bool            `json:"command,omitempty"`
	ByJSDL      bool             `json:"definedByJsdl"`
	Task        string           `json:"taskString,omitempty"`
	ReturnCode  *int             `json:"returnCode,omitempty"`
	UserLogin   string           `json:"userLogin,omitempty"`
	Recovery    string           `json:"recoveryOption,omitempty"`
	RecoveryJob *v1DefinitionKey `json:"recoveryJobKey,omitempty"`
	Prompt      string           `json:"abendPromptText,omitempty"`
	Conditions  []v1Condition    `json:"outputConditions,omitempty"`
	Estimated   *int64           `json:"estimatedDuration,omitempty"`
	Folder      string           `json:"folderName,omitempty"`
}

type v1Condition struct {
	Name      string `json:"conditionName"`
	Mapping   string `json:"mappingExpression"`
	Success   bool   `json:"succCondition"`
	Satisfied *bool  `json:"satisfied,omitempty"`
}

type v1Time struct {
	Start     string `json:"actualStartTime,omitempty"`
	Estimated *int64 `json:"estimatedDuration,omitempty"`
	Elapsed   *int64 `json:"elapsedTime,omitempty"`
	End       string `json:"actualEndTime,omitempty"`
}

type v1Restriction struct {
	Until          string `json:"untilTime,omitempty"`
	Deadline       string `json:"deadlineTime,omitempty"`
	Start          string `json:"startTime,omitempty"`
	TimeDependent  bool   `json:"timeDependent"`
	UntilAction    string `json:"untilAction,omitempty"`
	DeadlineAction string `json:"deadlineAction,omitempty"`
	MinDuration    *int64 `json:"minDuration,omitempty"`
	MaxDuration    *int64 `json:"maxDuration,omitempty"`
	MaxAction      string `json:"maxDurationAction,omitempty"`
}

type v1Stats struct {
	wireStats
	NonResource int `json:"numberOfNonResourceUnresolvedDependencies"`
}

type v1Network struct {
	Info           *v1CriticalInfo `json:"criticalJobInfo,omitempty"`
	Critical       bool            `json:"critical"`
	OnCriticalPath bool            `json:"onCriticalPath"`
	Late           bool            `json:"late"`
	LongRunning    bool            `json:"longRunning"`
	CriticalStart  string          `json:"criticalStart,omitempty"`
	EstimatedStart string          `json:"estimatedStartTime,omitempty"`
	EstimatedEnd   string          `json:"estimatedEndTime,omitempty"`
}

type v1CriticalInfo struct {
	Alert        string   `json:"alertLevel,omitempty"`
	Recalculated string   `json:"lastCritPathRecalculation,omitempty"`
	Deadline     string   `json:"appliedDeadlineTime,omitempty"`
	Confidence   *float64 `json:"confidenceFactor,omitempty"`
}

// v1Node is a job, or a job stream where isJob is false, as the interface shows it in a network of predecessors and successors.
type v1Node struct {
	ID           string        `json:"id"`
	Key          *v1JobKey     `json:"key"`
	Definition   *v1Definition `json:"jobDefinition,omitempty"`
	Critical     *v1Network    `json:"criticalNetworkInfo,omitempty"`
	StreamID     string        `json:"jobStreamId,omitempty"`
	Predecessors []string      `json:"predecessors,omitempty"`
	Unresolved   []string      `json:"unresolvedPreds,omitempty"`
	Priority     *int          `json:"priority,omitempty"`
	OrigPriority *int          `json:"origPriority,omitempty"`
	Status       *v1Status     `json:"status"`
	RealStatus   *v1Status     `json:"realStatus"`
	Restriction  v1Restriction `json:"timeRestriction"`
	Time         v1Time        `json:"timeInfo"`
	TimeZone     string        `json:"timeZone,omitempty"`
	Stats        *v1Stats      `json:"dependenciesStats,omitempty"`
	IsJob        bool          `json:"isJob"`
	Internal     bool          `json:"isInternal"`
	Cancelled    bool          `json:"isCancelled"`
	Hold         bool          `json:"isHold"`
	OnPath       bool          `json:"isOnCriticalJobPath"`
}

type v1Stream struct {
	ID             string            `json:"id"`
	Key            *v1StreamKey      `json:"key"`
	Original       string            `json:"originalJobStreamName,omitempty"`
	Alias          string            `json:"aliasJobStreamName,omitempty"`
	Internal       string            `json:"internalIdentifier"`
	FolderName     string            `json:"folderName"`
	PlanID         string            `json:"planId"`
	Workstation    *v1WorkstationKey `json:"workstation,omitempty"`
	Production     string            `json:"productionDate,omitempty"`
	Scheduled      string            `json:"scheduledDate,omitempty"`
	JobStats       v1JobStats        `json:"jobStreamStats"`
	Limit          int               `json:"limit"`
	CarriedForward bool              `json:"carriedForward"`
	HeldByUser     bool              `json:"heldByUser"`
	Late           bool              `json:"lateJobStream"`
	Pending        bool              `json:"pendingPredecessor"`
	Zombie         bool              `json:"zombie"`
	Every          bool              `json:"every"`
	PendingCancel  bool              `json:"pendingCancellation"`
	Aliased        bool              `json:"aliased"`
	Priority       *int              `json:"priority,omitempty"`
	OrigPriority   *int              `json:"origPriority,omitempty"`
	Status         *v1Status         `json:"status,omitempty"`
	Restriction    v1Restriction     `json:"timeRestriction"`
	Time           v1Time            `json:"timeInfo"`
	TimeZone       string            `json:"timeZone,omitempty"`
	Stats          v1Stats           `json:"dependenciesStats"`
	Dependencies   *v1Needs          `json:"dependencies,omitempty"`
	Service        string            `json:"serviceName,omitempty"`
	Contact        string            `json:"serviceContact,omitempty"`
	IsService      bool              `json:"isService"`
	Submitter      string            `json:"submitter,omitempty"`
}

// v1JobStats counts a stream's jobs; numberOfSkelJob are those still to run.
type v1JobStats struct {
	wireJobStats
	Current *int `json:"numberOfCurrentNodes,omitempty"`
	Skel    *int `json:"numberOfSkelJob,omitempty"`
}
