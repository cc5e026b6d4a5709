package main

import (
	"math"
	"testing"
)

func TestJudge(t *testing.T) {
	c := &corpus{byName: map[string]int{}}
	for _, d := range []struct{ name, text string }{
		{"m.md", "# One\n\nfirst text\n\n## Two\n\nsecond text\n\n## Three\n\nthird text"},
		{"n.md", "# Other\n\nother text"},
	} {
		if err := c.add(d.name, d.text); err != nil {
			t.Fatal(err)
		}
	}
	one, two, three, other := hit{"m.md", "one", 3, 3, ""}, hit{"m.md", "two", 7, 7, ""}, hit{"m.md", "three", 11, 11, ""}, hit{"n.md", "other", 3, 3, ""}
	second, third := 1/math.Log2(3), 1/math.Log2(4)
	for name, x := range map[string]struct {
		want, also []string
		hits       []hit
		marks      marks
	}{
		"first":                        {[]string{"m.md#two"}, nil, []hit{two, one}, marks{1, 1, 1, 1}},
		"second":                       {[]string{"m.md#two"}, nil, []hit{one, two}, marks{second, 0, 1, 0.5}},
		"sixth":                        {[]string{"n.md#other"}, nil, []hit{one, two, three, one, two, other}, marks{1 / math.Log2(7), 0, 0, 1.0 / 6}},
		"eleventh":                     {[]string{"n.md#other"}, nil, []hit{one, one, one, one, one, one, one, one, one, one, other}, marks{}},
		"not at all":                   {[]string{"m.md#two"}, nil, []hit{one, other}, marks{}},
		"nothing found":                {[]string{"m.md#two"}, nil, nil, marks{}},
		"both wanted":                  {[]string{"m.md#one", "m.md#two"}, nil, []hit{two, one}, marks{1, 1, 1, 1}},
		"one of two":                   {[]string{"m.md#one", "m.md#two"}, nil, []hit{two, other}, marks{1 / (1 + second), 1, 1, 1}},
		"the same twice counts once":   {[]string{"m.md#one", "m.md#two"}, nil, []hit{two, two}, marks{1 / (1 + second), 1, 1, 1}},
		"what helps is no success":     {[]string{"m.md#one"}, []string{"n.md#other"}, []hit{other, two}, marks{0.5 / (1 + 0.5*second), 0, 0, 0}},
		"what helps stands behind":     {[]string{"m.md#one"}, []string{"n.md#other"}, []hit{one, other}, marks{1, 1, 1, 1}},
		"lines within the passage":     {[]string{"m.md:7-7"}, nil, []hit{one, three, {"m.md", "two", 5, 5, ""}}, marks{third, 0, 1, 1.0 / 3}},
		"lines of another document":    {[]string{"n.md:3-3"}, nil, []hit{one}, marks{}},
		"lines that no passage covers": {[]string{"m.md:9-9"}, nil, []hit{two, one}, marks{}},
	} {
		t.Run(name, func(t *testing.T) {
			q := question{Q: "x", Lang: "en", Style: "terse", Want: x.want, Also: x.also}
			if err := q.parse(); err != nil {
				t.Fatal(err)
			}
			got := judge(q, x.hits, c)
			for _, v := range [][2]float64{{got.NDCG, x.marks.NDCG}, {got.First, x.marks.First}, {got.Five, x.marks.Five}, {got.Reciprocal, x.marks.Reciprocal}} {
				if math.Abs(v[0]-v[1]) > 1e-12 {
					t.Errorf("marks %+v, want %+v", got, x.marks)
					break
				}
			}
		})
	}
}

func TestInterval(t *testing.T) {
	if low, high := interval([]float64{0.25, 0.25, 0.25}); low != 0.25 || high != 0.25 {
		t.Errorf("equal differences give %v to %v, want 0.25 alone", low, high)
	}
	if low, high := interval(nil); low != 0 || high != 0 {
		t.Errorf("no differences give %v to %v", low, high)
	}
	many := make([]float64, 400)
	for i := range many {
		many[i] = float64(i%2) - 0.5 // mean 0, deviation 0.5: the normal interval is ± 1.96 · 0.5 / 20 = 0.049
	}
	low, high := interval(many)
	if math.Abs(low+0.049) > 0.008 || math.Abs(high-0.049) > 0.008 {
		t.Errorf("interval %.3f to %.3f, want about -0.049 to 0.049", low, high)
	}
	again, _ := interval(many)
	if again != low {
		t.Error("the same differences give another interval")
	}
}

func TestBelow(t *testing.T) {
	good := func() []row {
		var rows []row
		for _, s := range styles {
			rows = append(rows, row{Name: s, Questions: 10, NDCG: 0.9, First: 1, Plain: 0.8, Gain: 0.1})
		}
		return append(rows, row{Name: "all", NDCG: 0, Gain: -1}) // sums are not held to anything
	}
	floors := map[string]floor{}
	for _, s := range styles {
		floors[s] = floor{NDCG: 0.85, First: 0.9}
	}
	for name, x := range map[string]struct {
		change func(rows []row)
		want   int
	}{
		"good":                    {func([]row) {}, 0},
		"within the tolerance":    {func(r []row) { r[1].Gain = -0.005 }, 0},
		"below plain BM25":        {func(r []row) { r[1].Gain = -0.0051 }, 1},
		"below the floor":         {func(r []row) { r[0].NDCG = 0.84 }, 1},
		"first below the floor":   {func(r []row) { r[2].First = 0.89 }, 1},
		"identifiers not first":   {func(r []row) { r[4].First = 0.98 }, 1},
		"a style that is missing": {func(r []row) { r[3].Questions = 0 }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			rows := good()
			x.change(rows)
			if got := below(rows, floors); len(got) != x.want {
				t.Errorf("below gives %q, want %d", got, x.want)
			}
		})
	}
	if got := below(good(), nil); len(got) != len(styles) {
		t.Errorf("without a floor file: %q, want a complaint for each style", got)
	}
}
