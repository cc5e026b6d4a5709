package record_test

import (
	"archive/zip"
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/record"
	"github.com/resync-hwa/resync/twstools/world"
)

// unzipped gives the bytes of all files of a capsule.
func unzipped(t *testing.T, raw []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(raw)
		_ = r.Close()
	}
	return b.String()
}

// ofTheProduct are names that every plant has and that redaction keeps.
var ofTheProduct = map[string]bool{"FINAL": true, "FINALPOSTREPORTS": true, "STARTAPPSERVER": true, "MAKEPLAN": true, "SWITCHPLAN": true, "CHECKSYNC": true, "CREATEPOSTREPORTS": true,
	"UPDATESTATS": true, "MASTERDM": true, "oracle": true}

// plantNames are the names of a world, each once.
func plantNames(w *world.World) map[string]bool {
	out := map[string]bool{}
	add := func(names ...string) {
		for _, n := range names {
			if n != "" && !ofTheProduct[n] {
				out[n] = true
			}
		}
	}
	for _, x := range w.Workstations {
		add(x.Name, x.Node, x.Domain)
	}
	for _, x := range w.JobStreams {
		add(x.Name, x.ServiceName, x.ServiceContact, x.InternalID)
	}
	for _, x := range w.Jobs {
		add(x.Name)
		add(x.Definition.UserLogins...)
		for _, r := range x.Runs {
			add(r.ID)
		}
	}
	for _, x := range w.Resources {
		add(x.Name)
	}
	for _, x := range w.Prompts {
		add(x.Name)
	}
	return out
}

// wordAt finds a whole word; -1 for none.
func wordAt(text, word string) int {
	inWord := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(word)
		if (at == 0 || !inWord(text[at-1])) && (end == len(text) || !inWord(text[end])) {
			return at
		}
		from = at + 1
	}
}

// No name of the demo is left in any file of its capsule, in any case of letters.
func TestNothingLeaks(t *testing.T) {
	swept(t)
	w := demo(t)
	text := unzipped(t, written(t, capture(t, w, record.Options{Redactor: redactor(t, keyA)})))
	names := plantNames(w)
	for _, more := range []string{"farol", "CLMPRD", "CLM_BATCH", "claims-batch@farol.example", "DWHPRD", `FAROL\\svc_print`, "svc_print", "clm_reserve.sh", "/opt/claims"} {
		names[more] = true
	}
	if len(names) < 350 {
		t.Fatalf("only %d names: the test would hold over nothing", len(names))
	}
	lowered := strings.ToLower(text)
	for n := range names {
		if at := wordAt(text, n); at >= 0 {
			t.Errorf("%q is in the capsule: …%s…", n, text[max(0, at-60):min(len(text), at+60)])
		}
		if at := wordAt(lowered, strings.ToLower(n)); at >= 0 && n != "ARCHIVE" { // in small letters that is prose: "images for the archive"
			t.Errorf("%q is in the capsule, in other letters: …%s…", n, text[max(0, at-60):min(len(text), at+60)])
		}
	}
	for _, stays := range []string{"ORA-28001: the password has expired", "AWSBIS307I", "Exit Status", "ABEND"} {
		if !strings.Contains(text, stays) {
			t.Errorf("%q did not survive", stays)
		}
	}
}

func TestBytesDependOnContentAndKeyAlone(t *testing.T) {
	w := demo(t)
	roots := []record.Root{{Selection: "@#CLMEOD"}}
	one := written(t, capture(t, w, record.Options{Redactor: redactor(t, keyA), Roots: roots}))
	two := written(t, capture(t, w, record.Options{Redactor: redactor(t, keyA), Roots: roots}))
	if !bytes.Equal(one, two) {
		t.Error("the same plan and key give other bytes")
	}
	all := read(t, written(t, capture(t, w, record.Options{Redactor: redactor(t, keyA), Archives: -1, Logs: record.LogPolicy{None: true}})))
	slice, other := read(t, one), read(t, written(t, capture(t, w, record.Options{Redactor: redactor(t, keyB), Roots: roots})))
	in := map[string]bool{}
	for _, s := range all.World().JobStreams {
		in[s.Name] = true
	}
	for i, s := range slice.World().JobStreams {
		if !in[s.Name] {
			t.Errorf("%s is not called so in a larger capture with the same key", s.Name)
		}
		if o := other.World().JobStreams[i].Name; o == s.Name && !ofTheProduct[o] {
			t.Errorf("two keys give one name %s", o)
		}
	}
	if slice.Manifest.Key == other.Manifest.Key || slice.Manifest.Key != all.Manifest.Key {
		t.Errorf("keys are told as %s, %s, %s", slice.Manifest.Key, other.Manifest.Key, all.Manifest.Key)
	}
}

// A name keeps its shape: length, case, digits, separators, and the family that it begins with.
func TestNamesKeepTheirShape(t *testing.T) {
	w := demo(t)
	got := capture(t, w, record.Options{Redactor: redactor(t, keyA), Archives: -1, Logs: record.LogPolicy{None: true}}).World
	families := map[string]string{}
	seen := map[string]string{}
	for i, j := range w.Jobs {
		o := got.Jobs[i]
		if len(o.Name) != len(j.Name) || strings.Count(o.Name, "_") != strings.Count(j.Name, "_") {
			t.Errorf("%s became %s", j.Name, o.Name)
		}
		if was, ok := seen[o.Name]; ok && was != j.Name {
			t.Errorf("%s and %s became %s", was, j.Name, o.Name)
		}
		seen[o.Name] = j.Name
		family, _, _ := strings.Cut(j.Name, "_")
		renamed, _, _ := strings.Cut(o.Name, "_")
		if was, ok := families[family]; ok && was != renamed {
			t.Errorf("the family %s became %s and %s", family, was, renamed)
		}
		families[family] = renamed
		if o.StreamRef.ID == j.StreamRef.ID || o.Runs != nil && o.Runs[0].JobNumber != j.Runs[0].JobNumber {
			t.Errorf("%s keeps its id, or loses its number", j.Name)
		}
	}
}

