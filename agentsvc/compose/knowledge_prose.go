package compose

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// stepMark is the number or bullet at the beginning of a step, as quotes carry them within one line.
var stepMark = regexp.MustCompile(`(?:^|\s)(?:\d{1,2}[.)]|[-*•])\s+`)

// passages cuts a quote into its whole steps or sentences. What is cut off at the end of the quote is left out.
func passages(quote string) []string {
	var out []string
	for _, step := range stepMark.Split(line(quote), -1) {
		out = append(out, wholeSentences(step)...)
	}
	return out
}

// wholeSentences gives the sentences of a text that end in it. A short one that leads to the next stays with it.
func wholeSentences(text string) []string {
	var out []string
	from := 0
	for i := 0; i < len(text); i++ {
		if !strings.ContainsRune(".!?", rune(text[i])) || i+1 < len(text) && text[i+1] != ' ' || text[i] == '.' && abbreviated(text[from:i]) {
			continue
		}
		if s := strings.TrimSpace(text[from : i+1]); utf8.RuneCountInString(s) > 3 {
			out = append(out, s)
		}
		from = i + 1
	}
	return out
}

func abbreviated(s string) bool {
	word := s[strings.LastIndexAny(s, " (")+1:]
	switch strings.ToLower(word) {
	case "e.g", "i.e", "etc", "ex", "p.ex", "vs", "nº", "dr", "sr", "sra", "approx", "aprox":
		return true
	}
	return false
}

// verbatim quotes a sentence: in quotation marks where it is prose, as code where marks or commands stand in it.
func verbatim(s string) string {
	if strings.ContainsAny(s, "`\"“”<>[]*_") || len(s) > 280 {
		return code(s)
	}
	return "“" + s + "”"
}

func (p *prose) knowledge(in Input, r reading) {
	k := r.knowledge
	for i, m := range k.Messages {
		if i == 3 {
			break
		}
		p.paragraph()
		about := strings.Trim(line(m.Component)+", "+line(m.Severity), ", ")
		if about != "" {
			about = " (" + about + ")"
		}
		p.bold(p.say("message", "id", m.ID, "component", about, "meaning", m.Meaning))
		if m.Action != "" {
			p.say1("message_action", "action", m.Action)
		}
	}
	if len(k.Results) == 0 {
		if len(k.Messages) == 0 {
			p.bold(p.say("nothing_known"))
		}
		return
	}
	p.paragraph()
	if weak(k.Band) && len(k.Messages) == 0 {
		p.bold(p.say("weak"))
	}
	for i, res := range k.Results {
		if i == 2 || i > 0 && weak(res.Band) || !p.room() {
			break
		}
		p.paragraph()
		p.passage(res, res.source(r.call), i == 0, len(p.pieces) == 0)
	}
}

// passage tells a section: its title and source, then its sentences or steps, each as it stands there.
func (p *prose) passage(res Passage, source string, best, opens bool) {
	most := 40
	if best {
		most = 90
	}
	title := p.say("passage", "title", line(res.title()))
	if opens {
		p.bold(title)
	} else {
		p.add(title)
	}
	p.say1("source", "source", code(strings.TrimPrefix(source, "knowledge:")))
	steps := passages(res.Quote)
	if len(steps) == 0 {
		p.add(code(res.Quote))
		return
	}
	items, words := make([]string, 0, len(steps)), 0
	for _, s := range steps {
		if words += len(strings.Fields(s)); words > most && len(items) > 0 {
			break
		}
		items = append(items, verbatim(s))
	}
	if len(items) == 1 {
		p.add(items[0])
		return
	}
	p.list("", items)
}
