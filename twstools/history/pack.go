package history

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// Runs are kept packed: 20 of them for each of 500,000 jobs must fit into a gigabyte, and a row for each would take twice that. Times
// are differences in seconds, a word that came before is its number, a UUID is 16 bytes, and of a word that begins as the one before
// only the end is written.

// packVersion is the first byte of packed runs; another form takes another number.
const packVersion = 1

var errPacked = errors.New("packed runs cannot be read")

// The bits of a run's first number.
const (
	hasSched = 1 << iota
	hasStart
	hasEnd
	isExact
	isArchived
	hasReturnCode
)

type packer struct {
	b     []byte
	last  string // the last word that is no UUID
	words map[string]uint64
}

func (p *packer) number(n int64) { p.b = binary.AppendVarint(p.b, n) }

// word writes a number for a word that was written before, else 0 and the word.
func (p *packer) word(s string) {
	if n, ok := p.words[s]; ok {
		p.b = binary.AppendUvarint(p.b, n)
		return
	}
	p.words[s] = uint64(len(p.words) + 1)
	p.b = append(p.b, 0)
	if raw, ok := uuid(s); ok {
		p.b = append(append(p.b, asUUID), raw...)
		return
	}
	shared := 0
	for shared < min(len(s), len(p.last), maxShared) && s[shared] == p.last[shared] {
		shared++
	}
	p.b = binary.AppendUvarint(p.b, uint64(len(s)-shared)<<1)
	p.b = append(append(p.b, byte(shared)), s[shared:]...)
	p.last = s
}

const (
	// asUUID stands where other words have twice the length of their end.
	asUUID = 1
	// maxShared fits into a byte.
	maxShared = 255
)

// uuid gives the bytes of a UUID in its usual form.
func uuid(s string) ([]byte, bool) {
	if len(s) != 36 {
		return nil, false
	}
	raw, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	return raw, err == nil && fromUUID(raw) == s
}

func fromUUID(raw []byte) string {
	s := hex.EncodeToString(raw)
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

func pack(rs runs) []byte {
	p := packer{b: []byte{packVersion}, words: map[string]uint64{}}
	for _, n := range []int64{int64(rs.gone.Ended), int64(rs.gone.Succeeded), seconds(millis(rs.gone.First)), seconds(rs.lost), int64(len(rs.last))} {
		p.number(n)
	}
	clock := seconds(rs.lost)
	for _, r := range rs.last {
		clock = p.run(r, clock)
	}
	return p.b
}

func seconds(millis int64) int64 { return millis / 1000 }

// run writes a run; times count from clock, and the time to count the next from is given back.
func (p *packer) run(r Run, clock int64) int64 {
	flags := number(!r.Sched.IsZero())*hasSched | number(!r.Start.IsZero())*hasStart | number(!r.End.IsZero())*hasEnd |
		number(r.Exact)*isExact | number(r.Archived)*isArchived | number(r.ReturnCode != nil)*hasReturnCode
	p.number(flags)
	for _, t := range []time.Time{r.Sched, r.Start, r.End} {
		if !t.IsZero() {
			p.number(t.Unix() - clock)
			clock = t.Unix()
		}
	}
	p.number(seconds(r.seen) - clock)
	if r.ReturnCode != nil {
		p.number(int64(*r.ReturnCode))
	}
	for _, n := range []int64{r.JobNumber, int64(r.Attempt), int64(r.Estimated / time.Second)} {
		p.number(n)
	}
	for _, s := range []string{r.ID, r.Instance, statusText(r.Status), r.RerunType, r.Workstation} {
		p.word(s)
	}
	return clock
}

type unpacker struct {
	b     []byte
	last  string
	words []string
	bad   bool
}

func (u *unpacker) number() int64 {
	n, size := binary.Varint(u.b)
	return int64(u.take(uint64(n), size))
}

func (u *unpacker) unsigned() uint64 {
	n, size := binary.Uvarint(u.b)
	return u.take(n, size)
}

func (u *unpacker) take(n uint64, size int) uint64 {
	if u.bad = u.bad || size <= 0; u.bad {
		return 0
	}
	u.b = u.b[size:]
	return n
}

func (u *unpacker) word() string {
	n := u.unsigned()
	if u.bad || n > uint64(len(u.words)) {
		u.bad = true
		return ""
	}
	if n > 0 {
		return u.words[n-1]
	}
	s := ""
	switch size := u.unsigned(); {
	case size == asUUID:
		s = fromUUID(append(u.bytes(16), make([]byte, 16)...)[:16])
	case size&1 == 1:
		u.bad = true
	default:
		shared := append(u.bytes(1), 0)[0]
		if u.bad = u.bad || int(shared) > len(u.last); u.bad {
			return ""
		}
		s = u.last[:shared] + string(u.bytes(size>>1))
		u.last = s
	}
	u.words = append(u.words, s)
	return s
}

// bytes gives the next n bytes, or none when there are fewer.
func (u *unpacker) bytes(n uint64) []byte {
	if u.bad = u.bad || n > uint64(len(u.b)); u.bad {
		return nil
	}
	b := u.b[:n:n]
	u.b = u.b[n:]
	return b
}

func unpack(b []byte) (runs, error) {
	if len(b) == 0 {
		return runs{}, nil
	}
	if b[0] != packVersion {
		return runs{}, errPacked
	}
	u := unpacker{b: b[1:]}
	rs := runs{gone: Digest{Ended: int(u.number()), Succeeded: int(u.number()), First: fromMillis(u.number() * 1000)}, lost: u.number() * 1000}
	n := u.number()
	if n < 0 || n > keptRuns {
		return runs{}, errPacked
	}
	clock := seconds(rs.lost)
	for range n {
		var r Run
		r, clock = u.run(clock)
		rs.last = append(rs.last, r)
	}
	if u.bad || len(u.b) > 0 {
		return runs{}, errPacked
	}
	return rs, nil
}

func (u *unpacker) run(clock int64) (Run, int64) {
	flags := u.number()
	var r Run
	for _, t := range []struct {
		bit int64
		to  *time.Time
	}{{hasSched, &r.Sched}, {hasStart, &r.Start}, {hasEnd, &r.End}} {
		if flags&t.bit != 0 {
			clock += u.number()
			*t.to = time.Unix(clock, 0).UTC()
		}
	}
	r.seen = (clock + u.number()) * 1000
	if flags&hasReturnCode != 0 {
		n := int(u.number())
		r.ReturnCode = &n
	}
	r.JobNumber, r.Attempt, r.Estimated = u.number(), int(u.number()), time.Duration(u.number())*time.Second
	r.ID, r.Instance = u.word(), u.word()
	r.Status = statusFrom(u.word())
	r.RerunType, r.Workstation = u.word(), u.word()
	r.Exact, r.Archived = flags&isExact != 0, flags&isArchived != 0
	return r, clock
}

// packRun packs one run alone, for the table of every run.
func packRun(r Run) []byte { return pack(runs{last: []Run{r}}) }

func unpackRun(b []byte) (Run, error) {
	rs, err := unpack(b)
	if err != nil || len(rs.last) != 1 {
		return Run{}, errPacked
	}
	return rs.last[0], nil
}
