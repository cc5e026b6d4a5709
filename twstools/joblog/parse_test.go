package joblog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/joblog"
)

// frameOf writes a header or a trailer as an agent does.
func headerOf(number int) string {
	return fmt.Sprintf("%s\n= JOB       : W#S[(0200 03/17/26)].J\n= USER      : app\n= JCLFILE   : /x/j.sh\n= Job Number: %d\n= Tue Mar 17 02:14:07 -03 2026\n%s\n", bar, number, bar)
}

func trailerOf(rc int) string {
	return fmt.Sprintf("%s\n= Exit Status           : %d\n= System Time (Seconds) : 0     Elapsed Time (hh:mm:ss) : 00:00:41\n= Tue Mar 17 02:34:07 -03 2026\n%s\n", bar, rc, bar)
}

const (
	announced = "AWSBIS307I Starting /x/j.sh\n"
	farewell  = "AWSBIS308I End of job\n"
	cause     = "cp: error writing '/x': No space left on device\n"
)

// What is in the log is what the program printed, too: headers and trailers count only where the scheduler writes them.
func TestFramesOfTheSchedulerAndOfTheProgram(t *testing.T) {
	for _, c := range []struct {
		name, log      string
		runs           int
		number         int64 // asked for
		exit           int   // of the run's trailer; -1: none
		closed, forged bool
	}{
		{"one-run", headerOf(7) + announced + cause + farewell + trailerOf(1), 1, 7, 1, true, false},
		{"reruns-in-one-file", headerOf(5) + announced + "ok\n" + farewell + trailerOf(0) + headerOf(7) + announced + cause + farewell + trailerOf(1), 2, 7, 1, true, false},
		{"dynamic-agent-says-no-farewell", headerOf(7) + cause + trailerOf(1), 1, 7, 1, true, false},
		{"trailer-is-missing", headerOf(7) + announced + cause, 1, 7, -1, false, false},
		{"agent-died-and-the-job-was-repeated", headerOf(5) + announced + "part 1\n" + headerOf(7) + announced + cause + farewell + trailerOf(1), 2, 7, 1, true, false},
		{"faked-trailer-before-the-cause", headerOf(7) + announced + trailerOf(0) + cause + farewell + trailerOf(1), 1, 7, 1, true, true},
		{"faked-trailer-right-before-the-real-one", headerOf(7) + announced + cause + trailerOf(0) + farewell + trailerOf(1), 1, 7, 1, true, true},
		{"faked-trailer-on-a-dynamic-agent", headerOf(7) + cause + trailerOf(0) + trailerOf(1), 1, 7, 1, true, true},
		{"faked-header-begins-no-run", headerOf(7) + announced + "a\n" + headerOf(9) + cause + farewell + trailerOf(1), 1, 7, 1, true, true},
		{"faked-trailer-and-header-between", headerOf(7) + announced + "a\n" + trailerOf(0) + headerOf(9) + cause + farewell + trailerOf(1), 1, 7, 1, true, true},
		{"faked-header-of-another-job", headerOf(7) + "a\n" + strings.ReplaceAll(headerOf(9), "S[", "OTHER[") + cause + trailerOf(1), 1, 7, 1, true, true},
		{"faked-header-of-the-same-number", headerOf(7) + "a\n" + headerOf(7) + cause + trailerOf(1), 1, 7, 1, true, true},
		{"status-without-frame", headerOf(7) + announced + cause + farewell + "Exit Status : 127\n", 1, 7, 127, false, false},
		{"banner-of-the-program-is-no-frame", headerOf(7) + announced + bar + "\n= DAILY LOAD =\n" + bar + "\n" + cause + farewell + trailerOf(1), 1, 7, 1, true, false},
		{"windows-with-colours", strings.ReplaceAll(headerOf(7)+announced+"\x1b[31m"+cause+farewell+trailerOf(1), "\n", "\r\n"), 1, 7, 1, true, false},
		{"window-began-inside-a-run", "tail of it\n" + farewell + trailerOf(0) + headerOf(7) + announced + cause + farewell + trailerOf(1), 2, 7, 1, true, false},
		{"window-cut-the-header", "= Job Number: 7\n= Tue Mar 17 02:14:07 -03 2026\n" + bar + "\n" + announced + cause + farewell + trailerOf(1), 1, 7, 1, true, false},
		{"interleaved-child", headerOf(7) + announced + cause + farewell + trailerOf(1) + "child: still here\n", 1, 7, 1, false, false},
		{"job-definition-over-many-lines", bar + "\n= TASK      : <?xml version=\"1.0\"?>\n<jsdl:jobDefinition>\n  <script>echo ORA-28000</script>\n</jsdl:jobDefinition>\n= AGENT     : LX1\n= Job Number: 7\n= Tue Mar 17 02:14:07 -03 2026\n" + bar + "\n" + cause + trailerOf(1), 1, 7, 1, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := joblog.Parse(logOf(c.log))
			if len(l.Runs) != c.runs {
				t.Errorf("%d runs, want %d", len(l.Runs), c.runs)
			}
			seg, ok := l.Run(c.number)
			if !ok || seg.JobNumber != c.number {
				t.Fatalf("run %d not found: %+v", c.number, l.Runs)
			}
			exit := -1
			if seg.ExitStatus != nil {
				exit = *seg.ExitStatus
			}
			if exit != c.exit || seg.Closed() != c.closed || seg.Forged() != c.forged {
				t.Errorf("exit %d closed %v forged %v, want %d %v %v", exit, seg.Closed(), seg.Forged(), c.exit, c.closed, c.forged)
			}
			if f, ok := seg.Decisive(nil); !ok || f.Kind != "app.fs.space" || f.Line.Text != strings.TrimRight(cause, "\n") && !strings.HasPrefix(f.Line.Text, "\x1b") {
				t.Errorf("decisive: %q, kind %s", f.Line.Text, f.Kind)
			}
		})
	}
}

// Whatever stands in a log, its runs hold its own lines in their order, and its frames say what they say.
func FuzzParse(f *testing.F) {
	f.Add(headerOf(7) + announced + cause + farewell + trailerOf(1))
	f.Add(trailerOf(0) + headerOf(9) + trailerOf(1) + headerOf(7))
	f.Add(bar + "\n= TASK : <?xml\nx\n" + bar + "\n= Exit Status : 99999999999999999999\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := logOf(text)
		last := 0
		for _, seg := range joblog.Parse(l).Runs {
			for _, line := range seg.Body {
				if line.N <= last || strings.TrimRight(l.Lines[line.N-1].Text, "\r\n") != line.Text {
					t.Fatalf("line %d after %d: %q", line.N, last, line.Text)
				}
				last = line.N
			}
			if seg.ExitStatus != nil && seg.ExitLine.N == 0 || seg.Trailers < 0 {
				t.Fatalf("a status without its line: %+v", seg)
			}
			p := seg.Progress(now)
			if p.Silent < 0 || p.Repeating != nil && p.Repeating.Times < 3 || p.Ended && p.ExitStatus == nil {
				t.Fatalf("progress: %+v", p)
			}
			if f, ok := seg.Swallowed(); ok && (!f.Proves || f.Signature == "") {
				t.Fatalf("swallowed without a proof: %+v", f)
			}
		}
	})
}
