package main

import (
	"fmt"
	"os"
	"slices"

	"gopkg.in/yaml.v3"
)

// Bounds that hold whatever was measured before (DESIGN.md section 7): never below plain BM25 but for noise, and identifiers right at rank 1.
const (
	tolerance       = 0.005
	identifierFirst = 0.99
)

// floor is what a style must reach: figures that were measured, less a margin for small changes. It only ever rises.
type floor struct {
	NDCG  float64 `yaml:"ndcg_10"`
	First float64 `yaml:"success_1"`
}

func readFloor(file string) (map[string]floor, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var f map[string]floor
	if err := yaml.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for name := range f {
		if !slices.Contains(styles, name) {
			return nil, fmt.Errorf("%s: %q is no style of asking", file, name)
		}
	}
	return f, nil
}

// below says in which styles the figures are not good enough.
func below(rows []row, floors map[string]floor) []string {
	var out []string
	for _, r := range rows {
		if !slices.Contains(styles, r.Name) {
			continue
		}
		if r.Questions == 0 {
			out = append(out, r.Name+": no question was asked")
			continue
		}
		if r.Gain < -tolerance {
			out = append(out, fmt.Sprintf("%s: nDCG@10 %.1f is below plain BM25's %.1f by more than %.1f points", r.Name, 100*r.NDCG, 100*r.Plain, 100*tolerance))
		}
		if r.Name == "identifier" && r.First < identifierFirst {
			out = append(out, fmt.Sprintf("identifier: Success@1 %.1f is below %.0f", 100*r.First, 100*identifierFirst))
		}
		f, ok := floors[r.Name]
		if !ok {
			out = append(out, r.Name+": the floor file has no figure")
		}
		if r.NDCG < f.NDCG || r.First < f.First {
			out = append(out, fmt.Sprintf("%s: nDCG@10 %.1f and Success@1 %.1f, committed are at least %.1f and %.1f", r.Name, 100*r.NDCG, 100*r.First, 100*f.NDCG, 100*f.First))
		}
	}
	return out
}
