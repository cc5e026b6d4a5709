package diagnose_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// A case is a small plan, a question about it, and what the answer must say: an operator can read and dispute it. Entities in want are
// written without schedule times. source names the manual's heading or the experience that the rule rests on.
type kase struct {
	Says   string    `yaml:"says"`
	Source string    `yaml:"source"`
	World  yaml.Node `yaml:"world"`
	Ask    struct {
		Target, Kind, Premise, Language, Action, At string
		Also                                        []string
	} `yaml:"ask"`
	Want struct {
		Verdict      string   `yaml:"verdict"`
		Class        string   `yaml:"class"`
		Causes       []string `yaml:"causes"` // "kind entity", in order, all of them
		Explanations []string `yaml:"explanations"`
		Chain        []string `yaml:"chain"` // "entity <- blocked_by", each must occur
		Affected     []string `yaml:"affected"`
		NotAffected  []string `yaml:"not_affected"`
		Actions      []string `yaml:"actions"` // codes that must occur
		NotActions   []string `yaml:"not_actions"`
		Missing      string   `yaml:"missing"`
		Quote        string   `yaml:"quote"` // must occur in the evidence
		Premise      string   `yaml:"premise"`
		Error        string   `yaml:"error"`
		Candidates   int      `yaml:"candidates"`
		ActionsAre   []string `yaml:"actions_are"` // "code after", all of them in order
		ReturnCode   *int     `yaml:"return_code"` // of the subject
		Urgency      string   `yaml:"urgency"`     // "class by 06:25"
	} `yaml:"want"`
}

var caseClock = time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC)

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dec := yaml.NewDecoder(bytes.NewReader(raw))
		dec.KnownFields(true)
		var plant yaml.Node // a case without a world of its own stands in the one before it
		for {
			var c kase
			if err := dec.Decode(&c); err != nil {
				if err.Error() == "EOF" {
					break
				}
				t.Fatalf("%s: %v", file, err)
			}
			if c.World.IsZero() {
				c.World = plant
			}
			plant = c.World
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+c.Says, func(t *testing.T) { c.run(t) })
		}
	}
}

