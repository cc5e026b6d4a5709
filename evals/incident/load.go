package incident

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// Book is all families, noises and bases of a folder: everything from which scenarios can be made. It is read once and not changed; it is safe
// for concurrent use.
type Book struct {
	files    fs.FS
	Families []Family // ordered by id
	Noise    []Family
	bases    map[string]base
}

// base is a healthy plant with the words by which its people speak of what runs there.
type base struct {
	files   fs.FS
	phrases map[string]phrase // STREAM, STREAM.JOB
}

type phrase struct {
	EN string `yaml:"en"`
	PT string `yaml:"pt"`
}

// Load reads families/*.yaml, noise/*.yaml and bases/NAME of a folder. Unknown keys, families without variants, sources or proof, and bases
// that are no plants are fault.Invalid.
func Load(files fs.FS) (*Book, error) {
	b := &Book{files: files, bases: map[string]base{}}
	var err error
	if b.Families, err = families(files, "families"); err != nil {
		return nil, err
	}
	if b.Noise, err = families(files, "noise"); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "bases/*")
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The bases cannot be listed.")
	}
	for _, name := range names {
		one, err := loadBase(files, name)
		if err != nil {
			return nil, err
		}
		b.bases[path.Base(name)] = one
	}
	if len(b.Families) > 0 && len(b.bases) == 0 {
		return nil, fault.New(fault.NotFound, "There are families of incidents and no plant for them: no bases/NAME is here.")
	}
	return b, b.check()
}

func families(files fs.FS, folder string) ([]Family, error) {
	names, err := fs.Glob(files, folder+"/*.yaml")
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The families in %s cannot be listed.", folder)
	}
	var all []Family
	for _, name := range names {
		var f Family
		if err := decode(files, name, &f); err != nil {
			return nil, err
		}
		if id := strings.TrimSuffix(path.Base(name), ".yaml"); f.ID != id {
			return nil, fault.New(fault.Invalid, "The family in %s calls itself %q.", name, f.ID)
		}
		all = append(all, f)
	}
	return all, nil
}

func decode(files fs.FS, name string, into any) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The file %s cannot be read.", name)
	}
	return decodeText(raw, name, into)
}

func decodeText(raw []byte, name string, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fault.Wrap(fault.Invalid, err, "%s is not in its form: %s", name, strings.Join(strings.Fields(err.Error()), " "))
	}
	return nil
}

func loadBase(files fs.FS, name string) (base, error) {
	sub, err := fs.Sub(files, name)
	if err != nil {
		return base{}, fault.Wrap(fault.Invalid, err, "The base %s cannot be read.", name)
	}
	b := base{files: sub, phrases: map[string]phrase{}}
	if _, err := sim.Load(sub); err != nil {
		return base{}, fault.Wrap(fault.Invalid, err, "The base %s is no plant: %s", name, fault.Public(err).Message)
	}
	if _, err := fs.Stat(sub, "phrases/phrases.yaml"); err == nil {
		if err := decode(sub, "phrases/phrases.yaml", &b.phrases); err != nil {
			return base{}, err
		}
	}
	return b, nil
}

// Family finds a family by its id.
func (b *Book) Family(id string) (Family, error) {
	for _, f := range b.Families {
		if f.ID == id {
			return f, nil
		}
	}
	return Family{}, fault.New(fault.NotFound, "There is no family %q.", id).WithHint("resync evals list --families shows them.")
}

// Bases are the names of the plants in which a family can happen, sorted.
func (b *Book) Bases(f Family) []string {
	var out []string
	for name := range b.bases {
		if len(f.Bases) == 0 || slices.Contains(f.Bases, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (b *Book) check() error {
	var bad []string
	for _, f := range b.Families {
		bad = append(bad, f.problems(b)...)
	}
	for _, f := range b.Noise {
		if len(f.Sources) == 0 {
			bad = append(bad, f.ID+": the noise cites no source for its states")
		}
	}
	if len(bad) > 0 {
		return fault.New(fault.Invalid, "The families are wrong: %s.", strings.Join(bad, "; "))
	}
	return nil
}

// problems lists what a family's file alone shows to be wrong.
func (f Family) problems(b *Book) []string {
	var bad []string
	say := func(s string) { bad = append(bad, f.ID+": "+s) }
	if !slices.Contains(suite.Slices(), f.Slice) {
		say("the slice must be one of " + strings.Join(suite.Slices(), ", "))
	}
	if len(f.Sources) == 0 || slices.ContainsFunc(f.Sources, func(s Source) bool { return s.State == "" || s.Cite == "" }) {
		say("every state that it shows must cite where it is described")
	}
	if f.Proof.Path == "" || f.Proof.Shows == "" {
		say("it does not say how its truth can be seen")
	}
	if len(f.Variants) == 0 || len(f.Ask)+len(f.Variants[0].Ask) == 0 {
		say("variants and questions are needed")
	}
	kinds := []string{"cause", "swapped", "removed", "harmless", "healthy"}
	for i, v := range f.Variants {
		if !slices.Contains(kinds, v.Kind) {
			say("the variant " + v.Name + " must be one of " + strings.Join(kinds, ", "))
		}
		if slices.ContainsFunc(f.Variants[:i], func(o Variant) bool { return o.Name == v.Name }) || v.Name == "" {
			say("variants need names of their own")
		}
	}
	for _, name := range f.Bases {
		if _, ok := b.bases[name]; !ok {
			say("there is no base " + name)
		}
	}
	return bad
}
