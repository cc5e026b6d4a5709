// Package tools is the set of tools over the plan: one file per tool, a typed input and a typed output, no HTTP, no MCP, no JSON handling.
// internal/toolkit gives each its schema and envelope. All texts that leave are cleaned and masked (internal/untrusted). Reads only.
//
// Start at New.
package tools
