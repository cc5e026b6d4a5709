package joblog_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/joblog"
)

// TestContentWithItself: a program that is content with what it did explains no bad end; then the exit status is all there is.
func TestContentWithItself(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"all files processed\ndone. 0 errors, 0 warnings\n", "Exit Status"},
		{"todas as linhas processadas\nconcluído, 0 erros\n", "Exit Status"},
		{"everything is fine\n", "Exit Status"},
		{"pier 7 still holds 3 crates\nall files processed\n", "3 crates"},
		{"all files processed but two\n", "but two"},
	} {
		seg, ok := joblog.Parse(logOf(headerOf(7) + c.body + trailerOf(12))).Run(7)
		if !ok {
			t.Fatal("no run found")
		}
		rc := 12
		if f, ok := seg.Decisive(&rc); !ok || !strings.Contains(f.Line.Text, c.want) || f.Proves {
			t.Errorf("%q: line %q, proves %v; want a line with %q", c.body, f.Line.Text, f.Proves, c.want)
		}
	}
}
