package knowledge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
)

const (
	// probeTime is how long an embedder may take for one word before it counts as away: words are not kept waiting for it.
	probeTime = 2 * time.Second
	// maxRefused is how many texts an embedder may refuse before it counts as away. A text or two that it cannot read are no reason to go without it.
	maxRefused = 8
)

// Vectors is how far the documents have vectors.
type Vectors struct {
	Model   string // "" where no embedder is configured; the rest is then zero
	Lacking int    // documents that are found by their words alone until the embedder has answered
	Reason  error  // why that was so at the last Sync of this process; nil where it is not known
	Weight  Weight // zero as long as nothing was weighed
}

// Vectors tells how far the documents have vectors, whichever process made them. Errors are those of the shelf and the index.
func (b *Base) Vectors(ctx context.Context) (Vectors, error) {
	if b.model == "" {
		return Vectors{}, nil
	}
	if err := b.adopt(ctx); err != nil {
		return Vectors{}, err
	}
	v := Vectors{Model: b.model, Weight: b.Weight()}
	state, err := b.engine.State(ctx)
	if err != nil {
		return v, err
	}
	after := state.Vectors
	if state.Layout.Model != b.model {
		after = 0
	}
	for {
		revisions, err := b.shelf.Changed(ctx, after, catalogueStep)
		if err != nil {
			return v, err
		}
		if len(revisions) == 0 {
			break
		}
		for _, r := range revisions {
			if !r.Gone {
				v.Lacking++
			}
		}
		after = revisions[len(revisions)-1].Number
	}
	if r := b.away.Load(); r != nil && v.Lacking > 0 {
		v.Reason = *r
	}
	return v, nil
}

// embeddable is what the model reads of a passage: where it stands, then what it says.
func embeddable(d *library.Document, s *cut.Section, body []string) string {
	return strings.Join(append([]string{d.Title}, s.HeadingPath...), " > ") + "\n\n" + strings.Join(body, "\n")
}

// probe asks for the vector of a word and gives its length. The word is another each time, since embedders remember.
func (b *Base) probe(ctx context.Context) (length int, err error) {
	ctx, stop := context.WithTimeout(ctx, probeTime)
	defer stop()
	v, err := b.documents.Embed(ctx, []string{fmt.Sprintf("job %d", b.probes.Add(1))})
	if err == nil && (len(v) != 1 || len(v[0]) == 0) {
		err = fault.New(fault.UpstreamUnavailable, "The embedder gave no vector for a text.")
	}
	if err != nil {
		return 0, err
	}
	return len(v[0]), nil
}

// embed gives vectors to passages, in steps; texts are as many as they, or none. An embedder that fails ends that for this Sync; where it only
// refuses a text, that text goes without. The error is that of a context that has ended.
func (s *syncing) embed(ctx context.Context, texts []string, passages []index.Passage) error {
	b := s.base
	for at := 0; at < len(texts) && s.away == nil; at += embedStep {
		step := texts[at:min(at+embedStep, len(texts))]
		err := b.embed(ctx, step, passages[at:])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			continue
		}
		if _, s.away = b.probe(ctx); s.away != nil || fault.Is(err, fault.Conflict) {
			s.away = err
			return ctx.Err()
		}
		for i := range step {
			if err = b.embed(ctx, step[i:i+1], passages[at+i:]); err == nil {
				continue
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if s.refused++; s.refused > maxRefused {
				s.away = err
				return nil
			}
			b.logger.WarnContext(ctx, "a passage is found by its words alone", "reason", "the embedder does not take it", "passage", passages[at+i].ID, "error", err)
		}
	}
	return nil
}

// tell keeps and logs, when that changes, why there are no vectors; a dimension that does not fit is an error besides.
func (s *syncing) tell(ctx context.Context) error {
	b := s.base
	was := b.away.Swap(&s.away)
	if s.away == nil {
		if was != nil && *was != nil && s.done > 0 {
			b.logger.InfoContext(ctx, "the embedder answers again", "documents", s.done)
		}
		return nil
	}
	if was == nil || *was == nil || (*was).Error() != s.away.Error() {
		b.logger.WarnContext(ctx, "documents are found by their words alone", "reason", "the embedder does not answer; they get their vectors when it does", "error", s.away)
	}
	if fault.Is(s.away, fault.Conflict) {
		return s.away
	}
	return nil
}

// embed gives vectors to as many passages as there are texts, in steps.
func (b *Base) embed(ctx context.Context, texts []string, passages []index.Passage) error {
	for at := 0; at < len(texts); at += embedStep {
		step := texts[at:min(at+embedStep, len(texts))]
		vectors, err := b.documents.Embed(ctx, step)
		if err != nil {
			return err
		}
		if len(vectors) != len(step) {
			return fault.New(fault.UpstreamUnavailable, "The embedder gave %d vectors for %d texts.", len(vectors), len(step))
		}
		for i, v := range vectors {
			passages[at+i].Vector = v
		}
	}
	return nil
}

// byWords is told where vectors count and the question has none.
const byWords = "The embedder did not answer in time: this was searched by words alone."

// vector gives the question's, or nil and a note that says so: a search does not fail because a model does. How long that may take is the
// embedder's to know.
func (b *Base) vector(ctx context.Context, text string, dimensions int) (v []float32, note string) {
	vectors, err := b.questions.Embed(ctx, []string{text})
	if err == nil && len(vectors) == 1 && len(vectors[0]) == dimensions {
		return vectors[0], ""
	}
	b.logger.WarnContext(ctx, "knowledge is searched by words alone", "reason", "the embedder gives no vector that fits", "error", err)
	return nil, byWords
}
