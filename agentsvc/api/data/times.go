package data

import (
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

// changesInput are the arguments of what_changed.
type changesInput struct {
	EngineChoice
	operation.Paged
	operation.Tagged
	Target  string `query:"target" json:"target,omitempty" maxLength:"500" doc:"Only this job or job stream; needed for previous_run." example:"LXGL01#GLPOST"`
	Since   string `query:"since" json:"since,omitempty" maxLength:"60" doc:"From when on; written as in GET /api/jobs; two hours ago when absent." example:"2h"`
	Until   string `query:"until" json:"until,omitempty" maxLength:"60" doc:"To when, written as since; now when absent."`
	Against string `query:"against" json:"against,omitempty" maxLength:"100" doc:"Instead of since and until: previous_run, previous_plan, plan 2026-03-16, or engine NAME."`
}

// graphInput are the arguments of plan_graph.
type graphInput struct {
	EngineChoice
	operation.Tagged
	Target    string `query:"target" json:"target" required:"true" minLength:"1" maxLength:"500" doc:"Job or job stream, written as in GET /api/jobs/{key}." example:"LXPAY01#PAYROLL.CALC_TAX"`
	Kind      string `query:"target_kind" json:"target_kind,omitempty" enum:"job,job_stream" default:"job" doc:"What the target is."`
	At        string `query:"at" json:"at,omitempty" maxLength:"60" doc:"When you mean, where several instances have the name."`
	Direction string `query:"direction" json:"direction,omitempty" enum:"predecessors,successors,both" default:"both" doc:"What it waits for, what waits for it, or both."`
	Hops      int    `query:"hops" json:"hops,omitempty" minimum:"1" maximum:"10" default:"2" doc:"How far."`
	Nodes     int    `query:"nodes" json:"nodes,omitempty" minimum:"2" maximum:"200" default:"100" doc:"Most nodes."`
}

// timelineInput are the arguments of plan_timeline.
type timelineInput struct {
	EngineChoice
	operation.Tagged
	JobStream   string `query:"job_stream" json:"job_stream,omitempty" maxLength:"200" doc:"Name of the jobs' job stream; @ and ? allowed." example:"PAYROLL"`
	Workstation string `query:"workstation" json:"workstation,omitempty" maxLength:"200" doc:"Workstation that they are planned on; @ and ? allowed."`
	From        string `query:"from" json:"from,omitempty" maxLength:"60" default:"4h" doc:"Beginning of the window: written as since in GET /api/jobs."`
	To          string `query:"to" json:"to,omitempty" maxLength:"60" default:"8h" doc:"End of the window: written as starts_before in GET /api/jobs. The window is at most 7 days long."`
	Predict     bool   `query:"predict" json:"predict,omitempty" doc:"Also what is predicted of jobs with a deadline and of critical ones; costs the engine more reads."`
	Limit       int    `query:"limit" json:"limit,omitempty" minimum:"1" maximum:"300" default:"200" doc:"Most jobs."`
}

func (a *API) registerTimes(s *operation.Set) {
	register[graphInput, tools.GraphOut](a, s, reading{path: "/api/graph", id: "getGraph", tool: tools.ViewGraph, view: true, summary: "Draw what surrounds a job or job stream", gives: "Nodes and edges", fails: []fault.Code{fault.Ambiguous},
		description: "What it waits for and what waits for it, so many hops far, as nodes and edges. An edge leads from what must end first to what waits for it; hops are the layers of a drawing, negative before the subject. At most 200 nodes and some 60 reads of the engine; `complete` says whether that was all."})
	register[timelineInput, tools.TimelineOut](a, s, reading{path: "/api/timeline", id: "getTimeline", tool: tools.ViewTimeline, view: true, summary: "Lay jobs on a time axis", gives: "Jobs in the order of their beginning",
		moves:       []string{"from", "to", "now"},
		description: "Jobs of a job stream or workstation, or of the whole plan, within a window: when they started and ended, and when those that lie ahead are planned or predicted to."})
	register[changesInput, tools.WhatChangedOut](a, s, reading{path: "/api/changes", id: "listChanges", tool: "what_changed", summary: "List what changed", gives: "A page of changes", fails: []fault.Code{fault.Ambiguous},
		moves:       []string{"from", "to", "compared"},
		description: "What is different since a time (failed and recovered runs, limits, links, actions and who did them), between two runs of a job stream, from an archived plan to this one, or from another engine."})
}
