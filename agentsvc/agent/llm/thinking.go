package llm

import "strings"

// The marks between which some models think aloud.
const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

// thinking drops what some models write between think marks, also when the marks come in pieces.
type thinking struct {
	inside bool
	seen   bool   // the opening mark came, or the closing one
	tail   string // the possible beginning of a mark
}

// strip gives the text without thoughts. Stray is true when a closing mark came that nothing opened, because the server's template has the opening one: then all
// text before was thought.
func (th *thinking) strip(text string) (clean string, stray bool) {
	text = th.tail + text
	th.tail = ""
	var b strings.Builder
	for text != "" {
		mark := thinkOpen
		if th.inside {
			mark = thinkClose
		}
		end := -1
		if !th.inside && !th.seen {
			end = strings.Index(text, thinkClose)
		}
		i := strings.Index(text, mark)
		if end >= 0 && (i < 0 || end < i) {
			b.Reset()
			stray, th.seen = true, true
			text = text[end+len(thinkClose):]
			continue
		}
		if i >= 0 {
			if !th.inside {
				b.WriteString(text[:i])
			}
			th.inside, th.seen = !th.inside, true
			text = text[i+len(mark):]
			continue
		}
		n := overlap(text, mark)
		if !th.inside && !th.seen {
			n = max(n, overlap(text, thinkClose))
		}
		if !th.inside {
			b.WriteString(text[:len(text)-n])
		}
		th.tail = text[len(text)-n:]
		break
	}
	return b.String(), stray
}

// rest is what looked like the beginning of a mark and was none.
func (th *thinking) rest() string {
	if th.inside {
		return ""
	}
	return th.tail
}

// overlap is how many bytes at the end of text begin mark.
func overlap(text, mark string) int {
	for n := min(len(mark)-1, len(text)); n > 0; n-- {
		if strings.HasSuffix(text, mark[:n]) {
			return n
		}
	}
	return 0
}

// When a model repeats itself: the last 1,800 bytes are one piece of at most 300, again and again: six times or more. Tables and lists do not do that.
const (
	tailBytes  = 1800
	longPeriod = tailBytes / 6
	lookEvery  = 200
)

// tail keeps the end of what a model writes and looks for repetition.
type tail struct {
	last   []byte
	since  int // bytes since it was looked at
	period int
}

func (t *tail) repeats(text string) bool {
	t.last = append(t.last, text...)
	if n := len(t.last) - tailBytes; n > tailBytes {
		t.last = append(t.last[:0], t.last[n:]...)
	}
	if t.since += len(text); t.since < lookEvery || len(t.last) < tailBytes {
		return false
	}
	t.since = 0
	b := t.last[len(t.last)-tailBytes:]
	for p := 1; p <= longPeriod; p++ {
		if string(b[p:]) == string(b[:len(b)-p]) {
			t.period = p
			return true
		}
	}
	return false
}
