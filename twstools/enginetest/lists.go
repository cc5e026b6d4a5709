package enginetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

func engineInfo(t *testing.T, s suite) {
	i, err := s.e.Info(s.ctx)
	if err != nil || i.Version != "10.2.4.00" || i.TimeZone != "Europe/Lisbon" {
		t.Errorf("Info = %+v, %v", i, err)
	}
}

func listsAll(t *testing.T, s suite) {
	jobs, err := s.e.Jobs(s.ctx, twstools.ListQuery{})
	if err != nil || len(jobs.Items) != len(s.w.Jobs) || jobs.Total != -1 && jobs.Total != len(s.w.Jobs) {
		t.Errorf("Jobs = %d of %d, %v, want %d", len(jobs.Items), jobs.Total, err, len(s.w.Jobs))
	}
	streams, err := s.e.JobStreams(s.ctx, twstools.ListQuery{})
	if err != nil || len(streams.Items) != len(s.w.JobStreams) {
		t.Errorf("JobStreams = %d, %v, want %d", len(streams.Items), err, len(s.w.JobStreams))
	}
}

func filters(t *testing.T, s suite) {
	for oql, want := range map[string]string{
		"name = 'D4'":                       "D4 D4",
		"name LIKE 'M0@' AND name != 'M01'": "M02 M03 M04 M05 M06 M07 M08 M09",
		"name LIKE 'M0?' AND priority > 10": "",
		"jobStreamName = 'DAY' AND jobruns.commonStatus = 'ERROR' AND jobruns.returnCode = 8": "D2",
		"jobruns.commonStatus = 'RUNNING'":                                     "D3",
		"jobruns.compositeStatus.status = 'FAIL'":                              "F1",
		"name IN ['D1', 'W_FILE'] AND schedTime >= '2026-03-17T02:00:00.000Z'": "D1 W_FILE",
		"workstation = 'WN1' AND jobStreamName = 'DAY' AND priority = 0":       "D4",
		"workstation = '/WN1' AND priority = 0":                                "D4",
		"jobOptions.critical = true AND jobruns.commonStatus = 'RUNNING'":      "D3",
		"(name = 'D1' OR name = 'D3') AND NOT_THERE = 1":                       "!",
		"dependencies.jobStreamName = 'ASKS'":                                  "W_JOIN W_STREAM",
		"timeRestrictions.untilTime != null":                                   "D4",
	} {
		q, err := query.ParseOQL(oql)
		if err != nil {
			t.Fatalf("%s: %v", oql, err)
		}
		l, err := s.e.Jobs(s.ctx, twstools.ListQuery{Where: q.Where, Order: []query.Order{{Field: "name"}}})
		if want == "D2" && s.lacks(EarlierRuns) {
			want = ""
		}
		if want == "!" {
			wantCode(t, "Jobs("+oql+")", err, fault.Invalid)
			continue
		}
		if got := strings.Join(names(l.Items), " "); err != nil || got != want {
			t.Errorf("Jobs(%s) = %q, %v, want %q", oql, got, err, want)
		}
	}
	l, err := s.e.JobStreams(s.ctx, twstools.ListQuery{Where: query.AnyOf("commonStatus", "BLOCKED")})
	if err != nil || len(l.Items) != 1 || l.Items[0].Name != "FAILED" {
		t.Errorf("JobStreams(BLOCKED) = %+v, %v", l.Items, err)
	}
}

func badFilters(t *testing.T, s suite) {
	_, err := s.e.Jobs(s.ctx, twstools.ListQuery{Where: query.Is("key.name", "D1")})
	wantCode(t, "Jobs by key.name", err, fault.Invalid)
	_, err = s.e.Jobs(s.ctx, twstools.ListQuery{Where: query.Is("x' OR name != '", "D1")})
	wantCode(t, "Jobs by a hostile field", err, fault.Invalid)
	_, err = s.e.JobStreams(s.ctx, twstools.ListQuery{Where: query.Is("jobruns.step", "1")})
	wantCode(t, "JobStreams by a job's field", err, fault.Invalid)
	_, err = s.e.Jobs(s.ctx, twstools.ListQuery{Order: []query.Order{{Field: "nothing"}}})
	wantCode(t, "Jobs ordered by an unknown field", err, fault.Invalid)
}

func orders(t *testing.T, s suite) {
	l, err := s.e.Jobs(s.ctx, twstools.ListQuery{Where: query.Matches("name", "M@"), Order: []query.Order{{Field: "name", Desc: true}}})
	got := names(l.Items)
	if err != nil || len(got) != 10 || got[0] != "M10" || got[9] != "M01" {
		t.Errorf("Jobs by name, descending = %v, %v", got, err)
	}
}

// pages reads page by page what fits in none, and finds each job once.
func pages(t *testing.T, s suite) {
	seen := map[string]int{}
	for offset := 0; offset < len(s.w.Jobs)+7; offset += 7 {
		l, err := s.e.Jobs(s.ctx, twstools.ListQuery{Limit: 7, Offset: offset, Order: []query.Order{{Field: "name"}}})
		if err != nil || len(l.Items) > 7 || l.Total != -1 && l.Total != len(s.w.Jobs) {
			t.Fatalf("page at %d = %d items of %d, %v", offset, len(l.Items), l.Total, err)
		}
		for _, j := range l.Items {
			seen[j.Ref.ID]++
		}
	}
	if len(seen) != len(s.w.Jobs) {
		t.Errorf("the pages hold %d jobs, want %d", len(seen), len(s.w.Jobs))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("job %s is on %d pages", id, n)
		}
	}
	l, err := s.e.Jobs(s.ctx, twstools.ListQuery{Offset: 10_000})
	if err != nil || len(l.Items) != 0 {
		t.Errorf("a page behind the end = %d items, %v", len(l.Items), err)
	}
}

