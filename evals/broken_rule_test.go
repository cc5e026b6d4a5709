package evals_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
)

// The rule that is broken: a workstation without any link state is taken for one that is linked. If the rule moves, this test says so.
const (
	ruleFile   = "twstools/plan/link.go"
	ruleText   = "case !has(linkedStates) && !master:\n\t\treturn LinkDown, fact"
	ruleBroken = "case !has(linkedStates) && !master:\n\t\treturn LinkUp, fact"
)

// TestABrokenRuleTurnsTheRunRed builds the real program twice, once as it is and once with one rule broken, and judges both: the first finds
// the right cause in the scenario concerned, the second does not, and finds it in another one still. The program as it is, asked again, leaves
// the same results.
func TestABrokenRuleTurnsTheRunRed(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program twice, which takes minutes on a cold cache; left out by -short")
	}
	concerned, other := "s-6e52/q1", "s-4c1e/q1"
	only := []string{concerned, other}

	asItIs := build(t, nil)
	whole := run(t, evals.Options{Binary: asItIs}, only...)
	for _, x := range whole.Run.Trials {
		if lost := causeLost(x); lost != "" {
			t.Fatalf("the program as it is does not find the cause: %s: %s", x.Name(), lost)
		}
	}
	again := run(t, evals.Options{Binary: asItIs, Jobs: 1}, only...)
	if differ, err := report.Unequal(whole.Run, again.Run); err != nil || len(differ) > 0 {
		t.Errorf("the same program answers otherwise the second time: %v %v", differ, err)
	}

	broken := run(t, evals.Options{Binary: build(t, breakRule(t))}, only...)
	if broken.Clean() {
		t.Fatal("a rule is broken, and the run is green")
	}
	for _, x := range broken.Run.Trials {
		if lost := causeLost(x); (lost == "") != (x.Name() == other) {
			t.Errorf("%s: %s; the rule that is broken concerns %s", x.Name(), lost, concerned)
		}
	}
}

// causeLost says why a trial does not name the right cause; nothing where it does, whatever else may be wrong with the answer.
func causeLost(x trial.Trial) string {
	if x.Fault != nil {
		return x.Why()
	}
	var out []string
	for _, c := range x.Failed() {
		if slices.Contains([]string{score.Verdict, score.CauseEntity, score.CauseKind, score.CauseOnly}, c.Name) {
			out = append(out, c.Name+": "+c.Reason)
		}
	}
	return strings.Join(out, "; ")
}

// build makes the real program, with some of its files replaced.
func build(t *testing.T, replace map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "resync")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", list, "-o", binary, "./cmd/resync") //nolint:gosec // fixed arguments
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the program cannot be built: %v\n%s", err, out)
	}
	return binary
}

// breakRule gives the overlay with the broken rule in it.
func breakRule(t *testing.T) map[string]string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", ruleFile))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the repository's own file
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), ruleText); n != 1 {
		t.Fatalf("the rule stands %d times in %s; it has moved or changed: choose it anew in this test", n, ruleFile)
	}
	changed := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(changed, []byte(strings.Replace(string(raw), ruleText, ruleBroken, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{path: changed}
}
