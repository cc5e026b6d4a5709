package verify

import (
	_ "embed"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/toolkit"
)

//go:embed vocabulary.txt
var vocabularyText string

// vocabulary is the parsed literal table of vocabulary.txt, in upper case.
var vocabulary = sync.OnceValue(func() map[string]bool { //nolint:gochecknoglobals // a parsed literal table
	m := map[string]bool{}
	for line := range strings.Lines(vocabularyText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			m[strings.ToUpper(w)] = true
		}
	}
	return m
})

// corpus is everything that was returned in a turn, as text and as look-ups.
type corpus struct {
	sources map[string][]toolkit.Source
	calls   map[string]bool // ids of this turn's calls that gave data

	b    strings.Builder
	text string // all strings, white space folded, one a line

	words    map[string]bool // upper case
	entities map[string]bool // upper case, as written, without instance, without workstation
	numbers  map[int64]bool
	moments  moments

	arithmetic arithmetic

	said map[string][]string // descriptions and questions of prompts, with the names of whose they are
}

func newCorpus() *corpus {
	return &corpus{sources: map[string][]toolkit.Source{}, calls: map[string]bool{}, words: map[string]bool{},
		entities: map[string]bool{}, numbers: map[int64]bool{}, moments: newMoments(), arithmetic: newArithmetic(), said: map[string][]string{}}
}

func (c *corpus) addText(s string) {
	if s == "" {
		return
	}
	c.b.WriteString(fold(s))
	c.b.WriteByte('\n')
}

func (c *corpus) addCall(call conversations.Call) {
	c.addText(call.Name)
	if e := call.Result.Error; e != nil {
		for _, s := range append([]string{e.Code, e.Message, e.Hint, e.Source}, e.Candidates...) {
			c.addText(s)
		}
		c.numbers[int64(len(e.Candidates))] = true
	}
	env := call.Result.Envelope
	if env == nil {
		return
	}
	c.calls[call.ID] = true
	for _, s := range []string{env.Engine.Name, env.Engine.Mode, env.Engine.API, env.Clocks.FetchedAt, env.Clocks.MirroredAt, env.Clocks.PlanNow} {
		c.addText(s)
	}
	c.moments.planZone(env.Clocks.PlanNow)
	if now, err := time.Parse(time.RFC3339, env.Clocks.PlanNow); err == nil {
		c.arithmetic.nows = append(c.arithmetic.nows, now)
	}
	for _, s := range env.Sources {
		c.addSource(s)
	}
	var data any
	dec := json.NewDecoder(strings.NewReader(string(env.Data)))
	dec.UseNumber()
	if dec.Decode(&data) == nil {
		c.addValue(data)
	}
}

// addForeign takes in what a tool of a further server said: words only. Its lines are no lines of a log, its times are of no plan.
func (c *corpus) addForeign(call conversations.Call) {
	if e := call.Result.Error; e != nil {
		c.addText(e.Message)
	}
	env := call.Result.Envelope
	if env == nil {
		return
	}
	for _, s := range env.Sources {
		c.addText(s.Source)
		for _, l := range s.Lines {
			c.addText(l.Text)
		}
	}
	var data any
	dec := json.NewDecoder(strings.NewReader(string(env.Data)))
	dec.UseNumber()
	if dec.Decode(&data) == nil {
		c.addValue(data)
	}
}

func (c *corpus) addSource(s toolkit.Source) {
	c.sources[s.Source] = append(c.sources[s.Source], s)
	c.addAsked(s)
	c.addText(s.Source)
	c.addText(s.RunID)
	for _, l := range s.Lines {
		c.numbers[int64(l.N)] = true
		c.addText(l.Text)
	}
	for _, f := range s.Fields {
		c.addText(f.Name + "=" + f.Value)
	}
}

// addValue walks decoded JSON. Lengths of lists and sums of counts are arithmetic that the prose may do.
func (c *corpus) addValue(v any) {
	switch v := v.(type) {
	case string:
		c.addText(v)
	case json.Number:
		c.addText(v.String())
	case []any:
		c.numbers[int64(len(v))] = true
		for _, e := range v {
			c.addValue(e)
		}
	case map[string]any:
		c.arithmetic.object(v)
		c.addDescribed(v)
		sum, counts := int64(0), 0
		for k, e := range v {
			if n, ok := e.(json.Number); ok {
				if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
					sum += i
					counts++
				}
			}
			c.addText(k)
			c.addValue(e)
		}
		if counts == len(v) && counts > 0 {
			c.numbers[sum] = true
		}
	}
}

// index builds the look-ups once all text is in.
func (c *corpus) index() {
	c.text = c.b.String()
	c.b.Reset()
	c.addCodes(c.text)
	for _, d := range durationForm.FindAllString(c.text, -1) {
		if total, _, ok := seconds(d); ok && len(c.arithmetic.spans) < maxInstants {
			c.arithmetic.spans = append(c.arithmetic.spans, total)
		}
	}
	for _, d := range goDuration.FindAllString(c.text, -1) {
		if t, err := time.ParseDuration(d); err == nil && len(c.arithmetic.spans) < maxInstants {
			c.arithmetic.spans = append(c.arithmetic.spans, t.Seconds())
		}
	}
	for _, e := range entityForm.FindAllString(c.text, -1) {
		c.addEntity(e)
	}
	rest := c.moments.take(c.text)
	for _, w := range wordForm.FindAllString(rest, -1) {
		c.addWord(w)
	}
}