func thinLists(t *testing.T, s suite) {
	j := s.one(t, "W_FILE")
	if j.DependenciesKnown || len(j.Dependencies) != 0 {
		t.Errorf("a list gives dependencies %v, known %v", j.Dependencies, j.DependenciesKnown)
	}
	whole, err := s.e.Job(s.ctx, j.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if want := twstools.CountDependencies(whole.Dependencies); want[twstools.DepFile] == 0 || !maps.Equal(j.DependencyCounts, want) {
		t.Errorf("a list counts dependencies as %v, want %v with a file among them", j.DependencyCounts, want)
	}
}

func counts(t *testing.T, s suite) {
	all, err := s.e.Counts(s.ctx, twstools.CountQuery{GroupBy: []string{"status"}})
	if err != nil || all.Total != len(s.w.Jobs) || all.Groups["ERROR"] != 1 || all.Groups["RUNNING"] != 1 || all.Groups["HELD"] != 1 {
		t.Errorf("Counts by status = %+v, %v", all, err)
	}
	sum := 0
	for _, n := range all.Groups {
		sum += n
	}
	if sum != all.Total {
		t.Errorf("the groups hold %d of %d", sum, all.Total)
	}
	streams, err := s.e.Counts(s.ctx, twstools.CountQuery{JobStreams: true, GroupBy: []string{"status"}})
	if err != nil || streams.Total != len(s.w.JobStreams) || streams.Groups["BLOCKED"] != 1 {
		t.Errorf("Counts of job streams = %+v, %v", streams, err)
	}
	some, err := s.e.Counts(s.ctx, twstools.CountQuery{Workstation: "WN1"})
	if err != nil || some.Total != 2 {
		t.Errorf("Counts of WN1's streams = %+v, %v, want the two jobs of FAILED", some, err)
	}
	by, err := s.e.Counts(s.ctx, twstools.CountQuery{GroupBy: []string{"workstation"}})
	if n := by.Groups["WN1"] + by.Groups["/WN1"]; err != nil || n != 4 {
		t.Errorf("Counts by workstation = %+v, %v, want 4 jobs on WN1", by, err)
	}
}

func workstations(t *testing.T, s suite) {
	l, err := s.e.Workstations(s.ctx, twstools.ListQuery{Order: []query.Order{{Field: "name"}}})
	if err != nil || len(l.Items) != 5 {
		t.Fatalf("Workstations = %d, %v", len(l.Items), err)
	}
	by := map[string]twstools.Workstation{}
	for _, w := range l.Items {
		by[w.Name] = w
	}
	lx, wn, prod := by["LX1"], by["WN1"], by["/PROD/LX2"]
	if lx.Type != "FTA" || lx.Limit == nil || *lx.Limit != 10 || lx.TimeZone != "UTC" || !slices.Contains(lx.ActiveStates, "LINKED") || lx.TimeStarted.IsZero() {
		t.Errorf("LX1 = %+v", lx)
	}
	if wn.Limit == nil || *wn.Limit != 0 || wn.Fence == nil || *wn.Fence != 30 || slices.Contains(wn.ActiveStates, "LINKED") || !wn.StatesKnown {
		t.Errorf("WN1 = %+v: limit 0 must not become none", wn)
	}
	if prod.Folder != "/PROD" || by["IGN"].Ignored == s.lacks(Ignored) || lx.Ignored {
		t.Errorf("folder %q, ignored %v", prod.Folder, by["IGN"].Ignored)
	}
	down, err := s.e.Workstations(s.ctx, twstools.ListQuery{Where: query.AnyOf("activeStates", "UNLINKED")})
	if err != nil || len(down.Items) != 2 {
		t.Errorf("unlinked workstations = %+v, %v, want WN1 and IGN", down.Items, err)
	}
}

func resources(t *testing.T, s suite) {
	l, err := s.e.Resources(s.ctx, twstools.ListQuery{Where: query.Is("name", "SLOT")})
	if err != nil || len(l.Items) != 1 {
		t.Fatalf("Resources(SLOT) = %+v, %v", l.Items, err)
	}
	r := l.Items[0]
	if *r.Quantity != 3 || *r.InUse != 2 || *r.Available != 1 || r.Workstation != "LX1" || len(r.Holders) != 1 {
		t.Fatalf("SLOT = %+v", r)
	}
	if h := r.Holders[0]; h.Job != "D3" || h.JobStream != "DAY" || *h.Quantity != 2 || h.JobRef.ID != s.one(t, "D3").Ref.ID {
		t.Errorf("holder = %+v", h)
	}
	full, err := s.e.Resources(s.ctx, twstools.ListQuery{Where: query.Is("quantityAvailable", int64(0))})
	if err != nil || len(full.Items) != 0 {
		t.Errorf("full resources = %+v, %v, want none", full.Items, err)
	}
}

func prompts(t *testing.T, s suite) {
	l, err := s.e.Prompts(s.ctx, twstools.ListQuery{})
	if err != nil || len(l.Items) != 1 {
		t.Fatalf("Prompts = %+v, %v", l.Items, err)
	}
	p := l.Items[0]
	if p.Name != "GOON" || p.Text != "Go on?" || p.Status != "ASKED" || *p.Number != 7 || p.AskedAt.IsZero() || !p.AnsweredAt.IsZero() || p.JobStreamRef.IsZero() {
		t.Errorf("GOON = %+v", p)
	}
}

// deadline proves that a context that is over is kept, and told with a code.
func deadline(t *testing.T, s suite) {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	_, err := s.e.Jobs(ctx, twstools.ListQuery{Where: query.Is("name", "D1")})
	if err == nil || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		t.Errorf("Jobs after the caller has left = %v", err)
	}
}
