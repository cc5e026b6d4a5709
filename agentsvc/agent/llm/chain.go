package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Options are what a Chain needs beside its models.
type Options struct {
	Now    func() time.Time                           // nil: time.Now
	Wait   func(context.Context, time.Duration) error // before a request is repeated; nil waits
	Logger *slog.Logger                               // nil: nothing is logged
}

// Chain is the configured models in the order in which they are asked. Safe for concurrent use.
type Chain struct {
	o      Options
	models []*Model
	budget budget // of the whole process
}

// ErrNone is the error of a Talk whose models have all failed.
var ErrNone = errors.New("no model answered")

// New makes a Chain; none of the settings means one that never answers. Nothing is dialled.
func New(o Options, settings ...Settings) (*Chain, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Chain{o: o}
	names := map[string]bool{}
	for _, s := range settings {
		m, err := newModel(s)
		if err != nil {
			return nil, err
		}
		if names[m.Name()] {
			return nil, fault.New(fault.Invalid, "The model %s stands in the chain twice.", m.Name())
		}
		names[m.Name()] = true
		c.models = append(c.models, m)
	}
	return c, nil
}

// Models gives the models in their order.
func (c *Chain) Models() []*Model { return c.models }

// Close lets idle connections go.
func (c *Chain) Close() {
	for _, m := range c.models {
		m.http.CloseIdleConnections()
	}
}

// Talk is the work on one question. It is used by one goroutine.
type Talk struct {
	c         *Chain
	models    []*Model // in the order of this question
	ear       Ear
	told      func(Try)
	at        int // the model that is asked
	spent     time.Duration
	strangers int // answers of this model that called what it was not offered
}

// Begin starts the work on a question. First is the name, or the own name, of the model that is asked before the others; empty: as they stand. Ear hears the
// words; told is told of each request, in order, by the goroutine that calls Generate.
func (c *Chain) Begin(first string, ear Ear, told func(Try)) *Talk {
	return &Talk{c: c, models: c.Order(first), ear: ear, told: told}
}

// Order gives the models as they are asked when first, a name as Begin takes it, comes before the others.
func (c *Chain) Order(first string) []*Model {
	models := slices.Clone(c.models)
	for _, name := range []func(*Model) string{(*Model).Label, (*Model).Name} { // the last one counts
		if i := slices.IndexFunc(models, func(m *Model) bool { return name(m) == first }); i > 0 {
			m := models[i]
			models = slices.Insert(slices.Delete(models, i, i+1), 0, m)
		}
	}
	return models
}

// Model is the model that is asked next; nil when there is none left.
func (t *Talk) Model() *Model {
	if t.at >= len(t.models) {
		return nil
	}
	return t.models[t.at]
}

// Generate asks the models in turn until one answers. A model that failed is not asked again for this question, but where the request may work a moment
// later. It gives ErrNone, or the context's error.
func (t *Talk) Generate(ctx context.Context, r Request) (Response, error) {
	for {
		m := t.Model()
		if m == nil {
			return Response{}, ErrNone
		}
		resp, err := t.ask(ctx, m, r)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil {
			return Response{}, context.Cause(ctx)
		}
		t.at, t.spent, t.strangers = t.at+1, 0, 0
		t.ear.Restart()
	}
}

// repeats bounds the requests that one call of ask makes, whatever is learnt on the way.
const repeats = 6

// ask asks one model, and again where that may help.
func (t *Talk) ask(ctx context.Context, m *Model, r Request) (Response, error) {
	now := t.c.o.Now
	if until, ok := m.breaker.admit(now()); !ok {
		f := &Failure{Kind: Resting, Until: until}
		t.told(Try{Model: m, Failure: f, Last: true})
		return Response{}, f
	}
	t.c.budget.first(now())
	m.budget.first(now())
	again := false
	for range repeats {
		resp, u, err := t.once(ctx, m, r)
		if err == nil {
			t.told(Try{Model: m, Usage: u, Sent: true})
			return resp, nil
		}
		f := asFailure(err)
		next := t.repeat(ctx, m, f, &again)
		t.told(Try{Model: m, Usage: u, Failure: f, Sent: f.Kind != Overflow || f.Status != 0, Last: !next})
		if !next {
			return Response{}, f
		}
		t.ear.Restart()
	}
	return Response{}, failed(Refused, "too many repeats")
}

