package main

import (
	"context"
	"slices"
	"time"
)

// sheet is what was asked of both sides, question by question.
type sheet struct {
	questions    []question
	ours, theirs []marks
	took         []time.Duration  // of ours, wall time
	cpu          [2]time.Duration // of all questions: ours, plain
	quoted       []bool           // whether our first hit's quote lies within a wanted place
	bands        []string         // of our first hit; "" where nothing was found
}

// ask puts every question to both sides, the same number of results from each.
func ask(ctx context.Context, all []question, c *corpus, ours, theirs finder) (*sheet, error) {
	s := &sheet{questions: all}
	for _, q := range all[:min(len(all), 20)] { // what is read from disk once is no question's cost
		if _, err := ours.find(ctx, q.Q, depth); err != nil {
			return nil, err
		}
	}
	begin := cpuTime()
	lists := make([][]hit, len(all))
	for i, q := range all {
		start := time.Now()
		hits, err := ours.find(ctx, q.Q, depth)
		if err != nil {
			return nil, err
		}
		s.took = append(s.took, time.Since(start))
		lists[i] = hits
	}
	s.cpu[0] = cpuTime() - begin
	for i, q := range all {
		s.ours = append(s.ours, judge(q, lists[i], c))
		band := ""
		if len(lists[i]) > 0 {
			band = lists[i][0].Band
		}
		s.bands = append(s.bands, band)
		s.quoted = append(s.quoted, len(lists[i]) > 0 && slices.ContainsFunc(q.wants[:len(q.Want)], func(w want) bool { return covers(w, lists[i][0]) }))
	}
	begin = cpuTime()
	for i, q := range all {
		hits, err := theirs.find(ctx, q.Q, depth)
		if err != nil {
			return nil, err
		}
		lists[i] = hits
	}
	s.cpu[1] = cpuTime() - begin
	for i, q := range all {
		s.theirs = append(s.theirs, judge(q, lists[i], c))
	}
	return s, nil
}

// covers reports whether the lines that a hit quotes touch a wanted place.
func covers(w want, h hit) bool {
	if w.document != h.Document {
		return false
	}
	if w.section != "" {
		return w.section == h.Section
	}
	return h.Start <= w.end && h.End >= w.start
}

// row is a line of the report.
type row struct {
	Name      string  `json:"name"`
	Questions int     `json:"questions"`
	NDCG      float64 `json:"ndcg_10"`
	First     float64 `json:"success_1"`
	Five      float64 `json:"success_5"`
	MRR       float64 `json:"mrr"`
	Quoted    float64 `json:"quoted_1"` // first hit whose quote lies in a wanted place
	Plain     float64 `json:"plain_ndcg_10"`
	PlainOne  float64 `json:"plain_success_1"`
	PlainMRR  float64 `json:"plain_mrr"`
	Gain      float64 `json:"gain"` // of nDCG over plain BM25
	Low       float64 `json:"gain_low"`
	High      float64 `json:"gain_high"`
}

// rows sums the sheet up by style and by language.
func (s *sheet) rows() []row {
	var out []row
	for _, style := range styles {
		out = append(out, s.row(style, func(q question) bool { return q.Style == style }))
	}
	for _, lang := range []string{"en", "pt"} {
		out = append(out, s.row(lang, func(q question) bool { return q.Lang == lang }))
	}
	return append(out, s.row("all", func(question) bool { return true }))
}

func (s *sheet) row(name string, in func(question) bool) row {
	r := row{Name: name}
	var differences []float64
	for i, q := range s.questions {
		if !in(q) {
			continue
		}
		r.Questions++
		o, p := s.ours[i], s.theirs[i]
		r.NDCG += o.NDCG
		r.First += o.First
		r.Five += o.Five
		r.MRR += o.Reciprocal
		r.Quoted += truth(s.quoted[i])
		r.Plain += p.NDCG
		r.PlainOne += p.First
		r.PlainMRR += p.Reciprocal
		differences = append(differences, o.NDCG-p.NDCG)
	}
	n := float64(max(1, r.Questions))
	for _, v := range []*float64{&r.NDCG, &r.First, &r.Five, &r.MRR, &r.Quoted, &r.Plain, &r.PlainOne, &r.PlainMRR} {
		*v /= n
	}
	r.Gain = mean(differences)
	r.Low, r.High = interval(differences)
	return r
}

// band is how often a first hit that is called strong, fair or weak answers.
type band struct {
	Band      string  `json:"band"`
	Questions int     `json:"questions"`
	First     float64 `json:"success_1"`
}

// byBand sums up by what the product says of its own first hit. Identifiers are left out: they are nearly all strong and right, and would flatter the rest.
func (s *sheet) byBand() []band {
	var out []band
	for _, name := range []string{"strong", "fair", "weak"} {
		x := band{Band: name}
		for i, b := range s.bands {
			if b == name && s.questions[i].Style != "identifier" {
				x.Questions++
				x.First += s.ours[i].First
			}
		}
		x.First /= float64(max(1, x.Questions))
		out = append(out, x)
	}
	return out
}
