package qdrant_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
	"github.com/resync-hwa/resync/knowledge/index/qdrant"
	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// stand is a server with an index over it that a corpus was put into, and the oracle that got the same.
type stand struct {
	*qdranttest.Server
	x     *qdrant.Index
	o     *indextest.Oracle
	c     *indextest.Corpus
	clock *clock
	log   *bytes.Buffer
}

var layout = index.Layout{Analysis: 1, Model: "made up", Dimensions: indextest.Dimensions}

func filled(t *testing.T, o qdrant.Options) *stand {
	t.Helper()
	s := &stand{Server: qdranttest.Start(t, qdranttest.Options{}), o: indextest.NewOracle(), c: indextest.NewCorpus(21), clock: &clock{t: time.Unix(1e9, 0)}, log: &bytes.Buffer{}}
	o.URL, o.Clock, o.Logger = s.URL(), s.clock.now, slog.New(slog.NewTextHandler(s.log, nil))
	s.x = open(t, o)
	t.Cleanup(func() { _ = s.x.Close() })
	must(t, s.x.Reset(t.Context(), layout))
	must(t, s.o.Reset(t.Context(), layout))
	for _, b := range s.c.Fill(20) {
		s.apply(t, b)
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
	if p := fault.Public(err); p != nil && (strings.Contains(p.Message+p.Hint, "injected") || strings.Contains(p.Message+p.Hint, "rpc error")) {
		t.Errorf("%s: the server's words are shown: %s %s", what, p.Message, p.Hint)
	}
}

func (s *stand) apply(t *testing.T, b index.Batch) {
	t.Helper()
	must(t, s.x.Apply(t.Context(), b))
	must(t, s.o.Apply(t.Context(), b))
}

func (s *stand) question() index.Query {
	q := s.c.Query(5, 1)
	q.Vector = s.c.Vector()
	return q
}

// same holds state and candidates to the oracle's.
func (s *stand) same(t *testing.T, x *qdrant.Index) {
	t.Helper()
	got, err := x.State(t.Context())
	must(t, err)
	if want, _ := s.o.State(t.Context()); got != want {
		t.Fatalf("state %+v, want %+v", got, want)
	}
	q := s.question()
	found, err := x.Find(t.Context(), q)
	must(t, err)
	want, err := s.o.Find(t.Context(), q)
	must(t, err)
	if len(found) != len(want) {
		t.Fatalf("%d candidates, want %d", len(found), len(want))
	}
	for i := range found {
		if found[i].ID != want[i].ID || !bytes.Equal(found[i].Record, want[i].Record) {
			t.Fatalf("candidate %d is %d, want %d", i, found[i].ID, want[i].ID)
		}
	}
}

// Whatever breaks a batch off, wherever: applied again by another process, nothing is lost or doubled. Each call of a batch is broken
// once, before and after the server has done what it was asked. A connection that is cut is noticed and the call made again.
func TestBrokenOffAnywhere(t *testing.T) {
	for _, kind := range []struct {
		name   string
		do     qdranttest.Action
		passes bool
	}{{"refused", qdranttest.Fail(codes.Internal), false}, {"answer lost", qdranttest.FailAfter(codes.Internal), false}, {"cut", qdranttest.CutAfter(), true}} {
		t.Run(kind.name, func(t *testing.T) {
			s := filled(t, qdrant.Options{})
			b := s.c.Batch(s.c.Change(3, 4), s.c.Change(5, 0), s.c.Change(30, 2), s.c.Change(7, 600))
			before := s.Calls("")
			s.apply(t, b)
			calls := s.Calls("") - before
			if calls < 8 {
				t.Fatalf("a batch makes %d calls only?", calls)
			}
			for skip := range calls {
				b = s.c.Batch(s.c.Change(3, 4), s.c.Change(5, skip%3), s.c.Change(30, 2), s.c.Change(7, 600))
				x := open(t, qdrant.Options{URL: s.URL()})
				s.Inject(qdranttest.Fault{Skip: skip, Times: 1, Do: kind.do})
				err := x.Apply(t.Context(), b)
				must(t, x.Close())
				s.Heal()
				if kind.passes != (err == nil) {
					t.Fatalf("call %d of %d: %v", skip, calls, err)
				}
				if _, err := s.x.State(t.Context()); err != nil {
					t.Fatal(err)
				}
				again := open(t, qdrant.Options{URL: s.URL()})
				must(t, again.Apply(t.Context(), b))
				must(t, s.o.Apply(t.Context(), b))
				s.same(t, again)
				must(t, again.Close())
			}
		})
	}
}

// What passes is tried again, and only that.
func TestRetries(t *testing.T) {
	s := filled(t, qdrant.Options{Timeout: 2 * time.Second})
	for _, c := range []struct {
		name  string
		do    qdranttest.Action
		times int
		calls int
		want  fault.Code
	}{
		{"unavailable once", qdranttest.Fail(codes.Unavailable), 1, 2, ""},
		{"cut", qdranttest.Cut(), 1, 2, ""},
		{"limited", qdranttest.Limit(0), 2, 3, ""},
		{"limited for an hour", qdranttest.Limit(3600), 1, 1, fault.UpstreamUnavailable},
		{"unavailable for good", qdranttest.Fail(codes.Unavailable), 0, 3, fault.UpstreamUnavailable},
		{"out of space", qdranttest.Fail(codes.ResourceExhausted), 0, 3, fault.UpstreamUnavailable},
		{"broken", qdranttest.Fail(codes.Internal), 0, 1, fault.UpstreamUnavailable},
		{"timed out there", qdranttest.Fail(codes.DeadlineExceeded), 0, 1, fault.Timeout},
		{"not let in", qdranttest.Fail(codes.Unauthenticated), 0, 1, fault.Unauthorized},
		{"not allowed", qdranttest.Fail(codes.PermissionDenied), 0, 1, fault.Unauthorized},
	} {
		before := s.Calls("QueryBatch")
		s.Inject(qdranttest.Fault{Method: "QueryBatch", Times: c.times, Do: c.do})
		_, err := s.x.Find(t.Context(), s.question())
		s.Heal()
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if c.want != "" {
			wantCode(t, c.name, err, c.want)
		}
		if n := s.Calls("QueryBatch") - before; n != c.calls {
			t.Errorf("%s: %d calls, want %d", c.name, n, c.calls)
		}
	}
	s.same(t, s.x)
}

func TestTooSlow(t *testing.T) {
	s := filled(t, qdrant.Options{Timeout: 100 * time.Millisecond})
	s.Inject(qdranttest.Fault{Method: "QueryBatch", Do: qdranttest.Delay(time.Hour)})
	_, err := s.x.Find(t.Context(), s.question())
	wantCode(t, "a server that does not answer", err, fault.Timeout)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.x.Find(ctx, s.question()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's own deadline gives %v", err)
	}
	s.Heal()
	s.same(t, s.x)
}

// A server that is killed and comes back is found again unaided.
func TestKilledAndBack(t *testing.T) {
	s := filled(t, qdrant.Options{})
	s.Stop()
	_, err := s.x.Find(t.Context(), s.question())
	wantCode(t, "while it is away", err, fault.UpstreamUnavailable)
	wantCode(t, "while it is away", s.x.Apply(t.Context(), s.c.Batch(s.c.Change(1, 2))), fault.UpstreamUnavailable)
	s.Restart(t)
	b := s.c.Batch(s.c.Change(1, 2))
	end := time.Now().Add(20 * time.Second)
	for err = s.x.Apply(t.Context(), b); err != nil && time.Now().Before(end); err = s.x.Apply(t.Context(), b) {
		wantCode(t, "coming back", err, fault.UpstreamUnavailable)
	}
	must(t, err)
	must(t, s.o.Apply(t.Context(), b))
	s.same(t, s.x)
}

func TestLies(t *testing.T) {
	s := filled(t, qdrant.Options{})
	q := s.question()
	for _, c := range []struct {
		name string
		do   qdranttest.Action
	}{
		{"half an answer", qdranttest.HalfBatch()},
		{"no payload", qdranttest.NoPayload()},
		{"scores that are none", qdranttest.NaN()},
		{"records that are none", qdranttest.EachScored(func(p *client.ScoredPoint) { p.Payload["record"] = client.NewValueString("AAECAwQ=") })},
	} {
		s.Inject(qdranttest.Fault{Method: "QueryBatch", Times: 1, Do: c.do})
		_, err := s.x.Find(t.Context(), q)
		wantCode(t, c.name, err, fault.UpstreamUnavailable)
	}
	// One wrong point among good ones is left out, and the log says so.
	s.Inject(qdranttest.Fault{Method: "QueryBatch", Times: 1, Do: qdranttest.Lie(func(a any) {
		a.(*client.QueryBatchResponse).Result[0].Result[0].Payload = nil
	})})
	if found, err := s.x.Find(t.Context(), q); err != nil || len(found) == 0 {
		t.Errorf("one wrong point: %d candidates, %v", len(found), err)
	}
	if !strings.Contains(s.log.String(), "no passages") {
		t.Error("the log does not say that a point was left out")
	}
	// A passage of another's label is not taken, whatever the server's filter lets through.
	narrow := q
	narrow.All, narrow.Access = false, []string{"ops"}
	s.Inject(qdranttest.Fault{Method: "QueryBatch", Times: 1, Do: qdranttest.EachScored(func(p *client.ScoredPoint) {
		if p.GetId().GetNum()%2 == 0 {
			p.Payload["access"] = client.NewValueString(":dba")
		}
	})})
	found, err := s.x.Find(t.Context(), narrow)
	must(t, err)
	for _, f := range found {
		if f.ID%2 == 0 {
			t.Errorf("passage %d of another's label was taken", f.ID)
		}
	}
	s.same(t, s.x)
}

// A server that confirms what it does not show keeps the mark where it was, and nothing is lost when it has caught up.
func TestOwnWritesNotSeen(t *testing.T) {
	s := filled(t, qdrant.Options{})
	before, err := s.x.State(t.Context())
	must(t, err)
	b := s.c.Batch(s.c.Change(2, 6), s.c.Change(4, 0))
	s.Lag()
	wantCode(t, "writes that are not shown", s.x.Apply(t.Context(), b), fault.UpstreamUnavailable)
	if got, err := s.x.State(t.Context()); err != nil || got.Upto != before.Upto {
		t.Errorf("the mark is at %d, want %d: %v", got.Upto, before.Upto, err)
	}
	s.CatchUp()
	s.apply(t, b)
	s.same(t, s.x)
	b = s.c.Batch(s.c.Change(2, 3))
	s.Inject(qdranttest.Fault{Method: "Count", Times: 1, Do: qdranttest.Lie(func(a any) { a.(*client.CountResponse).Result.Count-- })})
	wantCode(t, "a replica that has one passage less", s.x.Apply(t.Context(), b), fault.UpstreamUnavailable)
	s.apply(t, b)
	s.same(t, s.x)
}

// While a document is replaced by a batch that breaks off between its new points and the removal of the old, readers see the new ones.
func TestBetweenNewAndOld(t *testing.T) {
	s := filled(t, qdrant.Options{})
	c := s.c.Change(3, 3)
	must(t, s.x.Apply(t.Context(), s.c.Batch(c)))
	fresh := s.c.Change(3, 4)
	up := make([]*client.PointStruct, 0, 4)
	for i := range fresh.Passages {
		up = append(up, qdrant.Point(&fresh, &fresh.Passages[i], indextest.Average))
	}
	if _, err := s.Client(t, "").Upsert(t.Context(), &client.UpsertPoints{CollectionName: "resync", Wait: client.PtrOf(true), Points: up}); err != nil {
		t.Fatal(err)
	}
	q := index.Query{All: true, Vector: s.c.Vector(), Limit: 10000}
	for rank := range 50 {
		q.Units = append(q.Units, index.Unit{Weight: 1, Any: []index.Term{{Hash: indextest.Term(rank), IDF: 1}}})
	}
	found, err := s.x.Find(t.Context(), q)
	must(t, err)
	n := 0
	for _, f := range found {
		if f.Document != 3 {
			continue
		}
		n++
		if r, err := f.Record.Unpack(); err != nil || int64(r.Section) != fresh.Number {
			t.Errorf("passage %d is of change %d, want %d: %v", f.ID, r.Section, fresh.Number, err)
		}
	}
	if n != 4 {
		t.Errorf("%d passages of the document, want its 4 new ones", n)
	}
}

// One round trip finds by words and by vector, and the state of an index that does not change costs one.
func TestCallsOfASearch(t *testing.T) {
	s := filled(t, qdrant.Options{})
	before := s.Calls("")
	for range 10 {
		_, err := s.x.State(t.Context())
		must(t, err)
		_, err = s.x.Find(t.Context(), s.question())
		must(t, err)
	}
	if n := s.Calls("") - before; n != 20 {
		t.Errorf("%d calls for ten searches, want 20", n)
	}
}
