package knowledge_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/knowledge"
)

// manual makes a text of n sections out of the runbooks' own sentences and numbers, so that words are as frequent as in real texts.
func manual(t testing.TB, base *knowledge.Base, n int) []byte {
	t.Helper()
	var sentences []string
	for _, d := range documents(t, base) {
		for _, s := range sections(t, base, d.Path) {
			sentences = append(sentences, strings.Split(s.Text, "\n")...)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "## Section %d on case C%dX%d\n\n", i, i%977, i)
		for range 12 {
			b.WriteString(strings.TrimLeft(sentences[r.IntN(len(sentences))], "#") + " ")
			fmt.Fprintf(&b, "w%d\n", int(r.ExpFloat64()*2000))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// BenchmarkSearchMany tells how a search grows with the number of passages.
func BenchmarkSearchMany(b *testing.B) {
	runbooks := open(b, knowledge.Options{})
	for _, n := range []int{1_000, 20_000} {
		fsys := fstest.MapFS{}
		for i := range n / 1000 {
			fsys[fmt.Sprintf("m%03d.md", i)] = &fstest.MapFile{Data: manual(b, runbooks, 1000)}
		}
		base := open(b, knowledge.Options{FS: fsys})
		for name, q := range map[string]string{"words": "database account locked, what should we do", "identifier": "C17X17"} {
			b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
				for b.Loop() {
					search(b, base, q)
				}
			})
		}
	}
}

// BenchmarkIngest tells how many sections a second are read, cut and indexed.
func BenchmarkIngest(b *testing.B) {
	data := manual(b, open(b, knowledge.Options{}), 1000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		open(b, knowledge.Options{FS: fstest.MapFS{"m.md": {Data: data}}})
	}
}
