// Command bench
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
