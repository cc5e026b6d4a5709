package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Colours move no column, and stand only where they are wanted.
func TestGrid(t *testing.T) {
	rows := [][]cell{headed("A", "State", "B"), {text("longer"), status("ABEND"), text("x")}, {{text: "alone and longer than any column"}}, {text("s"), status("SUCC"), text("\x1b[31my\x1b[0m")}}
	for colour, want := range map[bool]string{
		false: "A      State B\nlonger ABEND x\nalone and longer than any column\ns      SUCC  [31my[0m\n",
		true:  "\x1b[1mA\x1b[0m      \x1b[1mState\x1b[0m \x1b[1mB\x1b[0m\nlonger \x1b[31mABEND\x1b[0m x\nalone and longer than any column\ns      \x1b[32mSUCC\x1b[0m  [31my[0m\n",
	} {
		s := &screen{colour: colour}
		s.grid(rows)
		if s.String() != want {
			t.Errorf("colour %v: %q, want %q", colour, s.String(), want)
		}
	}
}

func TestColoursOnlyForPeople(t *testing.T) {
	if p := (&program{out: &bytes.Buffer{}}); p.screen().colour {
		t.Error("a pipe gets colours")
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	for env, want := range map[string]bool{"X=1": true, "NO_COLOR=1": false, "NO_COLOR=": true, "TERM=dumb": false} {
		if p := (&program{out: null, environ: []string{env}}); p.screen().colour != want {
			t.Errorf("%s: colours %v", env, !want)
		}
	}
}

// A chain that runs in a circle, meets itself or breaks off is drawn whole and once.
func TestTreeOfACircle(t *testing.T) {
	hop := func(from, to, quote string) answer.Hop {
		return answer.Hop{Entity: from, Status: "HOLD", Why: "sched.dep.predecessor", BlockedBy: to, Evidence: []answer.Evidence{{Source: "plan:" + to, Quote: quote}}}
	}
	s := &screen{}
	newTree([]answer.Hop{hop("A", "B", "status=HOLD"), hop("A", "C", "status=HOLD"), hop("B", "C", "status=HOLD"), hop("C", "A", "status=HOLD"), hop("X", "Y", "status=ABEND"), hop("C", "C", "priority=0")}).draw(s, "A", "en")
	want := `├─ B HOLD [sched.dep.predecessor]
│  └─ C HOLD [sched.dep.predecessor]
│     ├─ A HOLD [sched.dep.predecessor] (shown above)
│     └─ by itself [sched.dep.predecessor]
│           plan:C: priority=0
└─ C HOLD [sched.dep.predecessor] (shown above)
X HOLD
└─ Y ABEND [sched.dep.predecessor]
`
	if s.String() != want {
		t.Errorf("it is\n%s", s.String())
	}
}
