package main

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

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
	for name, live := range map[string]bool{"demo": false, "live": true} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, "testdata/script/serve.txtar")
			dir := t.TempDir()
			s.env["APP_DATA_DIR"] = dir
			if live {
				s.env["TWS_HOST"], s.env["TWS_PORT"], s.env["APP_TWS_SCHEME"], s.env["TWS_USER"], s.env["TWS_PASSWORD"] = at.Hostname(), at.Port(), "http", "ana", "hush-hush-7"
			}
			s.lines = []string{"start serve --listen 127.0.0.1:0", "stop", "! stderr 'level=ERROR'"}
			s.run()
			if _, err := os.Stat(filepath.Join(dir, "history.db")); (err == nil) != live {
				t.Errorf("history.db: %v", err)
			}
		})
	}
}
