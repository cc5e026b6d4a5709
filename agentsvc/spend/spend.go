// Package spend keeps what language models cost: a dated table of prices, sums of tokens and money by person, model and day, and budgets. A day
// is a UTC day, since engines with plans in several zones share one budget. Sums are kept in the database, for as long as Options say; of questions and
// answers nothing is.
//
// A budget that is used up refuses no question: Begin gives an error, and the answer is made without a model. So that many answers at once do
// not spend the same dollar, Begin reserves what an answer has cost lately, Turn.Spent settles it, and Turn.End gives back the rest; a
// reservation whose process is gone runs out. What is spent beyond a budget is therefore at most what the answers under way cost beyond their
// reservations.
//
// A Book is safe for concurrent use. Start at New and Book.Begin.
package spend

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// roomName is under which the store knows these tables, and the name of their file in the data folder.
const roomName = "spend"

// File is the name of the database's file in the data folder: answers write often, and nobody else waits for them.
const File = roomName

// Room gives the tables of this package to store.Open.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("spend: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: roomName, FS: sub}
}

// Use is one request to a model. Counts are in tokens; what is negative counts as 0.
type Use struct {
	Model  string // the model's own name, as its server is asked for it
	Input  int    // all of the prompt
	Cached int    // of Input: read from the provider's cache
	Stored int    // of Input: written to the provider's cache
	Output int
	// CostUSD is what the server itself said that the request cost; 0: it did not.
	CostUSD   float64
	Estimated bool // the server told no counts
	Failed    bool // the answer was of no use
}

// Limits are the budgets of one UTC day; 0 means none.
type Limits struct {
	UserUSD, AllUSD       float64 // of one person, of all together
	UserTokens, AllTokens int64   // input and output together; for models without a price
}

func (l Limits) any() bool {
	return l.UserUSD > 0 || l.AllUSD > 0 || l.UserTokens > 0 || l.AllTokens > 0
}

// Counted is one request as it was entered.
type Counted struct {
	Use
	USD    float64
	Priced bool
}

// Options are what a Book needs. DB and Prices are required.
type Options struct {
	DB     *store.DB // with Room
	Prices *Prices
	Limits Limits
	Models []string // names of the configured models: the dearest is reserved for the first answers
	// Turn is the longest time of an answer; a reservation runs out a little later. 0 means two minutes.
	Turn time.Duration
	// MaxTokens is what a model may write in one request; 0 means 1,200.
	MaxTokens int
	// Keep is how long sums are kept; 0 means 400 days.
	Keep   time.Duration
	Count  func(Counted) // nil: nobody counts along
	Now    func() time.Time
	Logger *slog.Logger // nil: nothing is logged
}

// Book is the book of accounts. See the package comment.
type Book struct {
	o Options

	mu      sync.Mutex
	recent  []amount       // what the last answers cost
	next    int            // place in recent of the next one
	waiting map[key]amount // what could not be written yet
	told    map[string]bool
	pruned  string // day
}

// amount is money and tokens, and how the tokens came about.
type amount struct {
	nanos                               int64 // billionths of a US dollar
	input, cached, stored, output       int64
	requests, failed, unpriced, guessed int64
}

func (a amount) tokens() int64 { return a.input + a.output }

func (a amount) plus(b amount) amount {
	return amount{a.nanos + b.nanos, a.input + b.input, a.cached + b.cached, a.stored + b.stored, a.output + b.output,
		a.requests + b.requests, a.failed + b.failed, a.unpriced + b.unpriced, a.guessed + b.guessed}
}

type key struct{ day, owner, model string }

const (
	nanosPerUSD = 1e9
	// firstInput is what an answer is thought to read before any was seen: four requests with the tools, the question and what tools said.
	firstInput    = 24_000
	firstRequests = 2 // that write as much as they may
	lately        = 32
	// slack is how much longer than an answer its reservation holds.
	slack = 30 * time.Second
	// maxCost is what no request costs, in US dollars: a server that says more than this is not believed.
	maxCost = 1e4
	// patience is how long an answer waits for the database.
	patience = 5 * time.Second
	// maxWaiting bounds what is kept in memory while the database is away; what is beyond goes to one row.
	maxWaiting = 10_000
)

