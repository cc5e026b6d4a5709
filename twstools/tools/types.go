package tools

import (
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
)

// JobRow is one job in a list: enough to name it, see its state and go on.
type JobRow struct {
	Entity       string     `json:"entity" doc:"operator's form WORKSTATION#STREAM[(hhmm mm/dd/yy)].JOB"`
	Ref          answer.Ref `json:"ref"`
	Name         string     `json:"name"`
	JobStream    string     `json:"job_stream"`
	Workstation  string     `json:"workstation"`
	Status       string     `json:"status" doc:"the engine's internal status: HOLD, READY, EXEC, SUCC, ABEND, FAIL …"`
	CommonStatus string     `json:"common_status"`
	Description  string     `json:"description,omitempty"`
	Start        string     `json:"start,omitempty"`
	End          string     `json:"end,omitempty"`
	ReturnCode   *int       `json:"return_code,omitempty"`
	JobNumber    int64      `json:"job_number,omitempty"`
	SchedTime    string     `json:"sched_time,omitempty"`
	Priority     *int       `json:"priority,omitempty"`
	// RanOn is where it runs or ran, where that is another workstation than its own: a pool's member, a broker's choice.
	RanOn    string       `json:"actual_workstation,omitempty"`
	Due      string       `json:"planned_start,omitempty" doc:"of what has not started: the later of schedule time and earliest start"`
	Late     string       `json:"late,omitempty" doc:"why it counts as late"`
	Critical bool         `json:"critical,omitempty"`
	Forecast *ForecastRow `json:"forecast,omitempty"`
}

// ForecastRow is what the engine's critical-path service expects of a job.
type ForecastRow struct {
	Risk           string   `json:"risk,omitempty" doc:"HIGH_RISK, POTENTIAL_RISK, ON_TRACK"`
	Deadline       string   `json:"deadline,omitempty"`
	EstimatedStart string   `json:"estimated_start,omitempty"`
	EstimatedEnd   string   `json:"estimated_end,omitempty"`
	CriticalStart  string   `json:"critical_start,omitempty" doc:"latest start that keeps the deadline"`
	Confidence     *float64 `json:"confidence_percent,omitempty"`
}

