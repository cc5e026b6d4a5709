package record_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/record"
	"github.com/resync-hwa/resync/twstools/world"
)

type entry struct{ name, text string }

func zipped(t testing.TB, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := z.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func entriesOf(t testing.TB, raw []byte) []entry {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out []entry
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		out = append(out, entry{f.Name, string(text)})
	}
	return out
}

func small(t *testing.T) []byte {
	t.Helper()
	return written(t, capture(t, enginetest.World(t), record.Options{}))
}

// What is no capsule, or was tampered with, is a coded error and never a panic.
func TestHostileCapsules(t *testing.T) {
	good := entriesOf(t, small(t))
	change := func(name string, f func(string) string) []entry {
		out := append([]entry{}, good...)
		for i := range out {
			if out[i].name == name {
				out[i].text = f(out[i].text)
			}
		}
		return out
	}
	for _, c := range []struct {
		name    string
		entries []entry
		code    fault.Code
		says    string
	}{
		{"unchanged", good, "", ""},
		{"newer version", change("manifest.json", func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 2`, 1) }), fault.Unsupported, "version 2"},
		{"another format", change("manifest.json", func(s string) string { return strings.Replace(s, "resync.capsule", "other", 1) }), fault.Invalid, "manifest"},
		{"unknown key", change("manifest.json", func(s string) string { return strings.Replace(s, `"roots"`, `"rooots"`, 1) }), fault.Invalid, "manifest"},
		{"changed world", change("world.json", func(s string) string { return strings.Replace(s, "ABEND", "SUCC", 1) }), fault.Invalid, "changed after"},
		{"changed review", change("CAPSULE.review.md", func(s string) string { return s + "fine" }), fault.Invalid, "changed after"},
		{"broken manifest", change("manifest.json", func(string) string { return "{" }), fault.Invalid, "manifest"},
		{"forged signature", change("manifest.json", func(s string) string {
			return strings.Replace(s, `"failures"`, `"signed_by": "Eve", "signed_at": "2026-03-17T00:00:00Z", "seal": "00", "failures"`, 1)
		}), fault.Invalid, "signature"},
		{"missing file", good[:3], fault.Invalid, "holds 3 files"},
		{"path out", append(append([]entry{}, good[:3]...), entry{"../../etc/passwd", "x"}), fault.Invalid, "does not belong"},
		{"twice", append(append([]entry{}, good[:3]...), good[0]), fault.Invalid, "does not belong"},
		{"bomb", change("manifest.json", func(string) string { return strings.Repeat(" ", 5<<20) }), fault.Invalid, "more than 4 MB"},
		{"deep", change("manifest.json", func(string) string { return strings.Repeat("[", 1<<20) }), fault.Invalid, "manifest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := zipped(t, c.entries)
			_, err := record.Read(bytes.NewReader(raw), int64(len(raw)))
			if fault.CodeOf(err) != c.code || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("Read = %v, want %s with %q", err, c.code, c.says)
			}
		})
	}
	if _, err := record.Read(strings.NewReader("no zip"), 6); !fault.Is(err, fault.Invalid) {
		t.Errorf("no zip = %v", err)
	}
	if _, err := record.Open(t.TempDir()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a folder = %v", err)
	}
}

func TestSaveAndSign(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.capsule")
	c := capture(t, enginetest.World(t), record.Options{Redactor: redactor(t, keyA)})
	if err := c.Save(file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := c.Save(file); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second Save = %v", err)
	}
	if _, err := record.Sign(file, "", now); !fault.Is(err, fault.Invalid) {
		t.Errorf("a signature without a name = %v", err)
	}
	m, err := record.Sign(file, "Ana", now)
	if err != nil || m.SignedBy != "Ana" || m.Seal == "" {
		t.Fatalf("Sign = %+v, %v", m, err)
	}
	o, err := record.Open(file)
	if err != nil || !o.Signed() || o.Review() != c.Review() {
		t.Errorf("Open = %v", err)
	}
	if _, err := record.Sign(file, "Bob", now); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second signature = %v", err)
	}
}

// A long log keeps its beginning, its end and what surrounds trouble, under the numbers that the lines had.
func TestLongLog(t *testing.T) {
	w := enginetest.World(t)
	var id string
	for _, j := range w.Jobs {
		if j.Name == "D2" {
			id = j.Runs[0].ID
		}
	}
	var b strings.Builder
	for i := range 60_000 {
		text := fmt.Sprintf("row %d done", i+1)
		if i+1 == 30_000 {
			text = "ORA-01653: unable to extend table"
		}
		b.WriteString(text + "\n")
	}
	l := w.Logs[id]
	before := strings.Count(l.Header, "\n")
	l.Body = b.String()
	w.Logs[id] = l
	c := read(t, written(t, capture(t, w, record.Options{})))
	got, err := c.WorldEngine("").Logs(t.Context(), twstools.LogQuery{RunID: id})
	if err != nil {
		t.Fatal(err)
	}
	at := before + 30_000
	if got.Lines[at-1].Text != "ORA-01653: unable to extend table" || got.Lines[at-5].Text != "row 29996 done" {
		t.Errorf("line %d is %q, %q", at, got.Lines[at-1].Text, got.Lines[at-5].Text)
	}
	if last := got.Lines[len(got.Lines)-1].Text; !strings.HasPrefix(last, "====") || got.Lines[0].Text != last {
		t.Errorf("the log ends with %q", last)
	}
	size, gaps := 0, 0
	for _, x := range got.Lines {
		size += len(x.Text)
		if strings.HasPrefix(x.Text, "[not recorded: lines ") {
			gaps++
		}
	}
	if size > 256<<10 || size < 64<<10 || gaps == 0 {
		t.Errorf("%d bytes were kept, with %d gaps", size, gaps)
	}
	if ds, err := record.Verify(t.Context(), c); err != nil || len(ds) > 0 {
		t.Errorf("Verify = %v, %v", ds, err)
	}
}

// FuzzRead feeds broken capsules: four files of any content, and bytes that are no zip.
func FuzzRead(f *testing.F) {
	w := &world.World{AsOf: now}
	raw, err := json.Marshal(w)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"format":"resync.capsule","version":1}`), raw, []byte(`{"op":"Info","args":{}}`), []byte("x"))
	f.Add([]byte(`{"format":"resync.capsule","version":9}`), []byte("null"), []byte("\n\n"), []byte(""))
	f.Fuzz(func(t *testing.T, manifest, plan, transcript, review []byte) {
		b := zipped(t, []entry{{"manifest.json", string(manifest)}, {"CAPSULE.review.md", string(review)}, {"world.json", string(plan)}, {"transcript.jsonl", string(transcript)}})
		for _, raw := range [][]byte{b, manifest} {
			c, err := record.Read(bytes.NewReader(raw), int64(len(raw)))
			if err != nil && (fault.Is(err, fault.Internal) || c != nil) {
				t.Errorf("Read = %v, %v", c, err)
			}
		}
	})
}

// FuzzText holds that redaction is total: no panic, no secret left, the same answer twice, and known names gone.
func FuzzText(f *testing.F) {
	f.Add("CLM_RESERVE on 10.1.2.3 as svc_x, password=Tiger1 /opt/a/b.sh C:\\x\\y u@h.com 529.982.247-25 ::1 https://u:p@h/x?y=z")
	f.Add("\x00\xff clm_reserve.CLM_RESERVE/CLM_RESERVE ação 0AAAAAAAAAAACQ3T")
	r, err := record.NewRedactor(keyA, record.Policy{Names: []string{"CLM_RESERVE", "PAYDAY", "Ação"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := r.Text(s)
		if again := r.Text(s); again != out {
			t.Errorf("%q is %q, then %q", s, out, again)
		}
		if strings.Count(out, "\n") != strings.Count(s, "\n") {
			t.Errorf("%q has other lines than %q", out, s)
		}
		if wordAt(strings.ToUpper(out), "PAYDAY") >= 0 && wordAt(strings.ToUpper(s), "PAYDAY") >= 0 {
			t.Errorf("%q became %q", s, out)
		}
	})
}
