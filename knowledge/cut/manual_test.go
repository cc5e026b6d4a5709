package cut

import (
	"fmt"
	"strings"
	"testing"
)

// shown gives what a text is cut into, one passage a line: lines, ids, flags and the heading path.
func shown(t *testing.T, text string) (Document, []string) {
	t.Helper()
	lines := strings.Split(text, "\n")
	d, err := Cut("guide.md", lines)
	if err != nil {
		t.Fatal(err)
	}
	check(t, lines, d.BodyLine-1, outline{d.Sections, d.Passages})
	var out []string
	for _, p := range d.Passages {
		s := fmt.Sprintf("%d-%d", p.Start, p.End)
		if p.To > 0 {
			s = fmt.Sprintf("%d[%s]", p.Start, strings.Join(strings.Fields(tagForm.ReplaceAllString(p.Text(lines)[0], " ")), " "))
		}
		for _, m := range p.Messages {
			s += " " + m
		}
		if p.Contents {
			s += " contents"
		}
		if p.Bare {
			s += " bare"
		}
		out = append(out, s+" | "+strings.Join(d.Sections[p.Section].HeadingPath, " > "))
	}
	return d, out
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("cut into\n%s\nwant\n%s", g, w)
	}
}

// Each entry of a catalogue is a passage of its own, with what it means and what to do, in whatever form manuals write them.
func TestMessageEntries(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"headings", "# Mailer\n\nThese come from the mailer.\n\n## XYZMLR004E The letter cannot be read.\n\n### Explanation\n\nIt is torn.\n\n### Operator response\n\nSend it again.\n\n## XYZMLR005W The box is full.\n\n### Explanation\n\nNobody empties it.\n\n## After\n\ntext\n",
			[]string{"1-3 | Mailer", "5-13 XYZMLR004E | Mailer > XYZMLR004E The letter cannot be read.", "15-19 XYZMLR005W | Mailer > XYZMLR005W The box is full.", "21-23 | Mailer > After"}},
		{"headings of one level", "# Mailer\n\nThese come from the mailer.\n\n# XYZMLR004E The letter cannot be read.\n\n# Explanation\n\nIt is torn.\n\n# System action\n\nNone.\n\n# XYZMLR005W The box is full.\n\n# Explanation\n\nNobody empties it.\n",
			[]string{"1-3 | Mailer", "5-13 XYZMLR004E | XYZMLR004E The letter cannot be read.", "15-19 XYZMLR005W | XYZMLR005W The box is full."}},
		{"bold", "# Mailer\n\n**XYZMLR004E** The letter cannot be read.\n\n**Explanation:** It is torn.\n\n**Operator response:** Send it again.\n\n**XYZMLR005W The box is full.**\n\nNobody empties it.\n",
			[]string{"1-1 bare | Mailer", "3-7 XYZMLR004E | Mailer > XYZMLR004E The letter cannot be read.", "9-11 XYZMLR005W | Mailer > XYZMLR005W The box is full."}},
		{"lines without blanks", "Mailer\n======\n\nXYZMLR004E The letter cannot be read.\nExplanation: It is torn.\nOperator response: Send it again.\nXYZMLR005W The box is full.\nExplanation: Nobody empties it.\n",
			[]string{"1-2 bare | Mailer", "4-6 XYZMLR004E | Mailer > XYZMLR004E The letter cannot be read.", "7-8 XYZMLR005W | Mailer > XYZMLR005W The box is full."}},
		{"all on one line", "# Mailer\n\nXYZMLR004E The letter cannot be read. Explanation: It is torn. Operator response: Send it again.\n\nXYZMLR005W The box is full. Explanation: Nobody empties it.\n",
			[]string{"1-1 bare | Mailer", "3-3 XYZMLR004E | Mailer > XYZMLR004E The letter cannot be read.", "5-5 XYZMLR005W | Mailer > XYZMLR005W The box is full."}},
		{"portuguese", "# Correio\n\nXYZMLR004E A carta não pode ser lida.\n\nExplicação: Está rasgada.\n\nAção do sistema: Nenhuma.\n\nResposta do operador: Envie de novo.\n\nXYZMLR005W A caixa está cheia.\n\nExplicação: Ninguém a esvazia.\n",
			[]string{"1-1 bare | Correio", "3-9 XYZMLR004E | Correio > XYZMLR004E A carta não pode ser lida.", "11-13 XYZMLR005W | Correio > XYZMLR005W A caixa está cheia."}},
		{"definitions", "# Mailer\n\nXYZMLR004E\n: The letter cannot be read.\n\nXYZMLR005W\n: The box is full.\n",
			[]string{"1-1 bare | Mailer", "3-4 XYZMLR004E | Mailer > XYZMLR004E", "6-7 XYZMLR005W | Mailer > XYZMLR005W"}},
		{"a rising list without labels", "# Mailer\n\nXYZ-00942 The table is not there.\n\nXYZ-01017 The password is wrong.\n\nXYZ-28000 The account is locked now.\n",
			[]string{"1-1 bare | Mailer", "3-3 XYZ-00942 | Mailer > XYZ-00942 The table is not there.", "5-5 XYZ-01017 | Mailer > XYZ-01017 The password is wrong.", "7-7 XYZ-28000 | Mailer > XYZ-28000 The account is locked now."}},
		{"list", "# Mailer\n\n- **XYZMLR004E** The letter cannot be read.\n- **XYZMLR005W** The box is full of letters.\n",
			[]string{"1-3 XYZMLR004E | Mailer", "4-4 XYZMLR005W | Mailer"}},
		{"table", "# Mailer\n\n| Message | Meaning | Action |\n|---|---|---|\n| XYZMLR004E | The letter is torn | Send again |\n| XYZMLR005W | The box is full | Empty it |\n",
			[]string{"1-5 XYZMLR004E | Mailer", "6-6 XYZMLR005W | Mailer"}},
		{"table on one line", "# Mailer\n\n<table><tr><td>Return code</td><td>Meaning</td></tr><tr><td>4</td><td>The letter is torn</td></tr><tr><td>8</td><td>The box is full</td></tr></table>\n",
			[]string{"1-1 bare | Mailer", "3[Return code Meaning 4 The letter is torn] RC 4 | Mailer", "3[8 The box is full] RC 8 | Mailer"}},
		{"return code as heading", "# Codes\n\n## Return code 127\n\nThe command is not there.\n\n## Código de retorno 126\n\nO comando não pode ser executado.\n",
			[]string{"1-1 bare | Codes", "3-5 RC 127 | Codes > Return code 127", "7-9 RC 126 | Codes > Código de retorno 126"}},
		{"quoted in a section that solves it", "# The mailer stops\n\nYou see this:\n\nXYZMLR004E The letter cannot be read.\n\n# Cause and solution\n\nThe letter is torn.\n",
			[]string{"1-5 | The mailer stops", "7-9 | Cause and solution"}},
		{"a log is no catalogue", "# Output\n\nXYZMLR004E The letter 17 cannot be read.\n\nXYZMLR001I The next letter is read.\n\nXYZMLR004E The letter 18 cannot be read.\n\n```\nXYZMLR004E in a fence\nExplanation: none\n```\n",
			[]string{"1-12 | Output"}},
		{"machines are no messages", "# Machines\n\n| Name | State |\n|---|---|\n| NC050024 | up and running |\n| NC050024 | down for now |\n| NC050024 | up |\n",
			[]string{"1-7 | Machines"}},
		{"the heading has the id", "# The box is full - XYZMLR005W\n\nXYZMLR005W The box is full.\n\nExplanation: Nobody empties it.\n",
			[]string{"1-5 XYZMLR005W | The box is full - XYZMLR005W"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got := shown(t, tt.text)
			same(t, got, tt.want)
		})
	}
}

