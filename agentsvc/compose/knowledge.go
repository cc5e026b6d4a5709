package compose

import (
	"encoding/json"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/twstools/answer"
)

// maxCitations bounds the citations of one answer.
const maxCitations = 4

// Knowledge is what search_knowledge returns, as far as an answer uses it.
type Knowledge struct {
	Query    string    `json:"query"`
	Band     string    `json:"band"` // how sure the search is of its first result
	Results  []Passage `json:"results"`
	Messages []Message `json:"messages"`
}

// Passage is a cited section of a document.
type Passage struct {
	Document    string  `json:"document"`
	Title       string  `json:"title"`
	HeadingPath Heading `json:"heading_path"`
	Section     string  `json:"section"`
	StartLine   int     `json:"start_line"`
	Band        string  `json:"band"`
	Quote       string  `json:"quote"`
}

// Message is a decoded message id or return code.
type Message struct {
	ID        string `json:"id"`
	Component string `json:"component"`
	Severity  string `json:"severity"`
	Meaning   string `json:"meaning"`
	Action    string `json:"action"`
}

// Heading is the path of headings to a passage; tools may send it as text or as a list.
type Heading string

// UnmarshalJSON takes both forms.
func (h *Heading) UnmarshalJSON(b []byte) error {
	var list []string
	if json.Unmarshal(b, &list) == nil {
		*h = Heading(strings.Join(list, " › "))
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*h = Heading(s)
	return nil
}

// weak reports whether a band of the search says that the passage may be beside the point.
func weak(band string) bool {
	switch band {
	case "low", "weak", "none", "poor":
		return true
	}
	return false
}

// citations are the runbooks that the diagnosis carries, then what a search found.
func citations(r reading, ledger conversations.Ledger) []answer.Citation {
	out := []answer.Citation{}
	add := func(c answer.Citation) {
		for _, have := range out {
			if have.Source == c.Source {
				return
			}
		}
		if c.Quote != "" && len(out) < maxCitations {
			out = append(out, c)
		}
	}
	if r.diagnosis != nil {
		for _, b := range r.diagnosis.Runbooks {
			add(answer.Citation{Source: b.Source, Title: b.Title, Quote: b.Quote})
		}
	}
	for _, c := range ledger {
		if c.Name != SearchKnowledge {
			continue
		}
		if k := decode[Knowledge](c); k != nil {
			for _, p := range k.Results {
				if !weak(p.Band) && !weak(k.Band) {
					add(answer.Citation{Source: p.source(c), Title: p.title(), Quote: p.Quote})
				}
			}
		}
	}
	return out
}

// source names the passage as the envelope does: by document and section, else by whichever source holds its quote.
func (p Passage) source(c conversations.Call) string {
	name := "knowledge:" + p.Document
	if p.Section != "" {
		name += "#" + strings.TrimPrefix(p.Section, "#")
	}
	for _, s := range c.Result.Envelope.Sources {
		if s.Source == name {
			return name
		}
	}
	for _, s := range c.Result.Envelope.Sources {
		for _, l := range s.Lines {
			if strings.Contains(l.Text, p.Quote) {
				return s.Source
			}
		}
	}
	return name
}

func (p Passage) title() string {
	switch {
	case p.Title == "":
		return p.Document
	case p.HeadingPath == "" || string(p.HeadingPath) == p.Title:
		return p.Title
	case strings.HasPrefix(string(p.HeadingPath), p.Title):
		return string(p.HeadingPath)
	}
	return p.Title + " › " + string(p.HeadingPath)
}
