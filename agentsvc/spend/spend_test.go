package spend_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/spend"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that tests turn.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock(s string) *clock {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return &clock{at: at}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// priced is a table with one dear model: a dollar for a thousand tokens, in or out.
func priced(t *testing.T) *spend.Prices {
	t.Helper()
	p, err := builtIn(t).With(strings.NewReader("prices: [{provider: Us, model: dear, input: 1000, output: 1000, cached: 100, from: 2026-01-01, source: made up for tests}]"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func each(t *testing.T, limits spend.Limits, test func(t *testing.T, b *spend.Book, c *clock, again func() *spend.Book, db *store.DB)) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := storetest.Open(t, on.Options(t, spend.Room()))
		c := newClock("2026-11-22T23:30:00Z")
		open := func() *spend.Book {
			b, err := spend.New(t.Context(), spend.Options{DB: db, Prices: priced(t), Limits: limits, Models: []string{"dear"}, Now: c.now, MaxTokens: 100})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		test(t, open(), c, open, db)
	})
}

func begin(t *testing.T, b *spend.Book, owner string) *spend.Turn {
	t.Helper()
	turn, err := b.Begin(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

// What a server says that a request cost is taken where it can be, and no lie of it opens a budget.
func TestAServerThatLiesAboutItsPrice(t *testing.T) {
	each(t, spend.Limits{AllUSD: 5}, func(t *testing.T, b *spend.Book, _ *clock, _ func() *spend.Book, _ *store.DB) {
		turn := begin(t, b, "ann")
		for _, cost := range []float64{1e300, 1e10, math.Inf(1), math.NaN(), -3} {
			if usd := turn.Spent(t.Context(), spend.Use{Model: "dear", Input: 1000, CostUSD: cost}); math.Abs(usd-1) > 1e-9 {
				t.Errorf("%g became %g", cost, usd)
			}
		}
		turn.End(t.Context())
		if _, err := b.Begin(t.Context(), "bob"); fault.CodeOf(err) != fault.Limited {
			t.Errorf("the budget is open: %v", err)
		}
	})
}

func TestSumsByPersonModelAndDay(t *testing.T) {
	each(t, spend.Limits{}, func(t *testing.T, b *spend.Book, c *clock, again func() *spend.Book, _ *store.DB) {
		ann := begin(t, b, "ann")
		if usd := ann.Spent(t.Context(), spend.Use{Model: "dear", Input: 1000, Cached: 500, Output: 10}); math.Abs(usd-0.56) > 1e-9 {
			t.Errorf("cost %g", usd)
		}
		ann.Spent(t.Context(), spend.Use{Model: "dear", Input: 1000, Failed: true, Estimated: true})
		ann.Spent(t.Context(), spend.Use{Model: "local", Input: 70, Output: 7})
		ann.Spent(t.Context(), spend.Use{Model: "routed", Input: 10, CostUSD: 0.25}) // its server told
		ann.End(t.Context())
		begin(t, b, "bob").Spent(t.Context(), spend.Use{Model: "dear", Input: -5, Output: 1000})
		c.pass(time.Hour) // past midnight
		begin(t, b, "ann").Spent(t.Context(), spend.Use{Model: "dear", Output: 100})
		got, err := again().Days(t.Context(), "", c.now().Add(-48*time.Hour), 100)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, d := range got {
			lines = append(lines, fmt.Sprintf("%s %s %s %d/%d/%d/%d %d+%d (%d) %.4f", d.Day, d.Owner, d.Model, d.Requests, d.Failed, d.Unpriced, d.Estimated, d.Input, d.Output, d.Cached, d.USD))
		}
		want := "2026-11-23 ann dear 1/0/0/0 0+100 (0) 0.1000\n" +
			"2026-11-22 ann dear 2/1/0/1 2000+10 (500) 1.5600\n" +
			"2026-11-22 bob dear 1/0/0/0 0+1000 (0) 1.0000\n" +
			"2026-11-22 ann routed 1/0/0/0 10+0 (0) 0.2500\n" +
			"2026-11-22 ann local 1/0/1/0 70+7 (0) 0.0000"
		if strings.Join(lines, "\n") != want {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), want)
		}
		if own, err := b.Days(t.Context(), "bob", c.now().Add(-48*time.Hour), 100); err != nil || len(own) != 1 {
			t.Errorf("bob's: %+v, %v", own, err)
		}
		c.pass(400 * 24 * time.Hour)
		if old, err := again().Days(t.Context(), "", time.Time{}, 100); err != nil || len(old) != 1 || old[0].Day != "2026-11-23" {
			t.Errorf("kept beyond its time: %+v, %v", old, err)
		}
	})
}

func TestABudgetThatIsUsedUpOpensAtMidnightUTC(t *testing.T) {
	for name, tc := range map[string]struct {
		limits spend.Limits
		others bool // whether others may still ask
		says   string
	}{
		"user-usd":    {spend.Limits{UserUSD: 1}, true, "Your budget"},
		"all-usd":     {spend.Limits{AllUSD: 1}, false, "The budget of all"},
		"user-tokens": {spend.Limits{UserTokens: 1000}, true, "Your budget"},
		"all-tokens":  {spend.Limits{AllTokens: 1000}, false, "The budget of all"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, tc.limits, func(t *testing.T, b *spend.Book, c *clock, again func() *spend.Book, _ *store.DB) {
				// What an answer is first thought to cost is more than the whole budget: the first one of the day is made all the same.
				turn := begin(t, b, "ann")
				turn.Spent(t.Context(), spend.Use{Model: "dear", Input: 900, Output: 200})
				turn.End(t.Context())
				for _, book := range []*spend.Book{b, again()} { // another process knows it too
					_, err := book.Begin(t.Context(), "ann")
					if fault.CodeOf(err) != fault.Limited || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "2026-11-23 00:00 UTC") {
						t.Errorf("error = %v", err)
					}
					if fault.Public(err).Hint == "" || fault.Public(err).Source != "budget" {
						t.Errorf("public = %+v", fault.Public(err))
					}
				}
				if _, err := b.Begin(t.Context(), "bob"); (err == nil) != tc.others {
					t.Errorf("others: %v", err)
				}
				c.pass(29 * time.Minute)
				if _, err := b.Begin(t.Context(), "ann"); err == nil {
					t.Error("it opened too early")
				}
				c.pass(time.Minute)
				begin(t, b, "ann")
			})
		})
	}
}

