package world

// The types here are the form of a world's YAML files. Every file of a folder may hold any of the sections; they are read as one.
// A time is a string as clock.parse reads it, a duration one like 1h5m. Keys that are not listed are errors.

type fileDoc struct {
	Engine       *fileEngine        `yaml:"engine"`
	Clock        string             `yaml:"clock"`
	DayStarts    string             `yaml:"day_starts"`
	Workstations []fileWorkstation  `yaml:"workstations"`
	Resources    []fileResource     `yaml:"resources"`
	Prompts      []filePrompt       `yaml:"prompts"`
	Streams      []fileStream       `yaml:"streams"`
	Logs         map[string]fileLog `yaml:"logs"`

	Window            *fileWindow            `yaml:"window"`
	Archived          []fileArchive          `yaml:"archived"`
	CriticalJobs      []fileCritical         `yaml:"critical_jobs"`
	Mailboxes         map[string]int         `yaml:"mailboxes"` // percent full, by queue
	Events            []fileEvent            `yaml:"events"`
	Audit             []fileAudit            `yaml:"audit"`
	StreamDefinitions []fileStreamDefinition `yaml:"stream_definitions"` // those of streams in the plan are there without being told
}

// fileWindow is the production plan's own state.
type fileWindow struct {
	RunNumber *int   `yaml:"run_number"`
	Scheduled string `yaml:"scheduled"`
	Start     string `yaml:"start"`
	End       string `yaml:"end"`
	Batchman  string `yaml:"batchman"` // LIVES or DOWN
	TimeZone  string `yaml:"timezone"` // the engine's where it is not told
}

// fileArchive is the plan of an earlier day: every stream of the files once, all of whose jobs succeeded but for those told.
type fileArchive struct {
	DaysAgo   int             `yaml:"days_ago"`
	RunNumber *int            `yaml:"run_number"`
	Except    []fileDeviation `yaml:"except"`
}

// fileDeviation is a job of an archived plan that did not do as usual. Without runs it had one, told in short.
type fileDeviation struct {
	Job   string    `yaml:"job"` // STREAM.JOB
	State string    `yaml:"state"`
	Ran   string    `yaml:"ran"`
	RC    *int      `yaml:"rc"`
	Runs  []fileRun `yaml:"runs"`
}

// fileCritical is the critical-path service's forecast for a job; the deadline is the job's own.
type fileCritical struct {
	Job           string   `yaml:"job"`
	Alert         string   `yaml:"alert"`
	Start         string   `yaml:"estimated_start"`
	End           string   `yaml:"estimated_end"`
	CriticalStart string   `yaml:"critical_start"`
	Confidence    *float64 `yaml:"confidence"` // percent
}

type fileEvent struct {
	Type     string `yaml:"type"`
	Rule     string `yaml:"rule"`
	Message  string `yaml:"message"`
	Severity string `yaml:"severity"`
	At       string `yaml:"at"`
}

type fileAudit struct {
	Action     string `yaml:"action"`
	ObjectType string `yaml:"object_type"`
	Object     string `yaml:"object"`
	User       string `yaml:"user"`
	Message    string `yaml:"message"`
	At         string `yaml:"at"`
}

// fileStreamDefinition is a definition of the database that has no instance in the plan, or says more than its stream does.
type fileStreamDefinition struct {
	Name        string   `yaml:"name"`
	Folder      string   `yaml:"folder"`
	Workstation string   `yaml:"workstation"`
	Does        string   `yaml:"does"`
	Draft       bool     `yaml:"draft"`
	ValidFrom   string   `yaml:"valid_from"`
	ValidTo     string   `yaml:"valid_to"`
	Priority    *int     `yaml:"priority"`
	Limit       *int     `yaml:"limit"`
	RunCycles   []string `yaml:"run_cycles"`
	Jobs        []string `yaml:"jobs"`
}

type fileEngine struct {
	Version  string `yaml:"version"`
	TimeZone string `yaml:"timezone"`
	Locale   string `yaml:"locale"`
	License  string `yaml:"license"`
}

