package sim

import (
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// Definitions are what a plant's database holds, and what happens around it. They are the form of the YAML files too; see Load.
type Definitions struct {
	Plan         Plan                        `yaml:"plan"`
	Engine       Engine                      `yaml:"engine"`
	Workstations []Workstation               `yaml:"workstations"`
	Calendars    map[string][]string         `yaml:"calendars"` // dates as 2026-12-25
	Resources    []Resource                  `yaml:"resources"`
	Prompts      []Prompt                    `yaml:"prompts"`
	Arrivals     []Arrival                   `yaml:"arrivals"`
	Logs         map[string]world.LogPattern `yaml:"logs"`
	Streams      []Stream                    `yaml:"streams"`
}

// Engine is what the engine says about itself.
type Engine struct {
	Version  string `yaml:"version"`
	TimeZone string `yaml:"timezone"` // of the master and of the plan; UTC when empty
	Locale   string `yaml:"locale"`
	License  string `yaml:"license"`
}

// Plan holds the global options that the simulation obeys.
type Plan struct {
	Master       string        `yaml:"master"`
	StartOfDay   TimeOfDay     `yaml:"start_of_day"` // 00:00 when not told
	Length       time.Duration `yaml:"length"`       // of a production plan; 24h when zero
	RunNumber    int           `yaml:"run_number"`   // of the first plan; 1 when zero
	CarryForward string        `yaml:"carry_forward"`
	// UntilDays drops streams that ended in error at the plan's turn once they are this old; 0 keeps them (AD, untilDays).
	UntilDays int `yaml:"until_days"`
	// CheckDeadline is localopts' bm check deadline: 0, the default, never flags lateness but on critical jobs.
	CheckDeadline time.Duration `yaml:"check_deadline"`
	// CheckUntil is localopts' bm check until: an expired until is noticed at the next multiple of it. 300s when zero.
	CheckUntil time.Duration `yaml:"check_until"`
	// CheckFile is localopts' bm check file: how often a file is looked for. 120s when zero.
	CheckFile time.Duration `yaml:"check_file"`
	// Audit is enPlanAudit: off by default, so that nobody can tell who did what (AD, audit options).
	Audit bool `yaml:"audit"`
}

// Workstation is a place where jobs run.
type Workstation struct {
	Name        string   `yaml:"name"`
	Folder      string   `yaml:"folder"`
	Type        string   `yaml:"type"` // FTA when empty
	Domain      string   `yaml:"domain"`
	Host        string   `yaml:"host"`
	Node        string   `yaml:"node"`
	OS          string   `yaml:"os"`
	TimeZone    string   `yaml:"timezone"` // the plan's when empty
	Limit       *int     `yaml:"limit"`    // nil: system
	Fence       int      `yaml:"fence"`
	Version     string   `yaml:"version"`
	Description string   `yaml:"description"`
	Members     []string `yaml:"members"` // of a pool
	Unlinked    bool     `yaml:"unlinked"`
	Stopped     bool     `yaml:"stopped"`
	Ignored     bool     `yaml:"ignored"`
}

// Resource is a number of units that jobs share.
type Resource struct {
	Name        string `yaml:"name"`
	Folder      string `yaml:"folder"`
	On          string `yaml:"on"`
	Quantity    int    `yaml:"quantity"`
	Description string `yaml:"description"`
}

// Prompt is a predefined prompt. A text that begins with ":" is only shown and needs no reply (UG "Prompt definition").
type Prompt struct {
	Name   string `yaml:"name"`
	Folder string `yaml:"folder"`
	Text   string `yaml:"text"`
}

// Arrival is a file that comes every day, and goes.
type Arrival struct {
	File  string        `yaml:"file"`
	On    string        `yaml:"on"`
	At    TimeOfDay     `yaml:"at"`    // in the workstation's zone
	Later time.Duration `yaml:"later"` // up to so much later, drawn each day
	Stays time.Duration `yaml:"stays"` // 18h when zero
}

// Times are the time restrictions of a stream, of one of its run cycles, or of a job. Times of day count from the scheduled date in the
// time zone of the stream, by default its workstation's (UG "at", "until", "deadline").
type Times struct {
	At       TimeOfDay `yaml:"at"`
	Until    TimeOfDay `yaml:"until"`
	OnUntil  string    `yaml:"on_until"` // suppr (default), cont, canc
	Deadline TimeOfDay `yaml:"deadline"`
	OnLate   string    `yaml:"on_late"` // kill, or nothing
}

// RunCycle says on which days a stream runs (UG "Run cycle", "on").
type RunCycle struct {
	Every      string    `yaml:"every"`    // daily, weekly, monthly, workdays, calendar, dates, request
	Interval   int       `yaml:"interval"` // every so many days, weeks, months; 1 when zero
	Days       []string  `yaml:"days"`     // weekly: mo tu we th fr sa su; monthly: 1 … 31, -1 for the last
	Calendar   string    `yaml:"calendar"`
	Dates      []string  `yaml:"dates"`
	ValidFrom  string    `yaml:"valid_from"`
	ValidTo    string    `yaml:"valid_to"`
	FreeDays   string    `yaml:"freedays"` // ignore (default), next, prev, skip: the rule fdignore, fdnext, fdprev; skip drops the day
	SchedTime  TimeOfDay `yaml:"schedtime"`
	Times      `yaml:",inline"`
	Repeat     time.Duration `yaml:"repeat"` // every … everyendtime: an instance each so often until RepeatEnds
	RepeatEnds TimeOfDay     `yaml:"repeat_ends"`
}

// Stream is a job stream.
type Stream struct {
	Name        string `yaml:"name"`
	Folder      string `yaml:"folder"`
	On          string `yaml:"on"` // workstation
	TimeZone    string `yaml:"timezone"`
	Description string `yaml:"description"`
	Draft       bool   `yaml:"draft"` // not planned

	Run         []RunCycle `yaml:"run"` // none: daily
	Except      []RunCycle `yaml:"except"`
	FreeDays    string     `yaml:"freedays"`     // calendar of free days beside Saturdays and Sundays; HOLIDAYS when empty
	WorkWeekend bool       `yaml:"work_weekend"` // Saturdays and Sundays are workdays (freedays -sa -su)

	SchedTime    TimeOfDay `yaml:"schedtime"`
	Times        `yaml:",inline"`
	StartUntil   TimeOfDay  `yaml:"jsuntil"`
	Priority     *int       `yaml:"priority"` // 10 when nil
	Limit        *int       `yaml:"limit"`
	CarryForward bool       `yaml:"carryforward"`
	Overlap      string     `yaml:"onoverlap"` // parallel (default), enqueue, donotstart
	StartWhen    *StartWhen `yaml:"startcond"`
	Needs        []Need     `yaml:"needs"`
	Service      string     `yaml:"service"`
	Contact      string     `yaml:"contact"`

	// For its jobs where they do not say.
	User      string        `yaml:"user"`
	JobsOn    string        `yaml:"jobs_on"`
	Log       string        `yaml:"log"`
	Fails     float64       `yaml:"fails"`
	Unchained bool          `yaml:"unchained"` // jobs follow nothing; else each follows the one before it
	Takes     time.Duration `yaml:"takes"`

	Jobs []Job `yaml:"jobs"`
}

// StartWhen is a start condition: a monitoring job in the stream holds the others back until a file is there (UG "startcond").
type StartWhen struct {
	File     string        `yaml:"file"`
	On       string        `yaml:"on"`
	Interval time.Duration `yaml:"interval"` // 5m when zero
	Alias    string        `yaml:"alias"`    // of the monitoring job; file_StartCond when empty
	Rerun    bool          `yaml:"rerun"`    // another instance waits for the next file
}

// Job is a job of a stream with its definition.
type Job struct {
	Name        string `yaml:"name"`
	Does        string `yaml:"does"`
	Task        string `yaml:"task"`
	On          string `yaml:"on"`
	User        string `yaml:"user"`
	Priority    *int   `yaml:"priority"` // 10 when nil; 0 held, 100 HI, 101 GO
	Nop         bool   `yaml:"nop"`
	Critical    bool   `yaml:"critical"`
	Confirmed   bool   `yaml:"confirmed"`
	Effect      string `yaml:"effect"` // makeplan, switchplan, checksync, updatestats: what its success does to the plan
	Times       `yaml:",inline"`
	Every       time.Duration `yaml:"every"`
	MaxDuration time.Duration `yaml:"maxdur"`
	MaxPercent  int           `yaml:"maxdur_percent"` // of the estimate, instead of MaxDuration
	OnMax       string        `yaml:"on_maxdur"`      // kill, continue (default)
	MinDuration time.Duration `yaml:"mindur"`
	OnMin       string        `yaml:"on_mindur"` // abend, confirm, continue (default)

	Recovery    string        `yaml:"recovery"` // stop (default), continue, rerun
	RecoveryJob string        `yaml:"recovery_job"`
	RecoveryRC  int           `yaml:"recovery_job_rc"`
	AbendPrompt string        `yaml:"abend_prompt"`
	Attempts    int           `yaml:"attempts"`     // rerun repeatevery … for … attempts; 0 is once and then a prompt
	RepeatEvery time.Duration `yaml:"repeat_every"` // between attempts

	Success    string      `yaml:"rccondsucc"` // like RC<=4 OR RC=16
	Conditions []Condition `yaml:"conditions"`

	After *[]string `yaml:"after"` // jobs of the stream that it follows; an empty list for none
	Needs []Need    `yaml:"needs"`

	Takes    time.Duration `yaml:"takes"`    // mean; 3m when zero
	Varies   float64       `yaml:"varies"`   // spread as a part of the mean; 0.12 when zero, negative for none
	Fails    float64       `yaml:"fails"`    // part of the runs that end with FailRC
	FailRC   int           `yaml:"fail_rc"`  // 1 when zero
	FailLog  string        `yaml:"fail_log"` // its log pattern
	Log      string        `yaml:"log"`
	Outcomes []Outcome     `yaml:"outcomes"` // of the first, second … run of each instance; then chance
}

// Condition is an output condition over the return code (UG "Setting up conditional dependencies").
type Condition struct {
	Name    string `yaml:"name"`
	When    string `yaml:"when"`    // like RC=0
	Success bool   `yaml:"success"` // a true one makes the run SUCC
}

// Outcome is how one run goes.
type Outcome struct {
	RC     int           `yaml:"rc"`
	Fail   bool          `yaml:"fail"` // it cannot be launched: FAIL, without a log
	Takes  time.Duration `yaml:"takes"`
	Log    string        `yaml:"log"`
	NoLog  bool          `yaml:"no_log"`
	Always bool          `yaml:"always"` // and so do all later runs
}

// Need is one dependency; exactly one of Job, Stream, File, Resource, Prompt, Ask, Remote and Join is set.
type Need struct {
	Job      string `yaml:"job"`      // STREAM.JOB, or JOB of the same stream
	Stream   string `yaml:"stream"`   // a stream's name
	File     string `yaml:"file"`     // on workstation On
	Resource string `yaml:"resource"` // WORKSTATION#NAME
	Prompt   string `yaml:"prompt"`   // a predefined one
	Ask      string `yaml:"ask"`      // the text of an ad hoc one
	Remote   string `yaml:"remote"`   // in another network, through agent On
	Join     string `yaml:"join"`
	Of       []Need `yaml:"of"` // the members of a join

	On        string `yaml:"on"`
	Qualifier string `yaml:"qualifier"`
	Quantity  int    `yaml:"quantity"` // units of a resource; members of a join that suffice, 0 for all
	// Match is how a follows finds its instance: previous (default), sameday, or interval between From and To around the own time.
	Match string        `yaml:"match"`
	From  time.Duration `yaml:"from"`
	To    time.Duration `yaml:"to"`
	// If and Conditions make the dependency conditional: statuses (SUCC, ABEND, FAIL, EXEC, SUPPR) or output conditions, of which one suffices.
	If         []string `yaml:"if"`
	Conditions []string `yaml:"conditions"`
}
