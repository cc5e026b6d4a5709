package knowledge

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
)

// Weight is how much vectors count in searches now; zero, and no vector is asked for, until Calibrate or SetWeight said otherwise.
func (b *Base) Weight() Weight {
	if w := b.weight.Load(); w != nil {
		return *w
	}
	return Weight{}
}

// SetWeight takes over what was calibrated before, by this process or another. A weight of another model's vectors says nothing of these.
func (b *Base) SetWeight(w Weight) {
	if w.Model != b.model {
		w = Weight{}
	}
	b.weight.Store(&w)
}

// Calibrate measures on the documents' own headings how much vectors help, and weighs them so from now on. It costs a vector for each of 300 questions at
// most, and one for each of some 2,000 passages: those that answer, and for each question the few that look most like it, half of them by words and half by
// vector. All are looked at as if they had no headings. Searches go on meanwhile with the weight of before, which stays where an error is given.
// Errors are unsupported without an embedder, and those of the shelf, the index and the embedder.
func (b *Base) Calibrate(ctx context.Context) (Weight, error) {
	if b.model == "" {
		return Weight{}, fault.New(fault.Unsupported, "There are no vectors to weigh, since no embedder is configured.")
	}
	if err := b.refresh(ctx); err != nil {
		return Weight{}, err
	}
	b.view.mu.RLock()
	change, all := b.view.change, slices.Collect(maps.Values(b.view.known))
	b.view.mu.RUnlock()
	e := exam{base: b, in: map[uint64]bool{}}
	if err := e.draw(ctx, all); err != nil {
		return Weight{}, err
	}
	if err := e.rivals(ctx); err != nil {
		return Weight{}, err
	}
	if err := e.bare(ctx); err != nil {
		return Weight{}, err
	}
	samples := make([]Sample, 0, len(e.questions))
	for i := range e.questions {
		s, err := e.sample(ctx, i)
		if err != nil {
			return Weight{}, err
		}
		samples = append(samples, s)
	}
	w := Calibrate(samples)
	w.Model, w.Change = b.model, change
	for _, d := range all {
		w.Passages += d.Passages
	}
	b.SetWeight(w)
	return w, nil
}

// lists gives the candidates' scores by words and by vector, as Fuse wants them. What front matter binds is no matter of words, and is left out.
func (a *asked) lists() (lexical, dense []float64) {
	lexical, dense = make([]float64, len(a.candidates)), make([]float64, len(a.candidates))
	for i, c := range a.candidates {
		lexical[i], dense[i] = c.score, math.NaN()
		if bound := a.bound[c.document.ID] * bindingScore; bound > 0 {
			lexical[i] *= c.words / (c.words + bound)
		}
		if c.byVector {
			dense[i] = c.dense
		}
	}
	return lexical, dense
}

// fuse lets vectors count in the scores.
func (a *asked) fuse() {
	if a.alpha <= 0 {
		return
	}
	lexical, dense := a.lists()
	for i, s := range Fuse(lexical, dense, a.alpha) {
		a.candidates[i].score += s - lexical[i]
	}
}
