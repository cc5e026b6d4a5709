package knowledge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fold"
)

// check holds for whatever text is split: every line that is not blank lies in exactly one section and one passage, in order,
// and a section's text is the very lines it names.
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
		if want := strings.Join(lines[s.StartLine-1:s.EndLine], "\n"); s.Text != want {
			t.Fatalf("section %d: text %q, want %q", i, s.Text, want)
		}
		at = s.EndLine
	}
	blank(t, lines[min(at, len(lines)):])
	at = from
	for i, p := range o.passages {
		s := o.sections[p.section]
		if p.start <= at || p.end < p.start || p.start < s.StartLine || p.end > s.EndLine {
			t.Fatalf("passage %d spans %d-%d after line %d in section %d-%d", i, p.start, p.end, at, s.StartLine, s.EndLine)
		}
		blank(t, lines[at:p.start-1])
		at = p.end
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
		"---\ntitle: x\n---\n# A", "<script>\n# no\n</script>\n", "#\n##\n#\n", "\t# code\n", "> # quote\n", "* * *\n***\n", "```\nopen fence\n# A\n", "", "\n\n", "é\n===\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines, err := textLines([]byte(s))
		if err != nil {
			return
		}
		_, body, _ := splitFrontMatter([]byte(strings.Join(lines, "\n")))
		check(t, lines, body-1, split(lines, body-1, "t"))
	})
}

func TestSectionsAndSlugs(t *testing.T) {
	lines := strings.Split("above\n\n# Ação *imediata*\ntext\n## Steps\na\n## Steps\nb\n### `deep`\nc\n## Steps {#own}\nd\n# ???\ne\n## steps-2\nf\n\nUnder\nlined\n===\ng", "\n")
	o := split(lines, 0, "t")
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
		"table":        "| a | b |\n|---|---|\n" + strings.Repeat("| some more words here | and there are others |\n", 90),
		"ordered-list": strings.Repeat("1. a step that has quite a number of words\n\n   and goes on\n", 60),
	}
	for name, block := range blocks {
		t.Run(name, func(t *testing.T) {
			text := "# H\n\nIntro.\n\n" + long + "\n" + block + "\n" + long
			lines := strings.Split(text, "\n")
			o := split(lines, 0, "t")
			check(t, lines, 0, o)
			if len(o.passages) < 3 {
				t.Errorf("%d passages, want the prose to be cut off", len(o.passages))
			}
			first := strings.Count("# H\n\nIntro.\n\n"+long+"\n", "\n") + 1
			last := first + strings.Count(strings.TrimRight(block, "\n"), "\n")
			for _, p := range o.passages {
				if p.end >= first && p.start <= last && (p.start > first || p.end < last) {
					t.Errorf("passage %d-%d cuts the block %d-%d", p.start, p.end, first, last)
				}
			}
		})
	}
}

func TestPassagesHaveAMeasure(t *testing.T) {
	text := "# H\n\n" + strings.Repeat(strings.Repeat("word ", 40)+"\n\n", 50)
	lines := strings.Split(text, "\n")
	o := split(lines, 0, "t")
	check(t, lines, 0, o)
	for i, p := range o.passages {
		n := splitTokens(lines[p.start-1 : p.end])
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

func TestAnalyse(t *testing.T) {
	tests := []struct{ text, idents, words string }{
		{"AWSBHU001E ORA-28000 PAY_LOAD /var/log/app.log app.db.auth", "awsbhu001e ora-28000 pay_load /var/log/app.log app.db.auth", ""},
		{"Não chegou, arquivos!", "", "not cheg arquiv"},
		{"it hasn't arrived", "", "not arriv"},
		{"job-stream yes/no", "", "job stream yes"}, // "no" is Portuguese for "in the",
		{"rc 137.", "", "rc 137"},
		{strings.Repeat("x", 500), "", ""},
	}
	for _, tt := range tests {
		var idents, words []string
		for _, tok := range analyse(tt.text) {
			switch {
			case tok.ident:
				idents = append(idents, tok.raw)
			case tok.stop, tok.part:
			case tok.raw == "nao" || strings.Contains(tt.text, "ã"):
				words = append(words, tok.pt)
			default:
				words = append(words, tok.en)
			}
		}
		if strings.Join(idents, " ") != tt.idents || strings.Join(words, " ") != tt.words {
			t.Errorf("analyse(%.40q) = %v, %v, want %s, %s", tt.text, idents, words, tt.idents, tt.words)
		}
	}
	// Portuguese plurals meet their singulars with or without accents.
	for _, pair := range [][2]string{{"estação", "estacoes"}, {"conexão", "conexões"}, {"padrão", "padroes"}, {"pastas", "pasta"}, {"malhas", "malha"}} {
		if a, b := stemPortuguese(fold.Text(pair[0])), stemPortuguese(fold.Text(pair[1])); a != b {
			t.Errorf("stems of %v: %s and %s", pair, a, b)
		}
	}
}
