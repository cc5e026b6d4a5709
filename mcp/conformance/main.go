// Command conformance is the server that the official MCP conformance suite is run against: the product's HTTP stack (mcpserver's endpoint
// behind httpd's guards) over the tools, resources and prompts that the suite asks for by name. It is never part of the product.
//
// deploy/test/conformance builds and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and says on standard output where.
func run(ctx context.Context) error {
	listen := flag.String("listen", "127.0.0.1:0", "loopback address")
	sessions := flag.Bool("sessions", false, "as resync mcp --sessions")
	flag.Parse()
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	endpoint := mcpserver.Around(fixture(), logger).Handler(mcpserver.HTTPOptions{Sessions: *sessions})
	defer endpoint.Close() //nolint:errcheck // it never fails
	mux := http.NewServeMux()
	mux.Handle("/mcp", httpd.Chain(endpoint, asLocal, httpd.RateLimit(60_000, time.Minute)))
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", *listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	srv := &http.Server{Handler: httpd.Guards(httpd.Options{Logger: logger, MaxBody: 64 << 10})(mux), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	fmt.Printf("http://%s/mcp\n", ln.Addr())
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// asLocal names every caller, as resync mcp does without authentication.
func asLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Local())))
	})
}

// fixture makes the server that the suite expects.
func fixture() *server.MCPServer {
	s := server.NewMCPServer("resync-conformance", "1.0.0", server.WithToolCapabilities(true), server.WithResourceCapabilities(true, true),
		server.WithPromptCapabilities(true), server.WithLogging(), server.WithElicitation(), server.WithCompletions(),
		server.WithPromptCompletionProvider(cities{}), server.WithCacheHints(60_000, mcp.CacheScopePrivate))
	s.EnableSampling()
	contents(s)
	notifying(s)
	asking(s)
	rounds(s)
	changing(s)
	resources(s)
	prompts(s)
	return s
}

// text is the result of one piece of text.
func text(format string, args ...any) *mcp.CallToolResult {
	return mcp.NewToolResultText(fmt.Sprintf(format, args...))
}
