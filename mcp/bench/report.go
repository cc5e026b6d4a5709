package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Names of what is compared.
const (
	product = "Resync"
	guarded = "Resync with guards, token, limit, audit"
	bare    = "mcp-go alone, validating"
	goSDK   = "go-sdk"
	tsSDK   = "TypeScript SDK v2"
)

// bounds are the numbers to reach: CPU per call, the product's over another's.
var bounds = []struct {
	over string
	most float64
}{{goSDK, 0.5}, {tsSDK, 0.65}, {bare, 1.2}}

// Bounds of the program itself.
const (
	mostCold   = 80 * time.Millisecond
	mostIdle   = 80 << 20
	mostTokens = 6000
	mostList   = 64 << 10
)

type report struct {
	plan          plan
	machine       string
	before, after string // load of the machine
	subjects      []*subject
	whole         *whole
}

func (r report) print(w io.Writer) {
	fmt.Fprintf(w, "%s\nload of the machine: %s before, %s after; %d rounds of %v for each server, %d calls at once\n\n", r.machine, r.before, r.after, r.plan.rounds, r.plan.length, atOnce)
	for _, era := range []string{modern, legacy} {
		fmt.Fprintf(w, "tools/call over streamable HTTP, %s, stateless\n\n| server | CPU a call: median, least | calls/s | p50 | p99 |\n|---|---|---|---|---|\n", era)
		for _, s := range r.subjects {
			all := s.rounds[era]
			cpu := pick(all, figures.perCall)
			fmt.Fprintf(w, "| %s | %d µs, %d µs | %.0f | %s ms | %s ms |\n", s.name, median(cpu).Microseconds(), slices.Min(cpu).Microseconds(), rate(all),
				ms(median(pick(all, func(f figures) time.Duration { return f.p50 }))), ms(median(pick(all, func(f figures) time.Duration { return f.p99 }))))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "CPU a call, ratio within a round, median of the rounds\n\n| ratio | %s | %s | bound | |\n|---|---|---|---|---|\n", modern, legacy)
	for _, b := range bounds {
		for _, of := range []string{product, guarded} {
			new, ok := r.ratio(of, b.over, modern)
			old, _ := r.ratio(of, b.over, legacy)
			if !ok {
				continue
			}
			bound, verdict := "", ""
			if of == product {
				bound, verdict = fmt.Sprintf("≤ %.2f", b.most), met(max(new, old) <= b.most)
			}
			fmt.Fprintf(w, "| %s / %s | %.2f | %.2f | %s | %s |\n", of, b.over, new, old, bound, verdict)
		}
	}
	fmt.Fprint(w, "\n| server | memory after the load | first tools/list over stdio from a cold start: median, least; CPU of it |\n|---|---|---|\n")
	for _, s := range r.subjects {
		fmt.Fprintf(w, "| %s | %.1f MB | %s ms, %s ms; %s ms |\n", s.name, float64(s.memory)/(1<<20), ms(median(s.cold.took)), ms(slices.Min(s.cold.took)), ms(median(s.cold.cpu)))
	}
	if p := r.whole; p != nil {
		fmt.Fprintf(w, "\nresync mcp itself, an engine configured\n\n| what | number | bound | |\n|---|---|---|---|\n")
		fmt.Fprintf(w, "| first tools/list over stdio from a cold start, median of %d (least %s ms, CPU %s ms) | %s ms | ≤ %d ms | %s |\n",
			len(p.cold.took), ms(slices.Min(p.cold.took)), ms(median(p.cold.cpu)), ms(median(p.cold.took)), mostCold.Milliseconds(), met(median(p.cold.took) <= mostCold))
		fmt.Fprintf(w, "| memory when idle, after one question | %.1f MB | ≤ %d MB | %s |\n", float64(p.idle)/(1<<20), mostIdle>>20, met(p.idle <= mostIdle))
		fmt.Fprintf(w, "| tools/list of %d tools, as a model sees it | %d tokens | ≤ %d | %s |\n", p.tools, p.tokens, mostTokens, met(p.tokens <= mostTokens))
		fmt.Fprintf(w, "| tools/list, whole | %.1f KB | ≤ %d KB | %s |\n", float64(p.listBytes)/1024, mostList>>10, met(p.listBytes <= mostList))
		fmt.Fprintf(w, "| stripped binary | %.1f MB | | |\n", float64(p.binary)/(1<<20))
	}
}

func (r report) of(name string) *subject {
	i := slices.IndexFunc(r.subjects, func(s *subject) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	return r.subjects[i]
}

// ratio compares round with round, for the load of the machine changes between them.
func (r report) ratio(of, over, era string) (float64, bool) {
	a, b := r.of(of), r.of(over)
	if a == nil || b == nil {
		return 0, false
	}
	var all []float64
	for i, f := range a.rounds[era] {
		all = append(all, float64(f.perCall())/float64(max(1, b.rounds[era][i].perCall())))
	}
	return median(all), true
}

// absurd is the only thing that a short run on any machine can tell: that a call costs several times what it should.
func (r report) absurd() error {
	for _, era := range []string{modern, legacy} {
		if x, ok := r.ratio(product, bare, era); !ok || x > 3 {
			return fmt.Errorf("a call costs %.1f times what mcp-go alone needs in %s: something is wrong", x, era)
		}
	}
	return nil
}

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "NOT met"
}

func pick(all []figures, what func(figures) time.Duration) []time.Duration {
	out := make([]time.Duration, len(all))
	for i, f := range all {
		out[i] = what(f)
	}
	return out
}

func median[T time.Duration | float64](all []T) T {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// rate is calls a second over all rounds.
func rate(all []figures) float64 {
	var calls int
	var took time.Duration
	for _, f := range all {
		calls, took = calls+f.calls, took+f.took
	}
	return float64(calls) / took.Seconds()
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

// machine describes where and with what the figures were made.
func machine(ctx context.Context, p plan) string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	out := fmt.Sprintf("%s, %d × %s, %s", time.Now().UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(), model, runtime.Version())
	if p.typescript != "" {
		if v, err := exec.CommandContext(ctx, p.node, "--version").Output(); err == nil { //nolint:gosec // named on our own command line
			out += ", Node " + strings.TrimSpace(string(v))
		}
	}
	return out
}

// load is the machine's load over a minute; on more than the cores something else runs too.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
