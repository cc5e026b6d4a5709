// Command product offers the tool through Resync's own layers: the tool kernel and its MCP server; with -guards also what stands before them in resync serve:
// the HTTP guards with their access log, a bearer token, a rate limit that is never reached, and the audit of each call.
package main

import (
	"context"
	"crypto/subtle"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/bench/jobs"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// token is what the guarded server asks for; the load generator knows it.
const token = "bench"

func main() {
	guards := flag.Bool("guards", false, "with everything that stands before the tools in resync serve")
	plan := jobs.New()
	tool := toolkit.MustDefine(toolkit.Spec{Name: jobs.Name, Title: jobs.Title, Description: jobs.Description},
		func(_ context.Context, in jobs.In) (toolkit.Reply[jobs.Out], error) {
			out := plan.List(in)
			return toolkit.Reply[jobs.Out]{Data: out, Text: out.Text()}, nil
		})
	server := func() *mcpserver.Server {
		set, err := toolkit.NewSet(tool)
		if err != nil {
			panic(err)
		}
		logger := slog.New(slog.DiscardHandler)
		if *guards {
			logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
			set = set.WithLogger(logger).WithAudit(func(ctx context.Context, a toolkit.AuditRecord) {
				logger.InfoContext(ctx, "tool call", "tool", a.Tool, "caller", a.CallerID, "args_hash", a.ArgsHash, "bytes", a.ResultBytes, "duration_ms", a.Duration.Milliseconds(),
					"error", a.ErrorCode, "correlation_id", a.CorrelationID)
			})
		}
		return mcpserver.New(mcpserver.Options{Tools: set, Name: "bench", Title: "Bench", Version: "1", Logger: logger})
	}
	jobs.Serve(
		func() error { return server().ServeStdio(context.Background(), os.Stdin, os.Stdout) },
		func() http.Handler {
			h := server().Handler(mcpserver.HTTPOptions{})
			if !*guards {
				return h
			}
			logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
			return httpd.Chain(h, httpd.Guards(httpd.Options{Logger: logger}), bearer, httpd.RateLimit(1<<30, time.Minute))
		})
}

// bearer lets in who knows the token.
func bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) != 1 {
			httpd.Problem(w, r, fault.New(fault.Unauthorized, "The token is not known."))
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{ID: "bench", Role: auth.Viewer})))
	})
}
