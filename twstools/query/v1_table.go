package query

// v1Kind is how a key of V1's filters holds its value.
type v1Kind int

const (
	v1Name   v1Kind = iota // text with the wildcard @
	v1Path                 // a workstation's name without its folder, with the wildcard @
	v1Exact                // text as it is
	v1Words                // a list of the engine's words
	v1Number               // a number, or a range of them under a key of its own
	v1Digits               // a number written as text
	v1Truth
	v1Time // an instant, or a range
)

// v1Key pairs a key of one of V1's filters with the field that it asks about.
type v1Key struct {
	key    string
	field  string
	kind   v1Kind
	ranged string                // the key of the range, where there is one
	to     func(string) []string // V1's words for one of ours; none: V1 cannot say it
	from   func(string) string   // our word for one of V1's
	// heard: the key is understood and never sent, since nothing says which words or which object it means.
	heard bool
}

// v1Filters holds the keys of V1's filter objects (QueryFilterPlan of its description), by object. Absent keys cannot be said.
var v1Filters = map[Object][]v1Key{
	Jobs: {
		{key: "jobName", field: "name"},
		{key: "jobStreamName", field: "jobStreamName"},
		{key: "jobWksName", field: "workstation", kind: v1Path},
		{key: "inputArrivalTime", field: "schedTime", kind: v1Time, ranged: "inputArrivalTimeRange"},
		{key: "jobId", field: "id", kind: v1Exact},
		{key: "taskTypeList", field: "jobDefinition.taskType", kind: v1Words, heard: true},
		{key: "internalStatusList", field: "jobruns.compositeStatus.status", kind: v1Words, to: V1Statuses, from: StatusFromV1},
		{key: "statusList", field: "jobruns.commonStatus", kind: v1Words, to: wordList(commonStatuses...)},
		{key: "priority", field: "priority", kind: v1Number, ranged: "priorityRange"},
		{key: "rerunType", field: "jobruns.rerunType", kind: v1Exact, to: wordList("RERUN", "RERUN_EVERY", "RERUN_FROM", "RECOVERY", "REGULAR")},
		{key: "confirmed", field: "jobruns.confirmed", kind: v1Truth, heard: true},
		{key: "every", field: "jobOptions.every", kind: v1Truth},
		{key: "untilExpired", field: "jobStatusFlags.untilGone", kind: v1Truth},
		{key: "untilTime", field: "timeRestrictions.untilTime", kind: v1Time, ranged: "untilTimeRange"},
		{key: "actualStartTime", field: "jobruns.timeInfo.actualStartTime", kind: v1Time, ranged: "actualStartTimeRange"},
		{key: "actualEndTime", field: "jobruns.timeInfo.actualEndTime", kind: v1Time, ranged: "actualEndTimeRange"},
		{key: "startTime", field: "timeRestrictions.startTime", kind: v1Time, ranged: "startTimeRange", heard: true},
		{key: "task", field: "jobDefinition.task"},
		{key: "userLogin", field: "jobDefinition.userLogin"},
		{key: "fileDependencyName", field: "dependencies.fileName"},
		{key: "fileDependencyWorkstationName", field: "dependencies.fileWorkstation", kind: v1Path},
		{key: "promptDependencyName", field: "dependencies.promptName"},
		{key: "promptDependencyNumber", field: "dependencies.promptNumber", kind: v1Number},
		{key: "resourceDependencyName", field: "dependencies.resourceName"},
		{key: "resourceDependencyWorkstationName", field: "dependencies.resourceWorkstation", kind: v1Path},
		{key: "critical", field: "jobOptions.critical", kind: v1Truth},
		{key: "canceled", field: "jobruns.compositeStatus.canceled", kind: v1Truth},
		{key: "deadlineTime", field: "timeRestrictions.deadlineTime", kind: v1Time, ranged: "deadlineTimeRange"},
		{key: "maxDurationGone", field: "jobruns.maxDurationGone", kind: v1Truth},
		{key: "minDurationNotReached", field: "jobruns.minDurationNotReached", kind: v1Truth},
		{key: "late", field: "jobStatusFlags.jobLate", kind: v1Truth},
		{key: "lastInRerunChain", field: "jobruns.lastInRerunChain", kind: v1Truth},
		{key: "returnCode", field: "jobruns.returnCode", kind: v1Digits},
		{key: "jobCommand", field: "jobDefinition.isCommand", kind: v1Truth},
		{key: "jobNumber", field: "jobruns.jobNumber", kind: v1Digits},
		{key: "nopJob", field: "jobOptions.noOperation", kind: v1Truth},
		{key: "actualWorkstation", field: "jobruns.actualWorkstation", kind: v1Path},
	},
	JobStreams: {
		{key: "jobStreamName", field: "name"},
		{key: "workstationName", field: "workstation", kind: v1Path},
		{key: "jobStreamId", field: "id", kind: v1Exact},
		{key: "internalStatusList", field: "compositeStatus.status", kind: v1Words, to: V1Statuses, from: StatusFromV1},
		{key: "statusList", field: "commonStatus", kind: v1Words, to: wordList(commonStatuses...)},
		{key: "limit", field: "limit", kind: v1Number, ranged: "limitRange"},
		{key: "carriedForward", field: "jsDefinitionFlags.carriedForward", kind: v1Truth},
		{key: "deadlineTime", field: "timeRestrictions.deadlineTime", kind: v1Time, ranged: "deadlineTimeRange"},
		{key: "numCurrentNodes", field: "jobStreamStats.numberOfCurrentNodes", kind: v1Number},
		{key: "priority", field: "priority", kind: v1Number, ranged: "priorityRange"},
		{key: "actualEndTime", field: "timeInfo.actualEndTime", kind: v1Time, ranged: "actualEndTimeRange"},
		{key: "actualStartTime", field: "timeInfo.actualStartTime", kind: v1Time, ranged: "actualStartTimeRange"},
		{key: "startTime", field: "timeRestrictions.startTime", kind: v1Time, ranged: "startTimeRange", heard: true},
		{key: "inputArrivalTime", field: "schedTime", kind: v1Time, ranged: "scheduledTimeRange"},
		{key: "untilTime", field: "timeRestrictions.untilTime", kind: v1Time, ranged: "untilTimeRange"},
		{key: "fileDependencyName", field: "dependencies.fileName"},
		{key: "fileDependencyWorkstationName", field: "dependencies.fileWorkstation", kind: v1Path},
		{key: "promptDependencyName", field: "dependencies.promptName"},
		{key: "promptDependencyNumber", field: "dependencies.promptNumber", kind: v1Number},
		{key: "resourceDependencyName", field: "dependencies.resourceName"},
		{key: "resourceDependencyWorkstationName", field: "dependencies.resourceWorkstation", kind: v1Path},
		{key: "originalName", field: "originalJobStreamName"},
		{key: "aliasName", field: "aliasJobStreamName"},
		{key: "internalIdentifierAsString", field: "internalIdentifier", kind: v1Exact},
		{key: "submitter", field: "submitter"},
		{key: "serviceName", field: "serviceName"},
	},
	Workstations: {
		{key: "workstationName", field: "name", kind: v1Path},
		{key: "workstationId", field: "id", kind: v1Exact},
		{key: "domainName", field: "domainName", kind: v1Path},
		{key: "linkStatusList", field: "activeStates", kind: v1Words, to: wordList("LINKED", "UNLINKED", "FULLY_LINKED", "NOT_APPLICABLE")},
		{key: "workstationTypeList", field: "type", kind: v1Words, to: v1WorkstationType, from: WorkstationTypeFromV1},
		{key: "jobmanUp", field: "jobmanUp", kind: v1Truth},
		{key: "limit", field: "limit", kind: v1Digits},
		{key: "fence", field: "fence", kind: v1Digits},
	},
	Resources: {
		{key: "resourceName", field: "name"},
		{key: "workstatioName", field: "workstation", kind: v1Path}, // V1's own spelling
		{key: "resourceId", field: "id", kind: v1Exact},
		{key: "statusList", field: "status", kind: v1Words, to: wordList("AVAILABLE", "NOT_AVAILABLE", "UNDECIDED")},
		{key: "quantityDefined", field: "quantity", kind: v1Digits},
		{key: "quantityInUse", field: "quantityInUse", kind: v1Digits},
		{key: "quantityAvailable", field: "quantityAvailable", kind: v1Number, ranged: "quantityAvailableRange"},
	},
	Prompts: {
		{key: "promptName", field: "name"},
		{key: "promptId", field: "id", kind: v1Exact},
		{key: "promptNumber", field: "number", kind: v1Number},
		{key: "promptText", field: "text"},
		{key: "statusList", field: "status", kind: v1Words, heard: true},
		{key: "promptTypeList", field: "type", kind: v1Words, heard: true},
	},
	Files: {
		{key: "fileName", field: "name"},
		{key: "workstationName", field: "workstation", kind: v1Path},
		{key: "statusList", field: "status", kind: v1Words, heard: true},
	},
	CriticalJobs: {
		{key: "jobName", field: "name"},
		{key: "jobStreamName", field: "jobStreamName"},
		{key: "workstationName", field: "workstation", kind: v1Path},
		{key: "jobStreamWorkstationName", field: "jobStreamWorkstation", kind: v1Path},
		{key: "priority", field: "priority", kind: v1Number, ranged: "priorityRange"},
		{key: "alertLevelList", field: "alertLevel", kind: v1Words, to: wordList("HIGH_RISK", "POTENTIAL_RISK", "ON_TRACK")},
		{key: "internalStatusList", field: "jobruns.compositeStatus.status", kind: v1Words, to: V1Statuses, from: StatusFromV1},
		{key: "statusList", field: "jobruns.commonStatus", kind: v1Words, to: wordList(commonStatuses...)},
		{key: "criticalStartTime", field: "criticalStart", kind: v1Time, ranged: "criticalStartTimeRange"},
		{key: "deadline", field: "deadline", kind: v1Time, ranged: "deadlineRange"},
	},
	Plans: {
		{key: "planName", field: "name"},
		{key: "planId", field: "id", kind: v1Exact},
		{key: "planType", field: "type", kind: v1Exact, to: wordList("ARCHIVED", "SYMNEW", "TRIAL", "FORECAST", "CURRENT", "UNKNOWN")},
	},
}

