package knowledge

import (
	"context"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
)

// embeddable is what the model reads of a passage: where it stands, then what it says.
func embeddable(d *library.Document, s *cut.Section, body []string) string {
	return strings.Join(append([]string{d.Title}, s.HeadingPath...), " > ") + "\n\n" + strings.Join(body, "\n")
}

// embed gives vectors to passages, in steps; texts are as many as they, or none.
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

// vector gives the question's, or nil: a search does not fail because a model does. How long that may take is the embedder's to know.
func (b *Base) vector(ctx context.Context, text string) []float32 {
	if b.model == "" {
		return nil
	}
	v, err := b.questions.Embed(ctx, []string{text})
	if err != nil || len(v) != 1 {
		b.logger.WarnContext(ctx, "knowledge is searched by words alone", "reason", "the embedder does not answer", "error", err)
		return nil
	}
	return v[0]
}
