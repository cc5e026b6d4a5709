package suite

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// Definition says which scenarios a suite asks, as a file suites/NAME.yaml holds it. An empty list lets everything through.
type Definition struct {
	Name      string   `yaml:"name"` // the file's name
	Says      string   `yaml:"says"` // what it is for
	Slices    []string `yaml:"slices"`
	Families  []string `yaml:"families"`
	Languages []string `yaml:"languages"`
	Styles    []string `yaml:"styles"`
	Tags      []string `yaml:"tags"`
	K         int      `yaml:"k"` // trials of each question where the run does not say; 1 when 0
	// Only names what is asked of it, as Select has it; a run sets it, no file.
	Only []string `yaml:"-"`
}

// Define reads a definition. One that is not there is fault.NotFound with the names of those that are.
func Define(files fs.FS, name string) (Definition, error) {
	var d Definition
	if _, err := fs.Stat(files, "suites/"+name+".yaml"); err != nil {
		have, _ := Definitions(files) // what is there is told where it can be
		return d, fault.New(fault.NotFound, "There is no suite %q.", name).WithHint("There are: %s.", strings.Join(have, ", "))
	}
	if err := decode(files, "suites/"+name+".yaml", &d, nil); err != nil {
		return d, err
	}
	if d.Name != name {
		return d, fault.New(fault.Invalid, "The suite in suites/%s.yaml calls itself %q.", name, d.Name)
	}
	return d, nil
}

// Definitions are the names of the suites, sorted.
func Definitions(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "suites/*.yaml")
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The suites cannot be listed.")
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(path.Base(n), ".yaml")
	}
	slices.Sort(names)
	return names, nil
}

// Of keeps the scenarios and questions that belong to the suite.
func (d Definition) Of(all []Scenario) []Scenario {
	var out []Scenario
	some, _ := Suite{Scenarios: all}.Select(d.Only) // what fits nothing is left out here; whoever asks for it finds that nothing is there
	for _, sc := range some {
		family := ""
		if sc.Gold.Recipe != nil {
			family = sc.Gold.Recipe.Family
		}
		if !fits(d.Slices, sc.Gold.Slice) || !fits(d.Families, family) ||
			len(d.Tags) > 0 && !slices.ContainsFunc(d.Tags, func(t string) bool { return slices.Contains(sc.Tags, t) }) {
			continue
		}
		var ask []Question
		for _, q := range sc.Ask {
			if fits(d.Languages, q.Lang) && fits(d.Styles, q.Style) {
				ask = append(ask, q)
			}
		}
		if sc.Ask = ask; len(ask) > 0 {
			out = append(out, sc)
		}
	}
	return out
}

func fits(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
