// Package jobs is the tool that all servers of the benchmark offer: 200 jobs in memory, a filter by status, at most 20 rows. What the servers make of it may
// differ in nothing but the software in between.
package jobs

import (
	"encoding/json"
	"fmt"
)

// Name, Title and Description of the tool.
const (
	Name        = "list_jobs"
	Title       = "List jobs"
	Description = "Jobs of the plan with a status, at most limit of them, and how many there are."
)

// Statuses are those that a job can have, and that one can ask for.
var Statuses = []string{"SUCC", "ABEND", "EXEC", "HOLD"}

// In is what the tool takes.
type In struct {
	Status string `json:"status" enum:"SUCC,ABEND,EXEC,HOLD" doc:"Status of the jobs." jsonschema:"Status of the jobs."`
	Limit  int    `json:"limit,omitempty" default:"20" min:"1" max:"100" doc:"How many jobs at most." jsonschema:"How many jobs at most."`
}

// Job is one row.
type Job struct {
	Name        string `json:"name"`
	Workstation string `json:"workstation"`
	Status      string `json:"status"`
	Start       string `json:"start"`
	ReturnCode  int    `json:"return_code"`
}

// Out is what the tool gives.
type Out struct {
	Jobs  []Job `json:"jobs"`
	Total int   `json:"total"`
}

// InputSchema and OutputSchema are for the servers that take a schema as it stands. They say what In and Out say.
const (
	InputSchema = `{"type":"object","properties":{"status":{"type":"string","description":"Status of the jobs.","enum":["SUCC","ABEND","EXEC","HOLD"]},` +
		`"limit":{"type":"integer","description":"How many jobs at most.","default":20,"minimum":1,"maximum":100}},"required":["status"],"additionalProperties":false}`
	OutputSchema = `{"type":"object","properties":{"jobs":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"workstation":{"type":"string"},` +
		`"status":{"type":"string"},"start":{"type":"string"},"return_code":{"type":"integer"}},"required":["name","workstation","status","start","return_code"],` +
		`"additionalProperties":false}},"total":{"type":"integer"}},"required":["jobs","total"],"additionalProperties":false}`
)

// Plan is the 200 jobs.
type Plan []Job

// New makes the plan; it is the same each time.
func New() Plan {
	p := make(Plan, 200)
	for i := range p {
		p[i] = Job{Name: fmt.Sprintf("LEDGER_POST_%03d", i), Workstation: fmt.Sprintf("LXPAY%02d", i%7), Status: Statuses[i%len(Statuses)],
			Start: fmt.Sprintf("2026-11-22T%02d:%02d:00Z", i/60, i%60), ReturnCode: i % 3}
	}
	return p
}

// List answers the tool.
func (p Plan) List(in In) Out {
	limit := in.Limit
	if limit == 0 {
		limit = 20
	}
	out := Out{Jobs: make([]Job, 0, limit)}
	for _, j := range p {
		if j.Status != in.Status {
			continue
		}
		out.Total++
		if len(out.Jobs) < limit {
			out.Jobs = append(out.Jobs, j)
		}
	}
	return out
}

// Text is the answer as text: all servers send the JSON.
func (o Out) Text() string {
	b, err := json.Marshal(o)
	if err != nil {
		return err.Error() // strings and integers always marshal
	}
	return string(b)
}
