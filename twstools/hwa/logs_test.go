package hwa_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// lines makes a log of n lines; with a banner when asked.
func lines(n int, withBanner bool) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("line %d", i+1)
	}
	if withBanner {
		out[0], out[1] = strings.Repeat("=", 63), "= JOB       : MDM#NIGHT[(0200 03/17/26),(0AAAA)].PAY"
	}
	return out
}

// logServer serves one log; windows says whether it honours from_line and to_line.
func logServer(log []string, windows bool) *stub {
	return &stub{
		rows: map[string][]m{"job": {{"id": "j1", "name": "PAY", "jobruns": []any{m{"id": "r1", "actualWorkstation": "/LX1"}, m{"id": "r2", "actualWorkstation": "/LX1"}}}}},
		handle: func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/joblog") {
				return false
			}
			from, to := 1, len(log)
			if windows {
				if f, err := strconv.Atoi(r.URL.Query().Get("from_line")); err == nil {
					from = f
				}
				if l, err := strconv.Atoi(r.URL.Query().Get("to_line")); err == nil {
					to = min(l, to)
				}
			}
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			if from <= to {
				_, _ = w.Write([]byte(strings.Join(log[from-1:to], "\n") + "\n"))
			}
			return true
		},
	}
}

// Line numbers are those of the raw log, whatever the server makes of windows.
func TestLogWindowsOnEveryServer(t *testing.T) {
	windows := []struct {
		from, to        int
		first, last, at int
	}{
		{1, 10, 1, 10, 5}, {2, 4, 2, 4, 3}, {50, 60, 50, 60, 55}, {95, 300, 95, 100, 97}, {90, 0, 90, 100, 99}, {0, 3, 1, 3, 3}, {0, 0, 1, 100, 42}, {100, 100, 100, 100, 100}, {30, 40, 30, 40, 33},
	}
	for _, withBanner := range []bool{true, false} {
		for _, honours := range []bool{true, false} {
			t.Run(fmt.Sprintf("banner-%v-windows-%v", withBanner, honours), func(t *testing.T) {
				c := open(t, logServer(lines(100, withBanner), honours))
				for _, w := range windows {
					log, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "r1", From: w.from, To: w.to})
					if err != nil {
						t.Fatalf("%d-%d: %v", w.from, w.to, err)
					}
					n := len(log.Lines)
					if n != w.last-w.first+1 || log.FirstLine != w.first || log.Lines[0].N != w.first || log.Lines[n-1].N != w.last || log.Truncated != (n < 100) {
						t.Errorf("%d-%d: %d lines from %d, truncated %v; want %d to %d", w.from, w.to, n, log.FirstLine, log.Truncated, w.first, w.last)
						continue
					}
					if l := log.Lines[w.at-w.first]; l.Text != fmt.Sprintf("line %d", w.at) {
						t.Errorf("%d-%d: line %d is %q", w.from, w.to, w.at, l.Text)
					}
				}
				whole, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "r1"})
				if err != nil || whole.Total != 100 {
					t.Errorf("total = %d (%v), want 100", whole.Total, err)
				}
				beyond, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "r1", From: 500, To: 510})
				if err != nil || len(beyond.Lines) != 0 {
					t.Errorf("behind the end: %d lines (%v), want none", len(beyond.Lines), err)
				}
			})
		}
	}
}