// v1EitherWorkstation is the key of V1's filter of jobs that names a workstation without saying whether the job's or its stream's is meant. Reading it,
// both count; it is sent for a condition that says both.
const v1EitherWorkstation = "workstationName"

// eitherWorkstation are the two fields that it may mean.
var eitherWorkstation = [2]string{"workstation", "jobStreamWorkstation"}

// v1Prefix is what the names of V1's filters, sorters and complex filters of an object begin with.
var v1Prefix = [...]string{"jobInPlan", "jobStreamInPlan", "workstationInPlan", "resourceInPlan", "promptInPlan", "fileInPlan", "criticalJobInPlan", "symphonyInPlan"}

// v1Sorters maps fields to the keys that V1 orders by; critical jobs and plans have none.
var v1Sorters = map[Object]map[string]string{
	Jobs: {"name": "jobName", "jobStreamName": "jobstreamName", "schedTime": "jobstreamScheduledTime", "jobStreamWorkstation": "jobstreamWksName", "priority": "priority",
		"jobruns.commonStatus": "status", "jobruns.compositeStatus.status": "internalStatus", "jobruns.timeInfo.actualStartTime": "actualStartTime",
		"jobruns.timeInfo.actualEndTime": "actualEndTime", "jobruns.estimatedDuration": "estimatedDuration", "jobruns.jobNumber": "jobNumber", "jobruns.returnCode": "returnCode",
		"jobruns.rerunType": "rerunType", "jobruns.actualWorkstation": "actualWorkstation", "timeRestrictions.untilTime": "untilTime",
		"timeRestrictions.deadlineTime": "deadlineTime", "timeRestrictions.startTime": "earliestStartTime", "jobOptions.critical": "jobCritical"},
	JobStreams: {"name": "name", "workstation": "workstationName", "schedTime": "scheduledTime", "priority": "priority", "limit": "limit", "commonStatus": "status",
		"compositeStatus.status": "internalStatus", "timeInfo.actualStartTime": "actualStartTime", "timeInfo.actualEndTime": "actualEndTime",
		"timeInfo.estimatedDuration": "estimatedDuration", "timeRestrictions.deadlineTime": "deadlineTime", "timeRestrictions.startTime": "earliestStartTime",
		"timeRestrictions.untilTime": "untilTime", "internalIdentifier": "internalIdentifier", "jobStreamStats.numberOfJob": "totalJobs",
		"jobStreamStats.numberOfSuccessfullJob": "successfulJobs", "originalJobStreamName": "originalName", "folder": "folderName"},
	Workstations: {"name": "workstationName", "type": "workstationType", "limit": "limit", "fence": "fence", "domainName": "domainName", "jobmanUp": "jobmanUp", "folder": "folderName"},
	Resources: {"name": "name", "workstation": "workstatioName", "quantity": "quantity", "quantityInUse": "quantityInUse", "quantityAvailable": "availableQuantity",
		"status": "status", "folder": "folderName"},
	Prompts: {"name": "name", "number": "number", "status": "status", "text": "text", "type": "type", "workstation": "workstationName", "timeAsked": "askTime",
		"timeRespond": "replyTime", "folder": "folderName"},
	Files: {"name": "name", "workstation": "workstationName", "qualifier": "qualifiers", "status": "status"},
}
