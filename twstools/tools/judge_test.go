package tools

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

var noon = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

func at(hours float64) time.Time { return noon.Add(time.Duration(hours * float64(time.Hour))) }

// AD, localopts "bm check deadline": the engine's own late flag is off by default, so a deadline that has passed counts without it.
func TestLateness(t *testing.T) {
	c := &call{zone: time.UTC, now: noon}
	for name, tc := range map[string]struct {
		timing
		want string
	}{
		"before its deadline":              {timing{phase: plan.Waiting, times: twstools.TimeRestrictions{Deadline: at(1)}}, ""},
		"past its deadline":                {timing{phase: plan.Running, times: twstools.TimeRestrictions{Deadline: at(-1)}}, "deadline 2026-03-17T11:00:00Z passed"},
		"ended in time":                    {timing{phase: plan.Done, times: twstools.TimeRestrictions{Deadline: at(-1)}, end: at(-2)}, ""},
		"ended after its deadline":         {timing{phase: plan.Done, times: twstools.TimeRestrictions{Deadline: at(-2)}, end: at(-1)}, "ended after its deadline 2026-03-17T10:00:00Z"},
		"cancelled":                        {timing{phase: plan.Cancelled, times: twstools.TimeRestrictions{Deadline: at(-1)}, flagged: true}, ""},
		"latest start passed, waits":       {timing{phase: plan.Ready, times: twstools.TimeRestrictions{LatestStart: at(-1)}}, "latest start 2026-03-17T11:00:00Z passed"},
		"latest start passed, runs":        {timing{phase: plan.Running, times: twstools.TimeRestrictions{LatestStart: at(-1)}}, ""},
		"the engine says the start passed": {timing{phase: plan.Waiting, notRun: true}, "latest start passed"},
		"the engine says late":             {timing{phase: plan.Waiting, flagged: true}, "the engine marks it late"},
	} {
		if got := c.lateWhy(tc.timing); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestReturnCodeConditions(t *testing.T) {
	rc := func(n int) *int { return &n }
	for text, fits := range map[string][3]bool{"8": {false, true, false}, "=8": {false, true, false}, "!=0": {false, true, true}, "> 4": {false, true, true}, "<=8": {true, true, false}, "<8": {true, false, false}} {
		var f conditions
		judge := f.returnCode(text)
		if f.err != nil {
			t.Errorf("%s: %v", text, f.err)
			continue
		}
		for i, n := range []int{0, 8, 12} {
			if judge(rc(n)) != fits[i] {
				t.Errorf("%s of %d is %v", text, n, !fits[i])
			}
		}
		if judge(nil) {
			t.Errorf("%s holds where there is no code", text)
		}
	}
	for _, text := range []string{"x", "4x", "=>4", "!", "4-8", "99999999999"} {
		var f conditions
		if f.returnCode(text); f.err == nil {
			t.Errorf("%q is taken for a condition", text)
		}
	}
}

func TestWhoHadItRunAgain(t *testing.T) {
	run := twstools.Run{Start: noon, RerunType: "RERUN"}
	record := func(hours float64, action, object, user string) twstools.AuditRecord {
		return twstools.AuditRecord{At: at(hours), Action: action, Object: object, User: user}
	}
	for name, tc := range map[string]struct {
		records []twstools.AuditRecord
		want    string
	}{
		"nobody":           {nil, ""},
		"the last order":   {[]twstools.AuditRecord{record(-0.2, "rerun", "WS#S.PAY", "ana"), record(-0.1, "RERUN", "WS#S.PAY", "bea")}, "bea"},
		"another job":      {[]twstools.AuditRecord{record(-0.1, "rerun", "WS#S.TAX", "ana")}, ""},
		"another action":   {[]twstools.AuditRecord{record(-0.1, "cancel", "WS#S.PAY", "ana")}, ""},
		"after the start":  {[]twstools.AuditRecord{record(0.1, "rerun", "WS#S.PAY", "ana")}, ""},
		"hours before":     {[]twstools.AuditRecord{record(-3, "rerun", "WS#S.PAY", "ana")}, ""},
		"in the free text": {[]twstools.AuditRecord{{At: at(-0.1), Action: "RERUN", Message: "rr ws#s.pay", User: "ana"}}, "ana"},
	} {
		if got := startedBy(tc.records, "PAY", run); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// A page whose rows are very long ends early and goes on behind its cursor: no row is lost, and the kernel refuses none.
func TestLongPagesEndEarly(t *testing.T) {
	type row struct{ Text string }
	var all []int
	for i := range 250 {
		all = append(all, i)
	}
	l := listing[int]{here: true, all: all}
	seen, cursor := 0, ""
	for pages := 0; ; pages++ {
		w, err := openSlot("t", 100, cursor, "filter")
		if err != nil {
			t.Fatal(err)
		}
		m, err := l.from(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		rows, sources, p := pageRows(m, w, func(i int) (row, toolkit.Source) {
			return row{strings.Repeat("x", 2000)}, toolkit.Source{Source: fmt.Sprint(i)}
		})
		for i, s := range sources {
			if s.Source != fmt.Sprint(seen+i) {
				t.Fatalf("row %d of page %d is %s", i, pages, s.Source)
			}
		}
		seen += len(rows)
		if len(rows) > 40 || len(rows) == 0 || *p.Total != 250 {
			t.Fatalf("%d rows on page %d of %d", len(rows), pages, *p.Total)
		}
		if cursor = p.NextCursor; cursor == "" {
			break
		}
	}
	if seen != len(all) {
		t.Errorf("%d rows in all, want %d", seen, len(all))
	}
}

// What only we can judge is read page by page up to a bound; beyond it nobody says how many there are.
func TestJudgedListsAreBounded(t *testing.T) {
	reads := 0
	read := func(_ context.Context, q twstools.ListQuery) (twstools.List[int], error) {
		reads++
		return twstools.List[int]{Items: make([]int, q.Limit), Total: 500_000}, nil
	}
	l := listing[int]{read: read, where: query.Is("name", "X"), keep: func(*int) bool { return true }}
	m, err := l.from(t.Context(), slot{size: 20})
	if err != nil || reads != maxKept/maxCounted || m.total != -1 || !m.partial || m.seen != nil {
		t.Errorf("%d reads, total %d, partial %v, %v", reads, m.total, m.partial, err)
	}
}