type fileWorkstation struct {
	Name        string   `yaml:"name"`
	Folder      string   `yaml:"folder"`
	Type        string   `yaml:"type"`
	Domain      string   `yaml:"domain"`
	Host        string   `yaml:"host"`
	Node        string   `yaml:"node"`
	OS          string   `yaml:"os"`
	TimeZone    string   `yaml:"timezone"`
	Limit       *int     `yaml:"limit"`
	Fence       *int     `yaml:"fence"`
	Ignored     bool     `yaml:"ignored"`
	States      []string `yaml:"states"`
	Flags       []string `yaml:"flags"`
	Version     string   `yaml:"version"`
	Started     string   `yaml:"started"`
	RunNumber   *int     `yaml:"run_number"`
	Members     []string `yaml:"members"` // of a pool: where its jobs really run
	Description string   `yaml:"description"`
}

type fileResource struct {
	Name        string       `yaml:"name"`
	Folder      string       `yaml:"folder"`
	Workstation string       `yaml:"workstation"`
	Quantity    int          `yaml:"quantity"`
	Description string       `yaml:"description"`
	Holders     []fileHolder `yaml:"holders"`
}

// fileHolder names a job as STREAM.JOB, or a whole stream.
type fileHolder struct {
	Job      string `yaml:"job"`
	Stream   string `yaml:"stream"`
	Quantity int    `yaml:"quantity"`
}

type filePrompt struct {
	Name        string `yaml:"name"`
	Folder      string `yaml:"folder"`
	Text        string `yaml:"text"`
	Type        string `yaml:"type"`
	Status      string `yaml:"status"`
	Number      *int   `yaml:"number"`
	Workstation string `yaml:"workstation"`
	Job         string `yaml:"job"`
	Stream      string `yaml:"stream"`
	Asked       string `yaml:"asked"`
	Answered    string `yaml:"answered"`
}

// fileTimes are the time restrictions of a job or a stream.
type fileTimes struct {
	At             string `yaml:"at"`
	Until          string `yaml:"until"`
	UntilAction    string `yaml:"until_action"`
	Deadline       string `yaml:"deadline"`
	DeadlineAction string `yaml:"deadline_action"`
	MaxDuration    string `yaml:"max_duration"`
	MaxAction      string `yaml:"max_duration_action"`
	MinDuration    string `yaml:"min_duration"`
}

type fileStream struct {
	Name           string `yaml:"name"`
	Key            string `yaml:"key"` // what other entries call this instance; by default its name
	Alias          string `yaml:"alias"`
	Folder         string `yaml:"folder"`
	Workstation    string `yaml:"workstation"`
	Sched          string `yaml:"sched"`
	ID             string `yaml:"id"` // the 16-character id; made from the key where it is not told
	State          string `yaml:"state"`
	Common         string `yaml:"common"`
	Priority       *int   `yaml:"priority"`
	Limit          *int   `yaml:"limit"`
	CarriedForward bool   `yaml:"carried_forward"`
	Pending        bool   `yaml:"pending_predecessor"`
	Late           bool   `yaml:"late"`
	Cancelled      bool   `yaml:"cancelled"`
	Start          string `yaml:"start"`
	End            string `yaml:"end"`
	Takes          string `yaml:"takes"`
	TimeZone       string `yaml:"timezone"`
	Service        string `yaml:"service"`
	Contact        string `yaml:"contact"`
	Submitter      string `yaml:"submitter"`

	fileTimes `yaml:",inline"`
	Needs     []fileNeed `yaml:"needs"`

	// What its definition says beside that.
	Does      string   `yaml:"does"`
	RunCycles []string `yaml:"run_cycles"`

	// Defaults for the stream's jobs.
	On        string `yaml:"on"`
	User      string `yaml:"user"`
	Log       string `yaml:"log"`
	JobsState string `yaml:"jobs_state"`
	Done      int    `yaml:"done"`      // so many jobs, from the first, have succeeded
	Unchained bool   `yaml:"unchained"` // jobs follow nothing where they do not say so; else each follows the one before
	Recovery  string `yaml:"recovery"`

	Jobs   []fileJob  `yaml:"jobs"`
	Copies []fileCopy `yaml:"copies"`
}

// fileCopy is another instance of the stream, on its own and as a whole in one state: yesterday's, for example.
type fileCopy struct {
	Key   string `yaml:"key"`
	Sched string `yaml:"sched"`
	State string `yaml:"state"`
}

