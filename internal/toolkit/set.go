package toolkit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// maxTools is how many tools one server offers: models choose worse among more, and every one costs tokens in every turn.
const maxTools = 16

// Set is a fixed number of tools under their names, with the audit hook and the log of their failures. Safe for concurrent use.
type Set struct {
	tools   []Tool
	byName  map[string]Tool
	audit   Audit
	watches []Watch
	logger  *slog.Logger
	now     func() time.Time
}

// NewSet makes a set, ordered by name. Duplicate names and more than 16 tools are errors.
func NewSet(tools ...Tool) (*Set, error) {
	if len(tools) > maxTools {
		return nil, fmt.Errorf("a tool set has %d tools, more than %d", len(tools), maxTools)
	}
	s := &Set{byName: make(map[string]Tool, len(tools)), logger: slog.New(slog.DiscardHandler), now: time.Now}
	for _, t := range tools {
		name := t.Info().Name
		if s.byName[name] != nil {
			return nil, fmt.Errorf("two tools are named %s", name)
		}
		s.byName[name] = t
		s.tools = append(s.tools, t)
	}
	slices.SortFunc(s.tools, func(a, b Tool) int { return strings.Compare(a.Info().Name, b.Info().Name) })
	return s, nil
}

// WithAudit returns the set with a hook that is called after every call.
func (s *Set) WithAudit(audit Audit) *Set {
	c := *s
	c.audit = audit
	return &c
}

// WithLogger returns the set with a log for the causes of failed calls; nothing else of a failure ever shows them.
func (s *Set) WithLogger(logger *slog.Logger) *Set {
	c := *s
	c.logger = logger
	return &c
}

// Tools lists the tools by name.
func (s *Set) Tools() []Tool { return slices.Clone(s.tools) }

// Toolsets lists the sets that the tools belong to, by name.
func (s *Set) Toolsets() []string {
	var out []string
	for _, t := range s.tools {
		if name := t.Info().Toolset; name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Call runs the tool of that name. Every failure, an unknown name too, is a Result with Error.
func (s *Set) Call(ctx context.Context, name string, args json.RawMessage) Result {
	return s.watched(ctx, name, args, func(ctx context.Context) (Result, error) { return s.run(ctx, name, args) })
}

// Refused tells the audit hook and the watches of a call that was refused before it came to the set, as if the set had refused it. A name that is no
// tool of the set is told as "": who is refused chooses no words of the trail.
func (s *Set) Refused(ctx context.Context, name string, args json.RawMessage, why error) {
	if s.byName[name] == nil {
		name = ""
	}
	if s.audit != nil || len(s.watches) > 0 {
		s.watched(ctx, name, args, func(ctx context.Context) (Result, error) { return failure(ctx, why), why })
	}
}

// watched runs a call under the eyes of the log, the watches and the audit hook.
func (s *Set) watched(ctx context.Context, name string, args json.RawMessage, run func(context.Context) (Result, error)) Result {
	if Correlation(ctx) == "" {
		ctx = WithCorrelation(ctx, NewCorrelation())
	}
	start := s.now()
	ctx, end := s.begin(ctx, name)
	r, err := run(ctx)
	if err != nil {
		s.logFailure(ctx, name, err)
	}
	if s.audit == nil && len(s.watches) == 0 {
		return r
	}
	a := s.record(ctx, name, args, r, start)
	end(&a)
	if s.audit != nil {
		s.audit(ctx, a)
	}
	return r
}

func (s *Set) run(ctx context.Context, name string, args json.RawMessage) (Result, error) {
	t := s.byName[name]
	if t == nil {
		err := fault.New(fault.NotFound, "There is no tool %q.", clip(name)).WithCandidates(s.names()...)
		return failure(ctx, err), err
	}
	if err := refusal(ctx, name, t.Info().Toolset); err != nil {
		return failure(ctx, err), err
	}
	return callTool(ctx, t, args)
}

func (s *Set) names() []string {
	out := make([]string, len(s.tools))
	for i, t := range s.tools {
		out[i] = t.Info().Name
	}
	return out
}

// logFailure writes causes that the caller does not see. A caller's own mistakes are not worth a warning.
func (s *Set) logFailure(ctx context.Context, name string, err error) {
	level := slog.LevelWarn
	code := fault.CodeOf(err)
	if errors.Is(ctx.Err(), context.Canceled) {
		code = fault.Invalid // whoever asked has gone: nothing is wrong here
	}
	switch code {
	case fault.Invalid, fault.NotFound, fault.Ambiguous, fault.Unsupported, fault.Limited, fault.Forbidden:
		level = slog.LevelDebug
	case fault.Internal:
		level = slog.LevelError
	}
	s.logger.LogAttrs(ctx, level, "tool call failed", slog.String("tool", name),
		slog.String("correlation_id", Correlation(ctx)), slog.String("error", err.Error()))
}

func (s *Set) record(ctx context.Context, name string, args json.RawMessage, r Result, start time.Time) AuditRecord {
	a := AuditRecord{Tool: name, ArgsHash: ArgsHash(args), At: start, Duration: s.now().Sub(start), CorrelationID: Correlation(ctx), ResultBytes: len(r.Text)}
	if c, ok := auth.CallerFrom(ctx); ok {
		a.CallerID, a.CallerName, a.By, a.Via, a.Role = c.ID, c.Name, c.By, c.Via, string(c.Role)
	}
	if r.Envelope != nil {
		a.Engine, a.UpstreamCalls = r.Envelope.Engine.Name, r.Envelope.UpstreamCalls
		a.ResultBytes += r.Envelope.size()
	}
	if r.Error != nil {
		a.ErrorCode = r.Error.Code
	}
	return a
}

// ArgsHash is SHA-256 of the arguments, hex. It is the same for arguments that differ in the order of members or in white space only, and for none
// and an empty object.
func ArgsHash(args json.RawMessage) string {
	canonical := []byte(args)
	if text := bytes.TrimSpace(args); len(text) == 0 || string(text) == "null" {
		canonical = []byte("{}")
	} else if v, err := parse(args); err == nil {
		if b, err := json.Marshal(v); err == nil {
			canonical = b
		}
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// Local gives the set as a Caller, for use without a server in between.
func Local(s *Set) Caller { return local{s} }

type local struct{ set *Set }

// Tools lists the set's tools as the caller of the context sees them.
func (l local) Tools(ctx context.Context) ([]Info, error) { return l.set.Offered(ctx), nil }

// Call calls a tool of the set.
func (l local) Call(ctx context.Context, name string, args json.RawMessage) (Result, error) {
	return l.set.Call(ctx, name, args), nil
}
