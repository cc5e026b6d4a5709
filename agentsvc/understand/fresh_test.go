package understand_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// fresh is an utterance of testdata/fresh_*.yaml. A slot that is absent from t, p and a means empty, any other absent one is not asserted.
type fresh struct {
	Slots      `yaml:",inline"`
	Q          string    `yaml:"q"`
	Intents    stringish `yaml:"i"`
	Targets    stringish `yaml:"t"`
	Premises   stringish `yaml:"p"`
	Actions    stringish `yaml:"a"`
	Last       string    `yaml:"last"`
	LastIntent string    `yaml:"prev"`
	Offered    []string  `yaml:"list"` // the objects that the last answer offered
	Follows    bool      `yaml:"go"`   // the line before is the turn before
	Window     stringish `yaml:"w"`
}

func freshOf(tb testing.TB, name string) []fresh {
	tb.Helper()
	b, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		tb.Fatal(err)
	}
	var us []fresh
	d := yaml.NewDecoder(strings.NewReader(string(b)))
	d.KnownFields(true)
	if err := d.Decode(&us); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return us
}

// span writes a window of time in the plan's zone: "03-16 22:00/03-17 02:00", "" for none.
func span(since, until time.Time) string {
	if since.IsZero() && until.IsZero() {
		return ""
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("01-02 15:04")
	}
	return at(since) + "/" + at(until)
}

// TestFreshUtterances scores sets that were written and labelled by someone who had not read the data or the rules. A set's first rate, measured
// before any rule was changed for it, stands beside its name: that, and not the rate below, says what a stranger's question meets.
func TestFreshUtterances(t *testing.T) {
	u := newUnderstander(t)
	for _, set := range []struct {
		name          string
		intent, slots float64 // at least, per cent
	}{
		{"fresh_one", 95, 95},      // first read: 73.8 % of 512 intents (en 74.2, pt 73.4), 92.4 % of 2,216 slots (targets 87.1, references 54.3)
		{"fresh_two", 92, 95},      // first read: 72.0 % of 232 intents (en 73.3, pt 70.7), 93.5 % of 1,003 slots
		{"fresh_three", 92, 95},    // first read: 78.5 % of 130 intents (en 81.5, pt 75.4), 93.0 % of 559 slots
		{"fresh_four", 80, 95},     // first read: 84.4 % of 96 intents (en 87.5, pt 81.2), 97.6 % of 413 slots; nothing was mended for it
		{"held_out_blind", 90, 95}, // first read: 95.0 % of 200 intents (en 97.0, pt 93.0), 97.5 % of 869 slots. The core suite lost by the weighing of that
		// day; since more rules are firm, 94.0 % (en 97.0, pt 91.0), 97.2 % of the slots. The weights learn nothing from it
		// Three sets of one hand, each written after the mending for the one before: short and slangy, a third of them strangers or near to it. The weights
		// learn nothing from them.
		{"blind_six", 95, 97},   // first read: 92.0 % of 162 intents (en 92.0, pt 92.0), 98.1 % of 682 slots
		{"blind_seven", 95, 95}, // first read: 82.9 % of 82 intents (en 84.0, pt 82.5), 92.4 % of 343 slots; before set six was mended for 78.0 % (pt 75.4)
		{"blind_eight", 95, 95}, // first read: 84.3 % of 70 intents (en 95.0, pt 80.0), 96.6 % of 295 slots
	} {
		scores := map[string]*score{}
		for _, lang := range []string{"en", "pt"} {
			count := func(name string, ok bool) {
				for _, k := range []string{name, name + " " + lang} {
					if scores[k] == nil {
						scores[k] = &score{}
					}
					scores[k].add(ok)
				}
			}
			var before understand.Context
			for _, c := range freshOf(t, set.name+"_"+lang) {
				talk := understand.Context{Now: now, Location: zone, LastEntity: c.Last, LastIntent: understand.Intent(c.LastIntent), Offered: c.Offered}
				if c.Follows {
					talk = before
				}
				got := u.Parse(c.Q, talk)
				before = understand.Context{Now: now, Location: zone, LastEntity: talk.LastEntity, LastIntent: got.Intent, LastLanguage: got.Language, LastQuestion: c.Q}
				if got.Target != "" {
					before.LastEntity = got.Target
				}
				wrong := c.wrong(got, lang, count)
				if len(wrong) > 0 {
					t.Logf("%s %-60q %s", lang, c.Q, strings.Join(wrong, "; "))
				}
			}
		}
		for _, kind := range slices.Sorted(func(yield func(string) bool) {
			for k := range scores {
				if !yield(k) {
					return
				}
			}
		}) {
			t.Logf("%s %-20s %5.1f %% of %d", set.name, kind, scores[kind].rate(), scores[kind].asked)
		}
		for _, part := range []string{"", " en", " pt"} {
			if r := scores["intent"+part].rate(); r < set.intent {
				t.Errorf("%s%s: %.1f %% of the intents, want at least %.0f", set.name, part, r, set.intent)
			}
			if r := scores["slots"+part].rate(); r < set.slots {
				t.Errorf("%s%s: %.1f %% of the slots, want at least %.0f", set.name, part, r, set.slots)
			}
		}
	}
}

// wrong counts each label of an utterance and says which were missed.
func (c fresh) wrong(got understand.Understanding, lang string, count func(string, bool)) []string {
	var wrong []string
	slot := func(name string, got, want any, ok bool) {
		count(name, ok)
		if name != "intent" {
			count("slots", ok)
		}
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s=%v want %v", name, got, want))
		}
	}
	slot("intent", got.Intent, c.Intents, slices.Contains(c.Intents, string(got.Intent)))
	slot("target", got.Target, c.Targets, c.Targets.holds(got.Target))
	slot("premise", got.Premise, c.Premises, c.Premises.holds(got.Premise))
	slot("action", got.Action, c.Actions, c.Actions.holds(got.Action))
	if len(strings.Fields(c.Q)) > 1 {
		slot("language", got.Language, lang, got.Language == lang)
	}
	c.optional(got, slot)
	if len(c.Window) > 0 {
		w := span(got.Since, got.Until)
		slot("window", w, c.Window, c.Window.holds(w))
	}
	return wrong
}
