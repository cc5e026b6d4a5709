package incident

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// Made is a scenario that was made, with its gold, and the world that it is about.
type Made struct {
	Scenario suite.Scenario
	World    *world.World
}

// attempts is how often other places are tried where an incident cannot happen, or does not show itself as the family says it must.
const attempts = 40

// stage is where one variant of an incident is brought about.
type stage struct {
	family Family
	base   base
	seed   string // everything that luck depends on
	day    *day
	names  *names
	picked map[string]thing
	drawn  map[string]string
	logs   map[string]yaml.Node
	frozen time.Time
	world  *world.World // once it is told
}

// luck is a source of chance of its own for each use, so that a change in one place leaves the others as they are.
func (s *stage) luck(use string) *rand.Rand {
	sum := sha256.Sum256([]byte(s.seed + "|" + use))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))) //nolint:gosec // chance, not secrets
}

// Make makes the scenario of a recipe: the same one each time.
func (b *Book) Make(r suite.Recipe) (Made, error) {
	all, err := b.Twins(r.Family, r.Base, r.Seed)
	if err != nil {
		return Made{}, err
	}
	for _, m := range all {
		if m.Scenario.Gold.Recipe.Variant == r.Variant {
			return m, nil
		}
	}
	return Made{}, fault.New(fault.NotFound, "The family %s has no variant %q.", r.Family, r.Variant)
}

// Twins makes all variants of a family at one place: the same plant, day, names, objects and hour, so that they differ in the cause alone.
// An incident that can happen nowhere in the plant is fault.Invalid, and says why.
func (b *Book) Twins(family, plant string, seed uint64) ([]Made, error) {
	f, err := b.Family(family)
	if err != nil {
		return nil, err
	}
	base, ok := b.bases[plant]
	if !ok {
		return nil, fault.New(fault.NotFound, "There is no base %q.", plant)
	}
	var last error
	for n := range attempts {
		s := &stage{family: f, base: base, seed: fmt.Sprintf("%s|%s|%d|%d", family, plant, seed, n)}
		var all []Made
		if all, last = s.twins(b, suite.Recipe{Family: family, Base: plant, Seed: seed}); last == nil {
			return all, nil
		}
	}
	return nil, fault.New(fault.Invalid, "The family %s cannot be brought about in %s with the seed %d: %s.", family, plant, seed, last)
}

