package diagnose_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// sighting is a case of the radar: what is laid over the healthy plant of base.yaml, and everything that the radar must say then, as
// "severity rule entity kind" without schedule times. Each finds, or does not, at a hair's breadth.
type sighting struct {
	Says    string         `yaml:"says"`
	Source  string         `yaml:"source"`
	World   map[string]any `yaml:"world"`   // joined to the plant's
	Replace map[string]any `yaml:"replace"` // instead of the plant's
	Gone    []string       `yaml:"gone"`    // streams that are in earlier plans, and not in this one
	Usual   map[string]struct {
		Median, High time.Duration
		Runs         int
	} `yaml:"usual"` // what is remembered, by STREAM.JOB
	Since   map[string]time.Duration   `yaml:"since"` // how long jobs have been seen ready, by STREAM.JOB
	Ran     map[string][]time.Duration `yaml:"ran"`   // how long ago instances of a stream were scheduled
	Want    []string                   `yaml:"want"`
	Quote   string                     `yaml:"quote"`
	Missing string                     `yaml:"missing"`
}

func TestRadarCases(t *testing.T) {
	files, err := filepath.Glob("testdata/radar/*.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("no cases: %v", err)
	}
	fires := map[string]bool{}
	for _, file := range files {
		if filepath.Base(file) == "base.yaml" {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dec := yaml.NewDecoder(bytes.NewReader(raw))
		dec.KnownFields(true)
		for {
			var c sighting
			if err := dec.Decode(&c); err != nil {
				if err.Error() == "EOF" {
					break
				}
				t.Fatalf("%s: %v", file, err)
			}
			for _, w := range c.Want {
				fires[strings.Fields(w)[1]] = true
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+c.Says, func(t *testing.T) { c.run(t) })
		}
	}
	// What a world cannot show has tests of its own below.
	for _, rule := range plan.RadarRules() {
		if !fires[rule] && !slices.Contains([]string{"database_down", "copy_old"}, rule) {
			t.Errorf("no case shows the rule %s", rule)
		}
	}
}

func (c sighting) run(t *testing.T) {
	t.Helper()
	if c.Source == "" {
		t.Fatal("a case names the source of its rule")
	}
	for _, lang := range []string{"en", "pt"} {
		w := c.load(t)
		rep := scan(t, world.Engine(w, world.Options{}), w, past(c), lang)
		got := []string{}
		for _, i := range rep.Items {
			got = append(got, strings.TrimSpace(string(i.Severity)+" "+i.Rule+" "+bare(i.Entity)+" "+i.Kind))
		}
		if !slices.Equal(got, orNone(c.Want)) {
			t.Errorf("%s: radar = %q, want %q", lang, got, c.Want)
		}
		if c.Missing != "" && lang == "en" && !strings.Contains(strings.Join(rep.Missing, "\n"), c.Missing) {
			t.Errorf("missing = %q, want %q", rep.Missing, c.Missing)
		}
		if c.Quote != "" && !slices.ContainsFunc(rep.Items, func(i diagnose.RadarItem) bool {
			return slices.ContainsFunc(i.Evidence, func(e answer.Evidence) bool { return strings.Contains(e.Quote, c.Quote) })
		}) {
			t.Errorf("no evidence quotes %q: %+v", c.Quote, rep.Items)
		}
		sound(t, rep)
	}
}

// machineSpan is a length of time in Go's form, 2h24m0s.
var machineSpan = regexp.MustCompile(`\d[hm]\d+[ms]`)

// sound checks what must hold of every report.
func sound(t *testing.T, rep diagnose.RadarReport) {
	t.Helper()
	ids := map[string]bool{}
	for _, i := range rep.Items {
		if ids[i.ID] || len(i.ID) != 12 {
			t.Errorf("id %q of %s is there twice, or is none", i.ID, i.Entity)
		}
		ids[i.ID] = true
		if machineSpan.MatchString(i.Statement) {
			t.Errorf("%s: %q says a length of time as programs do", i.Rule, i.Statement)
		}
		if i.Statement == "" || strings.ContainsAny(i.Statement, "{}[") && !strings.Contains(i.Statement, "[(") || len(i.Evidence) == 0 || len(i.Actions) == 0 {
			t.Errorf("%s of %s: %q, evidence %v, actions %v", i.Rule, i.Entity, i.Statement, i.Evidence, i.Actions)
		}
		if i.Kind != "" && (!answer.KindKnown(i.Kind) || answer.Planned(i.Kind)) {
			t.Errorf("kind %s of %s", i.Kind, i.Rule)
		}
		for _, e := range i.Evidence {
			sourced(t, diagnose.Report{Sources: rep.Sources}, e)
		}
		for _, a := range i.Actions {
			rule, ok := answer.RuleFor(a.Code)
			if !ok || a.Text == "" || a.Command != "" && rule.Group != "safe" {
				t.Errorf("action %+v of %s", a, i.Rule)
			}
		}
	}
}

// load joins the plant and what the case lays over it.
func (c sighting) load(t *testing.T) *world.World {
	t.Helper()
	raw, err := os.ReadFile("testdata/radar/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var base map[string]any
	if err := yaml.Unmarshal(raw, &base); err != nil {
		t.Fatal(err)
	}
	for k, v := range c.Replace {
		if base[k] = v; v == nil {
			delete(base, k)
		}
	}
	over := maps.Clone(c.World)
	if n, ok := over["many_holders"].(int); ok {
		over = crowd(n)
	}
	files := fstest.MapFS{}
	for name, doc := range map[string]any{"base.yaml": base, "case.yaml": over} {
		text, err := yaml.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	w, err := world.Load(files, caseClock)
	if err != nil {
		t.Fatal(err)
	}
	gone := func(stream string) bool { return slices.Contains(c.Gone, stream) }
	w.JobStreams = slices.DeleteFunc(w.JobStreams, func(s twstools.JobStream) bool { return gone(s.Name) })
	w.Jobs = slices.DeleteFunc(w.Jobs, func(j twstools.Job) bool { return gone(j.Stream) })
	return w
}

// crowd is a resource with free units and n holders that work.
func crowd(n int) map[string]any {
	var holders, jobs []any
	for i := range n {
		name := fmt.Sprintf("P%02d", i)
		jobs = append(jobs, map[string]any{"name": name, "state": "EXEC", "start": "03:00", "takes": "30m"})
		holders = append(holders, map[string]any{"job": "PAY." + name, "quantity": 1})
	}
	return map[string]any{"resources": []any{map[string]any{"name": "TAPE", "workstation": "LX1", "quantity": 60, "holders": holders}},
		"streams": []any{map[string]any{"name": "PAY", "workstation": "LX1", "sched": "02:30", "state": "EXEC", "unchained": true, "jobs": jobs}}}
}

// remembered is a past in which the durations of a case are usual.
type remembered struct{ of sighting }

func past(c sighting) diagnose.Past {
	if c.Usual == nil && c.Since == nil && c.Ran == nil {
		return nil
	}
	return remembered{c}
}

func (r remembered) Usual(_ context.Context, key twstools.Key) (history.Usual, history.Source, error) {
	u, ok := r.of.Usual[key.Stream+"."+key.Job]
	if !ok {
		return history.Usual{}, history.SourceNone, nil
	}
	return history.Usual{Duration: history.Spread{Median: u.Median, High: u.High, HasSpread: u.High > 0, N: u.Runs}}, history.SourceOwn, nil
}

// Runs gives as many as are remembered of a job, and of a stream those at the times of the case.
func (r remembered) Runs(_ context.Context, key twstools.Key, limit int) ([]history.Run, error) {
	if key.Job != "" {
		return make([]history.Run, min(r.of.Usual[key.Stream+"."+key.Job].Runs, limit)), nil
	}
	var out []history.Run
	for _, back := range r.of.Ran[key.Stream] {
		out = append(out, history.Run{Sched: caseClock.Add(-back)})
	}
	return out, nil
}

func (remembered) Digest(context.Context, twstools.Key) (history.Digest, error) {
	return history.Digest{}, nil
}

func (r remembered) Before(_ context.Context, key twstools.Key, _ time.Time) (history.State, bool, error) {
	back, ok := r.of.Since[key.Stream+"."+key.Job]
	return history.State{Status: twstools.Status{Internal: "READY"}, At: caseClock.Add(-back)}, ok, nil
}

func radarOver(e twstools.Engine, w *world.World, name string, p diagnose.Past) *diagnose.Radar {
	zone := func(context.Context) *time.Location { return time.UTC }
	return diagnose.NewRadar(diagnose.Options{Engine: e, Finder: reader.NewFinder(e, zone, func() time.Time { return w.AsOf }), Name: name, Zone: zone,
		PlanNow: func() (time.Time, bool) { return w.AsOf, false }, Past: p})
}

func scan(t *testing.T, e twstools.Engine, w *world.World, p diagnose.Past, lang string) diagnose.RadarReport {
	t.Helper()
	rep, err := radarOver(e, w, "default", p).Scan(t.Context(), diagnose.RadarRequest{Language: lang})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}
