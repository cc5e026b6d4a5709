package mcpserver

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/telemetry"
)

// noteMessage tells the metrics what came, and tool calls by which door; and continues the trace that the headers name.
func noteMessage(_ http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error) {
	protocol := r.Header.Get(mcp.HeaderProtocolVersion)
	if protocol == "" {
		_ = json.Unmarshal(q.meta[mcp.MetaKeyProtocolVersion], &protocol) // what is no text is no version
	}
	telemetry.NoteMessage(r.Context(), string(q.method), mcp.IsModernProtocol(protocol))
	if !mcp.IsValidProtocolVersion(protocol) {
		protocol = "" // anybody can write anything there
	}
	ctx := telemetry.WithDoor(telemetry.JoinHeader(r.Context(), r.Header), telemetry.Door{Transport: "tcp", Protocol: protocol})
	return r.WithContext(ctx), nil
}

// traced continues the trace that a message's _meta names, which comes from farther than that of the headers.
func traced(ctx context.Context, meta *mcp.Meta) context.Context {
	if meta == nil {
		return ctx
	}
	return telemetry.Join(ctx, func(name string) string {
		text, _ := meta.GetMetaField(name).(string)
		return text
	})
}
