package data

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

// Feed tells what changes in the plans. However many ask, each engine is read once.
type Feed interface {
	// Last is the number of the engine's latest change: whoever wants only what comes begins after it.
	Last(ctx context.Context, engine string) (uint64, error)
	// After gives the changes after one, and waits for them until ctx ends; then its error is that of a read that was given up.
	After(ctx context.Context, engine string, since uint64) (Changes, error)
}

// Changes are what a Feed gives.
type Changes struct {
	Events []tools.EventRow // oldest first
	Next   uint64           // to ask with the next time
	// Gap: changes are lost. Whoever keeps a picture of the plan must read it anew.
	Gap bool
}

// Bounds of event streams.
const (
	maxStreams       = 1000
	streamsPerCaller = 20
	defaultHeartbeat = 15 * time.Second
)

// eventsInput names the engine and the event after which to go on.
type eventsInput struct {
	operation.Request
	EngineChoice
	Seconds     int    `query:"seconds" minimum:"1" maximum:"900" default:"900" doc:"How long the stream lasts at most."`
	LastEventID string `header:"Last-Event-ID" maxLength:"20" doc:"The id of the last event that you have: the stream goes on behind it, or begins with gap when that is too long ago."`
}

// Ready is the data of the event ready, the first one of a stream.
type Ready struct {
	Engine string `json:"engine"`
	Seq    uint64 `json:"seq" doc:"What comes has greater numbers."`
}

// Gap is the data of the event gap.
type Gap struct {
	Engine string `json:"engine"`
	Reason string `json:"reason" doc:"What to do about it."`
}

const aboutEvents = "What changes in one engine's plan, as it is seen: `status`, `run_started`, `run_ended`, `property` (limit, fence, link, priority, units, a prompt's state), `appeared`, `left` and `plan_turned`. " +
	"The first event is `ready`. `gap` says that events are lost: read anew what you show. The server reads the engine once, however many listen. " +
	"Send `Last-Event-ID` to go on where you were; browsers do so by themselves. A stream ends after 15 minutes, and with the server; come again then."

// changeKinds are the kinds of changes, each an event of its own.
var changeKinds = []struct{ name, doc string }{
	{"appeared", "Something is in the plan that was not."}, {"left", "Something is no longer in the plan."}, {"status", "The status of a job or job stream has changed."},
	{"run_started", "A run has started."}, {"run_ended", "A run has ended."}, {"property", "A limit, fence, link, priority, number of units or the state of a prompt has changed."},
	{"plan_turned", "There is a new plan: names of instances in the old one are void."},
}

// IsChange reports whether a kind is one of those that GET /api/events tells.
func IsChange(kind string) bool {
	return slices.ContainsFunc(changeKinds, func(k struct{ name, doc string }) bool { return k.name == kind })
}

func (a *API) registerEvents(s *operation.Set) {
	kinds := []operation.Event{{Name: "ready", Data: Ready{}, Doc: "The first event of a stream."}, {Name: "gap", Data: Gap{}, Doc: "Events are lost: read anew what you show."}}
	for _, k := range changeKinds {
		kinds = append(kinds, operation.Event{Name: k.name, Data: tools.EventRow{}, Doc: k.doc})
	}
	operation.RegisterEvents(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/events", ID: "followEvents", Tag: tagPlan, Summary: "Follow what changes", Gives: "A stream of events", Description: aboutEvents,
		Fails: []fault.Code{fault.NotFound, fault.Unsupported, fault.UpstreamUnavailable},
	}, kinds, a.events)
}

