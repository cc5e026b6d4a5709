package diagnose_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/diagnose"
)

// A plight is a small plan, a question about who suffers or what will be late, and the rows of the answer. Entities are written without
// workstation and schedule time; a plight without a world stands in the one before it.
type plight struct {
	Says   string    `yaml:"says"`
	Source string    `yaml:"source"`
	World  yaml.Node `yaml:"world"`
	Ask    struct{ Target, Kind, If string }
	Want   struct {
		Affected []string `yaml:"affected"` // "hops entity state", all of them, or of those that are told only some where `starts` is asked
		Rows     []string `yaml:"rows"`
		Starts   []string `yaml:"starts"`
		Complete bool     `yaml:"complete"`
		Error    string   `yaml:"error"`
	}
}

func plights(t *testing.T, file string, run func(*testing.T, plight, *diagnose.Diagnoser)) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	var plant yaml.Node
	for {
		var p plight
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if p.World.IsZero() {
			p.World = plant
		}
		plant = p.World
		t.Run(p.Says, func(t *testing.T) {
			if p.Source == "" {
				t.Fatal("a case names the source of its rule")
			}
			run(t, p, diagnoser(t, kase{World: p.World}.load(t)))
		})
	}
}

// named drops workstation and instance from an entity.
func named(entity string) string {
	entity = bare(entity)
	if i := strings.Index(entity, "#"); i >= 0 {
		return entity[i+1:]
	}
	return entity
}

func clockOf(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.Format("15:04")
}

func (p plight) refused(t *testing.T, err error) bool {
	t.Helper()
	if p.Want.Error == "" {
		if err != nil {
			t.Fatal(err)
		}
		return false
	}
	if err == nil || !strings.Contains(err.Error(), p.Want.Error) {
		t.Fatalf("error = %v, want %q", err, p.Want.Error)
	}
	return true
}

func TestImpact(t *testing.T) {
	plights(t, "testdata/impact/impact.yaml", func(t *testing.T, p plight, d *diagnose.Diagnoser) {
		r, err := d.Impact(t.Context(), diagnose.ImpactRequest{Target: p.Ask.Target, Kind: p.Ask.Kind, If: p.Ask.If})
		if p.refused(t, err) {
			return
		}
		var affected, rows, starts []string
		for _, x := range r.Rows {
			affected = append(affected, fmt.Sprintf("%d %s %s", x.Hops, named(x.Entity), x.State))
			if x.Deadline != "" {
				rows = append(rows, strings.TrimSpace(fmt.Sprintf("%s deadline %s ends %s act by %s %s %s", named(x.Entity), clockOf(x.Deadline), clockOf(x.PredictedEnd), clockOf(x.ActBy), x.Service, x.Contact)))
			}
			quotes(t, r.Sources, "plan:"+x.Entity, "status", x.Status)
		}
		for _, o := range r.Outcomes {
			starts = append(starts, o.When+" "+named(o.Entity))
		}
		slices.Sort(affected)
		if p.Ask.If == "" && !slices.Equal(affected, sorted(p.Want.Affected)) {
			t.Errorf("affected %q\nwant     %q", affected, sorted(p.Want.Affected))
		}
		contains(t, "affected", affected, p.Want.Affected)
		contains(t, "rows", rows, p.Want.Rows)
		if slices.Sort(starts); !slices.Equal(starts, sorted(p.Want.Starts)) {
			t.Errorf("starts %q, want %q", starts, sorted(p.Want.Starts))
		}
		if r.Complete != p.Want.Complete {
			t.Errorf("complete %v, missing %q", r.Complete, r.Missing)
		}
	})
}

func sorted(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return slices.Sorted(slices.Values(s))
}

