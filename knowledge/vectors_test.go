package knowledge_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/library"
)

var errAway = fault.New(fault.UpstreamUnavailable, "The embedder cannot be reached.")

// seen is an index that shows what is applied.
type seen struct {
	index.Index
	bare, dense int // passages
}

func (s *seen) Apply(ctx context.Context, b index.Batch) error {
	for _, c := range b.Changes {
		for _, p := range c.Passages {
			if p.Vector == nil {
				s.bare++
			} else {
				s.dense++
			}
		}
	}
	return s.Index.Apply(ctx, b)
}

func vectors(t *testing.T, b *knowledge.Base) knowledge.Vectors {
	t.Helper()
	v, err := b.Vectors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func pond(t *testing.T, shelf library.Shelf, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		lay(t, shelf, fmt.Sprintf("d%03d.md", i), "", fmt.Sprintf("# Pond %d\n\n## Feeding pond%d\n\nAt w%d the keeper brings fish to the otters twice a day, and writes down how much of it they ate.\n", i, i, i))
	}
}

// Whatever the embedder does, documents are found by their words at once, and have their vectors when it answers again: over a new index, over one that
// has vectors, and for a process that did not see it fail.
func TestSyncWithoutTheEmbedder(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first int // documents that have vectors before it goes away
	}{{"from the beginning", 0}, {"later", 70}} {
		t.Run(tt.name, func(t *testing.T) {
			shelf, engine, m := library.NewMemory(), &seen{Index: embedded.Memory()}, &model{}
			parts := knowledge.Parts{Shelf: shelf, Index: engine, Model: "m", Questions: m, Documents: m}
			base := over(t, parts)
			pond(t, shelf, 0, tt.first)
			if tt.first > 0 {
				synced(t, base)
			}
			m.fail(errAway)
			pond(t, shelf, tt.first, 150)
			for range 2 { // the second time there is nothing new, and it is still away
				synced(t, base)
				if v := vectors(t, base); v.Lacking != 150-tt.first || !errors.Is(v.Reason, errAway) {
					t.Errorf("away: %+v", v)
				}
			}
			for _, i := range []int{0, 71, 149} {
				if r := search(t, base, fmt.Sprintf("w%d", i)); len(r.Results) == 0 || r.Results[0].Document != fmt.Sprintf("d%03d.md", i) {
					t.Errorf("w%d: %v", i, sources(r.Results))
				}
			}
			bare, dense := engine.bare, engine.dense
			if bare != dense*(150-tt.first)/max(1, tt.first) && tt.first > 0 {
				t.Errorf("%d passages without, %d with a vector", bare, dense)
			}
			m.fail(nil)
			base = over(t, parts) // a restart
			synced(t, base)
			if v := vectors(t, base); v.Lacking != 0 || v.Reason != nil {
				t.Errorf("back: %+v", v)
			}
			if engine.bare != bare || engine.dense-dense != bare {
				t.Errorf("%d of %d passages got their vectors later; %d lost theirs", engine.dense-dense, bare, engine.bare-bare)
			}
			calls := m.count()
			synced(t, base)
			if n := m.count() - calls; n != 0 {
				t.Errorf("%d calls with nothing to do", n)
			}
		})
	}
}

// brittle fails at texts that hold a word, and at all from a call on.
type brittle struct {
	*model
	word string
	from int
}

func (b *brittle) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if strings.Contains(strings.Join(texts, " "), b.word) || b.from > 0 && b.count() >= b.from {
		return nil, errAway
	}
	return b.model.Embed(ctx, texts)
}

// One text that the embedder cannot take costs its own vector, and no other document's.
func TestARefusedText(t *testing.T) {
	shelf, engine, m := library.NewMemory(), &seen{Index: embedded.Memory()}, &brittle{model: &model{}, word: "w17 "}
	base := over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "m", Questions: m, Documents: m})
	pond(t, shelf, 0, 40)
	synced(t, base)
	if v := vectors(t, base); v.Lacking != 0 || engine.bare != 1 {
		t.Errorf("%+v, %d without a vector", v, engine.bare)
	}
}

// An embedder that goes away in the middle leaves a mark from which the next Sync goes on.
func TestTheEmbedderGoesInTheMiddle(t *testing.T) {
	shelf, engine, m := library.NewMemory(), &seen{Index: embedded.Memory()}, &brittle{model: &model{}, word: "nothing", from: 100}
	base := over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "m", Questions: m, Documents: m})
	pond(t, shelf, 0, 150)
	synced(t, base)
	if v := vectors(t, base); v.Lacking == 0 || v.Lacking == 150 {
		t.Errorf("%+v", v)
	}
	if s, err := engine.State(t.Context()); err != nil || s.Vectors == 0 || s.Vectors >= s.Upto {
		t.Errorf("%+v, %v", s, err)
	}
	m.from = 0
	synced(t, base)
	if v := vectors(t, base); v.Lacking != 0 {
		t.Errorf("%+v", v)
	}
}

