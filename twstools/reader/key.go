package reader

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// keyer makes the key of a read: equal reads have equal keys, and a key shows nothing of the filter, which may hold anything a person typed.
type keyer struct {
	h    hash.Hash
	open bool // a value of a foreign type: the read cannot be kept
}

func newKeyer(k kind) *keyer {
	y := &keyer{h: sha256.New()}
	y.text(string(k))
	return y
}

// sum gives the key; ok is false for a read that has none.
func (y *keyer) sum() (key string, ok bool) {
	return hex.EncodeToString(y.h.Sum(nil)[:16]), !y.open
}

// text writes a string with its length before it, so that no two lists of strings look alike.
func (y *keyer) text(s string) {
	y.number(int64(len(s)))
	_, _ = y.h.Write([]byte(s)) // a hash takes everything
}

func (y *keyer) number(n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)) // #nosec G115 -- bits are bits
	_, _ = y.h.Write(b[:])
}

func (y *keyer) texts(list []string) {
	y.number(int64(len(list)))
	for _, s := range list {
		y.text(s)
	}
}

// expr writes a filter. Groups are written as they stand: the same conditions in another order are another key, which costs a read and
// no more.
func (y *keyer) expr(x query.Expr) {
	switch x := x.(type) {
	case nil:
		y.text("all")
	case query.And:
		y.group("and", x)
	case query.Or:
		y.group("or", x)
	case query.Not:
		y.text("not")
		y.expr(x.X)
	case query.Term:
		y.text("term")
		y.text(x.Field)
		y.text(string(x.Op))
		y.number(int64(len(x.Values)))
		for _, v := range x.Values {
			y.value(v)
		}
	default:
		y.open = true
	}
}

func (y *keyer) group(word string, parts []query.Expr) {
	y.text(word)
	y.number(int64(len(parts)))
	for _, p := range parts {
		y.expr(p)
	}
}

func (y *keyer) value(v query.Value) {
	switch v := v.(type) {
	case nil:
		y.text("null")
	case string:
		y.text("s")
		y.text(v)
	case int64:
		y.text("i")
		y.number(v)
	case int:
		y.text("i")
		y.number(int64(v))
	case float64:
		y.text("f")
		y.number(int64(math.Float64bits(v))) // #nosec G115 -- bits are bits
	case bool:
		y.text("b")
		if v {
			y.number(1)
		} else {
			y.number(0)
		}
	case time.Time:
		y.text("t")
		y.text(v.UTC().Format(time.RFC3339Nano))
	case time.Duration:
		y.text("d")
		y.number(int64(v))
	case query.Spellings:
		y.text("p")
		y.texts(v)
	default:
		y.open = true
	}
}

func (y *keyer) order(keys []query.Order) {
	y.number(int64(len(keys)))
	for _, o := range keys {
		y.text(o.Field)
		y.value(o.Desc)
	}
}
