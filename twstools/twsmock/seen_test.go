package twsmock_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

// What was asked for stands there as it was sent, in order, refused or not, without what the query says; and it does not grow for ever.
func TestSeen(t *testing.T) {
	s := start(t, twsmock.Options{})
	for _, path := range []string{"/twsd/api/v2/plan/job?oql=name%20eq%20%27X%27", "/twsd/api/v2/plan/job/a%2Fb?x=1", "/twsd/plan/current/job/1", "/nowhere"} {
		res, err := http.Get(s.URL() + path) //nolint:noctx // the test's server answers
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	want := []string{"GET /twsd/api/v2/plan/job", "GET /twsd/api/v2/plan/job/a%2Fb", "GET /twsd/plan/current/job/1", "GET /nowhere"}
	got := s.Seen()
	if !slices.Equal(got, want) {
		t.Errorf("seen %v, want %v", got, want)
	}
	got[0] = "changed"
	if s.Seen()[0] != want[0] {
		t.Error("the ledger can be changed from outside")
	}
	const most = 20_000
	for range most {
		s.ServeHTTP(httptest.NewRecorder(), must(t, "/twsd/api/v2/nowhere"))
	}
	if n := len(s.Seen()); n != most {
		t.Errorf("%d requests are kept, want %d", n, most)
	}
}

func must(t *testing.T, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
