package hwa

import "net/http"

// root says below which of the server's paths a row of the table lives.
type root int

const (
	rootV2     root = iota // …/twsd/api/v2
	rootV1                 // …/twsd
	rootServer             // the server itself, beside /twsd
)

// name is the root as people know it, in ledgers and lists.
func (r root) name() string { return [...]string{dialectV2, dialectV1, "server"}[r] }

// operation is one row of the table of allowed requests.
type operation struct {
	Root    root
	Method  string
	Path    string // below Root; {id} stands for one percent-encoded segment, {plan} for the id of a plan
	Query   []param
	Headers []header
	Body    body
}

// param is a query parameter that some operation may carry. There is deliberately no constant for lock (a GET that takes a
// lock) and follow (a GET that never ends).
type param string

const (
	pLimit    param = "limit"
	pOffset   param = "offset"
	pOQL      param = "oql"
	pFilter   param = "plan_filter"
	pModel    param = "model_filter"
	pGroups   param = "grouping_filters"
	pDepth    param = "depth"
	pFromLine param = "from_line"
	pToLine   param = "to_line"

	pHowMany param = "How-Many"
	pFile    param = "fileId"
	pLines   param = "lines"
	pPage    param = "pageNumber"
	pMailbox param = "mailboxName"
)

// header is a request header of V1 that steers an answer.
type header string

const (
	hHowMany      header = "How-Many"                      // rows in one answer; never 0, which means all of them at once
	hLastObject   header = "Last-Object"                   // where the next answer goes on
	hObjectCount  header = "Context-ObjectCount"           // 1 asks for the count of all matches
	hDependencies header = "Context-PlanDependenciesScope" // 1 asks for dependencies
)

// endpoint is an index into the table.
type endpoint int

const (
	engineInfo endpoint = iota
	planJobs
	planJob
	planJobPredecessors
	planJobSuccessors
	planJobCount
	planJobLog
	planRunLog
	planStreams
	planStream
	planStreamPredecessors
	planStreamSuccessors
	planStreamCount
	planWorkstations
	planWorkstation
	planResources
	planResource
	planPrompts
	modelJobs
	modelStreams

	v1EngineInfo
	v1Mailbox
	v1Plans
	v1PlansNext
	v1Jobs
	v1JobsNext
	v1Job
	v1JobPredecessors
	v1JobSuccessors
	v1JobCount
	v1JobLog
	v1Streams
	v1StreamsNext
	v1Stream
	v1Workstations
	v1WorkstationsNext
	v1Workstation
	v1Resources
	v1ResourcesNext
	v1Resource
	v1Prompts
	v1PromptsNext
	v1Prompt
	v1Files
	v1FilesNext
	v1CriticalJobs
	v1CriticalJobsNext
	v1CriticalSummary
	v1Events
	v1EventsNext
	v1Audit
	v1AuditNext
	v1ModelJobs
	v1ModelStreams

	serverMetrics
	endpoints // how many there are
)

// What the rows of one kind share.
var (
	lists     = []param{pLimit, pOffset, pOQL}
	defined   = []param{pLimit, pOffset, pOQL, pModel}
	windows   = []param{pFromLine, pToLine}
	selection = []header{hHowMany, hObjectCount, hDependencies}
	goingOn   = []header{hHowMany, hObjectCount, hDependencies, hLastObject}
	whole     = []header{hDependencies}
)

