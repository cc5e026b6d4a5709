package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"gopkg.in/yaml.v3"
)

// escaped writes what JSON may hold raw and a terminal would obey, control characters of the upper range and marks of direction, as JSON's escapes: the
// same value for every program.
func escaped(json string) string {
	if strings.IndexFunc(json, unseen) < 0 {
		return json
	}
	var b strings.Builder
	for _, r := range json {
		if unseen(r) {
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "\\u%04x", unit)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unseen(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }

// quotedUnseen makes of texts that hold what a terminal would obey nodes in double quotes: only there does YAML know escapes.
func quotedUnseen(v any) any {
	switch v := v.(type) {
	case string:
		if strings.IndexFunc(v, unseen) >= 0 {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: v}
		}
	case []any:
		for i := range v {
			v[i] = quotedUnseen(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = quotedUnseen(v[k])
		}
	}
	return v
}

// escapedYAML is escaped for YAML, whose escapes name a sign beyond the first plane by its number and not by halves.
func escapedYAML(text string) string {
	if strings.IndexFunc(text, unseen) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unseen(r) {
			fmt.Fprintf(&b, "\\U%08x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
