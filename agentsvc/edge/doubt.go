package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// What a tool server may say of itself. Names are those that the settings take.
const (
	mostEngines    = 100
	mostCandidates = 20
	longestWords   = 1000 // bytes of one text in a problem
)

var nameOfEngine = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// sound looks at what a server says of itself, so that a server that talks nonsense costs its own engines and not everybody's: the tools of all are
// joined, and one that cannot be joined would leave nobody any. No tools at all would do the same, since only those are used that all have.
func (s *server) sound(engines []data.ConfiguredEngine, infos []toolkit.Info) error {
	if len(engines) > mostEngines {
		return fmt.Errorf("%d engines", len(engines))
	}
	for i, one := range engines {
		if !nameOfEngine.MatchString(one.Name) {
			return fmt.Errorf("an engine is named %.40q", one.Name)
		}
		if slices.ContainsFunc(engines[:i], func(o data.ConfiguredEngine) bool { return o.Name == one.Name }) {
			return fmt.Errorf("two engines are named %s", one.Name)
		}
	}
	var own []toolkit.Tool
	var plan []toolkit.Tool
	for _, info := range infos {
		if info.Name == "" {
			return errors.New("a tool has no name")
		}
		own = append(own, proxy{info: info})
		if info.Name == knowledgeTool {
			continue
		}
		schema, err := without(info.InputSchema, engineArgument)
		if err != nil {
			return fmt.Errorf("tool %s: %w", info.Name, err)
		}
		info.InputSchema = schema
		plan = append(plan, proxy{info: info})
	}
	if len(engines) > 0 && len(plan) == 0 {
		return errors.New("engines and no tools")
	}
	if _, err := toolkit.NewSet(own...); err != nil {
		return err
	}
	if len(engines) == 0 {
		return nil
	}
	joined, err := toolkit.Choose(engineArgument, engineDoc, toolkit.Choice{Name: engines[0].Name, Tools: plan})
	if err != nil {
		return err
	}
	_, err = toolkit.NewSet(append(joined, proxy{info: toolkit.Info{Name: knowledgeTool}})...) // another server may have it
	return err
}

// health asks for the health of the server's engines: each that it has, and none that it has not said to have.
func (s *server) health(ctx context.Context) []data.EngineHealth {
	ctx, cancel := context.WithTimeout(auth.WithoutCaller(ctx), askedFor)
	defer cancel()
	raw, _, err := s.get(ctx, "/api/health/tws", nil, http.StatusServiceUnavailable)
	var body data.EngineHealths
	if err == nil {
		if err = json.Unmarshal(raw, &body); err != nil || len(body.Engines) == 0 {
			err = s.nonsense(err)
		}
	}
	known, _, _ := s.said()
	if len(known) == 0 { // something must say that it is missing
		known = []data.ConfiguredEngine{{Name: s.o.Name}}
	}
	var out []data.EngineHealth
	for _, one := range known {
		out = append(out, s.healthOf(one, body.Engines, err))
	}
	return out
}

// healthOf is the health of one engine as the server tells it; err is why it tells none.
func (s *server) healthOf(one data.ConfiguredEngine, told []data.EngineHealth, err error) data.EngineHealth {
	at := slices.IndexFunc(told, func(h data.EngineHealth) bool { return h.Engine == one.Name })
	if err == nil && at >= 0 && slices.Contains([]string{data.OK, data.Degraded, data.Down}, told[at].Status) {
		h := told[at]
		h.Detail = words(h.Detail)
		return h
	}
	if err == nil {
		err = s.nonsense(nil)
	}
	p := fault.Public(err)
	return data.EngineHealth{Engine: one.Name, Mode: one.Mode, Status: data.Down, Code: string(p.Code), Detail: p.Message}
}

// problem reads a problem document (RFC 9457).
func (s *server) problem(status int, raw []byte) error {
	var p struct {
		Code       fault.Code `json:"code"`
		Detail     string     `json:"detail"`
		Hint       string     `json:"hint"`
		Source     string     `json:"source"`
		Candidates []string   `json:"candidates"`
	}
	if status < http.StatusBadRequest || json.Unmarshal(raw, &p) != nil || !slices.Contains(fault.Codes(), p.Code) || p.Detail == "" {
		return fault.New(fault.UpstreamUnavailable, "The tool server %s answered with status %d.", s.o.Name, status).WithSource(s.source())
	}
	var candidates []string
	for _, one := range p.Candidates[:min(len(p.Candidates), mostCandidates)] {
		candidates = append(candidates, words(one))
	}
	return s.denied(&fault.Error{Code: p.Code, Message: words(p.Detail), Hint: words(p.Hint), Source: words(p.Source), Candidates: candidates})
}

// words are what a server says to people: one line of a length to be read.
func words(text string) string {
	text = untrusted.Normalize(text[:min(len(text), 2*longestWords)])
	if len(text) > longestWords {
		return untrusted.Normalize(text[:longestWords]) + "…"
	}
	return text
}

// envelope reads the answer of one engine. One that is another engine's, or has no data, is none.
func (s *server) envelope(raw []byte, engine string) (*toolkit.Envelope, error) {
	var e toolkit.Envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, s.nonsense(err)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(e.Data), []byte("{")) {
		return nil, s.nonsense(errors.New("it has no data"))
	}
	if e.Engine.Name != engine {
		return nil, s.nonsense(fmt.Errorf("it is an answer of engine %.40q, not of %s", e.Engine.Name, engine))
	}
	return &e, nil
}
