package twsmock

// The types here are the interface's objects with its names and spellings; fields that the mock never fills are left out.
// Instants are UTC, ISO-8601; durations ISO-8601.

type wirePage[T any] struct {
	Count    int    `json:"count"`
	Results  []T    `json:"results"`
	Next     string `json:"next,omitempty"`
	Previous string `json:"previous,omitempty"`
}

type wireNodes struct {
	Count   int   `json:"count"`
	Results []any `json:"results"`
}

type wireCounts struct {
	Count   int            `json:"count"`
	Grouped map[string]int `json:"groupedCount"`
}

type wireStatus struct {
	Status        string `json:"status,omitempty"`
	Substatus     string `json:"substatus,omitempty"`
	Canceled      bool   `json:"canceled"`
	Error         bool   `json:"error"`
	Started       bool   `json:"started"`
	CancelPending bool   `json:"cancelPending"`
	DontRun       bool   `json:"dontRun"`
}

// wireNode is what jobs and job streams share.
type wireNode struct {
	FlowNodeType  string           `json:"flowNodeType"`
	ID            string           `json:"id"`
	PlanID        string           `json:"planId"`
	FolderID      string           `json:"folderId"`
	Folder        string           `json:"folder"`
	Name          string           `json:"name"`
	WorkstationID string           `json:"workstationId,omitempty"`
	Workstation   string           `json:"workstation"`
	SchedTime     string           `json:"schedTime,omitempty"`
	TimeZone      string           `json:"timeZone,omitempty"`
	Priority      *int             `json:"priority,omitempty"`
	OrigPriority  *int             `json:"origPriority,omitempty"`
	Restrictions  wireRestrictions `json:"timeRestrictions"`
	Dependencies  []wireDependency `json:"dependencies,omitempty"`
	Stats         wireStats        `json:"dependenciesStats"`
	Archived      bool             `json:"archived"`
}

type wireJob struct {
	wireNode
	StreamID            string          `json:"jobStreamId"`
	StreamName          string          `json:"jobStreamName"`
	StreamWorkstation   string          `json:"jobStreamWorkstation"`
	StreamWorkstationID string          `json:"jobStreamWorkstationId,omitempty"`
	Key                 string          `json:"key"`
	StatusFlags         wireJobFlags    `json:"jobStatusFlags"`
	Options             wireJobOptions  `json:"jobOptions"`
	Status              wireStatus      `json:"lastRunCompositeStatus"`
	Common              string          `json:"lastRunCommonStatus"`
	Definition          *wireDefinition `json:"jobDefinition,omitempty"`
	Runs                []wireRun       `json:"jobruns"`
	EndTime             string          `json:"endTime,omitempty"`
	Confidence          string          `json:"confidenceInterval,omitempty"`
	CriticalStart       string          `json:"criticalStart,omitempty"`
}

type wireJobFlags struct {
	StreamCancelled bool `json:"jobStreamCancelled"`
	Late            bool `json:"jobLate"`
	UntilGone       bool `json:"untilGone"`
	NeedMessage     bool `json:"needMessage"`
	DeadlinePassed  bool `json:"deadlineHasPassed"`
}

type wireJobOptions struct {
	NoOperation  bool `json:"noOperation"`
	Critical     bool `json:"critical"`
	Confirmation bool `json:"requiresConfirmation"`
	Every        bool `json:"every"`
}

type wireDefinition struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Folder         string            `json:"folder"`
	Workstation    string            `json:"workstation"`
	Description    string            `json:"description,omitempty"`
	Task           map[string]string `json:"task,omitempty"`
	IsCommand      *bool             `json:"isCommand,omitempty"`
	Estimated      string            `json:"estimatedDuration,omitempty"`
	UserLogins     []string          `json:"userLogins,omitempty"`
	RecoveryOption string            `json:"recoveryOption,omitempty"`
	RecoveryJob    string            `json:"recoveryJobName,omitempty"`
	AbendPrompt    string            `json:"abendPromptText,omitempty"`
}

type wireRun struct {
	ID                string          `json:"id"`
	Name              string          `json:"name,omitempty"`
	JobID             string          `json:"jobId"`
	JobKey            string          `json:"jobKey"`
	ActualWorkstation string          `json:"actualWorkstation,omitempty"`
	JobNumber         *int64          `json:"jobNumber,omitempty"`
	Status            wireStatus      `json:"compositeStatus"`
	Common            string          `json:"commonStatus"`
	ReturnCode        *int            `json:"returnCode,omitempty"`
	RerunType         string          `json:"rerunType"`
	Time              wireTime        `json:"timeInfo"`
	Last              *bool           `json:"lastInRerunChain,omitempty"`
	Confirmed         bool            `json:"confirmed"`
	Attempt           int             `json:"runAttempt"`
	Step              string          `json:"step,omitempty"`
	MaxGone           bool            `json:"maxDurationGone"`
	MinMissed         bool            `json:"minDurationNotReached"`
	Conditions        []wireCondition `json:"outputConditions,omitempty"`
}

