package data

import (
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

// streamsInput are the arguments of find_job_streams.
type streamsInput struct {
	EngineChoice
	operation.Paged
	operation.Tagged
	Text        string   `query:"text" json:"text,omitempty" maxLength:"500" doc:"Words of names and of their jobs' descriptions, matched loosely." example:"payroll"`
	Name        string   `query:"name" json:"name,omitempty" maxLength:"200" doc:"Job stream name; @ stands for any characters, ? for one." example:"PAY@"`
	Workstation string   `query:"workstation" json:"workstation,omitempty" maxLength:"200" doc:"Workstation that it is planned on; @ and ? allowed."`
	Status      []string `query:"status" json:"status,omitempty" maxItems:"20" doc:"Any of these, separated by commas. Internal: STUCK, ABEND, HOLD, READY, EXEC, SUCC, CANCL …; or coarse: BLOCKED, ERROR, WAITING, RUNNING, SUCCESSFUL …"`
	Since       string   `query:"since" json:"since,omitempty" maxLength:"60" doc:"Ran at or after this; written as in GET /api/jobs." example:"2h"`
	Until       string   `query:"until" json:"until,omitempty" maxLength:"60" doc:"Started before this; written as since."`
	DueFrom     string   `query:"starts_from" json:"starts_from,omitempty" maxLength:"60" doc:"Has not started, and is planned to from this on; 02:00 is the next one and 2h is from now."`
	DueTo       string   `query:"starts_before" json:"starts_before,omitempty" maxLength:"60" doc:"Has not started, and is planned to before this; written as starts_from."`
	Late        bool     `query:"late" json:"late,omitempty" doc:"Only what is past its deadline or latest start."`
	OQL         string   `query:"oql" json:"oql,omitempty" maxLength:"2000" doc:"Further filter in the engine's own query language; may end in ORDER BY."`
}

// streamInput names one job stream.
type streamInput struct {
	EngineChoice
	operation.Tagged
	Key string `path:"key" json:"job_stream" maxLength:"500" doc:"WORKSTATION#STREAM, with its schedule time (hhmm mm/dd/yy) where there are several, or a bare name; percent-encoded." example:"LXPAY01#PAYROLL"`
	At  string `query:"at" json:"at,omitempty" maxLength:"60" doc:"When you mean, where several instances have the name."`
}

func (a *API) registerStreams(s *operation.Set) {
	register[streamsInput, tools.FindJobStreamsOut](a, s, reading{path: "/api/job-streams", id: "listJobStreams", tool: "find_job_streams", summary: "List job streams of the plan", gives: "A page of job streams",
		description: "Job streams by name, words, workstation, status, time or lateness, page by page, with total and counts by status. A job stream is a group of jobs that is planned together."})
	register[streamInput, tools.GetJobStreamOut](a, s, reading{path: "/api/job-streams/{key}", id: "getJobStream", tool: "get_job_stream", summary: "Show one job stream", gives: "The job stream", fails: []fault.Code{fault.Ambiguous},
		description: "Everything about one instance of a job stream: status, restrictions, dependencies with their state, its jobs with status and return codes, its definition."})
}
