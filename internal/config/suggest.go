package config

import (
	"strings"

	"github.com/resync-hwa/resync/internal/edits"
)

// allKeys gives the keys that a message may suggest.
func allKeys() []string {
	var out []string
	for _, o := range options {
		out = append(out, o.key)
	}
	for _, o := range engineOptions {
		out = append(out, "engines."+defaultEngine+"."+o.key)
	}
	for _, o := range serverOptions {
		out = append(out, "mcp_servers.NAME."+o.key)
	}
	for _, o := range modelOptions {
		out = append(out, "models.NAME."+o.key)
	}
	for _, o := range toolServerOptions {
		out = append(out, "tool_servers.NAME."+o.key)
	}
	return out
}

// suggest gives "; did you mean …?" for the nearest of known, or nothing when none is near.
func suggest(word string, known []string) string {
	best, near := "", max(2, len(word)/4)+1
	for _, k := range known {
		if d := edits.Distance(strings.ToLower(word), strings.ToLower(k)); d < near {
			best, near = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}
