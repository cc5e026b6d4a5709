package conversations

import (
	"cmp"
	"encoding/base64"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Place is where a page ends: the last conversation on it. Stores order by Updated, then by ID, both descending.
type Place struct {
	Updated time.Time // to the millisecond
	ID      string
}

// Size gives how many conversations a page of q has.
func (q Query) Size() int {
	return min(cmp.Or(max(q.Limit, 0), DefaultPage), MaxPage)
}

// Place gives where the page before ended, the zero value for the first page. A cursor of another search, or none at all, is invalid.
func (q Query) Place() (Place, error) {
	if q.After == "" {
		return Place{}, nil
	}
	refused := fault.New(fault.Invalid, "The cursor is none of this list.").WithHint("Take next_cursor of the page before, with the same search; leave it out for the first page.")
	raw, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil || !Sound(string(raw)) {
		return Place{}, refused
	}
	parts := strings.SplitN(string(raw), " ", 3)
	if len(parts) != 3 || parts[0] != q.mark() || parts[2] == "" {
		return Place{}, refused
	}
	ms, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return Place{}, refused
	}
	return Place{Updated: time.UnixMilli(ms).UTC(), ID: parts[2]}, nil
}

// Cursor names the place for whoever asks for the next page.
func (q Query) Cursor(p Place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(q.mark() + " " + strconv.FormatInt(p.Updated.UnixMilli(), 10) + " " + p.ID))
}

// mark tells the cursors of one search from those of others.
func (q Query) mark() string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.Join(q.Terms(), " ")))
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// maxText is how many characters of a search are looked at.
const maxText = 200

// Terms are the folded words of a search, at most MaxTerms; none for a list.
func (q Query) Terms() []string {
	text := Sanitize(q.Text)
	if utf8.RuneCountInString(text) > maxText {
		text = string([]rune(text)[:maxText])
	}
	words := strings.Fields(fold.Text(text))
	return words[:min(len(words), MaxTerms)]
}

// maxFolded bounds the searched text of one turn, in bytes.
const maxFolded = 16 << 10

// Folded is the text of a turn in which a search looks: question, answer, and the objects, kinds and sources of its diagnosis, folded.
func (t Turn) Folded() string {
	var b strings.Builder
	b.WriteString(t.Question + "\n" + t.Answer.Answer + "\n" + t.Asked.Entity)
	if d := t.Answer.Diagnosis; d != nil {
		for _, c := range d.Causes {
			b.WriteString("\n" + c.Entity + "\n" + c.Kind)
			for _, e := range c.Evidence {
				b.WriteString("\n" + e.Quote)
			}
		}
	}
	s := fold.Text(Sanitize(b.String()))
	if len(s) > maxFolded {
		s = strings.ToValidUTF8(s[:maxFolded], "")
	}
	return s
}

// Has reports whether a folded text has all the terms.
func Has(folded string, terms []string) bool {
	for _, t := range terms {
		if !strings.Contains(folded, t) {
			return false
		}
	}
	return true
}

// excerptRunes is how long an excerpt is.
const excerptRunes = 160

// MatchOf is the turn as what a search found.
func MatchOf(t Turn, terms []string) *Match {
	m := &Match{MessageID: t.ID}
	for _, text := range append([]string{t.Question, t.Answer.Answer}, quotes(t.Answer)...) {
		if m.Excerpt = excerpt(text, terms); m.Excerpt != "" {
			return m
		}
	}
	m.Excerpt = shortened(oneLine(t.Question), excerptRunes)
	return m
}

func quotes(a answer.Answer) (out []string) {
	if a.Diagnosis == nil {
		return nil
	}
	for _, c := range a.Diagnosis.Causes {
		out = append(out, c.Entity, c.Kind)
		for _, e := range c.Evidence {
			out = append(out, e.Quote)
		}
	}
	return out
}

// excerpt is the text around the first word of it that has one of the terms; empty when none has.
func excerpt(text string, terms []string) string {
	words := strings.Fields(text)
	for i, w := range words {
		folded := fold.Text(w)
		for _, t := range terms {
			if strings.Contains(folded, t) {
				from := max(0, i-8)
				s := shortened(strings.Join(words[from:], " "), excerptRunes)
				if from > 0 {
					s = "… " + s
				}
				return s
			}
		}
	}
	return ""
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func shortened(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// Sound reports whether a text can be kept by any database: valid UTF-8 without NUL.
func Sound(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// Sanitize makes any text one that any database can keep: what is no UTF-8 becomes U+FFFD, NUL goes.
func Sanitize(s string) string {
	if Sound(s) {
		return s
	}
	return strings.ReplaceAll(string([]rune(s)), "\x00", "") // each bad byte becomes one, as encoding/json does it
}

// maxTitle is how many characters a title has.
const maxTitle = 80

// TitleOf makes a title of a question, or of what an owner calls a conversation; empty when nothing is left.
func TitleOf(s string) string { return shortened(oneLine(Sanitize(s)), maxTitle) }

// FoldedTitle is a title as a search looks at it.
func FoldedTitle(title string) string { return fold.Text(title) }
