// Package suite reads the questions that the evals ask and, from another folder, what a right answer must hold: the gold. The two never
// stand in one file and neither is built into the program: an agent that is being judged can read neither.
//
// A Suite is plain data, read once and not changed afterwards. What a name in the gold means in a world is plant's to say; whether an
// answer is right is score's. Start at Load.
package suite

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Schema is what a scenario file says of its own form.
const Schema = "resync.eval/v1"

// Suite is all scenarios of a folder, ordered by id, each with its gold.
type Suite struct {
	Scenarios []Scenario
	Hash      string // of all files, so that two runs can be told to have asked the same
}

// Scenario is a world, an instant and the questions asked there. Its id says nothing of the cause.
type Scenario struct {
	Schema string     `yaml:"schema"`
	ID     string     `yaml:"id"`
	World  World      `yaml:"world"`
	Tags   []string   `yaml:"tags"`
	Ask    []Question `yaml:"ask"`
	Gold   Gold       `yaml:"-"`
}

// Made is the Base of a world that is made from the gold's recipe.
const Made = "made"

// World names the base world and the frozen instant at which it is told: "demo", or Made.
type World struct {
	Base string    `yaml:"base"`
	AsOf time.Time `yaml:"as_of"`
}

// Question is one way of asking. What Turns holds was asked before in the same conversation, and is not judged.
type Question struct {
	ID    string   `yaml:"id"`
	Lang  string   `yaml:"lang"`
	Style string   `yaml:"style"`
	Turns []string `yaml:"turns,omitempty"`
	Text  string   `yaml:"text"`
}

// Recipe is how a world was made: anybody who has the families and the bases makes the same one again.
type Recipe struct {
	Family  string `yaml:"family"`
	Variant string `yaml:"variant"`
	Base    string `yaml:"base"`
	Seed    uint64 `yaml:"seed"`
}

// Set names the scenarios that are twins of each other: one family, one base, one seed, and another variant each.
func (r Recipe) Set() string { return fmt.Sprintf("%s/%s/%d", r.Family, r.Base, r.Seed) }

// Gold is what a right answer to every question of a scenario holds. Names are written as plant.Resolve reads them: type:NAME.
type Gold struct {
	ID     string  `yaml:"id"`
	Title  string  `yaml:"title"` // for people; shown nowhere but to those who read the gold
	Slice  string  `yaml:"slice,omitempty"`
	Recipe *Recipe `yaml:"recipe,omitempty"`

	Verdict []answer.Verdict `yaml:"verdict"`
	// Unsure: what proves the cause leaves room, so that no cause may be called confirmed.
	Unsure bool `yaml:"unsure,omitempty"`
	// Causes are all that must be named, the primary one first. None means that no cause may be asserted.
	Causes []Cause `yaml:"causes,omitempty"`
	// AnyFirst says that the causes have nothing to do with each other, so that each of them may stand first in an answer.
	AnyFirst bool `yaml:"any_first,omitempty"`
	// Contributing may be named as causes too, and need not.
	Contributing []Cause `yaml:"contributing,omitempty"`
	// Explanations are kinds of which one must be told, where any are given.
	Explanations []string `yaml:"explanations,omitempty"`
	// Affected must be among the answer's; "a | b" is satisfied by either.
	Affected []string `yaml:"affected,omitempty"`
	// Names are entities that the prose must mention; the primary cause always is one.
	Names []string `yaml:"names,omitempty"`
	// Words must stand in the prose as they are; "a | b" is satisfied by either. Figures are numbers that the prose must state.
	Words   []string `yaml:"words,omitempty"`
	Figures []int    `yaml:"figures,omitempty"`
	// Count says what a family's figures count: "all jobs ABEND|FAIL", "all jobs EXEC on X". A made gold holds the figures themselves.
	Count []string `yaml:"count,omitempty"`
	// Items are what a list must hold, each in prose or candidates; others of the same type are wrong there.
	Items []string `yaml:"items,omitempty"`
	// Candidates are the instances of which the answer must ask.
	Candidates []string `yaml:"candidates,omitempty"`
	// Claims must be asserted, Denied must not be: neither stated nor, where it is Must, left to be understood.
	Claims []Claim `yaml:"claims,omitempty"`
	Denied []Claim `yaml:"denied,omitempty"`
	// Missing are the sources that the answer must say it has not seen; "a | b" is satisfied by either.
	Missing []string `yaml:"missing,omitempty"`
	// Reads are complete ways to the evidence: everything of one of them must have been read. A read is joblog:STREAM.JOB, or the name of a list
	// (jobs, jobstreams, workstations, resources, prompts).
	Reads [][]string `yaml:"reads,omitempty"`
	// Canary stands in a text of the world that tries to give orders: an answer that repeats it has obeyed or been careless.
	Canary  string  `yaml:"canary,omitempty"`
	Actions Actions `yaml:"actions,omitempty"`
	// Under is what a poorer engine leaves of the proof, by the run's variant.
	Under map[string]Left `yaml:"under,omitempty"`
}

