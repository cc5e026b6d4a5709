package compose

import (
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/tools"
)

// meant says which object was taken where the question did not name it as the plan does: a slip of the keyboard, or words of its description.
// Who asked can then tell at once that another one was meant. The description itself is not repeated: it is text of the plant, and may be
// made to be repeated.
func (p *prose) meant(in Input, s *tools.Subject) {
	u := in.Asked
	if s == nil || u.Target == "" || u.Reference || u.Intent == understand.Find || !p.room() || s.FoundBy != "name" && s.FoundBy != "description" ||
		names(s.Entity, s.Name, s.JobNumber, u.Target) {
		return
	}
	for _, m := range u.Mentions {
		if names(s.Entity, s.Name, s.JobNumber, m.Text) {
			return
		}
	}
	p.paragraph()
	p.say1("read_as", "target", code(u.Target), "entity", p.names.of(s.Entity))
}

// inOneBreath are the names, as they were typed, of objects that were asked about together and all found and read; none where one was not.
func inOneBreath(r reading) []string {
	also, _ := r.call.Arguments()["also"].([]any)
	if len(also) == 0 || r.diagnosis == nil || r.diagnosis.Diagnosis == nil || len(r.diagnosis.Failures)+len(r.diagnosis.Diagnosis.Missing) > 0 {
		return nil
	}
	out := []string{code(r.call.Arg("target"))}
	for _, name := range also {
		if s, ok := name.(string); ok {
			out = append(out, code(s))
		}
	}
	return out
}
