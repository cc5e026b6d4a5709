package llm_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/internal/fault"
)

// named gives settings under a name.
func named(name string, s llm.Settings) llm.Settings { s.Name = name; return s }

// The next model answers when one fails, what was heard is taken back, and everything is told.
func TestTheNextOneAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		first http.HandlerFunc
		kinds string // of the first model's tries
	}{
		"500":         {status(500, "x"), "a:broken a:broken"},
		"503":         {status(503, "x"), "a:busy a:busy"},
		"429-later":   {status(429, "x", "Retry-After", "2"), "a:busy"},
		"401":         {status(401, "x"), "a:denied"},
		"403":         {status(403, "x"), "a:denied"},
		"empty":       {sse(true, delta(""), stop), "a:empty a:empty"},
		"cut":         {sse(false, delta("Half of")), "a:cut_off a:cut_off"},
		"error":       {sse(false, delta("Half of"), `{"error":{"message":"x"}}`), "a:broken a:broken"},
		"malformed":   {sse(true, delta("Half of"), toolCall(`"index":0,`, ``, `"{"`), stop), "a:malformed a:malformed"},
		"html":        {body("text/html", "<html>"), "a:no_model"},
		"repeats":     {sse(true, repeated(delta("so on and "), 400)...), "a:repeats"},
		"once-and-ok": {nil, "a:broken"},
	} {
		t.Run(name, func(t *testing.T) {
			second := serve(t, said(llm.Anthropic, "It is well."))
			first := serve(t, c.first)
			if c.first == nil {
				first = serve(t, status(500, "x"), said(llm.OpenAI, "It is well."))
			}
			resp, e, all, err := once(t, chain(t, named("a", settings(llm.OpenAI, first)), named("b", settings(llm.Anthropic, second))), asking("what?"))
			want := c.kinds + " b:ok"
			if c.first == nil {
				want = c.kinds + " a:ok"
			}
			if err != nil || all.kinds() != want || e.text != "It is well." || resp.Text != e.text || e.restarts != len(all)-1 {
				t.Errorf("%s, heard %q after %d restarts, %v", all.kinds(), e.text, e.restarts, err)
			}
		})
	}
	t.Run("refused-connection", func(t *testing.T) {
		gone, second := serve(t, said(llm.OpenAI, "x")), serve(t, said(llm.Ollama, "It is well."))
		gone.Close()
		_, _, all, err := once(t, chain(t, named("a", settings(llm.OpenAI, gone)), named("b", settings(llm.Ollama, second))), asking("what?"))
		if err != nil || all.kinds() != "a:unreachable b:ok" || all[0].Usage != (llm.Usage{}) {
			t.Errorf("%s %+v", all.kinds(), all[0].Usage)
		}
		if f := all[0].Model.Fault(all[0].Failure); !strings.Contains(f.Message, "cannot be reached") || strings.Contains(f.Message, "127.0.0.1") {
			t.Errorf("fault = %v", f)
		}
	})
	t.Run("usage-of-a-cut-stream", func(t *testing.T) {
		first, second := serve(t, sse(false, delta("Half of"))), serve(t, said(llm.OpenAI, "It is well."))
		_, _, all, _ := once(t, chain(t, named("a", settings(llm.OpenAI, first)), named("b", settings(llm.OpenAI, second))), asking("what?"))
		if u := all[0].Usage; !u.Estimated || u.Input < 20 || u.Output != 2 {
			t.Errorf("usage = %+v", u)
		}
	})
}

