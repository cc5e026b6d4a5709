// Package recall keeps prose that a model wrote and the program checked, under the facts that it was written from. When the same is asked and
// the tools say the same, the same words serve again, without a model.
//
// It decides nothing about truth: whoever takes prose from here holds it against the fresh ledger before it is shown. Who asks is no part of a
// key, and need not be: what somebody may not see is not in the envelopes that the tools give to them, so their facts are others.
//
// A Store lives in memory, bounded by bytes and age, and is safe for concurrent use. Start at New, Facts and Store.Get.
package recall

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash"
	"strings"
	"time"
	"unicode"

	"github.com/maypok86/otter/v2"

	"github.com/resync-hwa/resync/internal/fault"
)

// Key is what was asked, of whom, and what the tools said that every answer to it rests on.
type Key struct {
	Model    string // the model's own name
	Prompt   string // everything that the model was told besides the question: another text is another key
	Agent    string
	Language string
	Intent   string
	Question string // as it was asked
	Facts    Digest // of the calls that the question needs
}

// sum is the key's hash. Each part is written with its length, so that no two keys write the same bytes.
func (k Key) sum() Digest {
	h := sha256.New()
	for _, s := range []string{k.Model, k.Prompt, k.Agent, k.Language, k.Intent, plain(k.Question)} {
		text(h, s)
	}
	h.Write(k.Facts[:])
	return Digest(h.Sum(nil))
}

// plain is a question without what changes nothing: case, white space, and the marks at its end. Names in it are told apart by their letters.
func plain(q string) string {
	q = strings.Join(strings.Fields(strings.ToLower(q)), " ")
	return strings.TrimRightFunc(q, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("?!.…", r) })
}

func text(h hash.Hash, s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	h.Write(n[:])
	h.Write([]byte(s))
}

// Call is a tool call that the model made beyond what the question needs.
type Call struct {
	Name string
	Args json.RawMessage
}

// Prose is what a model wrote, checked and whole.
type Prose struct {
	Sentences []string // with the white space around them
	Further   string   // the further cause that the model proposed, as it wrote it; empty: none
	More      []Call   // to be made again before the words are held against their results
	Facts     Digest   // of all calls, those included
}

func (p Prose) size() int {
	n := 256 + len(p.Further)
	for _, s := range p.Sentences {
		n += len(s) + 16
	}
	for _, c := range p.More {
		n += len(c.Name) + len(c.Args) + 40
	}
	return n
}

// Options bound a Store.
type Options struct {
	Bytes int           // of all that is kept; 0 means 16 MiB
	Age   time.Duration // after which prose is forgotten; 0 means 15 minutes
	Now   func() time.Time
}

// Store keeps prose. See the package comment.
type Store struct {
	age   time.Duration
	now   func() time.Time
	kept  *otter.Cache[Digest, entry]
	bytes int
}

type entry struct {
	prose Prose
	until time.Time
}

// New makes an empty Store.
func New(o Options) (*Store, error) {
	if o.Bytes <= 0 {
		o.Bytes = 16 << 20
	}
	if o.Age <= 0 {
		o.Age = 15 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	kept, err := otter.New(&otter.Options[Digest, entry]{MaximumWeight: uint64(o.Bytes), Logger: &otter.NoopLogger{}, // #nosec G115 -- positive
		Executor: func(do func()) { do() },                                                      // what is too much goes at once: puts are few, and no goroutine is left behind
		Weigher:  func(_ Digest, e entry) uint32 { return uint32(min(e.prose.size(), 1<<30)) }}) // #nosec G115 -- bounded
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The cache of prose cannot be made.")
	}
	return &Store{age: o.Age, now: o.Now, kept: kept, bytes: o.Bytes}, nil
}

// Get gives what was put under the key, unless it is too old. The caller may not change it.
func (s *Store) Get(k Key) (Prose, bool) {
	e, ok := s.kept.GetIfPresent(k.sum())
	if !ok {
		return Prose{}, false
	}
	if !s.now().Before(e.until) {
		s.Drop(k)
		return Prose{}, false
	}
	return e.prose, true
}

// Put keeps prose. What would fill a tenth of the Store alone is left out.
func (s *Store) Put(k Key, p Prose) {
	if len(p.Sentences) == 0 || p.size() > s.bytes/10 {
		return
	}
	s.kept.Set(k.sum(), entry{prose: p, until: s.now().Add(s.age)})
}

// Drop forgets what is kept under the key.
func (s *Store) Drop(k Key) { s.kept.Invalidate(k.sum()) }
