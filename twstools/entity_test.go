package twstools_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

func TestParseEntity(t *testing.T) {
	lisbon := time.FixedZone("-03", -3*3600)
	at := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		want twstools.Entity
	}{
		{"WS1#PAY[(0200 03/17/26)].LOAD", twstools.Entity{Type: twstools.EntityJob, Workstation: "WS1", Stream: "PAY", Job: "LOAD", Sched: at}},
		{"WS1#PAY(0200 03/17/26).LOAD", twstools.Entity{Type: twstools.EntityJob, Workstation: "WS1", Stream: "PAY", Job: "LOAD", Sched: at}},
		{"WS1#PAY[(0200 03/17/26),(0AAAAAAAAAAAACQ3)].LOAD", twstools.Entity{Type: twstools.EntityJob, Workstation: "WS1", Stream: "PAY", Job: "LOAD", Sched: at, JobStreamID: "0AAAAAAAAAAAACQ3", ShowID: true}},
		{"WS1#0AAAAAAAAAAAACQ3.LOAD;schedid", twstools.Entity{Type: twstools.EntityJob, Workstation: "WS1", JobStreamID: "0AAAAAAAAAAAACQ3", Job: "LOAD"}},
		{"WS1#PAY.LOAD", twstools.Entity{Type: twstools.EntityJob, Workstation: "WS1", Stream: "PAY", Job: "LOAD"}},
		{"PAY.LOAD", twstools.Entity{Type: twstools.EntityJob, Stream: "PAY", Job: "LOAD"}},
		{"WS1#PAY", twstools.Entity{Type: twstools.EntityJobStream, Workstation: "WS1", Stream: "PAY"}},
		{"/PROD/WS1#/NIGHT/PAY.LOAD", twstools.Entity{Type: twstools.EntityJob, Workstation: "/PROD/WS1", Folder: "/NIGHT", Stream: "PAY", Job: "LOAD"}},
		{"/WS1#PAY.LOAD", twstools.Entity{Type: twstools.EntityJob, Workstation: "WS1", Stream: "PAY", Job: "LOAD"}},
		{"#J881204", twstools.Entity{Type: twstools.EntityJobNumber, JobNumber: 881204}},
		{"WS1#J881204", twstools.Entity{Type: twstools.EntityJobNumber, Workstation: "WS1", JobNumber: 881204}},
		{"`PAY_LOAD`?", twstools.Entity{Type: twstools.EntityName, Name: "PAY_LOAD"}},
		{"WS1#/in/acq/20260316.ok", twstools.Entity{Type: twstools.EntityFile, Workstation: "WS1", Name: "/in/acq/20260316.ok"}},
		{`WS1#C:\in\a.dat`, twstools.Entity{Type: twstools.EntityFile, Workstation: "WS1", Name: `C:\in\a.dat`}},
		{"db:PAYPRD", twstools.Entity{Type: twstools.EntityDB, Name: "PAYPRD"}},
	} {
		got, err := twstools.ParseEntity(c.text, lisbon)
		if err != nil || got != c.want {
			t.Errorf("ParseEntity(%q) = %+v, %v; want %+v", c.text, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "   ", "the ledger posting", "?!"} {
		if e, err := twstools.ParseEntity(bad, nil); err == nil {
			t.Errorf("ParseEntity(%q) = %+v, want an error", bad, e)
		}
	}
}

func TestEntityString(t *testing.T) {
	at := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	zone := time.FixedZone("-03", -3*3600)
	for want, e := range map[string]twstools.Entity{
		"WS1#PAY[(0200 03/17/26)].LOAD":               {Type: twstools.EntityJob, Workstation: "WS1", Stream: "PAY", Job: "LOAD", Sched: at, JobStreamID: "0AAAAAAAAAAAACQ3"},
		"WS1#PAY[(0200 03/17/26),(0AAAAAAAAAAAACQ3)]": {Type: twstools.EntityJobStream, Workstation: "WS1", Stream: "PAY", Sched: at, JobStreamID: "0AAAAAAAAAAAACQ3", ShowID: true},
		"/PROD/WS1#/NIGHT/PAY":                        {Type: twstools.EntityJobStream, Workstation: "/PROD/WS1", Folder: "/NIGHT", Stream: "PAY"},
		"WS1#CRANE":                                   {Type: twstools.EntityResource, Workstation: "WS1", Name: "CRANE"},
		"#7":                                          twstools.PromptEntity("", "", ptr(7)),
		"GOLIVE":                                      twstools.PromptEntity("/", "GOLIVE", ptr(7)),
		"WS1#/in/a.ok":                                {Type: twstools.EntityFile, Workstation: "WS1", Name: "/in/a.ok"},
		"host:db1":                                    {Type: twstools.EntityHost, Name: "db1"},
	} {
		if got := e.String(zone); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
}

// FuzzEntity holds that reading what was printed gives the same text again, for jobs and streams with ordinary names.
func FuzzEntity(f *testing.F) {
	f.Add("WS1", "PAY", "LOAD", "0AAAAAAAAAAAACQ3", int64(1773723600))
	f.Fuzz(func(t *testing.T, ws, stream, job, id string, unix int64) {
		ordinary := func(s string, most int) bool {
			return s != "" && len(s) <= most && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
		}
		if !ordinary(ws, 16) || !ordinary(stream, 16) || !ordinary(job, 40) || len(id) != 16 || !ordinary(id, 16) || strings.Contains(id, "_") || unix < 0 || unix > 4e9 || strings.HasPrefix(stream, "0A") {
			return
		}
		if strings.HasPrefix(stream, "J") && strings.Trim(stream[1:], "0123456789") == "" {
			return // conman's own ambiguity: WS#J12 is a job number
		}
		e := twstools.Entity{Type: twstools.EntityJob, Workstation: ws, Stream: stream, Job: job, JobStreamID: id, Sched: time.Unix(unix, 0).UTC().Truncate(time.Minute), ShowID: true}
		text := e.String(time.UTC)
		got, err := twstools.ParseEntity(text, time.UTC)
		if err != nil || got.String(time.UTC) != text {
			t.Errorf("%q reads as %q (%v)", text, got.String(time.UTC), err)
		}
	})
}

// FuzzParseEntity holds that nothing typed makes it panic.
func FuzzParseEntity(f *testing.F) {
	for _, s := range []string{"WS#S[(0200 03/17/26)].J", "#J1", "[((", "WS#", ".", "#", "/", "(9999 99/99/99)", "WS#S(2560 13/40/26).J"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if e, err := twstools.ParseEntity(s, time.UTC); err == nil {
			_ = e.String(time.UTC)
		}
	})
}
