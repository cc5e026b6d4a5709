package tools

import "github.com/resync-hwa/resync/internal/toolkit"

// The names of the views.
const (
	ViewGraph    = "plan_graph"
	ViewTimeline = "plan_timeline"
)

// Views defines what draws the plan. They are tools like the others, bounded, watched and audited alike; only no model is offered them: they are many
// rows for an eye, and what they show can be asked for in words.
func (t *Tools) Views() ([]toolkit.Tool, error) {
	graph, err := toolkit.Define(toolkit.Spec{Name: ViewGraph, Toolset: SetPlan, Title: "Neighbourhood as a graph",
		Description: "What a job or job stream waits for and what waits for it, so many hops far, as nodes and edges for drawing."}, t.PlanGraph)
	if err != nil {
		return nil, err
	}
	timeline, err := toolkit.Define(toolkit.Spec{Name: ViewTimeline, Toolset: SetPlan, Title: "Jobs on a time axis",
		Description: "Starts and ends of the jobs of a job stream or workstation within a window: those that were, and those that are planned or predicted."}, t.PlanTimeline)
	if err != nil {
		return nil, err
	}
	return []toolkit.Tool{graph, timeline}, nil
}