// New opens the book, and removes what is older than Keep.
func New(ctx context.Context, o Options) (*Book, error) {
	if o.DB == nil || o.Prices == nil {
		return nil, fault.New(fault.Internal, "Accounts need a database and prices.")
	}
	if o.Turn <= 0 {
		o.Turn = 2 * time.Minute
	}
	if o.MaxTokens <= 0 {
		o.MaxTokens = 1200
	}
	if o.Keep <= 0 {
		o.Keep = 400 * 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Count == nil {
		o.Count = func(Counted) {}
	}
	b := &Book{o: o, waiting: map[key]amount{}, told: map[string]bool{}}
	b.recent = append(b.recent, b.first())
	for _, m := range o.Models {
		if _, ok := o.Prices.For(m, o.Now()); !ok {
			b.tellUnpriced(m)
		}
	}
	if err := b.prune(ctx); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The accounts of the models cannot be read.")
	}
	return b, nil
}

// first is what an answer is thought to cost before any was seen.
func (b *Book) first() amount {
	u := Use{Input: firstInput, Output: firstRequests * b.o.MaxTokens}
	a := amount{input: int64(u.Input), output: int64(u.Output)}
	for _, m := range b.o.Models {
		if p, ok := b.o.Prices.For(m, b.o.Now()); ok {
			a.nanos = max(a.nanos, nanos(p.Cost(u)))
		}
	}
	return a
}

// Unpriced gives the configured models for which no price is known today: they count with a cost of 0, and budgets in dollars do not hold them.
func (b *Book) Unpriced() []string {
	var out []string
	for _, m := range b.o.Models {
		if _, ok := b.o.Prices.For(m, b.o.Now()); !ok {
			out = append(out, m)
		}
	}
	return out
}

// tellUnpriced says once for each model that its cost is not known.
func (b *Book) tellUnpriced(model string) {
	b.mu.Lock()
	told := b.told[model] || len(b.told) > maxWaiting
	b.told[model] = true
	b.mu.Unlock()
	if told {
		return
	}
	text := "no price is known for this model, so it counts with a cost of 0"
	if b.o.Limits.UserUSD > 0 || b.o.Limits.AllUSD > 0 {
		text += "; budgets in dollars do not hold it"
	}
	b.o.Logger.Warn(text, "model", model, "hint", "name its price in the file of llm.prices, or set a budget in tokens")
}

func nanos(usd float64) int64 {
	if !(usd > 0) || usd > math.MaxInt64/2/nanosPerUSD {
		return 0
	}
	return int64(math.Ceil(usd * nanosPerUSD))
}

// price gives what a request cost, and whether that is known: the server's own word first, where it can be believed, then the table.
func (b *Book) price(u Use) (usd float64, known bool) {
	if u.CostUSD > 0 && u.CostUSD <= maxCost {
		return u.CostUSD, true
	}
	p, ok := b.o.Prices.For(u.Model, b.o.Now())
	if !ok {
		b.tellUnpriced(u.Model)
		return 0, false
	}
	return p.Cost(u), true
}

func (b *Book) day() string { return b.o.Now().UTC().Format(time.DateOnly) }

// estimate is what the dearest of the last answers cost.
func (b *Book) estimate() amount {
	b.mu.Lock()
	defer b.mu.Unlock()
	var a amount
	for _, r := range b.recent {
		a.nanos, a.input, a.output = max(a.nanos, r.nanos), max(a.input, r.input), max(a.output, r.output)
	}
	return a
}

// ended takes in what an answer cost. The first real one replaces the guess.
func (b *Book) ended(a amount) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.recent) < lately && b.next >= len(b.recent) {
		b.recent = append(b.recent, a)
	} else {
		b.recent[b.next%len(b.recent)] = a
	}
	b.next = (b.next + 1) % lately
}
