package enginetest

import (
	"os"
	"testing"
)

// Interface reads the description of the V2 interface from the file that RESYNC_V2_INTERFACE names. It is not part of the project: without
// it the test is skipped with that reason, and fails in CI.
func Interface(t *testing.T) []byte {
	t.Helper()
	path := os.Getenv("RESYNC_V2_INTERFACE")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("RESYNC_V2_INTERFACE must name the description of the V2 interface in CI.")
		}
		t.Skip("RESYNC_V2_INTERFACE is not set: the description of the V2 interface is not part of this repository.")
	}
	raw, err := os.ReadFile(path) //nolint:gosec // whoever runs the tests names the file
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
