package score

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools"
)

// stateWord is a status as the engine writes it, in capitals and in brackets or behind a preposition: waiting (HOLD), is in ABEND.
var stateWord = regexp.MustCompile(`(?:\(|\b(?:in|em|with|com|is|está|status|state|estado)\s+)(HOLD|READY|EXEC|SUCC|SUCCP|ABEND|ABENP|FAIL|STUCK|CANCL|PEND|INTRO|SUPPR|WAIT|SCHED)\b`)

// untrueStates lists statuses that a clause tells and that nothing which it names is in, or has been in with one of its runs.
func (s *scorer) untrueStates(clauses []clause) []string {
	var out []string
	for _, c := range clauses {
		if !c.here || c.asks {
			continue
		}
		for _, at := range stateWord.FindAllStringSubmatchIndex(c.full, -1) {
			word := c.full[at[2]:at[3]]
			if denies(c.lang, scope(plain(c.full[:at[0]]))) || doubts(c.lang, scope(plain(c.full[:at[0]]))) || strings.Contains(s.Question.Text, word) {
				continue
			}
			if !slices.ContainsFunc(s.spokenOf(c.things), func(t plant.Thing) bool { return s.hasState(t, word) }) {
				out = append(out, fmt.Sprintf("nothing that is named there is in %s: %q", word, short(c.full)))
			}
		}
		if at := begun.FindStringIndex(plain(c.full)); at != nil && takes(c.lang, plain(c.full), nil, at[0], at[1]) == asserted && !slices.ContainsFunc(s.spokenOf(c.things), ran) {
			out = append(out, fmt.Sprintf("nothing that is named there has started: %q", short(c.full)))
		}
	}
	return out
}

// begun is how prose says that something has started.
var begun = regexp.MustCompile(`\b(did start|has (already )?started|already started|ja (iniciou|comecou|rodou)|did run|has (already )?run)\b`)

// ran reports whether a job has started; of what is no job it is not asked.
func ran(t plant.Thing) bool {
	return t.Job == nil || slices.ContainsFunc(t.Job.Runs, func(r twstools.Run) bool { return !r.Start.IsZero() })
}

// spokenOf leaves out other instances of a name where one of them has to do with what the gold is about.
func (s *scorer) spokenOf(things []plant.Thing) []plant.Thing {
	near := map[string]bool{} // names of which an instance has to do with it
	var kept []plant.Thing
	for _, t := range things {
		if slices.ContainsFunc(s.sources(), func(o plant.Thing) bool { return s.Plant.Identical(o, t) || beside(o, t) || s.waitsFor(t, o) }) {
			near[s.Plant.Word(t)], kept = true, append(kept, t)
		}
	}
	for _, t := range things {
		if !near[s.Plant.Word(t)] {
			kept = append(kept, t)
		}
	}
	return kept
}

// hasState reports whether a thing, its job stream, one of its jobs or one of its runs is in a status. What is no job and no job stream has none.
func (s *scorer) hasState(t plant.Thing, word string) bool {
	if t.Job == nil && t.JobStream == nil {
		return true
	}
	for i := range s.Plant.World.JobStreams {
		if x := &s.Plant.World.JobStreams[i]; x.Status.Internal == word && beside(t, plant.Thing{JobStream: x}) {
			return true
		}
	}
	for i := range s.Plant.World.Jobs {
		x := &s.Plant.World.Jobs[i]
		if !beside(t, plant.Thing{Job: x}) || t.Job != nil && x.Name != t.Job.Name {
			continue
		}
		if x.Status.Internal == word || slices.ContainsFunc(x.Runs, func(r twstools.Run) bool { return r.Status.Internal == word }) {
			return true
		}
	}
	return false
}
