package untrusted_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// bodyLine is what a line of a private key looks like; it is of no key.
const bodyLine = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"

func TestMaskOfCommandsAndFiles(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"curl", "+ curl -sS -u bob:hunter http://h/x", "+ curl -sS -u bob:*** http://h/x"},
		{"curl-long", "curl --user bob:hunter -o f h", "curl --user bob:*** -o f h"},
		{"curl-joined", "curl -su'bob:hunter' h", "curl -su'bob:***' h"},
		{"sshpass", "sshpass -p hunter ssh -p 22 bob@h", "sshpass -p *** ssh -p 22 bob@h"},
		{"sshpass-joined", "sshpass -phunter sftp h", "sshpass -p*** sftp h"},
		{"sshpass-quoted", "sshpass -p 'hun ter' sftp h", "sshpass -p *** sftp h"},
		{"mysql", "mysql -h db -u app -phunter -P 3306 base", "mysql -h db -u app -p*** -P 3306 base"},
		{"mysqldump", "/usr/bin/mysqldump -phunter base", "/usr/bin/mysqldump -p*** base"},
		{"element", "<user>bob</user><password>hunter</password>", "<user>bob</user><password>***</password>"},
		{"element-prefixed", `<db:adminPassword enc="no">hunter</db:adminPassword>`, `<db:adminPassword enc="no">***</db:adminPassword>`},
		{"json", `{"user":"bob","password":"hunter"}`, `{"user":"bob","password":"***"}`},
		{"jdbc", "url jdbc:oracle:thin:scott/tiger@//db:1521/PRD", "url jdbc:oracle:thin:scott/***@//db:1521/PRD"},
		{"github", "clone with ghp_0123456789abcdefABCDEF0123456789abcd now", "clone with *** now"},
		{"gitlab", "PRIVATE-TOKEN glpat-abcDEF0123456789wxyz", "PRIVATE-TOKEN ***"},
		{"slack", "xoxb-123456789012-abcdefABCDEF", "***"},
		{"aws-pair", "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "***"},
		{"aws-named", "aws_secret_access_key: wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key: ***"},
		{"pem-in-one-text", "a -----BEGIN RSA PRIVATE KEY-----\n" + bodyLine + "\nQ0==\n-----END RSA PRIVATE KEY----- b", "a -----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY----- b"},
		{"pem-line-alone", "  " + bodyLine + " ", "***"},
		// near misses
		{"ssh-port", "ssh -p 22 bob@h", "ssh -p 22 bob@h"},
		{"mysql-asks", "mysql -u app -p base", "mysql -u app -p base"},
		{"mysql-port", "mysql -P 3306 --protocol tcp", "mysql -P 3306 --protocol tcp"},
		{"sshpass-by-file", "sshpass -f /run/pw ssh h", "sshpass -f /run/pw ssh h"},
		{"user-and-port", "connected app@db:1521 user:8080", "connected app@db:1521 user:8080"},
		{"owner", "chown -u app:staff f", "chown -u app:staff f"},
		{"curl-user-alone", "curl -u bob http://h:80/x", "curl -u bob http://h:80/x"},
		{"policy-element", "<passwordPolicy>strong</passwordPolicy>", "<passwordPolicy>strong</passwordPolicy>"},
		{"jdbc-without-user", "jdbc:oracle:thin:@//db:1521/PRD", "jdbc:oracle:thin:@//db:1521/PRD"},
		{"digest", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"public-key-mark", "-----BEGIN PUBLIC KEY----- text", "-----BEGIN PUBLIC KEY----- text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := untrusted.Normalize(c.in); got != c.want {
				t.Errorf("Normalize(%q) = %q, want %q", c.in, got, c.want)
			}
			for _, text := range []string{c.in, strings.ToUpper(c.in), "job said: " + c.in, c.in + ", twice " + c.in} {
				if got, want := untrusted.Normalize(text), untrusted.ByTheBook(text); got != want {
					t.Errorf("the short cut gives %q of %q, all steps give %q", got, text, want)
				}
			}
		})
	}
}

