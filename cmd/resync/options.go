package main

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// options are what stands behind the semicolons of a selection, in conman's words.
type options []string

func (o options) has(name string) bool { return slices.Contains(o, name) }

// cutOptions takes the options off a selection. ;schedid belongs to the selection: it says how its name is to be read. known are the words of this
// command; another one is an error that lists them.
func cutOptions(command, text string, known []string) (selection string, out options, err error) {
	parts := splitAt(text, ';')
	selection = strings.TrimSpace(parts[0])
	for _, part := range parts[1:] {
		word := strings.ToLower(strings.TrimSpace(part))
		switch {
		case word == "schedid":
			selection += ";schedid"
		case slices.Contains(known, word):
			out = append(out, word)
		default:
			e := fault.New(fault.Invalid, "%s does not know the option %q.", command, ";"+strings.TrimSpace(part))
			if len(known) == 0 {
				return "", nil, e.WithHint("It takes none; -o json shows every field.")
			}
			return "", nil, e.WithHint("It knows ;%s. -o json shows every field.", strings.Join(known, " ;"))
		}
	}
	return selection, out, nil
}

// splitAt cuts at a character that is neither behind a backslash nor inside double quotes.
func splitAt(text string, sep byte) []string {
	var out []string
	from, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case sep:
			if !quoted {
				out, from = append(out, text[from:i]), i+1
			}
		}
	}
	return append(out, text[min(from, len(text)):])
}
