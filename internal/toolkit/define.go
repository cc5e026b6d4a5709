package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

const (
	defaultTimeout = 45 * time.Second // clients give up at 60 s; our own words must come before that
	longestTimeout = 50 * time.Second
	// grace is how long a function may take to notice its deadline and give its own, better error.
	grace = 250 * time.Millisecond
)

var toolName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,62}[a-z0-9]$`)

// tool is a defined tool.
type tool[In, Out any] struct {
	info    Info
	fn      Func[In, Out]
	timeout time.Duration
	in, out *shape
}

// Define makes a tool of a function. It fails when the types have no honest schema or the texts are missing, so that a
// tool that starts is a tool that works; members need json names, input members need doc tags.
//
// Tags of a member: doc, enum:"a,b", default, example, min and max (value, characters or items). A member is required
// unless it has omitempty, omitzero, a default, or is a pointer.
func Define[In, Out any](spec Spec, fn Func[In, Out]) (Tool, error) {
	t, err := define(spec, fn)
	if err != nil {
		return nil, fmt.Errorf("tool %s: %w", spec.Name, err)
	}
	return t, nil
}

// MustDefine is Define for tools whose types are fixed at compile time; it panics on an error.
func MustDefine[In, Out any](spec Spec, fn Func[In, Out]) Tool {
	t, err := Define(spec, fn)
	if err != nil {
		panic(err)
	}
	return t
}

func define[In, Out any](spec Spec, fn Func[In, Out]) (*tool[In, Out], error) {
	switch {
	case !toolName.MatchString(spec.Name), strings.Contains(spec.Name, foreignMark):
		return nil, errors.New("the name is not snake_case")
	case spec.Title == "" || spec.Description == "":
		return nil, errors.New("it has no title or no description")
	case spec.Toolset != "" && !toolName.MatchString(spec.Toolset):
		return nil, errors.New("the toolset is not snake_case")
	case spec.Timeout < 0 || spec.Timeout > longestTimeout:
		return nil, fmt.Errorf("the timeout is not within %s", longestTimeout)
	case fn == nil:
		return nil, errors.New("it has no function")
	}
	t := &tool[In, Out]{fn: fn, timeout: spec.Timeout}
	if t.timeout == 0 {
		t.timeout = defaultTimeout
	}
	t.info = Info{Name: spec.Name, Title: spec.Title, Description: spec.Description, Toolset: spec.Toolset}
	var err error
	if t.in, err = inputShape(reflect.TypeFor[In]()); err != nil {
		return nil, err
	}
	if t.info.InputSchema, err = json.Marshal(t.in.schema()); err != nil {
		return nil, err
	}
	if t.out, err = shapeOf(reflect.TypeFor[Out](), "data", nil); err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	t.info.OutputSchema, err = outputSchema[Out](spec.DataAs)
	return t, err
}

// Info describes the tool.
func (t *tool[In, Out]) Info() Info { return t.info }

// Call runs the tool. See Tool.
func (t *tool[In, Out]) Call(ctx context.Context, args json.RawMessage) Result {
	r, _ := t.call(ctx, args)
	return r
}

// call is Call that also gives the cause of a failure, which only the log may see.
func (t *tool[In, Out]) call(ctx context.Context, args json.RawMessage) (Result, error) {
	if Correlation(ctx) == "" {
		ctx = WithCorrelation(ctx, NewCorrelation())
	}
	r, err := t.try(ctx, args)
	if err != nil {
		return failure(ctx, err), err
	}
	return r, nil
}

// try does the work of one call. It recovers for the types' own methods, which run in the decoder and the encoder.
func (t *tool[In, Out]) try(ctx context.Context, args json.RawMessage) (_ Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = t.panicked(p)
		}
	}()
	var in In
	if err := decode(args, t.in, reflect.ValueOf(&in).Elem()); err != nil {
		return Result{}, err
	}
	reply, err := t.run(ctx, in)
	if err != nil {
		return Result{}, err
	}
	return t.result(&reply)
}

// run calls the function under the deadline. The function has its own goroutine so that one that ignores its context
// costs a goroutine and not the caller's patience.
func (t *tool[In, Out]) run(ctx context.Context, in In) (Reply[Out], error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	type outcome struct {
		reply Reply[Out]
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o = outcome{err: t.panicked(p)}
			}
			done <- o
		}()
		o.reply, o.err = t.fn(ctx, in)
	}()
	select {
	case o := <-done:
		return o.reply, o.err
	case <-ctx.Done():
	}
	wait := time.NewTimer(grace)
	defer wait.Stop()
	select {
	case o := <-done:
		return o.reply, o.err
	case <-wait.C:
		return Reply[Out]{}, ctx.Err()
	}
}

func (t *tool[In, Out]) panicked(p any) error {
	return fmt.Errorf("panic in tool %s: %v\n%s", t.info.Name, p, debug.Stack())
}

// failure is the result of a failed call: what people may see of err, and the id under which the log has the rest.
func failure(ctx context.Context, err error) Result {
	if errors.Is(err, context.Canceled) && fault.Is(err, fault.Internal) {
		err = fault.Wrap(fault.Timeout, err, "The call was cancelled before it was done.")
	}
	p := fault.Public(err)
	e := &ErrorBody{Code: string(p.Code), Message: p.Message, Hint: p.Hint, Source: p.Source,
		Candidates: p.Candidates, CorrelationID: Correlation(ctx)}
	return Result{Error: e, Text: e.Text()}
}

// Text is the compact form of the error: the code and message, then what to do about it.
func (e *ErrorBody) Text() string {
	text := e.Code + ": " + e.Message
	if e.Hint != "" {
		text += "\n" + e.Hint
	}
	if len(e.Candidates) > 0 {
		text += "\nCandidates: " + strings.Join(e.Candidates, ", ")
	}
	return text
}