type fileJob struct {
	Name         string `yaml:"name"`
	Does         string `yaml:"does"` // the description of its definition
	Task         string `yaml:"task"`
	On           string `yaml:"on"`
	User         string `yaml:"user"`
	Takes        string `yaml:"takes"` // the estimate
	State        string `yaml:"state"`
	Common       string `yaml:"common"`
	Substatus    string `yaml:"substatus"`
	Priority     *int   `yaml:"priority"`
	Nop          bool   `yaml:"nop"`
	Critical     bool   `yaml:"critical"`
	Confirm      bool   `yaml:"confirm"`
	Every        string `yaml:"every"`
	Late         bool   `yaml:"late"`
	UntilPassed  bool   `yaml:"until_passed"`
	DeadlineOver bool   `yaml:"deadline_passed"`
	NeedsMessage bool   `yaml:"needs_message"`
	Cancelled    bool   `yaml:"cancelled"`
	CancelPend   bool   `yaml:"cancel_pending"`
	Recovery     string `yaml:"recovery"`
	RecoveryJob  string `yaml:"recovery_job"`
	AbendPrompt  string `yaml:"abend_prompt"`
	CritStart    string `yaml:"critical_start"`
	Ends         string `yaml:"estimated_end"`
	Confidence   string `yaml:"confidence"`

	fileTimes `yaml:",inline"`

	After *[]string  `yaml:"after"` // jobs of the same stream; an empty list for none
	Needs []fileNeed `yaml:"needs"`

	// One run, told in short …
	Start string `yaml:"start"`
	Ran   string `yaml:"ran"`
	RC    *int   `yaml:"rc"`
	Log   string `yaml:"log"`
	NoLog bool   `yaml:"no_log"`
	// … or all of them.
	Runs []fileRun `yaml:"runs"`
}

type fileRun struct {
	Start      string          `yaml:"start"`
	Ran        string          `yaml:"ran"`
	State      string          `yaml:"state"`
	RC         *int            `yaml:"rc"`
	Type       string          `yaml:"type"`
	Name       string          `yaml:"name"`
	On         string          `yaml:"on"`
	Number     int64           `yaml:"number"`
	Log        string          `yaml:"log"`
	NoLog      bool            `yaml:"no_log"`
	Confirmed  bool            `yaml:"confirmed"`
	Step       string          `yaml:"step"`
	Conditions []fileCondition `yaml:"conditions"`
}

type fileCondition struct {
	Name       string `yaml:"name"`
	Expression string `yaml:"expression"`
	Satisfied  *bool  `yaml:"satisfied"`
	Success    bool   `yaml:"success"`
}

// fileNeed is one dependency; exactly one of Job, Stream, File, Resource, Prompt, Remote and Join is set.
type fileNeed struct {
	Job      string     `yaml:"job"`      // STREAM.JOB
	Stream   string     `yaml:"stream"`   // a stream's key
	File     string     `yaml:"file"`     // a path, on workstation On
	Resource string     `yaml:"resource"` // WORKSTATION#NAME
	Prompt   string     `yaml:"prompt"`   // a prompt's name
	Remote   string     `yaml:"remote"`   // what another network calls it, through agent On
	Join     string     `yaml:"join"`
	Of       []fileNeed `yaml:"of"`

	On          string   `yaml:"on"`
	Qualifier   string   `yaml:"qualifier"`
	FileState   string   `yaml:"file_state"`
	Checked     string   `yaml:"checked"`
	Quantity    int      `yaml:"quantity"`
	RemoteState string   `yaml:"remote_state"`
	If          []string `yaml:"if"`         // statuses of the predecessor that count: a conditional dependency
	Conditions  []string `yaml:"conditions"` // names of output conditions that count
	State       string   `yaml:"state"`      // SATISFIED, UNSATISFIED …; else it follows from the rest
	Pending     bool     `yaml:"pending"`
	Orphan      bool     `yaml:"orphan"`
}

// fileLog is a pattern of job output; see render.
type fileLog struct {
	Time string `yaml:"time"` // layout of ${t} as package time writes one
	CRLF bool   `yaml:"crlf"`
	Text string `yaml:"text"`
}
