package mcpclient

import (
	"context"
	"encoding/json"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// speaker says with each call for whom it is made: the caller of the call's context, signed with the token. Calls without one are made for the
// program itself.
type speaker struct {
	toolkit.Caller
	token string
	now   func() time.Time
}

// speakerOver makes a speaker; a token is needed, since the key comes from it. A nil clock means time.Now.
func speakerOver(c toolkit.Caller, token string, now func() time.Time) speaker {
	if now == nil {
		now = time.Now
	}
	return speaker{c, token, now}
}

// Call calls a tool for the caller of the context.
func (s speaker) Call(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	if c, ok := auth.CallerFrom(ctx); ok {
		text, err := auth.SignCaller(s.token, c, s.now())
		if err != nil {
			return toolkit.Result{}, fault.Wrap(fault.Internal, err, "It cannot be told to the tool server who is asking.")
		}
		ctx = context.WithValue(ctx, spokenKey{}, text)
	}
	return s.Caller.Call(ctx, name, args)
}

type spokenKey struct{}

// spoken is the _meta of a call: what a speaker has put into the context, else nothing.
func spoken(ctx context.Context) *mcp.Meta {
	text, ok := ctx.Value(spokenKey{}).(string)
	if !ok {
		return nil
	}
	return mcp.NewMetaFromMap(map[string]any{auth.MetaCaller: text})
}
