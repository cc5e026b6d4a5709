package cut

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// check holds for whatever text is split: every line that is not blank lies in exactly one section and one passage, in order.
func check(t *testing.T, lines []string, from int, o outline) {
	t.Helper()
	at := from
	seen := map[string]bool{}
	for i, s := range o.sections {
		if s.Slug == "" || seen[s.Slug] {
			t.Fatalf("section %d: slug %q is empty or double", i, s.Slug)
		}
		seen[s.Slug] = true
		if s.StartLine <= at || s.EndLine < s.StartLine || s.EndLine > len(lines) {
			t.Fatalf("section %d spans %d-%d after line %d of %d", i, s.StartLine, s.EndLine, at, len(lines))
		}
		blank(t, lines[at:s.StartLine-1])
		at = s.EndLine
	}
	blank(t, lines[min(at, len(lines)):])
	at = from
	for i, p := range o.passages {
		s := o.sections[p.Section]
		if p.To > 0 {
			// The pieces of a line follow each other, and are the whole of it together.
			line, before := lines[p.Start-1], 0
			if i > 0 && o.passages[i-1].Start == p.Start && o.passages[i-1].To > 0 {
				before = o.passages[i-1].To
				at = p.Start - 1
			}
			after := i+1 == len(o.passages) || o.passages[i+1].Start != p.Start
			if p.Start != p.End || p.From < before || p.To > len(line) || strings.TrimSpace(line[before:p.From]) != "" ||
				after && strings.TrimSpace(line[p.To:]) != "" || !utf8.ValidString(p.Text(lines)[0]) && utf8.ValidString(line) {
				t.Fatalf("passage %d is the piece %d-%d of line %d, after %d", i, p.From, p.To, p.Start, before)
			}
		}
		if p.Body < p.Start || p.Body > p.End || p.HeadEnd > 0 && (p.HeadStart < s.StartLine || p.HeadEnd > p.Start) {
			t.Fatalf("passage %d: %+v", i, p)
		}
		if p.Start <= at || p.End < p.Start || p.Start < s.StartLine || p.End > s.EndLine {
			t.Fatalf("passage %d spans %d-%d after line %d in section %d-%d", i, p.Start, p.End, at, s.StartLine, s.EndLine)
		}
		blank(t, lines[at:p.Start-1])
		at = p.End
	}
	blank(t, lines[min(at, len(lines)):])
}

func blank(t *testing.T, lines []string) {
	t.Helper()
	if s := strings.TrimSpace(strings.Join(lines, "")); s != "" {
		t.Fatalf("the text %q is in no section", s)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"# A\n\ntext\n\n## B\n```\n# no heading\n```\n", "A\n=\nB\n-\n", "[a]: b\n# A\n[c]: d\n", "- a\n\n  # in a list\n\n1. b\n", "| a |\n|---|\n| b |\n",
		"---\ntitle: x\n---\n# A", "<script>\n# no\n</script>\n", "#\n##\n#\n", "\t# code\n", "> # quote\n", "* * *\n***\n", "```\nopen fence\n# A\n", "",
		"# A\n\nABCDE001E a b c d\nExplanation: x\n\n1. a\n\nnote\n\n2. b\n\n<table><tr><td>a</td></tr><tr><td>b</td></tr></table>\n", "1.1 A\n\nb\n\n**B**\n\nC 3\n",
		"| a | b |\n|---|---|\n\n| RC 1 | x |\n\n```a\n\n```b\n```\n", "ABCDE001E Explanation: a\n\nABCDE002E b c d e\n", "\n\n", "é\n===\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		_, body, _ := splitFrontMatter([]byte(strings.Join(lines, "\n")))
		o, _ := split(lines, body-1)
		check(t, lines, body-1, o)
	})
}

