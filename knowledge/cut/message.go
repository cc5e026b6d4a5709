package cut

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/words"
)

// maxLine is how far into a line its form is looked at, in bytes.
const maxLine = 400

var (
	// idForm is a message id as programs write it, in capitals: AWSBHT001E, ORA-00942, SQL0911N.
	idForm = regexp.MustCompile(`^[A-Z]{2,8}-?[0-9]{3,6}[A-Z]?\b`)
	// anyID is the same anywhere in a text.
	anyID = regexp.MustCompile(`\b[A-Z]{2,8}-?[0-9]{3,6}[A-Z]?\b`)
	// entryForm is a line that begins with an id: bold or not, in a list or not.
	entryForm = regexp.MustCompile("^\\s{0,3}(?:[-*+•]\\s+)?(\\*\\*|__|`)?([A-Z]{2,8}-?[0-9]{3,6}[A-Z]?)(\\*\\*|__|`)?(?:$|[\\s:–—.-])")
	// codeForm is a heading or first cell that names a return code.
	codeForm = regexp.MustCompile(`(?i)^(?:return|exit|completion|c[oó]digo|rc)\b(?:[ _-](?:code|status|value|de))?(?:\s+(?:retorno|sa[ií]da|t[eé]rmino))?\s*[:=]?\s*(-?[0-9]{1,5})\b`)
	// codeHead is the head of a column of return codes.
	codeHead = regexp.MustCompile(`(?i)^(?:(?:return|exit|completion)[ _-](?:code|status|value)s?|rc|c[oó]digos?(?: de (?:retorno|sa[ií]da|t[eé]rmino))?)$`)
	numeral  = regexp.MustCompile(`^-?[0-9]{1,5}$`)
)

// entryLine reads the id that a line begins with, and reports whether the line is wholly bold.
func entryLine(line string) (id string, bold, ok bool) {
	if len(line) < 5 {
		return "", false, false
	}
	m := entryForm.FindStringSubmatch(line[:min(len(line), 80)])
	if m == nil || !words.IsMessageID(strings.ToLower(m[2])) {
		return "", false, false
	}
	t := strings.TrimSpace(line)
	return m[2], isBold(t), true
}

// isBold reports whether a trimmed line is bold from its first character to its last.
func isBold(t string) bool {
	for _, mark := range []string{"**", "__"} {
		if len(t) > 5 && len(t) < maxLine && strings.HasPrefix(t, mark) && strings.HasSuffix(t, mark) && strings.Count(t, mark) == 2 {
			return true
		}
	}
	return false
}

// Labels of the parts of a message entry, folded, in the words of the manuals of this trade.
var (
	saysLabels  = set("meaning", "significado", "message", "mensagem", "text", "texto", "description", "descricao")
	causeLabels = set("explanation", "cause", "causes", "reason", "possible cause", "possible causes", "probable cause", "explicacao", "explanacao", "causa", "causas",
		"motivo", "razao", "possivel causa", "possiveis causas", "causa provavel", "cause and solution", "causa e solucao")
	systemLabels = set("system action", "acao do sistema", "system response", "resposta do sistema", "effect", "efeito")
	actionLabels = set("operator response", "user response", "administrator response", "programmer response", "system programmer response", "action", "user action",
		"operator action", "response", "resposta do operador", "resposta do usuario", "resposta do administrador", "resposta do programador",
		"resposta do programador de sistema", "acao", "acao do usuario", "acao do operador", "resposta", "o que fazer", "what to do", "solution", "solucao",
		"resolution", "resolucao", "remedy", "correction", "correcao", "recommended action", "acao recomendada")
	otherLabels = set("severity", "severidade", "gravidade", "destination", "destino", "module", "modulo", "see also", "veja tambem", "component", "componente")
)

// partLabels are those that only a message entry has.
var partLabels = set("explanation", "system action", "operator response", "user response", "explicacao", "explanacao", "acao do sistema",
	"resposta do operador", "resposta do usuario")

func set(all ...string) map[string]bool {
	m := map[string]bool{}
	for _, s := range all {
		m[s] = true
	}
	return m
}

