package spend_test

import (
	"math"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/resync-hwa/resync/agentsvc/spend"
	"github.com/resync-hwa/resync/internal/fault"
)

func builtIn(t testing.TB) *spend.Prices {
	t.Helper()
	p, err := spend.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func day(s string) time.Time {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return at
}

func TestPriceOfAModelOnADay(t *testing.T) {
	site, err := builtIn(t).With(strings.NewReader(`
prices:
  - {provider: Us, model: our-*, input: 1, output: 2, from: 2026-01-01, source: contract}
  - {provider: Us, model: our-big, input: 3, output: 4, cached: 0, from: 2026-01-01, source: contract}
  - {provider: Us, model: our-big, input: 5, output: 6, from: 2026-06-01, source: contract}
  - {provider: Us, model: gpt-4o-mini, input: 0, output: 0, from: 2026-01-01, source: flat rate}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		model, on     string
		input, cached float64 // input < 0: unpriced
	}{
		{"gpt-4o", "2026-11-22", 2.5, 1.25},
		{"GPT-4o ", "2026-11-22", 2.5, 1.25},
		{"openai/gpt-4o", "2026-11-22", 2.5, 1.25},
		{"gpt-4o-mini", "2026-11-22", 0, 0},                  // the site's own word comes first
		{"gpt-4o-mini", "2025-12-31", 0.15, 0.075},           // and not before its day
		{"gpt-4o", "2024-01-01", -1, 0},                      // before anything is known
		{"gpt-4o-audio-preview", "2026-11-22", -1, 0},        // another model of the family
		{"claude-sonnet-5-5", "2026-10-06", 2, 0.2},          // two rows: the one of the day
		{"claude-sonnet-5-5-20260928", "2026-10-07", 2, 0.1}, // the later one, by its star
		{"our-small", "2026-02-01", 1, 1},                    // cached as input where nothing is said
		{"our-big", "2026-02-01", 3, 0},                      // the whole name before the star
		{"our-big", "2026-06-01", 5, 5},                      // from its first day on
		{"qwen3:8b", "2026-11-22", -1, 0},
		{"", "2026-11-22", -1, 0},
	} {
		p, ok := site.For(tc.model, day(tc.on))
		if ok != (tc.input >= 0) || ok && (p.Input != tc.input || p.Cached != tc.cached) {
			t.Errorf("%s on %s: %+v, %v", tc.model, tc.on, p, ok)
		}
		if ok && p.Source == "" {
			t.Errorf("%s: no source", tc.model)
		}
	}
}

// Every row names its source in words: a key of the list of sources is no word.
func TestBuiltInPricesNameTheirSources(t *testing.T) {
	p := builtIn(t)
	for _, model := range []string{"gpt-4.1", "claude-opus-4-1-20250805", "claude-haiku-4-5", "gemini-2.5-flash", "gpt-6-sol", "claude-sonnet-5"} {
		row, ok := p.For(model, day("2026-11-22"))
		if !ok || !strings.Contains(row.Source, " ") || !strings.Contains(row.Source, "20") {
			t.Errorf("%s: %q", model, row.Source)
		}
	}
}

func TestCostOfARequest(t *testing.T) {
	p := spend.Price{Input: 2, Cached: 0.5, Stored: 2.5, Output: 8}
	for _, tc := range []struct {
		use  spend.Use
		want float64
	}{
		{spend.Use{Input: 1_000_000}, 2},
		{spend.Use{Input: 1_000_000, Cached: 400_000, Stored: 100_000, Output: 1_000_000}, 1 + 0.2 + 0.25 + 8},
		{spend.Use{Input: 100, Cached: 500}, 0.00005}, // no more is cached than was read
		{spend.Use{}, 0},
	} {
		if got := p.Cost(tc.use); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("%+v costs %g, want %g", tc.use, got, tc.want)
		}
	}
	// Whatever a server counts, no request costs less than nothing, and none more than if all input were of the dearest kind.
	err := quick.Check(func(in, cached, stored, out uint32) bool {
		u := spend.Use{Input: int(in), Cached: int(cached), Stored: int(stored), Output: int(out)}
		got := p.Cost(u)
		return got >= 0 && got <= (float64(in)*2.5+float64(out)*8)/1e6+1e-9
	}, nil)
	if err != nil {
		t.Error(err)
	}
}

func TestAFileOfPricesThatCannotBeUsed(t *testing.T) {
	for name, text := range map[string]string{
		"no-table": "hello", "unknown-key": "prices: [{modle: x}]", "no-model": "prices: [{input: 1, output: 1, from: 2026-01-01, source: s}]",
		"any-model": "prices: [{model: '*', input: 1, output: 1, from: 2026-01-01, source: s}]", "star-inside": "prices: [{model: 'a*b', input: 1, output: 1, from: 2026-01-01, source: s}]",
		"no-output": "prices: [{model: x, input: 1, from: 2026-01-01, source: s}]", "no-date": "prices: [{model: x, input: 1, output: 1, source: s}]",
		"no-source": "prices: [{model: x, input: 1, output: 1, from: 2026-01-01}]", "below-zero": "prices: [{model: x, input: -1, output: 1, from: 2026-01-01, source: s}]",
		"not-a-number": "prices: [{model: x, input: .nan, output: 1, from: 2026-01-01, source: s}]", "endless": "prices: [{model: x, input: .inf, output: 1, from: 2026-01-01, source: s}]",
		"a-slip-of-the-unit": "prices: [{model: x, input: 200000, output: 1, from: 2026-01-01, source: s}]",
		"two-tables":         "prices: []\n---\nprices: [{model: x, input: 1, output: 1, from: 2026-01-01, source: s}]",
		"rubbish-behind-it":  "prices: []\n---\n[",
		"twice-on-one-day":   "prices: [{model: x, input: 1, output: 1, from: 2026-01-01, source: s}, {model: X, input: 2, output: 2, from: 2026-01-01, source: s}]",
		"too-long":           "prices: [{model: x, input: 1, output: 1, from: 2026-01-01, source: s}]\n" + strings.Repeat("# more\n", 700_000),
	} {
		_, err := builtIn(t).With(strings.NewReader(text))
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzPrices(f *testing.F) {
	f.Add("prices: [{provider: Us, model: our-*, input: 1, output: 2, cached: 0.5, stored: 3, from: 2026-01-01, source: contract}]", "our-x")
	f.Add("sources: {a: b c}\nprices: [{model: x, input: 0, output: 0, from: 2026-01-01, source: a}]", "x")
	f.Add("prices: [", "")
	f.Fuzz(func(t *testing.T, text, model string) {
		p, err := builtIn(t).With(strings.NewReader(text))
		if err != nil {
			return
		}
		if row, ok := p.For(model, day("2026-11-22")); ok {
			if c := row.Cost(spend.Use{Input: 10, Output: 10}); c < 0 || math.IsNaN(c) || math.IsInf(c, 0) {
				t.Errorf("%+v costs %g", row, c)
			}
		}
	})
}
