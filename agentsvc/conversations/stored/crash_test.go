package stored_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	process "os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
	"github.com/resync-hwa/resync/agentsvc/conversations/stored"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

// childEnv makes this program one that is to be killed; its value is the conversation to write to, and with _DB and _URL the database.
const childEnv = "RESYNC_CONVERSATIONS_CHILD"

func TestMain(m *testing.M) {
	if id := os.Getenv(childEnv); id != "" {
		child(id)
		return
	}
	goleak.VerifyTestMain(m)
}

// childLease is the lease of those that are killed: short, since the next one has to wait for it.
const childLease = 300 * time.Millisecond

// child appends turn after turn, in one session, and says which of them it was told are stored. "-" begins a conversation.
func child(id string) {
	say := func(err error) {
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Dir: os.Getenv(childEnv + "_DB"), URL: secret.New(os.Getenv(childEnv + "_URL")), Rooms: []store.Room{stored.Room()}})
	say(err)
	c := conversations.New(conversations.Options{Store: stored.New(db, conversations.Bounds{Turns: 100_000}), Lease: childLease, Beat: childLease / 6})
	s, err := c.Open(ctx, "ana", strings.TrimPrefix(id, "-"))
	say(err)
	fmt.Println("open", s.ID())
	for i := range 10_000 {
		turn := conversationstest.TurnOf(fmt.Sprintf("%d-%d", os.Getpid(), i), "why?", strings.Repeat("because ", 200), time.Now())
		say(s.Append(ctx, turn))
		fmt.Println("stored", turn.ID)
	}
}

// TestKilled: a process that is killed while it writes turns loses none that it was told is stored, leaves nothing half, and keeps the
// next one out only until its lease has run out.
func TestKilled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, stored.Room())
		id, told := "-", []string{}
		for round := range 3 {
			more := kill(t, o, &id, 3+12*round)
			told = append(told, more...)
			s := stored.New(storetest.Open(t, o), conversations.Bounds{Turns: 100_000})
			conv, err := s.Get(t.Context(), "ana", id)
			if err != nil {
				t.Fatal(err)
			}
			there := map[string]bool{}
			for _, turn := range conv.Turns {
				whole, err := s.Turn(t.Context(), "ana", id, turn.ID)
				if err != nil || len(whole.Ledger) != 2 || len(whole.Answer.Answer) != 1600 {
					t.Errorf("turn %s is not whole: %v", turn.ID, err)
				}
				there[turn.ID] = true
			}
			for _, message := range told {
				if !there[message] {
					t.Errorf("round %d: turn %s was acknowledged and is lost", round, message)
				}
			}
			// What was written and not told: at most the one that was under way, of each that was killed.
			if extra := len(conv.Turns) - len(told); extra < 0 || extra > round+1 {
				t.Errorf("round %d: %d turns, %d told", round, len(conv.Turns), len(told))
			}
			page, err := s.List(t.Context(), "ana", conversations.Query{Text: "because"})
			if err != nil || len(page.Items) != 1 || page.Items[0].Turns != len(conv.Turns) {
				t.Errorf("round %d: list %+v, %v; there are %d turns", round, page.Items, err, len(conv.Turns))
			}
		}
	})
}

// kill runs a child until it has told so many turns, kills it, and gives all that it told.
func kill(t *testing.T, o store.Options, id *string, after int) (told []string) {
	t.Helper()
	cmd := process.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+*id, childEnv+"_DB="+o.Dir, childEnv+"_URL="+o.URL.Reveal())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for read := bufio.NewScanner(out); read.Scan(); {
		what, name, _ := strings.Cut(read.Text(), " ")
		switch what {
		case "open":
			*id = name
		case "stored":
			if told = append(told, name); len(told) == after {
				if err := cmd.Process.Kill(); err != nil { // SIGKILL; what it had told until then is still read
					t.Error(err)
				}
			}
		default:
			t.Errorf("the child says %q", read.Text())
		}
	}
	if err := cmd.Wait(); err == nil || len(told) < after {
		t.Errorf("the child was not killed midway: %v after %d turns", err, len(told))
	}
	return told
}
