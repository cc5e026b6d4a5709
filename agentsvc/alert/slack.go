package alert

import "strings"

// The form of Slack's incoming webhooks. Texts stand in plain_text, which knows no mark-up; the text that notifications show has mark-up turned off, and
// &, < and > are escaped in both, so that no <!here> calls anybody and no <http://…|name> hides an address. Addresses are not unfolded, and names are linked only when asked for, which is never.
type (
	slackMessage struct {
		Text        string       `json:"text"`
		Mrkdwn      bool         `json:"mrkdwn"`
		UnfurlLinks bool         `json:"unfurl_links"`
		UnfurlMedia bool         `json:"unfurl_media"`
		Blocks      []slackBlock `json:"blocks"`
	}
	slackBlock struct {
		Type     string      `json:"type"`
		Text     *slackText  `json:"text,omitempty"`
		Elements []slackText `json:"elements,omitempty"`
	}
	slackText struct {
		Type  string `json:"type"`
		Text  string `json:"text"`
		Emoji bool   `json:"emoji"`
	}
)

// slackHead is the longest text of a header block.
const slackHead = 150

func slackBody(lang, name string, m Message) slackMessage {
	t := tell(lang, name, m)
	out := slackMessage{Text: slackEscape(summary(t))}
	plainText := func(s string) slackText { return slackText{Type: "plain_text", Text: slackEscape(s)} }
	section := func(s string) {
		text := plainText(s)
		out.Blocks = append(out.Blocks, slackBlock{Type: "section", Text: &text})
	}
	context := func(s string) {
		out.Blocks = append(out.Blocks, slackBlock{Type: "context", Elements: []slackText{plainText(s)}})
	}
	head := plainText(cut(t.head, slackHead))
	out.Blocks = append(out.Blocks, slackBlock{Type: "header", Text: &head})
	context(t.under)
	for _, i := range t.items {
		section(i.what + ": " + i.said)
		context(strings.Join(i.rest, " · "))
	}
	if t.more != "" {
		section(t.more)
	}
	return out
}

// summary is one line of a message, for notifications.
func summary(t toldMessage) string {
	if len(t.items) == 0 {
		return t.head + ". " + t.under
	}
	return t.head + ". " + t.items[0].said
}

// slackEscape escapes what Slack reads as control sequences.
func slackEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
