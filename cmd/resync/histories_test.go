package main

import (
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// TestHistoryIsKeptOfLiveEnginesAlone: the demo and a replay are called default, too, and must not spoil the past of the engine of that name.
func TestHistoryIsKeptOfLiveEnginesAlone(t *testing.T) {
	mock, err := twsmock.Start(t.Context(), twsmock.Options{User: "ana", Password: "hush-hush-7"})
	if err != nil {
		t.Fatal(err)
	}
	defer mock.Close() //nolint:errcheck // nothing depends on it any more
	at, err := url.Parse(mock.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, line string
		live, kept bool
	}{
		{"demo", "start serve --listen 127.0.0.1:0", false, false},
		{"live", "start serve --listen 127.0.0.1:0", true, true},
		{"tool server", "start mcp --http 127.0.0.1:0", true, true},
		{"one command", "resync sj @", true, false},
		{"one question", "resync ask why is everything late?", true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newScript(t, "testdata/script/serve.txtar")
			dir := t.TempDir()
			s.env["APP_DATA_DIR"] = dir
			if tc.live {
				s.env["TWS_HOST"], s.env["TWS_PORT"], s.env["APP_TWS_SCHEME"], s.env["TWS_USER"], s.env["TWS_PASSWORD"] = at.Hostname(), at.Port(), "http", "ana", "hush-hush-7"
			}
			s.lines = []string{tc.line}
			if strings.HasPrefix(tc.line, "start") {
				s.lines = append(s.lines, "stop")
			}
			s.lines = append(s.lines, "! stderr 'level=ERROR'")
			s.run()
			if _, err := os.Stat(filepath.Join(dir, "history.db")); (err == nil) != tc.kept {
				t.Errorf("history.db: %v", err)
			}
		})
	}
}

// TestPast: a single command reads what is stored for its engine, and archived plans where that is not enough; the demo has a past too.
func TestPast(t *testing.T) {
	p := &program{environ: []string{"APP_DATA_DIR=" + t.TempDir()}, dir: t.TempDir(), out: io.Discard, err: io.Discard, clock: time.Now}
	s, err := p.quietly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing is kept
	jobs, err := s.engines[0].engine.Jobs(t.Context(), twstools.ListQuery{Limit: 1})
	if err != nil || len(jobs.Items) == 0 {
		t.Fatalf("jobs: %v", err)
	}
	key := jobs.Items[0].Key("default")
	if _, _, err := s.engines[0].past.Usual(t.Context(), key); err != nil {
		t.Error(err)
	}
	if runs, err := s.engines[0].past.Runs(t.Context(), key, 0); err != nil || len(runs) != 0 {
		t.Errorf("%d runs, %v; want that nothing was stored", len(runs), err)
	}
}
