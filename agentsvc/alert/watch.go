package alert

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Options say what to watch, and whom to tell.
type Options struct {
	Engines  []Engine
	Webhooks []Webhook
	Book     *Book // may be nil without webhooks
	// Seen, where it is set, gets each sighting; it is called from several goroutines at a time. Languages are those that it wants.
	Seen      func(Sighting)
	Languages []string
	Interval  time.Duration // between two looks; 0 means a minute
	Timeout   time.Duration // of one delivery; 0 means 10 s
	Now       func() time.Time
	Logger    *slog.Logger
	// Ticks, where it is set, takes the place of both clocks of a Watch: each value is one look, and one attempt to send. For tests.
	Ticks func(every time.Duration) (<-chan time.Time, func())
}

// Watch looks at engines and sends what is new to webhooks. Reading never waits for sending: between them stands the Book.
type Watch struct {
	o     Options
	owner string
	rules []Rule
	langs []string
	post  *poster
	wake  map[string]chan struct{} // by webhook
}

const (
	defaultInterval = time.Minute
	// sendEvery is how often a queue is looked at where nobody says that something came: another process may have filled it.
	sendEvery = 5 * time.Second
	// maxAttempts is how often one message is sent at most. With the waits below that is some three hours.
	maxAttempts = 12
	firstWait   = 5 * time.Second
	longestWait = 30 * time.Minute
	// grace is what a delivery has left when the program ends, and what noting it may take: on a busy machine a second is not enough to read an
	// answer, and what was taken and not noted is sent again after the restart. Only a receiver that stalls makes the end wait for so long.
	grace = 5 * time.Second
)

// NewWatch makes a Watch. It reads and sends nothing.
func NewWatch(o Options) (*Watch, error) {
	if o.Book == nil && len(o.Webhooks) > 0 || o.Now == nil || len(o.Engines) == 0 {
		return nil, errors.New("alert: engines, a clock, and a book for webhooks are needed")
	}
	if o.Interval <= 0 {
		o.Interval = defaultInterval
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Ticks == nil {
		o.Ticks = func(every time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(every)
			return t.C, t.Stop
		}
	}
	w := &Watch{o: o, owner: newID(), langs: slices.Clone(o.Languages), post: newPoster(o.Timeout, o.Now), wake: map[string]chan struct{}{}}
	for _, h := range o.Webhooks {
		w.rules = append(w.rules, h.Rule)
		w.langs = append(w.langs, h.Language)
		w.wake[h.Name] = make(chan struct{}, 1)
	}
	return w, nil
}

// Run watches until ctx ends, and waits for what it started.
func (w *Watch) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, e := range w.o.Engines {
		all.Go(func() { w.follow(ctx, e) })
	}
	for _, h := range w.o.Webhooks {
		all.Go(func() { w.serve(ctx, h) })
	}
	all.Wait()
	w.post.close()
}

// follow looks at one engine again and again.
func (w *Watch) follow(ctx context.Context, e Engine) {
	ticks, stop := w.o.Ticks(w.o.Interval)
	defer stop()
	for {
		if err := w.Look(ctx, e); err != nil && ctx.Err() == nil {
			w.o.Logger.WarnContext(ctx, "the watch could not look", "engine", e.Name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

// Look looks at an engine once and puts what is new into the queues.
func (w *Watch) Look(ctx context.Context, e Engine) error {
	s, err := Scan(ctx, e, w.langs, w.o.Now())
	if err != nil {
		return err
	}
	if w.o.Seen != nil {
		w.o.Seen(s)
	}
	if len(w.rules) == 0 {
		return nil
	}
	full, err := w.o.Book.Observe(ctx, s, w.rules)
	if err != nil {
		return err
	}
	for _, name := range full {
		w.o.Logger.WarnContext(ctx, "a webhook's queue is full, so it is told nothing new until it takes messages again", "webhook", name)
	}
	for _, c := range w.wake {
		select {
		case c <- struct{}{}:
		default: // it was told already
		}
	}
	return nil
}

// serve sends what waits for one webhook.
func (w *Watch) serve(ctx context.Context, h Webhook) {
	ticks, stop := w.o.Ticks(sendEvery)
	defer stop()
	for {
		for ctx.Err() == nil {
			if more, err := w.Send(ctx, h); err != nil && ctx.Err() == nil {
				w.o.Logger.WarnContext(ctx, "a webhook's queue cannot be read", "webhook", h.Name, "error", err)
				break
			} else if !more {
				break
			}
		}
		select {
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
			_ = w.o.Book.release(end, h.Name, w.owner) // else its time runs out by itself
			cancel()
			return
		case <-ticks:
		case <-w.wake[h.Name]:
		}
	}
}

// Send sends the first message that waits for a webhook, if it is this process's turn and the time has come; it reports whether there may be more.
// What was taken and could not be noted, because the process died in between, is sent again: receivers know it by its id.
func (w *Watch) Send(ctx context.Context, h Webhook) (bool, error) {
	q, err := w.o.Book.claim(ctx, h.Name, w.owner, w.lease())
	if err != nil || q == nil {
		return false, err
	}
	sending, end := lingering(ctx, grace)
	out := w.post.send(sending, h, q.message)
	end()
	switch {
	case out.err == nil:
		w.o.Logger.DebugContext(ctx, "message sent", "webhook", h.Name, "id", q.message.ID, "events", len(q.message.Events))
		return true, w.o.Book.done(context.WithoutCancel(ctx), q)
	case ctx.Err() != nil:
		return false, nil // it was cut short here: that says nothing of the receiver
	case !out.again || q.attempts+1 >= maxAttempts:
		w.o.Logger.ErrorContext(ctx, "a message was given up", "webhook", h.Name, "id", q.message.ID, "events", len(q.message.Events), "attempts", q.attempts+1, "why", out.err.Error())
		return true, w.o.Book.done(ctx, q)
	}
	wait := max(out.after, backoff(q.attempts))
	w.o.Logger.WarnContext(ctx, "a message was not taken and is sent again later", "webhook", h.Name, "id", q.message.ID, "attempts", q.attempts+1, "wait", wait, "why", out.err.Error())
	return false, w.o.Book.later(ctx, q, w.o.Now().Add(wait))
}

// lingering gives a context that outlives its parent by a little, so that a message that was nearly taken is not sent again after a restart.
func lingering(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var late *time.Timer
	var mu sync.Mutex
	stop := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		late = time.AfterFunc(by, cancel)
	})
	return out, func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		if late != nil {
			late.Stop()
		}
		cancel()
	}
}

// lease is how long nobody else sends: longer than one delivery can take.
func (w *Watch) lease() time.Duration {
	timeout := w.o.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return 3*timeout + 10*time.Second
}

// backoff is how long to wait after so many attempts.
func backoff(attempts int) time.Duration {
	wait := firstWait
	for range attempts {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

// Flush sends what waits for all webhooks, each message once at most, and gives how many messages still wait. It is for a process that looks once and ends.
func (w *Watch) Flush(ctx context.Context) (waiting int, err error) {
	defer w.post.close()
	for _, h := range w.o.Webhooks {
		for range maxQueued {
			more, err := w.Send(ctx, h)
			if err != nil {
				return 0, err
			}
			if !more {
				break
			}
		}
		if err := w.o.Book.release(ctx, h.Name, w.owner); err != nil {
			return 0, err
		}
		n, err := w.o.Book.Waiting(ctx, h.Name)
		if err != nil {
			return 0, err
		}
		waiting += n
	}
	return waiting, nil
}
