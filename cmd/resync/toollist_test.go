package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// What a list of tools may take (DESIGN.md section 7): of a model's context, at four bytes a token, and in all.
const (
	listTokens = 6000
	listBytes  = 64 << 10
)

// TestToolListBudget holds the list as it leaves, icons and annotations and all, to its budget: with one engine, with three whose names all stand in
// every tool, with four whose names do not, and with ten of long names.
func TestToolListBudget(t *testing.T) {
	_, one := demoSite(t)
	sites := map[string]*site{"one engine": one}
	for _, many := range []struct {
		engines int
		filler  string // makes the name longer
	}{{3, ""}, {3, "_far_north"}, {4, "_in_the_far_north"}, {10, "_in_the_far_north"}} {
		var environ []string
		for i := range many.engines {
			environ = append(environ, fmt.Sprintf("APP_ENGINES__P%02d%s__MODE=mock", i, strings.ToUpper(many.filler)))
		}
		_, s := demoSite(t, environ...)
		sites[fmt.Sprintf("%d engines with names of %d", many.engines, 3+len(many.filler))] = s
	}
	for name, s := range sites {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", "application/json, text/event-stream")
			s.mcp.Handler(mcpserver.HTTPOptions{}).ServeHTTP(w, r)
			var list struct {
				Result struct {
					Tools []struct {
						Name, Description         string
						InputSchema, OutputSchema json.RawMessage
						Icons                     json.RawMessage
					}
				}
			}
			size := w.Body.Len()
			if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&list); err != nil || len(list.Result.Tools) != 16 {
				t.Fatalf("%v: %d tools of %d bytes", err, len(list.Result.Tools), size)
			}
			read, in, out, icons := 0, 0, 0, 0
			for _, tool := range list.Result.Tools {
				read += len(tool.Name) + len(tool.Description) + len(tool.InputSchema)
				in, out, icons = in+len(tool.InputSchema), out+len(tool.OutputSchema), icons+len(tool.Icons)
			}
			t.Logf("%d bytes: read by models %d (%d tokens), of it input schemas %d; output schemas %d, icons %d", size, read, (read+3)/4, in, out, icons)
			if tokens := (read + 3) / 4; tokens > listTokens {
				t.Errorf("models read %d tokens, %d at most", tokens, listTokens)
			}
			if size > listBytes {
				t.Errorf("the list has %d bytes, %d at most", size, listBytes)
			}
		})
	}
}
