package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// Measures that the evaluation promises.
const (
	leastDocuments   = 300 // of a page or more
	leastQuestions   = 200
	leastIdentifiers = 60
	mostBytes        = 4 << 20 // of what is committed
)

// The corpus is as large as it is said to be, in both languages, and every question's answer is in it. The style counts are those that figures can rest on.
func TestCorpusAndQuestionsFit(t *testing.T) {
	c, all, err := load(plan{root: "../..", set: everything}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	documents, pages := c.pages()
	languages, bytes := map[string]int{}, 0
	for _, x := range c.texts {
		languages[x.language]++
		if !strings.HasPrefix(x.name, "docs/") && !strings.HasPrefix(x.name, "runbooks/") {
			bytes += len(strings.Join(x.lines, "\n"))
		}
	}
	t.Logf("%d documents of a page or more, %d pages, %d bytes, by language %v", documents, pages, bytes, languages)
	if documents < leastDocuments || bytes > mostBytes || languages["pt"] < 50 {
		t.Errorf("%d documents of a page or more in %d bytes, by language %v; want %d in at most %d bytes, and 50 in Portuguese", documents, bytes, languages, leastDocuments, mostBytes)
	}
	styled := map[string]int{}
	for _, q := range all {
		styled[q.Style]++
		if (q.Style == "portuguese") != (q.Lang == "pt") && q.Style != "identifier" {
			t.Errorf("%q: %s is not asked in %s", q.Q, q.Style, q.Lang)
		}
		if q.Style == "terse" && len(strings.Fields(q.Q)) > 4 {
			t.Errorf("%q is not terse", q.Q)
		}
		if q.Style == "identifier" && len(strings.Fields(q.Q)) != 1 {
			t.Errorf("%q is more than an identifier", q.Q)
		}
	}
	for style, least := range map[string]int{"anchored": 40, "symptom": 60, "terse": 30, "portuguese": 60, "identifier": leastIdentifiers} {
		if styled[style] < least {
			t.Errorf("%d questions are %s, want %d", styled[style], style, least)
		}
	}
	_, held, err := load(plan{root: "../..", set: heldOut}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	generated, err := readQuestions("pairs/identifiers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if own := len(all) - len(generated); own < leastQuestions || 3*len(held) < own {
		t.Errorf("%d questions of our own, %d of them held out; want %d and a third", own, len(held), leastQuestions)
	}
}

// What is not ours is named with its licence: every folder of the corpus, and every scan, stands in NOTICE.md.
func TestNoticeNamesEveryText(t *testing.T) {
	b, err := os.ReadFile("NOTICE.md")
	if err != nil {
		t.Fatal(err)
	}
	notice := string(b)
	var named []string
	err = filepath.WalkDir("corpus", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		p = filepath.ToSlash(p)
		if inScans := path.Dir(p) == "corpus/scans"; path.Dir(p) == "corpus" && p != "corpus/scans" || inScans {
			named = append(named, p)
		}
		return nil
	})
	if err != nil || len(named) < 8 {
		t.Fatalf("%v, %v: the rule below would hold over nothing", named, err)
	}
	for _, p := range named {
		if !strings.Contains(notice, p) && !strings.Contains(notice, path.Base(p)) {
			t.Errorf("NOTICE.md does not say where %s comes from", p)
		}
	}
	for _, licence := range []string{"CC-BY-SA-3.0.txt", "CC-BY-SA-4.0.txt", "PostgreSQL.txt"} {
		if b, err := os.ReadFile(filepath.Join("licences", licence)); err != nil || len(b) < 1000 {
			t.Errorf("the licence %s is not beside the texts: %v", licence, err)
		}
	}
}

func TestLintFindsWhatIsWrong(t *testing.T) {
	c := &corpus{byName: map[string]int{}}
	if err := c.add("a.md", "# One\n\ntext\n\nmore"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "q.yaml")
	for name, x := range map[string]struct {
		yaml string
		want string // of the error; none when empty
	}{
		"good":             {`- {q: a, lang: en, style: terse, want: ["a.md#one"], also: ["a.md:3-5"]}`, ""},
		"no such section":  {`- {q: a, lang: en, style: terse, want: ["a.md#two"]}`, "not there"},
		"no such document": {`- {q: a, lang: en, style: terse, want: ["b.md#one"]}`, "not there"},
		"beyond the end":   {`- {q: a, lang: en, style: terse, want: ["a.md:3-6"]}`, "not there"},
		"blank line":       {`- {q: a, lang: en, style: terse, want: ["a.md:2-3"]}`, "not there"},
		"turned round":     {`- {q: a, lang: en, style: terse, want: ["a.md:5-3"]}`, "not there"},
		"no place":         {`- {q: a, lang: en, style: terse, want: ["a.md"]}`, "neither"},
		"no want":          {`- {q: a, lang: en, style: terse}`, "needs"},
		"unknown style":    {`- {q: a, lang: en, style: sung, want: ["a.md#one"]}`, "needs"},
		"unknown language": {`- {q: a, lang: de, style: terse, want: ["a.md#one"]}`, "needs"},
		"asked twice":      {"- {q: A  b, lang: en, style: terse, want: [\"a.md#one\"]}\n- {q: a b, lang: en, style: terse, want: [\"a.md#one\"]}", "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(x.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			all, err := readQuestions(file)
			var errs []error
			if err == nil {
				errs = lint(all, c)
			} else {
				errs = []error{err}
			}
			switch {
			case x.want == "" && len(errs) > 0:
				t.Errorf("errors %v, want none", errs)
			case x.want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), x.want)):
				t.Errorf("errors %v, want one with %q", errs, x.want)
			}
		})
	}
}

