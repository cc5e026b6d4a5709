package untrusted

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var (
	// overriding talks to a model and to nobody else; dictating is also said in runbooks and banners of logs.
	overriding = regexp.MustCompile(`(?i)\b(ignore|disregard|forget|override)\b.{0,30}\b(previous|prior|above|all|your|earlier)\b.{0,30}\b(instruction|prompt|rule|order)s?` +
		`|\b(ignore|desconsidere|esqueça|esqueca)\b.{0,30}\b(instruç|instruc|regras|ordens)` +
		`|\byou are (now|an?) .{0,40}(assistant|ai|model)\b|\bsystem prompt\b|\bas an? (ai|language model)\b` +
		`|<\|?(im_start|system|assistant)\|?>`)
	dictating = regexp.MustCompile(`(?i)^\s*(system|assistant)\s*:` +
		`|\b(tell|inform|answer|diga|responda)\b.{0,30}\b(user|operator|usu[aá]rio|operador)\b.{0,60}\b(rerun|cancel|confirm|ok|healthy|success|sucesso)`)

	// The same in Spanish, French, Italian and German, and the marks with which conversations, tool results and our own fences are written.
	further = regexp.MustCompile(`(?i)\b(ignor[ae]r?|olvid[ae]r?|ignorez|oubliez|ignorate|dimentica(te)?)\b.{0,40}(instruc|instruct|istruz|consigne|órdenes|ordenes|regole|règles)` +
		`|\b(ignorier|missachte|vergiss|vergessen)\w*\b.{0,40}\b(anweisung|instruktion|regel|befehl)` +
		`|\[/?INST\]|<</?SYS>>|</?tool_(call|result|response|output)s?>|</?function_(call|result)s?>|<\|(im_end|end_of_turn|eot_id|user|tool)\|>|"role"\s*:\s*"(assistant|tool)"` +
		`|\b(END OF )?UNTRUSTED DATA\b|^#{2,}\s*(system|instructions?|prompt)\b`)
)

// signs are words of which one at least stands in all that the patterns find: looking for them is a hundred times as fast.
var signs = []string{"ignor", "disregard", "forget", "override", "desconsidere", "esque", "you are", "system", "as a", "assistant", "im_start", "tell", "inform", "answer", "diga", "responda",
	"olvid", "oublie", "dimentica", "missacht", "vergess", "vergiss", "inst]", "sys>>", "tool_", "function_", "<|", "\"role\"", "untrusted data", "##"}

// LooksLikeInstruction reports whether the text talks to a model or dictates an answer, also where its letters are taken from other scripts or it
// is written in base64. It is a hint to report, not a filter.
func LooksLikeInstruction(s string) bool { return seen(s, talks) }

// Overrides is LooksLikeInstruction without what people write to people as well: what is left is meant for a model.
func Overrides(s string) bool { return seen(s, overrides) }

func seen(s string, talks func(string) bool) bool {
	if talks(s) {
		return true
	}
	if plain := latin(s); plain != s && talks(plain) {
		return true
	}
	return hidden(s, talks)
}

func talks(s string) bool {
	return signed(s) && (overriding.MatchString(s) || dictating.MatchString(s) || further.MatchString(s))
}

func overrides(s string) bool {
	return signed(s) && (overriding.MatchString(s) || further.MatchString(s))
}

func signed(s string) bool {
	low := strings.ToLower(s)
	for _, sign := range signs {
		if strings.Contains(low, sign) {
			return true
		}
	}
	return false
}

// twins are letters of other scripts that look like Latin ones.
var twins = strings.NewReplacer("а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ѕ", "s", "ј", "j", "һ", "h", "ԁ", "d", "ɡ", "g", "ո", "n", "ѵ", "v", "ԝ", "w", "к", "k", "м", "m", "т", "t", "в", "b", "н", "h",
	"А", "A", "Е", "E", "О", "O", "Р", "P", "С", "C", "У", "Y", "Х", "X", "І", "I", "Ѕ", "S", "Ј", "J", "М", "M", "Т", "T", "В", "B", "Н", "H", "К", "K",
	"ο", "o", "α", "a", "ε", "e", "ι", "i", "ν", "v", "ρ", "p", "τ", "t", "υ", "u", "κ", "k", "Α", "A", "Β", "B", "Ε", "E", "Ζ", "Z", "Η", "H", "Ι", "I", "Κ", "K", "Μ", "M", "Ν", "N", "Ο", "O", "Ρ", "P", "Τ", "T", "Υ", "Y", "Χ", "X")

// latin writes letters of other scripts, and of other widths and styles, as the Latin letters that they look like, without what cannot be seen.
func latin(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	return twins.Replace(norm.NFKC.String(Visible(s)))
}

const (
	minEncoded = 24 // a run that may hide a sentence in base64
	maxEncoded = 4 << 10
	maxRuns    = 8 // that are looked into
)

// hidden reports whether base64 in the text holds an instruction.
func hidden(s string, talks func(string) bool) bool {
	start, runs := 0, 0
	for i := 0; i <= len(s) && runs < maxRuns; i++ {
		if i < len(s) && inBase64(s[i]) {
			continue
		}
		if run := s[start:i]; len(run) >= minEncoded {
			runs++
			if decoded(run[:min(len(run), maxEncoded)], talks) {
				return true
			}
		}
		start = i + 1
	}
	return false
}

func inBase64(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '+' || b == '/' || b == '-' || b == '_'
}

func decoded(run string, talks func(string) bool) bool {
	if len(run)%4 == 1 {
		run = run[:len(run)-1] // a single letter is no byte
	}
	for _, form := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := form.DecodeString(run); err == nil && utf8.Valid(b) && talks(string(b)) {
			return true
		}
	}
	return false
}

// Block makes a text of several lines safe to show to a model: each line clean, and no longer than lines are.
func Block(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = pieces(l)
	}
	return strings.Join(lines, "\n")
}

// pieces cleans a long line piece by piece: what a tool sends as one line of JSON is not cut to the length of a log's line.
func pieces(l string) string {
	if len(l) <= maxLine {
		return Clean(l)
	}
	var b strings.Builder
	for len(l) > maxLine {
		cut := maxLine
		for cut > maxLine-utf8.UTFMax && !utf8.RuneStart(l[cut]) {
			cut--
		}
		b.WriteString(Clean(l[:cut]))
		l = l[cut:]
	}
	b.WriteString(Clean(l))
	return b.String()
}