func TestLate(t *testing.T) {
	plights(t, "testdata/late/late.yaml", func(t *testing.T, p plight, d *diagnose.Diagnoser) {
		r, err := d.Late(t.Context(), diagnose.LateRequest{Target: p.Ask.Target, Kind: p.Ask.Kind})
		if p.refused(t, err) {
			return
		}
		var rows []string
		for _, x := range r.Rows {
			rows = append(rows, lateRow(x))
			quotes(t, r.Sources, "plan:"+x.Entity, "status", x.Status)
			addsUp(t, caseClock, x)
		}
		if !slices.Equal(rows, p.Want.Rows) {
			t.Errorf("rows\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(p.Want.Rows, "\n"))
		}
		if r.Complete != p.Want.Complete {
			t.Errorf("complete %v, missing %q", r.Complete, r.Missing)
		}
	})
}

func lateRow(x diagnose.LateRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", x.Risk, named(x.Entity))
	if x.SlackMinutes != nil {
		fmt.Fprintf(&b, " slack %d", *x.SlackMinutes)
	}
	if x.ActBy != "" {
		fmt.Fprintf(&b, " act by %s", clockOf(x.ActBy))
	}
	fmt.Fprintf(&b, " sum %s", x.Arithmetic)
	if x.AtLeast {
		b.WriteString(" at the earliest")
	}
	if x.Eater != nil {
		fmt.Fprintf(&b, "; eats %s %s %d", named(x.Eater.Entity), x.Eater.Why, x.Eater.Minutes)
	}
	if x.StartNow != nil {
		fmt.Fprintf(&b, "; now %s saves %d", named(x.StartNow.Entity), x.StartNow.Minutes)
	}
	if x.Engine != nil {
		fmt.Fprintf(&b, "; engine %s %s", x.Engine.Alert, clockOf(x.Engine.EstimatedEnd))
	}
	if x.Service != "" {
		fmt.Fprintf(&b, "; %s %s", x.Service, x.Contact)
	}
	return b.String()
}

// addsUp checks a row's own figures: the parts give the predicted end, and deadline less that end is the slack.
func addsUp(t *testing.T, now time.Time, x diagnose.LateRow) {
	t.Helper()
	end, err := time.Parse(time.RFC3339, x.PredictedEnd)
	if err != nil {
		t.Fatal(err)
	}
	sum := now
	for _, p := range x.Parts {
		sum = sum.Add(time.Duration(p.WaitMinutes+p.Minutes) * time.Minute)
	}
	if !sum.Equal(end) {
		t.Errorf("%s: the parts end at %s, predicted is %s", x.Entity, sum, end)
	}
	if x.Deadline == "" || x.SlackMinutes == nil {
		return
	}
	deadline, err := time.Parse(time.RFC3339, x.Deadline)
	if err != nil {
		t.Fatal(err)
	}
	if *x.SlackMinutes != int(deadline.Sub(end)/time.Minute) {
		t.Errorf("%s: slack %d between %s and %s", x.Entity, *x.SlackMinutes, x.PredictedEnd, x.Deadline)
	}
}

// quotes checks that a source with a field travels with the report.
func quotes(t *testing.T, sources []toolkit.Source, source, field, value string) {
	t.Helper()
	for _, s := range sources {
		if s.Source == source && slices.Contains(s.Fields, toolkit.Field{Name: field, Value: value}) {
			return
		}
	}
	t.Errorf("no source %s says %s=%s", source, field, value)
}

// TestLateWithin: of the whole plan only deadlines within the asked time count, and critical jobs always.
func TestLateWithin(t *testing.T) {
	plights(t, "testdata/late/late.yaml", func(t *testing.T, p plight, d *diagnose.Diagnoser) {
		if p.Ask.Target != "" {
			return
		}
		r, err := d.Late(t.Context(), diagnose.LateRequest{Within: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range r.Rows {
			if deadline, err := time.Parse(time.RFC3339, x.Deadline); err == nil && deadline.After(caseClock.Add(time.Hour)) && !x.Critical {
				t.Errorf("%s has its deadline at %s, beyond the hour that was asked about", x.Entity, x.Deadline)
			}
		}
		if len(r.Rows) != 2 {
			t.Errorf("%d rows, want the missed one and the critical job", len(r.Rows))
		}
	})
}
