package understand_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// utterance is a labelled question of testdata/held_out_*.yaml.
type utterance struct {
	Slots      `yaml:",inline"`
	Q          string    `yaml:"q"`
	Intents    stringish `yaml:"i"`
	Targets    stringish `yaml:"t"`
	Premises   stringish `yaml:"p"`
	Hint       []string  `yaml:"h"` // words that the hint must hold
	Action     string    `yaml:"a"`
	Last       string    `yaml:"last"`
	LastIntent string    `yaml:"prev"`
	Language   string    `yaml:"-"`
}

// Slots are the labels that an utterance may leave out: what is absent is not checked, but for a count and a reference, which must not be found then.
type Slots struct {
	Kind      *string  `yaml:"k"`
	Statuses  []string `yaml:"st"`
	Objects   *string  `yaml:"ob"`
	Count     bool     `yaml:"n"`
	Reference bool     `yaml:"ref"`
	At        *string  `yaml:"at"`
}

// optional holds a reading against these labels.
func (c Slots) optional(got understand.Understanding, check func(name string, got, want any, ok bool)) {
	if c.Kind != nil {
		check("kind", got.TargetKind, *c.Kind, got.TargetKind == *c.Kind)
	}
	if c.Statuses != nil {
		check("statuses", got.Statuses, c.Statuses, slices.Equal(got.Statuses, c.Statuses))
	}
	if c.Objects != nil {
		check("objects", got.Objects, *c.Objects, got.Objects == *c.Objects)
	}
	if c.Reference || got.Reference {
		check("reference", got.Reference, c.Reference, got.Reference == c.Reference)
	}
	if c.At != nil {
		check("at", got.At, *c.At, got.At == *c.At)
	}
	if c.Count || got.Count {
		check("count", got.Count, c.Count, got.Count == c.Count)
	}
}

// stringish is one string or a list of them.
type stringish []string

// holds says whether s is one of them; none means the empty string.
func (s stringish) holds(one string) bool {
	return len(s) == 0 && one == "" || slices.Contains(s, one)
}

func (s *stringish) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*s = []string{n.Value}
		return nil
	}
	return n.Decode((*[]string)(s))
}

// now is a night shift's hour: 05:40 in São Paulo.
var now = time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC)

var zone = time.FixedZone("-03", -3*3600)

func newUnderstander(tb testing.TB) *understand.Understander {
	tb.Helper()
	u, err := understand.New()
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	return u
}

func heldOut(tb testing.TB) []utterance {
	tb.Helper()
	files, err := filepath.Glob("testdata/held_out*.yaml")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no held-out utterances: %v", err)
	}
	var all []utterance
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		var us []utterance
		d := yaml.NewDecoder(strings.NewReader(string(b)))
		d.KnownFields(true)
		if err := d.Decode(&us); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		for i := range us {
			us[i].Language = strings.TrimSuffix(name, ".yaml")[len(strings.TrimSuffix(name, ".yaml"))-2:]
		}
		all = append(all, us...)
	}
	return all
}

// score counts right and asked.
type score struct{ right, asked int }

func (s *score) add(ok bool) {
	s.asked++
	if ok {
		s.right++
	}
}

func (s score) rate() float64 { return 100 * float64(s.right) / float64(max(1, s.asked)) }

// TestHeldOutUtterances scores four sets, each written before the data knew its wording. Read for the first time they gave 89, 81, 81
// and 83 % of the intents; the data were widened after each. The sets of symptoms, where all labels of a question had to be right, gave 36 % of 75 (intent and
// target alone: 69 %), and after the rules were mended 77 % of 30 new ones (83 %). The
// fifth set (topics, polite orders, supposed causes, named times) gave 88 % of 72 with all labels right. They have been looked at ever since and are examples now
// (weights_test.go): the rates below guard what works, and fresh_test.go says what a stranger's question meets.
func TestHeldOutUtterances(t *testing.T) {
	u := newUnderstander(t)
	all := heldOut(t)
	scores := map[string]*score{}
	count := func(name, lang string, ok bool) {
		for _, k := range []string{name, name + " " + lang} {
			if scores[k] == nil {
				scores[k] = &score{}
			}
			scores[k].add(ok)
		}
	}
	for _, c := range all {
		got := u.Parse(c.Q, understand.Context{Now: now, Location: zone, LastEntity: c.Last, LastIntent: understand.Intent(c.LastIntent), LastLanguage: ""})
		var wrong []string
		check := func(name string, got, want any, ok bool) {
			count(name, c.Language, ok)
			if !ok {
				wrong = append(wrong, fmt.Sprintf("%s=%v want %v", name, got, want))
			}
		}
		check("intent", got.Intent, c.Intents, slices.Contains(c.Intents, string(got.Intent)))
		check("target", got.Target, c.Targets, c.Targets.holds(got.Target))
		check("premise", got.Premise, c.Premises, c.Premises.holds(got.Premise))
		check("action", got.Action, c.Action, got.Action == c.Action)
		if len(strings.Fields(c.Q)) > 1 { // a name alone tells no language
			check("language", got.Language, c.Language, got.Language == c.Language)
		}
		if c.Hint != nil {
			words := strings.Fields(understand.Fold(got.Hint))
			check("hint", got.Hint, c.Hint, !slices.ContainsFunc(c.Hint, func(w string) bool { return !slices.Contains(words, understand.Fold(w)) }))
		}
		c.optional(got, check)
		if len(wrong) > 0 {
			t.Logf("%-60q %s", c.Q, strings.Join(wrong, "; "))
		}
	}
	for name, least := range map[string]float64{"intent": 95, "target": 93, "premise": 93, "action": 95, "language": 97, "kind": 90, "statuses": 90, "objects": 90, "reference": 90, "hint": 90, "at": 90} {
		for _, part := range []string{"", " en", " pt"} {
			s := scores[name+part]
			if s == nil {
				continue
			}
			t.Logf("%-14s %5.1f %% of %d", name+part, s.rate(), s.asked)
			if s.rate() < least {
				t.Errorf("%s%s: %.1f %% right, want at least %.0f %%", name, part, s.rate(), least)
			}
		}
	}
	if len(all) < 700 {
		t.Errorf("%d utterances, want at least 700", len(all))
	}
}
