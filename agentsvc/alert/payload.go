package alert

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/resync-hwa/resync/twstools/answer"
)

// The kinds of webhooks.
const (
	Generic = "generic" // our own JSON
	Teams   = "teams"   // an Adaptive Card for a workflow "When a Teams webhook request is received"
	Slack   = "slack"   // an incoming webhook
)

// PayloadVersion is that of the generic JSON; it grows when a field changes its meaning or goes.
const PayloadVersion = 1

// shownEvents is how many events a message for people tells one by one: a storm is told by its worst and its size.
const shownEvents = 10

// maxShown bounds one text of a message for people, in characters (Slack takes 3,000 a block, Teams 28 KB a card).
const maxShown = 500

// payload is the generic JSON.
type payload struct {
	Version int            `json:"version"`
	Type    string         `json:"type"` // findings, test
	ID      string         `json:"id"`   // of the delivery: the same when it is sent again
	Engine  string         `json:"engine,omitempty"`
	Mode    string         `json:"mode,omitempty"`
	At      string         `json:"at"`
	Events  []payloadEvent `json:"events"`
	More    int            `json:"more"`
}

type payloadEvent struct {
	Event          string     `json:"event"`
	Why            string     `json:"why,omitempty"`
	Severity       Severity   `json:"severity"`
	SeverityBefore Severity   `json:"severity_before,omitempty"`
	ID             string     `json:"id"`
	Source         string     `json:"source"`
	Kind           string     `json:"kind"`
	Entity         string     `json:"entity"`
	Ref            answer.Ref `json:"ref"`
	Since          string     `json:"since,omitempty"`
	Deadline       string     `json:"deadline,omitempty"`
	ActBy          string     `json:"act_by,omitempty"`
	Contact        string     `json:"contact,omitempty"`
	Statement      string     `json:"statement"`
	Act            string     `json:"act,omitempty"`
	Evidence       string     `json:"evidence,omitempty"`
	FirstSeen      string     `json:"first_seen"`
}

// Body makes what a webhook of a kind is sent, in a language. name is the webhook's own.
func Body(kind, lang, name string, m Message) ([]byte, error) {
	switch kind {
	case Teams:
		return json.Marshal(teamsBody(lang, name, m))
	case Slack:
		return json.Marshal(slackBody(lang, name, m))
	case Generic:
		return json.Marshal(genericBody(lang, m))
	}
	return nil, fmt.Errorf("alert: there is no kind of webhook %q", kind)
}

func genericBody(lang string, m Message) payload {
	p := payload{Version: PayloadVersion, Type: "findings", ID: m.ID, Engine: m.Engine, Mode: m.Mode, At: m.At, Events: []payloadEvent{}, More: m.More}
	if m.Test {
		p.Type = "test"
	}
	for _, e := range m.Events {
		p.Events = append(p.Events, flat(lang, e))
	}
	return p
}

func flat(lang string, e Event) payloadEvent {
	f := e.Finding
	return payloadEvent{Event: e.What, Why: e.Why, Severity: f.Severity, SeverityBefore: e.Before, ID: f.ID, Source: f.Source, Kind: f.Kind, Entity: f.Entity, Ref: f.Ref, Since: f.Since,
		Deadline: f.Deadline, ActBy: f.ActBy, Contact: f.Contact, Statement: in(f.Statement, lang), Act: in(f.Act, lang), Evidence: f.Evidence, FirstSeen: e.First}
}

// EventLine is one event as programs read it, a line each: the generic JSON's event, with the engine and when it was seen.
type EventLine struct {
	Version int    `json:"version"`
	Engine  string `json:"engine"`
	Mode    string `json:"mode"`
	At      string `json:"at"`
	payloadEvent
}

// LineOf makes the line of an event that a sighting brought.
func LineOf(lang string, s Sighting, e Event) EventLine {
	return EventLine{PayloadVersion, s.Name, s.Mode, s.PlanNow.Format(time.RFC3339), flat(lang, e)}
}

