package tools

import (
	"context"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// EventRow is one change of the plan, as it is told to whoever watches.
type EventRow struct {
	Seq    uint64 `json:"seq" doc:"Number of the change; the id of its event."`
	Kind   string `json:"kind" enum:"appeared,left,status,run_started,run_ended,property,plan_turned" doc:"The name of its event."`
	Engine string `json:"engine"`
	Object string `json:"object" enum:"job,job_stream,plan,other" doc:"What has changed; other is a workstation, resource or prompt, by its name."`
	Entity string `json:"entity,omitempty" doc:"Operator's form, of jobs and job streams."`
	Name   string `json:"name,omitempty"`
	At     string `json:"at" doc:"When it happened, RFC 3339 in the plan's zone."`
	Exact  bool   `json:"exact" doc:"The engine itself dated it; otherwise it is when it was seen, and happened since the sighting before."`
	From   string `json:"from,omitempty" doc:"Status before; absent where none was known."`
	To     string `json:"to,omitempty" doc:"Status since then."`
	Field  string `json:"field,omitempty" doc:"Of property: limit, fence, linked, priority, available …"`
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
	// Of run_started and run_ended.
	RunID      string `json:"run_id,omitempty" doc:"Of the run that started or ended."`
	ReturnCode *int   `json:"return_code,omitempty"`
	JobNumber  int64  `json:"job_number,omitempty"`
}

// longestValue bounds the old and the new value of a property, in runes.
const longestValue = 200

// EventRows tells changes in the plan's zone. Texts are cleaned.
func (t *Tools) EventRows(ctx context.Context, changes []twstools.Change) []EventRow {
	zone := t.planZone(ctx)
	out := make([]EventRow, len(changes))
	for i := range changes {
		out[i] = eventRow(&changes[i], t.o.Name, zone)
	}
	return out
}

func eventRow(c *twstools.Change, engine string, zone *time.Location) EventRow {
	e := EventRow{Seq: c.Seq, Kind: string(c.Kind), Engine: engine, Object: "other", Name: untrusted.Normalize(c.Name), At: c.At.In(zone).Format(time.RFC3339), Exact: c.Exact,
		From: untrusted.Normalize(c.From.Display()), To: untrusted.Normalize(c.To.Display()), Field: untrusted.Normalize(c.Field),
		Old: clip(untrusted.Normalize(c.Old), longestValue), New: clip(untrusted.Normalize(c.New), longestValue)}
	k := c.Key
	switch {
	case c.Kind == twstools.PlanTurned:
		e.Object = "plan"
	case k.Stream != "":
		of := twstools.Entity{Type: twstools.EntityJobStream, Folder: k.Folder, Workstation: k.StreamWorkstation, Stream: k.Stream, Sched: k.Sched, JobStreamID: k.JobStreamID}
		e.Object, e.Name = "job_stream", untrusted.Normalize(k.Stream)
		if k.Job != "" {
			of.Type, of.Job = twstools.EntityJob, k.Job
			e.Object, e.Name = "job", untrusted.Normalize(k.Job)
		}
		e.Entity = untrusted.Normalize(of.String(zone))
	}
	if c.Run != nil {
		e.RunID, e.ReturnCode, e.JobNumber = c.Run.ID, c.Run.ReturnCode, c.Run.JobNumber
	}
	return e
}
