package compose

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// asksWhom finds, in either language, that a question wants to know whom to call, write to or wake.
var asksWhom = regexp.MustCompile(`(?i)\b(?:whom?|who'?s)\b[^?.!]{0,40}\b(?:call|phone|ring|page|ping|contact|notify|inform|warn|wake|escalate|on.?call)\b|` +
	`\bquem\b[^?.!]{0,40}\b(?:cham(?:o|ar|amos)|lig(?:o|ar|amos)|avis(?:o|ar|amos)|acion(?:o|ar|amos)|acord(?:o|ar|amos)|procur(?:o|ar|amos)|inform(?:o|ar|amos)|plant[aã]o|sobreaviso)\b`)

// maxContacts bounds how many more are named beside the one to call first.
const maxContacts = 2

// whom answers first whom to call, where that was asked: the contact of what is due first, then those of the others that suffer. The plan has no other
// contacts than those of its business services.
func (p *prose) whom(in Input, d *answer.Diagnosis) {
	if in.Asked.Intent != understand.Next && in.Asked.Intent != understand.Impact || !asksWhom.MatchString(in.Question) {
		return
	}
	first := ""
	if d.Urgency != nil {
		first = line(d.Urgency.Contact)
	}
	var others []string
	for _, i := range d.Impact {
		if c := line(i.Contact); c != "" && c != first && !slices.Contains(others, c) {
			others = append(others, c)
		}
	}
	if first == "" && len(others) > 0 {
		first, others = others[0], others[1:]
	}
	if first == "" {
		p.headline(p.say("whom_unknown"))
		return
	}
	text := upperFirst(p.say("call", "contact", first))
	if more := others[:min(len(others), maxContacts)]; len(more) > 0 {
		text += "; " + p.say("whom_also", "contacts", strings.Join(more, ", "))
	}
	p.headline(text)
}