type wireCondition struct {
	Name       string `json:"conditionName"`
	Expression string `json:"mappingExpression"`
	Satisfied  *bool  `json:"isSatisfied,omitempty"`
	Success    bool   `json:"isSuccCondition"`
}

type wireTime struct {
	Estimated string `json:"estimatedDuration,omitempty"`
	Start     string `json:"actualStartTime,omitempty"`
	Elapsed   string `json:"elapsedTime,omitempty"`
	End       string `json:"actualEndTime,omitempty"`
}

type wireRestrictions struct {
	Start             string `json:"startTime,omitempty"`
	StartSatisfied    *bool  `json:"startTimeSatisfied,omitempty"`
	Latest            string `json:"latestStartTime,omitempty"`
	LatestAction      string `json:"lateStartAction,omitempty"`
	LatestSatisfied   *bool  `json:"latestStartSatisfied,omitempty"`
	Deadline          string `json:"deadlineTime,omitempty"`
	DeadlineAction    string `json:"lateAction,omitempty"`
	MaxDuration       string `json:"maxDuration,omitempty"`
	MaxDurationAction string `json:"maxDurationAction,omitempty"`
	MinDuration       string `json:"minDuration,omitempty"`
}

// wireStats are the counts of dependencies; the spelling of the last is the interface's.
type wireStats struct {
	All          int `json:"numberOfDependencies"`
	File         int `json:"numberOfFileDependencies"`
	Internetwork int `json:"numberOfInternetworkDependencies"`
	Job          int `json:"numberOfJobDependencies"`
	Stream       int `json:"numberOfJobStreamDependencies"`
	Prompt       int `json:"numberOfPromptDependencies"`
	Resource     int `json:"numberOfResourceDependencies"`
	Unresolved   int `json:"numberOfUnresolvedDependencies"`
}

type wireStream struct {
	wireNode
	Original    string          `json:"originalJobStreamName"`
	Alias       string          `json:"aliasJobStreamName,omitempty"`
	Key         string          `json:"key"`
	Internal    string          `json:"internalIdentifier"`
	Status      wireStatus      `json:"compositeStatus"`
	Common      string          `json:"commonStatus"`
	Limit       int             `json:"limit"`
	Time        wireTime        `json:"timeInfo"`
	JobStats    wireJobStats    `json:"jobStreamStats"`
	Definition  wireStreamDef   `json:"jsDefinitionFlags"`
	StatusFlags wireStreamFlags `json:"jsStatusFlags"`
	Service     string          `json:"serviceName,omitempty"`
	Contact     string          `json:"serviceContact,omitempty"`
	Submitter   string          `json:"submitter,omitempty"`
}

type wireJobStats struct {
	Total      *int `json:"numberOfJob,omitempty"`
	Successful *int `json:"numberOfSuccessfullJob,omitempty"`
	Abended    *int `json:"numberOfAbendedJob,omitempty"`
	Failed     *int `json:"numberOfFailedJob,omitempty"`
	Executing  *int `json:"numberOfExecutingJob,omitempty"`
	NotRunning *int `json:"numberOfNotRunningJob,omitempty"`
	Undecided  *int `json:"numberOfUndecidedJob,omitempty"`
}

type wireStreamDef struct {
	CarriedForward bool `json:"carriedForward"`
}

type wireStreamFlags struct {
	Late    bool `json:"lateJobStream"`
	Pending bool `json:"pendingPredecessor"`
}

type wireWorkstation struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	FolderID     string   `json:"folderId"`
	Folder       string   `json:"folder"`
	Key          string   `json:"key"`
	RunNumber    *int     `json:"runNumber,omitempty"`
	Description  string   `json:"description,omitempty"`
	ActiveStates []string `json:"activeStates"`
	ActiveFlags  []string `json:"activeFlags"`
	Type         string   `json:"type"`
	OS           string   `json:"os,omitempty"`
	TimeZone     string   `json:"timeZone,omitempty"`
	Node         string   `json:"nodeName,omitempty"`
	Domain       string   `json:"domainName,omitempty"`
	Limit        *int     `json:"limit,omitempty"`
	Fence        *int     `json:"fence,omitempty"`
	Version      string   `json:"version,omitempty"`
	Started      string   `json:"timeStarted,omitempty"`
	Host         string   `json:"host,omitempty"`
	Ignore       bool     `json:"ignore"`
	Archived     bool     `json:"archived"`
}

