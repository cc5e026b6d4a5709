package evals_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/suite"
)

// made is a scenario that has a recipe, as far as files show.
func made(id string) suite.Scenario {
	return suite.Scenario{ID: id, World: suite.World{Base: suite.Made}, Gold: suite.Gold{ID: id}}
}

func TestAddingLeavesOtherScenariosAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there := func(id string) bool {
		_, scenario := os.Stat(filepath.Join(dir, "scenarios", id+".yaml"))
		_, gold := os.Stat(filepath.Join(dir, "gold", id+".yaml"))
		return scenario == nil && gold == nil
	}
	if err := evals.Add(dir, []suite.Scenario{made("s-1")}); err != nil {
		t.Fatal(err)
	}
	if err := evals.Add(dir, []suite.Scenario{made("s-2")}); err != nil {
		t.Fatal(err)
	}
	if !there("s-1") || !there("s-2") {
		t.Error("what was added first is gone")
	}
	if err := evals.Store(dir, []suite.Scenario{made("s-2")}); err != nil {
		t.Fatal(err)
	}
	if there("s-1") || !there("s-2") {
		t.Error("what nothing makes any more should be gone, and the rest there")
	}
}
