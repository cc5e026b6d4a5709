package knowledge

import (
	"slices"
	"strings"
)

// twins finds the documents that say the same in two languages: those bound to the very same kinds. A number names what belongs together;
// 0 stands for a document alone.
func twins(documents []Document) []int {
	groups := map[string][]int{}
	for i := range documents {
		if kinds := slices.Clone(documents[i].Kinds); len(kinds) > 0 {
			slices.Sort(kinds)
			key := strings.ToLower(strings.Join(kinds, " "))
			groups[key] = append(groups[key], i)
		}
	}
	out := make([]int, len(documents))
	for _, group := range groups {
		for _, i := range group {
			if slices.ContainsFunc(group, func(j int) bool { return documents[j].Language != documents[i].Language }) {
				out[i] = group[0] + 1
			}
		}
	}
	return out
}

// foreign reports whether a document has a twin in the asked language and is not that twin itself.
func (a *asked) foreign(document int) bool {
	return a.language != "" && a.base.twins[document] != 0 && a.base.documents[document].Language != a.language
}