// Texts put together of the pieces of secrets and of what stands around them are the same by the short cuts and by all steps.
func TestShortCutsChangeNothing(t *testing.T) {
	pieces := strings.Split("password|PassWord|senha|token|api_key|client_secret|=|:|-|--|/|@|://|<|>|</|\"|'| |  |\t|,|;|x9|hunter|0123456789abcdef|ghp_|GHP_|github_pat_|glpat-|xoxb-|AKIAIOSFODNN7EXAMPLE|eyJ|eyJhbGciOiJIUzI1|.|"+
		"Bearer|basic|BA\u017fIC|identified|IDENTIFIED|by|jdbc:oracle:thin:|sqlplus|conn|curl|-u|--user|sshpass|-p|mysql|mariadb-dump|to\u212aen|WS#STREAM[(0200 03/17/26)].JOB|http", "|")
	rng := rand.New(rand.NewPCG(8, 26)) //nolint:gosec // the same texts at each run
	masked := 0
	for range 20_000 {
		var b strings.Builder
		for range 1 + rng.IntN(9) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		got, want := untrusted.Normalize(b.String()), untrusted.ByTheBook(b.String())
		if got != want {
			t.Fatalf("the short cut gives %q of %q, all steps give %q", got, b.String(), want)
		}
		if strings.Contains(got, "***") {
			masked++
		}
	}
	if masked < 200 {
		t.Errorf("only %d texts had a secret: they try nothing", masked)
	}
}

// BenchmarkNormalize is one name, as most texts are.
func BenchmarkNormalize(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		untrusted.Normalize("LXPAY01#PAYEXT[(0200 03/17/26)].PAY_LOAD")
	}
}

// TestHideKeys: the lines of a log arrive one by one, and a window may begin or end inside a key (RFC 7468).
func TestHideKeys(t *testing.T) {
	begin, end := "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
	short := bodyLine[:44]
	for _, c := range []struct {
		name     string
		in, want []string
	}{
		{"whole", []string{"a", begin, short, "Q0abc==", end, short}, []string{"a", begin, "***", "***", end, short}},
		{"begun-before", []string{short, "Q0==", end, "b"}, []string{"***", "***", end, "b"}},
		{"ends-later", []string{begin, short, short}, []string{begin, "***", "***"}},
		{"stamped", []string{"09:00 " + begin, "09:00 " + short, "09:00 " + end}, []string{"09:00 " + begin, "09:00 ***", "09:00 " + end}},
		{"other-words-between", []string{begin, "ERROR disk full", short}, []string{begin, "ERROR disk full", "***"}},
		{"no-key", []string{short, "done", "-----END CERTIFICATE-----"}, []string{short, "done", "-----END CERTIFICATE-----"}},
		{"words-before-an-end-alone", []string{short, "all done", end}, []string{short, "all done", end}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := slices.Clone(c.in)
			untrusted.HideKeys(len(got), func(i int) *string { return &got[i] })
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %s\nwant %s", strings.Join(got, " | "), strings.Join(c.want, " | "))
			}
		})
	}
}

func FuzzHideKeys(f *testing.F) {
	f.Add("a\n-----BEGIN PRIVATE KEY-----\n" + bodyLine + "\n-----END PRIVATE KEY-----\nb")
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		untrusted.HideKeys(len(lines), func(i int) *string { return &lines[i] })
		again := slices.Clone(lines)
		untrusted.HideKeys(len(again), func(i int) *string { return &again[i] })
		if !slices.Equal(lines, again) {
			t.Errorf("not idempotent: %q then %q", lines, again)
		}
		if !strings.Contains(s, "PRIVATE KEY") && strings.Join(lines, "\n") != s {
			t.Errorf("%q changed without a key", s)
		}
	})
}
