// Package fault is the one error type of Resync: a code that programs act on, a message and a hint
// that people read, and a cause that only the log sees (DESIGN.md 4.13).
//
// Rooms create errors with New and wrap foreign ones once with Wrap. Whatever reaches an edge
// without a code is "internal": its text is logged and never shown.
package fault

import (
	"context"
	"errors"
	"fmt"
)

// Code says what kind of failure it is. The list is closed (DESIGN.md 4.13).
type Code string

// The codes, each with the exit status that the terminal gives it in ExitCode.
const (
	NotFound            Code = "not_found"
	Ambiguous           Code = "ambiguous"
	Invalid             Code = "invalid"
	Unauthorized        Code = "unauthorized"
	Forbidden           Code = "forbidden"
	Unsupported         Code = "unsupported"
	UpstreamUnavailable Code = "upstream_unavailable"
	UpstreamDenied      Code = "upstream_denied"
	Timeout             Code = "timeout"
	Limited             Code = "limited"
	Conflict            Code = "conflict"
	Internal            Code = "internal"
)

// Codes lists all codes.
func Codes() []Code {
	return []Code{NotFound, Ambiguous, Invalid, Unauthorized, Forbidden, Unsupported, UpstreamUnavailable, UpstreamDenied, Timeout, Limited, Conflict, Internal}
}

// Error is a coded error. Message and Hint are shown to people; Cause never is.
type Error struct {
	Code    Code
	Message string // whole sentence, identifiers untouched
	Hint    string // what the reader can do about it; may be empty
	// Source names what was being read, in the answer's form ("joblog:WS#123", "engine:default"); may be empty.
	Source string
	// Candidates are nearest names (not_found) or instances (ambiguous), already in the operator's form.
	Candidates []string
	Cause      error
}

// Error gives code, message and cause: the form for logs, not for people.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes a coded error; format and args make the message.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap gives a foreign error a code and a message for people. A nil cause gives an error all the same.
func Wrap(code Code, cause error, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// WithHint returns the error with a hint set.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// WithSource returns the error with the source that was being read.
func (e *Error) WithSource(source string) *Error {
	c := *e
	c.Source = source
	return &c
}

// WithCandidates returns the error with candidates for the reader to choose from.
func (e *Error) WithCandidates(names ...string) *Error {
	c := *e
	c.Candidates = names
	return &c
}

// CodeOf gives the code of err: that of the first coded error in its chain, Timeout for an expired
// deadline, Internal for everything else; the empty code for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Timeout
	}
	return Internal
}

// Public gives what may be shown of err: the first coded error of the chain, or for a stranger a
// neutral internal error that keeps err as its cause. It returns nil for nil.
func Public(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Wrap(Timeout, err, "The work took longer than allowed.")
	}
	return Wrap(Internal, err, "Something went wrong inside Resync.").WithHint("The log has the details under the correlation id.")
}

// Is reports whether err carries the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// Upstream reports whether the code means that the engine could not be read, whatever was asked.
func Upstream(code Code) bool {
	return code == UpstreamUnavailable || code == UpstreamDenied || code == Timeout
}

// ExitCode maps err to the terminal's exit status: 0 ok, 1 failed, 2 usage, 3 not found, 4 upstream.
func ExitCode(err error) int {
	switch c := CodeOf(err); {
	case c == "":
		return 0
	case c == Invalid:
		return 2
	case c == NotFound, c == Ambiguous:
		return 3
	case Upstream(c):
		return 4
	default:
		return 1
	}
}