func TestAnEntryHasItsIDAsSlug(t *testing.T) {
	d, _ := shown(t, "# Mailer\n\nXYZMLR004E It is torn.\n\nExplanation: yes.\n\nXYZMLR004E It is torn.\n\nExplanation: no.\n")
	var got []string
	for _, s := range d.Sections {
		got = append(got, s.Slug)
	}
	if strings.Join(got, " ") != "mailer xyzmlr004e xyzmlr004e-2" {
		t.Errorf("slugs %v", got)
	}
}

// flatManual is a manual whose headings have lost their levels.
func flatManual() string {
	var b strings.Builder
	b.WriteString("Letter Works\n\nCarrier Guide\n\n# Contents\n\nChapter 1. Letters. 3\n\nSorting. 4\n\nWeighing 5\n\nStamps.....7\n\nChapter 2. Parcels 9\n\nOpening. ix\n\n# Chapter 1. Letters\n\nAll on letters.\n\n")
	for _, s := range []string{"Sorting letters", "Weighing letters", "Stamping letters", "Losing letters"} {
		fmt.Fprintf(&b, "# %s\n\nWhat is said of it.\n\n# About this task\n\nIt is done by hand.\n\n# Example:\n\nOne by one.\n\n# --by-hand\n\nWithout a machine.\n\n", s)
	}
	b.WriteString("# Chapter 2. Parcels\n\nAll on parcels.\n\n# Opening parcels\n\n# About this task\n\n" + strings.Repeat("It takes a knife and some patience. ", 60) + "\n\n# Example:\n\nBy the string.\n\n# Index\n\n# L\n\nletters 3\n\nparcels 4, 9\n\nstring, not\n\ncut 9\n\n# P\n\nparcels\n\nopening 9\n")
	return b.String()
}

