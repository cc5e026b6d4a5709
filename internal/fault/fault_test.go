package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
)

func TestCodeAndExit(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		code fault.Code
		exit int
	}{
		{"nil", nil, "", 0},
		{"coded", fault.New(fault.NotFound, "x"), fault.NotFound, 3},
		{"wrapped-twice", fmt.Errorf("read: %w", fault.Wrap(fault.UpstreamDenied, errors.New("401"), "x")), fault.UpstreamDenied, 4},
		{"stranger", errors.New("dsn=secret"), fault.Internal, 1},
		{"deadline", fmt.Errorf("x: %w", context.DeadlineExceeded), fault.Timeout, 4},
		{"usage", fault.New(fault.Invalid, "x"), fault.Invalid, 2},
		{"ambiguous", fault.New(fault.Ambiguous, "x"), fault.Ambiguous, 3},
		{"limited", fault.New(fault.Limited, "x"), fault.Limited, 1},
	} {
		if got := fault.CodeOf(c.err); got != c.code {
			t.Errorf("%s: code %q, want %q", c.name, got, c.code)
		}
		if got := fault.ExitCode(c.err); got != c.exit {
			t.Errorf("%s: exit %d, want %d", c.name, got, c.exit)
		}
	}
}

func TestPublicHidesStrangers(t *testing.T) {
	e := fault.Public(errors.New("postgres://user:hunter2@db"))
	if e.Code != fault.Internal || strings.Contains(e.Message+e.Hint, "hunter2") {
		t.Errorf("Public shows %q %q", e.Message, e.Hint)
	}
	if !strings.Contains(e.Error(), "hunter2") {
		t.Error("the log must keep the cause")
	}
	if fault.Public(nil) != nil {
		t.Error("Public(nil) is an error")
	}
}

func TestWithDoesNotChangeTheOriginal(t *testing.T) {
	a := fault.New(fault.NotFound, "x")
	b := a.WithHint("look there").WithSource("plan:x").WithCandidates("y")
	if a.Hint != "" || a.Source != "" || a.Candidates != nil || b.Hint == "" || b.Source == "" || len(b.Candidates) != 1 {
		t.Errorf("a = %+v, b = %+v", a, b)
	}
}
