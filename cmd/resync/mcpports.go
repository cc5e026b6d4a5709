package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/mcp/mcpserver"
	"github.com/resync-hwa/resync/twstools/reader"
)

// readDocument is the tool of the knowledge room that reads a document.
const readDocument = "read_document"

// documents adapts the knowledge room to the resources of the MCP server. Reading is a tool call like any other, so that it is bounded, watched and
// audited alike; only no model is offered the tool.
type documents struct {
	base   *knowledge.Base
	set    *toolkit.Set
	logger *slog.Logger
}

func (s *site) documents(base *knowledge.Base) (documents, error) {
	tool, err := knowledge.ReadTool(base)
	if err != nil {
		return documents{}, fault.Wrap(fault.Internal, err, "Reading documents cannot be defined.")
	}
	set, err := toolkit.NewSet(tool)
	if err != nil {
		return documents{}, fault.Wrap(fault.Internal, err, "Reading documents cannot be offered.")
	}
	return documents{base, s.instruments.watched(set.WithLogger(s.logger)).WithAudit(s.audit), s.logger}, nil
}

// List gives the documents that are there; none while the shelf does not answer.
func (d documents) List(ctx context.Context) []mcpserver.Document {
	all, err := d.base.Documents(ctx)
	if err != nil {
		d.logger.WarnContext(ctx, "the documents cannot be listed", "error", err)
		return nil
	}
	out := make([]mcpserver.Document, len(all))
	for i := range all {
		d := &all[i]
		out[i] = mcpserver.Document{Name: d.Path, Title: untrusted.Normalize(d.Title), Description: described(d), Size: int(d.Size), Site: d.Site}
	}
	return out
}

// described says what a document is, for people who choose one.
func described(d *library.Document) string {
	what := "Document that comes with Resync"
	if d.Site {
		what = "Document of this site"
	}
	switch d.Language {
	case knowledge.English:
		what += ", in English"
	case knowledge.Portuguese:
		what += ", in Portuguese"
	}
	return fmt.Sprintf("%s; %d sections.", what, d.Sections)
}

// Sections gives the slugs of a document.
func (d documents) Sections(ctx context.Context, document string) []string {
	sections, err := d.base.Sections(ctx, document)
	if err != nil {
		return nil // unknown, most likely: somebody is still typing its name
	}
	out := make([]string, len(sections))
	for i := range sections {
		out[i] = sections[i].Slug
	}
	return out
}

// Read reads a document or a section of it.
func (d documents) Read(ctx context.Context, document, section string) toolkit.Result {
	args, err := json.Marshal(knowledge.ReadIn{Document: document, Section: section})
	if err != nil {
		return toolkit.Result{Error: &toolkit.ErrorBody{Code: string(fault.Internal), Message: "Something went wrong inside Resync."}}
	}
	return d.set.Call(ctx, readDocument, args)
}

// Refused audits a reading that was refused.
func (d documents) Refused(ctx context.Context, document, section string, why error) {
	args, err := json.Marshal(knowledge.ReadIn{Document: document, Section: section})
	if err == nil { // two texts always marshal
		d.set.Refused(ctx, readDocument, args, why)
	}
}

// planNames completes names from each engine's own index.
type planNames struct{ site *site }

// Names gives names of one engine's plan.
func (n planNames) Names(ctx context.Context, w mcpserver.Wanted) (names []string, total int, err error) {
	for _, e := range n.site.engines {
		if e.name == w.Engine {
			return e.tools.Names(ctx, reader.Wanted{Kind: w.Kind, Typed: w.Typed, Stream: w.Stream, Workstation: w.Workstation, Limit: w.Limit})
		}
	}
	return nil, 0, fault.New(fault.NotFound, "There is no engine %q.", w.Engine)
}

// names lists the engines by name, the one that answers by default first.
func (s *site) names() []string {
	out := make([]string, len(s.engines))
	for i, e := range s.engines {
		out[i] = e.name
	}
	return out
}
