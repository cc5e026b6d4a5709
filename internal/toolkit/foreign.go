package toolkit

import "strings"

// foreignMark joins a server's name and a tool's in the name of a tool that is not ours. No tool of ours has it in its name.
const foreignMark = "__"

// ForeignName is the name under which a tool of a further MCP server is offered: SERVER__tool.
func ForeignName(server, tool string) string { return server + foreignMark + tool }

// ForeignServer gives the further MCP server that a tool of this name belongs to, and false for a tool of ours. What a foreign tool says
// is no evidence about the plan: whoever reads results asks this first.
func ForeignServer(name string) (string, bool) {
	server, _, ok := strings.Cut(name, foreignMark)
	return server, ok
}
