package reader

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"time"
)

// Store is a second level that several processes share. Its methods do not fail: a store that is down has nothing and takes nothing, which
// makes answers slower and never wrong. internal/cache has one in Redis.
type Store interface {
	// Get gives what was put under key, if it is there.
	Get(ctx context.Context, key string) ([]byte, bool)
	// Put keeps a value for a time.
	Put(ctx context.Context, key string, value []byte, ttl time.Duration)
	// Lease reports whether holder has the lease of that name, taken or renewed until ttl from now. A store that is down leases to everyone.
	Lease(ctx context.Context, name, holder string, ttl time.Duration) bool
}

const (
	// storeSchema is the version of what is written: it grows with every change of twstools' types that older processes would misread.
	storeSchema = 1
	// maxStored bounds one value before and after it is packed, so that nobody's bytes can fill our memory.
	maxStored   = 64 << 20
	maxPacked   = 8 << 20
	packFrom    = 1 << 10 // smaller ones are stored as they are
	packedMark  = 'z'
	plainMark   = 'j'
	storeWait   = 5 * time.Second
	leaseFactor = 2 // a holder that misses this many refreshes loses the lease
)

// stored is the form of an answer in the store. Schema, engine, plan, kind and key are checked against what was asked for: bytes of other
// origin are passed over.
type stored[T any] struct {
	Schema  int       `json:"schema"`
	Engine  string    `json:"engine"`
	Plan    string    `json:"plan"`
	Kind    kind      `json:"kind"`
	Key     string    `json:"key"`
	Fetched time.Time `json:"fetched"`
	Ended   bool      `json:"ended,omitempty"` // the log of a run that has ended
	Whole   bool      `json:"whole,omitempty"`
	Value   T         `json:"value"`
}

// storeKey is where an answer lies in the store. It shows the engine's name and the kind, nothing of the filter, the account or the plan.
func (r *Reader) storeKey(k kind, key string) string {
	y := newKeyer("store")
	y.number(storeSchema)
	y.text(r.o.Name)
	y.text(r.o.Identity)
	y.text(r.planMark())
	y.text(key)
	sum, _ := y.sum()
	return "resync:" + r.o.Name + ":" + string(k) + ":" + sum
}

// planKey is where the mark of the plan lies that other processes have seen.
func (r *Reader) planKey() string {
	y := newKeyer("plan")
	y.number(storeSchema)
	y.text(r.o.Name)
	y.text(r.o.Identity)
	sum, _ := y.sum()
	return "resync:" + r.o.Name + ":plan:" + sum
}

func (r *Reader) planMark() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mark
}

// lookUpMark takes over, once, the mark of the plan from another process, so that a process that has refreshed nothing yet finds the right answers.
func (r *Reader) lookUpMark(ctx context.Context) {
	r.mu.Lock()
	known := r.marked
	r.marked = true
	r.mu.Unlock()
	if known {
		return
	}
	raw, ok := r.o.Store.Get(ctx, r.planKey())
	r.mu.Lock()
	defer r.mu.Unlock()
	if ok && len(raw) <= maxMark && r.mark == "" {
		r.mark = string(raw)
	}
}

// maxMark bounds the plan's mark: a run number, or an instant.
const maxMark = 64

// borrow takes an answer of another process from the store; nil when there is none that fits.
func borrow[T any](ctx context.Context, r *Reader, a ask[T], own string, gen uint64) *entry {
	if r.o.Store == nil {
		return nil
	}
	r.lookUpMark(ctx)
	raw, ok := r.o.Store.Get(ctx, r.storeKey(a.kind, own))
	if !ok {
		return nil
	}
	var s stored[T]
	if !unpack(raw, &s) || s.Schema != storeSchema || s.Engine != r.o.Name || s.Plan != r.planMark() || s.Kind != a.kind || s.Key != own || s.Fetched.IsZero() {
		return nil
	}
	now := r.o.Clock()
	if s.Fetched.After(now) {
		s.Fetched = now // clocks of hosts differ a little
	}
	e := &entry{value: s.Value, fetched: s.Fetched, age: r.ageOf(a.kind), whole: s.Whole, borrowed: true, gen: gen, views: &views{}}
	if s.Ended {
		e.age = endedAge
	}
	e.size, _ = measure(s.Value)
	if e.state(now) == isFresh {
		if a.see != nil {
			a.see(s.Value)
		}
		r.put(a.ownOrWhole(e.whole), e)
	}
	return e
}

// ownOrWhole is the key in memory of an answer that is whole, or not.
func (a ask[T]) ownOrWhole(whole bool) string {
	if whole {
		return a.keys[0]
	}
	return a.own()
}

// share writes an answer for other processes.
func (r *Reader) share(ctx context.Context, k kind, own string, e *entry) {
	if r.o.Store == nil || e.size > maxStored || e.gen != r.generation() {
		return
	}
	raw, ok := pack(stored[any]{Schema: storeSchema, Engine: r.o.Name, Plan: r.planMark(), Kind: k, Key: own, Fetched: e.fetched, Ended: e.age == endedAge,
		Whole: e.whole, Value: e.value})
	if ok {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWait) // what was read is worth keeping even if the Reader closes
		defer cancel()
		r.o.Store.Put(ctx, r.storeKey(k, own), raw, e.age.stale)
	}
}

// pack writes JSON, gzipped where that pays. JSON and not gob: gob takes a pointer to zero for none, and a limit of 0 is not the absence of one.
func pack(v any) ([]byte, bool) {
	raw, err := json.Marshal(v)
	if err != nil || len(raw) > maxStored {
		return nil, false
	}
	if len(raw) < packFrom {
		return append([]byte{plainMark}, raw...), true
	}
	var b bytes.Buffer
	b.WriteByte(packedMark)
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, false
	}
	if _, err = z.Write(raw); err == nil {
		err = z.Close()
	}
	return b.Bytes(), err == nil && b.Len() <= maxPacked
}

// unpack reads what pack wrote; false for anything else.
func unpack(raw []byte, into any) bool {
	if len(raw) == 0 || len(raw) > maxPacked+1 {
		return false
	}
	var from io.Reader = bytes.NewReader(raw[1:])
	switch raw[0] {
	case plainMark:
	case packedMark:
		z, err := gzip.NewReader(from)
		if err != nil {
			return false
		}
		defer func() { _ = z.Close() }()
		from = io.LimitReader(z, maxStored+1)
	default:
		return false
	}
	return json.NewDecoder(from).Decode(into) == nil
}