// events answers GET /api/events.
func (a *API) events(ctx context.Context, in *eventsInput, begin func() (*operation.Sender, error)) (*struct{}, error) {
	if a.o.Feed == nil || a.o.Engines == nil {
		return nil, fault.New(fault.Unsupported, "This server does not follow a plan.")
	}
	engine, err := pick(open(ctx, a.o.Engines(ctx)), in.Engine)
	if err != nil {
		return nil, err
	}
	since := uint64(0)
	if in.LastEventID != "" {
		if since, err = strconv.ParseUint(in.LastEventID, 10, 64); err != nil || since == math.MaxUint64 {
			return nil, fault.New(fault.Invalid, "Last-Event-ID is not the id of an event.")
		}
	} else if since, err = a.o.Feed.Last(ctx, engine); err != nil {
		return nil, err
	}
	leave, err := a.streams.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	to, err := begin()
	if err != nil || in.HTTP().Method == http.MethodHead {
		return nil, err
	}
	// After its time the browser comes again by itself, and who it is and what it may is looked at anew.
	ctx, cancel := context.WithTimeout(ctx, time.Duration(in.Seconds)*time.Second)
	defer cancel()
	if a.o.Life != nil {
		defer context.AfterFunc(a.o.Life, cancel)()
	}
	return nil, a.follow(ctx, engine, since, to)
}

// pick gives the engine of a name, the first one for "".
func pick(all []ConfiguredEngine, name string) (string, error) {
	if len(all) == 0 {
		return "", fault.New(fault.Forbidden, "You may read no engine of this server.").WithHint("Your key or token names others; it needs the scope %s of one that is here.", auth.EngineScope("NAME"))
	}
	if name == "" {
		return all[0].Name, nil
	}
	var names []string
	for _, e := range all {
		if strings.EqualFold(e.Name, name) {
			return e.Name, nil
		}
		names = append(names, e.Name)
	}
	return "", fault.New(fault.NotFound, "There is no engine %q.", name).WithHint("These are open to you.").WithCandidates(names...)
}

// follow writes events until the caller leaves, the stream's time is over or the server ends. A caller who reads too slowly holds up nobody: what
// they miss is a gap, and one event that does not leave ends the stream.
func (a *API) follow(ctx context.Context, engine string, since uint64, to *operation.Sender) error {
	if err := to.Event(strconv.FormatUint(since, 10), "ready", Ready{engine, since}); err != nil {
		return err
	}
	for ctx.Err() == nil {
		c, err := a.next(ctx, engine, since)
		switch {
		case ctx.Err() != nil:
			return nil
		case fault.Is(err, fault.Timeout) || errors.Is(err, context.DeadlineExceeded):
			if err := to.Comment("heartbeat"); err != nil {
				return err
			}
			continue
		case err != nil:
			return nil //nolint:nilerr // the reader is closed, or the tool server is away: whoever listens comes again
		}
		if c.Gap {
			if err := to.Event(strconv.FormatUint(c.Next, 10), "gap", Gap{engine, "Events are lost; read anew what you show."}); err != nil {
				return err
			}
		}
		for _, e := range c.Events {
			if err := to.Event(strconv.FormatUint(e.Seq, 10), e.Kind, e); err != nil {
				return err
			}
		}
		since = c.Next
	}
	return nil
}

func (a *API) next(ctx context.Context, engine string, since uint64) (Changes, error) {
	beat := a.o.Heartbeat
	if beat <= 0 {
		beat = defaultHeartbeat
	}
	ctx, cancel := context.WithTimeout(ctx, beat)
	defer cancel()
	return a.o.Feed.After(ctx, engine, since)
}

// streams counts who listens.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string]int
}

// enter lets one more in; limited when there are too many. The caller of the context counts.
func (s *streams) enter(ctx context.Context) (leave func(), err error) {
	c, _ := auth.CallerFrom(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]int{}
	}
	if s.all >= maxStreams || s.of[c.ID] >= streamsPerCaller && c.By == "" {
		return nil, fault.New(fault.Limited, "Too many streams of events are open.").WithHint("Close some; one stream an engine is enough.")
	}
	s.all++
	s.of[c.ID]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.of[c.ID]--; s.of[c.ID] == 0 {
			delete(s.of, c.ID)
		}
	}), nil
}
