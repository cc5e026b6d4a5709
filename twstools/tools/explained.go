package tools

import (
	"context"
	"fmt"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/message"
)

// Manuals explain message ids that the built-in catalogue does not know, in the words of manuals that somebody read in.
type Manuals interface {
	// Explain gives what a manual says of an id ("AWSBHT001E", "RC 78"); ok is false where none does. source names the place.
	Explain(ctx context.Context, id, language string) (meaning, action, source string, ok bool)
}

// maxExplained bounds the explanations beside a log: ids, and bytes of text.
const (
	maxExplained   = 6
	explainedBytes = 1500
)

// explained tells what the message ids and return codes in the lines of a log mean, each once, in the order of the lines: what the
// catalogue knows, else what a manual says. Status words stay as they are: in a log they are everyday words.
func (t *Tools) explained(ctx context.Context, lines []LogRow) string {
	var all strings.Builder
	seen := map[string]bool{}
	told := 0
	for _, l := range lines {
		for _, d := range message.Decode(l.Text, "en") {
			isID := d.Severity != "" || strings.HasPrefix(d.ID, "rc ")
			if !isID || seen[d.ID] || told == maxExplained {
				continue
			}
			seen[d.ID] = true
			meaning, action, from := d.Meaning, d.Action, ""
			if !d.Known && t.o.Manuals != nil {
				if m, a, source, ok := t.o.Manuals.Explain(ctx, d.ID, "en"); ok {
					meaning, action, from = untrusted.Normalize(m), untrusted.Normalize(a), " ["+source+"]"
				}
			}
			if !d.Known && from == "" {
				continue // the form of an id alone tells nothing that its line does not
			}
			line := fmt.Sprintf("%s (line %d): %s", d.ID, l.N, clip(meaning, 400))
			if action != "" {
				line += " → " + clip(action, 300)
			}
			if all.Len()+len(line)+len(from) > explainedBytes {
				return all.String()
			}
			all.WriteString(line + from + "\n")
			told++
		}
	}
	return all.String()
}
