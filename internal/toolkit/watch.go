package toolkit

import "context"

// Watch is told that a call begins, before anything is read of its arguments; tool is "" when there is none of the asked name. The call goes on with the
// context that it gives. What else it gives is told the record when the call has ended, before Audit is, and may complete it. Neither may block.
type Watch func(ctx context.Context, tool string) (context.Context, func(*AuditRecord))

// WithWatch returns the set with one more hook around every call; the first one is the outermost.
func (s *Set) WithWatch(w Watch) *Set {
	c := *s
	c.watches = append(s.watches[:len(s.watches):len(s.watches)], w)
	return &c
}

// begin tells all watches that a call begins, and gives what tells them its end.
func (s *Set) begin(ctx context.Context, name string) (context.Context, func(*AuditRecord)) {
	if s.byName[name] == nil {
		name = ""
	}
	ends := make([]func(*AuditRecord), len(s.watches))
	for i, w := range s.watches {
		ctx, ends[i] = w(ctx, name)
	}
	return ctx, func(a *AuditRecord) {
		for i := len(ends) - 1; i >= 0; i-- {
			ends[i](a)
		}
	}
}
