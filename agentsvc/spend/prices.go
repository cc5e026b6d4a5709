package spend

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
)

//go:embed prices.yaml
var pricesYAML string

// Price is what a model costs from a day on, in US dollars for a million tokens. Cached and Stored are of input that the provider read from or
// wrote to its own cache.
type Price struct {
	Provider string    // who makes the model, for people
	Model    string    // the model's own name; a * at its end stands for anything
	Input    float64   // USD for a million tokens, like all that follow
	Output   float64   //
	Cached   float64   //
	Stored   float64   //
	From     time.Time // UTC midnight of the first day on which it holds
	Source   string    // where and when it was read, in words
}

// Cost gives what a request costs, in US dollars. What was cached or stored is part of the input.
func (p Price) Cost(u Use) float64 {
	cached := min(u.Cached, u.Input)
	stored := min(u.Stored, u.Input-cached)
	fresh := u.Input - cached - stored
	return (float64(fresh)*p.Input + float64(cached)*p.Cached + float64(stored)*p.Stored + float64(u.Output)*p.Output) / 1e6
}

// Prices is a table of prices. It does not change and may be used by many goroutines.
type Prices struct{ layers [][]Price } // a site's own first; within one the longest name first, then the latest

// BuiltIn gives the prices that come with the program.
func BuiltIn() (*Prices, error) {
	rows, err := readPrices(strings.NewReader(pricesYAML))
	if err != nil {
		return nil, fmt.Errorf("the prices that come with the program: %w", err)
	}
	return &Prices{layers: [][]Price{rows}}, nil
}

// With gives a table in which the rows of a site's own file come before all others. Errors are coded invalid and name the row.
func (p *Prices) With(file io.Reader) (*Prices, error) {
	rows, err := readPrices(file)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file of llm.prices cannot be used: %s.", err).
			WithHint("Write rows like: prices: [{provider: Us, model: our-model, input: 0.1, output: 0.4, from: 2026-01-31, source: our contract}].")
	}
	return &Prices{layers: append([][]Price{rows}, p.layers...)}, nil
}

// For gives the price of a model on a day, and false where none is known. A name with a maker before it ("openai/gpt-4o", as OpenRouter
// writes them) is looked up whole, then without the maker.
func (p *Prices) For(model string, at time.Time) (Price, bool) {
	names := []string{strings.ToLower(strings.TrimSpace(model))}
	if _, own, ok := strings.Cut(names[0], "/"); ok {
		names = append(names, own)
	}
	for _, rows := range p.layers {
		for _, name := range names {
			for _, row := range rows {
				if row.covers(name) && !at.Before(row.From) {
					return row, true
				}
			}
		}
	}
	return Price{}, false
}

func (p Price) covers(name string) bool {
	if start, ok := strings.CutSuffix(p.Model, "*"); ok {
		return strings.HasPrefix(name, start)
	}
	return p.Model == name
}

// maxPrices bounds a file: what is longer is no table of prices.
const (
	maxPrices     = 5000
	maxPricesFile = 4 << 20
	maxPrice      = 1e5 // USD for a million tokens; beyond is a slip of the unit
)

// readPrices reads a table and sorts it as For looks: the longest name first, then the latest.
func readPrices(r io.Reader) ([]Price, error) {
	var file struct {
		Sources map[string]string `yaml:"sources"`
		Prices  []struct {
			Provider string   `yaml:"provider"`
			Model    string   `yaml:"model"`
			Input    *float64 `yaml:"input"`
			Output   *float64 `yaml:"output"`
			Cached   *float64 `yaml:"cached"`
			Stored   *float64 `yaml:"stored"`
			From     string   `yaml:"from"`
			Source   string   `yaml:"source"`
		} `yaml:"prices"`
	}
	text, err := io.ReadAll(io.LimitReader(r, maxPricesFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("it cannot be read: %w", err)
	case len(text) > maxPricesFile: // what was cut at the end of a row would still be a table
		return nil, fmt.Errorf("it has more than %d MB", maxPricesFile>>20)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("it is no table of prices: %w", err)
	}
	if !errors.Is(dec.Decode(new(any)), io.EOF) {
		return nil, errors.New("it has something behind its table: a second document in one file is not read")
	}
	if len(file.Prices) > maxPrices {
		return nil, fmt.Errorf("it has more than %d rows", maxPrices)
	}
	rows := make([]Price, 0, len(file.Prices))
	seen := map[string]int{}
	for i, f := range file.Prices {
		p := Price{Provider: f.Provider, Model: strings.ToLower(strings.TrimSpace(f.Model)), Source: f.Source}
		if words, ok := file.Sources[f.Source]; ok {
			p.Source = words
		}
		from, err := time.Parse(time.DateOnly, f.From)
		switch {
		case p.Model == "" || p.Model == "*" || strings.Contains(strings.TrimSuffix(p.Model, "*"), "*"):
			return nil, fmt.Errorf("row %d names no model; a * may stand at the end of a name", i+1)
		case f.Input == nil || f.Output == nil:
			return nil, fmt.Errorf("row %d (%s) needs input and output", i+1, p.Model)
		case err != nil:
			return nil, fmt.Errorf("row %d (%s) needs from, a date like 2026-01-31", i+1, p.Model)
		case strings.TrimSpace(p.Source) == "":
			return nil, fmt.Errorf("row %d (%s) names no source", i+1, p.Model)
		}
		p.From, p.Input, p.Output, p.Cached, p.Stored = from, *f.Input, *f.Output, *f.Input, *f.Input
		if f.Cached != nil {
			p.Cached = *f.Cached
		}
		if f.Stored != nil {
			p.Stored = *f.Stored
		}
		for _, usd := range []float64{p.Input, p.Output, p.Cached, p.Stored} {
			if !(usd >= 0 && usd <= maxPrice) || math.IsNaN(usd) {
				return nil, fmt.Errorf("row %d (%s) has a price that is no number of dollars for a million tokens", i+1, p.Model)
			}
		}
		if first := seen[p.Model+f.From]; first > 0 {
			return nil, fmt.Errorf("rows %d and %d are of the same model (%s) and day", first, i+1, p.Model)
		}
		seen[p.Model+f.From] = i + 1
		rows = append(rows, p)
	}
	slices.SortStableFunc(rows, func(a, b Price) int {
		if d := rank(b.Model) - rank(a.Model); d != 0 {
			return d
		}
		return b.From.Compare(a.From)
	})
	return rows, nil
}

// rank puts a whole name before the same one with a star.
func rank(model string) int {
	if strings.HasSuffix(model, "*") {
		return 2*len(model) - 3
	}
	return 2 * len(model)
}
