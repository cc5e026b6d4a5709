package hwa

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// introduced are the fields of V1's engine/info that are read. It also tells the database's address and user; what is not named here is passed over
// unread, so those never come to be in memory.
type introduced struct {
	Display      any `json:"displayVersion"`
	Full         any `json:"fullVersion"`
	Version      any `json:"version"`
	Zone         any `json:"timezone"`
	PlanZone     any `json:"planTimezone"`
	Locale       any `json:"locale"`
	License      any `json:"licenseType"`
	Type         any `json:"engineType"`
	Workstation  any `json:"workstationName"`
	Master       any `json:"masterWorkstation"`
	RunNumber    any `json:"synphonyRunNumber"` // the interface's own spelling
	Scheduled    any `json:"synphonyScheduledDate"`
	Batchman     any `json:"synphonyBatchManStatus"`
	Start        any `json:"synphonyPlanStart"`
	End          any `json:"synphonyPlanEnd"`
	Found        any `json:"synphonyFound"`
	RunNumberToo any `json:"symphonyRunNumber"` // in case a level spells it right
	ScheduledToo any `json:"symphonyScheduledDate"`
	BatchmanToo  any `json:"symphonyBatchManStatus"`
	StartToo     any `json:"symphonyPlanStart"`
	EndToo       any `json:"symphonyPlanEnd"`
	FoundToo     any `json:"symphonyFound"`
}

// readV1Info reads what a V1 server says about itself, and nothing of its database.
func (c *Client) readV1Info(ctx context.Context) (object, error) {
	r, err := makeRequest(v1EngineInfo, parts{})
	if err != nil {
		return nil, err
	}
	r.what = introduction
	var out object
	err = c.send(ctx, r, maxErrorBytes, func(a answer) error {
		out = nil
		dropMark(a.body)
		d := json.NewDecoder(&spaced{r: a.body, room: maxRowBytes})
		d.UseNumber()
		var i introduced
		var typ *json.UnmarshalTypeError
		switch err := d.Decode(&i); {
		case errors.Is(err, io.EOF):
			return errEmpty
		case errors.As(err, &typ):
			return errShape
		case err != nil:
			return notJSON(err)
		}
		out = object{}
		for key, v := range map[string]any{"displayVersion": i.Display, "fullVersion": i.Full, "version": i.Version, "timezone": i.Zone, "planTimezone": i.PlanZone,
			"locale": i.Locale, "licenseType": i.License, "engineType": i.Type, "workstationName": i.Workstation, "masterWorkstation": i.Master} {
			out.put(key, v)
		}
		for key, v := range map[string][2]any{"run": {i.RunNumber, i.RunNumberToo}, "scheduled": {i.Scheduled, i.ScheduledToo}, "batchman": {i.Batchman, i.BatchmanToo},
			"start": {i.Start, i.StartToo}, "end": {i.End, i.EndToo}, "found": {i.Found, i.FoundToo}} {
			if v[0] == nil {
				v[0] = v[1]
			}
			out.put(key, v[0])
		}
		return nil
	})
	return out, err
}

// PlanWindow says from when to when the current plan runs, and what batchman is said to do.
func (p *ports) PlanWindow(ctx context.Context) (twstools.PlanWindow, error) {
	return portal(ctx, p, v1EngineInfo, func(ctx context.Context) (twstools.PlanWindow, error) {
		o, err := p.c.readV1Info(ctx)
		if err != nil {
			return twstools.PlanWindow{}, p.lacking(err, "the plan's window")
		}
		if !introduces(o) {
			return twstools.PlanWindow{}, p.lacking(errShape, "the plan's window")
		}
		return twstools.PlanWindow{Found: o.boolean("found"), RunNumber: o.integer("run"), ScheduledDate: o.instant("scheduled"), Start: o.instant("start"), End: o.instant("end"),
			Batchman: o.str("batchman"), TimeZone: o.str("planTimezone")}, nil
	})
}

// MailboxFill says how full a message queue of the master is, in percent.
func (p *ports) MailboxFill(ctx context.Context, name string) (int, error) {
	if name == "" {
		name = "Mailbox.msg"
	}
	return portal(ctx, p, v1Mailbox, func(ctx context.Context) (int, error) {
		r, err := makeRequest(v1Mailbox, parts{query: map[param]string{pMailbox: name}})
		if err != nil {
			return 0, err
		}
		r.what, r.optional = "its message queues", true
		n, ok := 0, false
		err = p.c.send(ctx, r, maxErrorBytes, func(a answer) error {
			raw, err := io.ReadAll(a.body)
			n, ok = bareNumber(raw)
			if err == nil && !ok {
				return errShape
			}
			return err
		})
		switch {
		case saysNoObject(err):
			return 0, p.c.source(fault.Wrap(fault.NotFound, err, "There is no message queue %q.", clip(name, 80)))
		case err != nil:
			return 0, p.lacking(err, "its message queues")
		}
		return n, nil
	})
}

