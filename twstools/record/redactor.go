package record

import (
	"sort"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// minKey is what a key must have at least: 256 bits as base64.
const minKey = 32

// Redactor replaces what names a plant or a person. It learns the names of one world first and then rewrites; it is safe for concurrent use once
// learning is over.
type Redactor struct {
	perm   *permuter
	lists  lists
	extra  []extraPattern
	names  *trie           // whole names, lower case
	words  map[string]bool // their words, upper case: replaced wherever they stand alone
	shift  shift
	mu     sync.Mutex
	counts map[string]map[string]int // kind → new value → how often
	made   map[string]bool           // the words of pseudonyms, upper case
	kept   map[string]int            // names that were kept whole, for they consist of the product's words
}

// NewRedactor makes a redactor from the recorder's key (at least 32 characters, see secret.KeyFile) and a policy.
func NewRedactor(key []byte, policy Policy) (*Redactor, error) {
	if len(key) < minKey {
		return nil, fault.New(fault.Invalid, "The key for pseudonyms has less than %d characters.", minKey).WithHint("Leave it to Resync to make one.")
	}
	l, err := builtIn()
	if err != nil {
		return nil, err
	}
	extra, err := policy.compile()
	if err != nil {
		return nil, err
	}
	for _, w := range policy.Keep {
		l.product[upper(w)] = true
	}
	r := &Redactor{perm: newPermuter(key), lists: l, extra: extra, names: newTrie(), words: map[string]bool{}, counts: map[string]map[string]int{}, kept: map[string]int{}, made: map[string]bool{}}
	for _, n := range policy.Names {
		r.learnName(n)
	}
	return r, nil
}

// learn takes in every name of a world: those that fields hold, then those that only texts mention in a way that gives them away.
func (r *Redactor) learn(w *world.World) {
	texts := []string{}
	walkStrings(w, func(k kind, s string) {
		switch k {
		case keep, asID, asStreamID:
		case asText, asContact:
			texts = append(texts, s)
		case asFile:
			if base := s[strings.LastIndexAny(s, `/\`)+1:]; len(base) > 3 {
				r.learnWhole(s)
			}
		case asHost:
			r.learnHost(s)
		default:
			for part := range strings.FieldsFuncSeq(s, func(c rune) bool { return c == '/' || c == '\\' || c == '#' || c == '.' && k == asObject }) {
				r.learnName(part)
			}
		}
	})
	for _, t := range texts {
		for line := range strings.SplitSeq(t, "\n") {
			for _, name := range mentioned(line) {
				if !r.lists.text[lower(name)] && !r.lists.product[upper(name)] {
					r.learnName(name)
				}
			}
		}
	}
}

func (r *Redactor) learnWhole(s string) { r.names.add(lower(s)) }

// learnName takes in a name and its words; single letters say nothing, and two are too common to be replaced where they stand alone.
func (r *Redactor) learnName(s string) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Contains(s, "\n") {
		return
	}
	r.learnWhole(s)
	for _, run := range letterRuns(s) {
		if w := upper(s[run[0]:run[1]]); len(w) >= 3 && !r.lists.product[w] {
			r.words[w] = true
		}
	}
}

func (r *Redactor) learnHost(s string) {
	labels := strings.Split(s, ".")
	for i, l := range labels {
		if i == 0 || !r.lists.host[lower(l)] {
			r.learnName(l)
		}
	}
	r.learnWhole(s)
}

// letterRuns gives the places of the maximal runs of ASCII letters.
func letterRuns(s string) [][2]int {
	var out [][2]int
	for i := 0; i < len(s); {
		if !isLetter(s[i]) {
			i++
			continue
		}
		j := i
		for j < len(s) && isLetter(s[j]) {
			j++
		}
		out = append(out, [2]int{i, j})
		i = j
	}
	return out
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (r *Redactor) product(word string) bool { return r.lists.product[word] }

// rename replaces each run of letters that keepWord does not keep; everything else, digits too, stays.
func (r *Redactor) rename(s string, keepWord func(run string) bool) string {
	var b strings.Builder
	at := 0
	for _, run := range letterRuns(s) {
		b.WriteString(s[at:run[0]])
		at = run[1]
		w := s[run[0]:run[1]]
		if r.product(upper(w)) || keepWord != nil && keepWord(w) {
			b.WriteString(w)
			continue
		}
		b.WriteString(r.pseudonym(w))
	}
	b.WriteString(s[at:])
	return b.String()
}

// pseudonym renames one word, and remembers what it made.
func (r *Redactor) pseudonym(w string) string {
	out := r.perm.cased(w, r.product)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made[upper(out)] = true
	return out
}

// name renames an object's name, or a path of names.
func (r *Redactor) name(k kind, s string) string {
	if s == "" || strings.Trim(s, "/@*") == "" {
		return s
	}
	out := r.rename(s, nil)
	if out == s {
		r.mu.Lock()
		r.kept[s]++
		r.mu.Unlock()
		return s
	}
	return r.note(string(k), out)
}

func (r *Redactor) path(s string) string {
	s = r.redated(s)
	out := r.rename(s, func(w string) bool { return r.lists.path[lower(w)] })
	if out == s {
		return s
	}
	return r.note("file", out)
}

// host renames a host's labels but for those at its end that only say what kind of network it is in.
func (r *Redactor) host(s string) string {
	labels := strings.Split(s, ".")
	out := slicesMap(labels, func(l string) string { return r.rename(l, nil) })
	for i := len(labels) - 1; i > 0 && r.lists.host[lower(labels[i])]; i-- {
		out[i] = labels[i]
	}
	if lower(s) == "localhost" {
		return s
	}
	if a, ok := r.address(s); ok {
		return a
	}
	return r.note("host", strings.Join(out, "."))
}

func slicesMap(in []string, f func(string) string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = f(s)
	}
	return out
}

// id renames an id of the engine into the form of a UUID.
func (r *Redactor) id(s string) string {
	if s == "" {
		return s
	}
	return r.perm.uuid(lower(s))
}

// streamID renames a 16-character id: its constant head stays, so that it still reads as one.
func (r *Redactor) streamID(s string) string {
	if s == "" {
		return s
	}
	if strings.Trim(s, lettersN) != "" {
		return r.id(s)
	}
	head := 0
	for head < len(s)-2 && (s[head] == '0' && head == 0 || s[head] == 'A') && head < 12 {
		head++
	}
	return s[:head] + r.perm.word("stream", lettersN, s[head:], nil)
}

// note counts a replacement and gives the new value back.
func (r *Redactor) note(kind, value string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.counts[kind]
	if m == nil {
		m = map[string]int{}
		r.counts[kind] = m
	}
	m[value]++
	return value
}

// replaced is one category of what was replaced, for the review file.
type replaced struct {
	kind     string
	distinct int
	times    int
	samples  []string
}

func (r *Redactor) replacements() []replaced {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []replaced
	for k, m := range r.counts {
		x := replaced{kind: k, distinct: len(m)}
		for v, n := range m {
			x.times += n
			x.samples = append(x.samples, v)
		}
		sort.Strings(x.samples)
		x.samples = x.samples[:min(5, len(x.samples))]
		out = append(out, x)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].kind < out[j].kind })
	return out
}