// Whatever a server makes of windows, the lines given are lines of the log under their own numbers, and all of the window is there.
func TestLogLinesKeepTheirNumbersOnAnyServer(t *testing.T) {
	const both, neither, fromOnly, toOnly = 0, 1, 2, 3
	for kind, name := range []string{both: "both", neither: "neither", fromOnly: "from-only", toOnly: "to-only"} {
		for seed := range uint64(8) {
			t.Run(fmt.Sprintf("%s-%d", name, seed), func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 3))
				logs := map[string][]string{}
				for run := range 6 {
					logs[strconv.Itoa(run)] = lines(2+random.IntN(1+random.IntN(400)), random.IntN(2) == 0)
				}
				s := &stub{handle: func(w http.ResponseWriter, r *http.Request) bool {
					log := logs[strings.Split(r.URL.Path, "/")[7]]
					from, to := 1, len(log)
					if f, err := strconv.Atoi(r.URL.Query().Get("from_line")); err == nil && (kind == both || kind == fromOnly) {
						from = f
					}
					if l, err := strconv.Atoi(r.URL.Query().Get("to_line")); err == nil && (kind == both || kind == toOnly) {
						to = min(l, to)
					}
					if from <= to {
						_, _ = io.WriteString(w, strings.Join(log[from-1:to], "\n")+"\n")
					}
					return true
				}}
				synctest.Test(t, func(t *testing.T) {
					c := alone(t, s)
					for range 60 {
						run := strconv.Itoa(random.IntN(6))
						all := logs[run]
						from := 1 + random.IntN(len(all)+5)
						to := from + random.IntN(30)
						if random.IntN(5) == 0 {
							to = 0
						}
						log, err := c.Logs(t.Context(), twstools.LogQuery{RunID: run, From: from, To: to})
						if err != nil {
							t.Fatal(err)
						}
						want := len(all) - from + 1
						if to > 0 {
							want = min(to, len(all)) - from + 1
						}
						if len(log.Lines) != max(want, 0) {
							t.Errorf("run %s of %d lines, window %d to %d: %d lines, want %d", run, len(all), from, to, len(log.Lines), max(want, 0))
						}
						for _, l := range log.Lines {
							if l.N < 1 || l.N > len(all) || l.Text != all[l.N-1] {
								t.Fatalf("run %s of %d lines, window %d to %d: line %d is %q", run, len(all), from, to, l.N, l.Text)
							}
						}
						if !log.Truncated && len(log.Lines) != len(all) {
							t.Errorf("%d of %d lines, not truncated", len(log.Lines), len(all))
						}
						if log.Total != 0 && log.Total != len(all) {
							t.Errorf("total %d, want %d", log.Total, len(all))
						}
					}
				})
			})
		}
	}
}

// A short log sent whole for a window behind its end must not be numbered as if it were that window.
func TestShortLogIsNotTakenForAWindow(t *testing.T) {
	c := open(t, logServer(lines(5, false), false))
	log, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "r1", From: 50, To: 100})
	if err != nil || len(log.Lines) != 0 {
		t.Errorf("lines = %v (%v), want none", log.Lines, err)
	}
}

func TestLongLogKeepsHeadTailAndHits(t *testing.T) {
	all := lines(20000, true)
	all[9999] = "ORA-01555: snapshot too old"
	c := open(t, logServer(all, true))
	log, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "r1"})
	if err != nil {
		t.Fatal(err)
	}
	at := map[int]string{}
	for i, l := range log.Lines {
		at[l.N] = l.Text
		if i > 0 && l.N <= log.Lines[i-1].N {
			t.Fatalf("line %d after line %d", l.N, log.Lines[i-1].N)
		}
	}
	if !log.Truncated || log.Total != 20000 || len(log.Lines) != 4001 {
		t.Errorf("truncated %v, total %d, %d lines; want true, 20000, 4001", log.Truncated, log.Total, len(log.Lines))
	}
	if at[10000] != all[9999] || at[20000] != "line 20000" || at[2000] != "line 2000" || at[18001] != "line 18001" || at[5000] != "" {
		t.Errorf("kept the wrong lines: 10000 %q, 20000 %q, 2000 %q, 18001 %q, 5000 %q", at[10000], at[20000], at[2000], at[18001], at[5000])
	}
}