// Another length under the same name is an error that says so; words go on.
func TestAnotherDimensionUnderTheSameName(t *testing.T) {
	shelf, engine, m := library.NewMemory(), embedded.Memory(), &model{}
	pond(t, shelf, 0, 3)
	synced(t, over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "m", Questions: m, Documents: m}))
	short := &threes{}
	base := over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "m", Questions: short, Documents: short})
	pond(t, shelf, 3, 5)
	err := base.Sync(t.Context(), nil)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "64") || !strings.Contains(err.Error(), "256") {
		t.Errorf("Sync = %v", err)
	}
	base.SetWeight(knowledge.Weight{Model: "m", Alpha: 0.3})
	r := search(t, base, "w4")
	if len(r.Results) == 0 || r.Results[0].Document != "d004.md" || r.Note == "" {
		t.Errorf("found %v, note %q", sources(r.Results), r.Note)
	}
	other := over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "m-2", Questions: short, Documents: short})
	synced(t, other)
	if v := vectors(t, other); v.Lacking != 0 {
		t.Errorf("under its own name: %+v", v)
	}
}

// While another model's index stands, since ours is away, its vectors are not compared with our questions.
func TestVectorsOfAnotherModelAreNotCompared(t *testing.T) {
	shelf, engine, m := library.NewMemory(), embedded.Memory(), &model{}
	pond(t, shelf, 0, 3)
	synced(t, over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "m", Questions: m, Documents: m}))
	m.fail(errAway)
	base := over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "m-2", Questions: m, Documents: m})
	synced(t, base)
	base.SetWeight(knowledge.Weight{Model: "m-2", Alpha: 0.3})
	m.fail(nil)
	calls := m.count()
	if r := search(t, base, "w2"); len(r.Results) == 0 || r.Note != "" || m.count() != calls {
		t.Errorf("found %v, note %q, %d calls", sources(r.Results), r.Note, m.count()-calls)
	}
	if v := vectors(t, base); v.Lacking != 3 {
		t.Errorf("%+v", v)
	}
}

// The weight is measured once all have vectors, kept on the shelf for others, and measured anew when more than a tenth of the passages is new or gone.
func TestWeigh(t *testing.T) {
	m := &model{}
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	_, shelf := cellar(t, m)
	parts := knowledge.Parts{Shelf: shelf, Index: embedded.Memory(), Model: "m-1", Questions: m, Documents: m, Now: func() time.Time { return now }}
	weigh := func(b *knowledge.Base) (calls int) {
		t.Helper()
		synced(t, b)
		before := m.count()
		if err := b.Weigh(t.Context()); err != nil {
			t.Fatal(err)
		}
		return m.count() - before
	}
	m.fail(errAway)
	base := over(t, parts)
	if n := weigh(base); n != 0 || base.Weight() != (knowledge.Weight{}) {
		t.Errorf("weighed without vectors: %d calls, %+v", n, base.Weight())
	}
	m.fail(nil)
	if n := weigh(base); n == 0 || base.Weight().Alpha == 0 || base.Weight().Model != "m-1" {
		t.Errorf("%d calls, %+v", n, base.Weight())
	}
	other := over(t, parts)
	if n := weigh(other); n != 0 || other.Weight() != base.Weight() {
		t.Errorf("another process: %d calls, %+v", n, other.Weight())
	}
	pond(t, shelf, 0, 2) // of some 120 passages
	if n := weigh(base); n != 0 {
		t.Errorf("%d calls for a small change", n)
	}
	pond(t, shelf, 2, 30)
	m.mu.Lock()
	m.wrong = true
	m.mu.Unlock()
	was := base.Weight()
	if err := base.Weigh(t.Context()); err != nil { // nothing was synced: what is new lacks its vectors
		t.Error(err)
	}
	m.mu.Lock()
	m.wrong = false
	m.mu.Unlock()
	synced(t, base)
	m.fail(errAway)
	if err := base.Weigh(t.Context()); !errors.Is(err, errAway) || base.Weight() != was {
		t.Errorf("away: %v, %+v", err, base.Weight())
	}
	m.fail(nil)
	if n := weigh(base); n != 0 {
		t.Errorf("%d calls right after a failure", n)
	}
	now = now.Add(time.Hour)
	if n := weigh(base); n == 0 || base.Weight().Change <= was.Change || base.Weight().Passages <= was.Passages {
		t.Errorf("%d calls after many changes, %+v", n, base.Weight())
	}
	synced(t, other)
	if other.Weight() != base.Weight() {
		t.Errorf("another process goes by %+v", other.Weight())
	}
	parts.Model = "m-2"
	third := over(t, parts)
	synced(t, third)
	if w := third.Weight(); w != (knowledge.Weight{}) {
		t.Errorf("another model's weight: %+v", w)
	}
}