// labelOf reads the label that a line begins with: "Explanation:", "**System action**", "## Operator response", "Ação: …".
// rest is what stands behind it.
func labelOf(line string) (label, rest string, ok bool) {
	t := strings.TrimSpace(line)
	if t == "" {
		return "", "", false
	}
	t = strings.TrimSpace(strings.TrimLeft(t, "#>-•+ \t"))
	marked := strings.HasPrefix(t, "*") || strings.HasPrefix(t, "_")
	t = strings.TrimLeft(t, "*_ ")
	end := strings.IndexAny(t[:min(len(t), 60)], ":*_")
	switch {
	case end > 0:
		rest = strings.TrimLeft(t[end:], ":*_ \t")
	case end < 0 && len(t) < 60:
		end = len(t)
	default:
		return "", "", false
	}
	if marked && t[end:] == "" {
		return "", "", false
	}
	label = words.Squeeze(fold.Text(t[:end]))
	if saysLabels[label] || causeLabels[label] || systemLabels[label] || actionLabels[label] || otherLabels[label] {
		return label, rest, true
	}
	return "", "", false
}

// maxEntryAhead is how many blocks behind its first line an entry may name its first part.
const maxEntryAhead = 6

// entries turns the blocks that begin a message entry into headings: an id and its text, and behind it what it means and what
// to do. A quoted message, which nothing explains, is none.
func entries(lines []string, blocks []block) {
	level, above := 0, -1
	for i := range blocks {
		b := &blocks[i]
		if b.kind == heading {
			level, above = b.level, i
			if id, _, ok := entryLine(b.title); ok {
				b.id = id
			} else if m := codeForm.FindStringSubmatch(b.title); m != nil {
				b.id = "RC " + m[1]
			}
			continue
		}
		if b.kind != prose {
			continue
		}
		id, bold, ok := entryLine(lines[b.start])
		if !ok || !bold && !explained(lines, blocks, i) || bold && !hasText(lines, b.start+1, b.end) && (i+1 == len(blocks) || blocks[i+1].kind == heading && !isLabel(blocks[i+1].title)) {
			continue
		}
		if above >= 0 && slices.Equal(headingIDs(blocks[above].title), []string{id}) {
			blocks[above].id = id // the heading names it already
			continue
		}
		b.makeEntry(lines, id, level)
	}
	ascending(lines, blocks)
	level = 0
	for i := range blocks {
		// The parts of an entry, where they are headings, belong to it.
		if b := &blocks[i]; b.kind == heading {
			if b.id == "" && level > 0 && isLabel(b.title) {
				b.label = true
			} else if level = 0; b.id != "" {
				level = b.level
			}
		}
	}
}

func isLabel(title string) bool {
	_, rest, ok := labelOf(title)
	return ok && rest == ""
}

// explained reports whether what follows the first line of a block names the parts of an entry, before another begins.
func explained(lines []string, blocks []block, i int) bool {
	b := blocks[i]
	for at := b.start + 1; at < min(b.end, b.start+maxEntryAhead); at++ {
		if _, _, ok := labelOf(lines[at]); ok || strings.HasPrefix(strings.TrimSpace(lines[at]), ": ") {
			return true
		}
	}
	if strings.Contains(lines[b.start], ":") && inlineLabel(lines[b.start]) >= 0 {
		return true
	}
	for _, next := range blocks[i+1 : min(len(blocks), i+1+maxEntryAhead)] {
		if next.start >= next.end {
			continue
		}
		if _, _, entry := entryLine(lines[next.start]); entry {
			return false
		}
		if next.kind == heading {
			// "Cause and solution" as a heading is that of the section in which the message is quoted.
			return partLabels[fold.Text(strings.TrimRight(next.title, ": "))]
		}
		if _, _, ok := labelOf(lines[next.start]); ok {
			return true
		}
	}
	return false
}

var inlineLabels = regexp.MustCompile(`(?:^|[.;!?\s])[*_]{0,2}((?:Explanation|System action|Operator response|User response|Explicação|Explanação|Ação do sistema|Resposta do operador|Cause|Causa|Action|Ação)[*_]{0,2}:)`)

