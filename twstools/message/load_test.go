package message

import "testing"

// The embedded data can be read: callers do not ask.
func TestLoad(t *testing.T) {
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.messages) == 0 || len(c.families) == 0 || len(c.codes) == 0 || len(c.signals) == 0 || len(c.statuses) == 0 {
		t.Errorf("a part is empty: %d messages, %d families, %d codes, %d signals, %d statuses",
			len(c.messages), len(c.families), len(c.codes), len(c.signals), len(c.statuses))
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"AWSBDW009E rc=137 STUCK", "rc -9", "código de retorno 127", "AWS", "WS#HOLD.READY"} {
		f.Add(s, "pt")
	}
	f.Fuzz(func(t *testing.T, text, language string) {
		for _, d := range Decode(text, language) {
			if d.ID == "" || d.Meaning == "" {
				t.Errorf("Decode(%q) explains nothing: %+v", text, d)
			}
		}
	})
}
