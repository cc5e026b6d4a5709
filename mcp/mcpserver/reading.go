package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// outcomeKey is where read puts what it found for the handler. What a client writes there itself is no outcome.
const outcomeKey = "resync/outcome"

// outcome is what was read, or why not.
type outcome struct {
	contents []mcp.ResourceContents
	err      error
}

// read reads a resource before the library looks for its handler, and leaves the outcome for that.
//
// It stands here because the library answers every error of a handler as -32603. What does not exist must be -32002, and -32602 from 2026-07-28 on; so
// such a request gets an address that no template fits, which says why (refused), and the library gives it the code of its revision.
func (s *Server) read(ctx context.Context, _ any, req *mcp.ReadResourceRequest) {
	ctx = correlated(ctx)
	asked := req.Params.URI
	a, err := s.admit(ctx, asked)
	var o outcome
	if err == nil {
		o = s.fetch(ctx, a, asked)
		err = o.err
	}
	if err != nil && theirs(err) {
		req.Params.URI = refused(said(ctx, err))
		return
	}
	if err != nil {
		o.err = errors.New(said(ctx, err))
	}
	req.Params.URI = a.String()
	req.Params.Meta = &mcp.Meta{AdditionalFields: map[string]any{outcomeKey: o}}
}

// delivered hands over what read left.
func delivered(req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	if req.Params.Meta != nil {
		if o, ok := req.Params.Meta.AdditionalFields[outcomeKey].(outcome); ok {
			return o.contents, o.err
		}
	}
	return nil, errors.New("internal: Something went wrong inside Resync.")
}

// theirs reports whether the error is about what was asked for, not about whether it could be read just now.
func theirs(err error) bool {
	switch fault.CodeOf(err) {
	case fault.NotFound, fault.Ambiguous, fault.Invalid, fault.Forbidden, fault.Unsupported:
		return true
	}
	return false
}

// correlated gives the context an id that the log and the error share.
func correlated(ctx context.Context) context.Context {
	if toolkit.Correlation(ctx) == "" {
		return toolkit.WithCorrelation(ctx, toolkit.NewCorrelation())
	}
	return ctx
}

// said is what may be shown of an error, in one line.
func said(ctx context.Context, err error) string {
	p := fault.Public(err)
	text := (&toolkit.ErrorBody{Code: string(p.Code), Message: p.Message, Hint: p.Hint, Candidates: p.Candidates}).Text()
	return strings.Join(strings.Fields(text), " ") + " (id " + toolkit.Correlation(ctx) + ")"
}

// admit takes the address apart and says why it cannot be read, as far as that needs no reading.
func (s *Server) admit(ctx context.Context, uri string) (address, error) {
	a, ok := parseAddress(uri)
	if !ok {
		return a, fault.New(fault.NotFound, "There is no such resource.").WithHint("resources/templates/list has the forms of addresses; what is filled in is percent-encoded.")
	}
	if !s.own[a.toolOf()] || a.template == documentTemplate && s.documents == nil {
		return a, fault.New(fault.NotFound, "Such resources are not offered here.")
	}
	if a.template == documentTemplate {
		if !s.open(ctx, toolKnowledge) {
			return a, fault.New(fault.Forbidden, "Documents belong to the toolset %s, which is not selected, or not open to your key or token.", s.setOf[toolKnowledge])
		}
		return a, nil
	}
	// An engine that the caller may not read and one that does not exist are told alike.
	if engines := s.enginesOf(ctx); !slices.Contains(engines, a.engine) {
		return a, fault.New(fault.NotFound, "There is no engine %q.", clip(a.engine)).WithCandidates(engines...)
	}
	switch a.template {
	case jobTemplate, logTemplate:
		if !jobKey.MatchString(a.name) {
			return a, fault.New(fault.Invalid, "%q is no job's key.", clip(a.name)).WithHint("Use WORKSTATION#STREAM.JOB, or #J and its number, percent-encoded (# is %%23); find_jobs finds them.")
		}
	case workstationTemplate:
		if strings.ContainsAny(a.name, "@?* \t\r\n") {
			return a, fault.New(fault.Invalid, "%q is no workstation's name.", clip(a.name)).WithHint("list_workstations takes patterns.")
		}
	}
	return a, nil
}

// jobKey is the operator's form of one job: words, for which a tool would look through descriptions, name no resource. The only blanks are
// those of an instance's time.
var jobKey = regexp.MustCompile(`^[^\s#]*#[^\s#(\[]+(\[?\([^#]*\)\]?)?[^\s#]*$`)

// fetch reads what an address names.
func (s *Server) fetch(ctx context.Context, a address, uri string) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			s.logger.LogAttrs(ctx, slog.LevelError, "reading a resource failed", slog.String("correlation_id", toolkit.Correlation(ctx)),
				slog.String("error", fmt.Sprintf("panic: %v\n%s", p, debug.Stack())))
			o = outcome{err: fault.New(fault.Internal, "Something went wrong inside Resync.")}
		}
	}()
	mime := "text/plain"
	var r toolkit.Result
	if a.template == documentTemplate {
		mime = "text/markdown"
		r = s.documents.Read(ctx, a.name, a.section)
	} else {
		raw, err := a.arguments()
		if err != nil {
			return outcome{err: err}
		}
		r = s.tools.Call(ctx, a.toolOf(), raw)
	}
	if r.Error != nil {
		return outcome{err: &fault.Error{Code: fault.Code(r.Error.Code), Message: r.Error.Message, Hint: r.Error.Hint, Candidates: r.Error.Candidates}}
	}
	if a.template == workstationTemplate && listedNone(r.Envelope) {
		return outcome{err: fault.New(fault.NotFound, "There is no workstation %s.", clip(a.name)).WithHint("list_workstations lists them.")}
	}
	raw, err := json.Marshal(r.Envelope)
	if err != nil {
		return outcome{err: err}
	}
	return outcome{contents: []mcp.ResourceContents{
		mcp.TextResourceContents{URI: uri, MIMEType: mime, Text: r.Text},
		mcp.TextResourceContents{URI: uri, MIMEType: "application/json", Text: string(raw)},
	}}
}

// arguments are what the tool of an address in the plan is called with.
func (a address) arguments() (json.RawMessage, error) {
	args := map[string]any{"engine": a.engine}
	switch a.template {
	case jobTemplate, logTemplate:
		args["job"] = a.name
	case workstationTemplate:
		args["name"] = a.name
	}
	return json.Marshal(args)
}

// listedNone reports whether a list of workstations is empty.
func listedNone(e *toolkit.Envelope) bool {
	var list struct {
		Workstations []json.RawMessage `json:"workstations"`
	}
	return json.Unmarshal(e.Data, &list) == nil && len(list.Workstations) == 0
}

// clip shortens what a client sent before it is repeated.
func clip(text string) string {
	const most = 200
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
