// Package diagnose joins what the plan, the logs and the workstations show into one cited diagnosis (contracts/answer.md): verdict,
// causes with evidence, chain, impact, actions with their preconditions, what is missing and what would change the verdict.
// Every diagnosing rule lives here or in twstools/plan; no model and no page has one. Each quote is drawn from what was read in this
// call, so that it can be checked beside the engine; text from outside passes internal/untrusted once, here.
//
// A Diagnoser is safe for concurrent use. Start at Diagnoser.Diagnose.
package diagnose

import (
	"context"
	"log/slog"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/portuguese"
	"github.com/resync-hwa/resync/twstools/reader"
)

// Options say what a Diagnoser works with. Engine, Finder and Name are required.
type Options struct {
	Engine   twstools.Engine
	Finder   *reader.Finder
	Name     string // configured name of the engine, for refs
	Zone     func(context.Context) *time.Location
	PlanNow  func() (now time.Time, ours bool)
	Runbooks Runbooks // may be nil
	Past     Past     // what was usual and how things stood; may be nil
	Logger   *slog.Logger
}

// Runbooks finds procedures that fit a cause. cmd adapts the knowledge room to it; the two rooms do not know each other.
type Runbooks interface {
	Fitting(ctx context.Context, kinds, messageIDs []string, words, language string) ([]Runbook, error)
}

// Runbook is a section that fits, with a verbatim quote of it.
type Runbook struct {
	Source string // knowledge:<document>#<section>
	Title  string
	Quote  string
	Line   int
}

// Request is what is asked.
type Request struct {
	Target   string   // empty: the whole plan
	Also     []string // further targets that are asked about together with it
	Kind     string   // type of the target, where the asker said so
	Hint     string   // further words of the question, which choose between objects that fit the target alike
	Premise  string   // what the asker believes
	At       string   // when the asker means, as ParseMoment reads it: picks the instance that was planned for, or ran, then; empty: unsaid
	Language string   // en or pt
	Action   string   // action code that the asker wants to carry out
	Value    string   // what that action should set: a limit, a fence, a priority, an answer
}

// Subject is the object that was asked about, as found.
type Subject struct {
	Type         string     `json:"type" doc:"job, job_stream, workstation, resource, prompt, file"`
	Entity       string     `json:"entity"`
	Ref          answer.Ref `json:"ref"`
	Name         string     `json:"name"`
	Description  string     `json:"description,omitempty"`
	Status       string     `json:"status,omitempty"`
	CommonStatus string     `json:"common_status,omitempty"`
	ReturnCode   *int       `json:"return_code,omitempty"`
	Start        string     `json:"start,omitempty"`
	End          string     `json:"end,omitempty"`
	RunID        string     `json:"run_id,omitempty"`
	JobNumber    int64      `json:"job_number,omitempty"`
	Workstation  string     `json:"workstation,omitempty"`
	FoundBy      string     `json:"found_by,omitempty" doc:"name, entity, job_number or description: how the target was matched"`
}

// Report is a diagnosis with the sources that its evidence quotes.
type Report struct {
	Subject   *Subject
	Diagnosis *answer.Diagnosis
	Premise   string // "holds", "false", or empty
	Runbooks  []Runbook
	Failures  []error // single reads that failed while the rest was answered
	Sources   []toolkit.Source
	Unlisted  int       // of the whole plan: jobs that ended badly and stand neither among the causes nor among the candidates
	Mirrored  time.Time // when the engine's copy of the plan was proven to be current; zero when nothing proves it
}

// Diagnoser answers Requests about one engine.
type Diagnoser struct{ o Options }

// New makes a Diagnoser.
func New(o Options) *Diagnoser {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Diagnoser{o: o}
}

// Diagnose finds the target and says what is wrong with it, or that nothing is, or that it cannot be told. It returns an error only
// when the target is not found (fault.NotFound with the nearest names) or the engine cannot be read at all.
func (d *Diagnoser) Diagnose(ctx context.Context, req Request) (Report, error) {
	c := d.newCase(ctx, req)
	when, err := ParseMoment(req.At, c.zone, c.now)
	if err != nil {
		return Report{}, err
	}
	if req.Target == "" {
		c.settleClock(ctx)
		return c.wholePlan(ctx)
	}
	if len(req.Also) > 0 {
		c.settleClock(ctx)
		if starts := c.together(ctx, when); len(starts) > 1 {
			return c.explainAll(ctx, starts, false)
		}
	}
	found, err := d.o.Finder.Find(ctx, req.Target, finderKind(req.Kind), req.Hint)
	if err != nil {
		if e, ok := c.fileAsked(); ok && fault.Is(err, fault.NotFound) {
			c.settleClock(ctx)
			if r, ok := c.file(ctx, e); ok {
				return r, nil
			}
		}
		return Report{}, err
	}
	for _, miss := range found.Missing {
		c.failed(miss)
	}
	c.settleClock(ctx)
	if all := picks(found); c.outside(when, all) {
		return c.archived(ctx, when, all), nil
	}
	picked, rest := choose(found, req, when, c.now)
	switch {
	case len(picked) == 0:
		return Report{}, fault.New(fault.NotFound, "Nothing in the plan fits %s.", req.Target)
	case len(picked) > 1:
		if one, others, ok := c.oneCause(ctx, picked, found.By); ok {
			picked, rest = []pick{one}, append(others, rest...)
			break
		}
		return c.clarify(ctx, picked)
	}
	c.rest = rest
	return c.run(ctx, picked[0], found.By)
}

