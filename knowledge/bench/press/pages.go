package press

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Write makes the manuals below the folder of the corpus, and the questions that are nothing but an identifier, which are made from them.
func Write(corpus, identifiers string) error {
	var q strings.Builder
	q.WriteString("# Made by go run ./knowledge/bench --press: do not edit. Every message id of the manuals with the lines that define it.\n")
	for _, m := range Manuals() {
		text, entries := m.Print()
		file := filepath.Join(corpus, filepath.FromSlash(m.Document))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		for i, e := range entries {
			if i%everyNth == 0 {
				fmt.Fprintf(&q, "- {q: %s, lang: %s, style: identifier, want: [%q]}\n", e.ID, m.Language, fmt.Sprintf("%s:%d-%d", m.Document, e.Start, e.End))
			}
		}
	}
	return os.WriteFile(identifiers, []byte(q.String()), 0o600)
}

// everyNth message is asked for: all of them would drown the other styles and cost minutes.
const everyNth = 3