// Plans lists the plans that the engine keeps.
func (p *ports) Plans(ctx context.Context, typ twstools.PlanType) ([]twstools.Plan, error) {
	return portal(ctx, p, v1Plans, func(ctx context.Context) ([]twstools.Plan, error) {
		t := v1Talk{c: p.c, of: query.Plans, prefix: "symphonyInPlan", list: v1Plans, next: v1PlansNext, what: "other plans", mayLack: true, translate: asPlan, places: &p.one.places}
		l := lister[twstools.Plan]{decoder: p.one.decoder, talk: t, facts: &p.plans, what: "the list of plans", thing: "plan", decode: plan,
			row: twstools.PlanRow, fields: twstools.PlanFields, known: func(twstools.Plan) bool { return true }}
		q := twstools.ListQuery{Limit: maxRequest}
		if typ != "" {
			q.Where = query.Is("type", string(typ))
		}
		list, err := l.read(ctx, q)
		return list.Items, p.lacking(err, "other plans")
	})
}

// asPlan takes name and type out of a plan's key.
func asPlan(o object) object {
	out := object{}.copy(o, "id", "runNumber", "creationDate", "validFrom", "validTo", "size", "active", "masterWorkstationName", "name", "type")
	key := o.obj("key", "symphonyInPlanKey")
	return out.copy(key, "name", "type")
}

func plan(o object, _ bool) twstools.Plan {
	p := twstools.Plan{Name: o.str("name"), Type: twstools.PlanType(o.str("type", "planType")), RunNumber: o.integer("runNumber"), Created: o.instant("creationDate"),
		ValidFrom: o.instant("validFrom"), ValidTo: o.instant("validTo"), Active: o.boolean("active"), Master: display(o.str("masterWorkstationName"))}
	if n := o.int64("size"); n > 0 {
		p.Size = &n
	}
	p.ID = o.str("id")
	switch {
	case p.Type == twstools.PlanCurrent:
		p.ID = currentPlan
	case !planID.MatchString(p.ID) && planID.MatchString(p.Name): // a path takes the name of an archived plan, whatever its id looks like
		p.ID = p.Name
	}
	return p
}

// ArchivedJobs lists jobs of another plan. Its objects have no references: an id there is another one's in the current plan.
func (p *ports) ArchivedJobs(ctx context.Context, plan twstools.Plan, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	none := twstools.List[twstools.Job]{}
	if !planID.MatchString(plan.ID) {
		return none, fault.New(fault.Invalid, "%q is not the id of a plan.", clip(plan.ID, 40)).WithHint("Take one from the list of plans.")
	}
	// What the server does with filters, orders and rows is learned for each of its plans alike; only the plan's id differs.
	l := p.one.jobLister(asksNeeds(q))
	t := p.one.talk(query.Jobs)
	t.plan, t.needs = plan.ID, asksNeeds(q)
	l.talk = t
	l.fold = p.one.fold(l)
	list, err := l.read(ctx, q)
	if err != nil {
		if saysNoObject(err) || absent(err) && p.keepsPlans(ctx) {
			return none, p.c.source(fault.Wrap(fault.NotFound, err, "No plan with the id %q is kept.", plan.ID).WithHint("Take one from the list of plans."))
		}
		return none, p.lacking(err, "archived plans")
	}
	for i := range list.Items {
		unref(&list.Items[i])
	}
	return list, nil
}

// keepsPlans tells a server that lacks one plan from one that has no V1.
func (p *ports) keepsPlans(ctx context.Context) bool {
	_, err := p.Plans(ctx, "")
	return err == nil
}

// unref takes the references out of a job.
func unref(j *twstools.Job) {
	j.Ref, j.StreamRef = twstools.Ref{}, twstools.Ref{}
	for i := range j.Runs {
		j.Runs[i].ID = ""
	}
	var each func([]twstools.Dependency)
	each = func(ds []twstools.Dependency) {
		for i := range ds {
			ds[i].JobRef, ds[i].StreamRef = twstools.Ref{}, twstools.Ref{}
			each(ds[i].Members)
		}
	}
	each(j.Dependencies)
}

