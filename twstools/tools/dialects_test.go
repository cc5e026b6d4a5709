package tools_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// spoken gives the tools over the demo plant in one generation of the interface.
func spoken(t *testing.T, d twsmock.Dialects) *toolkit.Set {
	t.Helper()
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return now }
	server, err := twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), User: "u", Password: "p", Clock: clock, Dialects: d})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	client, err := hwa.Open(hwa.Options{BaseURL: server.URL(), User: "u", Password: "p", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return set(t, client)
}

// The lists name the same objects in either generation of the interface.
func TestListsInEitherDialect(t *testing.T) {
	two, one := spoken(t, twsmock.OnlyV2), spoken(t, twsmock.OnlyV1)
	for _, tc := range []struct{ tool, args string }{
		{"find_jobs", `{"status":["ABEND","EXEC"],"page_size":100}`},
		{"find_jobs", `{"return_code":">0","page_size":100}`},
		{"find_jobs", `{"late":true,"page_size":100}`},
		{"find_jobs", `{"starts_before":"2026-03-17T08:10:00Z","page_size":100}`},
		{"find_jobs", `{"since":"2026-03-17T05:00:00Z","workstation":"FRLBIL01","page_size":100}`},
		{"find_job_streams", `{"status":["STUCK","EXEC"],"page_size":100}`},
		{"find_job_streams", `{"late":true,"page_size":100}`},
		{"find_job_streams", `{"starts_before":"2026-03-17T08:10:00Z","page_size":100}`},
		{"find_job_streams", `{"since":"2026-03-17T05:00:00Z","page_size":100}`},
		{"list_workstations", `{"name":"FRLW@","problem":true}`},
		{"list_resources", `{"in_use":true}`},
		{"list_prompts", `{"status":["ASKED"]}`},
		{"get_job_stream", `{"job_stream":"FRLCLM01#CLMEOD"}`},
	} {
		want, got := cited(t, two, tc.tool, tc.args), cited(t, one, tc.tool, tc.args)
		if !slices.Equal(want, got) {
			t.Errorf("%s %s:\nV2 %q\nV1 %q", tc.tool, tc.args, want, got)
		}
		t.Logf("%s %s: %d", tc.tool, tc.args, len(want))
	}
}

// cited are the sources of a result: what it names.
func cited(t *testing.T, s *toolkit.Set, tool, args string) []string {
	t.Helper()
	r := s.Call(t.Context(), tool, json.RawMessage(args))
	if r.Error != nil {
		t.Fatalf("%s %s: %+v", tool, args, r.Error)
	}
	names := map[string]bool{}
	for _, src := range r.Envelope.Sources {
		names[src.Source] = true
	}
	return slices.Sorted(maps.Keys(names))
}
