package evals

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/incident"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// Prepared is a scenario with the world that it is about, ready to be asked.
type Prepared struct {
	Scenario suite.Scenario
	Plant    *plant.Plant

	judged *plant.Plant // see seenAs
}

// Dev names the scenarios that are committed; any other word for seeds is a secret from which others of the same families are made.
const Dev = "dev"

// From gives the scenarios of a suite, and a hash of what is asked and held right. With the seeds Dev they are those in the folder; with any
// other word the families' scenarios are made anew from it: a program that has been fitted to the
// committed ones has seen none of them. Gold that is not true in its world is fault.Invalid.
func From(files fs.FS, d suite.Definition, seeds string) ([]Prepared, string, error) {
	book, err := incident.Load(files)
	if err != nil {
		return nil, "", err
	}
	var all []Prepared
	if seeds == "" || seeds == Dev {
		all, err = committed(files, d, book)
	} else {
		all, err = secret(d, book, seeds)
	}
	if err != nil {
		return nil, "", err
	}
	hash, err := hashOf(all)
	return all, hash, err
}

// committed are the folder's scenarios that belong to the suite.
func committed(files fs.FS, d suite.Definition, book *incident.Book) ([]Prepared, error) {
	s, err := suite.Load(files)
	if err != nil {
		return nil, err
	}
	var all []Prepared
	sets := map[string][]incident.Made{}
	for _, sc := range d.Of(s.Scenarios) {
		w, err := told(sc, book, sets)
		if err != nil {
			return nil, err
		}
		p, err := prepare(sc, w)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// told gives a scenario's world: the demo's, or one that is made by the recipe of its gold. Twins are made together and once.
func told(sc suite.Scenario, book *incident.Book, sets map[string][]incident.Made) (*world.World, error) {
	r := sc.Gold.Recipe
	if r == nil {
		return base(sc.World)
	}
	if _, have := sets[r.Set()]; !have {
		made, err := book.Twins(r.Family, r.Base, r.Seed)
		if err != nil {
			return nil, err
		}
		sets[r.Set()] = made
	}
	for _, m := range sets[r.Set()] {
		if m.Scenario.ID == sc.ID {
			return m.World, same(sc, m.Scenario)
		}
	}
	return nil, fault.New(fault.Invalid, "The recipe of %s makes no such scenario any more.", sc.ID).WithHint("resync evals gen writes the scenarios anew.")
}

// same holds that the committed files are what the recipe makes. What a person adds to them by hand would be lost at the next writing.
func same(have, made suite.Scenario) error {
	have.Ask, made.Ask = nil, nil // a suite may ask some of the questions only
	a, err := have.Files()
	if err != nil {
		return err
	}
	b, err := made.Files()
	if err != nil {
		return err
	}
	for i := range a {
		if !bytes.Equal(a[i].Text, b[i].Text) {
			return fault.New(fault.Invalid, "%s is not what its recipe makes.", a[i].Name).WithHint("resync evals gen writes the scenarios anew.")
		}
	}
	return nil
}

// secret makes scenarios from a word and from nothing else: of each family one set of twins, in a plant and with a seed that follow from the word.
// The results tell the seeds; whoever has them has the scenarios too, so that a word is for one run.
func secret(d suite.Definition, book *incident.Book, word string) ([]Prepared, error) {
	var all []Prepared
	for _, f := range book.Families {
		if len(d.Families) > 0 && !slices.Contains(d.Families, f.ID) {
			continue
		}
		made, err := twinsOf(book, f, word)
		if err != nil {
			return nil, err
		}
		for _, m := range made {
			for _, sc := range d.Of([]suite.Scenario{m.Scenario}) {
				p, err := prepare(sc, m.World)
				if err != nil {
					return nil, err
				}
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b Prepared) int { return strings.Compare(a.Scenario.ID, b.Scenario.ID) })
	return all, nil
}

// twinsOf makes one set of twins of a family. Where the incident cannot happen with one seed, the next one is tried.
func twinsOf(book *incident.Book, f incident.Family, word string) (made []incident.Made, err error) {
	bases := book.Bases(f)
	for n := range 2 * len(bases) {
		mac := hmac.New(sha256.New, []byte(word))
		fmt.Fprintf(mac, "%s|%d", f.ID, n)
		sum := mac.Sum(nil)
		base := bases[binary.BigEndian.Uint64(sum[8:])%uint64(len(bases))]
		if made, err = book.Twins(f.ID, base, binary.BigEndian.Uint64(sum)); err == nil {
			return made, nil
		}
	}
	return nil, err
}

// prepare holds that the gold is true in its world.
func prepare(sc suite.Scenario, w *world.World) (Prepared, error) {
	p, err := plant.New(w)
	if err != nil {
		return Prepared{}, err
	}
	if problems := score.LintGold(sc.Gold, p); len(problems) > 0 {
		return Prepared{}, fault.New(fault.Invalid, "The gold of %s is not true in its world: %s.", sc.ID, problems)
	}
	return Prepared{Scenario: sc, Plant: p}, nil
}

// hashOf is a short hash of all questions and gold, so that two runs can be told to have asked the same.
func hashOf(all []Prepared) (string, error) {
	sum := sha256.New()
	for _, p := range all {
		files, err := p.Scenario.Files()
		if err != nil {
			return "", err
		}
		for _, f := range files {
			_, _ = sum.Write(f.Text) // a hash does not fail
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}
