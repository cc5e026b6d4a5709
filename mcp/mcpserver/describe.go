package mcpserver

import (
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// toolsetMeta is the key under which a tool's description names its toolset.
const toolsetMeta = "io.resync/toolset"

// describe translates a tool's description. All four annotations are set, for their defaults call every tool
// destructive and open to the world; the tools of a read-only server are neither.
func describe(info toolkit.Info) mcp.Tool {
	yes, no := true, false
	t := mcp.Tool{
		Name: info.Name, Title: info.Title, Description: info.Description,
		RawInputSchema: info.InputSchema, RawOutputSchema: info.OutputSchema,
		Annotations: mcp.ToolAnnotation{Title: info.Title, ReadOnlyHint: &yes, DestructiveHint: &no, IdempotentHint: &yes, OpenWorldHint: &no},
		Icons:       icon(info.Toolset),
	}
	if info.Toolset != "" {
		t.Meta = mcp.NewMetaFromMap(map[string]any{toolsetMeta: info.Toolset})
	}
	return t
}

// drawings are the lines of the icons, by toolset, in a square of 16; "" is the server's own. Each has one colour that stands out from light and
// dark grounds alike. Commas separate their numbers: a blank takes three bytes in a URI.
var drawings = map[string]string{
	"":          "M2,8a6,6,0,0,1,11-3M14,8A6,6,0,0,1,3,11M13,1v4H9M3,15v-4h4",
	"plan":      "M2,3h5M5,8h6M9,13h5",
	"diagnose":  "M7,2a5,5,0,1,0,0,10A5,5,0,0,0,7,2M11,11l4,4M4,7h1l2-2,1,4,1-2h1",
	"knowledge": "M8,4C6,2,3,2,1,3v10c2-1,5-1,7,1,2-2,5-2,7-1V3c-2-1-5-1-7,1v10",
	"history":   "M2,8a6,6,0,1,0,2-4L2,6V2M8,5v3l3,2",
}

// icon gives the picture of a toolset as a data URI, so that nothing is fetched from anywhere.
func icon(toolset string) []mcp.Icon {
	lines, ok := drawings[toolset]
	if !ok {
		return nil
	}
	svg := `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0,0,16,16'><path d='` + lines + `' fill='none' stroke='#37b' stroke-width='2'/></svg>`
	// Only what a URI may not hold is escaped: base64 would be longer. Without sizes an icon fits any.
	src := "data:image/svg+xml," + strings.NewReplacer("<", "%3C", ">", "%3E", "#", "%23", " ", "%20").Replace(svg)
	return []mcp.Icon{{Src: src, MIMEType: "image/svg+xml"}}
}