// A model that fails stays away for the rest of its question, and is asked again for the next.
func TestAModelThatFailedIsNotAskedAgainForItsQuestion(t *testing.T) {
	first, second := serve(t, status(401, "x")), serve(t, said(llm.OpenAI, "It is well."))
	c := chain(t, named("a", settings(llm.OpenAI, first)), named("b", settings(llm.OpenAI, second)))
	for range 2 {
		talk := c.Begin("", &ear{}, func(llm.Try) {})
		for range 3 {
			if _, err := talk.Generate(t.Context(), asking("what?")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, m := len(first.requests()), len(second.requests()); n != 2 || m != 6 {
		t.Errorf("%d and %d requests", n, m)
	}
}

// Retry-After is honoured where nobody else can answer and the time allows it.
func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		after, want string
		least, most time.Duration
	}{{"2", "a:busy a:ok", 2 * time.Second, 3 * time.Second}, {"", "a:busy a:ok", 0, time.Second}, {"60", "a:busy", 0, 0}, {"soon", "a:busy a:ok", 0, time.Second}, {"-5", "a:busy a:ok", 0, time.Second}} {
		s := serve(t, status(429, "x", "Retry-After", c.after), said(llm.OpenAI, "It is well."))
		var waited time.Duration
		ch, err := llm.New(llm.Options{Wait: func(_ context.Context, d time.Duration) error { waited += d; return nil }}, named("a", settings(llm.OpenAI, s)))
		if err != nil {
			t.Fatal(err)
		}
		_, _, all, _ := once(t, ch, asking("what?"))
		ch.Close()
		if all.kinds() != c.want || waited < c.least || waited > c.most {
			t.Errorf("%q: %s after %s", c.after, all.kinds(), waited)
		}
	}
}

// However long a model may take, nobody is kept waiting for more than a quarter of a minute.
func TestALongRetryAfterIsNotWaitedFor(t *testing.T) {
	s := serve(t, status(429, "x", "Retry-After", "20"), said(llm.OpenAI, "It is well."))
	patient := named("a", settings(llm.OpenAI, s))
	patient.Timeout = 2 * time.Minute
	if _, _, all, _ := once(t, chain(t, patient), asking("what?")); all.kinds() != "a:busy" {
		t.Error(all.kinds())
	}
}

// The time of a model is for all of its work on one question, not for each request.
func TestTheTimeOfAModelIsForAllOfItsRequests(t *testing.T) {
	well := said(llm.OpenAI, "It is well.")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(200 * time.Millisecond): // what the model takes
			well(w, r)
		case <-r.Context().Done():
		}
	})
	hurried := named("a", settings(llm.OpenAI, s))
	hurried.Timeout = 500 * time.Millisecond
	var all tried
	talk := chain(t, hurried).Begin("", &ear{}, func(x llm.Try) { all = append(all, x) })
	for range 3 {
		_, _ = talk.Generate(t.Context(), asking("what?")) // what was tried says how it ended
	}
	if last := all[len(all)-1]; last.Failure == nil || last.Failure.Kind != llm.TimedOut {
		t.Error(all.kinds())
	}
}

// clock is a clock that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

func timed(t *testing.T, all ...llm.Settings) (*llm.Chain, *clock) {
	t.Helper()
	k := &clock{at: time.Date(2026, 3, 17, 3, 0, 0, 0, time.UTC)}
	c, err := llm.New(llm.Options{Now: k.now, Wait: func(context.Context, time.Duration) error { return nil }}, all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, k
}

// A dead server is not asked by everybody: after five failures in a row it rests, then one question goes to see.
func TestADeadServerIsLeftAlone(t *testing.T) {
	s := serve(t, status(401, "x"))
	c, k := timed(t, named("a", settings(llm.OpenAI, s)))
	for range 19 {
		_, _, _, _ = once(t, c, asking("what?"))
	}
	_, _, last, _ := once(t, c, asking("what?"))
	if len(s.requests()) != 5 || last.kinds() != "a:resting" || last[0].Sent || !strings.Contains(last[0].Model.Fault(last[0].Failure).Hint, "03:00:30") {
		t.Errorf("%d requests, %s, %s", len(s.requests()), last.kinds(), last[0].Model.Fault(last[0].Failure).Hint)
	}
	k.pass(31 * time.Second)
	for range 5 {
		_, _, _, _ = once(t, c, asking("what?"))
	}
	if len(s.requests()) != 6 {
		t.Errorf("%d requests", len(s.requests()))
	}
	s.mu.Lock()
	s.replies = []http.HandlerFunc{said(llm.OpenAI, "It is well.")}
	s.mu.Unlock()
	k.pass(31 * time.Second)
	for range 3 {
		if _, _, last, _ = once(t, c, asking("what?")); last.kinds() != "a:ok" {
			t.Errorf("%s", last.kinds())
		}
	}
}

// A server that asks to be left alone is, for all questions.
func TestRetryAfterHoldsForEverybody(t *testing.T) {
	s, other := serve(t, status(429, "x", "Retry-After", "120"), said(llm.OpenAI, "It is well.")), serve(t, said(llm.OpenAI, "It is well."))
	c, k := timed(t, named("a", settings(llm.OpenAI, s)), named("b", settings(llm.OpenAI, other)))
	_, _, _, _ = once(t, c, asking("what?"))
	if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != "a:resting b:ok" {
		t.Error(all.kinds())
	}
	k.pass(121 * time.Second)
	if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != "a:ok" {
		t.Error(all.kinds())
	}
}

// One question goes to see after a rest that the server asked for; where it fails the server rests again, though it has not failed five times.
func TestAFailureAfterARestIsARestAgain(t *testing.T) {
	s := serve(t, status(429, "x", "Retry-After", "120"), status(401, "x"))
	c, k := timed(t, named("a", settings(llm.OpenAI, s)))
	_, _, _, _ = once(t, c, asking("what?"))
	k.pass(121 * time.Second)
	for _, want := range []string{"a:denied", "a:resting", "a:resting"} {
		if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != want {
			t.Errorf("%s, want %s", all.kinds(), want)
		}
	}
	k.pass(31 * time.Second) // half a minute, like any other rest
	if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != "a:denied" {
		t.Errorf("after the second rest: %s", all.kinds())
	}
}

// A server cannot ask to be left alone for longer than ten minutes.
func TestARestHasAnEnd(t *testing.T) {
	s := serve(t, status(429, "x", "Retry-After", "86400"), said(llm.OpenAI, "It is well."))
	c, k := timed(t, named("a", settings(llm.OpenAI, s)))
	for _, want := range []string{"a:busy", "a:resting"} {
		if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != want {
			t.Errorf("%s, want %s", all.kinds(), want)
		}
	}
	k.pass(10*time.Minute + time.Second)
	if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != "a:ok" {
		t.Error(all.kinds())
	}
}

// After a rest one question goes to see, and the others do not wait for what it finds.
func TestOneQuestionGoesToSee(t *testing.T) {
	arrived, goOn := make(chan struct{}), make(chan struct{})
	well := said(llm.OpenAI, "It is well.")
	s := serve(t, status(429, "x", "Retry-After", "120"), func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-goOn
		well(w, r)
	}, well)
	c, k := timed(t, named("a", settings(llm.OpenAI, s)))
	_, _, _, _ = once(t, c, asking("what?"))
	k.pass(121 * time.Second)
	seen := make(chan string)
	go func() {
		_, _, all, _ := once(t, c, asking("what?"))
		seen <- all.kinds()
	}()
	<-arrived
	if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != "a:resting" {
		t.Errorf("meanwhile: %s", all.kinds())
	}
	close(goOn)
	if kinds := <-seen; kinds != "a:ok" {
		t.Errorf("who went to see: %s", kinds)
	}
	if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != "a:ok" {
		t.Errorf("afterwards: %s", all.kinds())
	}
}

