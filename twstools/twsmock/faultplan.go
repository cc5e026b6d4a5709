package twsmock

import (
	"net/http"
	"path"
	"strings"
	"sync/atomic"
)

// Every spoils each nth request (n at least 1) to the paths that fit the pattern, one of path.Match over the path without the interface's base:
// "/plan/job/*/predecessors", "/plan/job"; "" fits every path. The result goes into Options.Fault.
func Every(n int, pattern string, f *Fault) func(*http.Request) *Fault {
	var seen atomic.Int64
	return func(r *http.Request) *Fault {
		if !fitsPath(pattern, r) || seen.Add(1)%int64(max(n, 1)) != 0 {
			return nil
		}
		return f
	}
}

// FirstOf spoils the first n requests to the paths that fit, and leaves the rest whole: a server that recovers.
func FirstOf(n int, pattern string, f *Fault) func(*http.Request) *Fault {
	var seen atomic.Int64
	return func(r *http.Request) *Fault {
		if !fitsPath(pattern, r) || seen.Add(1) > int64(n) {
			return nil
		}
		return f
	}
}

// Plan joins several plans of faults: the first that spoils a request decides, and every one of them counts it.
func Plan(plans ...func(*http.Request) *Fault) func(*http.Request) *Fault {
	return func(r *http.Request) *Fault {
		var out *Fault
		for _, p := range plans {
			if f := p(r); out == nil {
				out = f
			}
		}
		return out
	}
}

func fitsPath(pattern string, r *http.Request) bool {
	if pattern == "" {
		return true
	}
	p := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(p, Base); ok {
		p = rest
	} else {
		p = strings.TrimPrefix(p, "/twsd")
	}
	ok, err := path.Match(pattern, p)
	return err == nil && ok
}
