// Package audit keeps what tools were called, by whom and at what cost, in a table that only grows at its end and shows when somebody
// has changed it. Each row carries a keyed hash (HMAC-SHA256) of itself and of the row before; a sealed head says where the chain begins and
// ends. Arguments are kept as a keyed hash alone.
//
// A Trail writes beside the calls: a call never waits for it. What it could not write is counted, logged, and noted in the chain as soon
// as that can be written again. Any number of processes may write one chain. Start at New or Begin to write, at Open to read.
package audit

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// roomName is under which the store knows these tables, and the name of their file in the data folder.
const roomName = "audit"

// File is the name of the database's file in the data folder: audit has one of its own, so that nobody waits for it.
const File = roomName

// Room gives the tables of this package to store.Open.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("audit: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: roomName, FS: sub}
}

// Kind says what a row tells of.
type Kind string

// The kinds of rows.
const (
	Call    Kind = "call"    // a tool was called
	Lost    Kind = "lost"    // so many calls could not be kept, here
	Broken  Kind = "broken"  // what was kept before did not fit its head when this was written
	Rekeyed Kind = "rekeyed" // from here on another key is used
)

// Entry is one row. Texts that come from callers are kept as they came, cut to 200 bytes.
type Entry struct {
	Seq           int64         `json:"seq"`
	At            time.Time     `json:"at"` // when the call began, UTC, milliseconds
	Kind          Kind          `json:"kind"`
	Tool          string        `json:"tool,omitempty"`
	Caller        string        `json:"caller,omitempty"` // stable id
	Name          string        `json:"name,omitempty"`   // of the caller at that time
	By            string        `json:"by,omitempty"`     // who spoke for the caller
	Via           string        `json:"via,omitempty"`    // how the caller was known: session, token, api_key …
	Engine        string        `json:"engine,omitempty"`
	Args          string        `json:"args,omitempty"` // see Keys.Args
	Bytes         int           `json:"bytes"`
	UpstreamCalls int           `json:"upstream_calls"`
	Duration      time.Duration `json:"-"` // microseconds are kept; in JSON as duration_ms
	Code          string        `json:"code,omitempty"`
	CorrelationID string        `json:"correlation_id,omitempty"`
	Lost          int64         `json:"lost,omitempty"`
	Process       string        `json:"process"` // one start of the program

	n     int64
	keyID string
	mac   []byte
	odd   bool // a value is not of its column's kind; asked for by Verify alone
}

// MarshalJSON gives the duration in milliseconds, as the log does.
func (e Entry) MarshalJSON() ([]byte, error) {
	type plain Entry // without this method
	return json.Marshal(struct {
		plain
		Milliseconds float64 `json:"duration_ms"`
	}{plain(e), float64(e.Duration.Microseconds()) / 1000})
}

// Keys are what rows are sealed and arguments hashed with.
type Keys struct {
	id          string
	chain, args []byte
}

// minKey is the shortest secret that keys are made of.
const minKey = 32

// NewKeys derives keys of their own from the program's secret key.
func NewKeys(from secret.String) (Keys, error) {
	if len(from.Reveal()) < minKey {
		return Keys{}, fmt.Errorf("audit: the key must have %d characters or more", minKey)
	}
	derive := func(purpose string) ([]byte, error) {
		return hkdf.Key(sha256.New, []byte(from.Reveal()), nil, purpose, sha256.Size)
	}
	chain, err1 := derive("resync audit chain v1")
	args, err2 := derive("resync audit arguments v1")
	id, err3 := derive("resync audit key id v1")
	if err := errors.Join(err1, err2, err3); err != nil {
		return Keys{}, fmt.Errorf("audit: derive keys: %w", err)
	}
	return Keys{id: hex.EncodeToString(id[:4]), chain: chain, args: args}, nil
}

// Args is how arguments are kept, given their plain hash (toolkit.ArgsHash): keyed, for few arguments are long enough that their plain hash
// could not be guessed.
func (k Keys) Args(hash string) string {
	m := hmac.New(sha256.New, k.args)
	_, _ = m.Write([]byte(hash))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// row is the keyed hash of a row behind one with the hash before.
func (k Keys) row(e *Entry, before []byte) []byte {
	w := newSealer(k.chain, "row")
	w.bytes(before)
	w.numbers(e.Seq, e.At.UnixMilli())
	w.texts(string(e.Kind), e.Tool, e.Caller, e.Name, e.By, e.Via, e.Engine, e.Args)
	w.numbers(int64(e.Bytes), int64(e.UpstreamCalls), e.Duration.Microseconds())
	w.texts(e.Code, e.CorrelationID)
	w.numbers(e.Lost, e.n)
	w.texts(e.Process, e.keyID)
	return w.sum()
}

// head is where the chain begins and ends: the last row, and the last one that was removed before the first.
type head struct {
	seq, base     int64
	mac, baseMAC  []byte
	keyID         string
	seal          []byte
	written, rows bool // whether there is a head, and whether its last row is there as it should be
}

func (k Keys) head(h *head) []byte {
	w := newSealer(k.chain, "head")
	w.numbers(h.seq, h.base)
	w.bytes(h.mac)
	w.bytes(h.baseMAC)
	w.texts(h.keyID)
	return w.sum()
}

// sealer writes fields with their lengths, so that no two rows look alike to the hash.
type sealer struct {
	mac interface {
		Write(p []byte) (int, error)
		Sum(b []byte) []byte
	}
}

func newSealer(key []byte, kind string) sealer {
	s := sealer{hmac.New(sha256.New, key)}
	s.texts(kind)
	return s
}

func (s sealer) bytes(b []byte) {
	s.numbers(int64(len(b)))
	_, _ = s.mac.Write(b)
}

func (s sealer) texts(all ...string) {
	for _, t := range all {
		s.bytes([]byte(t))
	}
}

func (s sealer) numbers(all ...int64) {
	for _, n := range all {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // the bits are what is hashed
		_, _ = s.mac.Write(b[:])
	}
}

func (s sealer) sum() []byte { return s.mac.Sum(nil) }
