package compose

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// The tools' names (DESIGN.md section 3).
const (
	PlanStatus      = "plan_status"
	FindJobs        = "find_jobs"
	GetJob          = "get_job"
	GetJobLog       = "get_job_log"
	DiagnoseJob     = "diagnose_job"
	ExplainWait     = "explain_wait"
	SearchKnowledge = "search_knowledge"
)

// reading is what the deciding call said, decoded. At most one of the pointers is set, but for outlook, which is read beside it.
type reading struct {
	call      conversations.Call // zero when no call decides
	decided   bool
	diagnosis *tools.DiagnoseOut
	plan      *tools.PlanStatusOut
	jobs      *tools.FindJobsOut
	job       *tools.GetJobOut
	log       *tools.GetJobLogOut
	knowledge *Knowledge
	view      *view
	outlook   *outlook
}

// Decisive gives the call that decides the answer to what was asked: of the tools that can, the last one that was asked about the
// same object and gave data, else the last that failed.
func Decisive(u understand.Understanding, ledger conversations.Ledger) (conversations.Call, bool) {
	var failed conversations.Call
	found := false
	for _, name := range deciders(u) {
		for i := len(ledger) - 1; i >= 0; i-- {
			c := ledger[i]
			if c.Name != name || !Fits(c, u) {
				continue
			}
			if c.OK() {
				return c, true
			}
			if !found {
				failed, found = c, true
			}
		}
	}
	return failed, found
}

// deciders are the tools that can answer an intent, the best first.
func deciders(u understand.Understanding) []string {
	usual := usualDeciders(u)
	if Instead(u) {
		return append([]string{ToolOf(u.View)}, usual...)
	}
	return usual
}

func usualDeciders(u understand.Understanding) []string {
	switch u.Intent {
	case understand.Diagnose, understand.Impact, understand.Status, understand.Next, understand.Write:
		return []string{DiagnoseJob, ExplainWait, PlanStatus}
	case understand.Wait:
		return []string{ExplainWait, DiagnoseJob, PlanStatus}
	case understand.Plan, understand.Handover:
		return []string{DiagnoseJob, PlanStatus}
	case understand.Find:
		switch u.Objects {
		case "workstations", "prompts", "resources", "files", "job_streams":
			return []string{PlanStatus, DiagnoseJob, FindJobs}
		}
		return []string{FindJobs, DiagnoseJob, PlanStatus}
	case understand.Job:
		return []string{GetJob, DiagnoseJob}
	case understand.Log:
		return []string{GetJobLog, DiagnoseJob}
	case understand.Knowledge:
		return []string{SearchKnowledge}
	}
	return nil
}

// Fits reports whether the call was about the object asked for: named so in its arguments, or found to be it.
func Fits(c conversations.Call, u understand.Understanding) bool {
	var asked string
	switch c.Name {
	case DiagnoseJob, ExplainWait, ImpactOf, LateRisk:
		asked = c.Arg("target")
	case GetJob, GetJobLog:
		asked = c.Arg("job")
	case PlanStatus:
		return u.Target == "" || u.Intent == understand.Plan || u.Intent == understand.Find
	default:
		return true
	}
	if u.Intent == understand.Plan || u.Intent == understand.Handover {
		u.Target = ""
	}
	if u.Target == "" || same(asked, u.Target) {
		return u.Target != "" || asked == ""
	}
	var out tools.DiagnoseOut
	if c.Decode(&out) && out.Subject != nil {
		s := out.Subject
		return names(s.Entity, s.Name, s.JobNumber, u.Target)
	}
	var job tools.GetJobOut
	if c.Name == GetJob && c.Decode(&job) {
		return names(job.Job.Entity, job.Job.Name, job.Job.JobNumber, u.Target)
	}
	var log tools.GetJobLogOut
	return c.Name == GetJobLog && c.Decode(&log) && names(log.Entity, "", 0, u.Target)
}

// names reports whether the target, as typed, is a name of the object.
func names(entity, name string, number int64, target string) bool {
	t, e := plain(target), plain(entity)
	return t != "" && (t == e || t == strings.ToUpper(name) || strings.HasSuffix(e, "#"+t) || strings.HasSuffix(e, "."+t) ||
		number != 0 && strings.HasSuffix(t, "#J"+strconv.FormatInt(number, 10)))
}

func same(a, b string) bool { return plain(a) == plain(b) }

// plain is a name for comparison: upper case, without its instance's time.
func plain(s string) string {
	if i := strings.Index(s, "[("); i >= 0 {
		if j := strings.Index(s[i:], ")]"); j > 0 {
			s = s[:i] + s[i+j+2:]
		}
	}
	return strings.ToUpper(strings.TrimSpace(s))
}

func read(u understand.Understanding, ledger conversations.Ledger) reading {
	c, ok := Decisive(u, ledger)
	r := reading{call: c, decided: ok, outlook: readOutlook(u, ledger)}
	if !ok || !c.OK() {
		return r
	}
	switch c.Name {
	case DiagnoseJob, ExplainWait:
		r.diagnosis = decode[tools.DiagnoseOut](c)
	case PlanStatus:
		r.plan = decode[tools.PlanStatusOut](c)
	case FindJobs:
		r.jobs = decode[tools.FindJobsOut](c)
	case GetJob:
		r.job = decode[tools.GetJobOut](c)
	case GetJobLog:
		r.log = decode[tools.GetJobLogOut](c)
	case SearchKnowledge:
		r.knowledge = decode[Knowledge](c)
	default:
		r.view = readView(c)
	}
	return r
}

func decode[T any](c conversations.Call) *T {
	var v T
	if !c.Decode(&v) {
		return nil
	}
	return &v
}

// CausesOf gives the causes that a diagnosing call found, and how many runbooks came with them.
func CausesOf(c conversations.Call) (causes []answer.Cause, runbooks int) {
	if c.Name != DiagnoseJob && c.Name != ExplainWait {
		return nil, 0
	}
	d := decode[tools.DiagnoseOut](c)
	if d == nil || d.Diagnosis == nil {
		return nil, 0
	}
	return d.Diagnosis.Causes, len(d.Runbooks)
}

// EntityOf names the object that an answer was about, as the plan named it: the subject, the job, else the only cause. Empty when it was
// about none.
func EntityOf(u understand.Understanding, ledger conversations.Ledger, a answer.Answer) string {
	r := read(u, ledger)
	switch {
	case r.diagnosis != nil && r.diagnosis.Subject != nil:
		return r.diagnosis.Subject.Entity
	case r.job != nil:
		return r.job.Job.Entity
	case r.log != nil:
		return r.log.Entity
	case r.jobs != nil && len(r.jobs.Jobs) == 1:
		return r.jobs.Jobs[0].Entity
	case r.view != nil:
		return r.view.only()
	case r.plan != nil && max(r.plan.NeedsPersonTotal, len(r.plan.NeedsPerson)) == 1 && len(r.plan.NeedsPerson) == 1:
		return r.plan.NeedsPerson[0].Entity
	case a.Diagnosis != nil && len(a.Diagnosis.Causes) == 1:
		return a.Diagnosis.Causes[0].Entity
	}
	return ""
}

// ShortName is the last part of an entity's name, in capitals: the job, the stream, the resource.
func ShortName(entity string) string {
	e := plain(entity)
	for _, sep := range []string{"#", ":"} {
		if i := strings.LastIndex(e, sep); i >= 0 {
			e = e[i+1:]
		}
	}
	if i := strings.LastIndex(e, "."); i >= 0 && !strings.Contains(e, "/") {
		e = e[i+1:]
	}
	return e
}
