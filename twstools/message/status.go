package message

import "strings"

// StatusWord is a status word, explained.
type StatusWord struct {
	Word  string
	About string // "job", "stream" or "both"
	Bilingual
}

// spellings bring the words of API, database and command line to the one of the catalogue.
var spellings = map[string]string{
	"FAILED": "FAIL", "CANCEL": "CANCL", "CANCE": "CANCL", "CANCELED": "CANCL", "CANCELLED": "CANCL", "CANCLP": "CANCP", "CANCELP": "CANCP",
	"SUPPRESS": "SUPPR", "SUPPRESSED": "SUPPR", "ABENDP": "ABENP", "ENDP": "PEND", "END": "DONE", "WAITD": "WAIT", "WAITING": "HOLD",
	"RUNNING": "EXEC", "SUCCESSFUL": "SUCC",
}

func (c *catalogue) loadStatuses() error {
	var list []struct {
		Word      string `yaml:"word"`
		About     string `yaml:"about"`
		Bilingual `yaml:",inline"`
	}
	if err := read("statuses.yaml", &list); err != nil {
		return err
	}
	for _, e := range list {
		c.statuses[e.Word] = StatusWord{Word: e.Word, About: e.About, Bilingual: e.Bilingual}
	}
	return nil
}

// Status explains a status word of jobs and job streams, in any spelling that the engine's surfaces use.
func Status(word string) (StatusWord, bool) { return loaded().status(word) }

func (c *catalogue) status(word string) (StatusWord, bool) {
	w := strings.ToUpper(strings.Trim(strings.TrimSpace(word), "+"))
	w = strings.TrimSuffix(w, "_PLUS")
	if s, ok := spellings[w]; ok {
		w = s
	}
	s, ok := c.statuses[w]
	return s, ok
}
