package reader

import (
	"context"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// The plan's job streams carry no description, their definitions do, where the account may read them: what a stream is for, in the words that
// its owners use.

// maxDefinitions bounds the definitions that are read for their descriptions.
const maxDefinitions = 5000

// describe adds the descriptions of the job streams' definitions to an index, once. An engine that has none, or does not show them, leaves
// the index as it is.
func (f *Finder) describe(ctx context.Context, x *index) {
	x.mu.Lock()
	asked := x.described
	x.described = true
	x.mu.Unlock()
	if asked {
		return
	}
	definitions, err := twstools.CapabilitiesOf(f.engine).Definitions.JobStreamDefinitions(ctx, "@", maxDefinitions)
	if err != nil {
		return
	}
	x.addDescriptions(definitions)
}

func (x *index) addDescriptions(definitions []twstools.JobStreamDefinition) {
	x.mu.Lock()
	defer x.mu.Unlock()
	byName := map[string][]string{}
	for _, d := range definitions {
		if d.Description != "" {
			name := strings.ToUpper(d.Name)
			byName[name] = append(byName[name], words(d.Description)...)
		}
	}
	for i := range x.rows {
		r := &x.rows[i]
		said := byName[strings.ToUpper(x.texts.list[r.name])]
		if r.job || len(said) == 0 {
			continue
		}
		if _, known := x.told[r.name]; !known {
			for _, w := range said {
				x.told[r.name] = append(x.told[r.name], x.word(w))
			}
		}
		for _, id := range x.told[r.name] {
			x.postings[id] = append(x.postings[id], uint32(i)) // #nosec G115 -- bounded by Options.Names
		}
	}
}

// word gives a word's number, a new one if need be.
func (x *index) word(w string) uint32 {
	id := x.words.number(w)
	if int(id) == len(x.postings) {
		x.postings = append(x.postings, nil)
		x.known = append(x.known, know(w))
	}
	return id
}