func TestEndlessLogStopsAtTheBound(t *testing.T) {
	block := []byte(strings.Repeat(strings.Repeat("x", 999)+"\n", 1000))
	s := &stub{handle: func(w http.ResponseWriter, r *http.Request) bool {
		for range 200 {
			if _, err := w.Write(block); err != nil {
				return true
			}
		}
		return true
	}}
	c := open(t, s, func(o *hwa.Options) { o.Timeout = time.Hour })
	log, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "r1"})
	if err != nil || !log.Truncated || log.Total != 0 || log.Bytes > 65<<20 {
		t.Errorf("truncated %v, total %d, %d bytes (%v); want a bounded read", log.Truncated, log.Total, log.Bytes, err)
	}
}

func TestLogTexts(t *testing.T) {
	long := strings.Repeat("ã", 10000)
	cases := []struct {
		name, contentType, body string
		want                    []string
		truncated               bool
	}{
		{"crlf", "text/plain", "one\r\ntwo\r\n", []string{"one", "two"}, false},
		{"no-end", "text/plain", "one\ntwo", []string{"one", "two"}, false},
		{"empty-lines", "text/plain", "\n\none\n", []string{"", "", "one"}, false},
		{"empty", "text/plain", "", nil, false},
		{"latin-1", "text/plain; charset=utf-8", "execu\xe7\xe3o\nok ação\n", []string{"execução", "ok ação"}, false},
		{"declared-latin-1", "text/plain; charset=iso-8859-1", "execu\xe7\xe3o\n", []string{"execução"}, false},
		{"utf-16", "text/plain", "\xff\xfeo\x00k\x00\r\x00\n\x00", []string{"ok"}, false},
		{"utf-16-big-endian", "text/plain", "\xfe\xff\x00o\x00k\x00\n\x00\xe7", []string{"ok", "ç"}, false},
		{"utf-16-cut-in-a-character", "text/plain", "\xff\xfeo\x00k\x00\n\x00x", []string{"ok", "\ufffd"}, false},
		{"declared-utf-16", "text/plain; charset=utf-16le", "o\x00k\x00\n\x00", []string{"ok"}, false},
		{"unknown-charset", "text/plain; charset=x-nobody-knows", "ok\n", []string{"ok"}, false},
		{"mixed-charsets", "text/plain", "a\xe7\xe3o\nação\na\xe7\xe3o ação\n", []string{"ação", "ação", "ação aÃ§Ã£o"}, false},
		{"only-nul", "text/plain", "\x00\x00\n\x00", []string{"\x00\x00", "\x00"}, false},
		{"ansi-colours-and-title", "text/plain", "\x1b]0;title\x07\x1b[1;31mABEND\x1b[0m\r\n", []string{"\x1b]0;title\x07\x1b[1;31mABEND\x1b[0m"}, false},
		{"progress-with-cr", "text/plain", "10%\r20%\r100%\nend\r\n", []string{"10%\r20%\r100%", "end"}, false},
		{"megabyte-line", "text/plain", "first\n" + strings.Repeat("m", 1<<20) + "\nlast", []string{"first", strings.Repeat("m", 8192), "last"}, true},
		{"megabyte-line-without-end", "text/plain", strings.Repeat("m", 1<<20), []string{strings.Repeat("m", 8192)}, true},
		{"megabyte-of-latin-1", "text/plain", strings.Repeat("\xe7", 1<<20) + "\nlast", []string{strings.Repeat("ç", 8192), "last"}, true},
		{"mark", "text/plain", "\ufeffone\n", []string{"one"}, false},
		{"nul-and-ansi", "text/plain", "a\x00b\x1b[31mred\n", []string{"a\x00b\x1b[31mred"}, false},
		{"json", "application/json", `{"log":"one\ntwo\n","lines":2}`, []string{"one", "two"}, false},
		{"json-as-text", "text/plain", `{"log":"one"}`, []string{"one"}, false},
		{"json-string", "application/json", `"one\ntwo"`, []string{"one", "two"}, false},
		{"json-list", "application/json", `{"lines":["one","two"]}`, []string{"one", "two"}, false},
		{"a-job-that-prints-json", "text/plain", "{\"log\": 1}\n{\"x\": 2}\n", []string{`{"log": 1}`, `{"x": 2}`}, false},
		{"a-job-that-prints-html", "text/plain", "<html>\n", []string{"<html>"}, false},
		{"declared-json-that-is-text", "application/json", "= JOB\n[x\n", []string{"= JOB", "[x"}, false},
		{"broken-json", "application/json", "{\"log\":\n oops", []string{`{"log":`, " oops"}, false},
		{"long-line", "text/plain", long + "\nend\n", []string{strings.Repeat("ã", 4096), "end"}, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			log, err := open(t, answers(200, tc.contentType, tc.body)).Logs(t.Context(), twstools.LogQuery{RunID: "r"})
			if err != nil {
				t.Fatal(err)
			}
			if log.Truncated != tc.truncated || len(log.Lines) != len(tc.want) {
				t.Fatalf("log = %.200v, truncated %v; want %.200q", log.Lines, log.Truncated, tc.want)
			}
			for i, l := range log.Lines {
				if l.Text != tc.want[i] || l.N != i+1 {
					t.Errorf("line %d is %d %q, want %q", i+1, l.N, l.Text, tc.want[i])
				}
			}
			if _, err := json.Marshal(log); err != nil {
				t.Errorf("not JSON: %v", err)
			}
		})
	}
}

