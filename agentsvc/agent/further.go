package agent

import (
	"strings"

	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/twstools/answer"
)

// The marks around a cause that a model proposes: a fenced block after its prose, which small models write as well as big ones.
const (
	furtherBegins = "```cause"
	furtherEnds   = "```"
	// maxFurther bounds what is kept of a block; a longer one is no proposal.
	maxFurther = 4 << 10
)

// aside takes the blocks with proposed causes out of a text that comes in pieces.
type aside struct {
	inside bool
	tail   string // the possible beginning of a mark
	block  strings.Builder
	blocks []string
}

// strip gives the text without its blocks.
func (s *aside) strip(text string) string {
	text = s.tail + text
	s.tail = ""
	var prose strings.Builder
	for text != "" {
		mark := furtherBegins
		if s.inside {
			mark = furtherEnds
		}
		i := strings.Index(text, mark)
		if i < 0 {
			n := begun(text, mark)
			s.take(&prose, text[:len(text)-n])
			s.tail = text[len(text)-n:]
			break
		}
		s.take(&prose, text[:i])
		if s.inside {
			s.end()
		}
		s.inside = !s.inside
		text = text[i+len(mark):]
	}
	return prose.String()
}

func (s *aside) take(prose *strings.Builder, text string) {
	switch {
	case !s.inside:
		prose.WriteString(text)
	case s.block.Len() <= maxFurther:
		s.block.WriteString(text)
	}
}

func (s *aside) end() {
	s.blocks = append(s.blocks, s.block.String())
	s.block.Reset()
}

// flush ends the text: a mark that was only begun is prose, a block that was not closed is one all the same.
func (s *aside) flush() string {
	rest := s.tail
	s.tail = ""
	if !s.inside {
		return rest
	}
	s.block.WriteString(rest)
	s.end()
	s.inside = false
	return ""
}

// begun is how many bytes at the end of text begin mark.
func begun(text, mark string) int {
	for n := min(len(mark)-1, len(text)); n > 0; n-- {
		if strings.HasSuffix(text, mark[:n]) {
			return n
		}
	}
	return 0
}

// further adds the cause that the model proposed, the first of them at most, to a copy of the diagnosis, and gives what the person is told.
func (t *turn) further(a *answer.Answer, checker *verify.Checker) (note string) {
	v := &t.voice
	if v.fallBack || v.model == offlineLabel || len(v.aside.blocks) == 0 || a.Diagnosis == nil {
		return ""
	}
	why := "it cannot be read"
	if f, ok := verify.ReadFurther(v.aside.blocks[0]); ok {
		d := *a.Diagnosis
		if why = checker.Further(&d, f); why == "" {
			a.Diagnosis = &d
		}
	}
	stands := why == ""
	if !stands {
		t.agent.o.Logger.Warn("struck", "what", "proposed cause", "why", why, "message", t.msgID, "model", v.model)
	}
	return verify.FurtherNote(a.Language, stands)
}
