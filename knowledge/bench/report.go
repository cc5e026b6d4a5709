package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// report is a whole measurement.
type report struct {
	Documents int      `json:"documents"` // of a page at least
	Pages     int      `json:"pages"`
	Passages  int      `json:"passages"`
	Ingest    float64  `json:"ingest_seconds"`
	Rows      []row    `json:"rows"`
	Bands     []band   `json:"bands"`
	P50       float64  `json:"p50_ms"`
	P99       float64  `json:"p99_ms"`
	CPU       float64  `json:"cpu_ms"` // of a question
	PlainCPU  float64  `json:"plain_cpu_ms"`
	Below     []string `json:"below"`
}

func (s *sheet) report(c *corpus, ingest time.Duration) report {
	r := report{Ingest: ingest.Seconds(), Rows: s.rows(), Bands: s.byBand(), Below: []string{}}
	r.Documents, r.Pages = c.pages()
	for _, t := range c.texts {
		r.Passages += len(t.passages)
	}
	took := slices.Sorted(slices.Values(s.took))
	if n := len(took); n > 0 {
		r.P50, r.P99 = ms(took[n/2]), ms(took[min(n-1, n*99/100)])
		r.CPU, r.PlainCPU = ms(s.cpu[0])/float64(n), ms(s.cpu[1])/float64(n)
	}
	return r
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (r report) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r report) print(w io.Writer) {
	fmt.Fprintf(w, "%d documents of a page or more, %d pages of %d words, %d passages; taken in within %.1f s; %d cores\n\n", r.Documents, r.Pages, pageWords, r.Passages, r.Ingest, runtime.NumCPU())
	fmt.Fprintln(w, "| asked as | questions | nDCG@10 | plain BM25 | difference, 95 % | Success@1 | plain | Success@5 | MRR | quote right at 1 |\n|---|---|---|---|---|---|---|---|---|---|")
	for _, x := range r.Rows {
		if x.Questions == 0 {
			continue
		}
		fmt.Fprintf(w, "| %s | %d | %.1f | %.1f | %+.1f (%+.1f to %+.1f) | %.1f | %.1f | %.1f | %.1f | %.1f |\n", x.Name, x.Questions, 100*x.NDCG, 100*x.Plain,
			100*x.Gain, 100*x.Low, 100*x.High, 100*x.First, 100*x.PlainOne, 100*x.Five, 100*x.MRR, 100*x.Quoted)
	}
	fmt.Fprint(w, "\nquestions in words: first hits that answer, of those called")
	for i, x := range r.Bands {
		fmt.Fprintf(w, "%s %s: %.1f of 100 (%d questions)", []string{"", ","}[min(i, 1)], x.Band, 100*x.First, x.Questions)
	}
	fmt.Fprintf(w, "\n\na question: p50 %.1f ms, p99 %.1f ms, CPU %.1f ms (plain BM25 %.1f ms)\n", r.P50, r.P99, r.CPU, r.PlainCPU)
	for _, b := range r.Below {
		fmt.Fprintln(w, "BELOW:", b)
	}
}

// misses prints what was asked and not found first, with what was found instead.
func (s *sheet) misses(w io.Writer, found func(q question) []hit) {
	for i, q := range s.questions {
		if s.ours[i].First == 1 {
			continue
		}
		fmt.Fprintf(w, "%s %s %q wants %v: nDCG %.2f, plain %.2f\n", q.Style, q.Lang, q.Q, q.Want, s.ours[i].NDCG, s.theirs[i].NDCG)
		for _, h := range found(q) {
			fmt.Fprintf(w, "    %s %s#%s:%d-%d\n", h.Band, h.Document, h.Section, h.Start, h.End)
		}
	}
}
