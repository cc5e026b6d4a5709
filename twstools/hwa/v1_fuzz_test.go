package hwa_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
)

// FuzzV1 answers everything that V1 can be asked with the same text. Whatever it is, no read may panic, go on without end, or send what is no read.
func FuzzV1(f *testing.F) {
	whole := v1Row("A;B;C", "C", "ERROR", "ABEND", m{"lastInRerunChain": false, "rerunType": "RERUN", "dependencies": m{
		"internalDependencyInPlan": []m{{"jobId": "A;B;D", "joinName": "J", "satisfied": true}}, "externalDependencyInPlan": []m{{"jobStreamKey": m{"name": "S"}, "joinName": "J", "joinQuantity": 1}},
		"fileDependencyInPlan": []m{{"fileInPlan": m{"fileInPlanKey": m{"name": "/f"}}}}, "promptDependencyInPlan": []m{{"promptKey": m{"name": "P"}}}, "resourceDependencyInPlan": []any{1, nil, m{}},
		"internetworkDependenciesInPlan": m{"dependency": "X"}}})
	for _, v := range []any{whole, []m{whole, whole}, []any{nil, 1, "x", whole}, m{"values": []m{{"isJob": false, "key": m{"name": "S"}, "predecessors": []string{"A;B;C"}}}},
		m{"id": "W", "key": m{"name": m{}, "folderKey": "/x"}, "linkStatus": 1, "jobmanUp": "maybe"}, "9", 9, m{"log": "a\nb", "lastPage": false, "fileId": 7}, m{"messages": []string{"AWSJDB101E"}}} {
		raw, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw), "5")
		f.Add(string(raw[:len(raw)/2]), "")
	}
	f.Fuzz(func(t *testing.T, text, last string) {
		asked := 0
		c, err := hwa.Open(hwa.Options{Host: "mdm", API: "v1", Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			if asked++; asked > 3000 || r.Method != http.MethodGet && r.Method != http.MethodPost {
				t.Fatalf("request %d: %s %s", asked, r.Method, r.URL)
			}
			h := http.Header{"Content-Type": {"application/json"}, "Context-Objectcount": {last}}
			if last != "" && !strings.ContainsAny(last, "\r\n") {
				h.Set("Last-Object", last)
			}
			return &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(strings.NewReader(text))}, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		ref := twstools.Ref{ID: "A;B;C"}
		_, _ = c.Info(ctx)
		_, _ = c.Jobs(ctx, twstools.ListQuery{Where: query.Is("name", "C"), Limit: 3, Offset: 2})
		_, _ = c.Job(ctx, ref)
		_, _ = c.JobStreams(ctx, twstools.ListQuery{Limit: 3})
		_, _ = c.JobStream(ctx, ref)
		_, _ = c.Workstations(ctx, twstools.ListQuery{Limit: 3})
		_, _ = c.Resources(ctx, twstools.ListQuery{Limit: 3})
		_, _ = c.Prompts(ctx, twstools.ListQuery{Limit: 3})
		_, _ = c.Counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}})
		_, _ = c.Logs(ctx, twstools.LogQuery{RunID: "A;B;C"})
		for _, dir := range []twstools.Direction{twstools.Predecessors, twstools.Successors} {
			_, _ = c.Neighbours(ctx, twstools.NeighbourQuery{Ref: ref, Direction: dir, Depth: 3})
			_, _ = c.Neighbours(ctx, twstools.NeighbourQuery{Ref: ref, JobStream: true, Direction: dir})
		}
		p := c.Capabilities()
		_, _ = p.Plans.PlanWindow(ctx)
		_, _ = p.Plans.Plans(ctx, "")
		_, _ = p.Plans.ArchivedJobs(ctx, twstools.Plan{ID: "202603160600"}, twstools.ListQuery{Limit: 3})
		_, _ = p.Files.Files(ctx, twstools.ListQuery{Limit: 3})
		_, _ = p.CriticalJobs.CriticalJobs(ctx, twstools.ListQuery{Limit: 3})
		_, _ = p.CriticalJobs.CriticalSummary(ctx)
		_, _ = p.Mailbox.MailboxFill(ctx, "x")
		_, _ = p.Events.Events(ctx, twstools.RecordQuery{})
		_, _ = p.Audit.Audit(ctx, twstools.RecordQuery{})
		_, _ = p.Definitions.JobDefinitions(ctx, "@", 3)
		if ctx.Err() != nil {
			t.Fatalf("not done after 10 seconds and %d requests", asked)
		}
	})
}
