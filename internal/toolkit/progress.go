package toolkit

import "context"

// Progress is how far a call has come. Total is 0 as long as nobody knows it.
type Progress struct {
	Done    int
	Total   int
	Message string // what is being done, for people
}

type progressKey struct{}

// WithProgress returns a context under which Report tells fn. fn may be called by several goroutines at a time and must not block.
func WithProgress(ctx context.Context, fn func(Progress)) context.Context {
	return context.WithValue(ctx, progressKey{}, fn)
}

// Report tells whoever asked how far the call has come, if they want to know. Done must not fall within one call.
func Report(ctx context.Context, p Progress) {
	if fn, ok := ctx.Value(progressKey{}).(func(Progress)); ok {
		fn(p)
	}
}