func TestSectionsAndSlugs(t *testing.T) {
	lines := strings.Split("above\n\n# Ação *imediata*\ntext\n## Steps\na\n## Steps\nb\n### `deep`\nc\n## Steps {#own}\nd\n# ???\ne\n## steps-2\nf\n\nUnder\nlined\n===\ng", "\n")
	o, _ := split(lines, 0)
	check(t, lines, 0, o)
	var got []string
	for _, s := range o.sections {
		got = append(got, fmt.Sprintf("%s %d-%d %s", s.Slug, s.StartLine, s.EndLine, strings.Join(s.HeadingPath, ">")))
	}
	want := []string{
		"top 1-1 ", "acao-imediata 3-4 Ação imediata", "steps 5-6 Ação imediata>Steps", "steps-2 7-8 Ação imediata>Steps",
		"deep 9-10 Ação imediata>Steps>deep", "own 11-12 Ação imediata>Steps", "section 13-14 ???", "steps-2-2 15-16 ???>steps-2",
		"under-lined 18-21 Under lined",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("sections:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A fence, a table or an ordered list is never cut, however long; long prose is.
func TestBlocksStayWhole(t *testing.T) {
	long := strings.Repeat("some words that fill a line of text quite well\n", 60)
	blocks := map[string]string{
		"fence":        "```\n" + long + "\n\n" + long + "```\n",
		"tilde-fence":  "~~~sh\n" + long + "# not a heading\n\n" + long + "~~~\n",
		"table":        "| a | b |\n|---|---|\n" + strings.Repeat("| some more words here | and there are others |\n", 80),
		"ordered-list": strings.Repeat("1. a step that has quite a number of words\n\n   and goes on\n", 60),
	}
	for name, block := range blocks {
		t.Run(name, func(t *testing.T) {
			text := "# H\n\nIntro.\n\n" + long + "\n" + block + "\n" + long
			lines := strings.Split(text, "\n")
			o, _ := split(lines, 0)
			check(t, lines, 0, o)
			if len(o.passages) < 3 {
				t.Errorf("%d passages, want the prose to be cut off", len(o.passages))
			}
			first := strings.Count("# H\n\nIntro.\n\n"+long+"\n", "\n") + 1
			last := first + strings.Count(strings.TrimRight(block, "\n"), "\n")
			for _, p := range o.passages {
				if p.End >= first && p.Start <= last && (p.Start > first || p.End < last) {
					t.Errorf("passage %d-%d cuts the block %d-%d", p.Start, p.End, first, last)
				}
			}
		})
	}
}

func TestPassagesHaveAMeasure(t *testing.T) {
	text := "# H\n\n" + strings.Repeat(strings.Repeat("word ", 40)+"\n\n", 50)
	lines := strings.Split(text, "\n")
	o, _ := split(lines, 0)
	check(t, lines, 0, o)
	for i, p := range o.passages {
		n := countTokens(lines[p.Start-1 : p.End])
		if n > maxTokens || (n < 200 && i < len(o.passages)-1) {
			t.Errorf("passage %d has %d tokens, want 200 to %d", i, n, maxTokens)
		}
	}
}

func TestFrontMatter(t *testing.T) {
	tests := []struct {
		name, text, title string
		kinds             []string
		line              int
		bad               bool
	}{
		{"lists", "---\ntitle: A  b\nkinds: [app.db, Sched.Held]\n---\nx", "A b", []string{"app.db", "sched.held"}, 5, false},
		{"one-word", "---\nkinds: app.db\n---\nx", "", []string{"app.db"}, 4, false},
		{"crlf", "---\r\ntitle: A\r\n---\r\nx", "A", nil, 4, false},
		{"none", "# A\n---\nx", "", nil, 1, false},
		{"rule-not-closed", "---\ntext\n", "", nil, 1, false},
		{"no-yaml", "---\ntitle: [\n---\nx", "", nil, 4, true},
		{"wrong-type", "---\nkinds: {a: b}\n---\nx", "", nil, 4, true},
		{"alias-bomb", "---\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\ntitle: t\n---\nx", "t", nil, 7, false},
		{"empty", "", "", nil, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fm, line, err := splitFrontMatter([]byte(tt.text))
			if fm.Title != tt.title || strings.Join(fm.Kinds, " ") != strings.Join(tt.kinds, " ") || line != tt.line || (err != nil) != tt.bad {
				t.Errorf("got %+v, line %d, %v", fm, line, err)
			}
		})
	}
}

func FuzzFrontMatter(f *testing.F) {
	f.Add("---\ntitle: a\n---\n")
	f.Add("---\nkinds: [a, b]\n...\n")
	f.Fuzz(func(t *testing.T, s string) {
		_, line, _ := splitFrontMatter([]byte(s))
		if line < 1 || line > strings.Count(s, "\n")+2 {
			t.Errorf("the body starts on line %d of %q", line, s)
		}
	})
}
