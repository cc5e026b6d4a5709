package twsmock

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// live is a world's plant as the plan that is asked about has it: an archived plan holds jobs and nothing of the plant.
func (c v1Call) live(w *world.World) *world.World {
	if c.plan.archived {
		return &world.World{}
	}
	return w
}

// jobs lists rows: a job with reruns has several, unless only the last is asked for, or the other reading of the interface is set.
func (c v1Call) jobs() answer {
	q, key, p, err := c.selection(query.Jobs, "job")
	if err != nil {
		return failedV1(err)
	}
	rows := c.plan.search(q, key, c.lastOnly())
	id := func(r jobRow) string { return c.ids.write(v1JobID(c.plan.jobs[r.job], int(r.run))) }
	return pageV1(c, "job", p, rows, id, func(r jobRow) v1Job { return c.writeJob(r, c.withDependencies()) })
}

func (c v1Call) lastOnly() bool {
	return c.opts.OneRowPerJob || flagHeader(c.r, "Context-JobHistoryScope") == "1"
}

// jobCount counts rows. The filter is documented inside an object with an option; one by itself is understood too. The answer is 202 and a
// number as text, as documented.
func (c v1Call) jobCount() answer {
	var wrapped struct {
		Option *string         `json:"option"`
		Filter json.RawMessage `json:"filter"`
	}
	body := c.body
	if len(body) == 0 {
		body = []byte("{}")
	}
	if err := json.Unmarshal(body, &wrapped); err != nil {
		return failedV1(fault.New(fault.Invalid, "The body of the request is no JSON."))
	}
	if len(wrapped.Filter) > 0 {
		body = wrapped.Filter
	} else if wrapped.Option != nil {
		body = []byte("{}")
	}
	q, err := query.ParseV1(body, query.Jobs)
	if err != nil {
		return failedV1(err)
	}
	return inJSON(http.StatusAccepted, strconv.Itoa(len(c.plan.search(q, string(body), c.lastOnly()))))
}

type v1Issue struct {
	Value struct {
		ID      string `json:"id"`
		Message string `json:"issueMessage"`
		Type    string `json:"issueType"`
	} `json:"value"`
}

// jobIssues answers for the first of the jobs asked about that could not be launched; the type that is declared holds one.
func (c v1Call) jobIssues() answer {
	var asked struct {
		Jobs []string `json:"jobIdList"`
	}
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return failedV1(fault.New(fault.Invalid, "The body of the request is to be a jobIdList."))
	}
	for _, id := range asked.Jobs {
		r, ok := c.row(id)
		if !ok {
			return failedV1(noSuchV1(id))
		}
		if j := c.plan.job(r); j.Status.Internal == "FAIL" {
			var out v1Issue
			out.Value.ID, out.Value.Type, out.Value.Message = id, "ERROR", "The job "+j.Name+" could not be launched."
			return inJSON(http.StatusOK, out)
		}
	}
	return inJSON(http.StatusOK, struct{}{})
}

// row finds the row of a job's id as it came.
func (c v1Call) row(id string) (jobRow, bool) {
	for _, want := range c.ids.read(id) {
		if r, ok := c.plan.find(want); ok {
			return r, true
		}
	}
	return jobRow{}, false
}

// readable gives the row that the path names, if the account may display it.
func (c v1Call) readable() (jobRow, error) {
	r, ok := c.row(c.vars[0])
	if !ok {
		return r, noSuchV1(c.vars[0])
	}
	return r, c.may(jobObject(c.plan.jobs[r.job]))
}

func (c v1Call) job() answer {
	c = c.unlisted()
	r, err := c.readable()
	if err != nil {
		return failedV1(err)
	}
	return inJSON(http.StatusOK, c.writeJob(r, true))
}

func (c v1Call) streams() answer {
	all := make([]int, len(c.plan.streams))
	for i := range all {
		all[i] = i
	}
	row := func(i int) query.Row { return streamRow{&c.plan.streams[i]} }
	id := func(i int) string { return v1StreamID(c.plan.streams[i]) }
	return listV1(c, query.JobStreams, "jobstream", all, row, id, func(i int) v1Stream { return c.writeStream(c.plan.streams[i], c.withDependencies()) })
}

