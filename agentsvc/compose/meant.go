package compose

import (
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/tools"
)

// meant says which object was taken, and what it is for, where the question did not name it as the plan does: a slip of the keyboard, or words
// of its description. Who asked can then tell at once that another one was meant.
func (p *prose) meant(in Input, s *tools.Subject) {
	u := in.Asked
	if s == nil || u.Target == "" || u.Reference || u.Intent == understand.Find || !p.room() || names(s.Entity, s.Name, s.JobNumber, u.Target) {
		return
	}
	for _, m := range u.Mentions {
		if names(s.Entity, s.Name, s.JobNumber, m.Text) {
			return
		}
	}
	switch s.FoundBy {
	case "name", "description":
	default:
		return
	}
	p.paragraph()
	if s.Description == "" {
		p.say1("read_as", "target", code(u.Target), "entity", p.names.of(s.Entity))
		return
	}
	p.say1("read_as_for", "target", code(u.Target), "entity", p.names.of(s.Entity), "description", code(s.Description))
}
