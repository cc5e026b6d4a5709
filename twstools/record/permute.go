package record

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
)

// permuter renames by keyed bijections, so that a pseudonym needs no table: the same key gives the same pseudonyms in every capture, two
// names never meet in one, and nothing keeps its name. It is a Feistel network over the letters of a word, in the manner of NIST SP 800-38G's FF1
// (alternating halves, ten rounds) with HMAC-SHA256 as round function, around a step by one that leaves no word where it was.
type permuter struct {
	key   []byte
	mu    sync.Mutex
	cache map[string]string
}

func newPermuter(key []byte) *permuter { return &permuter{key: key, cache: map[string]string{}} }

const (
	rounds = 10
	// maxDigits is how long a word is renamed as one: half of it must fit 64 bits in base 36.
	maxDigits = 24
)

func (p *permuter) sum(parts ...string) []byte {
	h := hmac.New(sha256.New, p.key)
	for _, s := range parts {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s))) //nolint:gosec // a word, never 4 GB
		h.Write(n[:])
		h.Write([]byte(s))
	}
	return h.Sum(nil)
}

const (
	letters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lettersN  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digitsSet = "0123456789"
)

// word renames a word over an alphabet; all its bytes must be of that alphabet. avoid (may be nil) are words that must not come out, and
// then must not go in either.
func (p *permuter) word(class, alphabet, s string, avoid func(string) bool) string {
	if s == "" {
		return s
	}
	id := class + "\x00" + alphabet + "\x00" + s
	p.mu.Lock()
	out, ok := p.cache[id]
	p.mu.Unlock()
	if ok {
		return out
	}
	var b strings.Builder
	for rest, n := s, byte('0'); rest != ""; n++ {
		part := rest[:min(maxDigits, len(rest))]
		rest = rest[len(part):]
		b.WriteString(p.step(class+string(n), alphabet, part))
	}
	out = b.String()
	for avoid != nil && avoid(out) {
		out = p.word(class, alphabet, out, nil)
	}
	p.mu.Lock()
	p.cache[id] = out
	p.mu.Unlock()
	return out
}

// step is E⁻¹(E(x)+1): a bijection without fixed points.
func (p *permuter) step(class, alphabet, s string) string {
	radix := uint64(len(alphabet))
	n := len(s)
	u := n / 2
	v := n - u
	a, b := number(s[:u], alphabet), number(s[u:], alphabet)
	mu, mv := power(radix, u), power(radix, v)
	f := func(i int, x uint64) uint64 {
		var raw [8]byte
		binary.BigEndian.PutUint64(raw[:], x)
		h := p.sum(class, string(rune('0'+i)), string(raw[:]), string(rune(n)))
		return binary.BigEndian.Uint64(h)
	}
	size := func(i int) uint64 {
		if i%2 == 0 {
			return mu
		}
		return mv
	}
	for i := range rounds {
		m := size(i)
		a, b = b, (a+f(i, b)%m)%m
	}
	b = (b + 1) % mv
	for i := rounds - 1; i >= 0; i-- {
		m := size(i)
		a, b = (b+m-f(i, a)%m)%m, a
	}
	return spell(a, u, alphabet) + spell(b, v, alphabet)
}

func number(s, alphabet string) uint64 {
	n := uint64(0)
	for i := range len(s) {
		n = n*uint64(len(alphabet)) + uint64(strings.IndexByte(alphabet, s[i])) //nolint:gosec // the caller holds s to the alphabet
	}
	return n
}

func spell(n uint64, width int, alphabet string) string {
	out := make([]byte, width)
	for i := width - 1; i >= 0; i-- {
		out[i] = alphabet[n%uint64(len(alphabet))]
		n /= uint64(len(alphabet))
	}
	return string(out)
}

func power(radix uint64, n int) uint64 {
	out := uint64(1)
	for range n {
		out *= radix
	}
	return out
}

// cased renames a run of ASCII letters and gives the result the case of the original, letter by letter.
func (p *permuter) cased(run string, avoid func(string) bool) string {
	out := []byte(p.word("word", letters, upper(run), avoid))
	for i := range out {
		if run[i] >= 'a' && run[i] <= 'z' {
			out[i] += 'a' - 'A'
		}
	}
	return string(out)
}

// upper and lower change ASCII letters only, byte by byte, so that lengths and places stay.
func upper(s string) string { return mapBytes(s, 'a', 'z', 'A') }

func lower(s string) string { return mapBytes(s, 'A', 'Z', 'a') }

func mapBytes(s string, from, to, with byte) string {
	out := []byte(s)
	for i, c := range out {
		if c >= from && c <= to {
			out[i] = c - from + with
		}
	}
	return string(out)
}

// uuid makes an id in the form of the engine's own name-based UUIDs out of any id.
func (p *permuter) uuid(id string) string {
	h := p.sum("id", id)[:16]
	h[6] = h[6]&0x0f | 0x30
	h[8] = h[8]&0x3f | 0x80
	s := hex.EncodeToString(h)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// octet renames one byte among those from low to high, differently behind each prefix: addresses of one network stay in one network.
func (p *permuter) octet(prefix string, x, low, high int) int {
	order := make([]int, 0, high-low+1)
	for v := low; v <= high; v++ {
		order = append(order, v)
	}
	for i := len(order) - 1; i > 0; i-- { // Sattolo's shuffle: one cycle, so no fixed points
		h := binary.BigEndian.Uint64(p.sum("octet", prefix, string(rune(i))))
		j := int(h % uint64(i)) //nolint:gosec // below i
		order[i], order[j] = order[j], order[i]
	}
	return order[x-low]
}
