package press

import "strings"

// labels are a language's words for the parts of a message.
type labels struct {
	explanation, system, operator, columns string
}

var words = map[string]labels{
	"en": {"Explanation", "System action", "Operator response", "| Message | Text | Cause | What to do |"},
	"pt": {"Explicação", "Ação do sistema", "Resposta do operador", "| Mensagem | Texto | Causa | O que fazer |"},
}

// layout is how a manual sets its messages.
type layout int

const (
	headings    layout = iota // a heading for each message
	bold                      // a bold paragraph begins each message; nothing is a heading
	table                     // a row for each message
	definitions               // the id alone on a line, the parts indented under it
	bare                      // the id begins a line of plain text, labels on lines of their own: what is left of a printed page
)

func (l layout) tabular() bool { return l == table }

// write adds one message to the page.
func (l layout) write(p *page, m *Manual, id string, s [4]string) {
	w := words[m.Language]
	switch l {
	case headings:
		p.add("### "+id+" "+s[0], "")
		p.para("**" + w.explanation + ":** " + s[1])
		p.para("**" + w.system + ":** " + s[2])
		p.para("**" + w.operator + ":** " + s[3])
	case bold:
		p.para("**" + id + "** " + s[0])
		p.para(w.explanation + ": " + s[1])
		p.para(w.system + ": " + s[2])
		p.para(w.operator + ": " + s[3])
	case table:
		p.add("| " + strings.Join([]string{"`" + id + "`", s[0], s[1], s[2] + " " + s[3]}, " | ") + " |")
	case definitions:
		p.add(id)
		p.add(wrap(":   "+s[0], 100, "    ")...)
		for i, label := range []string{w.explanation, w.system, w.operator} {
			p.add("")
			part := wrap(label+". "+s[i+1], 96, "    ")
			part[0] = "    " + part[0]
			p.add(part...)
		}
		p.add("")
	case bare:
		p.add(wrap(id+" "+s[0], 72, "")...)
		for i, label := range []string{w.explanation, w.system, w.operator} {
			p.add(label + ":")
			p.add(wrap(s[i+1], 72, "")...)
		}
		p.add("")
	}
}
