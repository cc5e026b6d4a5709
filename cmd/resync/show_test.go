package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/tools"
)

// What an engine sends never reaches the terminal as a command, and an empty cell moves no column.
func TestTablesOfHostileRows(t *testing.T) {
	rc := 8
	rows := tools.Shown[tools.ShownJob]{Rows: []tools.ShownJob{
		{JobRow: tools.JobRow{Entity: "A#S.ONE", Name: "ONE", JobStream: "S", Workstation: "A", Status: "EXEC", Start: "2026-01-01T00:00:00Z", ReturnCode: &rc, JobNumber: 7}},
		{JobRow: tools.JobRow{Entity: "A#S.TWO", Name: "TWO", JobStream: "S", Workstation: "A", Status: "HO\x1b]0;owned\x07LD\u009b31m\u202e\tX\nY"}},
		{JobRow: tools.JobRow{Entity: "A#S.THREE", Name: "THREE", JobStream: "S", Workstation: "A", Status: "SUCC", Start: "2026-01-01T00:00:00Z", End: "2026-01-01T00:01:00Z", ReturnCode: &rc, JobNumber: 8}},
	}}
	var csv strings.Builder
	if err := writeShown(&csv, "csv", rows, jobTable); err != nil {
		t.Fatal(err)
	}
	page := &screen{}
	jobsText(page, rows, nil)
	for form, out := range map[string]string{"text": page.String(), "csv": csv.String()} {
		if strings.ContainsAny(out, "\x1b\x07\u009b\u202e\t\r") {
			t.Errorf("%s: control characters reach the terminal: %q", form, out)
		}
	}
	if n := strings.Count(csv.String(), "\n"); n != 4 {
		t.Errorf("csv: %d lines, want 4: %q", n, csv.String())
	}
	lines := strings.Split(strings.TrimRight(page.String(), "\n"), "\n")
	if len(lines) != 6 { // two of head, the stream, three jobs
		t.Fatalf("%d lines, want 6: %q", len(lines), lines)
	}
	column := strings.Index(lines[1], "Dependencies")
	for _, i := range []int{3, 5} {
		if strings.Index(lines[i], "#J") != column {
			t.Errorf("line %d is out of its columns:\n%s", i, page.String())
		}
	}
}

func TestRemarks(t *testing.T) {
	n := func(i int) *int { return &i }
	for name, tc := range map[string]struct {
		rows, limit int
		total       *int
		incomplete  bool
		want        string // "" for silence
	}{
		"all":                {10, 1000, n(10), false, ""},
		"all, nobody counts": {10, 1000, nil, false, ""},
		"limited":            {10, 10, n(12), false, "10 of 12 shown; --limit 0 shows all."},
		"limited, uncounted": {10, 10, nil, false, "10 shown, and there may be more; --limit 0 shows all."},
		"sent less":          {10, 1000, n(12), true, "the engine counts 12 and sent 10. rows may be missing"},
		"sent less to all":   {10, 0, nil, true, "rows may be missing"},
	} {
		got := strings.Join(remarks(tc.rows, tc.limit, tc.total, tc.incomplete), " ")
		if tc.want == "" && got != "" {
			t.Errorf("%s: %q, want silence", name, got)
		}
		for part := range strings.SplitSeq(tc.want, ". ") {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q does not say %q", name, got, part)
			}
		}
	}
}

func TestVisible(t *testing.T) {
	in := "a\x1b]0;owned\x07b\u009b31mc\u202ed\u00a0e\nf\tg \u65e5\u672c \u00e7\u00e3o\r"
	if got, want := visible(in), "a]0;ownedb31mcd e\nf\tg \u65e5\u672c \u00e7\u00e3o "; got != want {
		t.Errorf("visible = %q, want %q", got, want)
	}
}

// JSON keeps the engine's names to the letter, and still shows a terminal nothing that it would obey.
func TestJSONOfHostileRows(t *testing.T) {
	name := "A\u009b31m\u202e\u00a0\U000e0041 \u65e5\u672c"
	var out strings.Builder
	if err := writeShown(&out, "json", tools.Shown[tools.ShownJob]{Rows: []tools.ShownJob{{JobRow: tools.JobRow{Name: name}}}}, jobTable); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\u009b\u202e\U000e0041") || !strings.Contains(out.String(), "\u65e5\u672c") {
		t.Errorf("%q", out.String())
	}
	var back tools.Shown[tools.ShownJob]
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil || back.Rows[0].Name != name {
		t.Errorf("read back %+v, %v; want %q", back.Rows, err, name)
	}
}
