package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/plan"
)

// Acknowledgement says that a finding of the radar is normal here, until when, and who said so.
type Acknowledgement struct {
	ID        string // of the finding
	By, Note  string
	At, Until time.Time
}

// Acknowledgements are what people took for normal here. An acknowledgement is our own record: it changes nothing in the plan.
type Acknowledgements interface {
	// InForce lists those of an engine that have not run out.
	InForce(ctx context.Context, engine string) ([]Acknowledgement, error)
}

var radarSpec = toolkit.Spec{Name: "radar", Toolset: SetDiagnose, Title: "What is wrong though nothing is red",
	Description: "What has not failed and still needs a person: limits and fences, holds, questions nobody answers, agents in trouble, queues that fill, latest starts, runs far beyond usual, job streams missing from the plan, leftovers, duplicates, an old plan. " +
		"Worst first, each with evidence and what to do; what was acknowledged as normal here apart; what could not be checked in missing. Use diagnose_job for failures and for one object."}

// RadarIn selects findings.
type RadarIn struct {
	MinSeverity   string   `json:"min_severity,omitempty" doc:"only findings at least that bad" enum:"critical,high,medium,low"`
	Rules         []string `json:"rules,omitempty" doc:"only findings of these rules; each finding names its rule, and an unknown rule is answered with all" example:"agent_unlinked"`
	PromptMinutes int      `json:"prompt_minutes,omitempty" doc:"for how many minutes a prompt may wait for its answer before it counts" default:"30" min:"1" max:"10080"`
	Language      string   `json:"language,omitempty" doc:"language of statements and actions" enum:"en,pt" default:"en"`
	PageSize      int      `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor        string   `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// RadarOut is what the radar shows.
type RadarOut struct {
	Findings   []RadarRow     `json:"findings" doc:"worst first"`
	Total      int            `json:"total"`
	NextCursor string         `json:"next_cursor,omitempty"`
	BySeverity map[string]int `json:"by_severity" doc:"all findings that are not acknowledged"`
	// Acknowledged are findings that somebody took for normal here: they stay visible.
	Acknowledged []RadarRow     `json:"acknowledged"`
	Clear        bool           `json:"clear" doc:"nothing was found, and everything could be checked"`
	Missing      []string       `json:"missing,omitempty" doc:"what could not be checked, and why"`
	Failures     []answer.Error `json:"failures,omitempty"`
	Language     string         `json:"language"`
}

// RadarRow is one finding.
type RadarRow struct {
	ID        string           `json:"id" doc:"stable; acknowledgements go by it"`
	Rule      string           `json:"rule"`
	Severity  string           `json:"severity" doc:"critical, high, medium, low"`
	Kind      string           `json:"kind,omitempty" doc:"cause kind where one fits; planned.acknowledged for what is acknowledged"`
	Of        string           `json:"kind_found,omitempty" doc:"of an acknowledged finding, its kind before"`
	Class     string           `json:"class" doc:"confirmed or likely"`
	Entity    string           `json:"entity"`
	Ref       answer.Ref       `json:"ref"`
	Count     int              `json:"count,omitempty" doc:"instances or objects that it stands for, where more than one"`
	Since     string           `json:"since,omitempty"`
	Statement string           `json:"statement"`
	Evidence  []RadarQuote     `json:"evidence"`
	Actions   []RadarAction    `json:"actions"`
	Ack       *RadarAckDetails `json:"acknowledged,omitempty"`
}

// RadarQuote is one piece of evidence.
type RadarQuote struct {
	Source string `json:"source"`
	Quote  string `json:"quote"`
}

// RadarAction is what to do about a finding; only what changes nothing has a command.
type RadarAction struct {
	Code    string `json:"code"`
	Text    string `json:"text"`
	Command string `json:"command,omitempty"`
}

// RadarAckDetails say who took it for normal, and until when.
type RadarAckDetails struct {
	By    string `json:"by"`
	Note  string `json:"note"`
	At    string `json:"at"`
	Until string `json:"until"`
}

// Zone gives the plan's time zone, UTC where it is not told.
func (t *Tools) Zone(ctx context.Context) *time.Location { return t.planZone(ctx) }

// Radar answers what is wrong though nothing is red.
func (t *Tools) Radar(ctx context.Context, in RadarIn) (toolkit.Reply[RadarOut], error) {
	for _, rule := range in.Rules {
		if !slices.Contains(plan.RadarRules(), rule) {
			return toolkit.Reply[RadarOut]{}, fault.New(fault.Invalid, "The radar has no rule %q.", rule).WithHint("These are its rules.").WithCandidates(plan.RadarRules()...)
		}
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[RadarOut]{}, err
	}
	page, err := c.slot("radar", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[RadarOut]{}, err
	}
	lang := in.Language
	if lang == "" {
		lang = "en"
	}
	r, err := t.radar.Scan(ctx, diagnose.RadarRequest{Language: lang, PromptAge: time.Duration(in.PromptMinutes) * time.Minute, Spent: c.calls})
	if err == nil && len(r.Items) == 0 {
		err = c.unread(ctx)
	}
	if err != nil {
		return toolkit.Reply[RadarOut]{}, err
	}
	out := RadarOut{Findings: []RadarRow{}, Acknowledged: []RadarRow{}, BySeverity: map[string]int{}, Missing: r.Missing, Failures: failureRows(r.Failures), Language: lang}
	if !c.zoneKnown {
		out.Missing = append(out.Missing, "engine:"+t.o.Name+": "+zoneAssumed[lang])
	}
	acked := t.acknowledged(ctx, &out)
	var all []RadarRow
	for _, item := range r.Items {
		if !item.Severity.AtLeast(plan.Severity(in.MinSeverity)) || len(in.Rules) > 0 && !slices.Contains(in.Rules, item.Rule) {
			continue
		}
		row := c.radarRow(item)
		if a, ok := acked[item.ID]; ok {
			row.Of, row.Kind = row.Kind, "planned.acknowledged"
			row.Ack = &RadarAckDetails{By: untrusted.Normalize(a.By), Note: untrusted.Normalize(a.Note), At: c.instant(a.At), Until: c.instant(a.Until)}
			out.Acknowledged = append(out.Acknowledged, row)
			continue
		}
		out.BySeverity[row.Severity]++
		all = append(all, row)
	}
	out.Total, out.Clear = len(all), len(all) == 0 && len(out.Missing) == 0 && in.MinSeverity == "" && len(in.Rules) == 0
	out.Findings, out.NextCursor = cut(page, all)
	rep := reply(c, out, quoted(r.Sources, append(slices.Clone(out.Findings), out.Acknowledged...)), r.Mirrored)
	rep.Text = radarText(out)
	return rep, nil
}

// acknowledged reads what people took for normal; if that cannot be read everything is shown, and that is said.
func (t *Tools) acknowledged(ctx context.Context, out *RadarOut) map[string]Acknowledgement {
	by := map[string]Acknowledgement{}
	if t.o.Acks == nil {
		return by
	}
	all, err := t.o.Acks.InForce(ctx, t.o.Name)
	if err != nil {
		out.Failures = append(out.Failures, failureRows([]error{err})...)
		out.Missing = append(out.Missing, map[string]string{"en": "history:acknowledgements: could not be read, so nothing is left out", "pt": "history:acknowledgements: não puderam ser lidos; nada foi omitido"}[out.Language])
	}
	for _, a := range all {
		by[a.ID] = a
	}
	return by
}

func (c *call) radarRow(i diagnose.RadarItem) RadarRow {
	row := RadarRow{ID: i.ID, Rule: i.Rule, Severity: string(i.Severity), Kind: i.Kind, Class: string(i.Class), Entity: i.Entity, Ref: i.Ref, Since: c.instant(i.Since), Statement: i.Statement,
		Evidence: []RadarQuote{}, Actions: []RadarAction{}}
	if i.Count > 1 {
		row.Count = i.Count
	}
	for _, e := range i.Evidence {
		row.Evidence = append(row.Evidence, RadarQuote{e.Source, e.Quote})
	}
	for _, a := range i.Actions {
		row.Actions = append(row.Actions, RadarAction{a.Code, a.Text, a.Command})
	}
	return row
}

// quoted keeps the sources that the shown rows quote.
func quoted(sources []toolkit.Source, rows []RadarRow) []toolkit.Source {
	used := map[string]bool{}
	for _, r := range rows {
		for _, e := range r.Evidence {
			used[e.Source+"\x00"+e.Quote] = true
		}
	}
	var out []toolkit.Source
	for _, s := range sources {
		s.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f toolkit.Field) bool { return !used[s.Source+"\x00"+f.Name+"="+f.Value] })
		if len(s.Fields) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// radarText is the compact form for a model: one line a finding, then what is acknowledged and what is missing.
func radarText(o RadarOut) string {
	var b strings.Builder
	fmt.Fprintf(&b, "findings: %d of %d", len(o.Findings), o.Total)
	if len(o.BySeverity) > 0 {
		b.WriteString(" (" + counted(o.BySeverity) + ")")
	}
	if o.Clear {
		b.WriteString("; everything could be checked")
	}
	b.WriteString("\n")
	for _, r := range o.Findings {
		fmt.Fprintf(&b, "%s [%s, id %s] %s\n", r.Severity, strings.Join(said(r.Rule, r.Kind, r.Class), ", "), r.ID, named(r.Entity, r.Statement))
		for _, a := range r.Actions {
			b.WriteString("  do: " + a.Code + ": " + a.Text)
			if a.Command != "" {
				b.WriteString(" (" + a.Command + ")")
			}
			b.WriteString("\n")
		}
	}
	for _, r := range o.Acknowledged {
		fmt.Fprintf(&b, "acknowledged by %s until %s: [%s, id %s] %s: %s\n", r.Ack.By, r.Ack.Until, r.Rule, r.ID, r.Entity, r.Ack.Note)
	}
	writeNext(&b, o.NextCursor)
	writeMissing(&b, o.Missing)
	return b.String()
}
