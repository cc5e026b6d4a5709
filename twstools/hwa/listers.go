package hwa

import "github.com/resync-hwa/resync/twstools"

// The listers of both dialects differ in how they talk, and in what was learned about the server.

func listJobs(t talk, d decoder, f *facts) lister[twstools.Job] {
	return lister[twstools.Job]{decoder: d, talk: t, facts: f, what: "the list of jobs", thing: "job",
		decode: d.job, row: twstools.JobRow, fields: twstools.JobFields, paths: workstationFields,
		known: func(j twstools.Job) bool { return j.DependenciesKnown }}
}

func listStreams(t talk, d decoder, f *facts) lister[twstools.JobStream] {
	return lister[twstools.JobStream]{decoder: d, talk: t, facts: f, what: "the list of job streams", thing: "job stream",
		decode: d.jobStream, row: twstools.JobStreamRow, fields: twstools.JobStreamFields, paths: workstationFields,
		known: func(s twstools.JobStream) bool { return s.DependenciesKnown }}
}

func listWorkstations(t talk, d decoder, f *facts) lister[twstools.Workstation] {
	return lister[twstools.Workstation]{decoder: d, talk: t, facts: f, what: "the list of workstations", thing: "workstation",
		decode: d.workstation, row: twstools.WorkstationRow, fields: twstools.WorkstationFields, paths: append([]string{"name"}, workstationFields...),
		known: func(twstools.Workstation) bool { return true }}
}

func listResources(t talk, d decoder, f *facts) lister[twstools.Resource] {
	return lister[twstools.Resource]{decoder: d, talk: t, facts: f, what: "the list of resources", thing: "resource",
		decode: d.resource, row: twstools.ResourceRow, fields: twstools.ResourceFields, paths: workstationFields,
		known: func(twstools.Resource) bool { return true }}
}

func listPrompts(t talk, d decoder, f *facts) lister[twstools.Prompt] {
	return lister[twstools.Prompt]{decoder: d, talk: t, facts: f, what: "the list of prompts", thing: "prompt",
		decode: d.prompt, row: twstools.PromptRow, fields: twstools.PromptFields, paths: workstationFields,
		known: func(twstools.Prompt) bool { return true }}
}
