package stored_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
	"github.com/resync-hwa/resync/agentsvc/conversations/stored"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// heavy is a turn with the ledger of a log: lines that look like a job's, so that packing has something to do.
func heavy(r *rand.Rand, id string, kilobytes int) conversations.Turn {
	t := conversationstest.TurnOf(id, "why did PAY_LOAD abend?", strings.Repeat("The database refused the login of the job's account. ", 20), time.Now())
	var lines []toolkit.Line
	for size := 0; size < kilobytes<<10; {
		text := fmt.Sprintf("2026-03-17 02:%02d:%02d.%03d INFO  step=%d rows=%d file=/data/in/part-%05d.csv status=OK", r.IntN(60), r.IntN(60), r.IntN(1000), r.IntN(40), r.IntN(1_000_000), r.IntN(100_000))
		lines = append(lines, toolkit.Line{N: len(lines) + 1, Text: text})
		size += len(text)
	}
	t.Ledger[0].Result.Envelope.Sources[0].Lines = lines
	return t
}

// BenchmarkConversation measures a turn that is appended to a conversation of 50, such a conversation read, and a search, with the CPU
// time of this process.
func BenchmarkConversation(b *testing.B) {
	for name, on := range map[string]storetest.Kind{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		for _, size := range []int{4, 32, 256} {
			b.Run(fmt.Sprintf("%s/%dKB", name, size), func(b *testing.B) { benchmark(b, on, size) })
		}
	}
}

func benchmark(b *testing.B, on storetest.Kind, size int) {
	b.Helper()
	db := on.Open(b, stored.Room())
	s := stored.New(db, conversations.Bounds{Turns: 50})
	r := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same texts each time
	if err := s.Create(b.Context(), conversations.Conversation{ID: "c", Owner: "ana", Created: time.Now(), Updated: time.Now()}, conversations.Lease{}); err != nil {
		b.Fatal(err)
	}
	n := 0
	next := heavy(r, "", size)
	add := func() {
		n++
		next.ID = fmt.Sprint(n)
		if err := s.Append(b.Context(), "ana", "c", "", next); err != nil {
			b.Fatal(err)
		}
	}
	for range 50 {
		add()
	}
	var bytes int64
	if err := db.Read().QueryRowContext(b.Context(), "SELECT CAST(AVG(LENGTH(body) + LENGTH(ledger) + LENGTH(folded)) AS BIGINT) FROM conversation_turns").Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	for what, do := range map[string]func(){
		"append": add,
		"get": func() {
			if c, err := s.Get(b.Context(), "ana", "c"); err != nil || len(c.Turns) != 50 {
				b.Fatal(len(c.Turns), err)
			}
		},
		"before": func() {
			if turns, err := s.Before(b.Context(), "ana", "c", "", 1); err != nil || len(turns) != 1 || len(turns[0].Ledger) == 0 {
				b.Fatal(len(turns), err)
			}
		},
		"before with a model": func() {
			if turns, err := s.Before(b.Context(), "ana", "c", "", 24); err != nil || len(turns) != 24 {
				b.Fatal(len(turns), err)
			}
		},
		"search": func() {
			if p, err := s.List(b.Context(), "ana", conversations.Query{Text: "database login"}); err != nil || len(p.Items) != 1 {
				b.Fatal(p, err)
			}
		},
	} {
		b.Run(what, func(b *testing.B) {
			before := cpu(b)
			for b.Loop() {
				do()
			}
			b.ReportMetric(float64(cpu(b)-before)/1e6/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(bytes), "bytes/turn")
		})
	}
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