// Files lists the files that jobs and job streams wait for.
func (p *ports) Files(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.FileWait], error) {
	return portal(ctx, p, v1Files, func(ctx context.Context) (twstools.List[twstools.FileWait], error) {
		t := v1Talk{c: p.c, of: query.Files, prefix: "fileInPlan", list: v1Files, next: v1FilesNext, what: "files", mayLack: true, translate: asV2File, places: &p.one.places}
		l := lister[twstools.FileWait]{decoder: p.one.decoder, talk: t, facts: &p.files, what: "the list of files", thing: "file", row: twstools.FileRow, fields: twstools.FileFields,
			decode: func(o object, _ bool) twstools.FileWait {
				return twstools.FileWait{Name: o.raw("name"), Workstation: display(o.str("workstation")), Qualifier: o.raw("qualifier"), Status: o.str("status")}
			}, known: func(twstools.FileWait) bool { return true }}
		list, err := l.read(ctx, q)
		return list, p.lacking(err, "files")
	})
}

// CriticalJobs lists the jobs of the critical-path service.
func (p *ports) CriticalJobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.CriticalJob], error) {
	return portal(ctx, p, v1CriticalJobs, func(ctx context.Context) (twstools.List[twstools.CriticalJob], error) {
		t := v1Talk{c: p.c, of: query.CriticalJobs, prefix: "criticalJobInPlan", list: v1CriticalJobs, next: v1CriticalJobsNext, what: "critical jobs", mayLack: true,
			translate: asCritical, places: &p.one.places}
		l := lister[twstools.CriticalJob]{decoder: p.one.decoder, talk: t, facts: &p.critical, what: "the list of critical jobs", thing: "critical job",
			row: twstools.CriticalJobRow, fields: twstools.CriticalJobFields, decode: p.criticalJob, known: func(c twstools.CriticalJob) bool { return c.Job.DependenciesKnown }}
		list, err := l.read(ctx, q)
		return list, p.lacking(err, "critical jobs")
	})
}

// asCritical writes a critical job's node as a job, with what the service says of it beside.
func asCritical(o object) object {
	out := asV2Job(o)
	network := o.obj("criticalNetworkInfo")
	info := network.obj("criticalJobInfo")
	if info == nil {
		info = o.obj("criticalJobInfo")
	}
	say := object{}.copy(network, "alertLevel", "estimatedStartTime", "estimatedEndTime", "criticalStart").copy(info, "alertLevel", "confidenceFactor", "appliedDeadlineTime", "deadlineTime")
	out.put("critical", say.copy(o, "alertLevel", "confidenceFactor"))
	return out
}

func (p *ports) criticalJob(o object, whole bool) twstools.CriticalJob {
	say := o.obj("critical")
	c := twstools.CriticalJob{Job: p.one.job(o, whole), Alert: say.str("alertLevel"), Deadline: say.instant("appliedDeadlineTime", "deadlineTime"),
		EstimatedStart: say.instant("estimatedStartTime"), EstimatedEnd: say.instant("estimatedEndTime"), CriticalStart: say.instant("criticalStart"), Confidence: say.num("confidenceFactor")}
	if c.Deadline.IsZero() {
		c.Deadline = c.Job.Times.Deadline
	}
	if _, two := p.c.tongue.speaking().(*v2); two {
		unref(&c.Job) // V1's ids mean nothing to the reads of V2
	}
	return c
}

// CriticalSummary counts critical jobs by risk.
func (p *ports) CriticalSummary(ctx context.Context) (twstools.CriticalSummary, error) {
	return portal(ctx, p, v1CriticalSummary, func(ctx context.Context) (twstools.CriticalSummary, error) {
		r, err := makeRequest(v1CriticalSummary, parts{body: "{}"})
		if err != nil {
			return twstools.CriticalSummary{}, err
		}
		r.what, r.optional = "critical jobs", true
		o, err := p.c.getObject(ctx, r)
		if err != nil {
			return twstools.CriticalSummary{}, p.lacking(err, "critical jobs")
		}
		return twstools.CriticalSummary{NoRisk: o.integer("numberOfCriticalJobsNoRisk"), PotentialRisk: o.integer("numberOfCriticalJobsPotentialRisk"),
			HighRisk: o.integer("numberOfCriticalJobsHighRisk"), Recalculated: o.instant("lastCritPathRecalculation")}, nil
	})
}

// atMost gives a How-Many.
func atMost(n int) string { return strconv.Itoa(min(max(n, 1), maxRequest)) }
