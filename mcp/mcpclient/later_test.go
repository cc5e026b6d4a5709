package mcpclient_test

import (
	"context"
	"encoding/json"
	"io"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

// A server that is away at first is used as soon as it is there, over one connection; what can never do is told at once.
func TestLater(t *testing.T) {
	set, _ := tools(t)
	server := newServer(set)
	away, connects := true, 0
	c, closer, err := mcpclient.Later(t.Context(), func(ctx context.Context) (toolkit.Caller, io.Closer, error) {
		if away {
			return nil, nil, fault.New(fault.UpstreamUnavailable, "Nobody is there.")
		}
		connects++
		return mcpclient.InProcess(ctx, server)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tools(t.Context()); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("tools of nobody: %v", err)
	}
	if r, err := c.Call(t.Context(), "echo", nil); !fault.Is(err, fault.UpstreamUnavailable) {
		t.Errorf("a call to nobody: %s %v", dump(r), err)
	}
	away = false
	for range 2 {
		if r, err := c.Call(t.Context(), "echo", json.RawMessage(`{"zeta":"x"}`)); err != nil || r.Envelope == nil {
			t.Errorf("somebody is there: %s %v", dump(r), err)
		}
	}
	if infos, err := c.Tools(t.Context()); err != nil || len(infos) != 2 || connects != 1 {
		t.Errorf("%d tools, %d connections, %v", len(infos), connects, err)
	}
	if err := closer.Close(); err != nil {
		t.Error(err)
	}

	_, _, err = mcpclient.Later(t.Context(), func(context.Context) (toolkit.Caller, io.Closer, error) {
		return nil, nil, fault.New(fault.Unauthorized, "No.")
	})
	if !fault.Is(err, fault.Unauthorized) {
		t.Errorf("a token that will never do: %v", err)
	}
	_, closer, err = mcpclient.Later(t.Context(), func(context.Context) (toolkit.Caller, io.Closer, error) {
		return nil, nil, fault.New(fault.Timeout, "Nobody answers.")
	})
	if err != nil || closer.Close() != nil {
		t.Errorf("never connected: %v", err)
	}
}
