package understand

import (
	"math"
	"slices"
)

// example is a sentence of the data with its intent, as a set of weighted features.
type example struct {
	intent   Intent
	features []string
	norm     float64
}

// enough is the likeness from which an example decides; below it a question is out of scope.
const enough = 0.35

func (l *lexicon) addExamples(byIntent map[string][]string) error {
	count := map[string]int{}
	names := make([]string, 0, len(byIntent))
	for intent := range byIntent {
		names = append(names, intent)
	}
	slices.Sort(names)
	for _, intent := range names {
		for _, text := range byIntent[intent] {
			r := &reading{lex: l, src: newSource(text), hits: map[string][]hit{}}
			r.mentions = l.scan(text, false)
			r.tokenize()
			e := example{intent: Intent(intent), features: r.features()}
			for _, f := range e.features {
				count[f]++
			}
			l.examples = append(l.examples, e)
		}
	}
	l.exampleWeight = map[string]float64{}
	for f, n := range count {
		l.exampleWeight[f] = math.Log(1 + float64(len(l.examples))/float64(n))
	}
	for i := range l.examples {
		l.examples[i].norm = l.length(l.examples[i].features)
	}
	return nil
}

// features are the distinct words that the vocabulary knows, and a mark for a name.
func (r *reading) features() []string {
	var out []string
	for _, t := range r.tokens {
		switch {
		case t.class == classObject:
			out = append(out, "<obj>")
		case t.class == classMessage || t.class == classReturnCode:
			out = append(out, "<msg>")
		case len(t.ids) > 0:
			out = append(out, r.lex.words[t.ids[0]].text)
		default:
			out = append(out, t.norm)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (l *lexicon) weightOf(f string) float64 {
	if w, ok := l.exampleWeight[f]; ok {
		return w
	}
	return math.Log(1 + float64(len(l.examples)))
}

func (l *lexicon) length(features []string) float64 {
	sum := 0.0
	for _, f := range features {
		w := l.weightOf(f)
		sum += w * w
	}
	return math.Sqrt(sum)
}

// nearest is the intent of the example most like the question, for what no rule reads.
func (l *lexicon) nearest(r *reading) Intent {
	features := r.features()
	own := l.length(features)
	best, likeness := OutOfScope, enough
	for _, e := range l.examples {
		dot := 0.0
		for _, f := range e.features {
			if _, ok := slices.BinarySearch(features, f); ok {
				w := l.weightOf(f)
				dot += w * w
			}
		}
		if c := dot / (own*e.norm + 1e-9); c > likeness {
			best, likeness = e.intent, c
		}
	}
	return best
}
