package evals

import (
	"bytes"
	"sync"
)

// printed takes what a program prints apart into lines, within a bound.
type printed struct {
	more chan struct{} // has a value when something has come

	mu    sync.Mutex
	max   int
	size  int
	lines [][]byte
	part  []byte // of the last line
	over  bool
}

func newPrinted(limit int) *printed { return &printed{more: make(chan struct{}, 1), max: limit} }

// Write takes everything and keeps what fits.
func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size+len(b) > p.max {
		p.over = true
	} else {
		p.size += len(b)
		p.part = append(p.part, b...)
		for {
			line, rest, whole := bytes.Cut(p.part, []byte("\n"))
			if !whole {
				break
			}
			p.lines = append(p.lines, bytes.Clone(line))
			p.part = rest
		}
	}
	select {
	case p.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

// next gives the next whole line, if there is one, and whether more came than may.
func (p *printed) next() (line []byte, ok, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || len(p.lines) == 0 {
		return nil, false, p.over
	}
	line, p.lines = p.lines[0], p.lines[1:]
	p.size -= len(line) + 1
	return line, true, false
}

// rest gives the next line of a program that has ended: the last one needs no end of line. Blank ones do not count.
func (p *printed) rest() ([]byte, bool) {
	for {
		line, ok, _ := p.next()
		if !ok {
			break
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return line, true
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	line := p.part
	p.part = nil
	return line, len(bytes.TrimSpace(line)) > 0
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	b   []byte
	max int
}

// Write takes everything.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - t.max; over > 0 {
		t.b = t.b[over:]
	}
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