func (c *corpus) addEntity(e string) {
	for _, f := range entityForms(e) {
		c.entities[f] = true
	}
}

// entityForms gives the ways to write one entity: whole, without its instance, without its workstation, and its stream.
func entityForms(e string) []string {
	e = strings.ToUpper(strings.TrimRight(e, ".,;:"))
	plain := instanceForm.ReplaceAllString(e, "")
	forms := []string{e, plain}
	if at := strings.Index(plain, "#"); at >= 0 {
		name := plain[at+1:]
		forms = append(forms, name)
		if dot := strings.LastIndex(plain, "."); dot > at {
			forms = append(forms, plain[:dot], plain[at+1:dot])
			if full := strings.LastIndex(e, "."); full > 0 {
				forms = append(forms, e[:full])
			}
		}
	} else if dot := strings.LastIndex(plain, "."); dot > 0 {
		forms = append(forms, plain[:dot])
	}
	return forms
}

// addWord takes a run of name characters apart: the whole, and each part at the signs that join names.
func (c *corpus) addWord(w string) {
	w = strings.Trim(w, ".:/-@#$")
	if w == "" {
		return
	}
	up := strings.ToUpper(w)
	if c.words[up] {
		return
	}
	c.words[up] = true
	c.addNumber(up)
	if i := strings.IndexAny(up, "#./:@-"); i >= 0 {
		c.addWord(up[:i])
		c.addWord(up[i+1:])
		if j := strings.LastIndexAny(up, "#./:@-"); j > i {
			c.addWord(up[:j])
		}
	}
}

// addNumber takes a plain number, and the digits of a word that ends in a unit ("8M", "J881204").
func (c *corpus) addNumber(w string) {
	if n, ok := number(strings.TrimSuffix(w, "%")); ok {
		c.numbers[n] = true
		return
	}
	digits := strings.TrimFunc(w, func(r rune) bool { return r < '0' || r > '9' })
	if digits != "" && digits != w {
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			c.numbers[n] = true
		}
	}
}

// has reports whether the text holds s as it is, bounded by signs that no name goes on with.
func (c *corpus) has(s string) bool {
	for at := 0; ; {
		i := strings.Index(c.text[at:], s)
		if i < 0 {
			return false
		}
		i += at
		if boundary(c.text, i, s[0], -1) && boundary(c.text, i+len(s), s[len(s)-1], 0) {
			return true
		}
		at = i + 1
	}
}

// hasInert is has for what a sentence shows of a text with links and tags, after these were made harmless.
func (c *corpus) hasInert(s string) bool {
	if s == "" || c.has(s) {
		return true
	}
	for l := range strings.Lines(c.text) {
		if strings.ContainsAny(l, "<[") && strings.Contains(l, s[:1]) && strings.Contains(fold(Inert(l)), s) {
			return true
		}
	}
	return false
}

// boundary reports whether a piece that begins or ends with edge may stand beside the byte at i+off.
func boundary(text string, i int, edge byte, off int) bool {
	if i+off < 0 || i+off >= len(text) {
		return true
	}
	return !nameByte(edge) || !nameByte(text[i+off])
}

func nameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80
}

// fold makes white space single spaces. Ledger texts have passed internal/untrusted already, so this is all that is left of N.
// fold is how texts are compared: white space folded, and without backticks, which code in Markdown cannot hold ("unexpected token `done'").
func fold(s string) string {
	if strings.Contains(s, "`") {
		s = strings.ReplaceAll(s, "`", "")
	}
	return strings.Join(strings.Fields(s), " ")
}

// number reads 12, 1,234, 1.234 and 1 234 as written by people; decimals are read without their fraction's sign.
func number(w string) (int64, bool) {
	if w == "" || strings.Trim(w, "0123456789.,") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", ",", "").Replace(w), 10, 64)
	return n, err == nil
}

// lineAt reports whether text begins a line of a source, and the sentence around it says which one.
func (c *corpus) lineAt(text, around string) bool {
	for _, list := range c.sources {
		for _, s := range list {
			for _, l := range s.Lines {
				if strings.HasPrefix(fold(l.Text), text) && wholeNumber(around, strconv.Itoa(l.N)) {
					return true
				}
			}
		}
	}
	return false
}

func wholeNumber(s, n string) bool {
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		if w == n {
			return true
		}
	}
	return false
}

// documented reports whether a text stands in a document.
func (c *corpus) documented(text string) bool {
	for source, list := range c.sources {
		if !strings.HasPrefix(source, "knowledge:") {
			continue
		}
		for _, s := range list {
			if inLines(s.Lines, 0, text, true) {
				return true
			}
		}
	}
	return false
}