func (s *stage) twins(b *Book, r suite.Recipe) ([]Made, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	var all []Made
	for _, v := range s.family.Variants {
		m, err := s.variant(b, v, r)
		if err != nil {
			return nil, fmt.Errorf("variant %s: %w", v.Name, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// prepare lets the healthy plant run, and chooses where the incident happens.
func (s *stage) prepare() error {
	defs, err := s.definitions()
	if err != nil {
		return err
	}
	start, err := s.date(defs)
	if err != nil {
		return err
	}
	if s.day, err = rehearse(defs, s.luck("plant").Uint64(), start); err != nil {
		return err
	}
	s.picked, s.drawn = map[string]thing{}, map[string]string{}
	for _, p := range s.family.Pick {
		if s.picked[p.Name], err = s.pick(p, s.luck("pick "+p.Name)); err != nil {
			return err
		}
	}
	s.draw(s.family.Draw)
	return nil
}

func (s *stage) draw(all map[string]Draw) {
	for name, d := range all {
		r := s.luck("draw " + name)
		if len(d.OneOf) > 0 {
			s.drawn[name] = d.OneOf[r.IntN(len(d.OneOf))]
			continue
		}
		s.drawn[name] = fmt.Sprint(d.From + r.IntN(max(d.To-d.From, 0)+1))
	}
}

// definitions reads the plant anew, since a simulation takes its definitions over, and gives two plants in three other names.
func (s *stage) definitions() (sim.Definitions, error) {
	defs, err := sim.Load(s.base.files)
	if err != nil {
		return defs, err
	}
	r := s.luck("names")
	if r.IntN(3) == 0 {
		r = nil
	}
	s.names = rename(&defs, r)
	return defs, nil
}

// date chooses the day: a workday of 2026 that is no month's turn and changes no clock.
func (s *stage) date(defs sim.Definitions) (time.Time, error) {
	zone, err := time.LoadLocation(defs.Engine.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("the plant's time zone %q is unknown", defs.Engine.TimeZone)
	}
	r := s.luck("date")
	for range 1000 { // one in two will do
		d := time.Date(2026, time.February, 2+r.IntN(250), 0, defs.Plan.StartOfDay.Minutes, 0, 0, zone)
		_, before := d.AddDate(0, 0, -4).Zone()
		_, after := d.AddDate(0, 0, 2).Zone()
		if wd := d.Weekday(); wd != time.Saturday && wd != time.Sunday && wd != time.Friday && d.Day() > 3 && d.Day() < 26 && before == after {
			return d, nil
		}
	}
	return time.Time{}, fmt.Errorf("no day of the year will do in %s", zone)
}

// variant brings one variant about and tells it.
func (s *stage) variant(b *Book, v Variant, r suite.Recipe) (Made, error) {
	v = v.over(s.family)
	s.world, s.frozen = nil, time.Time{}
	at, err := s.instant(v.Freeze.At)
	if err != nil {
		return Made{}, err
	}
	if n := len(v.Freeze.Plus); n == 2 && v.Freeze.Plus[1] > v.Freeze.Plus[0] {
		at = at.Add(v.Freeze.Plus[0] + time.Duration(s.luck("freeze").Int64N(int64(v.Freeze.Plus[1]-v.Freeze.Plus[0]))))
	} else if n > 0 {
		at = at.Add(v.Freeze.Plus[0])
	}
	s.frozen = at.Truncate(time.Second)
	if close, _ := s.instant("close"); s.frozen.After(close) && !strings.HasPrefix(v.Freeze.At, "close") {
		return Made{}, fmt.Errorf("it would be told after the plan's turn, when names mean other instances")
	}
	s.logs = v.Logs
	noise := b.Noise
	if v.Noise == "none" {
		noise = nil
	}
	if s.world, err = s.play(v, noise); err != nil {
		return Made{}, err
	}
	if err := s.expect(v.Expect); err != nil {
		return Made{}, err
	}
	r.Variant = v.Name
	return s.tell(v, r)
}

// over lays a variant over its family.
func (v Variant) over(f Family) Variant {
	if v.Nothing {
		v.Define, v.Happen = nil, nil
	} else {
		if v.Define == nil {
			v.Define = f.Define
		}
		if v.Happen == nil {
			v.Happen = f.Happen
		}
	}
	logs := map[string]yaml.Node{}
	for name, n := range f.Logs {
		logs[name] = n
	}
	for name, n := range v.Logs {
		logs[name] = n
	}
	v.Logs = logs
	if v.Freeze == nil {
		v.Freeze = &f.Freeze
	}
	if v.Expect == nil {
		v.Expect = f.Expect
	}
	if v.Noise == "" {
		v.Noise = f.Noise
	}
	if v.Slice == "" {
		v.Slice = f.Slice
		if v.Kind == "healthy" && !slices.Contains([]string{"lists", "refused", "hostile", "unknown"}, f.Slice) {
			v.Slice = "healthy" // told apart from what is wrong, where it is easy to be right by habit
		}
	}
	if v.Ask == nil {
		v.Ask = f.Ask
	}
	if v.Proof == nil {
		v.Proof = &f.Proof
	}
	v.Gold = merged(f.Gold, v.Gold)
	return v
}

// merged is a mapping with another's keys laid over it, one by one.
func merged(under, over yaml.Node) yaml.Node {
	if over.Kind != yaml.MappingNode {
		return under
	}
	out := yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	set := map[string]bool{}
	for i := 0; i+1 < len(over.Content); i += 2 {
		set[over.Content[i].Value] = true
	}
	for i := 0; i+1 < len(under.Content); i += 2 {
		if !set[under.Content[i].Value] {
			out.Content = append(out.Content, under.Content[i], under.Content[i+1])
		}
	}
	out.Content = append(out.Content, over.Content...)
	return out
}

// play lets the plant run with the incident until the instant at which it is told.
func (s *stage) play(v Variant, noise []Family) (*world.World, error) {
	defs, err := s.definitions()
	if err != nil {
		return nil, err
	}
	if err := s.define(&defs, v.Define); err != nil {
		return nil, err
	}
	if err := s.write(&defs, v.Happen); err != nil {
		return nil, err
	}
	loud := s.noises(noise)
	for _, n := range loud {
		if err := n.define(&defs, n.family.Define); err != nil {
			return nil, err
		}
		if err := n.write(&defs, n.family.Happen); err != nil {
			return nil, err
		}
	}
	plant, err := sim.New(defs, sim.Options{Seed: s.luck("plant").Uint64(), Start: s.day.start.Add(-history)})
	if err != nil {
		return nil, err
	}
	if err := s.today(plant, &defs, v.Define); err != nil {
		return nil, err
	}
	if err := s.happen(plant, v.Happen); err != nil {
		return nil, err
	}
	for _, n := range loud {
		if err := n.happen(plant, n.family.Happen); err != nil {
			return nil, err
		}
	}
	plant.Advance(s.frozen)
	if refused := plant.Refused(); len(refused) > 0 {
		return nil, fmt.Errorf("the plant refused: %w", refused[0])
	}
	s.world = plant.World()
	return s.world, s.explained(loud)
}

// opaque is a scenario's id: it says nothing, and is the same each time.
func opaque(r suite.Recipe) string {
	sum := sha256.Sum256([]byte(r.Set() + "/" + r.Variant))
	return "s-" + hex.EncodeToString(sum[:3])
}
