package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOwnModel runs a suite of questions against a person's own model; it is for whoever wants to know how theirs does, and never runs by
// itself. RESYNC_EVALS_FLAGS are the flags of `resync evals run`, by default those of the demo suite. docs/evals.md has an example.
func TestOwnModel(t *testing.T) {
	model := os.Getenv("APP_LLM_MODEL")
	if os.Getenv("LLM_ENDPOINT") == "" && !slices.Contains([]string{"anthropic", "gemini", "ollama"}, os.Getenv("APP_LLM_PROVIDER")) || model == "" {
		t.Skip("no model of one's own: LLM_ENDPOINT (or APP_LLM_PROVIDER) and APP_LLM_MODEL are not set")
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "resync")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil { //nolint:gosec // fixed arguments
		t.Fatalf("build: %v\n%s", err, out)
	}
	if key := os.Getenv("LLM_API_KEY"); key != "" && os.Getenv("LLM_API_KEY_FILE") == "" { // a key stays in its file
		file := filepath.Join(dir, "key")
		if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("LLM_API_KEY_FILE", file)
	}
	flags := strings.Fields(cmp.Or(os.Getenv("RESYNC_EVALS_FLAGS"), "--suite demo --no-baselines --min-pass 0.95"))
	results := filepath.Join(dir, "results")
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"evals", "run", "--model", model, "--out", results}, flags...)...) //nolint:gosec // the person's own flags
	cmd.Dir = "../.."
	var table, progress bytes.Buffer
	cmd.Stdout, cmd.Stderr = &table, &progress
	err := cmd.Run()
	t.Logf("%s", table.String())
	if err != nil {
		t.Errorf("the run failed: %v\n%s", err, progress.String())
	}
	written, all := writtenBy(t, filepath.Join(results, "results.jsonl"), model)
	t.Logf("%s wrote %d of %d answers", model, written, all)
	if written == 0 {
		t.Errorf("%s wrote none of %d answers: the server was not reached, or nothing that it wrote could be used", model, all)
	}
}

// writtenBy counts the answers of a run, and those that a model wrote.
func writtenBy(t *testing.T, file, model string) (written, all int) {
	t.Helper()
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one struct {
			Question string `json:"question"`
			Answer   struct {
				Model string `json:"model"`
			} `json:"answer"`
		}
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		if one.Question == "" {
			continue // the head of the file
		}
		all++
		if one.Answer.Model == model {
			written++
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return written, all
}
