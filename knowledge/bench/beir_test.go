package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of the tiny set's six documents one is empty, as such sets have them. Of its four judged queries three have their document's own words and one has none of them: nDCG and recall are 3 of 4 on both sides.
func TestBeir(t *testing.T) {
	var out strings.Builder
	if err := beir(t.Context(), &out, "testdata/tiny", "test"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"tiny, test: 6 documents, 4 queries", "| Resync | 0.7500 | 0.7500 |", "| plain BM25 | 0.7500 | 0.7500 |", "difference of nDCG@10: +0.0000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

func TestBeirSetsThatAreNone(t *testing.T) {
	for name, x := range map[string]struct {
		file, content, want string
	}{
		"no corpus":          {"corpus.jsonl", "", "0 documents"},
		"broken line":        {"corpus.jsonl", `{"_id": "a"` + "\n", "line 1"},
		"broken queries":     {"queries.jsonl", "\n{]\n", "line 2"},
		"two columns":        {"qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\n", "line 2"},
		"grade is no number": {"qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tyes\n", "line 2"},
		"nothing judged":     {"qrels/test.tsv", "query-id\tcorpus-id\tscore\n", "0 judged queries"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("testdata/tiny")); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, x.file), []byte(x.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := readBeir(dir, "test"); err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("error %v, want one with %q", err, x.want)
			}
		})
	}
	if _, err := readBeir("testdata/tiny", "dev"); err == nil {
		t.Error("a split that is not there is read")
	}
}