// However many answers begin at once, in however many processes, what is spent beyond the budget is at most what those under way cost beyond
// what was reserved for them. Here each costs what was reserved, so nothing is.
func TestAnswersAtOnceDoNotSpendTheSameDollar(t *testing.T) {
	each(t, spend.Limits{AllUSD: 30}, func(t *testing.T, b *spend.Book, _ *clock, again func() *spend.Book, _ *store.DB) {
		books := []*spend.Book{b, again(), again()}
		for _, book := range books { // each has seen an answer of a dollar
			turn := begin(t, book, "ann")
			turn.Spent(t.Context(), spend.Use{Model: "dear", Output: 1000})
			turn.End(t.Context())
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		allowed, refused := 0, 0
		start := make(chan struct{})
		for i := range 40 {
			wg.Go(func() {
				<-start
				turn, err := books[i%3].Begin(t.Context(), fmt.Sprintf("user%d", i))
				mu.Lock()
				if err == nil {
					allowed++
				} else if fault.CodeOf(err) == fault.Limited {
					refused++
				}
				mu.Unlock()
				if err == nil {
					turn.Spent(context.WithoutCancel(t.Context()), spend.Use{Model: "dear", Input: 400, Output: 600})
				}
			})
		}
		close(start)
		wg.Wait()
		if allowed != 27 || refused != 13 {
			t.Errorf("%d allowed and %d refused, want 27 and 13", allowed, refused)
		}
	})
}

func TestAReservationWhoseProcessIsGoneRunsOut(t *testing.T) {
	each(t, spend.Limits{UserUSD: 1}, func(t *testing.T, b *spend.Book, c *clock, again func() *spend.Book, _ *store.DB) {
		begin(t, b, "ann") // and never ended
		other := again()
		if _, err := other.Begin(t.Context(), "ann"); fault.CodeOf(err) != fault.Limited {
			t.Fatalf("error = %v, want it to be reserved", err)
		}
		c.pass(2*time.Minute + 29*time.Second)
		if _, err := other.Begin(t.Context(), "ann"); fault.CodeOf(err) != fault.Limited {
			t.Errorf("error = %v, want it to be reserved still", err)
		}
		c.pass(time.Second)
		turn := begin(t, other, "ann")
		turn.End(t.Context())
		turn.End(t.Context())
		begin(t, other, "ann").End(t.Context()) // what was given back is there again
	})
}

// While the database is away nothing is lost, and where a budget must be held no model is asked.
func TestADatabaseThatIsAway(t *testing.T) {
	each(t, spend.Limits{UserUSD: 100}, func(t *testing.T, b *spend.Book, _ *clock, again func() *spend.Book, db *store.DB) {
		rename := func(from, to string) {
			t.Helper()
			if err := db.WithTx(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec("ALTER TABLE " + from + " RENAME TO " + to); return err }); err != nil {
				t.Fatal(err)
			}
		}
		turn := begin(t, b, "ann")
		rename("spend_days", "away")
		if usd := turn.Spent(t.Context(), spend.Use{Model: "dear", Output: 1000}); usd != 1 {
			t.Errorf("cost %g", usd)
		}
		turn.Spent(t.Context(), spend.Use{Model: "dear", Output: 1000})
		if _, err := b.Begin(t.Context(), "ann"); err == nil || strings.Contains(err.Error(), "spend_days") && strings.Contains(fault.Public(err).Message, "spend_days") {
			t.Errorf("error = %v", err)
		}
		rename("away", "spend_days")
		turn.End(t.Context())
		if err := b.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := again().Days(t.Context(), "ann", time.Time{}, 10)
		if err != nil || len(got) != 1 || got[0].Requests != 2 || got[0].USD != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestAModelWithoutAPriceIsCalledUnpriced(t *testing.T) {
	db := storetest.Open(t, store.Options{Dir: t.TempDir() + "/state", Rooms: []store.Room{spend.Room()}})
	var log bytes.Buffer
	var counted []spend.Counted
	b, err := spend.New(t.Context(), spend.Options{DB: db, Prices: builtIn(t), Models: []string{"gpt-4o", "qwen3:8b"}, Limits: spend.Limits{AllUSD: 5},
		Logger: slog.New(slog.NewTextHandler(&log, nil)), Count: func(c spend.Counted) { counted = append(counted, c) }})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Unpriced(); len(got) != 1 || got[0] != "qwen3:8b" {
		t.Errorf("unpriced: %v", got)
	}
	turn := begin(t, b, "ann")
	turn.Spent(t.Context(), spend.Use{Model: "qwen3:8b", Input: 5})
	turn.Spent(t.Context(), spend.Use{Model: "gpt-4o", Input: 1_000_000})
	turn.End(t.Context())
	if n := strings.Count(log.String(), "no price is known"); n != 1 || !strings.Contains(log.String(), "qwen3:8b") || !strings.Contains(log.String(), "budgets in dollars do not hold it") {
		t.Errorf("the log says: %s", log.String())
	}
	if len(counted) != 2 || counted[0].Priced || counted[0].USD != 0 || !counted[1].Priced || counted[1].USD != 2.5 {
		t.Errorf("counted: %+v", counted)
	}
}
