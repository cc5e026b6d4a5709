package toolkit

import (
	"context"
	"crypto/rand"
)

type correlationKey struct{}

// WithCorrelation returns a context that carries the correlation id of a request: the word that a person reads in an
// error and finds in the log.
func WithCorrelation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, correlationKey{}, id)
}

// Correlation gives the id of the context, or "" when there is none.
func Correlation(ctx context.Context) string {
	id, _ := ctx.Value(correlationKey{}).(string)
	return id
}

// NewCorrelation makes an id that nobody can guess or meet twice.
func NewCorrelation() string { return rand.Text() }
