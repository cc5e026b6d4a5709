package diagnose

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

//go:embed radar.yaml
var radarYAML []byte

type radarRule struct {
	phrase `yaml:",inline"`
	Do     []string `yaml:"do"`
}

type radarTexts struct {
	Rules  map[string]radarRule `yaml:"rules"`
	Unread map[string]phrase    `yaml:"unread"`
	Words  map[string]phrase    `yaml:"words"`
}

var radarWording = sync.OnceValues(func() (*radarTexts, error) {
	t := &radarTexts{}
	if err := yaml.Unmarshal(radarYAML, t); err != nil {
		return &radarTexts{}, fmt.Errorf("radar.yaml: %w", err)
	}
	for _, rule := range plan.RadarRules() {
		r := t.Rules[rule]
		if r.EN == "" || r.PT == "" || len(r.Do) == 0 {
			return t, fmt.Errorf("radar.yaml: rule %s has no sentence in both languages or nothing to do", rule)
		}
	}
	return t, nil
})

// CheckRadar reports whether the radar's embedded texts are sound and cover every rule.
func CheckRadar() error {
	_, err := radarWording()
	return err
}

// Radar looks for what is wrong although nothing is red. Safe for concurrent use.
type Radar struct {
	d *Diagnoser

	mu      sync.Mutex
	learnt  learnt
	learnAt time.Time
}

// NewRadar makes a Radar that reads as a Diagnoser with these options does.
func NewRadar(o Options) *Radar { return &Radar{d: New(o)} }

// RadarRequest says what to look at and in which language.
type RadarRequest struct {
	Language  string        // en or pt
	PromptAge time.Duration // how long a question may wait before it is told; 0 means 30 minutes
	// Spent counts the calls that the engine has had because of this request; nil: reads are counted instead.
	Spent func() int64
}

// RadarItem is one finding in words, with its evidence.
type RadarItem struct {
	ID        string // stable: the same thing has it in another process and, where it recurs, on another day
	Rule      string
	Kind      string // cause kind, empty where none fits
	Severity  plan.Severity
	Class     answer.Class
	Entity    string
	Ref       answer.Ref
	Since     time.Time
	Statement string
	Count     int
	Evidence  []answer.Evidence
	Actions   []answer.Action
}

// RadarReport is everything that was found, worst first, and what could not be looked at.
type RadarReport struct {
	Items    []RadarItem
	Missing  []string // the source, then what nobody has checked because it could not be read
	Failures []error
	Sources  []toolkit.Source
	Mirrored time.Time
}

// FindingID makes the stable id of a finding: of the engine's configured name, the rule and the entity, and of the instance where the
// finding is of one instance alone.
func FindingID(engine string, f plan.Finding) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{engine, f.Rule, string(f.Entity.Type), plan.Recurring(f.Entity), f.Instance, f.Of}, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:12])
}

// Scan reads what the radar needs, 25 engine calls at most, and applies its rules. It returns an error only when nothing of the plan could be read.
func (r *Radar) Scan(ctx context.Context, req RadarRequest) (RadarReport, error) {
	c := r.d.newCase(ctx, Request{Language: req.Language})
	s := &sweeper{kase: c, r: r, spent: req.Spent, sweep: &plan.Sweep{Zone: c.zone, PromptAge: req.PromptAge}}
	if err := s.read(ctx); err != nil {
		return RadarReport{}, err
	}
	out := RadarReport{Items: []RadarItem{}, Missing: []string{}}
	for _, f := range s.sweep.Findings() {
		out.Items = append(out.Items, c.radarItem(f))
	}
	out.Missing = append(out.Missing, c.out.Missing...)
	out.Failures, out.Sources, out.Mirrored = c.failures, c.ev.sources(), c.fresh.mirrored
	return out, nil
}

// radarItem words a finding.
func (c *kase) radarItem(f plan.Finding) RadarItem {
	t, _ := radarWording()
	rule := t.Rules[f.Rule]
	class, _ := c.byStatus(f.Weak)
	params := c.params(f.Entity, f.Params)
	if blocker := f.Params["blocker"]; blocker != "" {
		more := maps.Clone(f.Params)
		more["entity"] = blocker
		params["why"] = c.statement(f.Kind, more)
	}
	item := RadarItem{ID: FindingID(c.d.o.Name, f), Rule: f.Rule, Kind: f.Kind, Severity: f.Severity, Class: class, Entity: c.name(f.Entity), Ref: Ref(c.d.o.Name, f.Entity, f.Ref),
		Since: f.Since, Count: f.Count, Evidence: c.ev.fields(f.Facts), Statement: fill(rule.in(c.lang), params)}
	if f.Count > 1 && f.Entity.Type != twstools.EntityPlan {
		item.Statement += fmt.Sprintf(t.Words["instances"].in(c.lang), f.Count)
	}
	for _, code := range rule.Do {
		item.Actions = append(item.Actions, c.radarAction(code, f.Entity, len(item.Actions)-1))
	}
	return item
}

// radarAction is advice without a check of its preconditions: only what changes nothing carries a command, the rest says what diagnose_job
// would have to prove first.
func (c *kase) radarAction(code string, e twstools.Entity, after int) answer.Action {
	rule, _ := answer.RuleFor(code)
	target := c.name(e)
	a := answer.Action{Code: code, Target: target, After: after, Risk: "none", Preconditions: []answer.Precondition{}, Starts: []string{}, Text: c.actionText(code, map[string]string{"target": target})}
	switch rule.Group {
	case "safe":
		a.Command = c.command(code, e)
	case "operate", "administrate":
		a.Risk, a.NeedsApproval = "low", true
		for _, part := range rule.Precondition {
			a.Preconditions = append(a.Preconditions, answer.Precondition{Text: c.text("pre." + part), Met: "unknown"})
		}
		if rule.Starts {
			a.Risk = "high"
		}
	}
	return a
}

// unchecked words what could not be looked at.
func (c *kase) unchecked(key string, args ...any) string {
	t, _ := radarWording()
	text := t.Unread[key].in(c.lang)
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}
