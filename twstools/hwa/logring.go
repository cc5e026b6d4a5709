package hwa

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/resync-hwa/resync/twstools"
)

const (
	headLines    = 2000
	tailLines    = 2000
	hitLines     = 1000  // lines that look like errors, first half and last half
	windowLines  = 10000 // of a window that was asked for
	maxLineBytes = 8 << 10
)

// hitWords, in lower case, mark lines worth keeping from the middle of a long log. They decide what is kept, never what is wrong. Plain words rather
// than a regular expression: 64 MB of log pass here within a call's deadline.
var hitWords = []string{
	"error", "erro ", "erro:", "fail", "falh", "abend", "abort", "fatal", "exception", "exceç", "traceback", "panic", "denied", "negad", "refus", "recus",
	"cannot", "can't", "could not", "unable", "não ", "not found", "nao ", "encontrad", "no such", "timed out", "timeout", "time-out", "expir", "killed",
	"signal ", "segmentation", "core dumped", "no space", "out of memory", "deadlock", "unreachable", "invalid", "inválid", "ora-", "sqlcode", "sqlstate",
	"exit status", "exit code", "return code", "rc=", "rc:", "rc =", "warning", "caused by",
}

func isHit(text string) bool {
	low := strings.ToLower(text)
	for _, w := range hitWords {
		if strings.Contains(low, w) {
			return true
		}
	}
	return strings.Contains(text, "AWS") && messageID.MatchString(text)
}

// line is one line of the answer, counted from 1 in the answer.
type line struct {
	n    int
	text string
}

// collector keeps what is needed of a stream of lines, whichever way the numbers turn out: as a window that begins at line from, or as the whole log.
type collector struct {
	from, to int
	lines    int // seen
	bytes    int64
	ended    bool // the answer was read to its end
	cutLine  bool // a line was longer than is kept

	head, tail, window, hits, lateHits []line
}

func newCollector(from, to int) *collector { return &collector{from: from, to: to} }

// read takes the lines of an answer: text, or JSON with the text in it.
func (k *collector) read(a answer) error {
	if a.empty {
		k.ended = true
		return nil
	}
	text, rest, ok := unwrapLog(a)
	if ok {
		return k.scan(strings.NewReader(text))
	}
	return k.scan(decoded(answer{body: rest, contentType: a.contentType}))
}

// decoded reads the answer in its character set. Lines that are no UTF-8 although they should be are taken for Latin-1 later.
func decoded(a answer) io.Reader {
	if head, _ := a.body.Peek(2); bytes.Equal(head, []byte{0xff, 0xfe}) || bytes.Equal(head, []byte{0xfe, 0xff}) {
		return transform.NewReader(a.body, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	}
	dropMark(a.body)
	_, params, err := mime.ParseMediaType(a.contentType)
	if err != nil || params["charset"] == "" {
		return a.body
	}
	enc, err := htmlindex.Get(params["charset"])
	if err != nil || enc == unicode.UTF8 {
		return a.body
	}
	return transform.NewReader(a.body, enc.NewDecoder())
}

// unwrapLog takes a log out of JSON: an object with the text in a field, or a bare string. A job may print JSON itself, so only an answer that says it
// is JSON, or is an object with a log in it and nothing else, counts.
func unwrapLog(a answer) (text string, rest *bufio.Reader, ok bool) {
	head, _ := a.body.Peek(16)
	start := strings.TrimLeft(string(head), " \t\r\n")
	isJSON := strings.Contains(a.contentType, "json") && start != "" && strings.ContainsAny(start[:1], `{"[`)
	if !isJSON && !strings.HasPrefix(start, `{"log"`) {
		return "", a.body, false
	}
	const most = 16 << 20
	whole, _ := io.ReadAll(io.LimitReader(a.body, most)) // an error comes again when the rest is read
	if text, ok = logInJSON(whole); ok {
		return text, nil, true
	}
	return "", bufio.NewReaderSize(io.MultiReader(bytes.NewReader(whole), a.body), 32<<10), false
}

func logInJSON(raw []byte) (string, bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s, true
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return strings.Join(list, "\n"), true
	}
	var o object
	if json.Unmarshal(raw, &o) != nil {
		return "", false
	}
	for _, key := range []string{"log", "joblog", "jobLog", "content", "text", "lines"} {
		switch v := o[key].(type) {
		case string:
			return v, true
		case []any:
			return strings.Join(object{"l": v}.texts("l"), "\n"), true
		}
	}
	return "", false
}

// texts gives the strings of an array untouched.
func (o object) texts(key string) []string {
	var out []string
	for _, e := range o.list(key) {
		s, _ := e.(string)
		out = append(out, s)
	}
	return out
}

// scan reads line by line up to the bound, and stops early once a window is full.
func (k *collector) scan(r io.Reader) error {
	b := bufio.NewReaderSize(r, 64<<10)
	for k.bytes < maxLogBytes {
		text, size, err := readLine(b)
		k.bytes += int64(size)
		if size > 0 {
			k.add(text)
		}
		if errors.Is(err, io.EOF) {
			k.ended = true
			return nil
		}
		if err != nil {
			return err
		}
		if k.full() {
			return nil
		}
	}
	return nil
}

