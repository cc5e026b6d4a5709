package knowledge

import (
	"context"
	"encoding/json"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

const (
	// weighTime bounds one measurement; an embedder that needs longer for some 2,000 texts is too slow to be asked at every question.
	weighTime = 10 * time.Minute
	// weighAgain is how long a measurement that failed is left alone by its process.
	weighAgain = 15 * time.Minute
	// weighShare is the share of the passages that must have come or gone for the weight to be measured anew.
	weighShare = 0.1
)

// Weigh has the vectors weighed (Calibrate) where that was never done for this model, or more than a tenth of the passages has come or gone since, and notes
// the weight on the shelf, from which every process takes it at its next Sync. It does nothing without a model, or as long as documents lack vectors.
// Call it after Sync where time does not press: it may take minutes, ten at most. Errors are those of Calibrate; the weight of before stays then, and
// this process does not try again for a quarter of an hour.
func (b *Base) Weigh(ctx context.Context) error {
	if b.model == "" {
		return nil
	}
	due, err := b.due(ctx)
	if err != nil || !due {
		return err
	}
	if last := b.unweighed.Load(); last != nil && b.now().Sub(*last).Abs() < weighAgain {
		return nil
	}
	within, stop := context.WithTimeoutCause(ctx, weighTime, fault.New(fault.Timeout, "Weighing the vectors takes too long."))
	defer stop()
	began := b.now()
	w, err := b.Calibrate(within)
	if err == nil {
		var packed []byte
		if packed, err = json.Marshal(w); err == nil {
			err = b.shelf.SetWeight(ctx, packed)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err() // a caller who left says nothing of the embedder
	}
	if err != nil {
		at := b.now()
		b.unweighed.Store(&at)
		if within.Err() != nil {
			return context.Cause(within)
		}
		return err
	}
	b.unweighed.Store(nil)
	b.logger.InfoContext(ctx, "vectors are weighed", "weight", w.Alpha, "questions", w.Questions, "words", w.Words, "fused", w.Fused, "model", w.Model, "took", b.now().Sub(began))
	return nil
}

// due reports whether there is something to weigh, and enough of it is new.
func (b *Base) due(ctx context.Context) (bool, error) {
	state, err := b.engine.State(ctx)
	if err != nil || state.Layout.Model != b.model || state.Vectors < state.Upto || state.Passages == 0 {
		return false, err
	}
	if change, err := b.shelf.Change(ctx); err != nil || state.Upto < change {
		return false, err // the next Sync has something to do first
	}
	if err := b.adopt(ctx); err != nil {
		return false, err
	}
	w := b.Weight()
	if w.Model == "" {
		return true, nil
	}
	if err := b.refresh(ctx); err != nil {
		return false, err
	}
	same, all := 0, 0
	b.view.mu.RLock()
	for _, e := range b.view.known {
		if all += e.Passages; e.Change <= w.Change {
			same += e.Passages
		}
	}
	b.view.mu.RUnlock()
	return float64(max(w.Passages, all)-same) > weighShare*float64(w.Passages), nil
}

// adopt takes over the weight that is noted on the shelf. One that cannot be read, or is another model's, is as good as none.
func (b *Base) adopt(ctx context.Context) error {
	if b.model == "" {
		return nil
	}
	packed, err := b.shelf.Weight(ctx)
	if err != nil {
		return err
	}
	var w Weight
	if packed != nil && json.Unmarshal(packed, &w) == nil && w.Model == b.model {
		b.SetWeight(w)
	}
	return nil
}
