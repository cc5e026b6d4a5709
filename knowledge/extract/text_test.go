package extract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/knowledge/extract"
)

// TestText holds what becomes of bytes that somebody calls text.
func TestText(t *testing.T) {
	for _, c := range []struct {
		name, file, data string
		want             []string // nil: refused with reason
		note, reason     string
	}{
		{name: "lines of Windows", file: "a.md", data: "\xef\xbb\xbf# A\r\n\r\nb\r\n", want: []string{"# A", "", "b"}},
		{name: "no line end at the end", file: "a.txt", data: "a\nb", want: []string{"a", "b"}},
		{name: "UTF-16, little end first", file: "a.txt", data: "\xff\xfea\x00\n\x00\xe3\x00\x3d\xd8\x00\xde", want: []string{"a", "ã😀"}, note: "UTF-16"},
		{name: "UTF-16, big end first", file: "a.md", data: "\xfe\xff\x00a\x00\xe9", want: []string{"aé"}, note: "UTF-16"},
		{name: "half a character of UTF-16", file: "a.txt", data: "\xff\xfea\x00\x3d\xd8x", want: []string{"a\uFFFD"}, note: "UTF-16"},
		{name: "Latin-1", file: "a.txt", data: "Situa\xe7\xe3o: n\xe3o iniciada \x97 espera", want: []string{"Situação: não iniciada — espera"}, note: "Windows-1252"},
		{name: "Latin-1 in Markdown", file: "a.md", data: "# T\xedtulo\n", want: []string{"# Título"}, note: "Windows-1252"},
		{name: "one torn character in UTF-8", file: "a.txt", data: "ação\nmal\xc3, não\n", want: []string{"ação", "mal\uFFFD, não"}, note: "line 2"},
		{name: "NUL", file: "a.txt", data: "a\nb\x00c", reason: "line 2 holds binary data"},
		{name: "NUL beside what is no UTF-8", file: "a.txt", data: "a\n\xff\xf0\x00", reason: "line 2 holds binary data"},
		{name: "empty", file: "a.md", data: " \n\n", reason: "it is empty"},
		{name: "nothing visible but a mark", file: "a.md", data: "\xef\xbb\xbf", reason: "no text"},
		{name: "a line of more than 1 MB", file: "a.log", data: "x\n" + strings.Repeat("y", 1<<20+1), reason: "line 2 has more than the 1 MB"},
		{name: "more than 16 MB", file: "a.log", data: strings.Repeat("0123456\n", 2<<20+1), reason: "16 MB"},
		{name: "more lines than allowed", file: "a.log", data: strings.Repeat("1\n", 500_001), reason: "500000 lines"},
		{name: "an ending nobody knows", file: "a.exe", data: "MZ", reason: "ends in nothing that is read here"},
		{name: "no ending", file: "README", data: "text", reason: "ends in nothing that is read here"},
		{name: "a picture that is called text", file: "a.txt", data: "\x89PNG\r\n\x1a\n", reason: "it is a picture"},
		{name: "old Word", file: "a.docx", data: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", reason: "old or a password-protected Office file"},
		{name: "no PDF", file: "a.pdf", data: "hello", reason: "it is no PDF"},
		{name: "no DOCX", file: "a.docx", data: "hello", reason: "it is no DOCX"},
		{name: "no archive", file: "a.zip", data: "hello", reason: "it is no ZIP"},
		{name: "RTF", file: "a.txt", data: `{\rtf1 x}`, reason: "RTF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := read(t, c.file, []byte(c.data), extract.Limits{})
			if c.want == nil {
				if g.err == nil || !strings.Contains(g.err.Error(), c.reason) || len(g.files) != 0 {
					t.Fatalf("%v, %d documents; want an error with %q", g.err, len(g.files), c.reason)
				}
				return
			}
			if g.err != nil || len(g.files) != 1 || !slices.Equal(g.files[0].Lines, c.want) || g.files[0].Stored {
				t.Fatalf("%+v, %v; want the lines %q", g.files, g.err, c.want)
			}
			if notes := strings.Join(g.files[0].Notes, " "); (c.note == "") != (notes == "") || !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

// TestContentBeforeEnding holds that a name does not make a document what it is not.
func TestContentBeforeEnding(t *testing.T) {
	for _, c := range []struct{ file, data, format string }{
		{"a.txt", "<!DOCTYPE html><p>x", extract.HTML},
		{"a.md", "<?xml version='1.0'?>\n<!-- made by x -->\n<html><p>x", extract.HTML},
		{"page", "\n<html lang=en><p>x", extract.HTML},
		{"a.txt", "\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00x\x00", extract.HTML},
		{"a.md", "Use <html> as the root.", extract.Markdown},
		{"a.HTM", "just words", extract.HTML},
		{"A.MD", "# x", extract.Markdown},
		{"a.log", "%PDF is a word here", extract.Text},
	} {
		if f := one(t, c.file, []byte(c.data)); f.Format != c.format || f.Name != c.file {
			t.Errorf("%s with %q is read as %s, want %s", c.file, c.data, f.Format, c.format)
		}
	}
}

func TestSupported(t *testing.T) {
	for name, want := range map[string]bool{"a.md": true, "b/A.Markdown": true, "a.HTML": true, "a.htm": true, "a.xhtml": true, "a.pdf": true, "a.docx": true,
		"a.txt": true, "a.text": true, "a.log": true, "a.zip": true, "a.doc": false, "a": false, "": false, "md": false, "a.md.exe": false} {
		if extract.Supported(name) != want {
			t.Errorf("Supported(%q) is %v", name, !want)
		}
	}
}

// TestTimeEnds holds that the time of one document ends its reading whatever it is.
func TestTimeEnds(t *testing.T) {
	for name, data := range map[string][]byte{"a.txt": []byte("x"), "a.html": []byte("<p>x"), "a.docx": docx(t, simpleBody), "a.pdf": simplePDF()} {
		g := read(t, name, data, extract.Limits{Time: time.Nanosecond})
		if g.err == nil || !strings.Contains(g.err.Error(), "takes more than the 1ns allowed") {
			t.Errorf("%s: %v", name, g.err)
		}
	}
}
