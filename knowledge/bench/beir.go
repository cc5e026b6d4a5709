package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// beirSet is a set in the form of the BEIR benchmark: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv.
type beirSet struct {
	name      string
	documents []beirDocument
	queries   []beirQuery
	relevant  map[string]map[string]float64 // by query and document
}

type beirDocument struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

type beirQuery struct {
	ID   string `json:"_id"`
	Text string `json:"text"`
}

// maxBeirLine bounds a line of a set: longer ones are no document of any of them.
const maxBeirLine = 16 << 20

func readBeir(dir, split string) (*beirSet, error) {
	s := &beirSet{name: filepath.Base(filepath.Clean(dir)), relevant: map[string]map[string]float64{}}
	if err := jsonLines(filepath.Join(dir, "corpus.jsonl"), func(d beirDocument) { s.documents = append(s.documents, d) }); err != nil {
		return nil, err
	}
	if err := s.judgements(filepath.Join(dir, "qrels", split+".tsv")); err != nil {
		return nil, err
	}
	err := jsonLines(filepath.Join(dir, "queries.jsonl"), func(q beirQuery) {
		if len(s.relevant[q.ID]) > 0 {
			s.queries = append(s.queries, q)
		}
	})
	if err == nil && (len(s.documents) == 0 || len(s.queries) == 0) {
		err = fmt.Errorf("%s has %d documents and %d judged queries in split %s", dir, len(s.documents), len(s.queries), split)
	}
	return s, err
}

func jsonLines[T any](file string, each func(T)) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxBeirLine)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return fmt.Errorf("%s, line %d: %w", file, n, err)
		}
		each(v)
	}
	return lines.Err()
}

// judgements reads query, document and grade, with a line of names above; grades of zero are no relevance.
func (s *beirSet) judgements(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := r.ReadString('\n')
		if cols := strings.Fields(line); len(cols) == 3 {
			grade, bad := strconv.ParseFloat(cols[2], 64)
			if bad != nil && n > 1 {
				return fmt.Errorf("%s, line %d: %w", file, n, bad)
			}
			if bad == nil && grade > 0 {
				if s.relevant[cols[0]] == nil {
					s.relevant[cols[0]] = map[string]float64{}
				}
				s.relevant[cols[0]][cols[1]] = grade
			}
		} else if strings.TrimSpace(line) != "" {
			return fmt.Errorf("%s, line %d: want three columns, have %d", file, n, len(cols))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// write makes a Markdown document of each of the set's and says whose each file is. One without any text is found by nobody and makes none.
func (s *beirSet) write(folder string) (ids map[string]string, err error) {
	ids = map[string]string{}
	for i, d := range s.documents {
		name := fmt.Sprintf("%06d.md", i)
		ids[name] = d.ID
		title := strings.Join(strings.Fields(d.Title), " ")
		if title == "" && strings.TrimSpace(d.Text) == "" {
			continue
		}
		content := d.Text + "\n"
		if title != "" {
			content = "# " + title + "\n\n" + content
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// beirDepth is how deep recall looks, as the benchmark has it.
const beirDepth = 100

// beirFigures are of one side on a set.
type beirFigures struct {
	NDCG   []float64
	Recall []float64
	took   time.Duration
}

// measureBeir asks every query of one side. Several passages of a document count once, at the best.
func measureBeir(ctx context.Context, s *beirSet, ids map[string]string, side finder, recall int) (beirFigures, error) {
	var f beirFigures
	begin := cpuTime()
	for _, q := range s.queries {
		hits, err := side.find(ctx, q.Text, recall)
		if err != nil {
			return f, fmt.Errorf("query %s: %w", q.ID, err)
		}
		want := s.relevant[q.ID]
		var gains []float64
		for _, g := range want {
			gains = append(gains, g)
		}
		seen, dcg, found, rank := map[string]bool{}, 0.0, 0.0, 0
		for _, h := range hits {
			id := ids[h.Document]
			if seen[id] {
				continue
			}
			seen[id] = true
			rank++
			if g := want[id]; g > 0 {
				found++
				if rank <= depth {
					dcg += g / math.Log2(float64(rank+1))
				}
			}
		}
		f.NDCG = append(f.NDCG, dcg/ideal(gains))
		f.Recall = append(f.Recall, found/float64(len(want)))
	}
	f.took = (cpuTime() - begin) / time.Duration(len(s.queries))
	return f, nil
}

// beir measures a set and prints both sides.
func beir(ctx context.Context, w io.Writer, dir, split string) error {
	set, err := readBeir(dir, split)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bench-beir-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ids, err := set.write(folder)
	if err != nil {
		return err
	}
	c, err := readCorpus(folder)
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
	recall := min(beirDepth, deepest)
	sides := []finder{ours, newPlain(c)}
	var figures [2]beirFigures
	for i, side := range sides {
		if figures[i], err = measureBeir(ctx, set, ids, side, recall); err != nil {
			return err
		}
	}
	differences := make([]float64, len(set.queries))
	for i := range differences {
		differences[i] = figures[0].NDCG[i] - figures[1].NDCG[i]
	}
	low, high := interval(differences)
	fmt.Fprintf(w, "%s, %s: %d documents, %d queries; taken in within %.1f s\n\n| | nDCG@10 | Recall@%d | CPU a question |\n|---|---|---|---|\n", set.name, split, len(set.documents), len(set.queries), ingest.Seconds(), recall)
	for i, name := range []string{"Resync", "plain BM25"} {
		fmt.Fprintf(w, "| %s | %.4f | %.4f | %.1f ms |\n", name, mean(figures[i].NDCG), mean(figures[i].Recall), ms(figures[i].took))
	}
	fmt.Fprintf(w, "\ndifference of nDCG@10: %+.4f (95 %%: %+.4f to %+.4f)\n", mean(differences), low, high)
	return nil
}
