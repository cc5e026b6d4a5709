package understand

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Names as operators paste them, the longest form first. Later forms do not look into what earlier ones took.
var (
	// A row of `conman sj`: WS #STREAM 0200 03/17 JOB STATE …
	rowForm = regexp.MustCompile(`([A-Za-z0-9_/\-]{1,80})[ \t]*#[ \t]*([A-Za-z0-9_/\-]{1,80})[ \t]+(\d{4})[ \t]+(\d{2}/\d{2})(/\d{2,4})?[ \t]+([A-Za-z][A-Za-z0-9_\-]{0,39})`)
	// WS#…, with folders, an instance in brackets or parentheses, a job, ;schedid.
	hashForm = regexp.MustCompile(`[A-Za-z0-9_/\-@?.:]*#[A-Za-z0-9_/\-@?.\\:]+(?: ?\[\([^\]\n]{1,80}\)\])?(?:\(\d{4}[^)\n]{0,24}\))?(?:\.[A-Za-z0-9_\-@?]+)?(?i:;schedid)?`)
	// STREAM[(0200 03/17/26)].JOB and STREAM(0200 03/17/26).JOB without a workstation.
	instanceForm  = regexp.MustCompile(`[A-Za-z0-9_/\-]+(?:\[\([^\]\n]{1,80}\)\]|\(\d{4}(?: \d{2}/\d{2}/\d{2,4})?\))(?:\.[A-Za-z0-9_\-@?]+)?`)
	jobNumberForm = regexp.MustCompile(`^(?i)[A-Za-z0-9_/\-]*#J\d+$`)
	pathForm      = regexp.MustCompile(`(?:^|[\s"'(=<\[])((?:[A-Za-z]:\\|~?/)[^\s"'<>|,;?]*[^\s"'<>|,;?.:!)\]])`)
	quotedForm    = regexp.MustCompile("`([^`\n]{1,80})`|\"([^\"\n]{1,80})\"|“([^”\n]{1,80})”|«([^»\n]{1,80})»|(?:^|[\\s(])'([^'\n]{1,80})'")
	ticketForm    = regexp.MustCompile(`^(?i)(?:INC|CHG|PRB|RITM|REQ|CRQ|WO|SCTASK|CHAMADO|TICKET)[-_]?\d{3,}$`)
	wordForm      = regexp.MustCompile(`[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.@'’\-]*\*?`)
)

// scan finds the mentions that are told by their look alone; names told by the words around them are added by nameByNoun.
func (l *lexicon) scan(text string, loud bool) []Mention {
	f := &finder{text: text}
	if strings.Contains(text, "#") {
		f.rows()
		f.each(hashForm, f.hash)
	}
	if strings.ContainsAny(text, "[(") {
		f.each(instanceForm, func(s string) MentionKind { return MentionEntity })
	}
	for _, re := range l.messageForms {
		f.each(re, func(string) MentionKind { return MentionMessageID })
	}
	f.returnCodes(l)
	f.quotes(l)
	f.paths()
	f.each(wordForm, func(s string) MentionKind { return l.lookOf(s, loud) })
	slices.SortFunc(f.found, func(a, b Mention) int { return a.Start - b.Start })
	return f.found
}

// finder collects mentions that do not overlap.
type finder struct {
	text  string
	found []Mention
}

func (f *finder) free(start, end int) bool {
	for _, m := range f.found {
		if start < m.End && m.Start < end {
			return false
		}
	}
	return true
}

func (f *finder) add(kind MentionKind, start, end int) {
	text := strings.TrimRight(f.text[start:end], "?.-,:;!'’")
	if end = start + len(text); kind != "" && text != "" && f.free(start, end) {
		f.found = append(f.found, Mention{Text: text, Kind: kind, Start: start, End: end})
	}
}

func (f *finder) each(re *regexp.Regexp, kind func(string) MentionKind) {
	for _, at := range re.FindAllStringIndex(f.text, -1) {
		f.add(kind(f.text[at[0]:at[1]]), at[0], at[1])
	}
}

func (f *finder) rows() {
	for _, at := range rowForm.FindAllStringIndex(f.text, -1) {
		f.add(MentionEntity, at[0], at[1])
	}
}

