package recall_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/recall"
	"github.com/resync-hwa/resync/internal/toolkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func entry(name string, args map[string]any, r toolkit.Result) conversations.Call {
	return composetest.Entry("t1", name, args, r)
}

func plan(now, why string, failed int) conversations.Call {
	r := composetest.OK(map[string]any{"plan_now": now, "failed": failed, "rows": []any{map[string]any{"entity": "A#B.C", "why": why, "elapsed_seconds": len(why)}}},
		toolkit.Source{Source: "plan:A#B.C", Fields: []toolkit.Field{{Name: "last_checked", Value: now}, {Name: "status", Value: "ABEND"}}})
	r.Envelope.Clocks.PlanNow, r.Envelope.Clocks.FetchedAt, r.Envelope.UpstreamCalls = now, now, len(why)
	return entry("plan_status", map[string]any{}, r)
}

func digest(t *testing.T, calls ...conversations.Call) recall.Digest {
	t.Helper()
	d, ok := recall.Facts(calls)
	if !ok {
		t.Fatal("no digest")
	}
	return d
}

func TestTheClockIsNoFact(t *testing.T) {
	first := plan("2026-03-17T05:25:00-03:00", "elapsed 2 h, estimated 40 min, since 2026-03-17T02:00:00-03:00", 3)
	for name, tc := range map[string]struct {
		call conversations.Call
		same bool
	}{
		"a-minute-later": {plan("2026-03-17T05:26:00-03:00", "elapsed 2 h 25 min, estimated 40 min, since 2026-03-17T02:00:00-03:00", 3), true},
		"an-hour-ago":    {plan("2026-03-17T05:25:00-03:00", "elapsed 2 h, estimated 40 min, since 2026-03-17T04:20:00-03:00", 3), false},
		"one-more":       {plan("2026-03-17T05:25:00-03:00", "elapsed 2 h, estimated 40 min, since 2026-03-17T02:00:00-03:00", 4), false},
		"another-start":  {plan("2026-03-17T05:25:00-03:00", "elapsed 2 h, estimated 40 min, since 2026-03-17T02:30:00-03:00", 3), false},
	} {
		if got := digest(t, first) == digest(t, tc.call); got != tc.same {
			t.Errorf("%s: same = %v", name, got)
		}
	}
	// What was just now moves; what is older than that is when something happened.
	for ago, same := range map[string]bool{"2026-03-17T05:20:00-03:00": true, "2026-03-17T05:12:00-03:00": true, "2026-03-17T05:09:00-03:00": false, "2026-03-17T04:20:00-03:00": false} {
		at := func(since string) recall.Digest {
			return digest(t, plan("2026-03-17T05:25:00-03:00", "since "+since, 3))
		}
		if got := at(ago) == at("2026-03-17T05:24:00-03:00"); got != same {
			t.Errorf("%s: same = %v", ago, got)
		}
	}
	other := entry("find_jobs", map[string]any{"text": "x"}, composetest.OK(composetest.Found()))
	if digest(t, first, other) != digest(t, other, first, first) {
		t.Error("order and repetition are no facts")
	}
	if digest(t, first, other) == digest(t, first) {
		t.Error("another call is a fact")
	}
	changed := entry("find_jobs", map[string]any{"text": "y"}, composetest.OK(composetest.Found()))
	if digest(t, other) == digest(t, changed) {
		t.Error("what was asked of a tool is a fact")
	}
}

// Any change of a data value that is no clock changes the digest.
func TestEveryValueIsAFact(t *testing.T) {
	out, src := composetest.Abend("en")
	call := entry("diagnose_job", map[string]any{"target": "INV_LOAD"}, composetest.OK(out, src...))
	whole := digest(t, call)
	for i, quote := range []string{composetest.Decisve, "app.db.auth", "ABEND", "LED_POST", "ledger-duty", "77012", "r1", "2026-03-17T02:14:40-03:00", "connecting to BILL"} {
		changed := call
		env := *call.Result.Envelope
		env.Data = bytes.ReplaceAll(env.Data, []byte(quote), fmt.Appendf(nil, "%s%d", quote[:len(quote)-1], i))
		b, err := json.Marshal(env.Sources)
		if err != nil {
			t.Fatal(err)
		}
		env.Sources = nil
		if err := json.Unmarshal(bytes.ReplaceAll(b, []byte(quote), fmt.Appendf(nil, "%s%d", quote[:len(quote)-1], i)), &env.Sources); err != nil {
			t.Fatal(err)
		}
		changed.Result.Envelope = &env
		if d, ok := recall.Facts(conversations.Ledger{changed}); !ok || d == whole {
			t.Errorf("%s can change without a change of the digest", quote)
		}
	}
}