type wireResource struct {
	ID            string       `json:"id"`
	Name          string       `json:"name"`
	FolderID      string       `json:"folderId"`
	Folder        string       `json:"folder"`
	Key           string       `json:"key"`
	WorkstationID string       `json:"workstationId,omitempty"`
	Workstation   string       `json:"workstation"`
	Quantity      *int         `json:"quantity,omitempty"`
	Available     *int         `json:"quantityAvailable,omitempty"`
	InUse         *int         `json:"quantityInUse,omitempty"`
	Status        string       `json:"status,omitempty"`
	Holders       []wireHolder `json:"holders"`
	Description   string       `json:"description,omitempty"`
	Archived      bool         `json:"archived"`
}

type wireHolder struct {
	Stream   string `json:"jobStream,omitempty"`
	StreamID string `json:"jobStreamId,omitempty"`
	Job      string `json:"job,omitempty"`
	JobID    string `json:"jobId,omitempty"`
	JobKey   string `json:"jobKey,omitempty"`
	Quantity *int   `json:"quantity,omitempty"`
	Shared   bool   `json:"shared"`
}

// wirePrompt is known from newer levels of the interface than the one that the contract test reads.
type wirePrompt struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Folder      string `json:"folder"`
	Key         string `json:"key"`
	Text        string `json:"text"`
	Number      *int   `json:"number,omitempty"`
	Status      string `json:"status"`
	Type        string `json:"type"`
	JobID       string `json:"jobId,omitempty"`
	JobKey      string `json:"jobKey,omitempty"`
	StreamID    string `json:"jobStreamId,omitempty"`
	StreamKey   string `json:"jobStreamKey,omitempty"`
	Workstation string `json:"workstation,omitempty"`
	Asked       string `json:"timeAsked,omitempty"`
	Responded   string `json:"timeRespond,omitempty"`
}

// wireDependency is the union of the interface's dependency types; what does not belong to the type is left out.
type wireDependency struct {
	Type              string      `json:"dependencyType"`
	ID                string      `json:"id,omitempty"`
	Sequence          int         `json:"depSequence"`
	State             string      `json:"dependencyStatus,omitempty"`
	Satisfied         *bool       `json:"satisfied,omitempty"`
	Mandatory         *bool       `json:"mandatory,omitempty"`
	Conditional       *bool       `json:"conditional,omitempty"`
	Statuses          []string    `json:"statusConditions,omitempty"`
	Outputs           []string    `json:"outputConditions,omitempty"`
	JobID             string      `json:"jobId,omitempty"`
	JobName           string      `json:"jobName,omitempty"`
	StreamID          string      `json:"jobStreamId,omitempty"`
	StreamName        string      `json:"jobStreamName,omitempty"`
	StreamFolder      string      `json:"jobStreamFolder,omitempty"`
	StreamWorkstation string      `json:"jobStreamWorkstation,omitempty"`
	StreamSched       string      `json:"jobStreamSchedTime,omitempty"`
	Predecessor       *wireStatus `json:"predecessorStatus,omitempty"`
	Pending           *bool       `json:"pending,omitempty"`
	Zombie            *bool       `json:"zombie,omitempty"`

	JoinName     string           `json:"joinName,omitempty"`
	JoinQuantity *int             `json:"joinQuantity,omitempty"`
	Criteria     string           `json:"criteria,omitempty"`
	Members      []wireDependency `json:"members,omitempty"`

	File    *wireFile `json:"file,omitempty"`
	Checked string    `json:"timeLastChecked,omitempty"`

	Name        string `json:"name,omitempty"`
	Folder      string `json:"folder,omitempty"`
	Workstation string `json:"workstation,omitempty"`
	Quantity    *int   `json:"quantity,omitempty"`
	Held        *int   `json:"quantityHeld,omitempty"`
	Available   *int   `json:"available,omitempty"`
	Total       *int   `json:"totalQuantity,omitempty"`

	Dependency   string      `json:"dependency,omitempty"`
	NetworkAgent string      `json:"networkAgent,omitempty"`
	RemoteJob    *wireStatus `json:"jobInPlanCompositeStatus,omitempty"`

	PromptName   string `json:"promptName,omitempty"`
	PromptNumber *int   `json:"number,omitempty"`
	PromptText   string `json:"text,omitempty"`
	PromptStatus string `json:"promptStatus,omitempty"`
	PromptType   string `json:"promptType,omitempty"`
}

type wireFile struct {
	Name        string `json:"name"`
	Qualifier   string `json:"qualifier,omitempty"`
	Status      string `json:"status,omitempty"`
	Workstation string `json:"workstation,omitempty"`
}