// once makes one request that fits, and tells the breaker how it went.
func (t *Talk) once(ctx context.Context, m *Model, r Request) (Response, Usage, error) {
	fitted, err := m.fit(r)
	if err != nil {
		m.breaker.gone()
		return Response{}, Usage{}, err
	}
	left := m.s.Timeout - t.spent
	if left <= 0 {
		m.breaker.gone()
		return Response{}, Usage{}, errTime
	}
	start := time.Now()
	resp, u, err := m.once(ctx, fitted, t.ear, left)
	t.spent += time.Since(start)
	if err == nil && len(r.Tools) == 0 && strings.TrimSpace(resp.Text) != "" {
		resp.Calls = nil // the answer is due, and there is one
	}
	if err == nil {
		err = t.offered(resp, r)
	}
	switch f := asFailure(err); {
	case ctx.Err() != nil:
		m.breaker.gone()
	case err != nil && f.ill():
		m.breaker.failed(t.c.o.Now())
	case err != nil && f.Kind == Busy && f.RetryAfter > 0:
		m.breaker.asked(t.c.o.Now(), f.RetryAfter)
	case err != nil && f.Kind == TimedOut:
		m.breaker.failed(t.c.o.Now())
	default:
		m.breaker.served()
	}
	return resp, u, err
}

// offered gives up on a model that calls what it was not offered, once it has been told; at once where the answer itself is due and nothing was offered.
func (t *Talk) offered(resp Response, r Request) error {
	for _, c := range resp.Calls {
		known := false
		for _, tool := range r.Tools {
			known = known || tool.Name == c.Name
		}
		if known {
			continue
		}
		if t.strangers++; t.strangers > 1 || len(r.Tools) == 0 {
			return failed(Unoffered, "the tool %.64q", c.Name)
		}
		return nil
	}
	return nil
}

// The waits before a request is repeated: a moment, or what the server asks for, where nobody else can be asked instead.
const (
	moment      = 300 * time.Millisecond
	longestWait = 15 * time.Second
)

// repeat decides whether the same model is asked the same again, and waits for the moment to do so.
func (t *Talk) repeat(ctx context.Context, m *Model, f *Failure, again *bool) bool {
	if ctx.Err() != nil {
		return false
	}
	if m.quirks.learn(f) { // another request, then
		return true
	}
	less := f.Kind == Truncated || f.Kind == Overflow && f.Status != 0
	if *again || !less && !f.again() {
		return false
	}
	if less {
		*again = true
		return true
	}
	d := moment + rand.N(moment/2) // #nosec G404 -- spreads tries, hides nothing
	if f.RetryAfter > 0 {
		d = f.RetryAfter + rand.N(moment/2) // #nosec G404 -- spreads tries, hides nothing
		if t.at+1 < len(t.models) {
			return false // somebody else answers at once
		}
	}
	if f.Kind == Empty || f.Kind == Malformed {
		d = 0 // the server is well
	}
	end, ok := ctx.Deadline()
	if d > longestWait || d > m.s.Timeout-t.spent || ok && time.Until(end) <= d {
		return false
	}
	if !m.budget.take(t.c.o.Now()) {
		return false
	}
	if !t.c.budget.take(t.c.o.Now()) {
		m.budget.back()
		return false
	}
	*again = true
	if d > 0 {
		start := time.Now()
		err := t.c.o.Wait(ctx, d)
		t.spent += time.Since(start)
		return err == nil
	}
	return true
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// String names the chain for logs.
func (c *Chain) String() string {
	names := make([]string, 0, len(c.models))
	for _, m := range c.models {
		names = append(names, m.Name())
	}
	return fmt.Sprint(names)
}