// Without the path of a run the job's own stands in, but only for the last run.
func TestLogByJob(t *testing.T) {
	var asked []string
	s := logServer(nil, true)
	s.handle = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.Contains(r.URL.Path, "/run/"):
			asked = append(asked, "run")
			w.WriteHeader(http.StatusNotFound)
		case strings.HasSuffix(r.URL.Path, "/job/joblog"):
			asked = append(asked, r.URL.Query().Get("oql"))
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte("of the last run\n"))
		default:
			return false
		}
		return true
	}
	c := open(t, s)
	job := twstools.Ref{ID: "j1"}
	for _, run := range []string{"", "r2"} {
		asked = nil
		log, err := c.Logs(t.Context(), twstools.LogQuery{RunID: run, Job: job})
		if err != nil || len(log.Lines) != 1 || log.RunID != "r2" || asked[len(asked)-1] != "id = 'j1'" {
			t.Errorf("run %q: %+v (%v), asked %q", run, log, err, asked)
		}
	}
	_, err := c.Logs(t.Context(), twstools.LogQuery{RunID: "r1", Job: job})
	wantCode(t, err, fault.NotFound)
	_, err = c.Logs(t.Context(), twstools.LogQuery{RunID: "r2"})
	wantCode(t, err, fault.NotFound)
	_, err = c.Logs(t.Context(), twstools.LogQuery{})
	wantCode(t, err, fault.Invalid)
}

func TestOneLogPerWorkstation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most [2]atomic.Int32
		gate := make(chan struct{})
		s := &stub{handle: func(_ http.ResponseWriter, r *http.Request) bool {
			i := 0
			if strings.Contains(r.URL.Path, "/run/b") {
				i = 1
			}
			most[i].Store(max(most[i].Load(), now[i].Add(1)))
			<-gate
			now[i].Add(-1)
			return true
		}}
		c := alone(t, s)
		var wg sync.WaitGroup
		for i := range 8 {
			run, ws := "a"+strconv.Itoa(i), "LX1"
			if i%2 == 1 {
				run, ws = "b"+strconv.Itoa(i), "LX2"
			}
			wg.Go(func() {
				if _, err := c.Logs(t.Context(), twstools.LogQuery{RunID: run, Workstation: ws}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if now[0].Load() != 1 || now[1].Load() != 1 {
			t.Errorf("logs under way = %d and %d, want 1 of each workstation", now[0].Load(), now[1].Load())
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Logs(short, twstools.LogQuery{RunID: "a9", Workstation: "LX1"})
		wantCode(t, err, fault.Timeout)
		close(gate)
		wg.Wait()
		if most[0].Load() != 1 || most[1].Load() != 1 {
			t.Errorf("logs at a time = %d and %d, want 1 of each workstation", most[0].Load(), most[1].Load())
		}
	})
}
