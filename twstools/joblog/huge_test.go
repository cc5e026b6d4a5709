package joblog_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/joblog"
)

// hugeLog serves a log of 100 MB line by line, without ever holding it, from the line that is asked for.
type hugeLog struct {
	lines   int
	at      map[int]string // lines that are not like the others
	windows bool           // the server honours from_line
}

func (h hugeLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/joblog") {
		http.NotFound(w, r)
		return
	}
	from, to := 1, h.lines
	if h.windows {
		if n, err := strconv.Atoi(r.URL.Query().Get("from_line")); err == nil {
			from = max(n, 1)
		}
		if n, err := strconv.Atoi(r.URL.Query().Get("to_line")); err == nil {
			to = min(n, to)
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fill := strings.Repeat("x", 200)
	var b bytes.Buffer
	for n := from; n <= to; n++ {
		if text, ok := h.at[n]; ok {
			b.WriteString(text)
		} else {
			fmt.Fprintf(&b, "2026-03-17 02:14:08 INFO  batch %d written, %s", n, fill)
		}
		b.WriteByte('\n')
		if b.Len() > 1<<20 || n == to {
			if _, err := w.Write(b.Bytes()); err != nil {
				return // the client has what it wants
			}
			b.Reset()
		}
	}
}

// A log of 100 MB passes the door that production uses, the cause at its end is found, and little of it is ever held.
func TestHundredMegabytes(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 100 MB")
	}
	const lines = 430_000 // of about 245 bytes
	at := map[int]string{}
	for i, text := range strings.Split(strings.TrimSuffix(headerOf(7)+announced, "\n"), "\n") {
		at[i+1] = text
	}
	end := strings.Split(strings.TrimSuffix("ORA-01653: unable to extend table A.B by 128 in tablespace C\nload step is given up\n"+farewell+trailerOf(4), "\n"), "\n")
	for i, text := range end {
		at[lines-len(end)+i+1] = text
	}
	for _, windows := range []bool{true, false} {
		t.Run(fmt.Sprintf("windows-%v", windows), func(t *testing.T) {
			srv := httptest.NewServer(hugeLog{lines: lines, at: at, windows: windows})
			t.Cleanup(srv.Close)
			c, err := hwa.Open(hwa.Options{API: "v2", BaseURL: srv.URL, User: "reader", Password: "s3cret-pw", Timeout: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			l, err := joblog.Whole(func(from int) (twstools.Log, error) {
				return c.Logs(t.Context(), twstools.LogQuery{RunID: "r1", From: from})
			})
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 16<<20 || len(l.Lines) > 12_000 {
				t.Errorf("%d lines kept, %d MB of heap; want little of 100 MB", len(l.Lines), kept>>20)
			}
			seg, ok := joblog.Parse(l).Run(7)
			if !ok || !l.Truncated {
				t.Fatalf("run found: %v, truncated: %v", ok, l.Truncated)
			}
			f, _ := seg.Decisive(nil)
			if windows && (f.Kind != "app.db.space" || seg.ExitStatus == nil || *seg.ExitStatus != 4 || f.Line.N != lines-len(end)+1) {
				t.Errorf("line %d %q, kind %s, exit %v", f.Line.N, f.Line.Text, f.Kind, seg.ExitStatus)
			}
			if !windows && (f.Proves || seg.ExitStatus != nil) {
				t.Errorf("the end was never seen, and %q is said to prove %s", f.Line.Text, f.Kind)
			}
		})
	}
}