// full reports whether nothing that is asked for can follow: the answer is longer than the window, so it is the whole log, and the window is past.
func (k *collector) full() bool { return k.to > 0 && k.lines > k.to-k.from+1 && k.lines > k.to }

// readLine reads one line and keeps the beginning of it. size counts all of it, its end included.
func readLine(b *bufio.Reader) (text []byte, size int, err error) {
	for {
		part, e := b.ReadSlice('\n')
		size += len(part)
		if room := maxLineBytes + 2 - len(text); room > 0 {
			text = append(text, part[:min(room, len(part))]...)
		}
		if !errors.Is(e, bufio.ErrBufferFull) {
			return text, size, e
		}
		if size > maxLogBytes {
			return text, size, nil
		}
	}
}

func (k *collector) add(raw []byte) {
	k.lines++
	l := line{n: k.lines, text: k.lineText(raw)}
	if k.from > 0 && l.n >= k.from && (k.to == 0 || l.n <= k.to) && len(k.window) < windowLines {
		k.window = append(k.window, l)
	}
	// A window that is honoured holds its lines from the answer's first on.
	if len(k.head) < max(headLines, min(k.to-k.from+1, windowLines)) {
		k.head = append(k.head, l)
		return
	}
	if isHit(l.text) {
		if len(k.hits) < hitLines/2 {
			k.hits = append(k.hits, l)
		} else {
			k.lateHits = ring(k.lateHits, l, hitLines/2)
		}
	}
	k.tail = ring(k.tail, l, tailLines)
}

// ring appends and forgets the oldest; it lets the slice grow to twice its size before it moves anything.
func ring(lines []line, l line, size int) []line {
	if len(lines) >= 2*size {
		lines = append(lines[:0], lines[len(lines)-size+1:]...)
	}
	return append(lines, l)
}

func last(lines []line, size int) []line { return lines[max(0, len(lines)-size):] }

// lineText drops the line's end and makes text of bytes in an old character set; NUL and escape sequences stay as they are.
func (k *collector) lineText(raw []byte) string {
	raw = bytes.TrimSuffix(raw, []byte("\n"))
	raw = bytes.TrimSuffix(raw, []byte("\r"))
	if len(raw) > maxLineBytes {
		end := maxLineBytes
		for end > maxLineBytes-utf8.UTFMax && !utf8.RuneStart(raw[end]) {
			end-- // not through a character
		}
		raw, k.cutLine = raw[:end], true
	}
	if utf8.Valid(raw) {
		return string(raw)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\ufffd")
	}
	return string(text)
}

// provesLonger reports whether the answer to a window is longer than the window.
func (k *collector) provesLonger() bool {
	// The header alone proves nothing: a window may begin inside it, or at the header of a rerun appended to the same log.
	return k.to > 0 && k.lines > k.to-k.from+1
}

// proofLines are compared to tell whether two answers begin at the same line: more than a banner has.
const proofLines = 20

// differs reports whether the answer begins at another line than the log, of which first are the first lines. It is sure of it when a line differs, when
// the answer is shorter than it could be if it began there, or when lines that are told apart by their text are the same.
func (k *collector) differs(first *collector) (differs, sure bool) {
	reach := min(first.lines, proofLines)
	if k.to > 0 {
		reach = min(reach, k.to)
	}
	if k.lines < reach {
		return true, true
	}
	seen := map[string]bool{}
	for i := range min(len(k.head), len(first.head), proofLines) {
		if k.head[i].text != first.head[i].text {
			return true, true
		}
		seen[k.head[i].text] = true
	}
	return false, len(seen) > 2
}

// log gives the lines numbered as in the raw log. windowed says that the answer began at line from.
func (k *collector) log(windowed bool) twstools.Log {
	shift := 0
	if windowed {
		shift = k.from - 1
	}
	var all []line
	for _, part := range [][]line{k.head, k.window, k.hits, last(k.lateHits, hitLines/2), last(k.tail, tailLines)} {
		all = append(all, part...)
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.n - b.n })
	all = slices.CompactFunc(all, func(a, b line) bool { return a.n == b.n })

	out := twstools.Log{Bytes: k.bytes, Lines: []twstools.LogLine{}, FirstLine: max(k.from, 1)}
	for _, l := range all {
		n := l.n + shift
		if n >= k.from && (k.to == 0 || n <= k.to) {
			out.Lines = append(out.Lines, twstools.LogLine{N: n, Text: l.text})
		}
	}
	if len(out.Lines) > 0 {
		out.FirstLine = out.Lines[0].N
	}
	if k.ended && !windowed && (k.to == 0 || k.lines != k.to) { // an answer that ends where the window does may go on behind it
		out.Total = k.lines
	}
	// Only a log that was seen to its end and is given whole is not truncated.
	out.Truncated = k.cutLine || !k.ended || len(out.Lines) < k.lines || shift > 0 || k.to > 0 && out.Total == 0
	return out
}
