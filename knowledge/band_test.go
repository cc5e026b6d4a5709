package knowledge_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/knowledge"
	"gopkg.in/yaml.v3"
)

// What no text answers is never called strong, and right answers are hardly ever called weak.
func TestBands(t *testing.T) {
	base := open(t, knowledge.Options{})
	data, err := os.ReadFile("testdata/strange.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var strange []string
	if err := yaml.Unmarshal(data, &strange); err != nil {
		t.Fatal(err)
	}
	for _, q := range strange {
		r, err := base.Search(t.Context(), knowledge.Query{Text: q})
		if err != nil {
			t.Fatal(err)
		}
		if r.Band != knowledge.Weak {
			t.Errorf("Search(%q): band %s with %s, want weak", q, r.Band, r.Results[0].Source())
		}
	}
	weak, all := 0, 0
	for _, p := range append(readPairs(t, "pairs.yaml"), readPairs(t, "heldout.yaml")...) {
		r, err := base.Search(t.Context(), knowledge.Query{Text: p.Q})
		if err != nil {
			t.Fatal(err)
		}
		if all++; r.Band == knowledge.Weak {
			weak++
			t.Logf("weak: %q", p.Q)
		}
	}
	if weak > all/10 {
		t.Errorf("%d of %d answerable questions are weak, want at most a tenth", weak, all)
	}
}

// A passage that has all of a question is called strong, one that has less than half of it is not, and one that has little of it is weak.
func TestBandsFollowWhatIsThere(t *testing.T) {
	base := open(t, knowledge.Options{FS: fstest.MapFS{
		"pond.md": {Data: []byte("# Otter pond\n\nThe otter pond is blue.\n")},
		"barn.md": {Data: []byte("# Heron barn\n\nThe heron barn is red.\n")},
		"mill.md": {Data: []byte("# Badger mill\n\nThe badger mill is grey.\n")},
	}})
	for question, want := range map[string]knowledge.Band{
		"otter pond":         knowledge.Strong,
		"otter pond trumpet": knowledge.Fair,
		"pond trumpet invoice ladder violin lantern": knowledge.Weak,
	} {
		if r := search(t, base, question); r.Band != want || len(r.Results) == 0 || r.Results[0].Document != "pond.md" {
			t.Errorf("Search(%q): %s with %v, want %s", question, r.Band, sources(r.Results), want)
		}
	}
}
