package suite_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
)

const (
	scenario = `schema: resync.eval/v1
id: s-00aa
world: {base: demo, as_of: "2026-03-17T03:10:00-03:00"}
tags: [core]
ask:
  - {id: q1, lang: en, style: name, text: "Why did A abend?"}
  - {id: q2, lang: pt, style: name, text: "Por que o A abendou?"}
`
	gold = `id: s-00aa
verdict: [problem]
causes:
  - entity: "job:S.A"
    kinds: [app.error]
    evidence: [{any: [{of: "joblog:S.A", quote: "it broke"}]}]
`
)

func files(scenario, gold string) fstest.MapFS {
	return fstest.MapFS{"scenarios/s-00aa.yaml": {Data: []byte(scenario)}, "gold/s-00aa.yaml": {Data: []byte(gold)}}
}

func TestLoadAndSelect(t *testing.T) {
	s, err := suite.Load(files(scenario, gold))
	if err != nil || len(s.Scenarios) != 1 || len(s.Hash) != 12 {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, c := range []struct {
		only    []string
		asked   int
		unknown int
	}{{nil, 2, 0}, {[]string{"core"}, 2, 0}, {[]string{"s-00aa"}, 2, 0}, {[]string{"s-00aa/q2"}, 1, 0}, {[]string{"s-00aa/q2", "s-00aa"}, 2, 0}, {[]string{"s-00aa/q9", "x"}, 0, 2}} {
		picked, unknown := s.Select(c.only)
		n := 0
		for _, sc := range picked {
			n += len(sc.Ask)
		}
		if n != c.asked || len(unknown) != c.unknown {
			t.Errorf("Select(%v): %d questions, unknown %v; want %d and %d", c.only, n, unknown, c.asked, c.unknown)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	swap := func(s, old, with string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("%q is not there to be replaced", old)
		}
		return strings.Replace(s, old, with, 1)
	}
	for says, f := range map[string]fstest.MapFS{
		"cannot be read":         {"scenarios/s-00aa.yaml": {Data: []byte(scenario)}},
		"gold of no scenario":    {"scenarios/s-00aa.yaml": {Data: []byte(scenario)}, "gold/s-00aa.yaml": {Data: []byte(gold)}, "gold/s-00ab.yaml": {Data: []byte(gold)}},
		"calls itself":           files(swap(scenario, "id: s-00aa", "id: s-00ab"), gold),
		"not in the form":        files(swap(scenario, "tags:", "cause: disk\ntags:"), gold),
		"schema must be":         files(swap(scenario, "/v1", "/v2"), gold),
		"language must be":       files(swap(scenario, "lang: pt", "lang: es"), gold),
		"used twice":             files(swap(scenario, "id: q2", "id: q1"), gold),
		"asks what":              files(swap(scenario, "Por que o A abendou?", "Why did A abend?"), gold),
		"is no kind of cause":    files(scenario, swap(gold, "app.error", "app.magic")),
		"is no verdict":          files(scenario, swap(gold, "[problem]", "[problem, maybe]")),
		"has causes":             files(scenario, swap(gold, "[problem]", "[no_problem]")),
		"no decisive evidence":   files(scenario, swap(gold, `    evidence: [{any: [{of: "joblog:S.A", quote: "it broke"}]}]`, "")),
		"exactly one of":         files(scenario, swap(gold, `quote: "it broke"`, `quote: "it broke", value: x`)),
		"a quote is of":          files(scenario, swap(gold, "joblog:S.A", "plan:S.A")),
		"is no name":             files(scenario, swap(gold, `"job:S.A"`, `"S.A"`)),
		"is no action code":      files(scenario, gold+"actions: {forbid: [explode]}\n"),
		"gives the evidence":     files(swap(scenario, "Why did A abend?", "Is it that it broke?"), gold),
		"base world and instant": files(swap(scenario, "base: demo, ", ""), gold),
	} {
		_, err := suite.Load(f)
		if fault.CodeOf(err) != fault.Invalid || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want it to say %q", err, says)
		}
	}
}

// TestTheSuiteCoversWhatItPromises: every scenario written by hand asks in both languages; those with a cause ask by name, by symptom and from downstream.
func TestTheSuiteCoversWhatItPromises(t *testing.T) {
	s, err := suite.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	causes := map[string]bool{}
	for _, sc := range s.Scenarios {
		if sc.Gold.Recipe != nil {
			continue // what a family asks is that family's
		}
		asked := map[string]bool{}
		for _, q := range sc.Ask {
			asked[q.Style+" "+q.Lang], asked[q.Lang] = true, true
		}
		want := []string{"en", "pt"}
		if len(sc.Gold.Causes) > 0 {
			causes[sc.Gold.Causes[0].Kinds[0]] = true
			want = append(want, "name en", "name pt", "symptom en", "symptom pt", "victim en", "victim pt")
		}
		for _, w := range want {
			if !asked[w] {
				t.Errorf("%s is not asked %s", sc.ID, w)
			}
		}
	}
	if len(causes) != 6 {
		t.Errorf("%d kinds of causes, want six: %v", len(causes), causes)
	}
}
