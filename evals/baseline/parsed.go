package baseline

import (
	"encoding/json"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// said is what the model was asked to reply with.
type said struct {
	Verdict answer.Verdict `json:"verdict"`
	Answer  string         `json:"answer"`
	Causes  []struct {
		Entity    string `json:"entity"`
		Kind      string `json:"kind"`
		Statement string `json:"statement"`
	} `json:"causes"`
	Actions []struct {
		Code   string `json:"code"`
		Target string `json:"target"`
		Text   string `json:"text"`
		After  *int   `json:"after"`
	} `json:"actions"`
	Missing []string `json:"missing"`
}

// parse finds the JSON object in a reply: models put fences or a sentence around it.
func parse(text string) (said, bool) {
	var s said
	from, to := strings.Index(text, "{"), strings.LastIndex(text, "}")
	if from < 0 || to < from || json.Unmarshal([]byte(text[from:to+1]), &s) != nil {
		return said{}, false
	}
	return s, s.Verdict != ""
}

// fromModel makes an answer of a reply. What the model names is looked up, so that a right guess is not lost by the way it is written, and the plan's
// status is quoted for it; everything else is the model's.
func (d *draft) fromModel(text string) answer.Answer {
	s, ok := parse(text)
	if !ok {
		d.a.Answer = strings.TrimSpace(text)
		return d.a
	}
	d.d.Verdict, d.d.Missing = s.Verdict, s.Missing
	for _, c := range s.Causes {
		x := answer.Cause{Entity: c.Entity, Kind: c.Kind, Statement: c.Statement, Class: answer.Likely, Confidence: 0.5}
		if o, found := d.scene.namedIn(c.Entity); found {
			x.Entity, x.Ref, x.Evidence = o.text, o.ref, []answer.Evidence{o.shown}
		}
		d.d.Causes = append(d.d.Causes, x)
		d.d.ConfidenceClass = answer.Likely
	}
	for _, a := range s.Actions {
		o, found := d.scene.namedIn(a.Target)
		if !found {
			o.text = a.Target
		}
		after := -1
		if a.After != nil {
			after = *a.After
		}
		d.advise(a.Code, o, after).Text = a.Text
	}
	d.a.Answer, d.a.Diagnosis = s.Answer, &d.d
	return d.a
}
