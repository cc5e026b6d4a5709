package embedder

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// vectors gets the vectors of texts, in requests of as many as the server takes. What it takes is found by halving, and remembered; a single text
// that is too long counts by its beginning, and says nothing about how many the server takes.
func (c *Client) vectors(ctx context.Context, texts []string, p patience) ([][]float32, error) {
	out := make([][]float32, 0, len(texts))
	size, shortened, halved := int(c.batch.Load()), false, false
	for len(out) < len(texts) {
		n := min(size, len(texts)-len(out))
		piece := texts[len(out) : len(out)+n]
		got, err := c.patiently(ctx, piece, p)
		var r *refusal
		if errors.As(err, &r) {
			may, sure := r.oversize()
			switch {
			case may && n > 1:
				size, halved = n/2, true
				continue
			case sure:
				shortened = true
				got, err = c.shorter(ctx, piece[0], p, err)
				size = int(c.batch.Load())
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	if halved && !shortened {
		c.remember(ctx, size)
	}
	return out, nil
}

// remember keeps that the server takes no more than size texts at once.
func (c *Client) remember(ctx context.Context, size int) {
	for old := c.batch.Load(); int64(size) < old; old = c.batch.Load() {
		if c.batch.CompareAndSwap(old, int64(size)) {
			c.o.Logger.InfoContext(ctx, "the embedder takes fewer texts at once than it was sent", "sent", old, "takes", size)
		}
	}
}

const (
	cuts     = 6   // times that a text is halved before the server's refusal counts
	leastCut = 200 // bytes below which a text is not cut
)

// shorter tries halves of a text that is too long by itself: the vector of its beginning is worth more than none.
func (c *Client) shorter(ctx context.Context, text string, p patience, err error) ([][]float32, error) {
	for range cuts {
		if len(text) < 2*leastCut {
			break
		}
		text = clip(text, len(text)/2)
		var got [][]float32
		if got, err = c.patiently(ctx, []string{text}, p); err == nil {
			c.o.Logger.InfoContext(ctx, "a text was too long for the embedder and counts by its beginning", "bytes", len(text))
			return got, nil
		}
		var r *refusal
		if !errors.As(err, &r) {
			break
		}
		if may, _ := r.oversize(); !may {
			break
		}
	}
	return nil, err
}

// The waits between two tries, unless the server asks for another: they double, and anything up to a half is added, so that clients who failed
// together do not come back together.
const firstWait = 250 * time.Millisecond

// patiently sends one request, and sends it again while that may help and the time allows it. Asking for a vector changes nothing, so it may always
// be repeated.
func (c *Client) patiently(ctx context.Context, texts []string, p patience) ([][]float32, error) {
	pause := firstWait
	for try := 1; ; try++ {
		got, err := c.once(ctx, texts, p.request)
		if err == nil || try >= p.tries || ctx.Err() != nil || !passing(err) {
			return got, err
		}
		var r *refusal
		if errors.As(err, &r) {
			if may, _ := r.oversize(); may {
				return nil, err // smaller will do, again will not
			}
		}
		if errors.Is(err, context.DeadlineExceeded) && try > 1 {
			return nil, err // the first one may have waited for the model to be loaded
		}
		d := max(pause+rand.N(pause/2), asked(err)) // #nosec G404 -- spreads tries, hides nothing
		if end, ok := ctx.Deadline(); d > p.longest || ok && time.Until(end) <= d {
			return nil, err
		}
		if c.o.Wait(ctx, d) != nil {
			return nil, err
		}
		pause *= 2
	}
}
