package alert

import "strings"

// The form that a workflow with the trigger "When a Teams webhook request is received" takes: a message with Adaptive Cards as attachments. Texts from
// the plant stand in TextRuns, which know no Markdown (TextBlocks do); nobody is mentioned, because that takes entities which are never sent.
type (
	teamsMessage struct {
		Type        string            `json:"type"`
		Attachments []teamsAttachment `json:"attachments"`
	}
	teamsAttachment struct {
		ContentType string    `json:"contentType"`
		ContentURL  *string   `json:"contentUrl"`
		Content     teamsCard `json:"content"`
	}
	teamsCard struct {
		Schema  string       `json:"$schema"`
		Type    string       `json:"type"`
		Version string       `json:"version"`
		Body    []teamsBlock `json:"body"`
		MSTeams teamsWidth   `json:"msteams"`
	}
	teamsWidth struct {
		Width string `json:"width"`
	}
	teamsBlock struct {
		Type      string     `json:"type"`
		Separator bool       `json:"separator,omitempty"`
		Spacing   string     `json:"spacing,omitempty"`
		Inlines   []teamsRun `json:"inlines"`
	}
	teamsRun struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Weight   string `json:"weight,omitempty"`
		Size     string `json:"size,omitempty"`
		Color    string `json:"color,omitempty"`
		IsSubtle bool   `json:"isSubtle,omitempty"`
	}
)

func teamsBody(lang, name string, m Message) teamsMessage {
	t := tell(lang, name, m)
	card := teamsCard{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", MSTeams: teamsWidth{"Full"}}
	block := func(separator bool, spacing string, runs ...teamsRun) {
		for i := range runs {
			runs[i].Type = "TextRun"
			// The card would replace {{DATE(…)}} and the like.
			runs[i].Text = strings.ReplaceAll(runs[i].Text, "{{", "{ {")
		}
		card.Body = append(card.Body, teamsBlock{Type: "RichTextBlock", Separator: separator, Spacing: spacing, Inlines: runs})
	}
	block(false, "", teamsRun{Text: t.head, Weight: "Bolder", Size: "Medium"})
	block(false, "None", teamsRun{Text: t.under, IsSubtle: true})
	for _, i := range t.items {
		block(true, "", teamsRun{Text: i.what + ": ", Weight: "Bolder", Color: teamsColor(i)}, teamsRun{Text: i.said})
		block(false, "None", teamsRun{Text: strings.Join(i.rest, " · "), IsSubtle: true, Size: "Small"})
	}
	if t.more != "" {
		block(true, "", teamsRun{Text: t.more})
	}
	return teamsMessage{Type: "message", Attachments: []teamsAttachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}}}
}

func teamsColor(i toldItem) string {
	switch {
	case i.ended:
		return "Good"
	case i.severity.AtLeast(High):
		return "Attention"
	case i.severity == Medium:
		return "Warning"
	}
	return "Default"
}