// The figures come out for machines too, and a run that is not held to the floors does not fail.
func TestRunAsJSON(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out, plan{root: "../..", set: heldOut, json: true}); err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
		t.Fatal(err)
	}
	if r.Documents < leastDocuments || len(r.Rows) != len(styles)+3 || r.P50 <= 0 {
		t.Errorf("report %+v lacks documents, rows or times", r)
	}
	for _, x := range r.Rows {
		if x.Questions == 0 || x.NDCG <= 0 || x.NDCG > 1 || x.First > x.Five || x.Plain <= 0 || x.Low > x.Gain || x.High < x.Gain {
			t.Errorf("row %+v cannot be", x)
		}
	}
	if err := run(t.Context(), &out, plan{root: "../..", set: "some"}); err == nil {
		t.Error("a set that is none is measured")
	}
}

func TestRunOnACorpusOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	questions := filepath.Join(t.TempDir(), "q.yaml")
	if err := os.WriteFile(filepath.Join(dir, "pump.md"), []byte("# Pump\n\n## It leaks\n\nTighten the flange with the long spanner.\n\n## It is loud\n\nOil the bearing.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(questions, []byte("- {q: which spanner for the flange, lang: en, style: symptom, want: [\"pump.md#it-leaks\"]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), &out, plan{corpus: dir, questions: questions}); err != nil {
		t.Fatal(err)
	}
	if want := "| symptom | 1 | 100.0 | 100.0 |"; !strings.Contains(out.String(), want) {
		t.Errorf("the report lacks %q:\n%s", want, out.String())
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.md"), []byte("# Broken\n\n\x00\x00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), &out, plan{corpus: dir, questions: questions}); err == nil || !strings.Contains(err.Error(), "broken.md") {
		t.Errorf("error %v, want one that names the text that was left out", err)
	}
	for _, p := range []plan{{corpus: dir}, {questions: questions}, {corpus: dir, questions: questions, gate: true}} {
		if err := run(t.Context(), &out, p); err == nil {
			t.Errorf("%+v is measured", p)
		}
	}
}
