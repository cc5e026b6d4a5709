package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// started starts the server at the first call. One serves all tests of a program: starting it takes seconds.
var started = sync.OnceValues(start)

// lifetime runs in a shell of its own: it starts the server and reads its standard input until the test program is gone, killed or
// not; then it stops the server and removes the folder. Nothing is synced to disk: the data need not outlive the machine.
const lifetime = `
trap "" INT HUP; PATH="$1:$PATH"; cd "$2" || exit 1
initdb -D data -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions >initdb.log 2>&1 || { echo failed >state.new; mv state.new state; cat >/dev/null; exit 1; }
postgres -D data -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 >server.log 2>&1 &
server=$!
until pg_isready -q -h "$2"; do kill -0 $server || break; read -r -t 0.05 line; done
if kill -0 $server; then echo ready >state.new; else echo failed >state.new; fi
mv state.new state
cat >/dev/null
kill -QUIT $server; wait $server
cd / && rm -rf "$2"
`

// running is the server: the folder of its socket, and the end of the pipe that must stay open for as long as this program lives.
type running struct {
	folder   string
	lifeline *os.File
}

func start() (*running, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("/tmp", "resync-pg-") // a socket's path may be 107 bytes long, and TMPDIR is often longer
	if err != nil {
		return nil, err
	}
	command := []string{"bash", "-c", lifetime, "lifetime", programs, folder}
	if os.Getuid() == 0 { // the server refuses to run as root
		if command, err = unprivileged(folder, command); err != nil {
			return nil, errors.Join(err, os.RemoveAll(folder))
		}
	}
	in, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec,noctx // our own words; it ends with the pipe, not with a test's context
	cmd.Stdin = in
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, in.Close(), out.Close(), os.RemoveAll(folder))
	}
	return &running{folder, out}, errors.Join(in.Close(), await(folder))
}

// await waits until the shell has written its state.
func await(folder string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(2 * time.Minute) // a machine that runs other tests beside may be slow
	for {
		select {
		case <-end:
			return errors.New("the server did not start within two minutes")
		case <-tick.C:
		}
		state, err := os.ReadFile(filepath.Join(folder, "state"))
		if err != nil {
			continue
		}
		if strings.TrimSpace(string(state)) == "ready" {
			return nil
		}
		var logs bytes.Buffer
		for _, name := range []string{"initdb.log", "server.log"} {
			if text, err := os.ReadFile(filepath.Join(folder, name)); err == nil {
				logs.Write(text)
			}
		}
		return fmt.Errorf("the server did not start: %s", logs.String())
	}
}

// find gives the folder of the server's programs: the one of initdb on the path, else the newest where Debian keeps them.
func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.Join(errors.New("initdb is neither on the path nor under /usr/lib/postgresql"), err)
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// unprivileged gives the folder to the user postgres, or nobody where there is none, and the command that runs as that user.
func unprivileged(folder string, command []string) ([]string, error) {
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("root needs another user to run the server: %w", err)
		}
	}
	uid, err1 := strconv.Atoi(who.Uid)
	gid, err2 := strconv.Atoi(who.Gid)
	if err := errors.Join(err1, err2, os.Chown(folder, uid, gid)); err != nil {
		return nil, err
	}
	path, err := exec.LookPath("setpriv")
	if err != nil {
		return nil, err
	}
	return append([]string{path, "--reuid=" + who.Uid, "--regid=" + who.Gid, "--clear-groups"}, command...), nil
}