// Claim is a statement about a thing. Says is a kind of cause (cause-kinds.yaml) or a word of the judge's lexicon.
type Claim struct {
	About string `yaml:"about"`
	Says  string `yaml:"says"`
	Must  bool   `yaml:"must,omitempty"`
}

// What a poorer engine leaves of a scenario's proof.
const (
	LeftSame = "same" // everything
	LeftWeak = "weak" // enough for likely, and for not knowing: no confirmed cause
	LeftGone = "gone" // nothing: the answer cannot be known
)

// Left is what one variant of the engine leaves.
type Left struct {
	Proof   string   `yaml:"proof"`
	Kinds   []string `yaml:"kinds,omitempty"`   // accepted of the primary cause instead, with weak
	Missing []string `yaml:"missing,omitempty"` // what must then be said to be unseen, with gone
}

// Cause is one cause: where, which kinds are accepted, and what proves it.
type Cause struct {
	Entity  string   `yaml:"entity"`
	Aliases []string `yaml:"aliases,omitempty"`
	Kinds   []string `yaml:"kinds"`
	// Evidence are the decisive groups: of each, one piece must be quoted.
	Evidence []Group `yaml:"evidence,omitempty"`
}

// Group is satisfied by any of its pieces.
type Group struct {
	Any []Piece `yaml:"any"`
}

// Piece is one decisive piece of evidence. Exactly one of Quote (a job log's line or part of one), Value (a field's value or part of it) and
// Is (a figure that follows from the world) is set.
type Piece struct {
	Of    string `yaml:"of"` // joblog:STREAM.JOB, plan:STREAM.JOB, file:…, resource:…, prompt:…, workstation:…
	Quote string `yaml:"quote,omitempty"`
	Value string `yaml:"value,omitempty"`
	Is    string `yaml:"is,omitempty"` // elapsed, estimate, start
}

// Actions say what must and must not be advised.
type Actions struct {
	Require [][]string `yaml:"require,omitempty"` // of each group one code
	Forbid  []string   `yaml:"forbid,omitempty"`
	// NotFirst are codes that are right only after another action.
	NotFirst []string `yaml:"not_first,omitempty"`
	// Advised is the action that was asked for: refused, with the command that a person would run.
	Advised *Advised `yaml:"advised,omitempty"`
}

// Advised is one of several codes on one target.
type Advised struct {
	Codes  []string `yaml:"codes"`
	Target string   `yaml:"target"`
}

// Select keeps the scenarios and questions that only names: a scenario (s-1a2b), a question (s-1a2b/q2), or a tag. Nothing named keeps all.
// Names that fit nothing are given back.
func (s Suite) Select(only []string) (picked []Scenario, unknown []string) {
	if len(only) == 0 {
		return s.Scenarios, nil
	}
	used := map[string]bool{}
	for _, sc := range s.Scenarios {
		whole := false
		var some []Question
		for _, name := range only {
			if name == sc.ID || slices.Contains(sc.Tags, name) {
				whole, used[name] = true, true
			}
		}
		for _, q := range sc.Ask {
			if full := sc.ID + "/" + q.ID; slices.Contains(only, full) {
				used[full] = true
				some = append(some, q)
			}
		}
		if !whole {
			sc.Ask = some
		}
		if len(sc.Ask) > 0 {
			picked = append(picked, sc)
		}
	}
	for _, name := range only {
		if !used[name] {
			unknown = append(unknown, name)
		}
	}
	return picked, unknown
}

// Either splits "a | b" into its alternatives.
func Either(s string) []string {
	parts := strings.Split(s, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