// inlineLabel gives where in a line its first label stands, or -1.
func inlineLabel(line string) int {
	if m := inlineLabels.FindStringSubmatchIndex(line); m != nil {
		return m[2]
	}
	return -1
}

// makeEntry makes a heading of the first line of a block.
func (b *block) makeEntry(lines []string, id string, level int) {
	line := lines[b.start]
	at := inlineLabel(line)
	b.kind, b.level, b.id, b.anchor, b.behind = heading, min(level+1, 6), id, strings.ToLower(id), b.start+1
	if at > 0 {
		line, b.behind = line[:at], b.start
	}
	b.title, _ = headingText(strings.TrimLeft(line, " -+•"))
	if len(b.title) > maxTitle {
		b.title, b.behind = clip(b.title, maxTitle), b.start
	}
}

// maxTitle bounds what becomes a heading of a line that was none, in bytes.
const maxTitle = 240

// clip cuts a text at a blank at or before n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if at := strings.LastIndexByte(s[:n], ' '); at > n/2 {
		return s[:at]
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// ascending finds lists of messages without labels: three paragraphs or more, one after the other, each beginning with an id
// of one family, rising. Those of a log repeat themselves and go up and down.
func ascending(lines []string, blocks []block) {
	level := 0
	for i := 0; i < len(blocks); {
		if blocks[i].kind == heading && blocks[i].id == "" {
			level = blocks[i].level
		}
		j, last := i, ""
		for ; j < len(blocks) && blocks[j].kind == prose; j++ {
			id, _, ok := entryLine(lines[blocks[j].start])
			if !ok || last != "" && (family(id) != family(last) || id <= last) || countWords(lines[blocks[j].start]) < 4 {
				break
			}
			last = id
		}
		if j-i >= 3 {
			for k := i; k < j; k++ {
				id, _, _ := entryLine(lines[blocks[k].start])
				blocks[k].makeEntry(lines, id, level)
			}
		}
		i = max(i+1, j)
	}
}

// family is what the ids of one component share: the letters before the number.
func family(id string) string { return id[:max(0, strings.IndexAny(id, "-0123456789"))] }

// rowID is the id or return code that a row of a table explains, by its first cell. head is that of its column.
func rowID(cells []string, head string) string {
	if len(cells) < 2 || words.Squeeze(strings.Join(cells[1:], "")) == "" {
		return ""
	}
	first := strings.Trim(cells[0], "*_` ")
	if m := idForm.FindString(first); m != "" && words.IsMessageID(strings.ToLower(m)) && len(first) < len(m)+4 {
		return m
	}
	if codeHead.MatchString(words.Squeeze(strings.Trim(head, "*_` "))) && numeral.MatchString(first) {
		return "RC " + first
	}
	if m := codeForm.FindStringSubmatch(first); m != nil {
		return "RC " + m[1]
	}
	return ""
}

// solved is the id that a passage explains without beginning with it: one alone, and a cause or an action named as such.
func solved(lines []string) []string {
	labelled, fenced := false, false
	for _, l := range lines {
		if _, n, _ := fence(l); n > 0 {
			fenced = !fenced // what a fence quotes explains nothing
		} else if len(l) < 8*maxLine && !labelled && !fenced {
			label, _, ok := labelOf(l)
			labelled = ok && (causeLabels[label] || actionLabels[label])
		}
	}
	if !labelled {
		return nil
	}
	var out []string
	for _, l := range lines {
		for _, id := range anyID.FindAllString(l[:min(len(l), 8*maxLine)], -1) {
			if words.IsMessageID(strings.ToLower(id)) && severe(id) && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
		if len(out) > 1 {
			return nil
		}
	}
	return out
}

// severe reports whether an id ends in the letter of a severity or has a hyphen, which names of machines and versions have not.
func severe(id string) bool {
	return strings.Contains(id, "-") || strings.ContainsRune("EWIASNTFC", rune(id[len(id)-1]))
}

// headingIDs are the ids that a heading names as its subject: one alone.
func headingIDs(title string) []string {
	var out []string
	for _, id := range anyID.FindAllString(title[:min(len(title), maxLine)], -1) {
		if words.IsMessageID(strings.ToLower(id)) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) != 1 {
		return nil
	}
	return out
}
