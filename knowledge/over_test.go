package knowledge_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
	"github.com/resync-hwa/resync/knowledge/library"
)

// lay puts a text on a shelf.
func lay(t testing.TB, shelf library.Shelf, path, access, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	c, err := cut.Cut(path, lines)
	if err != nil {
		t.Fatal(err)
	}
	err = shelf.Put(t.Context(), library.Draft{
		Document: library.Document{Path: path, Title: c.Title, Language: c.Language, Access: access, Site: true, Kind: library.Runbook,
			Kinds: c.Kinds, MessageIDs: c.MessageIDs, Jobs: c.Jobs, Streams: c.Streams},
		Text: lines, Contents: c.Sections, Parts: c.Passages,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func over(t testing.TB, p knowledge.Parts) *knowledge.Base {
	t.Helper()
	base, err := knowledge.Over(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func synced(t testing.TB, base *knowledge.Base) {
	t.Helper()
	if err := base.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// What was laid, changed and taken off is found, found changed, and found no more; by another base over the same shelf and index too.
func TestSyncFollowsTheShelf(t *testing.T) {
	shelf, engine := library.NewMemory(), embedded.Memory()
	ours, theirs := over(t, knowledge.Parts{Shelf: shelf, Index: engine}), over(t, knowledge.Parts{Shelf: shelf, Index: engine})
	first := func(q string) string {
		t.Helper()
		r := search(t, theirs, q)
		if len(r.Results) == 0 {
			return ""
		}
		return fmt.Sprintf("%s:%d %s", r.Results[0].Document, r.Results[0].StartLine, r.Results[0].Quote)
	}
	lay(t, shelf, "a.md", "", "# Otters\n\nThe otter sleeps at noon.\n")
	lay(t, shelf, "b.md", "", "# Herons\n\nThe heron stands in the reeds.\n")
	if got := first("otter noon"); got != "" {
		t.Errorf("found before Sync: %s", got)
	}
	var told [][2]int
	if err := ours.Sync(t.Context(), func(done, total int) { told = append(told, [2]int{done, total}) }); err != nil {
		t.Fatal(err)
	}
	if n := len(told); n == 0 || told[n-1] != [2]int{2, 2} {
		t.Errorf("progress %v", told)
	}
	if got := first("otter noon"); got != "a.md:3 The otter sleeps at noon." {
		t.Errorf("first hit %q", got)
	}
	lay(t, shelf, "a.md", "", "# Otters\n\nAll moved.\n\n## Sleep\n\nThe otter sleeps at dusk now.\n")
	synced(t, ours)
	if got := first("otter sleeps"); got != "a.md:7 The otter sleeps at dusk now." {
		t.Errorf("after a change %q", got)
	}
	if err := shelf.Remove(t.Context(), "a.md"); err != nil {
		t.Fatal(err)
	}
	if got := first("otter sleeps"); strings.HasPrefix(got, "a.md") { // the index has it still
		t.Errorf("taken off and found: %q", got)
	}
	synced(t, ours)
	if got := first("otter sleeps"); got != "" {
		t.Errorf("after it was taken off %q", got)
	}
	if got := first("heron reeds"); got != "b.md:3 The heron stands in the reeds." {
		t.Errorf("the other document: %q", got)
	}
}

// stubborn is an index that fails after so many batches.
type stubborn struct {
	index.Index
	left int
}

var errFull = errors.New("full")

func (s *stubborn) Apply(ctx context.Context, b index.Batch) error {
	if s.left--; s.left < 0 {
		return errFull
	}
	return s.Index.Apply(ctx, b)
}

// Sync goes on where it was stopped, and an index of another version is made anew.
func TestSyncResumes(t *testing.T) {
	shelf, engine := library.NewMemory(), embedded.Memory()
	for i := range 150 {
		lay(t, shelf, fmt.Sprintf("d%03d.md", i), "", fmt.Sprintf("# Pond %d\n\nThe pond %d has w%d otters.\n", i, i, i))
	}
	base := over(t, knowledge.Parts{Shelf: shelf, Index: &stubborn{engine, 1}})
	if err := base.Sync(t.Context(), nil); !errors.Is(err, errFull) {
		t.Fatalf("Sync = %v, want the index's error", err)
	}
	before, err := engine.State(t.Context())
	if err != nil || before.Upto == 0 || before.Passages >= 150 {
		t.Fatalf("state %+v, %v", before, err)
	}
	total := 0
	base = over(t, knowledge.Parts{Shelf: shelf, Index: engine})
	if err := base.Sync(t.Context(), func(_, n int) { total = n }); err != nil {
		t.Fatal(err)
	}
	after, err := engine.State(t.Context())
	if err != nil || after.Passages != 150 || total != 150-before.Passages {
		t.Errorf("state %+v, %v; %d were left", after, err, total)
	}
	for _, i := range []int{0, 77, 149} {
		if r := search(t, base, fmt.Sprintf("w%d", i)); len(r.Results) == 0 || r.Results[0].Document != fmt.Sprintf("d%03d.md", i) {
			t.Errorf("w%d: %v", i, sources(r.Results))
		}
	}
	if err := engine.Reset(t.Context(), index.Layout{Analysis: 1}); err != nil {
		t.Fatal(err)
	}
	synced(t, base)
	if s, err := engine.State(t.Context()); err != nil || s.Passages != 150 || s.Layout.Analysis == 1 {
		t.Errorf("after another version's index: %+v, %v", s, err)
	}
}

// Two engines that find the same candidates give the same results: the order is the scorer's.
func TestEnginesAgree(t *testing.T) {
	shelf := library.NewMemory()
	runbooks := open(t, knowledge.Options{})
	for _, d := range documents(t, runbooks) {
		lines, err := runbooks.Lines(t.Context(), d.Path, 1, d.Lines)
		if err != nil {
			t.Fatal(err)
		}
		lay(t, shelf, d.Path, "", strings.Join(lines, "\n"))
	}
	exact, fast := over(t, knowledge.Parts{Shelf: shelf, Index: indextest.NewOracle()}), over(t, knowledge.Parts{Shelf: shelf, Index: embedded.Memory()})
	synced(t, exact)
	synced(t, fast)
	for _, p := range append(readPairs(t, "pairs.yaml"), readPairs(t, "heldout.yaml")...) {
		q := knowledge.Query{Text: p.Q, Limit: 10}
		a, err := exact.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		b, err := fast.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%q: %v and %v", p.Q, sources(a.Results), sources(b.Results))
		}
	}
}

// A document with an access label is there for those who may see it, and nowhere for others: not found, not listed, not read, not cited,
// not named as a candidate.
func TestAccess(t *testing.T) {
	shelf, engine := library.NewMemory(), embedded.Memory()
	lay(t, shelf, "open pond.md", "", "# Otter pond\n\nThe otter pond is blue.\n")
	lay(t, shelf, "closed pond.md", "operator", "---\nkinds: app.db\n---\n# Otter pond\n\nThe otter pond has a secret.\n")
	lay(t, shelf, "payroll pond.md", "payroll", "# Otter pond\n\nThe otter pond pays.\n")
	base := over(t, knowledge.Parts{Shelf: shelf, Index: engine})
	synced(t, base)
	for _, tt := range []struct {
		name string
		ctx  context.Context
		sees int
	}{
		{"a viewer", auth.WithCaller(t.Context(), auth.Caller{Role: auth.Viewer}), 1},
		{"an operator", auth.WithCaller(t.Context(), auth.Caller{Role: auth.Operator}), 2},
		{"an admin", auth.WithCaller(t.Context(), auth.Caller{Role: auth.Admin}), 3},
		{"the program itself", t.Context(), 3},
	} {
		r, err := base.Search(tt.ctx, knowledge.Query{Text: "otter pond", Kinds: []string{"app.db"}})
		if err != nil || len(r.Results) != tt.sees {
			t.Errorf("%s finds %v, %v, want %d", tt.name, sources(r.Results), err, tt.sees)
		}
		all, err := base.Documents(tt.ctx)
		if err != nil || len(all) != tt.sees {
			t.Errorf("%s is shown %d documents, %v, want %d", tt.name, len(all), err, tt.sees)
		}
		hits, err := base.Fitting(tt.ctx, []string{"app.db"}, nil, "otter", "en")
		if err != nil || (len(hits) > 0 && hits[0].Document == "closed pond.md") != (tt.sees > 1) {
			t.Errorf("%s has the diagnosis cite %v, %v", tt.name, sources(hits), err)
		}
		for i, name := range []string{"open pond.md", "closed pond.md", "payroll pond.md"} {
			_, err := base.Section(tt.ctx, name, "otter-pond")
			lines, err2 := base.Lines(tt.ctx, name, 1, 1)
			if sees := i < tt.sees; (err == nil) != sees || (err2 == nil) != sees || (lines != nil) != sees {
				t.Errorf("%s reads %s: %v, %v", tt.name, name, err, err2)
			}
		}
		var f *fault.Error
		if _, err := base.Document(tt.ctx, "pond.md"); !errors.As(err, &f) || len(f.Candidates) != tt.sees {
			t.Errorf("%s is led to %+v", tt.name, err)
		}
	}
}

// A base that is opened later answers as the one that it opens, which happens once and not before somebody asks; where that cannot be
// opened every question says why.
func TestLater(t *testing.T) {
	opened := 0
	later := knowledge.Later(func() (*knowledge.Base, error) {
		opened++
		return knowledge.Open(context.Background(), knowledge.Options{})
	})
	if _, err := knowledge.Tools(later, nil); err != nil || opened != 0 {
		t.Fatalf("defining the tools opened it %d times, %v", opened, err)
	}
	if r := search(t, later, "ORA-28000"); r.Band != knowledge.Strong {
		t.Errorf("it answers %+v", r)
	}
	if hits, err := later.Fitting(t.Context(), []string{"app.db.auth"}, nil, "", "en"); err != nil || len(hits) == 0 {
		t.Errorf("it fits %v, %v", hits, err)
	}
	if all, err := later.Documents(t.Context()); err != nil || len(all) < 12 {
		t.Errorf("it lists %d documents, %v", len(all), err)
	}
	if _, ok := later.Explain(t.Context(), "ORA-28000", "en"); ok {
		t.Error("a runbook that mentions an id explains it")
	}
	if opened != 1 {
		t.Errorf("it was opened %d times", opened)
	}
	broken := knowledge.Later(func() (*knowledge.Base, error) { return nil, fault.New(fault.Internal, "Broken.") })
	if _, err := broken.Search(t.Context(), knowledge.Query{Text: "x"}); !fault.Is(err, fault.Internal) {
		t.Errorf("a broken one answers with %v", err)
	}
	if _, ok := broken.Explain(t.Context(), "ORA-28000", "en"); ok {
		t.Error("a broken one explains")
	}
	if hits, err := broken.Fitting(t.Context(), []string{"app.db"}, nil, "", "en"); err == nil || hits != nil {
		t.Errorf("a broken one fits %v", hits)
	}
}

// As long as nothing stands on the shelf another base answers, and no longer.
func TestInstead(t *testing.T) {
	shelf, engine := library.NewMemory(), embedded.Memory()
	base := over(t, knowledge.Parts{Shelf: shelf, Index: engine, Instead: open(t, knowledge.Options{})})
	synced(t, base)
	if r := search(t, base, "ORA-28000"); r.Band != knowledge.Strong {
		t.Errorf("an empty shelf answers %+v", r)
	}
	lay(t, shelf, "own.md", "", "# Otters\n\nThe otter pond is blue.\n")
	synced(t, base)
	if r := search(t, base, "ORA-28000"); len(r.Results) != 0 {
		t.Errorf("the built-in runbooks did not give way: %v", sources(r.Results))
	}
	if _, err := base.Section(t.Context(), "own.md", "otters"); err != nil {
		t.Error(err)
	}
	if err := shelf.Remove(t.Context(), "own.md"); err != nil {
		t.Fatal(err)
	}
	if hits, err := base.Fitting(t.Context(), []string{"app.db.auth"}, nil, "", "en"); err != nil || len(hits) == 0 {
		t.Errorf("the emptied shelf gives %v, %v", hits, err)
	}
}

// threes is a model that sees which runs of three letters a text has.
type threes struct{ fails bool }

func (l *threes) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if l.fails {
		return nil, fault.New(fault.UpstreamUnavailable, "The model does not answer.")
	}
	out := make([][]float32, len(texts))
	for i, text := range texts {
		v, sum := make([]float32, 64), 0.0
		for _, w := range strings.Fields(fold.Text(text)) {
			for j := range max(0, len(w)-2) {
				h := fnv.New32a()
				_, _ = h.Write([]byte(w[j : j+3])) // never fails (hash.Hash)
				v[h.Sum32()%64]++
			}
		}
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
		for j := range v {
			v[j] /= float32(math.Max(1e-9, math.Sqrt(sum)))
		}
		out[i] = v
	}
	return out, nil
}

// With a model every passage has a vector and the weight is measured; a model that falls silent costs the vectors and no answer.
func TestModel(t *testing.T) {
	shelf, engine, model := library.NewMemory(), indextest.NewOracle(), &threes{}
	for i := range 60 {
		lay(t, shelf, fmt.Sprintf("d%02d.md", i), "", fmt.Sprintf("# Notes %d\n\n## Feeding pond%d\n\nAt pond%d the keeper brings fish to the otters twice a day,\nand writes down how much of it they ate.\n", i, i, i))
	}
	base := over(t, knowledge.Parts{Shelf: shelf, Index: engine, Model: "letters", Questions: model, Documents: model})
	synced(t, base)
	state, err := engine.State(t.Context())
	if err != nil || state.Layout.Model != "letters" || state.Layout.Dimensions != 64 {
		t.Errorf("state %+v, %v", state, err)
	}
	w, err := base.Calibrate(t.Context())
	if err != nil || w.Questions != 60 || w.Words <= 0 || w.Alpha < 0 || w.Alpha > 0.5 {
		t.Errorf("weight %+v, %v", w, err)
	}
	base.SetWeight(knowledge.Weight{Model: "letters", Alpha: 0.3})
	want := search(t, base, "feeding pond17")
	if len(want.Results) == 0 || want.Results[0].Document != "d17.md" {
		t.Errorf("found %v", sources(want.Results))
	}
	model.fails = true
	if r := search(t, base, "feeding pond17"); len(r.Results) == 0 || r.Results[0].Document != "d17.md" {
		t.Errorf("without the model %v", sources(r.Results))
	}
	lay(t, shelf, "new.md", "", "# New\n\nA new text.\n")
	synced(t, base)
	if r := search(t, base, "new text"); len(r.Results) == 0 || r.Results[0].Document != "new.md" {
		t.Errorf("read in without the model %v", sources(r.Results))
	}
}

// A question may have passages whole: the quote is then every line of the span.
func TestWholePassages(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Otters\n\n## Counting\n\n")
	for i := range 15 {
		fmt.Fprintf(&b, "%d. Count the otters of pond %d at dawn and at dusk, and write both numbers down.\n", i+1, i+1)
	}
	base := open(t, knowledge.Options{FS: fstest.MapFS{"o.md": {Data: []byte(b.String())}}})
	r, err := base.Search(t.Context(), knowledge.Query{Text: "count otters", Whole: true})
	if err != nil || len(r.Results) == 0 {
		t.Fatal(r, err)
	}
	h := r.Results[0]
	lines, err := base.Lines(t.Context(), "o.md", h.StartLine, h.EndLine)
	if err != nil || h.StartLine != 5 || h.EndLine != 19 || h.Quote != strings.Join(strings.Fields(strings.Join(lines, " ")), " ") {
		t.Errorf("lines %d-%d, %v: %q", h.StartLine, h.EndLine, err, h.Quote)
	}
}

// A table that stands in one line is cut at its rows; a whole quote is the line all the same, since lines are what it cites.
func TestWholeLineOfATable(t *testing.T) {
	table := "<table><tr><th>Id</th><th>Meaning</th></tr><tr><td>AWSPND001E</td><td>The pond is dry</td></tr><tr><td>AWSPND002E</td><td>The otter has left</td></tr></table>"
	base := open(t, knowledge.Options{FS: fstest.MapFS{"o.md": {Data: []byte("# Ids\n\nSee:\n\n" + table + "\n\nThe end.\n")}}})
	r, err := base.Search(t.Context(), knowledge.Query{Text: "AWSPND002E", Whole: true})
	if err != nil || len(r.Results) == 0 {
		t.Fatal(r, err)
	}
	if h := r.Results[0]; h.StartLine != 5 || h.EndLine != 5 || h.Quote != table {
		t.Errorf("lines %d-%d: %q", h.StartLine, h.EndLine, h.Quote)
	}
	if r, err = base.Search(t.Context(), knowledge.Query{Text: "AWSPND002E"}); err != nil || len(r.Results) == 0 || !strings.Contains(r.Results[0].Quote, "otter") {
		t.Error(r, err)
	}
}
