package conversations

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// alphabet is Crockford's base 32: no I, L, O and U, sorted like the numbers it stands for.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID makes an id that sorts by time: prefix, underscore, 48 bits of milliseconds and 80 random bits in 26 characters.
func NewID(prefix string, at time.Time) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(max(at.UnixMilli(), 0))<<16)
	_, _ = rand.Read(raw[6:]) // never fails (crypto/rand)
	var text [26]byte
	hi, lo := binary.BigEndian.Uint64(raw[:8]), binary.BigEndian.Uint64(raw[8:])
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return prefix + "_" + string(text[:])
}
