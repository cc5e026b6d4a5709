package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func small(seed uint64) *maker {
	c := &corpus{byName: map[string]int{}}
	if err := c.add("a.md", "# Rerun\n\nThe job ends with an error when the file is not there.\nAsk the operator of the night before it runs again.\n"); err != nil {
		panic(err)
	}
	return newMaker(c, seed)
}

func TestMadeManuals(t *testing.T) {
	one, same, other := small(1).manual(0), small(1).manual(0), small(2).manual(0)
	if one != same || one == other {
		t.Error("equal seeds must make equal manuals, and others others")
	}
	for n := range manualSize {
		if strings.Count(one, identifier(n)) != 1 {
			t.Fatalf("%s stands %d times in the manual", identifier(n), strings.Count(one, identifier(n)))
		}
	}
	seen := map[string]bool{}
	for n := range 300_000 {
		seen[identifier(n)] = true
	}
	if len(seen) != 300_000 {
		t.Errorf("%d of 300,000 identifiers are distinct", len(seen))
	}
	words := map[string]bool{}
	for n := range uint64(madeWords) {
		words[invented(n)] = true
	}
	if len(words) != madeWords {
		t.Errorf("%d of %d invented words are distinct", len(words), madeWords)
	}
}

func TestWriteMakesPassagesEnough(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "texts")
	next, err := small(1).write(folder, 200, 0)
	if err != nil || next == 0 || next%manualSize != 0 {
		t.Fatal(next, err)
	}
	halves, err := halve(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, h := range halves {
		list, err := os.ReadDir(h)
		if err != nil {
			t.Fatal(err)
		}
		files += len(list)
	}
	if files != next/manualSize {
		t.Errorf("%d files for %d sections", files, next)
	}
}

func TestQuestionsAreMixed(t *testing.T) {
	of := []question{{Q: "why did it end"}}
	all := small(1).questions(of, 1000, 400)
	if !slices.Equal(all, small(1).questions(of, 1000, 400)) {
		t.Error("the questions differ from one time to the next")
	}
	identifiers, people := 0, 0
	for _, a := range all {
		if a.identifier != "" {
			identifiers++
		}
		if a.text == of[0].Q {
			people++
		}
	}
	if identifiers < 60 || identifiers > 140 || people < 150 || people > 250 {
		t.Errorf("%d identifiers and %d questions of people among 400", identifiers, people)
	}
}

func TestFiguresOf(t *testing.T) {
	var all []took
	for n := range 1000 {
		all = append(all, took{time.Duration(1000-n) * time.Millisecond, time.Duration(n) * time.Microsecond})
	}
	if f := figuresOf(all); f.Questions != 1000 || f.P50 != 501 || f.P95 != 951 || f.P99 != 991 || f.CPU99 != 0.99 {
		t.Errorf("%+v", f)
	}
	if f := figuresOf(nil); f != (figures{}) {
		t.Errorf("of nothing: %+v", f)
	}
}

func TestBelowTellsWhatFell(t *testing.T) {
	good := figures{Questions: 10, All: 4, Right: 1}
	r := scaleReport{One: good, Four: good, Beside: during{One: good}, Within: during{One: good}, Database: 900, Index: 1300, Ingest: rate{CPU: 1500}}
	if got := r.below(); len(got) != 0 {
		t.Errorf("good figures: %v", got)
	}
	r.One.All, r.Within.One.Right, r.Index, r.Asked.Heap, r.Ingest.CPU = 6, 0.9, 5000, 2000, 100
	if got := r.below(); len(got) != 5 {
		t.Errorf("five bad figures: %v", got)
	}
	r = scaleReport{}
	if got := r.below(); len(got) == 0 {
		t.Error("nothing was asked, and nothing is said")
	}
}
