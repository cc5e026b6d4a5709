package evals

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/evals/incident"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
)

// Listing is a table of the folder's contents.
type Listing struct {
	Columns []string
	Rows    [][]string
}

// Objects gives each row as an object by column.
func (l Listing) Objects() []map[string]string {
	out := make([]map[string]string, 0, len(l.Rows))
	for _, row := range l.Rows {
		o := map[string]string{}
		for i, c := range l.Columns {
			o[strings.ToLower(c)] = row[i]
		}
		out = append(out, o)
	}
	return out
}

// ListScenarios lists what a suite asks.
func ListScenarios(files fs.FS, name string) (Listing, error) {
	l := Listing{Columns: []string{"SCENARIO", "SLICE", "FAMILY", "VARIANT", "BASE", "VERDICT", "QUESTIONS"}}
	d, err := suite.Define(files, name)
	if err != nil {
		return l, err
	}
	s, err := suite.Load(files)
	if err != nil {
		return l, err
	}
	for _, sc := range d.Of(s.Scenarios) {
		r := suite.Recipe{Family: "-", Variant: "-", Base: sc.World.Base}
		if sc.Gold.Recipe != nil {
			r = *sc.Gold.Recipe
		}
		l.Rows = append(l.Rows, []string{sc.ID, orDash(sc.Gold.Slice), r.Family, r.Variant, r.Base, fmt.Sprint(sc.Gold.Verdict[0]), fmt.Sprint(len(sc.Ask))})
	}
	return l, nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// ListFamilies lists what scenarios are made from.
func ListFamilies(files fs.FS) (Listing, error) {
	l := Listing{Columns: []string{"FAMILY", "SLICE", "VARIANTS", "BASES", "TITLE"}}
	book, err := incident.Load(files)
	if err != nil {
		return l, err
	}
	for _, f := range book.Families {
		var variants []string
		for _, v := range f.Variants {
			variants = append(variants, v.Name+":"+v.Kind)
		}
		l.Rows = append(l.Rows, []string{f.ID, f.Slice, strings.Join(variants, " "), strings.Join(book.Bases(f), " "), f.Title})
	}
	return l, nil
}

// ListSuites lists the suites.
func ListSuites(files fs.FS) (Listing, error) {
	l := Listing{Columns: []string{"SUITE", "SAYS"}}
	names, err := suite.Definitions(files)
	if err != nil {
		return l, err
	}
	for _, name := range names {
		d, err := suite.Define(files, name)
		if err != nil {
			return l, err
		}
		l.Rows = append(l.Rows, []string{d.Name, d.Says})
	}
	return l, nil
}

// Show tells everything about a scenario, gold included, or about a family. It is for people who judge the judge; nothing that is judged reads it.
func Show(files fs.FS, name string) (string, error) {
	book, err := incident.Load(files)
	if err != nil {
		return "", err
	}
	if f, err := book.Family(name); err == nil {
		return familyText(f)
	}
	s, err := suite.Load(files)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(s.Scenarios, func(sc suite.Scenario) bool { return sc.ID == name })
	if i < 0 {
		return "", fault.New(fault.NotFound, "There is neither a scenario nor a family %q.", name).WithHint("resync evals list shows them.")
	}
	sc := s.Scenarios[i]
	var b bytes.Buffer
	parts, err := sc.Files()
	if err != nil {
		return "", err
	}
	for _, f := range parts {
		fmt.Fprintf(&b, "# %s\n%s\n", f.Name, f.Text)
	}
	r := sc.Gold.Recipe
	if r == nil {
		return b.String(), nil
	}
	fmt.Fprintf(&b, "# made anew by: resync evals gen --family %s --base %s --seed %d\n", r.Family, r.Base, r.Seed)
	for _, o := range s.Scenarios {
		if o.Gold.Recipe != nil && o.Gold.Recipe.Set() == r.Set() && o.ID != sc.ID {
			fmt.Fprintf(&b, "# twin: %s (%s)\n", o.ID, o.Gold.Recipe.Variant)
		}
	}
	f, err := book.Family(r.Family)
	if err != nil {
		return "", err
	}
	text, err := familyText(f)
	return b.String() + "\n" + text, err
}

// familyText is a family without the parts that only the maker reads.
func familyText(f incident.Family) (string, error) {
	type variant struct {
		Name string `yaml:"name"`
		Kind string `yaml:"kind"`
	}
	out := struct {
		ID       string            `yaml:"family"`
		Title    string            `yaml:"title"`
		Slice    string            `yaml:"slice"`
		Sources  []incident.Source `yaml:"sources"`
		Proof    incident.Proof    `yaml:"proof"`
		Variants []variant         `yaml:"variants"`
	}{ID: f.ID, Title: f.Title, Slice: f.Slice, Sources: f.Sources, Proof: f.Proof}
	for _, v := range f.Variants {
		out.Variants = append(out.Variants, variant{v.Name, v.Kind})
	}
	raw, err := yaml.Marshal(out)
	if err != nil {
		return "", fault.Wrap(fault.Internal, err, "The family %s cannot be shown.", f.ID)
	}
	return string(raw), nil
}