// A heading that says nothing by itself belongs to the one before it, where all levels are equal.
func TestEqualLevels(t *testing.T) {
	d, got := shown(t, flatManual())
	want := []string{
		"1-3 | ", "5-17 contents | Contents", "19-21 | Chapter 1. Letters",
		"23-37 | Chapter 1. Letters > Sorting letters", "39-53 | Chapter 1. Letters > Weighing letters",
		"55-69 | Chapter 1. Letters > Stamping letters", "71-85 | Chapter 1. Letters > Losing letters",
		"87-89 | Chapter 2. Parcels", "91-91 bare | Chapter 2. Parcels > Opening parcels",
		"93-95 | Chapter 2. Parcels > Opening parcels > About this task", "97-99 | Chapter 2. Parcels > Opening parcels > Example:",
		"101-117 contents | Index",
	}
	same(t, got, want)
	if d.Title != "Letter Works Carrier Guide" {
		t.Errorf("title %q", d.Title)
	}
}

// Titles that are no Markdown are found where a document has no others: chapters, numbers, lines in bold or in capitals.
// What stands on every page is none.
func TestTitlesWithoutMarks(t *testing.T) {
	body := strings.Repeat("The carrier takes the letter and looks at the stamp before he goes on. ", 18) + "\n\n"
	text := "Chapter 1. Letters\n\n" + body + "LETTER WORKS GUIDE 1\n\n1.1 Sorting them\n\n" + body + "LETTER WORKS GUIDE 2\n\n**By hand**\n\n" + body +
		"LETTER WORKS GUIDE 3\n\nWHEN IT RAINS\n\n" + body + "3\n\n1.2 Weighing them\n\n" + body + "Capítulo 2. Pacotes\n\n" + body + "**Note:** not this.\n\n1.3 is a number.\n\n**This is a whole sentence in bold.**\n\nEnd.\n"
	_, got := shown(t, text)
	want := []string{
		"1-5 | Chapter 1. Letters", "7-11 | Chapter 1. Letters > 1.1 Sorting them", "13-17 | Chapter 1. Letters > 1.1 Sorting them > By hand",
		"19-23 | Chapter 1. Letters > 1.1 Sorting them > WHEN IT RAINS", "25-27 | Chapter 1. Letters > 1.2 Weighing them",
		"29-39 | Capítulo 2. Pacotes",
	}
	same(t, got, want)
}

func TestADocumentWithHeadingsKeepsThem(t *testing.T) {
	_, got := shown(t, "# Guide\n\n## Sorting\n\n**By hand**\n\ntext\n\nBY MACHINE\n\ntext\n\n## Sorting\n\n## Sorting\n\n1.1 Weighing\n\ntext\n")
	same(t, got, []string{"1-1 bare | Guide", "3-11 | Guide > Sorting", "13-19 | Guide > Sorting"})
}

// Steps that go on behind notes, fences and sub-lists are one list, and are not cut.
func TestStepsGoOn(t *testing.T) {
	long := strings.Repeat("and then he goes on to do quite the same once more ", 12) + "\n\n"
	text := "# Sorting\n\n" + long + long + "1. Take the letter.\n\nNote: not that one. " + long + "```sh\nsort --letters\n```\n\n2. Look at it:\n   - the stamp\n   - the name\n\n" + long +
		"3. Put it down.\n\n" + long + "1. Another list.\n"
	lines := strings.Split(text, "\n")
	_, got := shown(t, text)
	first, last := 0, 0
	for i, l := range lines {
		if strings.HasPrefix(l, "1. Take") {
			first = i + 1
		}
		if strings.HasPrefix(l, "3. Put") {
			last = i + 1
		}
	}
	for _, p := range got {
		var a, z int
		if _, err := fmt.Sscanf(p, "%d-%d", &a, &z); err != nil {
			t.Fatal(err)
		}
		if z >= first && a <= last && (a > first || z < last) {
			t.Errorf("%s cuts the steps %d-%d", p, first, last)
		}
	}
	if len(got) < 2 {
		t.Errorf("one passage: %v", got)
	}
}