// FindJobsIn selects jobs. All conditions must hold.
type FindJobsIn struct {
	Text              string   `json:"text,omitempty" doc:"words of names and descriptions, in English or Portuguese, matched loosely" example:"ledger posting"`
	Name              string   `json:"name,omitempty" doc:"job name; @ stands for any characters, ? for one" example:"PAY@"`
	JobStream         string   `json:"job_stream,omitempty" doc:"name of its job stream; @ and ? allowed" example:"PAYROLL"`
	Workstation       string   `json:"workstation,omitempty" doc:"workstation that it is planned on; @ and ? allowed" example:"LXPAY01"`
	ActualWorkstation string   `json:"actual_workstation,omitempty" doc:"workstation where it runs or ran, where a pool or broker chose; @ and ? allowed" example:"LX@"`
	Status            []string `json:"status,omitempty" doc:"any of these. Internal: ABEND (ended in error), FAIL (could not start), HOLD (waits), READY, EXEC (runs), SUCC, CANCL, SUPPR …; or coarse: ERROR, WAITING, RUNNING, SUCCESSFUL, CANCELED …" example:"[\"ABEND\",\"FAIL\"]"`
	Since             string   `json:"since,omitempty" doc:"ran at or after this: RFC 3339, a date, yesterday, 02:00 (the last one, in the plan's zone), or how long ago: 90m, 2h, 3d" example:"2h"`
	Until             string   `json:"until,omitempty" doc:"started before this; written as since" example:"06:00"`
	DueFrom           string   `json:"starts_from,omitempty" doc:"has not started, and is planned to from this on; as since, but 02:00 is the next one and 2h is from now" example:"22:00"`
	DueTo             string   `json:"starts_before,omitempty" doc:"has not started, and is planned to before this; written as starts_from" example:"6h"`
	Late              bool     `json:"late,omitempty" doc:"only what is past its deadline or latest start"`
	Critical          bool     `json:"critical,omitempty" doc:"only critical jobs, with the engine's forecast of each"`
	ReturnCode        string   `json:"return_code,omitempty" doc:"condition on the last run's return code: 8, !=0, >4, <=16" example:">4"`
	OQL               string   `json:"oql,omitempty" doc:"further filter in the engine's own query language; may end in ORDER BY" example:"jobruns.returnCode > 4 AND jobStreamName LIKE 'PAY@'"`
	PageSize          int      `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor            string   `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// FindJobsOut is a page of jobs.
type FindJobsOut struct {
	Jobs       []JobRow       `json:"jobs"`
	Total      *int           `json:"total,omitempty" doc:"all matches as the engine counted them; absent when it cannot"`
	NextCursor string         `json:"next_cursor,omitempty"`
	ByStatus   map[string]int `json:"by_status,omitempty" doc:"matches by internal status, where all were seen"`
	Missing    []string       `json:"missing,omitempty"`
}

// GetJobIn names one job.
type GetJobIn struct {
	Job string `json:"job" doc:"the job: WORKSTATION#STREAM.JOB, STREAM.JOB, a bare name, #J and its number, or words of its description" example:"LXPAY01#PAYROLL.CALC_TAX"`
	At  string `json:"at,omitempty" doc:"when the asker means: RFC 3339, a date, 02:25, today, yesterday, monday, 2 days ago, 02-14 or day 12 (a time may follow), by the plan's zone and clock; picks among instances of one name" example:"02:25"`
}

// GetJobOut is one job whole.
type GetJobOut struct {
	Job         JobRow          `json:"job"`
	Fields      []FieldRow      `json:"fields" doc:"what the engine says about it"`
	Runs        []RunRow        `json:"runs"`
	Depends     []DependencyRow `json:"dependencies"`
	DepsKnown   bool            `json:"dependencies_known"`
	JobStream   string          `json:"job_stream_entity,omitempty"`
	StreamState string          `json:"job_stream_status,omitempty"`
	Missing     []string        `json:"missing,omitempty"`
}

// FieldRow is one field in the tool's own naming, as quoted in evidence.
type FieldRow struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// RunRow is one attempt.
type RunRow struct {
	RunID       string `json:"run_id"`
	JobNumber   int64  `json:"job_number,omitempty"`
	Workstation string `json:"workstation,omitempty"`
	Status      string `json:"status"`
	ReturnCode  *int   `json:"return_code,omitempty"`
	Kind        string `json:"kind,omitempty" doc:"REGULAR, RERUN, RECOVERY …"`
	Start       string `json:"start,omitempty"`
	End         string `json:"end,omitempty"`
	Seconds     int64  `json:"elapsed_seconds,omitempty"`
	Attempt     int    `json:"attempt,omitempty"`
	// Name is the recovery job's where it ran in this job's place.
	Name       string   `json:"name,omitempty"`
	Confirmed  bool     `json:"confirmed,omitempty"`
	Step       string   `json:"step,omitempty"`
	Conditions []string `json:"conditions,omitempty" doc:"output conditions and whether they came true"`
	By         string   `json:"by,omitempty" doc:"who had it run again, where audit shows it"`
}

// DependencyRow is one dependency with its state.
type DependencyRow struct {
	Type   string `json:"type"`
	On     string `json:"on" doc:"what it waits for, operator's form"`
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
	Open   *bool  `json:"open,omitempty" doc:"whether it still holds back, where the engine says so"`
}

// GetJobLogIn picks a run and a window of its log.
type GetJobLogIn struct {
	Job    string `json:"job" doc:"the job, as in get_job" example:"LXPAY01#PAYROLL.CALC_TAX"`
	RunID  string `json:"run_id,omitempty" doc:"run_id of one of its runs, as get_job lists them; the last run when absent"`
	From   int    `json:"from_line,omitempty" doc:"first line, counted from 1; at most 500 lines or 22 KB come back" min:"1"`
	To     int    `json:"to_line,omitempty" doc:"last line, itself included" min:"1"`
	Tail   int    `json:"tail,omitempty" doc:"the last so many lines; 60 when nothing else is asked for" example:"100" min:"1" max:"500"`
	Errors bool   `json:"errors_only,omitempty" doc:"only the lines around the error that decided; goes before from_line and tail"`
}

// GetJobLogOut is the window. Lines are numbered as in the raw log; texts are cleaned and masked.
type GetJobLogOut struct {
	Entity    string   `json:"entity"`
	RunID     string   `json:"run_id"`
	Source    string   `json:"source" doc:"how evidence names this log"`
	Status    string   `json:"status"`
	Lines     []LogRow `json:"lines"`
	Total     int      `json:"total_lines,omitempty"`
	Truncated bool     `json:"truncated,omitempty"`
}

// LogRow is a numbered line.
type LogRow struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

// DiagnoseIn asks for a diagnosis.
type DiagnoseIn struct {
	Target   string   `json:"target,omitempty" doc:"job, job stream, workstation, resource or prompt: WORKSTATION#STREAM.JOB, a bare name, #J and a job number, or words of a description; empty for the whole plan" example:"LXPAY01#PAYROLL.CALC_TAX"`
	Also     []string `json:"also,omitempty" doc:"further jobs or job streams asked about together: one cause or several?" example:"[\"LXPAY01#PAYROLL.PAY_LOAD\"]"`
	Kind     string   `json:"target_kind,omitempty" doc:"what the target is, where the name could be several things" enum:"job,job_stream,workstation,resource,prompt,file"`
	Hint     string   `json:"hint,omitempty" doc:"where the target is words, further words of the question: they choose between objects that fit alike" example:"matched with invoices"`
	Premise  string   `json:"premise,omitempty" doc:"what the asker believes of it: picks the fitting instance, and is corrected when false" enum:"abended,not_started,waiting,running_long,late,slow,succeeded"`
	At       string   `json:"at,omitempty" doc:"when the asker means: RFC 3339, a date, 02:25, today, yesterday, monday, 2 days ago, 02-14 or day 12 (a time may follow), by the plan's zone and clock; picks the instance planned for, or running, then; a day outside the plan is looked up where kept, else said" example:"02:25"`
	Language string   `json:"language,omitempty" doc:"language of statements and actions" enum:"en,pt" default:"en"`
	Action   string   `json:"action,omitempty" doc:"code of what the asker wants to do, such as rerun, cancel, release_dependency, confirm_succ, set_limit: what must hold first is checked, the command given, nothing carried out" example:"rerun"`
	Value    string   `json:"value,omitempty" doc:"what that action would set: a limit, fence, priority, number of units, or yes or no for a prompt" example:"10"`
}

// DiagnoseOut is a cited diagnosis of one subject, or of the whole plan when Subject is nil.
type DiagnoseOut struct {
	Subject   *Subject          `json:"subject,omitempty"`
	Diagnosis *answer.Diagnosis `json:"diagnosis"`
	// Premise tells whether the asker's belief holds: "holds", "false", or empty when there was none or it cannot be told.
	Premise string `json:"premise,omitempty"`
	// Runbooks are sections of the knowledge base that fit the causes.
	Runbooks []RunbookHit `json:"runbooks,omitempty"`
	// Failures are coded errors of single reads that failed while the rest was answered.
	Failures []answer.Error `json:"failures,omitempty"`
	// Unlisted counts, of the whole plan, the jobs that ended badly and stand neither among the causes nor among the candidates: there were too many.
	Unlisted int    `json:"unlisted,omitempty"`
	Language string `json:"language"`
}

// Subject is the object that was asked about, as found.
type Subject = diagnose.Subject

// RunbookHit is a section of a runbook that fits a cause.
type RunbookHit struct {
	Source string `json:"source" doc:"knowledge:<document>#<section>"`
	Title  string `json:"title"`
	Quote  string `json:"quote"`
	Line   int    `json:"line"`
}

// PlanStatusIn has no required argument.
type PlanStatusIn struct {
	Workstation string `json:"workstation,omitempty" doc:"only jobs of this workstation; @ stands for any characters, ? for one" example:"LX@"`
}

// PlanStatusOut is the state of the plan in one page.
type PlanStatusOut struct {
	Engine             EngineRow        `json:"engine"`
	PlanNow            string           `json:"plan_now"`
	Plan               *PlanRow         `json:"plan,omitempty" doc:"from when to when the plan runs, its run number, whether batchman lives"`
	JobsTotal          int              `json:"jobs_total"`
	JobsByStatus       map[string]int   `json:"jobs_by_status" doc:"internal statuses; common ones where the engine groups only by those"`
	JobStreamsTotal    int              `json:"job_streams_total"`
	JobStreamsByStatus map[string]int   `json:"job_streams_by_status"`
	Workstations       []WorkstationRow `json:"workstations" doc:"those not healthy first, 200 at most"`
	WorkstationsTotal  int              `json:"workstations_total"`
	Unhealthy          int              `json:"workstations_unhealthy"`
	NeedsPerson        []AttentionRow   `json:"needs_person" doc:"what a person should look at, most urgent first"`
	NeedsPersonTotal   int              `json:"needs_person_total"`
	Missing            []string         `json:"missing,omitempty" doc:"what could not be read, and why"`
	Failures           []answer.Error   `json:"failures,omitempty"`
}

// EngineRow is the engine as it describes itself.
type EngineRow struct {
	Name     string `json:"name"`
	Mode     string `json:"mode"`
	API      string `json:"api"`
	Version  string `json:"version,omitempty"`
	TimeZone string `json:"timezone,omitempty"`
}

// WorkstationRow is one workstation; Problem is empty when it is healthy.
type WorkstationRow struct {
	Entity  string `json:"entity"`
	Name    string `json:"name"`
	Type    string `json:"type,omitempty"`
	Status  string `json:"status" doc:"linked, unlinked, stopped, ignored, unknown"`
	Limit   *int   `json:"limit,omitempty"`
	Fence   *int   `json:"fence,omitempty"`
	Jobs    int    `json:"jobs,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// AttentionRow is something that needs a person.
type AttentionRow struct {
	Entity string `json:"entity"`
	Kind   string `json:"kind" doc:"job, job_stream, workstation, prompt, resource"`
	Status string `json:"status"`
	Why    string `json:"why"`
	Since  string `json:"since,omitempty"`
}