// A clock that is set back says nothing about a server: its rest ends, and does not last as long as the clock was wrong.
func TestAClockThatIsSetBackEndsARest(t *testing.T) {
	s := serve(t, status(429, "x", "Retry-After", "120"), said(llm.OpenAI, "It is well."))
	c, k := timed(t, named("a", settings(llm.OpenAI, s)))
	_, _, _, _ = once(t, c, asking("what?"))
	k.pass(-24 * time.Hour)
	if _, _, all, _ := once(t, c, asking("what?")); all.kinds() != "a:ok" {
		t.Error(all.kinds())
	}
}

// Repeats are few: five in reserve, then one for ten first requests.
func TestRetryBudget(t *testing.T) {
	s := serve(t, sse(true, delta(""), stop)) // the server is well, the model is not
	c, k := timed(t, named("a", settings(llm.OpenAI, s)))
	for range 200 {
		_, _, _, _ = once(t, c, asking("what?"))
	}
	if n := len(s.requests()); n < 220 || n > 226 {
		t.Errorf("%d requests for 200 questions", n)
	}
	k.pass(3 * time.Minute)
	for range 5 {
		_, _, _, _ = once(t, c, asking("what?"))
	}
	if n := len(s.requests()); n < 227 || n > 235 {
		t.Errorf("%d requests for 205 questions", n)
	}
}

// Each model has a budget of its own, and all together have one: neither a model that is always ill nor several of them multiply what is asked.
func TestRetryBudgetsOfAModelAndOfAll(t *testing.T) {
	empty := sse(true, delta(""), stop)
	ill, well := serve(t, empty), serve(t, said(llm.OpenAI, "It is well."))
	c, _ := timed(t, named("a", settings(llm.OpenAI, ill)), named("b", settings(llm.OpenAI, well)))
	for range 100 {
		_, _, _, _ = once(t, c, asking("what?"))
	}
	if n := len(ill.requests()); n < 110 || n > 116 {
		t.Errorf("one model: %d requests for 100 questions", n)
	}
	var all []*server
	var models []llm.Settings
	for _, name := range []string{"a", "b", "c", "d"} {
		s := serve(t, empty)
		all, models = append(all, s), append(models, named(name, settings(llm.OpenAI, s)))
	}
	c, _ = timed(t, models...)
	for range 5 {
		_, _, _, _ = once(t, c, asking("what?"))
	}
	n := 0
	for _, s := range all {
		n += len(s.requests())
	}
	if n < 25 || n > 27 { // 20 first ones, five in reserve, and one for ten
		t.Errorf("four models: %d requests for 5 questions", n)
	}
}

