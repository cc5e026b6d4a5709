package knowledge_test

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/library"
)

// A document that was shut is not found while the index has not heard of it, and those that a caller may not see take no place among the candidates.
func TestAccessIsOfNow(t *testing.T) {
	viewer := auth.WithCaller(t.Context(), auth.Caller{Role: auth.Viewer})
	find := func(base *knowledge.Base) []knowledge.Hit {
		t.Helper()
		r, err := base.Search(viewer, knowledge.Query{Text: "otter pond"})
		if err != nil {
			t.Fatal(err)
		}
		return r.Results
	}
	shelf := library.NewMemory()
	lay(t, shelf, "pond.md", "", "# Otter pond\n\nThe otter pond is blue.\n")
	base := over(t, knowledge.Parts{Shelf: shelf, Index: embedded.Memory()})
	synced(t, base)
	if hits := find(base); len(hits) != 1 {
		t.Errorf("%v, want the one open document", sources(hits))
	}
	lay(t, shelf, "pond.md", "admin", "# Otter pond\n\nThe otter pond is blue.\n")
	if hits := find(base); len(hits) != 0 {
		t.Errorf("%v was shut and is found", sources(hits))
	}
	lay(t, shelf, "open.md", "", "# Ducks\n\nSome words of ducks, and of the pond that they share with others.\n")
	for i := range index.Candidates + 10 {
		lay(t, shelf, fmt.Sprintf("closed %d.md", i), "admin", "# Otter pond\n\nThe otter pond is blue.\n")
	}
	synced(t, base)
	if hits := find(base); len(hits) != 1 || hits[0].Document != "open.md" {
		t.Errorf("%v, want the one open document", sources(hits))
	}
}

// A message is explained from the manuals that the caller may see, also while the index has not heard yet that one was shut.
func TestAccessToExplanations(t *testing.T) {
	const manual = "# Mailer\n\n## XYZMLR004E The letter cannot be read.\n\nExplanation: It is torn.\n\nAction: Send it again.\n"
	shelf := library.NewMemory()
	lay(t, shelf, "mailer.md", "operator", manual)
	base := over(t, knowledge.Parts{Shelf: shelf, Index: embedded.Memory()})
	synced(t, base)
	as := func(r auth.Role) context.Context { return auth.WithCaller(t.Context(), auth.Caller{Role: r}) }
	for role, want := range map[auth.Role]bool{auth.Viewer: false, auth.Operator: true, auth.Admin: true} {
		if e, ok := base.Explain(as(role), "XYZMLR004E", "en"); ok != want {
			t.Errorf("the %s is told %+v, %v, want %v", role, e, ok, want)
		}
	}
	lay(t, shelf, "mailer.md", "admin", manual)
	if e, ok := base.Explain(as(auth.Operator), "XYZMLR004E", "en"); ok {
		t.Errorf("the operator is told %+v of a manual that was shut", e)
	}
}

// Message ids and kinds bind however people write them.
func TestBindingsInAnyCase(t *testing.T) {
	base := open(t, knowledge.Options{FS: fstest.MapFS{"pond.md": {Data: []byte("---\nmessage_ids: [pnd-00017]\nkinds: [Pond.Level]\n---\n# Otter pond\n\n## What to do\n\n1. Close the sluice.\n")}}})
	for _, by := range []struct{ kinds, ids []string }{{kinds: []string{"pond.level"}}, {ids: []string{"PND-00017"}}} {
		hits, err := base.Fitting(t.Context(), by.kinds, by.ids, "", "en")
		if err != nil || len(hits) != 1 || hits[0].Document != "pond.md" || hits[0].Band != knowledge.Strong {
			t.Errorf("%+v is served by %v, %v", by, sources(hits), err)
		}
	}
}
