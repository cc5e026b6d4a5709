package suite

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
)

// Load reads scenarios/*.yaml and gold/*.yaml of a folder. A key that is not known, a scenario without gold, gold without a scenario and
// whatever Lint finds are errors (fault.Invalid); a folder without scenarios is fault.NotFound.
func Load(files fs.FS) (Suite, error) {
	names, err := fs.Glob(files, "scenarios/*.yaml")
	if err != nil || len(names) == 0 {
		return Suite{}, fault.New(fault.NotFound, "No scenarios are here: the folder holds no scenarios/*.yaml.").
			WithHint("Run in a checkout of the repository, or name the folder that holds scenarios and gold.")
	}
	var s Suite
	sum := sha256.New()
	for _, name := range names {
		sc, err := scenario(files, name, sum)
		if err != nil {
			return Suite{}, err
		}
		s.Scenarios = append(s.Scenarios, sc)
	}
	s.Hash = hex.EncodeToString(sum.Sum(nil))[:12]
	problems := append(orphans(files, s), Lint(s)...)
	if len(problems) > 0 {
		return Suite{}, fault.New(fault.Invalid, "The suite is wrong: %s.", strings.Join(problems, "; "))
	}
	return s, nil
}

func scenario(files fs.FS, name string, sum io.Writer) (Scenario, error) {
	var sc Scenario
	if err := decode(files, name, &sc, sum); err != nil {
		return sc, err
	}
	if base := strings.TrimSuffix(path.Base(name), ".yaml"); base != sc.ID {
		return sc, fault.New(fault.Invalid, "The scenario in %s calls itself %q.", name, sc.ID)
	}
	if err := decode(files, "gold/"+sc.ID+".yaml", &sc.Gold, sum); err != nil {
		return sc, err
	}
	if sc.Gold.ID != sc.ID {
		return sc, fault.New(fault.Invalid, "The gold of %s calls itself %q.", sc.ID, sc.Gold.ID)
	}
	return sc, nil
}

func decode(files fs.FS, name string, into any, sum io.Writer) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The file %s of the suite cannot be read.", name)
	}
	if sum != nil {
		_, _ = sum.Write(raw) // a hash does not fail
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fault.Wrap(fault.Invalid, err, "The file %s is not in the form of the suite: %s", name, strings.Join(strings.Fields(err.Error()), " "))
	}
	return nil
}

// orphans lists gold that no scenario asks for.
func orphans(files fs.FS, s Suite) []string {
	names, err := fs.Glob(files, "gold/*.yaml")
	if err != nil {
		return []string{"the gold cannot be listed"}
	}
	var out []string
	for _, name := range names {
		id := strings.TrimSuffix(path.Base(name), ".yaml")
		if !slices.ContainsFunc(s.Scenarios, func(sc Scenario) bool { return sc.ID == id }) {
			out = append(out, name+" is the gold of no scenario")
		}
	}
	return out
}
