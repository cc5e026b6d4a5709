package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// held is the memory of a process in bytes: what the program keeps, what the system has given it, and the pages of files that it has mapped, which
// the system takes back when it needs them. Only Linux tells the last two.
type held struct {
	Heap  int64 `json:"heap"`
	Own   int64 `json:"own"`
	Files int64 `json:"mapped"`
}

// memory looks at it after the garbage has been collected and given back.
func memory() held {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := held{Heap: int64(m.HeapAlloc)} //nolint:gosec // no heap is that large
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return h
	}
	for line := range strings.Lines(string(status)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(f[1], 10, 64) // other lines are passed over below
		switch f[0] {
		case "RssAnon:":
			h.Own = n << 10
		case "RssFile:":
			h.Files = n << 10
		}
	}
	return h
}

func (h held) less(o held) held { return held{h.Heap - o.Heap, h.Own - o.Own, h.Files - o.Files} }

func (h held) each(n int) held {
	d := int64(max(1, n))
	return held{h.Heap / d, h.Own / d, h.Files / d}
}

func (h held) String() string {
	return fmt.Sprintf("heap %d bytes; resident %d bytes of its own and %d of mapped files", h.Heap, h.Own, h.Files)
}

// load1 is the machine's load over the last minute; 0 where nobody tells.
func load1() float64 {
	b, err := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	n, err2 := strconv.ParseFloat(first, 64)
	if err != nil || err2 != nil {
		return 0
	}
	return n
}