func TestText(t *testing.T) {
	r := redactor(t, keyA)
	w := demo(t)
	capture(t, w, record.Options{Redactor: r, Archives: -1, Depth: -1, Roots: []record.Root{{Selection: "@#CLMEOD"}}})
	for _, c := range []struct{ name, in, want string }{ // want is a pattern
		{"mail", "sent to maria.souza@banco.com.br.", `^sent to [a-z]{5}\.[a-z]{5}@[a-z]{5}\.com\.br\.$`},
		{"ip", "host 10.20.30.40 refused", `^host \d+\.\d+\.\d+\.\d+ refused$`},
		{"version is no ip", "Release 19.0.0.0.0 - Production", `^Release 19\.0\.0\.0\.0 - Production$`},
		{"clock is no ip", "03:04:05 started", `^03:04:05 started$`},
		{"loopback", "connect 127.0.0.1:31111", `^connect 127\.0\.0\.1:31111$`},
		{"ip6", "peer fe80::1ff:fe23:4567:890a up", `^peer fd[0-9a-f:]+ up$`},
		{"url", "GET https://api.bank.com:8443/pix/v2/maria?cpf=x", `^GET https://[a-z]{3}\.[a-z]{4}\.com:8443/[a-z]{3}/[a-z]2/[a-z]{5}\?[a-z]{3}=[a-z]$`},
		{"cpf", "cliente 529.982.247-25 negado", `^cliente \d{3}\.\d{3}\.\d{3}-\d{2} negado$`},
		{"no cpf", "cliente 529.982.247-26 negado", `^cliente 529\.982\.247-26 negado$`},
		{"cnpj", "fornecedor 11.222.333/0001-81", `^fornecedor \d\d\.\d{3}\.\d{3}/\d{4}-\d\d$`},
		{"card", "card 4111 1111 1111 1111 declined", `^card \d{4} \d{4} \d{4} \d{4} declined$`},
		{"iban", "to PT50000201231234567890154", `^to PT\d{23}$`},
		{"unix path", "cannot open /opt/acme/in/clients.csv: No such file or directory", `^cannot open /opt/[a-z]{4}/in/[a-z]{7}\.csv: No such file or directory$`},
		{"windows path", `The system cannot find the file D:\acme\in\x1.dat`, `^The system cannot find the file [A-Z]:\\[a-z]{4}\\in\\[a-z]1\.dat$`},
		{"fraction", "chunk 20/185, 61 widgets/s", `^chunk 20/185, 61 widgets/s$`},
		{"oracle", "ORA-12541: TNS:no listener", `^ORA-12541: TNS:no listener$`},
		{"secret", "sqlplus scott/tiger@PAYPRD", `^sqlplus [a-z]{5}/\*\*\*@[A-Z]{6}$`},
		{"key", "using AKIAIOSFODNN7EXAMPLE now", `^using \*\*\* now$`},
		{"job", "waiting for clm_reserve and CLM_RESERVE.", `^waiting for [a-z]{3}_[a-z]{7} and [A-Z]{3}_[A-Z]{7}\.$`},
		{"trailer", "= Exit Status           : 1", `^= Exit Status           : 1$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := r.Text(c.in)
			if !regexp.MustCompile(c.want).MatchString(got) {
				t.Errorf("%q became %q, want %s", c.in, got, c.want)
			}
			if strings.Contains(c.want, `\d{3}`) && got == c.in && !strings.HasPrefix(c.name, "no ") {
				t.Errorf("%q stayed", c.in)
			}
		})
	}
}

func TestSecretInANameFailsHard(t *testing.T) {
	w := demo(t)
	w.Jobs[0].Name = "AKIAIOSFODNN7EXAMPLE"
	_, err := record.Capture(t.Context(), world.Engine(w, world.Options{}), record.Options{Now: clock})
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("Capture = %v", err)
	}
}

func TestPolicy(t *testing.T) {
	for _, bad := range []string{"names: 3", "other: [x]", "patterns: [{kind: account, match: '('}]", "patterns: [{kind: account, match: 'x*'}]"} {
		if _, err := record.ParsePolicy([]byte(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParsePolicy(%s) = %v", bad, err)
		}
	}
	p, err := record.ParsePolicy([]byte("keep: [GEMINI]\nnames: [Atlantis]\npatterns: [{kind: account, match: 'acct (\\w+)'}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.NewRedactor(keyA, p)
	if err != nil {
		t.Fatal(err)
	}
	got := r.Text("gemini at atlantis, acct AB12")
	if !regexp.MustCompile(`^gemini at [a-z]{8}, acct [A-Z]{2}\d{2}$`).MatchString(got) || strings.Contains(got, "atlantis") || strings.Contains(got, "AB12") {
		t.Errorf("Text = %q", got)
	}
	if _, err := record.NewRedactor([]byte("short"), p); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short key = %v", err)
	}
}