func finderKind(kind string) string {
	if kind == "file" {
		return ""
	}
	return kind
}

// kase is the work on one request: what was read, what was proven, what failed.
type kase struct {
	d          *Diagnoser
	req        Request
	lang       string
	now        time.Time
	zone       *time.Location
	ev         *evidence
	out        answer.Diagnosis
	graph      *plan.Graph
	failures   []error
	rest       []pick
	fresh      freshness
	past       past
	told       plan.Told
	surveyed   bool     // whether hidden was asked
	hidden     bool     // the account is not shown all that the plan holds
	messages   []string // message ids met in logs
	fixes      []fix    // what mends the failures found
	suffering  []plan.Affected
	unproven   []*plan.Node            // ended badly, and nothing read says why
	unwalked   []twstools.Job          // ended badly, and beyond those that are looked into
	badUnseen  bool                    // the list of failed runs was longer than what was read of it
	unlisted   int                     // how many that ended badly are not even named
	logs       []logged                // failures whose logs were read
	harmed     map[string][]*plan.Node // by the entity of a cause: the jobs through which it does harm, where it is none of them
	behind     map[plan.NodeID]bool    // jobs whose predecessors are being looked into
	noEstimate bool                    // a running job has no estimate to be measured by
}

func (d *Diagnoser) newCase(ctx context.Context, req Request) *kase {
	zone := time.UTC
	if d.o.Zone != nil {
		zone = d.o.Zone(ctx)
	}
	now, _ := d.o.PlanNow()
	lang := req.Language
	if lang != "pt" {
		lang = "en"
	}
	return &kase{d: d, req: req, lang: lang, now: now, zone: zone, ev: newEvidence(), out: answer.Diagnosis{Verdict: answer.InsufficientEvidence, ConfidenceClass: answer.Inconclusive}}
}

// failed notes a read that did not come back; what it would have shown stands in missing.
func (c *kase) failed(err error) {
	if err == nil || fault.Is(err, fault.Unsupported) {
		return
	}
	c.failures = append(c.failures, err)
	p := fault.Public(err)
	source := p.Source
	if source == "" {
		source = "engine:" + c.d.o.Name
	}
	c.miss(source, c.inLanguage(p.Message))
}

// inLanguage gives the message of an error in the language of the request.
func (c *kase) inLanguage(message string) string {
	if c.lang == "pt" {
		return portuguese.Of(message)
	}
	return message
}

// miss adds a line to missing, once: the source it names, then why.
func (c *kase) miss(source, why string) {
	line := source + ": " + why
	for _, have := range c.out.Missing {
		if have == line {
			return
		}
	}
	c.out.Missing = append(c.out.Missing, line)
}

// report closes the case.
func (c *kase) report(ctx context.Context, s *Subject) Report {
	c.doubt(ctx, s)
	settle(&c.out)
	return Report{Subject: s, Diagnosis: &c.out, Premise: c.premise(s), Failures: c.failures, Sources: c.ev.sources(), Unlisted: c.unlisted, Mirrored: c.fresh.mirrored}
}

// settle gives every list a value and the confidence class that follows from the causes.
func settle(d *answer.Diagnosis) {
	if len(d.Causes) > 0 {
		d.ConfidenceClass = d.Causes[0].Class
	} else {
		d.ConfidenceClass = answer.Inconclusive
	}
	if d.Urgency == nil {
		d.Urgency = &answer.Urgency{Class: "none"}
	}
	d.Causes = orEmpty(d.Causes)
	d.Explanations = orEmpty(d.Explanations)
	d.Chain = orEmpty(d.Chain)
	d.Impact = orEmpty(d.Impact)
	d.Affected = orEmpty(d.Affected)
	d.Candidates = orEmpty(d.Candidates)
	d.RuledOut = orEmpty(d.RuledOut)
	d.Actions = orEmpty(d.Actions)
	d.Missing = orEmpty(d.Missing)
	d.WouldChange = orEmpty(d.WouldChange)
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