// Another engine, an old reading and one that was cut are other facts, though the data are the same.
func TestWhereTheDataAreFromIsAFact(t *testing.T) {
	call := entry("plan_status", nil, composetest.OK(composetest.Plan()))
	whole := digest(t, call)
	for name, change := range map[string]func(*toolkit.Envelope){
		"engine": func(e *toolkit.Envelope) { e.Engine.Name = "south" }, "mode": func(e *toolkit.Envelope) { e.Engine.Mode = "mock" },
		"stale": func(e *toolkit.Envelope) { e.Stale = true }, "truncated": func(e *toolkit.Envelope) { e.Truncated = true },
	} {
		other, env := call, *call.Result.Envelope
		change(&env)
		other.Result.Envelope = &env
		if digest(t, other) == whole {
			t.Errorf("%s can change without a change of the digest", name)
		}
	}
}

// Two people with different labels ask the same: the one who may not see a passage gets other envelopes, so other prose.
func TestFactsOfPeopleWithDifferentLabelsDiffer(t *testing.T) {
	open, src := composetest.Knowledge()
	all := entry("search_knowledge", map[string]any{"query": "login"}, composetest.OK(open, src...))
	fewer := entry("search_knowledge", map[string]any{"query": "login"}, composetest.OK(map[string]any{"query": "login denied", "band": "none", "results": []any{}}))
	s := store(t, recall.Options{})
	key := recall.Key{Model: "m", Prompt: "p", Question: "what about the login?", Facts: digest(t, all)}
	s.Put(key, recall.Prose{Sentences: []string{"Ask the database team."}, Facts: key.Facts})
	if _, ok := s.Get(key); !ok {
		t.Error("what was put is not there")
	}
	key.Facts = digest(t, fewer)
	if p, ok := s.Get(key); ok {
		t.Errorf("whoever may not see the passage gets %q", p.Sentences)
	}
}

func TestNothingIsKeptOfFailuresAndStrangers(t *testing.T) {
	good := entry("plan_status", nil, composetest.OK(composetest.Plan()))
	for name, c := range map[string]conversations.Call{
		"failed":  entry("get_job", nil, composetest.Failed("timeout", "Too slow.", "")),
		"foreign": entry(toolkit.ForeignName("wiki", "search"), nil, composetest.OK(map[string]any{"text": "x"})),
	} {
		if _, ok := recall.Facts(conversations.Ledger{good, c}); ok {
			t.Errorf("%s: there is a digest", name)
		}
	}
	if _, ok := recall.Facts(nil); ok {
		t.Error("no facts have a digest")
	}
}

func store(t *testing.T, o recall.Options) *recall.Store {
	t.Helper()
	s, err := recall.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeysDifferInEveryPart(t *testing.T) {
	s := store(t, recall.Options{})
	key := recall.Key{Model: "m", Prompt: "p", Agent: "a", Language: "en", Intent: "i", Question: "Why did X fail?"}
	s.Put(key, recall.Prose{Sentences: []string{"x"}})
	for name, change := range map[string]func(*recall.Key){
		"model": func(k *recall.Key) { k.Model = "m2" }, "prompt": func(k *recall.Key) { k.Prompt = "" }, "agent": func(k *recall.Key) { k.Agent = "b" },
		"language": func(k *recall.Key) { k.Language = "pt" }, "intent": func(k *recall.Key) { k.Intent = "" }, "question": func(k *recall.Key) { k.Question = "Why did Y fail?" },
		"facts": func(k *recall.Key) { k.Facts[0] = 1 }, "shifted": func(k *recall.Key) { k.Model, k.Prompt = "mp", "" },
	} {
		k := key
		change(&k)
		if _, ok := s.Get(k); ok {
			t.Errorf("%s: another key gives the same", name)
		}
	}
	key.Question = "  why did   x FAIL "
	if _, ok := s.Get(key); !ok {
		t.Error("the same question is not found")
	}
}

func TestBoundsOfAgeAndBytes(t *testing.T) {
	now := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	s := store(t, recall.Options{Bytes: 64 << 10, Age: time.Minute, Now: func() time.Time { return now }})
	key := recall.Key{Question: "q"}
	s.Put(key, recall.Prose{Sentences: []string{"x"}})
	now = now.Add(59 * time.Second)
	if _, ok := s.Get(key); !ok {
		t.Error("forgotten too early")
	}
	now = now.Add(time.Second)
	if _, ok := s.Get(key); ok {
		t.Error("not forgotten")
	}
	s.Put(key, recall.Prose{Sentences: []string{strings.Repeat("x", 7000)}})
	if _, ok := s.Get(key); ok {
		t.Error("what is too big is kept")
	}
	for i := range 1000 {
		s.Put(recall.Key{Question: fmt.Sprint(i)}, recall.Prose{Sentences: []string{strings.Repeat("x", 1000)}})
	}
	kept := 0
	for i := range 1000 {
		if _, ok := s.Get(recall.Key{Question: fmt.Sprint(i)}); ok {
			kept++
		}
	}
	if kept == 0 || kept > 64 {
		t.Errorf("%d KB are kept of 64", kept)
	}
}
