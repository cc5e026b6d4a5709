package library_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/knowledge/library"
)

// TestLint: each rule finds its case at its line, and nothing where there is nothing.
func TestLint(t *testing.T) {
	const good = "---\nkinds: [app]\nlanguage: en\n---\n# Good\n\n## Next\n\nThe job is stuck, see [next](#next), [other](sub/other.md#what-to-do), [accents](#Ação), [web](https://x.test/#nope) and [file](x.png).\n\n" +
		"```\n[code](#nope)\n```\n\n`[span](#nope)` and ![picture](nope.md) <a id=\"mark\"></a> [mark](#mark)\n\n## Ação\n\nOne and the other, of the plan and the job.\n"
	files := map[string]string{
		"good.md":      good,
		"sub/other.md": "---\nlanguage: en\n---\n# Other\n\n## What to do\n\nGo [back](../good.md) or [home](../good.md#mark).\n",
		"flat.md":      "---\nlanguage: en\n---\nOnly text, and the end of it.\n",
		"empty.md":     "---\nlanguage: en\n---\n# Top\n\n## Filled\n\ntext\n\n## Hollow\n\n## Also filled\n\ntext\n\nUnderlined\n----------\n",
		"double-1.md":  "# Double\n\nThe job is the same and the text is too.\n",
		"double-2.md":  "# Double\n\nThe job is the same and the text is too.\n",
		"kinds.md":     "---\nlanguage: en\nkinds:\n  - app.db\n  - no.such\n---\n# Kinds\n\ntext\n",
		"unbound.md":   "---\nlanguage: en\ntype: runbook\n---\n# Unbound\n\ntext\n",
		"links.md":     "---\nlanguage: en\n---\n# Links\n\n[a](#nope) [b](good.md#nope) [c](gone.md)\n",
		"tongue.md":    "# 1234\n\n5678\n",
		"long.md":      "---\nlanguage: en\n---\n# Long\n\n```\n" + strings.Repeat(strings.Repeat("word ", 20)+"\n", 60) + "```\n",
		"bad.md":       "# Bad\n\x00\n",
	}
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		tree := fstest.MapFS{}
		for name, text := range files {
			tree[name] = &fstest.MapFile{Data: []byte(text)}
		}
		ingest(t, shelf, library.IngestOptions{FS: tree, Source: "lint"})
		found, err := library.Lint(t.Context(), shelf, library.LintOptions{Kinds: []string{"app.db", "engine.agent"}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, fmt.Sprintf("%s:%d %s", f.Document, f.Line, f.Rule))
			if !strings.HasSuffix(f.Text, ".") {
				t.Errorf("no sentence: %q", f.Text)
			}
		}
		want := []string{
			"bad.md:0 left-out", "double-2.md:0 double", "empty.md:10 empty-section", "empty.md:16 empty-section", "flat.md:0 no-headings", "kinds.md:5 unknown-kind",
			"links.md:6 broken-link", "links.md:6 broken-link", "links.md:6 broken-link", "long.md:4 long-passage", "tongue.md:0 unknown-language", "unbound.md:0 unbound-runbook",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		without, err := library.Lint(t.Context(), shelf, library.LintOptions{})
		if err != nil || len(without) != len(want)-1 {
			t.Errorf("without kinds: %d findings, %v, want all but the one about kinds", len(without), err)
		}
	})
}
