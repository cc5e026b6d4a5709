//go:build unix

package evals_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/answer"
)

// misbehave does what no good program does beside answering.
func (f *fakeProgram) misbehave(a *answer.Answer) error {
	switch f.mode {
	case "rich":
		a.Usage.CostUSD = 1.7e308
	case "refund":
		a.Usage.CostUSD = -1
	case "one talk":
		a.ConversationID = "c_always"
	case "every talk":
		a.ConversationID = fmt.Sprintf("c_%d", f.n)
	case "no talk":
		a.ConversationID = ""
	case "pipe":
		if f.n == 1 {
			return syscall.Mkfifo(os.Args[5], 0o600)
		}
	case "folder":
		if f.n == 1 {
			return os.Mkdir(os.Args[5], 0o700)
		}
	case "parent", "loud parent":
		return f.leaveChild()
	}
	return nil
}

// leaveChild starts a process that outlives this one and writes down which it is.
func (f *fakeProgram) leaveChild() error {
	c := exec.Command("sleep", "600") //nolint:noctx // it is to be left behind
	if f.mode == "loud parent" {
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
	}
	if err := c.Start(); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(filepath.Dir(os.Getenv("EVALS_ANSWERS")), "children"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, c.Process.Pid)
	return errors.Join(err, file.Close())
}

func TestWhateverAProgramSaysOfItselfIsHeldAgainstIt(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		"rich": "dollars", "refund": "dollars", "bytes": "no JSON object", "one talk": "an earlier one", "no talk": "which conversation",
		"pipe": "plain file", "folder": "plain file",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := run(t, evals.Options{Binary: program(t, mode)}, "s-08aa")
			last := r.Run.Trials[len(r.Run.Trials)-1]
			if last.Status != trial.Fault || last.Fault.Kind != "no_json" || !strings.Contains(last.Fault.Reason, want) {
				t.Errorf("it is %s %+v, and %q should be said", last.Status, last.Fault, want)
			}
		})
	}
}

func TestALaterTurnInAnotherConversationIsNotJudged(t *testing.T) {
	t.Parallel()
	source := scenarios(t, func(r *evals.Ready) {
		ask := slices.Clone(r.Scenarios[0].Scenario.Ask)
		ask[0].Turns = []string{"And before that?"}
		r.Scenarios[0].Scenario.Ask = []suite.Question{ask[0]}
	}, six)
	x := run(t, evals.Options{Binary: program(t, "every talk"), Source: source}).Run.Trials[0]
	if x.Status != trial.Fault || !strings.Contains(x.Why(), "later turn") {
		t.Errorf("it is %s: %s", x.Status, x.Why())
	}
}

func TestNothingThatAProgramStartsIsLeftRunning(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"parent", "loud parent"} {
		binary := program(t, mode)
		run(t, evals.Options{Binary: binary}, "s-08aa")
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(binary), "children"))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Fields(string(raw)) {
			pid, err := strconv.Atoi(word)
			if err != nil {
				t.Fatal(err)
			}
			if !gone(pid) {
				t.Errorf("%s: the process %d still runs", mode, pid)
				_ = syscall.Kill(pid, syscall.SIGKILL) // it is this test's own
			}
		}
	}
}

// gone reports whether a process that was killed has ended; whoever adopted it may not have noticed yet.
func gone(pid int) bool {
	often := time.NewTicker(20 * time.Millisecond)
	defer often.Stop()
	for range 100 {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && strings.Contains(string(raw), ") Z ") {
			return true
		}
		<-often.C
	}
	return false
}
