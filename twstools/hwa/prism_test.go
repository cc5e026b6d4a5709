package hwa_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// TestConformanceBehindPrism passes the whole engine suite with a validating proxy between client and mock: every request must be an
// operation of the interface with declared parameters, and every answer what it describes.
func TestConformanceBehindPrism(t *testing.T) {
	var now atomic.Pointer[world.World]
	now.Store(enginetest.World(t))
	mock, err := twsmock.Start(t.Context(), twsmock.Options{World: now.Load, User: "reader", Password: "s3cret-pw", Clock: func() time.Time { return now.Load().AsOf }})
	if err != nil {
		t.Fatal(err)
	}
	defer mock.Close() //nolint:errcheck // nothing depends on it any more
	prism := startPrism(t, mock.URL())
	t.Run("suite", func(t *testing.T) {
		enginetest.Run(t, func(t *testing.T, w *world.World) twstools.Engine {
			now.Store(w)
			return openAt(t, prism.URL)
		})
	})
	for _, v := range prism.found() {
		t.Errorf("%.9000s", v)
	}
	if n := mock.Writes(); n != 0 {
		t.Errorf("the mock refused %d writes, want none sent", n)
	}
	if got := mock.Requests()["GET /plan/job"]; got < 10 {
		t.Errorf("only %d lists of jobs came through the proxy", got)
	}
}

func openAt(t *testing.T, url string) *hwa.Client {
	t.Helper()
	c, err := hwa.Open(hwa.Options{Name: "plant", API: "v2", BaseURL: url, User: "reader", Password: "s3cret-pw", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// The proxy must see what is wrong, or the suite behind it proves nothing.
func TestPrismSeesMistakes(t *testing.T) {
	bodies := map[string]string{
		"type":              `{"count":"many"}`,
		"enum":              `{"results":[{"flowNodeType":"JOB","lastRunCommonStatus":"SLEEPING"}]}`,
		"unknown property":  `{"results":[{"flowNodeType":"JOB","nmae":"X"}]}`,
		"another's type":    `{"results":[{"flowNodeType":"JOB","dependencies":[{"dependencyType":"FILE","jobId":"1"}]}]}`,
		"none of the types": `{"results":[{"flowNodeType":"JOB","dependencies":[{"id":"1"}]}]}`,
	}
	var body atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body.Load().(string)))
	}))
	defer server.Close()
	prism := startPrism(t, server.URL)
	ask := func(path string) int {
		res, err := http.Get(prism.URL + "/twsd/api/v2" + path) //nolint:noctx // ends with the test's server
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	body.Store(`{"count":1,"results":[{"flowNodeType":"JOB","dependencies":[{"dependencyType":"FILE","file":{"status":"Not Checked"}}]}]}`)
	if code := ask("/plan/job"); code != http.StatusOK {
		t.Fatalf("a good answer = %d %v", code, prism.found())
	}
	for name, b := range bodies {
		body.Store(b)
		if code := ask("/plan/job"); code < 400 {
			t.Errorf("%s: Prism lets it pass", name)
		}
	}
	body.Store(`{}`)
	for name, path := range map[string]string{"parameter's type": "/plan/job?limit=x", "missing parameter": "/plan/job/count", "no such path": "/plan/jobs"} {
		if code := ask(path); code < 400 {
			t.Errorf("%s: Prism lets it pass", name)
		}
	}
	if got := len(prism.found()); got != len(bodies)+3 {
		t.Errorf("%d violations noted, want %d", got, len(bodies)+3)
	}
}

// TestReadsPrism reads everything from a server that nobody here wrote. Its data keep the interface's types and break its formats and words: ids
// are prose, instants are odd, statuses may be missing. Every list, object and count must be read all the same. Prism's own
// generator fails on some nested unions (HTTP 500 with its stack), so each read has several tries, and must succeed in one.
func TestReadsPrism(t *testing.T) {
	prism := startPrism(t, "")
	c := openAt(t, prism.URL)
	for name, read := range readsOf(c) {
		t.Run(name, func(t *testing.T) {
			const tries = 60
			some, answered := false, 0
			for range tries {
				n, err := read(t.Context())
				switch {
				case err == nil:
					answered++
					some = some || n > 0
				case strings.Contains(err.Error(), "json-schema-faker"):
				default:
					t.Errorf("%v", err)
				}
				if answered >= 3 && some {
					return
				}
			}
			if answered == 0 || !some {
				t.Errorf("%d of %d reads were answered, anything in them: %t", answered, tries, some)
			}
		})
	}
	for _, v := range prism.found() {
		if !strings.Contains(v, "json-schema-faker") {
			t.Errorf("%.900s", v)
		}
	}
}

// readsOf are all reads of the client; each says how much it read.
func readsOf(c *hwa.Client) map[string]func(context.Context) (int, error) {
	ref := twstools.Ref{ID: "any"}
	out := map[string]func(context.Context) (int, error){
		"info":         func(ctx context.Context) (int, error) { _, err := c.Info(ctx); return 1, err },
		"jobs":         counted(c.Jobs),
		"job streams":  counted(c.JobStreams),
		"workstations": counted(c.Workstations),
		"resources":    counted(c.Resources),
		"prompts":      counted(c.Prompts),
		"one job":      func(ctx context.Context) (int, error) { _, err := c.Job(ctx, ref); return 1, absentIsFine(err) },
		"one stream":   func(ctx context.Context) (int, error) { _, err := c.JobStream(ctx, ref); return 1, absentIsFine(err) },
		"log": func(ctx context.Context) (int, error) {
			l, err := c.Logs(ctx, twstools.LogQuery{RunID: "any"})
			return len(l.Lines), err
		},
	}
	for stream, of := range map[bool]string{false: "jobs", true: "streams"} {
		out["counts of "+of] = func(ctx context.Context) (int, error) {
			n, err := c.Counts(ctx, twstools.CountQuery{JobStreams: stream, GroupBy: []string{"status"}})
			return n.Total + len(n.Groups), err
		}
		for _, d := range []twstools.Direction{twstools.Predecessors, twstools.Successors} {
			out[string(d)+" of "+of] = func(ctx context.Context) (int, error) {
				ns, err := c.Neighbours(ctx, twstools.NeighbourQuery{Ref: ref, JobStream: stream, Direction: d})
				return len(ns), err
			}
		}
	}
	return out
}

func counted[T any](list func(context.Context, twstools.ListQuery) (twstools.List[T], error)) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		l, err := list(ctx, twstools.ListQuery{Limit: 3})
		return len(l.Items), err
	}
}

// absentIsFine: the object that the server makes up carries another id than the one asked for.
func absentIsFine(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