func (c v1Call) stream() answer {
	c = c.unlisted()
	return shown(c, c.plan.streams, v1StreamID, streamObject, func(s twstools.JobStream) v1Stream { return c.writeStream(s, true) })
}

func workstationName(w twstools.Workstation) string { return w.Name }

func (c v1Call) workstations() answer {
	row := func(w twstools.Workstation) query.Row {
		return v1Row[twstools.Workstation]{w, v1WorkstationFields, twstools.WorkstationRow(w)}
	}
	return listV1(c, query.Workstations, "workstation", c.live(c.w).Workstations, row, workstationName, c.writeWorkstation)
}

func (c v1Call) workstation() answer {
	return shown(c, c.live(c.from).Workstations, workstationName, workstationObject, c.writeWorkstation)
}

func (c v1Call) resources() answer {
	row := func(r twstools.Resource) query.Row {
		return v1Row[twstools.Resource]{r, v1ResourceFields, twstools.ResourceRow(r)}
	}
	return listV1(c, query.Resources, "resource", c.live(c.w).Resources, row, v1ResourceID, c.writeResource)
}

func (c v1Call) resource() answer {
	return shown(c, c.live(c.from).Resources, v1ResourceID, resourceObject, c.writeResource)
}

func (c v1Call) prompts() answer {
	row := func(p twstools.Prompt) query.Row {
		return v1Row[twstools.Prompt]{p, v1PromptFields, twstools.PromptRow(p)}
	}
	return listV1(c, query.Prompts, "prompt", c.live(c.w).Prompts, row, v1PromptID, c.writePrompt)
}

func (c v1Call) prompt() answer {
	return shown(c, c.live(c.from).Prompts, v1PromptID, promptObject, c.writePrompt)
}

func (c v1Call) files() answer {
	return listV1(c, query.Files, "file", c.allFiles(), fileRow, v1FileID, c.writeFile)
}

func (c v1Call) file() answer {
	d, err := pickV1(c, c.allFiles(), v1FileID)
	return oneV1(d, err, c.writeFile)
}

func itself[T any](v T) T { return v }

func (c v1Call) domains() answer {
	return smallList(c, domainFilter, "domain", c.allDomains(), v1DomainFields, func(d v1Domain) string { return d.Key.Name }, itself)
}

func (c v1Call) domain() answer {
	d, err := pickV1(c, c.allDomains(), func(d v1Domain) string { return d.Key.Name })
	return oneV1(d, err, itself)
}

func (c v1Call) users() answer {
	return smallList(c, userFilter, "user", c.allUsers(), v1UserFields, userID, itself)
}

func (c v1Call) user() answer {
	u, err := pickV1(c, c.allUsers(), userID)
	return oneV1(u, err, itself)
}

func userID(u v1User) string { return u.on + ";" + u.Key.Name }

// smallList answers one part of a list of a kind that package query does not know.
func smallList[T, W any](c v1Call, f smallFilter, list string, all []T, fields v1Fields[T], id func(T) string, write func(T) W) answer {
	p, err := c.paging(list)
	if err != nil {
		return failedV1(err)
	}
	body, err := c.filterBody(&p)
	if err != nil {
		return failedV1(err)
	}
	q, err := f.read(body)
	if err != nil {
		return failedV1(err)
	}
	found := chosen(all, q, func(x T) query.Row { return v1Row[T]{x, fields, nil} })
	return pageV1(c, list, p, found, func(x T) string { return c.ids.write(id(x)) }, write)
}

// probe is a read that makes the server call the agent: an account that may only look must not do that to a plant.
func (c v1Call) probe() answer {
	return refuseV1(http.StatusForbidden, "AWSJDB817E The user is not authorized to check the workstation.")
}

// monitoring fails for every workstation of the one server on which it was tried.
func (c v1Call) monitoring() answer {
	return refuseV1(http.StatusInternalServerError, "AWSJSY404E The operation on the plan could not be completed: AWSBIN091E.")
}
