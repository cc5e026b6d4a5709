package understand_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/understand"
)

// The views of questions that the data were not written from. Read for the first time they gave 31 of 36.
func TestViews(t *testing.T) {
	raw, err := os.ReadFile("testdata/views.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var asked []struct {
		Q       string          `yaml:"q"`
		View    understand.View `yaml:"v"`
		Target  string          `yaml:"t"`
		Against string          `yaml:"ag"`
		Action  string          `yaml:"a"`
	}
	d := yaml.NewDecoder(strings.NewReader(string(raw)))
	d.KnownFields(true)
	if err := d.Decode(&asked); err != nil {
		t.Fatal(err)
	}
	u := newUnderstander(t)
	right := 0
	for _, c := range asked {
		got := u.Parse(c.Q, understand.Context{Now: now, Location: zone})
		if got.View == c.View && got.Target == c.Target && got.Against == c.Against && got.Action == c.Action {
			right++
			continue
		}
		t.Logf("%q: %s view=%q target=%q against=%q action=%q", c.Q, got.Intent, got.View, got.Target, got.Against, got.Action)
	}
	if t.Logf("%d of %d", right, len(asked)); right*100 < 95*len(asked) {
		t.Errorf("%d of %d right, want at least 95 %%", right, len(asked))
	}
}

// A time of day is kept as it was said: the zone of the plan may not be known yet.
func TestSinceClock(t *testing.T) {
	u := newUnderstander(t)
	for q, want := range map[string]string{"what changed since 02:00?": "02:00", "o que mudou desde as 2h?": "02:00", "o que mudou hoje?": "00:00", "what changed in the last 2 hours?": "", "what changed yesterday?": ""} {
		if got := u.Parse(q, understand.Context{Now: time.Date(2026, 3, 17, 8, 40, 12, 0, time.UTC)}); got.SinceClock != want {
			t.Errorf("%q: %q, want %q", q, got.SinceClock, want)
		}
	}
}

// Several objects told in one breath by what they are.
func TestAlso(t *testing.T) {
	u := newUnderstander(t)
	for q, want := range map[string][]string{
		"Several jobs are down: the export of tariffs, the import of meter data and the mailing of bills. Why?": {"import of meter data", "mailing of bills"},
		"Pararam a exportação das tarifas, a importação das leituras e o envio das faturas. Por quê?":           {"importação das leituras", "envio das faturas"},
		"Why have the export of tariffs and the mailing of bills both failed?":                                  {"mailing of bills"},
		"o que houve com a malha TARIFA e o faturax?":                                                           {"faturax"},
		"the export of tariffs failed and the operator sleeps":                                                  nil,
	} {
		if got := u.Parse(q, understand.Context{}); !slices.Equal(got.Also, want) {
			t.Errorf("%q: %q also %q, want %q", q, got.Target, got.Also, want)
		}
	}
}