// A table or a list that is longer than anybody reads is cut between its rows or steps, and rows remember their head.
func TestLongOnesAreCutBetweenRows(t *testing.T) {
	row := "| some name | " + strings.Repeat("and what it means ", 5) + "|\n"
	text := "# T\n\n| Name | Meaning |\n|---|---|\n" + strings.Repeat(row, 100)
	lines := strings.Split(text, "\n")
	d, _ := shown(t, text)
	for i, p := range d.Passages {
		if n := countTokens(p.Text(lines)); n > maxTokens {
			t.Errorf("passage %d has %d tokens", i, n)
		}
		if head := p.Head(lines); i > 0 && (len(head) != 2 || head[0] != "| Name | Meaning |") || i == 0 && head != nil {
			t.Errorf("passage %d has the head %q", i, head)
		}
	}
	step := "   - %d\n\n     " + strings.Repeat("much is said of it here ", 15) + "\n\n"
	text = "# S\n\n"
	for i := 1; i <= 30; i++ {
		text += fmt.Sprintf("%d. Step.\n\n", i) + fmt.Sprintf(step, i)
	}
	lines = strings.Split(text, "\n")
	d, _ = shown(t, text)
	if len(d.Passages) < 3 {
		t.Errorf("%d passages of 30 steps", len(d.Passages))
	}
	for _, p := range d.Passages[1:] {
		if _, ok := stepNumber(lines[p.Start-1]); !ok || strings.HasPrefix(lines[p.Start-1], " ") {
			t.Errorf("a passage begins with %q", lines[p.Start-1])
		}
	}
}

// A fence that nobody closed ends where the next begins, or before the next heading, and takes nothing more with it.
func TestOpenFence(t *testing.T) {
	_, got := shown(t, "# A\n\n```sh\nls\n\n## B\n\ntext\n\n```sh\nls -l\n```\n\n## C\n\ntext\n")
	same(t, got, []string{"1-4 | A", "6-12 | A > B", "14-16 | A > C"})
	_, got = shown(t, "# A\n\n```\n# no heading\n\n# none either\n```\n\n## B\n\n~~~\nopen\n")
	same(t, got, []string{"1-7 | A", "9-12 | A > B"})
}

func TestContents(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"leaders", "# Guide\n\nSorting ........ 3\nWeighing ....... 4\nStamping ....... 4\nLosing ......... 9\nFinding ........ 12\n", "1-7 contents | Guide"},
		{"links", "# Guide\n\n- [Sorting](#sorting)\n- [Weighing](#weighing)\n- [Stamping](#stamping)\n- [Losing](#losing)\n- [Finding](#finding)\n", "1-7 contents | Guide"},
		{"on page", "# Guide\n\nThese may occur:\n\n- Letters are lost on page 3\n- Letters are found on page 4\n- Letras na página xii\n", "1-7 contents | Guide"},
		{"numbers in a text", "# Guide\n\nSet it to 4\n\nIt was seen in 1998\n\nNobody saw version 10\n\nIt then ended with 3\n\nand the machine said 17\n\nbut not 2\n", "1-13 | Guide"},
		{"versions", "# Guide\n\n- v1.0\n- v1.1\n- v1.2\n- v1.3\n- v2.0\n", "1-7 | Guide"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got := shown(t, tt.text)
			same(t, got, []string{tt.want})
		})
	}
}

// Hostile files cost time and room in proportion to their size. The bound is far above what they take and far below what
// anything quadratic would.
func TestHostile(t *testing.T) {
	const size = 1 << 16
	for _, s := range []string{
		"#", "|", ">", "1.", "#\n", "# a\n", "|a|\n", "|a|\n\n", "1. a\n\n", "1. a\n\nb\n\n2. c\n\n", "```a\n", "``` a b\n", "~~~a\n\n", "<table>\n\n", "<table><tr><td>a</td></tr>",
		"XYZABC001E foo\n", "XYZABC001E x: Explanation: y. ", "XYZABC001E foo bar baz\n\n", "**a b**\n\n", "1.1 Abc\n\n", "ABC DEF\n\n", "a", "é", "a:\n\n", "- a\n", "<", "a 1\n", "- - - - - a\n", "[a](",
	} {
		t.Run(fmt.Sprintf("%.12q", s), func(t *testing.T) {
			lines := strings.Split(strings.Repeat(s, size/len(s)), "\n")
			d, err := Cut("hostile.md", lines)
			if err != nil {
				t.Fatal(err)
			}
			check(t, lines, d.BodyLine-1, outline{d.Sections, d.Passages})
			for _, p := range d.Passages {
				if n := countTokens(p.Text(lines)); n > maxBlock+maxWhole {
					t.Fatalf("a passage of %d tokens", n)
				}
			}
		})
	}
}
