package cut

import (
	"strings"
	"testing"
)

// entryOf reads a passage as it is searched for.
func entryOf(lines []string, p Passage, id string) Entry {
	text := lines[p.Start-1 : p.End]
	if p.To > 0 {
		text = p.Text(lines)
	}
	return EntryOf(id, p.Head(lines), text)
}

func TestEntryOf(t *testing.T) {
	tests := []struct {
		name, text, id string
		want           Entry
	}{
		{"headings", "# M\n\n## XYZMLR004E The letter\n\n### Explanation\n\nIt is *torn*\nor wet.\n\n### System action\n\nIt waits.\n\n### Operator response\n\n1. Dry it.\n2. Send it again.\n", "XYZMLR004E",
			Entry{"The letter", "It is *torn* or wet.", "It waits.", "1. Dry it. 2. Send it again."}},
		{"bold", "# M\n\n**XYZMLR004E** The letter\nis torn.\n\n**Explanation:** Somebody **tore** it.\n\nAnd more.\n\n**Operator response:** Send it again.\n", "XYZMLR004E",
			Entry{"The letter is torn.", "Somebody tore it. And more.", "", "Send it again."}},
		{"one line", "# M\n\nXYZMLR004E The letter is torn. Explanation: Somebody tore it. System action: It waits. Operator response: Send it again.\n", "XYZMLR004E",
			Entry{"The letter is torn.", "Somebody tore it.", "It waits.", "Send it again."}},
		{"portuguese", "# M\n\nXYZMLR004E A carta não pode ser lida.\n\nExplicação: Está rasgada.\n\nAção do sistema: Nenhuma.\n\nResposta do operador: Envie de novo.\n", "XYZMLR004E",
			Entry{"A carta não pode ser lida.", "Está rasgada.", "Nenhuma.", "Envie de novo."}},
		{"definition", "# M\n\nXYZMLR004E\n: The letter is torn.\n", "XYZMLR004E", Entry{Says: "The letter is torn."}},
		{"table", "# M\n\n| Message | Severity | Text | Cause | What to do |\n|---|---|---|---|---|\n| XYZMLR004E | error | The letter is torn | Somebody | Send **again** |\n| XYZMLR005W | warning | The box is full | Nobody | Empty it |\n", "XYZMLR005W",
			Entry{"The box is full", "Nobody", "", "Empty it"}},
		{"table on one line", "# M\n\n<table><tr><td>Return code</td><td>Meaning</td><td>Action</td></tr><tr><td>4</td><td>It is &lt;torn&gt;</td><td>Again</td></tr><tr><td>8</td><td>It is full</td><td>Empty it</td></tr></table>\n", "RC 8",
			Entry{"It is full", "", "", "Empty it"}},
		{"quoted below its heading", "# The mailer stops with XYZMLR004E\n\nYou see:\n\n```\nXYZMLR004E The letter is torn.\n```\n\n**Cause:** Somebody tore it.\n\n**Solution:** Send it again.\n", "XYZMLR004E",
			Entry{"The letter is torn.", "Somebody tore it.", "", "Send it again."}},
		{"no labels", "# M\n\n## XYZMLR004E The letter is torn.\n\nSomebody tore it. Send it again.\n", "XYZMLR004E", Entry{Says: "The letter is torn.", Cause: "Somebody tore it. Send it again."}},
		{"return code", "# M\n\n## Return code 127\n\nThe command is not there.\n", "RC 127", Entry{Cause: "The command is not there."}},
		{"longer id", "# M\n\nXYZMLR004 is not XYZMLR0041.\n\nXYZMLR004 Torn.\nExplanation: yes.\n", "XYZMLR004", Entry{Says: "Torn.", Cause: "yes."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := strings.Split(tt.text, "\n")
			d, err := Cut("m.md", lines)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range d.Passages {
				for _, id := range p.Messages {
					if id == tt.id {
						if got := entryOf(lines, p, id); got != tt.want {
							t.Errorf("got %+v\nwant %+v", got, tt.want)
						}
						return
					}
				}
			}
			t.Fatalf("no passage explains %s: %+v", tt.id, d.Passages)
		})
	}
}

// An entry is bounded however long its text is, and is cut where a sentence ends.
func TestEntryIsBounded(t *testing.T) {
	lines := strings.Split("# M\n\nXYZMLR004E Torn.\n\nExplanation: "+strings.Repeat("Somebody tore it. ", 200), "\n")
	d, err := Cut("m.md", lines)
	if err != nil {
		t.Fatal(err)
	}
	p := d.Passages[len(d.Passages)-1]
	if e := entryOf(lines, p, "XYZMLR004E"); len(e.Cause) > maxPart || len(e.Cause) < maxPart/2 || !strings.HasSuffix(e.Cause, "tore it.") {
		t.Errorf("%d bytes: …%s", len(e.Cause), e.Cause[max(0, len(e.Cause)-40):])
	}
}

func FuzzEntryOf(f *testing.F) {
	f.Add("# M\n\nABCDE001E It. Explanation: a\nAction: b\n")
	f.Add("| ABCDE001E | a |\n|---|---|\n| ABCDE002E | b |\n")
	f.Add("<table><tr><td>ABCDE001E</td><td>a b c</td></tr></table>")
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		d, _ := Cut("m.md", lines) // an error is of the front matter alone: the rest is cut all the same
		for _, p := range d.Passages {
			for _, id := range append(p.Messages, "ABCDE001E") {
				e := entryOf(lines, p, id)
				for _, part := range []string{e.Says, e.Cause, e.Effect, e.Action} {
					if len(part) > maxPart {
						t.Errorf("%d bytes of %s", len(part), id)
					}
				}
			}
		}
	})
}
