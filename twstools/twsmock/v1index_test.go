package twsmock_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// asked is a filter of jobs, and what it means, told a second time.
type asked struct {
	name, stream, on, internal string
	common                     []string
	last                       *bool
}

func (a asked) body(t *testing.T) string {
	t.Helper()
	f := map[string]any{}
	for k, v := range map[string]string{"jobName": a.name, "jobStreamName": a.stream, "workstationName": a.on} {
		if v != "" {
			f[k] = v
		}
	}
	if a.internal != "" {
		f["internalStatusList"] = []string{a.internal}
	}
	if a.common != nil {
		f["statusList"] = a.common
	}
	if a.last != nil {
		f["lastInRerunChain"] = *a.last
	}
	raw, err := json.Marshal(map[string]any{"filters": map[string]any{"jobInPlanFilter": f}})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func begins(pattern, s string) bool {
	if head, ok := strings.CutSuffix(pattern, "@"); ok {
		return strings.HasPrefix(s, head)
	}
	return pattern == "" || pattern == s
}

func (a asked) wants(j twstools.Job, s twstools.Status, last bool) bool {
	on := a.on == "" || a.on == j.Workstation || a.on == j.StreamWorkstation
	return begins(a.name, j.Name) && begins(a.stream, j.Stream) && on && (a.internal == "" || a.internal == s.Internal) && (a.common == nil || slices.Contains(a.common, s.Common)) &&
		(a.last == nil || *a.last == last)
}

// TestV1FindsWhatIsThere compares 80 random filters with a plain walk over the world, in the plan's order, asked by several at once.
func TestV1FindsWhatIsThere(t *testing.T) {
	w := v1World(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	random := rand.New(rand.NewPCG(3, 17)) //nolint:gosec // the same filters each time
	oneOf := func(words ...string) string { return words[random.IntN(len(words))] }
	var all []asked
	for range 80 {
		a := asked{name: oneOf("", "", "CLM_@", "CRD_AUTH", "@", "NOBODY", "W@"), stream: oneOf("", "", "CLMEOD", "C@", "WORKSHOP"),
			on: oneOf("", "", "FRLCLM01", "FRLBIL01", "FRLETL01"), internal: oneOf("", "", "", "SUCC", "ABEND", "HOLD", "EXEC")}
		if random.IntN(3) == 0 {
			a.common = []string{oneOf("ERROR", "SUCCESSFUL"), oneOf("WAITING", "READY")}
		}
		if random.IntN(3) == 0 {
			last := random.IntN(2) == 0
			a.last = &last
		}
		all = append(all, a)
	}
	var wait sync.WaitGroup
	for part := range slices.Chunk(all, 20) {
		wait.Go(func() {
			for _, a := range part {
				found(t, s, w.Jobs, a)
			}
		})
	}
	wait.Wait()
}

func found(t *testing.T, s *twsmock.Server, jobs []twstools.Job, a asked) {
	t.Helper()
	var want []string
	for _, j := range jobs {
		if len(j.Runs) == 0 && a.wants(j, j.Status, true) {
			want = append(want, j.Name+" "+j.JobStreamID+" ")
		}
		for i, r := range j.Runs {
			last := i == len(j.Runs)-1
			if last {
				r.Status = j.Status
			}
			if a.wants(j, r.Status, last) {
				want = append(want, j.Name+" "+j.JobStreamID+" "+r.ID)
			}
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/twsd/plan/current/job/query", strings.NewReader(a.body(t)))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("How-Many", "0")
	req.Header.Set("Id-Encoding", "0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	defer res.Body.Close() //nolint:errcheck // nothing is lost with it
	var rows []map[string]any
	if err := json.NewDecoder(res.Body).Decode(&rows); err != nil {
		t.Errorf("%s: %v", a.body(t), err)
		return
	}
	var got []string
	for _, r := range rows {
		got = append(got, str(r, "name")+" "+strings.Split(str(r, "id"), ";")[1]+" "+str(r, "jobRunId"))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s finds %d rows, want %d: %v", a.body(t), len(got), len(want), got)
	}
}

func TestV1FaultsSpoilArraysToo(t *testing.T) {
	s := start(t, twsmock.Options{World: twsmock.Fixed(v1World(t)), Fault: func(r *http.Request) *twsmock.Fault {
		if strings.HasSuffix(r.URL.Path, "/count") {
			return &twsmock.Fault{Status: http.StatusInternalServerError, Body: `{"messages":["AWSJCS011E"]}`}
		}
		return &twsmock.Fault{DropFields: []string{"status", "timeInfo"}}
	}})
	for _, j := range rows(t, s, "/plan/current/job/query", `{}`, "How-Many", "5") {
		if j["status"] != nil || j["timeInfo"] != nil || j["name"] == nil {
			t.Errorf("spoilt to %v", j)
		}
	}
	if res, raw := call(t, s, http.MethodPost, "/plan/current/job/count", `{}`); res.StatusCode != http.StatusInternalServerError || !strings.Contains(string(raw), "AWSJCS011E") {
		t.Errorf("count = %d %s", res.StatusCode, raw)
	}
}
