package mcpserver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// trapsFound is how many there are: the table has a row for each, so none is dropped with its test.
const trapsFound = 23

// pitfalls are the traps of the library that were found by trying it (v1.2.1), and what holds the guard against each. A change of the library's
// version is a reason to go through all of them.
var pitfalls = []struct {
	trap  string
	tests string // files and the functions in them that hold the guard; the path is from this folder
	why   string // why there is no test, where there is none
}{
	{"1 one client's cancellation ends another's call", "cancel_test.go TestCancelOfAStranger, cancel_test.go TestCancelFromWithin, stream_test.go TestCancelWithSessions, session_test.go TestSaidTwice", ""},
	{"2 progress reaches a stranger who listens", "http_test.go TestOnlyPost, stream_test.go TestProgressStaysHome, session_test.go TestSessionBelongsToItsCaller", ""},
	{"3 calls of one session share a channel", "stream_test.go TestProgressWithinASession", ""},
	{"4 the last notification before a result gets lost", "stream_test.go TestProgressWithinASession", ""},
	{"5 sessions belong to nobody", "session_test.go TestSessionBelongsToItsCaller, stream_test.go TestResume", ""},
	{"6 what a server asks of a client without a session can be answered by another", "", "the product asks no client anything"},
	{"7 sessions are never given back, and DELETE ends none", "session_test.go TestSessionEndsWhenIdle, session_test.go TestSessionsDoNotGrow, session_test.go TestSessionBelongsToItsCaller, sessionevents_test.go TestEventsAreBounded", ""},
	{"8 texts of errors and panics go to the wire", "http_test.go TestToolsOverHTTP, stdio_test.go TestStdioAnswersBeforeTheEnd", ""},
	{"9 validation answers with a dump", "http_test.go TestToolsOverHTTP", ""},
	{"10 missing and unknown arguments pass", "http_test.go TestToolsOverHTTP", ""},
	{"11 a tool cannot choose a JSON-RPC code", "", "failures of tools are results; ../conformance/expected has what this costs"},
	{"12 schemas become empty, or have two types", "http_test.go TestToolsOverHTTP", ""},
	{"13 annotations call every tool destructive", "http_test.go TestToolsOverHTTP", ""},
	{"14 what a prompt requires may be absent", "prompts_test.go TestPromptArguments", ""},
	{"15 Origin is not looked at", "http_test.go TestGuarded", ""},
	{"16 bodies have no limit", "http_test.go TestLargeBody", ""},
	{"17 a writer without Flush drops all notifications", "stream_test.go TestProgressStaysHome, ../../internal/httpd/httpd_test.go TestStreaming", ""},
	{"18 a slash too many, and odd methods", "http_test.go TestOnlyPost, session_test.go TestModernIsStateless, ../../cmd/resync/testdata/script/mcp.txtar /mcp/", ""},
	{"19 streams hold up the end", "session_test.go TestClose, stream_test.go TestEndOfSessionEndsTheRest", ""},
	{"20 filters run for calls too", "", "that is of use, and the kernel refuses what is not open to a caller with a better reason"},
	{"21 a full last page has a cursor", "pitfalls_test.go TestListIsOnePage", ""},
	{"22 log messages go around the rule that a client must ask for them", "", "the product sends none"},
	{"23 the library's words differ from what it does", "", "deploy/test/conformance and deploy/test/inspector run in CI"},
}

// TestPitfalls holds that the table has every trap once, and that what it names is there, by its whole name.
func TestPitfalls(t *testing.T) {
	if len(pitfalls) != trapsFound {
		t.Errorf("%d rows, want %d", len(pitfalls), trapsFound)
	}
	for i, p := range pitfalls {
		if !strings.HasPrefix(p.trap, fmt.Sprint(i+1, " ")) {
			t.Errorf("row %d is %q", i+1, p.trap)
		}
		if (p.tests == "") == (p.why == "") {
			t.Errorf("%s: has neither a test nor a reason why there is none, or both", p.trap)
		}
		for one := range strings.SplitSeq(p.tests, ", ") {
			if one != "" && !stands(t, one) {
				t.Errorf("%s: there is no %s", p.trap, one)
			}
		}
	}
	for _, absent := range []string{"http_test.go TestGuard", "http_test.go Guarded", "cancel_test.go TestGuarded", "nowhere_test.go TestGuarded", "http_test.go "} {
		if stands(t, absent) {
			t.Errorf("%q is found", absent)
		}
	}
}

// stands reports whether a file has the test that is named behind it, or the words where the file is a script.
func stands(t *testing.T, one string) bool {
	t.Helper()
	file, what, _ := strings.Cut(one, " ")
	raw, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil || what == "" {
		return false
	}
	if !strings.HasSuffix(file, ".go") {
		return strings.Contains(string(raw), what)
	}
	return regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(what) + `\(t \*testing\.T\)`).Match(raw)
}

// Pitfall 21: the list is one page, in whichever revision, so no cursor can lead nowhere.
func TestListIsOnePage(t *testing.T) {
	s, _ := fixture(t)
	url := serve(t, s).URL
	for _, e := range eras {
		a := e.request(t, url, 1, "tools/list", "", `{}`)
		if len(a.rpc.Result.Tools) != 4 || strings.Contains(a.body, "nextCursor") {
			t.Errorf("%s: %d tools, %s", e.name, len(a.rpc.Result.Tools), a.body)
		}
	}
}
