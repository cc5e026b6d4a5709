// Command bench measures how well package knowledge finds what answers a question: over a corpus of its own with questions of several styles, beside plain
// BM25 in the same run, or over any set in the form of the BEIR benchmark. make bench-kb runs it and fails when the figures fall.
//
// It asks through the public door of package knowledge and looks at nothing inside. The corpus and where it comes from: NOTICE.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/resync-hwa/resync/knowledge/bench/press"
)

// plan is what a run does.
type plan struct {
	root        string // of the repository
	beir, split string
	corpus      string // a folder of texts in place of ours
	questions   string // a file of questions in place of ours
	json, press bool
	gate        bool
	misses      bool
	set         string

	scale                             int // passages; 0 measures how well is found
	scalePart, scaleSite, scaleFolder string
}

// Sets of questions.
const (
	everything = "all"
	tuned      = "tuned"
	heldOut    = "heldout"
)

func main() {
	var p plan
	flag.StringVar(&p.root, "root", ".", "root of the repository")
	flag.StringVar(&p.beir, "beir", "", "folder of a set in BEIR's form, measured instead of our own")
	flag.StringVar(&p.split, "split", "test", "its judgements: qrels/SPLIT.tsv")
	flag.StringVar(&p.corpus, "corpus", "", "folder of Markdown texts, measured instead of our own; needs -questions")
	flag.StringVar(&p.questions, "questions", "", "file of questions on it, in the form of knowledge/bench/pairs")
	flag.StringVar(&p.set, "set", everything, "questions: all, tuned, or heldout, on which nobody tunes")
	flag.BoolVar(&p.json, "json", false, "print the figures as JSON")
	flag.BoolVar(&p.gate, "gate", false, "fail when a style falls below plain BM25 or its floor")
	flag.BoolVar(&p.misses, "misses", false, "print what was not found first; with heldout questions it spoils them")
	flag.BoolVar(&p.press, "press", false, "make the message manuals of the corpus and their questions again, and nothing else")
	flag.IntVar(&p.scale, "scale", 0, "measure speed, disk and memory over so many made passages instead, 100000 for instance; -gate holds it to its bounds")
	flag.StringVar(&p.scalePart, "scale-part", "", "used by -scale for processes of its own")
	flag.StringVar(&p.scaleSite, "scale-site", "", "the same: data folder")
	flag.StringVar(&p.scaleFolder, "scale-folder", "", "the same: folder of texts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, p)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, p plan) error {
	home := filepath.Join(p.root, "knowledge", "bench")
	switch {
	case p.press:
		return press.Write(filepath.Join(home, "corpus"), filepath.Join(home, "pairs", "identifiers.yaml"))
	case p.scalePart != "":
		return p.part(ctx, w)
	case p.scale > 0:
		return p.measureScale(ctx, w)
	case p.beir != "":
		return beir(ctx, w, p.beir, p.split)
	}
	folder, err := os.MkdirTemp("", "bench-kb-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	c, all, err := load(p, folder)
	if err != nil {
		return err
	}
	begin := time.Now()
	ours, err := openProduct(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { _ = ours.close() }() // its index is of no use to anybody else
	ingest := time.Since(begin)
	s, err := ask(ctx, all, c, ours, newPlain(c))
	if err != nil {
		return err
	}
	r := s.report(c, ingest)
	if p.gate {
		floors, err := readFloor(filepath.Join(home, "floor.yaml"))
		if err != nil {
			return err
		}
		r.Below = append(r.Below, below(r.Rows, floors)...)
	}
	if p.json {
		err = r.json(w)
	} else {
		r.print(w)
	}
	if p.misses {
		s.misses(w, func(q question) []hit {
			hits, _ := ours.find(ctx, q.Q, 3) // it answered the same question a moment ago
			return hits
		})
	}
	if err == nil && len(r.Below) > 0 {
		err = errors.New("the figures fell")
	}
	return err
}

// load stages the corpus and reads the questions. Questions and corpus must fit each other.
func load(p plan, folder string) (*corpus, []question, error) {
	from, files, err := p.sources()
	if err != nil {
		return nil, nil, err
	}
	if err := stage(folder, from); err != nil {
		return nil, nil, err
	}
	c, err := readCorpus(folder)
	if err != nil {
		return nil, nil, err
	}
	all, err := readQuestions(files...)
	if err != nil {
		return nil, nil, err
	}
	return c, all, errors.Join(lint(all, c)...)
}

// sources names the folders of the corpus and the files of questions.
func (p plan) sources() (from map[string]string, files []string, err error) {
	if p.corpus != "" || p.questions != "" {
		if p.corpus == "" || p.questions == "" || p.gate {
			return nil, nil, errors.New("a corpus of your own needs -corpus and -questions, and has no floors to be held to")
		}
		return map[string]string{"": p.corpus}, []string{p.questions}, nil
	}
	home := filepath.Join(p.root, "knowledge", "bench")
	from = map[string]string{"": filepath.Join(home, "corpus"), "runbooks": filepath.Join(p.root, "knowledge", "runbooks"), "docs": filepath.Join(p.root, "docs")}
	names := map[string][]string{
		tuned:      {"questions.yaml", "identifiers.yaml"},
		heldOut:    {"heldout.yaml"},
		everything: {"questions.yaml", "identifiers.yaml", "heldout.yaml"},
	}[p.set]
	if names == nil {
		return nil, nil, fmt.Errorf("there is no set %q: all, tuned or heldout", p.set)
	}
	for _, n := range names {
		files = append(files, filepath.Join(home, "pairs", n))
	}
	return from, files, nil
}
