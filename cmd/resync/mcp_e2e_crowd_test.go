package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// crowd is how many clients there are at once, half of them of each revision.
const crowd = 200

// TestMCPCrowd lets 200 clients ask one server, with all its guards, at the same time; then a third of 200 leaves in the middle of a call. It does not run
// beside other tests, for it counts goroutines.
func TestMCPCrowd(t *testing.T) {
	var g engineGate
	p := newPlant(t, g.hold)
	p.env["APP_LIMITS__REQUESTS_PER_MINUTE"] = "1000000"
	for _, user := range []string{"ana", "ben"} {
		p.say(t, "a long battery of staples\n", "user", "add", user, "--role", "viewer")
	}
	keys := map[string]string{legacy: strings.TrimSpace(p.say(t, "", "user", "key", "ana", "--scope", "mcp")), modern: strings.TrimSpace(p.say(t, "", "user", "key", "ben", "--scope", "mcp"))}
	address := p.listen(t, "serve", "--listen", "127.0.0.1:0")

	line := &http.Transport{}
	first := overHTTP(address, legacy, keys[legacy], line)
	jobs := plannedJobs(t, first)
	line.CloseIdleConnections()
	before := runtime.NumGoroutine()

	lines := make([]*http.Transport, crowd)
	doors := make([]*door, crowd)
	for i := range doors {
		era := []string{legacy, modern}[i%2]
		lines[i] = &http.Transport{} // a connection of its own
		doors[i] = overHTTP(address, era, keys[era], lines[i])
	}
	t.Run("answers", func(t *testing.T) { askAll(t, doors, jobs) })
	t.Run("leavers", func(t *testing.T) { leaveInTheMiddle(t, p, &g, doors, jobs) })
	for _, l := range lines {
		l.CloseIdleConnections()
	}
	// Between the server and the engine up to four connections stay open: two goroutines at the one end and one at the other.
	settle(t, before+4*3)
}

// plannedJob is a job of the plan, with what is asked about it.
type plannedJob struct {
	Entity      string `json:"entity"`
	Name        string `json:"name"`
	Workstation string `json:"workstation"`
}

// plannedJobs lists jobs whose names no other job has.
func plannedJobs(t *testing.T, d *door) []plannedJob {
	t.Helper()
	if err := d.greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all []plannedJob
	for cursor := ""; ; {
		ask := toolArgs{"page_size": 100}
		if cursor != "" {
			ask["cursor"] = cursor
		}
		var page struct {
			Jobs       []plannedJob `json:"jobs"`
			NextCursor string       `json:"next_cursor"`
		}
		if err := d.data(t.Context(), "find_jobs", ask, &page); err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Jobs...)
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	times := map[string]int{}
	for _, j := range all {
		times[j.Name]++
	}
	all = slices.DeleteFunc(all, func(j plannedJob) bool { return times[j.Name] > 1 })
	if len(all) < crowd {
		t.Fatalf("%d jobs are not enough for %d clients", len(all), crowd)
	}
	return all
}

// data calls a tool that must answer, and decodes its data.
func (d *door) data(ctx context.Context, tool string, ask toolArgs, data any) error {
	r, err := d.call(ctx, tool, ask)
	if err != nil {
		return err
	}
	if r.IsError {
		return fmt.Errorf("%s %v: %.300s", tool, ask, r.StructuredContent)
	}
	var e toolkit.Envelope
	if err := json.Unmarshal(r.StructuredContent, &e); err != nil {
		return err
	}
	return json.Unmarshal(e.Data, data)
}

// askOne asks about one job in different ways and wants to hear of no other.
func (d *door) askOne(ctx context.Context, i int, j plannedJob, took func(time.Duration)) error {
	words := "the job " + j.Name + " abended"
	ways := []struct {
		tool string
		ask  toolArgs
		want string // how the data begins
	}{
		{"find_jobs", toolArgs{"name": j.Name}, `{"jobs":[{"entity":"` + j.Entity + `",`},
		{"impact_of", toolArgs{"target": j.Entity}, `{"subject":{"type":"job","entity":"` + j.Entity + `",`},
		{"search_knowledge", toolArgs{"query": words}, `{"query":"` + words + `",`},
		{"list_workstations", toolArgs{"name": j.Workstation}, `{"workstations":[{"entity":"` + j.Workstation + `",`},
		{"get_job", toolArgs{"job": j.Entity}, `{"job":{"entity":"` + j.Entity + `",`},
	}
	for _, w := range []int{len(ways) - 1, i / 2 % (len(ways) - 1)} {
		var data json.RawMessage
		start := time.Now()
		if err := d.data(ctx, ways[w].tool, ways[w].ask, &data); err != nil {
			return err
		}
		took(time.Since(start))
		if !strings.HasPrefix(string(data), ways[w].want) {
			return fmt.Errorf("%s %v answered %.300s", ways[w].tool, ways[w].ask, data)
		}
	}
	return nil
}

