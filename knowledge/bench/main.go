// Command bench measures how well package knowledge finds: a corpus, questions with the sections that answer them, and plain BM25 beside it.
package main

import (
	"fmt"
	"os"

	"github.com/resync-hwa/resync/knowledge/bench/press"
)

func main() {
	if err := press.Write("knowledge/bench/corpus", "knowledge/bench/pairs/identifiers.yaml"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
