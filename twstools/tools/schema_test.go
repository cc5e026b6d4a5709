package tools_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/resync-hwa/resync/internal/toolkit"
)

var update = flag.Bool("update", false, "rewrite the golden files of the tools' schemas")

type toolkitSource = toolkit.Source

// listBytes bounds what this room's tools may take of a model's context: DESIGN.md section 7 gives 6,000 tokens of four bytes to all sixteen, and the one of
// the knowledge room needs about 1,500 bytes.
const listBytes = 6000*4 - 1500

// wholeBytes bounds what they may take of the whole list, output schemas and all: DESIGN.md section 7 gives 64 KB to it. Annotations and names of members
// take about 200 bytes a tool, the knowledge room's tool 3,500.
const wholeBytes = 64<<10 - 3500

// TestSchemas holds what is published of each tool to its golden file, so that a change of the contract is seen as one. go test -update writes them.
func TestSchemas(t *testing.T) {
	s, _ := demo(t)
	total, whole := 0, 0
	for _, tool := range s.Tools() {
		i := tool.Info()
		total += len(i.Name) + len(i.Description) + len(i.InputSchema)
		whole += 200 + len(i.Name) + len(i.Title) + len(i.Description) + len(i.InputSchema) + len(i.OutputSchema)
		raw, err := json.MarshalIndent(map[string]any{"title": i.Title, "description": i.Description, "input": i.InputSchema, "output": i.OutputSchema}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "schemas", i.Name+".json")
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, append(raw, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(bytes.TrimSpace(want), raw) {
			t.Errorf("%s differs from its golden file (%v); go test -update writes it", i.Name, err)
		}
		t.Logf("%s: %d bytes", i.Name, len(i.Name)+len(i.Description)+len(i.InputSchema))
	}
	if whole > wholeBytes {
		t.Errorf("the tools take %d bytes of the whole list, %d at most", whole, wholeBytes)
	}
	if total > listBytes {
		t.Errorf("the tools take %d bytes of tools/list, %d at most", total, listBytes)
	}
}
