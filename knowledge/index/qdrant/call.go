package qdrant

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/resync-hwa/resync/internal/fault"
)

// Trying again: all calls may be repeated, the writes too, because a point is put in whole under its own number.
const (
	readTries  = 3
	writeTries = 5
	firstWait  = 100 * time.Millisecond // doubled each time, with jitter
	longWait   = 2 * time.Second        // a server that asks for more is not waited for
)

// read makes a call that changes nothing.
func read[T any](ctx context.Context, x *Index, do func(context.Context) (T, error)) (T, error) {
	return call(ctx, x.opts.Timeout, readTries, do)
}

// write makes a call that is done when it returns.
func write[T any](ctx context.Context, x *Index, do func(context.Context) (T, error)) (T, error) {
	return call(ctx, writeShare*x.opts.Timeout, writeTries, do)
}

// apply makes a change of points and holds the server to it.
func (x *Index) apply(ctx context.Context, do func(context.Context) (*qdrant.UpdateResult, error)) error {
	r, err := write(ctx, x, do)
	if err != nil {
		return err
	}
	return completed(r)
}

// completed refuses a change that the server has only noted down, or given up on.
func completed(r *qdrant.UpdateResult) error {
	if s := r.GetStatus(); s != qdrant.UpdateStatus_Completed {
		return fault.New(fault.UpstreamUnavailable, "Qdrant did not complete a change of the index (%s).", s).WithHint("It is tried again with the next change.")
	}
	return nil
}

// call gives each try a deadline of its own, and repeats what may pass. The caller's own end is the context's error.
func call[T any](ctx context.Context, limit time.Duration, tries int, do func(context.Context) (T, error)) (T, error) {
	var none T
	for try := 1; ; try++ {
		c, cancel := context.WithTimeout(ctx, limit)
		v, err := do(c)
		cancel()
		if err == nil {
			return v, nil
		}
		if ctx.Err() != nil {
			return none, ctx.Err()
		}
		wait, may := again(err, try)
		if end, ok := ctx.Deadline(); !may || try == tries || ok && time.Until(end) <= wait {
			return none, coded(err)
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return none, ctx.Err()
		}
	}
}

// again tells whether a failure may pass, and after what wait.
func again(err error, try int) (time.Duration, bool) {
	wait := firstWait << (try - 1)
	wait = wait/2 + rand.N(wait/2) // #nosec G404 -- spreads retries, hides nothing
	var limited *qdrant.QdrantResourceExhaustedError
	if errors.As(err, &limited) {
		asked := time.Duration(limited.RetryAfterS) * time.Second
		return wait + asked, asked <= longWait
	}
	c := status.Code(err)
	return wait, c == codes.Unavailable || c == codes.ResourceExhausted
}

func alreadyThere(err error) bool { return status.Code(err) == codes.AlreadyExists }

// coded says for people what a failure is; the server's own words stay in the log.
func coded(err error) error {
	var limited *qdrant.QdrantResourceExhaustedError
	var already *fault.Error
	code := status.Code(err)
	switch {
	case errors.As(err, &already):
		return err
	case errors.As(err, &limited) || code == codes.ResourceExhausted:
		return fault.Wrap(fault.UpstreamUnavailable, err, "Qdrant takes no more just now.").WithHint("It limits requests, or is out of space.")
	case code == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(fault.Timeout, err, "Qdrant did not answer in time.")
	case code == codes.Unauthenticated:
		return fault.Wrap(fault.Unauthorized, err, "Qdrant refuses the key.").WithHint("QDRANT_API_KEY must be a key of the server at QDRANT_URL.")
	case code == codes.PermissionDenied:
		return fault.Wrap(fault.Unauthorized, err, "Qdrant's key may not do this.").WithHint("The index needs a key that may read and write.")
	case code == codes.NotFound:
		return gone(err)
	case code == codes.InvalidArgument:
		return fault.Wrap(fault.Conflict, err, "The index in Qdrant has another form than expected.").WithHint("It is made anew when its layout is next compared.")
	default:
		return fault.Wrap(fault.UpstreamUnavailable, err, "Qdrant cannot be used at the moment.")
	}
}

// gone is the error for an index that is not there.
func gone(cause error) error {
	return fault.Wrap(fault.UpstreamUnavailable, cause, "There is no index in Qdrant.").WithHint("It is made from the documents that Resync keeps.")
}

func is(err error, code codes.Code) bool { return err != nil && status.Code(err) == code }