// A model that calls what it was not offered is told once, by whoever runs the calls; then the next one is asked.
func TestUnofferedCalls(t *testing.T) {
	first, second := serve(t, said(llm.OpenAI, "", call{"c", "delete_all", "{}"})), serve(t, said(llm.OpenAI, "It is well."))
	c := chain(t, named("a", settings(llm.OpenAI, first)), named("b", settings(llm.OpenAI, second)))
	var all tried
	talk := c.Begin("", &ear{}, func(x llm.Try) { all = append(all, x) })
	one, err := talk.Generate(t.Context(), asking("what?"))
	if err != nil || len(one.Calls) != 1 || one.Calls[0].Name != "delete_all" {
		t.Fatal(one, err)
	}
	due := asking("what?")
	due.Tools = nil
	var once tried
	if resp, err := c.Begin("", &ear{}, func(x llm.Try) { once = append(once, x) }).Generate(t.Context(), due); err != nil || resp.Text != "It is well." || once.kinds() != "a:unoffered b:ok" {
		t.Errorf("where the answer is due: %s, %v", once.kinds(), err)
	}
	two, err := talk.Generate(t.Context(), asking("what?"))
	if err != nil || two.Text != "It is well." || all.kinds() != "a:ok a:unoffered b:ok" {
		t.Error(all.kinds(), err)
	}
}

// Whoever asked may go at any time; nothing is counted against the server then.
func TestCancel(t *testing.T) {
	asked := make(chan struct{}, 1)
	silent := func(_ http.ResponseWriter, r *http.Request) { asked <- struct{}{}; <-r.Context().Done() }
	for name, reply := range map[string]http.HandlerFunc{"before": silent, "within": hangs("data: " + delta("It is") + "\n\n")} {
		s := serve(t, reply)
		c := chain(t, named("a", settings(llm.OpenAI, s)))
		for range 7 {
			ctx, cancel := context.WithCancel(t.Context())
			e := &ear{heard: func(string) { cancel() }}
			if name == "before" {
				go func() { <-asked; cancel() }()
			}
			_, err := c.Begin("", e, func(x llm.Try) {
				if x.Failure != nil && x.Failure.Kind == llm.Resting {
					t.Errorf("%s: it rests", name)
				}
			}).Generate(ctx, asking("what?"))
			cancel()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// What cannot work is an error at the start.
func TestNewRefuses(t *testing.T) {
	ok := llm.Settings{Name: "a", Provider: llm.OpenAI, Endpoint: "http://127.0.0.1:1/v1", Model: "m"}
	for name, change := range map[string]func(*llm.Settings){
		"provider": func(s *llm.Settings) { s.Provider = "oracle" }, "no-endpoint": func(s *llm.Settings) { s.Endpoint = "" }, "scheme": func(s *llm.Settings) { s.Endpoint = "ftp://h" },
		"password": func(s *llm.Settings) { s.Endpoint = "http://u:hush@h/v1" }, "key-in-address": func(s *llm.Settings) { s.Endpoint = "http://h/v1?key=hush" }, "no-model": func(s *llm.Settings) { s.Model = "" },
		"temperature": func(s *llm.Settings) { s.Temperature = 2.5 }, "temperature-anthropic": func(s *llm.Settings) { s.Provider, s.Temperature = llm.Anthropic, 1.5 },
		"line-in-key": func(s *llm.Settings) { s.APIKey = "a\r\nX: hush" }, "context": func(s *llm.Settings) { s.ContextTokens = 1000 }, "ca-file": func(s *llm.Settings) { s.CAFile = "/no/such/file" },
	} {
		s := ok
		change(&s)
		if _, err := llm.New(llm.Options{}, s); !fault.Is(err, fault.Invalid) || strings.Contains(fmt.Sprint(err), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := llm.New(llm.Options{}, ok, ok); !fault.Is(err, fault.Invalid) {
		t.Errorf("twice: %v", err)
	}
	for _, provider := range []string{llm.Anthropic, llm.Gemini, llm.Ollama} {
		if _, err := llm.New(llm.Options{}, llm.Settings{Provider: provider, Model: "m"}); err != nil {
			t.Errorf("%s: %v", provider, err)
		}
	}
}
