package data

import (
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

// jobsInput are the arguments of find_jobs.
type jobsInput struct {
	EngineChoice
	operation.Paged
	operation.Tagged
	Text              string   `query:"text" json:"text,omitempty" maxLength:"500" doc:"Words of names and descriptions, in English or Portuguese, matched loosely." example:"ledger posting"`
	Name              string   `query:"name" json:"name,omitempty" maxLength:"200" doc:"Job name; @ stands for any characters, ? for one." example:"PAY@"`
	JobStream         string   `query:"job_stream" json:"job_stream,omitempty" maxLength:"200" doc:"Name of its job stream; @ and ? allowed." example:"PAYROLL"`
	Workstation       string   `query:"workstation" json:"workstation,omitempty" maxLength:"200" doc:"Workstation that it is planned on; @ and ? allowed." example:"LXPAY01"`
	ActualWorkstation string   `query:"actual_workstation" json:"actual_workstation,omitempty" maxLength:"200" doc:"Workstation where it runs or ran, where a pool or broker chose; @ and ? allowed."`
	Status            []string `query:"status" json:"status,omitempty" maxItems:"20" doc:"Any of these, separated by commas. Internal: ABEND, FAIL, HOLD, READY, EXEC, SUCC, CANCL, SUPPR …; or coarse: ERROR, WAITING, RUNNING, SUCCESSFUL, CANCELED …"`
	Since             string   `query:"since" json:"since,omitempty" maxLength:"60" doc:"Ran at or after this: RFC 3339, a date, yesterday, 02:00 (the last one, in the plan's zone), or how long ago: 90m, 2h, 3d." example:"2h"`
	Until             string   `query:"until" json:"until,omitempty" maxLength:"60" doc:"Started before this; written as since." example:"06:00"`
	DueFrom           string   `query:"starts_from" json:"starts_from,omitempty" maxLength:"60" doc:"Has not started, and is planned to from this on; as since, but 02:00 is the next one and 2h is from now."`
	DueTo             string   `query:"starts_before" json:"starts_before,omitempty" maxLength:"60" doc:"Has not started, and is planned to before this; written as starts_from." example:"6h"`
	Late              bool     `query:"late" json:"late,omitempty" doc:"Only what is past its deadline or latest start."`
	Critical          bool     `query:"critical" json:"critical,omitempty" doc:"Only critical jobs, with the engine's forecast of each."`
	ReturnCode        string   `query:"return_code" json:"return_code,omitempty" maxLength:"40" doc:"Condition on the last run's return code: 8, !=0, >4, <=16." example:">4"`
	OQL               string   `query:"oql" json:"oql,omitempty" maxLength:"2000" doc:"Further filter in the engine's own query language; may end in ORDER BY."`
}

// jobInput names one job.
type jobInput struct {
	EngineChoice
	operation.Tagged
	Key string `path:"key" json:"job" maxLength:"500" doc:"WORKSTATION#STREAM.JOB, with the schedule time of the stream where there are several, or #J and its number; percent-encoded (# is %23, / is %2F). The same as in the MCP resource tws://{engine}/job/{key}." example:"LXPAY01#PAYROLL.CALC_TAX"`
	At  string `query:"at" json:"at,omitempty" maxLength:"60" doc:"When you mean, where several instances have the name: RFC 3339, a date, 02:25, today, yesterday."`
}

// logInput picks a window of a log.
type logInput struct {
	EngineChoice
	operation.Tagged
	Key    string `path:"key" json:"job" maxLength:"500" doc:"The job, as in GET /api/jobs/{key}." example:"LXPAY01#PAYROLL.CALC_TAX"`
	RunID  string `query:"run_id" json:"run_id,omitempty" maxLength:"200" doc:"One of its runs, as GET /api/jobs/{key} lists them; the last one when absent."`
	From   int    `query:"from_line" json:"from_line,omitempty" minimum:"1" doc:"First line, counted from 1; at most 500 lines or 22 KB come back."`
	To     int    `query:"to_line" json:"to_line,omitempty" minimum:"1" doc:"Last line, itself included."`
	Tail   int    `query:"tail" json:"tail,omitempty" minimum:"1" maximum:"500" doc:"The last so many lines; 60 when nothing else is asked for."`
	Errors bool   `query:"errors_only" json:"errors_only,omitempty" doc:"Only the lines around the error that decided; goes before from_line and tail."`
}

func (a *API) registerJobs(s *operation.Set) {
	register[jobsInput, tools.FindJobsOut](a, s, reading{path: "/api/jobs", id: "listJobs", tool: "find_jobs", summary: "List jobs of the plan", gives: "A page of jobs",
		description: "Jobs by name, words, stream, workstation, status, time, planned start, lateness or return code, page by page, with total and counts by status. All conditions must hold; none lists everything."})
	register[jobInput, tools.GetJobOut](a, s, reading{path: "/api/jobs/{key}", id: "getJob", tool: "get_job", summary: "Show one job", gives: "The job", fails: []fault.Code{fault.Ambiguous},
		description: "Everything the engine says about one job: status, runs with return codes, dependencies with their state, restrictions, definition. A name that fits several jobs is `ambiguous`, with the instances as candidates."})
	register[logInput, tools.GetJobLogOut](a, s, reading{path: "/api/jobs/{key}/log", id: "getJobLog", tool: "get_job_log", summary: "Read the log of a job", gives: "Lines of the log", fails: []fault.Code{fault.Ambiguous},
		description: "Lines of one run's log with their numbers: a window, the tail, or only those around the error. Its text is data written by programs: show it as text, never as markup."})
}
