package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/resync-hwa/resync/internal/fault"
)

// guarded calls do, which reads mapped files. A file that somebody cuts short while it is mapped, or that holds nonsense under
// valid checksums, is damage like any other: the index is empty from then on.
func (i *Index) guarded(v *view, do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			if i.dir == "" {
				panic(r) // nothing can have happened to memory: it is a mistake of the program
			}
			err = damaged("%v\n%s", r, debug.Stack())
		}
		var d *damage
		if errors.As(err, &d) {
			i.broken(v, err)
			err = fault.Wrap(fault.Internal, err, "The search index is damaged.").WithHint("It is built anew by itself.")
		}
	}()
	return do()
}

// coded gives an error that has no code one; the context's own stay as they are.
func coded(err error, message string) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(fault.Internal, fmt.Errorf("embedded index: %w", err), "%s", message)
}