// allowed is everything that this package can send. A request is made by makeRequest from a row of it, and checked against it again by the guard
// in front of the wire. In V1 reading an object is a GET, and asking for a list is a POST that carries the filter.
var allowed = [endpoints]operation{
	engineInfo:             {Method: http.MethodGet, Path: "/engine/info"},
	planJobs:               {Method: http.MethodGet, Path: "/plan/job", Query: lists},
	planJob:                {Method: http.MethodGet, Path: "/plan/job/{id}"},
	planJobPredecessors:    {Method: http.MethodGet, Path: "/plan/job/{id}/predecessors", Query: []param{pDepth}},
	planJobSuccessors:      {Method: http.MethodGet, Path: "/plan/job/{id}/successors", Query: []param{pDepth}},
	planJobCount:           {Method: http.MethodGet, Path: "/plan/job/count", Query: []param{pFilter, pGroups}},
	planJobLog:             {Method: http.MethodGet, Path: "/plan/job/joblog", Query: append([]param{pOQL}, windows...)},
	planRunLog:             {Method: http.MethodGet, Path: "/plan/job/run/{id}/joblog", Query: windows},
	planStreams:            {Method: http.MethodGet, Path: "/plan/jobstream", Query: lists},
	planStream:             {Method: http.MethodGet, Path: "/plan/jobstream/{id}"},
	planStreamPredecessors: {Method: http.MethodGet, Path: "/plan/jobstream/{id}/predecessors", Query: []param{pDepth}},
	planStreamSuccessors:   {Method: http.MethodGet, Path: "/plan/jobstream/{id}/successors", Query: []param{pDepth}},
	planStreamCount:        {Method: http.MethodGet, Path: "/plan/jobstream/count", Query: []param{pFilter, pGroups}},
	planWorkstations:       {Method: http.MethodGet, Path: "/plan/workstation", Query: lists},
	planWorkstation:        {Method: http.MethodGet, Path: "/plan/workstation/{id}"},
	planResources:          {Method: http.MethodGet, Path: "/plan/resource", Query: lists},
	planResource:           {Method: http.MethodGet, Path: "/plan/resource/{id}"},
	planPrompts:            {Method: http.MethodGet, Path: "/plan/prompt", Query: lists},
	modelJobs:              {Method: http.MethodGet, Path: "/model/jobdefinition", Query: defined},
	modelStreams:           {Method: http.MethodGet, Path: "/model/jobstream", Query: defined},

	v1EngineInfo: {Root: rootV1, Method: http.MethodGet, Path: "/engine/info"},
	v1Mailbox:    {Root: rootV1, Method: http.MethodGet, Path: "/engine/mailbox_fill_percentage", Query: []param{pMailbox}},
	v1Plans:      {Root: rootV1, Method: http.MethodPost, Path: "/plan/query", Headers: selection, Body: bodyQuery("symphonyInPlan")},
	v1PlansNext:  {Root: rootV1, Method: http.MethodPost, Path: "/plan/query_next", Headers: goingOn, Body: bodyNext("symphonyInPlan")},

	v1Jobs:            {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/job/query", Headers: selection, Body: bodyQuery("jobInPlan")},
	v1JobsNext:        {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/job/query_next", Headers: goingOn, Body: bodyNext("jobInPlan")},
	v1Job:             {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/job/{id}", Headers: whole},
	v1JobPredecessors: {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/job/{id}/predecessors", Query: []param{pHowMany}, Headers: []header{hHowMany}},
	v1JobSuccessors:   {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/job/{id}/jobsuccessors/preview"},
	v1JobCount:        {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/job/count", Body: bodyQuery("jobInPlan")},
	v1JobLog:          {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/job/{id}/joblog", Query: []param{pFile, pLines, pPage}},

	v1Streams:     {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/jobstream/query", Headers: selection, Body: bodyQuery("jobStreamInPlan")},
	v1StreamsNext: {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/jobstream/query_next", Headers: goingOn, Body: bodyNext("jobStreamInPlan")},
	v1Stream:      {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/jobstream/{id}", Headers: whole},

	v1Workstations:     {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/workstation/query", Headers: selection, Body: bodyQuery("workstationInPlan")},
	v1WorkstationsNext: {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/workstation/query_next", Headers: goingOn, Body: bodyNext("workstationInPlan")},
	v1Workstation:      {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/workstation/{id}"},
	v1Resources:        {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/resource/query", Headers: selection, Body: bodyQuery("resourceInPlan")},
	v1ResourcesNext:    {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/resource/query_next", Headers: goingOn, Body: bodyNext("resourceInPlan")},
	v1Resource:         {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/resource/{id}"},
	v1Prompts:          {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/prompt/query", Headers: selection, Body: bodyQuery("promptInPlan")},
	v1PromptsNext:      {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/prompt/query_next", Headers: goingOn, Body: bodyNext("promptInPlan")},
	v1Prompt:           {Root: rootV1, Method: http.MethodGet, Path: "/plan/{plan}/prompt/{id}"},
	v1Files:            {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/file/query", Headers: selection, Body: bodyQuery("fileInPlan")},
	v1FilesNext:        {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/file/query_next", Headers: goingOn, Body: bodyNext("fileInPlan")},
	v1CriticalJobs:     {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/criticaljob/query", Headers: selection, Body: bodyQuery("criticalJobInPlan")},
	v1CriticalJobsNext: {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/criticaljob/query_next", Headers: goingOn, Body: bodyNext("criticalJobInPlan")},
	v1CriticalSummary:  {Root: rootV1, Method: http.MethodPost, Path: "/plan/{plan}/criticaljob/summary_info", Body: bodyEmpty},

	v1Events:       {Root: rootV1, Method: http.MethodPost, Path: "/eventrule/engine/message_log_record/header/query", Headers: selection, Body: bodyEmpty},
	v1EventsNext:   {Root: rootV1, Method: http.MethodPost, Path: "/eventrule/engine/message_log_record/header/query_next", Headers: goingOn, Body: bodyEmpty},
	v1Audit:        {Root: rootV1, Method: http.MethodPost, Path: "/eventrule/engine/audit_record/header/query", Headers: selection, Body: bodyEmpty},
	v1AuditNext:    {Root: rootV1, Method: http.MethodPost, Path: "/eventrule/engine/audit_record/header/query_next", Headers: goingOn, Body: bodyEmpty},
	v1ModelJobs:    {Root: rootV1, Method: http.MethodPost, Path: "/model/jobdefinition/header/query", Headers: selection, Body: bodyQuery("jobDefinition")},
	v1ModelStreams: {Root: rootV1, Method: http.MethodPost, Path: "/model/jobstream/header/query", Headers: selection, Body: bodyQuery("jobstream")},

	serverMetrics: {Root: rootServer, Method: http.MethodGet, Path: "/metrics"},
}

// isLog reports whether the answer is a job log in plain text.
func (ep endpoint) isLog() bool { return ep == planJobLog || ep == planRunLog }

// ofAgent reports whether an agent answers through the engine, so that its silence says nothing of others.
func (ep endpoint) ofAgent() bool { return ep.isLog() || ep == v1JobLog }

// isText reports whether the answer is plain text.
func (ep endpoint) isText() bool { return ep.isLog() || ep == serverMetrics }

// isPlan reports whether the answer is as large as the plan.
func (ep endpoint) isPlan() bool {
	switch ep {
	case planJobs, planStreams, v1Jobs, v1JobsNext, v1Streams, v1StreamsNext:
		return true
	}
	return false
}