func (c kase) run(t *testing.T) {
	t.Helper()
	if c.Source == "" {
		t.Fatal("a case names the source of its rule")
	}
	d := diagnoser(t, c.load(t))
	r, err := d.Diagnose(t.Context(), diagnose.Request{Target: c.Ask.Target, Kind: c.Ask.Kind, Premise: c.Ask.Premise, Language: c.Ask.Language, Action: c.Ask.Action, At: c.Ask.At, Also: c.Ask.Also})
	if c.Want.Error != "" {
		if err == nil || !strings.Contains(err.Error(), c.Want.Error) {
			t.Fatalf("error = %v, want %s", err, c.Want.Error)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	c.check(t, r)
}

func (c kase) load(t *testing.T) *world.World {
	t.Helper()
	raw, err := yaml.Marshal(&c.World)
	if err != nil {
		t.Fatal(err)
	}
	var files fs.FS = fstest.MapFS{"w.yaml": {Data: raw}}
	w, err := world.Load(files, caseClock)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// diagnoser makes the product's diagnoser over a world in memory.
func diagnoser(t *testing.T, w *world.World) *diagnose.Diagnoser {
	t.Helper()
	return over(world.Engine(w, world.Options{}), w)
}

func over(e twstools.Engine, w *world.World) *diagnose.Diagnoser {
	zone := func(context.Context) *time.Location { return time.UTC }
	clock := func() time.Time { return w.AsOf }
	return diagnose.New(diagnose.Options{Engine: e, Finder: reader.NewFinder(e, zone, clock), Name: "default", Zone: zone, PlanNow: func() (time.Time, bool) { return w.AsOf, false }})
}

func (c kase) check(t *testing.T, r diagnose.Report) {
	if want := c.Want.ActionsAre; want != nil {
		var got []string
		for _, a := range r.Diagnosis.Actions {
			got = append(got, fmt.Sprintf("%s %d", a.Code, a.After))
		}
		if !slices.Equal(got, want) {
			t.Errorf("actions = %q, want %q", got, want)
		}
	}
	if want := c.Want.ReturnCode; want != nil && (r.Subject == nil || r.Subject.ReturnCode == nil || *r.Subject.ReturnCode != *want) {
		t.Errorf("the subject's return code is not %d: %+v", *want, r.Subject)
	}
	t.Helper()
	d := r.Diagnosis
	if string(d.Verdict) != c.Want.Verdict {
		t.Errorf("verdict = %s, want %s (causes %v, missing %v)", d.Verdict, c.Want.Verdict, causes(d), d.Missing)
	}
	if c.Want.Class != "" && string(d.ConfidenceClass) != c.Want.Class {
		t.Errorf("class = %s, want %s (missing %v)", d.ConfidenceClass, c.Want.Class, d.Missing)
	}
	if got := causes(d); !slices.Equal(got, orNone(c.Want.Causes)) {
		t.Errorf("causes = %q, want %q", got, c.Want.Causes)
	}
	var explained, hops, acts []string
	for _, x := range d.Explanations {
		explained = append(explained, x.Kind+" "+bare(x.Entity))
	}
	for _, h := range d.Chain {
		hops = append(hops, bare(h.Entity)+" <- "+bare(h.BlockedBy))
	}
	for _, a := range d.Actions {
		acts = append(acts, a.Code)
	}
	affected := make([]string, 0, len(d.Affected))
	for _, a := range d.Affected {
		affected = append(affected, bare(a))
	}
	contains(t, "explanations", explained, c.Want.Explanations)
	contains(t, "chain", hops, c.Want.Chain)
	contains(t, "affected", affected, c.Want.Affected)
	contains(t, "actions", acts, c.Want.Actions)
	for _, a := range c.Want.NotActions {
		if slices.Contains(acts, a) {
			t.Errorf("actions %q contain %s", acts, a)
		}
	}
	for _, a := range c.Want.NotAffected {
		if slices.Contains(affected, a) {
			t.Errorf("affected %q contain %s", affected, a)
		}
	}
	if c.Want.Missing != "" && !strings.Contains(strings.Join(d.Missing, "\n"), c.Want.Missing) {
		t.Errorf("missing = %q, want a line with %q", d.Missing, c.Want.Missing)
	}
	if c.Want.Quote != "" && !quoted(d, c.Want.Quote) {
		t.Errorf("no evidence quotes %q: %+v", c.Want.Quote, d.Causes)
	}
	if want := c.Want.Urgency; want != "" && (d.Urgency == nil || d.Urgency.Class+" by "+clockOf(d.Urgency.ActBy) != want) {
		t.Errorf("urgency = %+v, want %s", d.Urgency, want)
	}
	if r.Premise != c.Want.Premise {
		t.Errorf("premise = %q, want %q", r.Premise, c.Want.Premise)
	}
	if c.Want.Candidates != 0 && len(d.Candidates) != c.Want.Candidates {
		t.Errorf("%d candidates, want %d: %+v", len(d.Candidates), c.Want.Candidates, d.Candidates)
	}
	holds(t, r)
}

// holds checks what must hold of every report, whatever the case.
func holds(t *testing.T, r diagnose.Report) {
	t.Helper()
	d := r.Diagnosis
	if len(d.Causes) > 4 {
		t.Errorf("%d causes, four at most", len(d.Causes))
	}
	for _, c := range d.Causes {
		if !answer.KindKnown(c.Kind) || answer.Planned(c.Kind) {
			t.Errorf("cause kind %s", c.Kind)
		}
		if machineSpan.MatchString(c.Statement) {
			t.Errorf("%q says a length of time as programs do", c.Statement)
		}
		if len(c.Evidence) == 0 || c.Statement == "" {
			t.Errorf("cause %s of %s has no evidence or statement", c.Kind, c.Entity)
		}
		for _, e := range c.Evidence {
			sourced(t, r, e)
		}
	}
	for _, x := range d.Explanations {
		if !answer.Planned(x.Kind) && x.Kind != "sched.cancelled" {
			t.Errorf("explanation kind %s", x.Kind)
		}
	}
	for _, h := range d.Chain {
		for _, e := range h.Evidence {
			sourced(t, r, e)
		}
	}
	for i, a := range d.Actions {
		rule, ok := answer.RuleFor(a.Code)
		if !ok || a.Text == "" || a.After >= i {
			t.Errorf("action %+v", a)
		}
		if rule.Group == "operate" && a.WayBack == "" {
			t.Errorf("action %s tells no way back", a.Code)
		}
		if a.Command != "" && !rule.Command {
			t.Errorf("action %s carries the command %q, which its code forbids", a.Code, a.Command)
		}
		if strings.Contains(a.Command, "@") && !strings.HasPrefix(a.Command, "sf ") || strings.Contains(a.Command, "noask") {
			t.Errorf("command %q", a.Command)
		}
	}
}

// sourced checks that a quote stands in the sources that travel with the report.
func sourced(t *testing.T, r diagnose.Report, e answer.Evidence) {
	t.Helper()
	for _, s := range r.Sources {
		if s.Source != e.Source {
			continue
		}
		for _, l := range s.Lines {
			if l.N == e.Line && l.Text == e.Quote {
				return
			}
		}
		for _, f := range s.Fields {
			if f.Name+"="+f.Value == e.Quote {
				return
			}
		}
	}
	t.Errorf("evidence %+v stands in no source", e)
}

func causes(d *answer.Diagnosis) []string {
	out := []string{}
	for _, c := range d.Causes {
		out = append(out, c.Kind+" "+bare(c.Entity))
	}
	return out
}

func orNone(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// bare drops the instance from an entity.
func bare(entity string) string {
	i, j := strings.Index(entity, "[("), strings.LastIndex(entity, ")]")
	if i < 0 || j < i {
		return entity
	}
	return entity[:i] + entity[j+2:]
}

func contains(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s = %q, want %q among them", what, got, w)
		}
	}
}

func quoted(d *answer.Diagnosis, text string) bool {
	for _, c := range d.Causes {
		for _, e := range c.Evidence {
			if strings.Contains(e.Quote, text) {
				return true
			}
		}
	}
	return false
}
