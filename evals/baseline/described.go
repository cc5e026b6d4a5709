package baseline

import (
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// described is the job whose description and names share most with the words of a question: a shared word counts two, a bad end three, a run
// that is not over one; of equals the latest whose time has come. Where no job shares more than a stray word, it is the job that ended badly
// first, or nil.
func (s *scene) described(question string) *twstools.Job {
	wanted := stems(question)
	var best *twstools.Job
	most := 3 // what a stray word of a job that ended well must exceed
	for i := range s.p.World.Jobs {
		j := &s.p.World.Jobs[i]
		n := shared(wanted, j.Definition.Description+" "+j.Name+" "+j.Stream)
		if n == 0 || j.SchedTime.After(s.p.World.AsOf) {
			continue
		}
		points := 2 * n
		switch {
		case failed(j.Status.Internal):
			points += 3
		case j.Status.Internal == "EXEC":
			points++
		}
		if points > most || points == most && best != nil && j.SchedTime.After(best.SchedTime) {
			best, most = j, points
		}
	}
	if best == nil {
		return s.earliestFailure()
	}
	return best
}

// stemLength is how much of a word is compared: endings differ, and so do many words of the two languages only there.
const stemLength = 5

// small are words that every question has, and every description.
var small = map[string]bool{"which": true, "what": true, "still": true, "there": true, "today": true, "tonig": true, "night": true, "start": true, "going": true, "wrong": true,
	"faile": true, "porqu": true, "ainda": true, "noite": true, "esta": true, "hoje": true, "quais": true, "parad": true, "falho": true, "daily": true, "diari": true, "after": true}

func stems(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(unaccented.Replace(strings.ToLower(text)), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') }) {
		if len(w) >= 4 && !small[w[:min(stemLength, len(w))]] {
			out[w[:min(stemLength, len(w))]] = true
		}
	}
	return out
}

func shared(wanted map[string]bool, text string) int {
	n := 0
	for w := range stems(text) {
		if wanted[w] {
			n++
		}
	}
	return n
}
