package extract_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/extract"
)

// item is an entry of an archive made for a test.
type item struct{ name, data string }

func pack(t testing.TB, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, i := range items {
		w, err := z.Create(i.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, i.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	inner := pack(t, item{"deep/c.txt", "c"}, item{"more.zip", string(pack(t, item{"d.txt", "d"}))})
	data := pack(t, item{"guide/b.html", "<title>B</title><p>b"}, item{"guide/", ""}, item{"a.md", "# a"}, item{"style.css", "x"}, item{"__MACOSX/a.md", "x"},
		item{".git/a.md", "x"}, item{"guide/.hidden.md", "x"}, item{"inner.zip", string(inner)}, item{"../up.md", "x"}, item{"/etc/abs.md", "x"},
		item{`C:\win\abs.md`, "x"}, item{`win\d.md`, "d"}, item{"broken.pdf", "x"}, item{"a.md", "second"}, item{"empty.txt", ""}, item{"ma\x07l.md", "# m"})
	g := read(t, "manual.zip", data, extract.Limits{})
	if g.err != nil {
		t.Fatal(g.err)
	}
	if want := "manual.zip/a.md manual.zip/guide/b.html manual.zip/inner.zip/deep/c.txt manual.zip/ma_l.md manual.zip/win/d.md"; g.names() != want {
		t.Errorf("the documents are %s, want %s", g.names(), want)
	}
	if g.files[0].Lines[0] != "# a" {
		t.Error("of two entries of one name the second was taken")
	}
	for name, want := range map[string]string{"manual.zip/up.md": "leads out", "manual.zip/etc/abs.md": "leads out", "manual.zip/C:/win/abs.md": "leads out",
		"manual.zip/broken.pdf": "no PDF", "manual.zip/a.md": "more than once", "manual.zip/empty.txt": "empty", "manual.zip/inner.zip/more.zip": "archive in an archive in an archive"} {
		if !strings.Contains(g.bad[name], want) {
			t.Errorf("%s: the problem is %q, want %q", name, g.bad[name], want)
		}
		delete(g.bad, name)
	}
	if len(g.bad) != 0 {
		t.Errorf("further problems: %v", g.bad)
	}
}

func TestArchiveNames(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.CreateHeader(&zip.FileHeader{Name: "opera\x87\xe4o.md", NonUTF8: true})
	_, _ = io.WriteString(w, "x")
	link := &zip.FileHeader{Name: "link.md"}
	link.SetMode(0o777 | 1<<27) // a symbolic link
	w, _ = z.CreateHeader(link)
	_, _ = io.WriteString(w, "/etc/passwd")
	_ = z.Close()
	g := read(t, "z.zip", b.Bytes(), extract.Limits{})
	if g.names() != "z.zip/operaçΣo.md" || !strings.Contains(g.bad["z.zip/link.md"], "link") {
		t.Errorf("documents %s, problems %v", g.names(), g.bad)
	}
}

// TestArchiveHostile holds that a hostile entry costs its own document only, and little memory.
func TestArchiveHostile(t *testing.T) {
	zeros := strings.Repeat("0", 12<<20)
	good := item{"zz.md", "# good"}
	for _, c := range []struct {
		name   string
		data   []byte
		limits extract.Limits
		where  string
		reason string
	}{
		{"one line that never ends", pack(t, item{"a.log", strings.Repeat("x", 40<<20)}, good), extract.Limits{}, "b.zip/a.log", "more than 200 times"},
		{"a long line that packs badly", pack(t, item{"a.log", strings.Repeat("x", 2<<20)}, good), extract.Limits{}, "b.zip/a.log", "line 1 has more than the 1 MB"},
		{"a bomb", pack(t, item{"a.html", zeros}, good), extract.Limits{}, "b.zip/a.html", "more than 200 times"},
		{"a bomb in an archive", pack(t, item{"a.zip", string(pack(t, item{"b.html", zeros}))}, good), extract.Limits{}, "b.zip/a.zip/b.html", "more than 200 times"},
		{"a size that lies", lie(pack(t, item{"a.log", strings.Repeat("line\n", 1<<20)}, good), 10), extract.Limits{}, "b.zip/a.log", "damaged"},
		{"damaged bytes", damage(pack(t, item{"a.md", strings.Repeat("some words, ", 999)}, good)), extract.Limits{}, "b.zip/a.md", "damaged"},
		{"more than all may have", pack(t, item{"a.txt", strings.Repeat("line\n", 1000)}, good), extract.Limits{ArchiveBytes: 4000}, "b.zip", "unpacks to more than"},
		{"more documents than allowed", pack(t, item{"a.txt", "a"}, item{"b.txt", "b"}, good), extract.Limits{ArchiveFiles: 1}, "b.zip", "more than the 1 documents"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g got
			if mb := allocated(func() { g = read(t, "b.zip", c.data, c.limits) }); mb > 200 {
				t.Errorf("%d MB were allocated", mb)
			}
			if !strings.Contains(g.bad[c.where], c.reason) || g.err != nil {
				t.Errorf("problems %v, error %v; want %q for %s", g.bad, g.err, c.reason, c.where)
			}
			if c.limits == (extract.Limits{}) && !strings.HasSuffix(g.names(), "zz.md") {
				t.Errorf("the good entry is lost: %s", g.names())
			}
		})
	}
}

// lie makes the first entry of the central directory say another unpacked size.
func lie(data []byte, size uint32) []byte {
	i := bytes.Index(data, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(data[i+24:], size)
	return data
}

func damage(data []byte) []byte {
	for i := 40; i < 60; i++ {
		data[i] ^= 0x5a
	}
	return data
}

// TestArchiveOverlap builds what bombs are made of: two entries over the same packed bytes.
func TestArchiveOverlap(t *testing.T) {
	data := pack(t, item{"a.txt", strings.Repeat("a", 500)}, item{"b.txt", "bbb"})
	first := bytes.Index(data, []byte("PK\x01\x02"))
	second := first + bytes.Index(data[first+4:], []byte("PK\x01\x02")) + 4
	copy(data[second+42:second+46], data[first+42:first+46]) // where the entry lies
	g := read(t, "o.zip", data, extract.Limits{})
	if g.names() != "o.zip/a.txt" || !strings.Contains(g.bad["o.zip/b.txt"], "shares its bytes") {
		t.Errorf("documents %s, problems %v, error %v", g.names(), g.bad, g.err)
	}
}

func TestArchiveOfNothing(t *testing.T) {
	for name, data := range map[string][]byte{"no documents": pack(t, item{"a.css", "x"}), "cut": pack(t, item{"a.md", "x"})[:40], "empty": pack(t)} {
		if g := read(t, "n.zip", data, extract.Limits{}); g.err == nil || len(g.files) > 0 {
			t.Errorf("%s: error %v, documents %s", name, g.err, g.names())
		}
	}
}

// TestStops holds that the caller's own error and the context end the reading at once.
func TestStops(t *testing.T) {
	data := pack(t, item{"a.md", "a"}, item{"b.md", "b"})
	mine, n := errors.New("enough"), 0
	err := extract.Read(context.Background(), "a.zip", data, extract.Limits{}, func(extract.File) error { n++; return mine }, func(string, string) {})
	if !errors.Is(err, mine) || n != 1 {
		t.Errorf("%v after %d documents", err, n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = extract.Read(ctx, "a.zip", data, extract.Limits{}, func(extract.File) error { cancel(); return nil }, func(string, string) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after the context is done: %v", err)
	}
}
