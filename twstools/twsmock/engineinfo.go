package twsmock

import (
	"net/http"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
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
	jobs, streams := [2][]string{}, [2][]string{}
	for _, j := range c.w.Jobs {
		jobs = noted(jobs, j.Status)
	}
	for _, s := range c.w.JobStreams {
		streams = noted(streams, s.Status)
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

func noted(to [2][]string, s twstools.Status) [2][]string {
	return [2][]string{append(to[0], s.Common), append(to[1], s.Internal)}
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
	j, err := c.e.Job(c.r.Context(), c.ref())
	if err != nil {
		return failed(err)
	}
	return inJSON(http.StatusOK, map[string]any{"jobDefinition": map[string]string{"name": j.Definition.Name, "description": j.Definition.Description}})
}

func (c call) streamDescription() answer {
	s, err := c.e.JobStream(c.r.Context(), c.ref())
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

// consumed counts the runs of this plan by day.
func (c call) consumed() answer {
	switch p := c.query.Get("period"); p {
	case "", "day", "month":
	default:
		return refuse(http.StatusBadRequest, "The period is day or month.")
	}
	by := map[string]*wireConsumed{}
	var days []string
	for _, j := range c.w.Jobs {
		for _, r := range j.Runs {
			day := r.Start.In(c.loc).Format(time.DateOnly)
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
	return inJSON(http.StatusOK, out)
}
