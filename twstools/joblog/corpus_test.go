package joblog_test

import (
	"os"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/twstools/joblog"
)

// invented is a log of the corpus and what its reader should find.
type invented struct {
	Name, Line, Kind, Holder, Log string
	RC                            int
}

func TestLogsOfManyTools(t *testing.T) {
	raw, err := os.ReadFile("testdata/logs.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []invented
	if err := yaml.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 30 {
		t.Errorf("%d logs, want at least 30", len(all))
	}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			seg, ok := joblog.Parse(logOf(c.Log)).Run(0)
			if !ok {
				t.Fatal("no run found")
			}
			f, ok := seg.Decisive(&c.RC)
			if !ok || !strings.Contains(f.Line.Text, c.Line) || f.Kind != c.Kind {
				t.Errorf("line %d %q, kind %s by %q; want a line with %q, kind %s", f.Line.N, f.Line.Text, f.Kind, f.Signature, c.Line, c.Kind)
			}
			if f.Holder.String() != c.Holder {
				t.Errorf("holder %q by %q, want %q", f.Holder, f.HolderLine.Text, c.Holder)
			}
		})
	}
}

// In a run that ended well a line counts only if it was not recovered from, and not called harmless.
func TestSwallowed(t *testing.T) {
	for _, c := range []struct{ name, log, want string }{
		{"passed-over", "fills work table\nORA-00942: table or view does not exist\n0 rows kept\nstatistics of the work table\nstep ended with 0", "ORA-00942"},
		{"tried-again", "attempt 1 of 3: curl: (7) Connection refused\nattempt 2 of 3\nconnected\n4 files fetched\nend", ""},
		{"retried-and-well-much-later", "curl: (7) Connection refused, will retry\nwaiting 60 s\npage 1\npage 2\npage 3\npage 4\nend", ""},
		{"called-a-warning", "WARNING: ORA-00942: table or view does not exist\nrows kept: 12\nend", ""},
		{"called-ignored", "ORA-00942: table or view does not exist (ignored)\nrows kept: 12\nend", ""},
		{"quoted", "+ grep -c 'ORA-00942' old.log\nknown errors of this step: ORA-00942\nend", ""},
		{"cut-transfer", "get day.zip\ncurl: (18) transfer closed with 4711 bytes remaining to read\nday.zip handed on\nend", "curl: (18)"},
		{"asked-again-and-served", "> POST https://api.example/v2/day\n< HTTP/2 503, warming up\na nap of 20 s\n> POST https://api.example/v2/day\n< HTTP/2 201, id 4711\nend", ""},
		{"another-was-served", "> POST https://api.example/v2/day\n< HTTP/2 503, warming up\n> POST https://log.example/v1/line\n< HTTP/2 201, id 4711\nend", "503"},
		{"all-well", "4 files fetched\n0 errors\nend", ""},
		{"only-prose", "part 4 was difficult\nerror rate 0.2 %\nend", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			seg, _ := joblog.Parse(logOf(c.log)).Run(0)
			got := ""
			if f, ok := seg.Swallowed(); ok {
				got = f.Line.Text
			}
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("Swallowed = %q, want %q", got, c.want)
			}
		})
	}
}

func TestShortEnds(t *testing.T) {
	raw, err := os.ReadFile("testdata/lines.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []invented
	if err := yaml.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Errorf("%d ends, want at least 50", len(all))
	}
	for _, c := range all {
		seg, ok := joblog.Parse(logOf(c.Log)).Run(0)
		if !ok {
			t.Errorf("%q: no run found", c.Log)
			continue
		}
		if f, _ := seg.Decisive(&c.RC); f.Kind != c.Kind {
			t.Errorf("%q, return code %d: kind %s by %q, want %s", c.Log, c.RC, f.Kind, f.Signature, c.Kind)
		}
	}
}