func askAll(t *testing.T, doors []*door, jobs []plannedJob) {
	var mu sync.Mutex
	var times []time.Duration
	took := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		times = append(times, d)
	}
	start := time.Now()
	var all sync.WaitGroup
	for i, d := range doors {
		all.Go(func() {
			err := d.greet(t.Context())
			if err == nil {
				err = d.askOne(t.Context(), i, jobs[i], took)
			}
			if err != nil {
				t.Errorf("client %d (%s): %v", i, d, err)
			}
		})
	}
	all.Wait()
	slices.Sort(times)
	if len(times) == 0 {
		t.Fatal("nobody was answered")
	}
	t.Logf("%d clients, %d calls of tools in %v; p50 %v, p99 %v", len(doors), len(times), time.Since(start).Round(time.Millisecond),
		times[len(times)/2].Round(time.Millisecond), times[len(times)*99/100].Round(time.Millisecond))
}

// places is how many calls the engine gets at a time: DESIGN.md 4.9.
const places = 4

// leaveInTheMiddle lets a third of the clients ask while the engine does not answer, then the others too, and then the third closes its connections. The engine
// must hear no more of them, not even of what was waiting for its turn, and the others get their answers: also the one who asked the same as a leaver.
func leaveInTheMiddle(t *testing.T, p *enginePlant, g *engineGate, doors []*door, jobs []plannedJob) {
	p.clock.forward(time.Minute)
	open := g.close()
	defer open()
	third := len(doors) / 3
	leavers, stayers := doors[:third], doors[third:]
	var names []string // of what only leavers ask about
	for _, j := range jobs[1:third] {
		names = append(names, j.Name)
	}
	leaving, leave := context.WithCancel(t.Context())
	defer leave()
	sent := make(chan struct{}, len(doors))
	find := func(ctx context.Context, d *door, j plannedJob) error {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent <- struct{}{} }})
		var out foundJobs
		if err := d.data(ctx, "find_jobs", toolArgs{"name": j.Name}, &out); err != nil {
			return err
		}
		if len(out.Jobs) != 1 || out.Jobs[0].Entity != j.Entity {
			return fmt.Errorf("find_jobs %s answered %v", j.Name, out.Jobs)
		}
		return nil
	}
	var gone, stayed sync.WaitGroup
	start := func(all *sync.WaitGroup, ctx context.Context, d *door, i int, check func(error)) {
		all.Go(func() { check(find(ctx, d, jobs[i])) })
		<-sent
	}
	left := func(err error) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a client that left was told %v", err)
		}
	}
	start(&gone, leaving, leavers[0], 0, left)
	_ = until(t, "the first call is at the engine", func() bool { _, n := g.holding([]string{jobs[0].Name}); return n == 1 })
	for i := 1; i < third; i++ {
		start(&gone, leaving, leavers[i], i, left)
	}
	_ = until(t, "all places are taken by those who will leave", func() bool { all, _ := g.holding(nil); return all >= places })
	for i, d := range stayers {
		j := third + i
		if i == 0 {
			j = 0 // the same as the first leaver
		}
		start(&stayed, t.Context(), d, j, func(err error) {
			if err != nil {
				t.Errorf("client %d (%s) stayed and got %v", third+i, d, err)
			}
		})
	}
	leave()
	gone.Wait()
	if !until(t, "the places are taken by those who stay", func() bool { all, lost := g.holding(names); return all >= places && lost == 0 }) {
		t.Logf("the engine holds %q", g.waiting())
	}
	n := len(g.since(0))
	open()
	stayed.Wait()
	if after := g.since(n); count(after, names) > 0 || len(after) == 0 {
		t.Errorf("after %d clients had left the engine got %d requests for them, of %d", third, count(after, names), len(after))
	}
}

// foundJobs is what find_jobs found.
type foundJobs struct {
	Jobs []plannedJob `json:"jobs"`
}