func (f *finder) paths() {
	if !strings.ContainsAny(f.text, `/\`) {
		return
	}
	for _, at := range pathForm.FindAllStringSubmatchIndex(f.text, -1) {
		if s := f.text[at[2]:at[3]]; strings.ContainsFunc(s, unicode.IsLetter) && len(s) > 2 {
			f.add(MentionFile, at[2], at[3])
		}
	}
}

func (f *finder) hash(s string) MentionKind {
	s = strings.TrimRight(s, "?.-,:")
	before, after, _ := strings.Cut(s, "#")
	switch {
	case jobNumberForm.MatchString(s):
		return MentionJobNumber
	case before == "" && allDigits(after):
		return MentionName // a prompt by its number
	case before == "" || !strings.ContainsFunc(before, isAlnum) || !strings.ContainsFunc(after, isAlnum) && !strings.Contains(after, "@"):
		return ""
	case strings.HasPrefix(after, "/") && hasLower(after[strings.LastIndex(after, "/")+1:]), len(after) > 2 && after[1] == ':':
		return MentionFile
	}
	return MentionEntity
}

func (f *finder) returnCodes(l *lexicon) {
	for _, re := range l.codeForms {
		for _, at := range re.FindAllStringSubmatchIndex(f.text, -1) {
			f.add(MentionReturnCode, at[0], at[1])
		}
	}
}

// quotes takes short quoted text as a name; longer text, or text that quotes a message, is left as words.
func (f *finder) quotes(l *lexicon) {
	if !strings.ContainsAny(f.text, "`\"“«'") {
		return
	}
	for _, at := range quotedForm.FindAllStringSubmatchIndex(f.text, -1) {
		for g := 2; g < len(at); g += 2 {
			if at[g] < 0 {
				continue
			}
			s := f.text[at[g]:at[g+1]]
			if len(strings.Fields(s)) > 4 || strings.ContainsAny(s, ":=<>{}") || !strings.ContainsFunc(s, unicode.IsLetter) || l.notNames[Fold(s)] {
				continue
			}
			kind := MentionName
			if strings.Contains(s, "/") && hasLower(s) {
				kind = MentionFile
			}
			f.add(kind, at[g], at[g+1])
		}
	}
}

// lookOf tells what a single word looks like: an identifier, STREAM.JOB, a file, or nothing special.
func (l *lexicon) lookOf(s string, loud bool) MentionKind {
	if stem, ok := strings.CutSuffix(s, "*"); ok && len(stem) > 1 {
		return MentionName
	}
	s = strings.TrimRight(s, "?.-@'’*")
	if len(s) < 3 || !strings.ContainsFunc(s, unicode.IsLetter) {
		return ""
	}
	if stem, ext, ok := strings.Cut(s, "."); ok && stem != "" && ext != "" {
		if l.extensions[strings.ToLower(s[strings.LastIndex(s, ".")+1:])] && hasLower(ext) {
			return MentionFile
		}
		if strings.Count(s, ".") == 1 && (identifier(stem) || identifier(ext) || isUpper(stem) && isUpper(ext)) {
			return MentionEntity
		}
		return ""
	}
	if ticketForm.MatchString(s) {
		return ""
	}
	folded := Fold(s)
	if l.alwaysNames[s] {
		return MentionName
	}
	if parts := strings.Split(folded, "-"); !slices.ContainsFunc(parts, func(p string) bool { return !l.notNames[p] }) {
		return "" // HWA-PRD
	}
	if l.known(folded) || l.known(strings.ReplaceAll(folded, "-", "")) || l.notNames[folded] {
		return ""
	}
	switch {
	case strings.Contains(s, "_"), identifier(s):
		return MentionName
	case isUpper(s) && !loud && len(s) > 2:
		return MentionName
	}
	return ""
}

// identifier: letters with digits, an underscore, or an upper-case hyphen; not a time, a size or an ordinal.
func identifier(s string) bool {
	letters, digits := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	if letters == 0 {
		return false
	}
	if strings.Contains(s, "_") {
		return true
	}
	if strings.Contains(s, "-") && (isUpper(s) || digits > 0 && unicode.IsLetter([]rune(s)[0])) {
		return true
	}
	return digits > 0 && letters > 1 && len(s) > 3 && unicode.IsLetter([]rune(s)[0])
}

// codeOf reads the number of a return code's mention.
func codeOf(s string) (int, bool) {
	i := strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return 0, false
	}
	if i >= 0 && s[i] == '-' {
		n = -n
	}
	return n, true
}

func isAlnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func hasLower(s string) bool { return strings.ContainsFunc(s, unicode.IsLower) }

func isUpper(s string) bool {
	return !hasLower(s) && strings.ContainsFunc(s, unicode.IsUpper)
}

func allDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
