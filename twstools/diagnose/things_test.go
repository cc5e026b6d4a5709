package diagnose

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

func failed(kind, line, ran string) logged {
	return logged{n: &plan.Node{Job: &twstools.Job{Workstation: "POOL"}}, run: &twstools.Run{ActualWorkstation: ran}, found: joblog.Finding{Kind: kind, Line: twstools.LogLine{N: 1, Text: line}}}
}

// What a line names is what two lines can have in common: hosts, databases, file systems of one host; never a class, a file or a scheme.
func TestThingsThatALineNames(t *testing.T) {
	for _, c := range []struct{ kind, line, want string }{
		{"app.db.unreachable", "ORA-12541: TNS:no listener (db7.plant.example)", "host:db7.plant.example"},
		{"app.db.unreachable", "could not connect to server: host \"pg-a\" (10.1.2.3) and port 5432", "host:10.1.2.3"},
		{"app.db.unreachable", "pgsql: connect to dbhost1:5432 failed", "host:dbhost1"},
		{"app.db.space", "The transaction log for database 'SALES' is full", "db:SALES"},
		{"app.net.unreachable", "java.net.ConnectException: Connection refused", ""},
		{"app.net.unreachable", "org.x.web.client.ResourceAccessException: I/O error in load.sh", ""},
		{"app.net.timeout", "https://api.bank.example/v1 timed out", "host:api.bank.example"},
		{"app.fs.space", `copy to \\nas01\share\x: There is not enough space on the disk`, "host:nas01"},
		{"app.fs.space", "cp: error writing '/stage/a/x': No space left on device", "host:WS1"},
		{"app.fs.space", "No space left on device", ""},
		{"app.memory.oom_kill", "Out of memory: Killed process 22118 (dayload)", "host:WS1"},
		{"sched.launch.job_table", "job table full", "WS1"},
	} {
		got := ""
		if things := thingsOf(failed(c.kind, c.line, "WS1")); len(things) > 0 {
			got = things[0].String(nil)
		}
		if got != c.want {
			t.Errorf("%s: %q names %q, want %q", c.kind, c.line, got, c.want)
		}
	}
	a := thingsOf(failed("app.fs.space", "writing '/stage/a/x': No space left on device", "WS1"))
	for _, other := range []logged{failed("app.fs.space", "writing '/var/b/x': No space left on device", "WS1"), failed("app.fs.space", "writing '/stage/a/x': No space left on device", "WS2")} {
		if b := thingsOf(other); slices.Contains(b, a[0]) {
			t.Errorf("%v and %v are two file systems", a, b)
		}
	}
}

func TestSignalsFromOutside(t *testing.T) {
	for rc, want := range map[int]bool{143: true, 137: true, 130: true, 129: true, -9: true, -15: true, consoleBreak: true, 0: false, 1: false, 9: false, 134: false, 139: false, 255: false, -1: false} {
		if bySignal(&rc) != want {
			t.Errorf("return code %d: by a signal = %v, want %v", rc, !want, want)
		}
	}
	if bySignal(nil) {
		t.Error("no return code tells of no signal")
	}
}

func FuzzThings(f *testing.F) {
	f.Add("app.db.unreachable", "ORA-12541 (db7.plant.example)", "J.A")
	f.Add("app.fs.space", "\\\\\\x \xff/..//", "S#T[(0200 03/17/26)].J #J12")
	f.Fuzz(func(t *testing.T, kind, line, name string) {
		for _, thing := range thingsOf(failed(kind, line, "WS1")) {
			if thing.Name != "WS1" && thing.Workstation != "WS1" && !strings.Contains(strings.ToLower(line), strings.ToLower(thing.Name)) {
				t.Errorf("%q does not name %q", line, thing.Name)
			}
		}
		jobsNamed(name)
		if holdsName(line, name) && !strings.Contains(line, name) {
			t.Errorf("%q does not hold %q", line, name)
		}
	})
}
