package knowledge_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/knowledge"
)

// letterManual is a manual of messages that no catalogue of ours knows.
const letterManual = `# Letter Works: messages

## Mailer

### XYZMLR004E The letter cannot be read.

#### Explanation

It is torn. Set password=hunter2secret in the box.

#### Operator response

Send it again.

### XYZMLR005W The box is full.

#### Explanation

See XYZMLR004E, which is worse.

## Codes

| Return code | Meaning | Action |
|---|---|---|
| 77 | The carrier is ill | Send another |
| 78 | The carrier is on leave | Wait for him |

## Where they stand

XYZMLR004E is written to the log of the mailer, and so is XYZMLR009E.
`

func TestExplain(t *testing.T) {
	base := open(t, knowledge.Options{FS: fstest.MapFS{
		"letters.md": {Data: []byte(letterManual)},
		"cartas.md":  {Data: []byte("# Mensagens\n\nXYZMLR004E A carta não pode ser lida.\n\nExplicação: Está rasgada pelo carteiro.\n\nAção: Envie de novo.\n")},
	}})
	tests := []struct {
		id, language          string
		meaning, action, from string
	}{
		{"XYZMLR004E", "en", "The letter cannot be read. It is torn. Set password=****** in the box.", "Send it again.", "knowledge:letters.md#xyzmlr004e-the-letter-cannot-be-read"},
		{"xyzmlr004e", "pt", "A carta não pode ser lida. Está rasgada pelo carteiro.", "Envie de novo.", "knowledge:cartas.md#xyzmlr004e"},
		{"XYZMLR005W", "", "The box is full. See XYZMLR004E, which is worse.", "", "knowledge:letters.md#xyzmlr005w-the-box-is-full"},
		{"rc 78", "en", "The carrier is on leave", "Wait for him", "knowledge:letters.md#codes"},
		{"XYZMLR009E", "en", "", "", ""}, // only mentioned
		{"XYZMLR0", "en", "", "", ""},
		{strings.Repeat("X", 1000), "en", "", "", ""},
	}
	for _, tt := range tests {
		e, ok := base.Explain(t.Context(), tt.id, tt.language)
		if ok != (tt.from != "") || e.Action != tt.action || e.Source != tt.from || masked(e.Meaning) != masked(tt.meaning) {
			t.Errorf("Explain(%.20s, %s) = %+v, %v", tt.id, tt.language, e, ok)
		}
		if strings.Contains(e.Meaning, "hunter2") {
			t.Errorf("a secret came out: %s", e.Meaning)
		}
		if ok && len(e.Lines) == 0 {
			t.Errorf("%s has no lines", tt.id)
		}
	}
}

// masked leaves out what stands in the place of a secret: its form is no matter of this test.
func masked(s string) string {
	before, after, found := strings.Cut(s, "password=")
	if !found {
		return s
	}
	_, after, _ = strings.Cut(after, " ")
	return before + "password= " + after
}

// What a manual explains is told with its source, in the place of what the catalogue guesses from an id's form; what the
// catalogue knows stays.
func TestToolExplainsFromManuals(t *testing.T) {
	base := open(t, knowledge.Options{FS: fstest.MapFS{"letters.md": {Data: []byte(letterManual + "\n## AWSBDW009E Somebody else's words\n\nAnd more of them.\n")}}})
	tl := tool(t, base, formOnly{})
	r, out := call(t, tl, `{"query":"XYZMLR004E and XYZMLR005W, then AWSBDW009E; return code 77","language":"en"}`)
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	got := map[string]knowledge.Decoded{}
	for _, m := range out.Messages {
		got[m.ID] = m
	}
	if m := got["XYZMLR004E"]; m.Action != "Send it again." || m.Source == "" || m.Component != "the form says so" || strings.Contains(m.Meaning, "no idea") {
		t.Errorf("the manual does not explain: %+v", m)
	}
	if m := got["AWSBDW009E"]; m.Source != "" || m.Meaning != "No such user." {
		t.Errorf("a manual speaks over the catalogue: %+v", m)
	}
	if m := got["rc 77"]; m.Meaning != "The carrier is ill" || m.Action != "Send another" {
		t.Errorf("return code: %+v", m)
	}
	sources := map[string]bool{}
	for _, s := range r.Envelope.Sources {
		if sources[s.Source] {
			t.Errorf("%s is given twice", s.Source)
		}
		sources[s.Source] = true
		for i, l := range s.Lines {
			if i > 0 && l.N <= s.Lines[i-1].N {
				t.Errorf("%s: line %d after %d", s.Source, l.N, s.Lines[i-1].N)
			}
		}
	}
	for _, m := range out.Messages {
		if m.Source != "" && !sources[m.Source] {
			t.Errorf("%s is not among the sources", m.Source)
		}
	}
	if !strings.Contains(r.Text, "[knowledge:letters.md#") {
		t.Errorf("the text does not name the source:\n%s", r.Text)
	}
}

// formOnly knows one id and reads the form of another.
type formOnly struct{}

func (formOnly) Decode(string, string) []knowledge.Decoded {
	return []knowledge.Decoded{
		{ID: "AWSBDW009E", Component: "jobman", Meaning: "No such user.", Known: true},
		{ID: "XYZMLR004E", Component: "the form says so", Meaning: "no idea"},
	}
}
