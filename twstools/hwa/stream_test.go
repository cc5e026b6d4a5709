package hwa_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// wideRow is a job with much that is not kept: the tree of a row is many times what stays of it.
func wideRow(i int) string {
	return fmt.Sprintf(`{"id":"id-%05d","name":"J%05d","workstation":"/LX1","folder":"/","jobStreamName":"NIGHT","jobStreamWorkstation":"/MDM","lastRunCommonStatus":"SUCCESSFUL",`+
		`"unknownToUs":[%s{"x":1}],"priority":10}`, i, i, strings.Repeat(`{"a":{"b":["some words that nobody asked for",1,2,3]}},`, 60))
}

// A page of 10,000 rows is never held as a whole: while it is being sent, what lives is the rows decoded so far and one row's tree.
func TestPagesAreDecodedAsStreams(t *testing.T) {
	const rows = 10000
	var before, most uint64
	alive := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	sent, done := 0, make(chan struct{})
	s := &stub{handle: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("offset") != "0" { // whether there is more
			writeJSON(w, m{"count": rows, "results": []m{}})
			return true
		}
		defer close(done)
		w.Header().Set("Content-Type", "application/json")
		out := bufio.NewWriter(w)
		write := func(text string) { n, _ := io.WriteString(out, text); sent += n }
		write(fmt.Sprintf(`{"count":%d,"results":[`, rows))
		for i := range rows {
			if i > 0 {
				write(",")
			}
			write(wideRow(i))
			if i%2500 == 2499 {
				_ = out.Flush()
				most = max(most, alive())
			}
		}
		write("]}")
		_ = out.Flush()
		return true
	}}
	c := open(t, s)
	before = alive()
	list, err := c.Jobs(t.Context(), twstools.ListQuery{Limit: rows})
	if err != nil || len(list.Items) != rows {
		t.Fatalf("%d rows, %v", len(list.Items), err)
	}
	<-done
	kept := alive() - before
	peak := most - before
	t.Logf("%d MB sent; alive at most %d MB while reading, of which %d MB are the %d rows themselves", sent>>20, peak>>20, kept>>20, rows)
	if sent < 30<<20 {
		t.Fatalf("only %d MB sent: the test tests nothing", sent>>20)
	}
	if peak > uint64(sent)*3/4 { // the rows take a quarter of it, the bytes all of it, and the tree several times as much
		t.Errorf("%d MB alive while reading a page of %d MB: the page is held", peak>>20, sent>>20)
	}
	runtime.KeepAlive(list)
}

// Half a list is no list: whatever byte an answer ends at, there is an error and no row, on the first page and on a later one.
func TestHalfJSONKeepsNothing(t *testing.T) {
	whole := `{"count":2,"results":[` + wideRow(1)[:150] + `"x":1}]},{"id":"b","name":"B"}],"next":null}`
	whole = strings.Replace(whole, wideRow(1)[:150], `{"id":"a","name":"A","y":[{"z":1,`, 1)
	synctest.Test(t, func(t *testing.T) {
		var end int
		c := alone(t, &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, whole[:end])
			return true
		}})
		for end = range len(whole) {
			list, err := c.Jobs(t.Context(), twstools.ListQuery{})
			if !fault.Is(err, fault.UpstreamUnavailable) || len(list.Items) != 0 {
				t.Errorf("cut after %q: %d rows, %v", whole[:end], len(list.Items), err)
			}
		}
		end = len(whole)
		if list, err := c.Jobs(t.Context(), twstools.ListQuery{}); err != nil || len(list.Items) != 2 {
			t.Errorf("whole: %d rows, %v", len(list.Items), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var pages atomic.Int32
		c := alone(t, &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			if pages.Add(1) == 1 {
				_, _ = io.WriteString(w, `{"count":4,"results":[{"id":"a","name":"A"},{"id":"b","name":"B"}]}`)
			} else {
				_, _ = io.WriteString(w, `{"count":4,"results":[{"id":"c","name":"C"},{"id":"d"`)
			}
			return true
		}})
		list, err := c.Jobs(t.Context(), twstools.ListQuery{})
		if !fault.Is(err, fault.UpstreamUnavailable) || len(list.Items) != 0 || pages.Load() < 2 {
			t.Errorf("second page cut: %d rows after %d pages, %v", len(list.Items), pages.Load(), err)
		}
	})
}

// An answer without an end is read up to its bound, not into memory.
func TestEndlessPageStopsAtTheBound(t *testing.T) {
	chunk := []byte(strings.Repeat(" ", 1<<20))
	s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(`{"results":[`))
		for {
			if _, err := w.Write(chunk); err != nil {
				return true
			}
		}
	}}
	_, err := open(t, s).Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "X")})
	if e := wantCode(t, err, fault.UpstreamUnavailable); !strings.Contains(e.Message, "larger than 256 MB") {
		t.Errorf("message %q", e.Message)
	}
}

// One row without an end is stopped long before the bound of a page, because it must be held as a whole.
func TestEndlessRowStopsAtItsBound(t *testing.T) {
	chunk := []byte(strings.Repeat("x", 1<<20))
	s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(`{"results":[{"id":"a","name":"A"},{"id":"b","name":"`))
		for {
			if _, err := w.Write(chunk); err != nil {
				return true
			}
		}
	}}
	c := open(t, s)
	_, err := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "X")})
	if e := wantCode(t, err, fault.UpstreamUnavailable); !strings.Contains(e.Message, "larger than 32 MB") {
		t.Errorf("message %q", e.Message)
	}
}

// Spaces outside of strings are nothing, inside they are text; line ends and other control characters are spaces wherever they stand.
func TestSpacesInAnswers(t *testing.T) {
	body := "\ufeff \n\t{ \"count\" : 1 ,\r\n\"results\":[ { \"id\":\"a  \\\" \\\\\" ,\n\n\"name\":\"A\" , \"jobDefinition\":{\"description\":\"two  spaces,\na line and a\x01 \\\"quote  \\\"\"} } ] }  "
	list, err := open(t, answers(200, "application/json", body)).Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if j := list.Items[0]; j.Ref.ID != `a  " \` || j.Definition.Description != `two  spaces, a line and a  "quote  "` {
		t.Errorf("id %q, description %q", j.Ref.ID, j.Definition.Description)
	}
}
