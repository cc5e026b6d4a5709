package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

// maxToken bounds a file with a token, in bytes.
const maxToken = 16 << 10

// remoteTools connects to the tools of another server. A server that cannot be reached is no error here: the answer says so.
func (p *program) remoteTools(ctx context.Context, s *site, url, tokenFile string) (toolkit.Caller, error) {
	token, err := readToken(tokenFile)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the library's own
	s.closers = append(s.closers, func() error { transport.CloseIdleConnections(); return nil })
	caller, closer, err := mcpclient.Later(ctx, func(ctx context.Context) (toolkit.Caller, io.Closer, error) {
		return mcpclient.HTTP(ctx, url, token, mcpclient.HTTPOptions{Transport: transport})
	})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, closer.Close)
	return caller, nil
}

// readToken reads the one line of a file; no file is no token.
func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path) //nolint:gosec // the caller's own choice
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The file %s cannot be read.", path)
	}
	defer f.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, maxToken))
	token := strings.TrimSpace(string(raw))
	if err != nil || token == "" || strings.ContainsAny(token, " \t\r\n") {
		return "", fault.New(fault.Invalid, "The file %s does not hold one token.", path)
	}
	return token, nil
}
