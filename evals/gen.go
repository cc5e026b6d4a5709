package evals

import (
	"hash/fnv"
	"io/fs"
	"slices"

	"github.com/resync-hwa/resync/evals/incident"
	"github.com/resync-hwa/resync/evals/suite"
)

// devSeed is the seed of the committed scenarios. Where an incident cannot happen with it, the next one is taken.
const devSeed = 1

// Gen makes scenarios of a family in a plant with a seed; every variant is one.
func Gen(files fs.FS, family, base string, seed uint64) ([]suite.Scenario, error) {
	book, err := incident.Load(files)
	if err != nil {
		return nil, err
	}
	return scenarios(book, family, base, seed)
}

// GenAll makes what is committed: of each family one set of twins. The families take turns in the plants, by their names, so that a new family
// moves no other.
func GenAll(files fs.FS) ([]suite.Scenario, error) {
	book, err := incident.Load(files)
	if err != nil {
		return nil, err
	}
	var all []suite.Scenario
	for _, f := range book.Families {
		bases := book.Bases(f)
		h := fnv.New32a()
		_, _ = h.Write([]byte(f.ID)) // a hash does not fail
		at := int(h.Sum32() % uint32(len(bases)))
		made, err := anySeed(book, f.ID, bases[at])
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	slices.SortFunc(all, func(a, b suite.Scenario) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return all, nil
}

func anySeed(book *incident.Book, family, base string) (made []suite.Scenario, err error) {
	for seed := range uint64(5) {
		if made, err = scenarios(book, family, base, devSeed+seed); err == nil {
			return made, nil
		}
	}
	return nil, err
}

func scenarios(book *incident.Book, family, base string, seed uint64) ([]suite.Scenario, error) {
	made, err := book.Twins(family, base, seed)
	if err != nil {
		return nil, err
	}
	var all []suite.Scenario
	for _, m := range made {
		all = append(all, m.Scenario)
	}
	return all, nil
}
