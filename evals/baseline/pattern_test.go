package baseline

import (
	"strings"
	"testing"
)

// The short way past a pattern must not lead past a line that fits it.
func FuzzPatterns(f *testing.F) {
	for _, line := range []string{"ORA-28000: the account is locked", "NO SPACE LEFT ON DEVICE", "HTTP/1.1 503", "load ^DATE^", "x.lck", "0 errors, 0 rejected", "retry 2 ... ok",
		"Killed", "run.sh: Permission denied", "erro: falhou", "line 34: 22114 Killed java", "rc=12", "Out of memory: Killed process 1"} {
		f.Add(line)
	}
	c, err := signs()
	if err != nil {
		f.Fatal(err)
	}
	all := append([]pattern{}, c.Passes...)
	for _, r := range c.Rules {
		all = append(all, r.Lines...)
	}
	for _, e := range c.Ends {
		all = append(all, e.Line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsRune(line, 'ſ') {
			return // the one small letter that a pattern takes for another, s
		}
		for _, p := range all {
			if full, short := p.re.MatchString(line), p.fits(logLine{line, strings.ToLower(line)}); full != short {
				t.Errorf("%s fits %q: %v, by the short way %v (%q)", p.re, line, full, short, p.some)
			}
		}
	})
}
