package twsmock

import (
	"net/http"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

type wireInfo struct {
	DisplayVersion string                       `json:"displayVersion"`
	FullVersion    string                       `json:"fullVersion"`
	Capabilities   map[string]map[string]string `json:"capabilities"`
	LicenseType    string                       `json:"licenseType"`
	Locale         string                       `json:"locale"`
	TimeZone       string                       `json:"timezone"`
}

func (c call) info() answer {
	i := c.w.Info
	return inJSON(http.StatusOK, wireInfo{DisplayVersion: i.Version, FullVersion: i.Version, Capabilities: map[string]map[string]string{}, LicenseType: i.License, Locale: i.Locale, TimeZone: i.TimeZone})
}

func (c call) users() answer {
	return inJSON(http.StatusOK, map[string][]string{"users": {"wauser"}})
}
func (c call) groups() answer    { return inJSON(http.StatusOK, map[string][]string{"groups": {}}) }
func (c call) empty() answer     { return inJSON(http.StatusOK, map[string]string{}) }
func (c call) emptyList() answer { return inJSON(http.StatusOK, []string{}) }
func (c call) emptyPage() answer { return inJSON(http.StatusOK, wirePage[string]{Results: []string{}}) }
func (c call) noSuch() answer {
	return failed(fault.New(fault.NotFound, "The object %q does not exist.", c.id))
}

type wireLabel struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

type wireObjectInfo struct {
	Actions      []wireLabel `json:"actions"` // always empty: the mock offers none
	CommonStatus []wireLabel `json:"commonStatus,omitempty"`
	Status       []wireLabel `json:"status,omitempty"`
	ActiveStates []wireLabel `json:"activeStates,omitempty"`
}

// objectsInfo names the statuses that objects of this plan have.
func (c call) objectsInfo() answer {
	all := map[string]wireObjectInfo{}
	jobs, err := c.statuses(c.n.TallyJobs)
	if err != nil {
		return failed(err)
	}
	streams, err := c.statuses(c.n.TallyJobStreams)
	if err != nil {
		return failed(err)
	}
	all["JOB_IN_PLAN"] = wireObjectInfo{Actions: []wireLabel{}, CommonStatus: labels(jobs[0]), Status: labels(jobs[1])}
	all["JOBSTREAM_IN_PLAN"] = wireObjectInfo{Actions: []wireLabel{}, CommonStatus: labels(streams[0]), Status: labels(streams[1])}
	var states []string
	for _, w := range c.w.Workstations {
		states = append(states, w.ActiveStates...)
	}
	all["WORKSTATION_IN_PLAN"] = wireObjectInfo{Actions: []wireLabel{}, ActiveStates: labels(states)}
	all["RESOURCE_IN_PLAN"] = wireObjectInfo{Actions: []wireLabel{}, Status: labels([]string{"AVAILABLE", "NOT_AVAILABLE", "UNDECIDED"})}
	all["PROMPT_IN_PLAN"] = wireObjectInfo{Actions: []wireLabel{}, Status: labels([]string{"NOT_ASKED", "ASKED", "ANSWERED_YES", "ANSWERED_NO"})}
	kind := c.query.Get("object_type")
	if kind == "" {
		return inJSON(http.StatusOK, all)
	}
	info, ok := all[kind]
	if !ok {
		return refuse(http.StatusBadRequest, "The object_type is none of the plan's.")
	}
	return inJSON(http.StatusOK, map[string]wireObjectInfo{kind: info})
}

// statuses gives the common and the internal statuses that there are.
func (c call) statuses(count tallies) (both [2][]string, err error) {
	all, err := count(c.r.Context(), nil, "status", "internal")
	for _, t := range all {
		both[0], both[1] = append(both[0], t.Keys[0]), append(both[1], t.Keys[1])
	}
	return both, err
}

func labels(keys []string) []wireLabel {
	slices.Sort(keys)
	out := []wireLabel{}
	for _, k := range slices.Compact(keys) {
		if k != "UNLINKED" {
			out = append(out, wireLabel{k, k})
		}
	}
	return out
}

// The descriptions' form is unknown but for being an object of objects.
func (c call) jobDescription() answer {
	j, err := c.all.Job(c.r.Context(), c.ref())
	if err == nil {
		err = c.may(jobObject(j))
	}
	if err != nil {
		return failed(err)
	}
	return inJSON(http.StatusOK, map[string]any{"jobDefinition": map[string]string{"name": j.Definition.Name, "description": j.Definition.Description}})
}

func (c call) streamDescription() answer {
	s, err := c.all.JobStream(c.r.Context(), c.ref())
	if err == nil {
		err = c.may(streamObject(s))
	}
	if err != nil {
		return failed(err)
	}
	return inJSON(http.StatusOK, map[string]any{"jobStream": map[string]string{"name": s.OriginalName}})
}

type wireConsumed struct {
	Date  string       `json:"date"`
	Daily wireJobCount `json:"dailyJobs"`
}

type wireJobCount struct {
	Total      int64 `json:"total"`
	Successful int64 `json:"successful"`
	Unique     int64 `json:"unique"`
}

// consumedJobs counts the runs of this plan by day.
func (c call) consumedJobs() answer {
	switch p := c.query.Get("period"); p {
	case "", "day", "month":
		return inJSON(http.StatusOK, c.consumed())
	default:
		return refuse(http.StatusBadRequest, "The period is day or month.")
	}
}

func (v *view) countRuns() []*wireConsumed {
	by := map[string]*wireConsumed{}
	var days []string
	for i := range v.w.Jobs {
		for _, r := range v.w.Jobs[i].Runs {
			day := r.Start.In(v.loc).Format(time.DateOnly)
			if by[day] == nil {
				by[day] = &wireConsumed{Date: day}
				days = append(days, day)
			}
			d := &by[day].Daily
			d.Total++
			if r.Status.Common == "SUCCESSFUL" {
				d.Successful++
			}
			if r.Attempt == 1 {
				d.Unique++
			}
		}
	}
	slices.Sort(days)
	out := []*wireConsumed{}
	for _, day := range days {
		out = append(out, by[day])
	}
	return out
}
