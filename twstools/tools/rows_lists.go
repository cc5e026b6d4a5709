package tools

import (
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// JobStreamRow is one job stream in a list. Limit is absent where none is set.
type JobStreamRow struct {
	Entity       string `json:"entity"`
	ID           string `json:"id,omitempty"` // the engine's 16 characters
	Name         string `json:"name"`
	Workstation  string `json:"workstation"`
	Status       string `json:"status"`
	CommonStatus string `json:"common_status"`
	SchedTime    string `json:"sched_time,omitempty"`
	Start        string `json:"start,omitempty"`
	End          string `json:"end,omitempty"`
	Priority     *int   `json:"priority,omitempty"`
	Limit        *int   `json:"limit,omitempty"`
	Jobs         *int   `json:"jobs,omitempty"`
	Successful   *int   `json:"successful,omitempty"`
	Carried      bool   `json:"carried_forward,omitempty"`
	Due          string `json:"planned_start,omitempty"` // of what has not started: the later of schedule time and earliest start, where they differ
	Late         string `json:"late,omitempty"`          // why it counts as late
}

// ResourceRow is one resource in a list.
type ResourceRow struct {
	Entity      string      `json:"entity"`
	Name        string      `json:"name"`
	Workstation string      `json:"workstation,omitempty"`
	Total       *int        `json:"total,omitempty"`
	Available   *int        `json:"available,omitempty"`
	InUse       *int        `json:"in_use,omitempty"`
	Status      string      `json:"status,omitempty"`
	Holders     []HolderRow `json:"holders"`
}

// HolderRow is who holds units of a resource.
type HolderRow struct {
	Entity string `json:"entity"`
	Units  *int   `json:"units,omitempty"`
}

// PromptRow is one prompt in a list.
type PromptRow struct {
	Entity   string `json:"entity"`
	Number   *int   `json:"number,omitempty"`
	Name     string `json:"name,omitempty"`
	Status   string `json:"status"`
	Text     string `json:"text"`
	AskedAt  string `json:"asked_at,omitempty"`
	Answered string `json:"answered_at,omitempty"`
	Of       string `json:"of,omitempty"`           // the job or job stream that it belongs to, as the engine writes it
	Type     string `json:"type,omitempty"`         // ad hoc, predefined, restart, as sent
	Informs  bool   `json:"informs_only,omitempty"` // its text needs no reply
}

func (c *call) streamRow(s twstools.JobStream) JobStreamRow {
	r := JobStreamRow{Entity: untrusted.Normalize(s.Entity().String(c.zone)), ID: untrusted.Normalize(s.InternalID), Name: untrusted.Normalize(s.Name), Workstation: untrusted.Normalize(s.Workstation),
		Status: untrusted.Normalize(s.Status.Internal), CommonStatus: untrusted.Normalize(s.Status.Common), SchedTime: c.instant(s.SchedTime), Start: c.instant(s.Start), End: c.instant(s.End),
		Priority: s.Priority, Jobs: s.Stats.Total, Successful: s.Stats.Successful, Carried: s.CarriedForward}
	if s.Limit != nil && *s.Limit >= 0 { // -1 is how engines write "none"
		r.Limit = s.Limit
	}
	if due := plannedStart(plan.PhaseOf(s.Status), s.SchedTime, s.Times); s.Start.IsZero() && !due.Equal(s.SchedTime) {
		r.Due = c.instant(due)
	}
	r.Late = c.lateWhy(streamTiming(&s))
	return r
}

// workstationRow shows a workstation with the state of its link in one word, and what is wrong with it, if anything.
func (c *call) workstationRow(w twstools.Workstation) WorkstationRow {
	link, _ := plan.LinkState(w)
	name := untrusted.Normalize(w.Name)
	return WorkstationRow{Entity: name, Name: name, Type: untrusted.Normalize(w.Type), Status: string(link), Limit: w.Limit, Fence: w.Fence, Problem: problem(w, link)}
}

func (c *call) resourceRow(r twstools.Resource) ResourceRow {
	out := ResourceRow{Entity: untrusted.Normalize(r.Entity().String(c.zone)), Name: untrusted.Normalize(r.Name), Workstation: untrusted.Normalize(r.Workstation),
		Total: r.Quantity, Available: r.Available, InUse: r.InUse, Status: untrusted.Normalize(r.Status), Holders: []HolderRow{}}
	for _, h := range r.Holders {
		name := h.JobKey
		if name == "" {
			name = h.JobStream
			if h.Job != "" {
				name += "." + h.Job
			}
		}
		out.Holders = append(out.Holders, HolderRow{untrusted.Normalize(name), h.Quantity})
	}
	return out
}

func (c *call) promptRow(p twstools.Prompt) PromptRow {
	return PromptRow{Entity: untrusted.Normalize(p.Entity().String(c.zone)), Number: p.Number, Name: untrusted.Normalize(p.Name), Status: untrusted.Normalize(p.Status), Text: untrusted.Normalize(p.Text),
		AskedAt: c.instant(p.AskedAt), Answered: c.instant(p.AnsweredAt), Of: owner(p), Type: untrusted.Normalize(p.Type), Informs: informs(p.Text)}
}

// informs reports whether a prompt only informs (UG "Prompt definition": a text that starts with a colon needs no reply).
func informs(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), ":") }