// Called is how an event and its severity are called in a language, for people.
func (e Event) Called(lang string) (what, severity string) {
	w := wordsIn(lang)
	what = w.what[e.What]
	if e.Why != "" {
		what = w.acknowledged
	}
	return what, w.severity[string(e.Finding.Severity)]
}

// Said is what an event's finding is about and what to do, in a language; data of the plant, whose instants stand in the plan's zone.
func (e Event) Said(lang string, planNow time.Time) (statement, act string) {
	return plain(times(in(e.Finding.Statement, lang), planNow)), plain(times(in(e.Finding.Act, lang), planNow))
}

// told is a message in words, of which both forms for people are made: no mark-up, each text on one line and bounded.
type toldMessage struct {
	head, under string
	items       []toldItem
	more        string
}

type toldItem struct {
	what     string // new, critical
	severity Severity
	ended    bool
	said     string
	rest     []string
}

func tell(lang, name string, m Message) toldMessage {
	w := wordsIn(lang)
	if m.Test {
		return toldMessage{head: w.test, under: fmt.Sprintf(w.testWhat, name)}
	}
	now, _ := time.Parse(time.RFC3339, m.At)
	count := map[string]int{}
	for _, e := range m.Events {
		count[e.What]++
	}
	var counts []string
	for _, what := range []string{Appeared, Worse, Reminder, Ended} {
		if count[what] > 0 {
			counts = append(counts, fmt.Sprintf("%s: %d", w.what[what], count[what]))
		}
	}
	out := toldMessage{head: fmt.Sprintf(w.head, plain(m.Engine), strings.Join(counts, ", ")), under: when(m.At, now) + " " + zone(now)}
	if m.Mode != "live" && m.Mode != "" {
		out.under += ", " + fmt.Sprintf(w.demo, plain(m.Mode))
	}
	for _, e := range m.Events[:min(len(m.Events), shownEvents)] {
		out.items = append(out.items, item(e, now, lang, w))
	}
	if more := len(m.Events) - len(out.items) + m.More; more > 0 {
		out.more = fmt.Sprintf(w.more, more)
	}
	return out
}

func item(e Event, now time.Time, lang string, w words) toldItem {
	f := e.Finding
	what := w.what[e.What] + ", " + w.severity[string(f.Severity)]
	if e.Before != "" {
		what += " (" + fmt.Sprintf(w.before, w.severity[string(e.Before)]) + ")"
	}
	if e.Why != "" {
		what = w.acknowledged
	}
	t := toldItem{what: what, severity: f.Severity, ended: e.What == Ended, said: plain(times(in(f.Statement, lang), now))}
	if f.Since != "" {
		t.rest = append(t.rest, fmt.Sprintf(w.since, when(f.Since, now)))
	}
	if e.What != Ended {
		if f.ActBy != "" {
			t.rest = append(t.rest, fmt.Sprintf(w.actBy, when(f.ActBy, now)))
		}
		if act := in(f.Act, lang); act != "" {
			t.rest = append(t.rest, fmt.Sprintf(w.do, plain(times(act, now))))
		}
		if f.Contact != "" {
			t.rest = append(t.rest, fmt.Sprintf(w.contact, plain(f.Contact)))
		}
	}
	t.rest = append(t.rest, fmt.Sprintf(w.id, plain(f.ID)), fmt.Sprintf(w.sourced, plain(f.Evidence)))
	return t
}

var stamp = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})`)

func times(text string, now time.Time) string {
	return stamp.ReplaceAllStringFunc(text, func(s string) string { return when(s, now) })
}

// when writes an instant as people at the plan's place say it; the date only when it is another day's.
func when(s string, now time.Time) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

func zone(t time.Time) string { return "(" + t.Format("-07:00") + ")" }

// plain makes a text of the plant one bounded line without what cannot be seen.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxShown {
		text = string([]rune(text)[:maxShown-1]) + "…"
	}
	return text
}
