// Package cachetest starts a real Redis for tests. It imports testing and therefore must not be linked into a program.
package cachetest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Redis is a server of its own in a folder of its own, listening on a socket file; nobody else's port is touched.
type Redis struct {
	URL string

	dir string
	mu  sync.Mutex
	cmd *exec.Cmd
}

// Start starts a server and stops it when the test ends. Without redis-server the test is skipped with that reason, and fails in CI.
func Start(t *testing.T) *Redis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server must be installed in CI.")
		}
		t.Skip("redis-server is not installed; apt-get install redis-server")
	}
	dir, err := os.MkdirTemp("", "redis") // short: the name of a socket has 108 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{dir: dir, URL: "unix://" + filepath.Join(dir, "s")}
	t.Cleanup(func() {
		r.Stop(t)
		_ = os.RemoveAll(dir)
	})
	r.Run(t)
	return r
}

// Run starts the server, again after Stop; it returns when the server takes connections.
func (r *Redis) Run(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cmd = exec.Command("redis-server", "--port", "0", "--unixsocket", filepath.Join(r.dir, "s"), "--dir", r.dir, "--save", "", "--appendonly", "no", "--daemonize", "no") //nolint:gosec,noctx // fixed words; Stop ends it
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections") {
				ready <- true
			}
		}
		close(ready)
	}()
	if !<-ready {
		t.Fatal("redis-server ended before it was ready")
	}
}

// Stop kills the server, as a crash does. Stopping twice is fine.
func (r *Redis) Stop(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Kill() // it may have ended by itself
	_ = r.cmd.Wait()         // the error is our own signal
	r.cmd = nil
	_ = os.Remove(filepath.Join(r.dir, "s"))
}
