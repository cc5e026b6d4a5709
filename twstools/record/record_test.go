package record_test

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/record"
	"github.com/resync-hwa/resync/twstools/world"
)

var (
	now   = time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC)
	keyA  = []byte("0123456789abcdef0123456789abcdef")
	keyB  = []byte("fedcba9876543210fedcba9876543210")
	clock = func() time.Time { return now }
)

func demo(t *testing.T) *world.World {
	t.Helper()
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// swept leaves a sweep to the runs without the race detector, which looks for other things and takes twenty times as long.
func swept(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("swept without the race detector")
	}
}

func redactor(t *testing.T, key []byte) *record.Redactor {
	t.Helper()
	r, err := record.NewRedactor(key, record.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func capture(t *testing.T, w *world.World, o record.Options) *record.Captured {
	t.Helper()
	o.Now = clock
	if o.Archives == 0 {
		o.Archives = 1 // one archived plan is read like seven
	}
	c, err := record.Capture(t.Context(), world.Engine(w, world.Options{}), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func written(t *testing.T, c *record.Captured) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t *testing.T, raw []byte) *record.Capsule {
	t.Helper()
	c, err := record.Read(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A replay of the suite's world is an engine like any other.
func TestReplayIsAnEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, w *world.World) twstools.Engine {
		return read(t, written(t, capture(t, w, record.Options{}))).WorldEngine("")
	})
}

// What was written loads back to an equal world, and the world gives every recorded answer.
func TestCapsuleHoldsWhatWasCaptured(t *testing.T) {
	swept(t)
	for name, w := range map[string]*world.World{"demo": demo(t), "suite": enginetest.World(t)} {
		for _, o := range []struct {
			name string
			opts func() record.Options
		}{
			{"plain", func() record.Options { return record.Options{} }},
			{"redacted", func() record.Options { return record.Options{Redactor: redactor(t, keyA)} }},
			{"moved", func() record.Options { return record.Options{Redactor: redactor(t, keyA), ShiftWeeks: -60} }},
			{"slice", func() record.Options {
				return record.Options{Redactor: redactor(t, keyA), Depth: 1, Roots: []record.Root{{Selection: "@#CLMEOD"}, {Selection: "LX1#WAITS"}}}
			}},
		} {
			if name == "demo" && o.name == "moved" {
				continue // TestWeeksAreMoved moves it
			}
			t.Run(name+"/"+o.name, func(t *testing.T) {
				opts := o.opts()
				if name == "demo" && o.name == "plain" {
					opts.Archives = -1 // the redacted one has them
				}
				got := capture(t, w, opts)
				c := read(t, written(t, got))
				if !reflect.DeepEqual(c.World(), got.World) {
					t.Error("the world changed on its way through the file")
				}
				if len(c.Transcript) < 20 || len(c.Transcript) != len(got.Transcript) {
					t.Errorf("the transcript has %d answers, then %d", len(got.Transcript), len(c.Transcript))
				}
				ds, err := record.Verify(t.Context(), c)
				if err != nil || len(ds) > 0 {
					t.Errorf("Verify = %d differences, %v; the first: %v", len(ds), err, ds[:min(3, len(ds))])
				}
				for _, f := range got.Manifest.Failures {
					if f.What != "older archived plans" {
						t.Errorf("a read failed: %+v", f)
					}
				}
			})
		}
	}
}

func TestVerifyFindsWhatDiffers(t *testing.T) {
	w := demo(t)
	c := read(t, written(t, capture(t, w, record.Options{Archives: -1, Logs: record.LogPolicy{None: true}})))
	c.World().Jobs[3].Name += "X" // the world is the capsule's own; nobody else has it
	ds, err := record.Verify(t.Context(), c)
	if err != nil || len(ds) == 0 {
		t.Fatalf("Verify = %v, %v, want differences", ds, err)
	}
	if !strings.Contains(ds[0].String(), string(ds[0].Op)) {
		t.Errorf("String = %s", ds[0])
	}
}

func TestStrictAnswersWhatWasAsked(t *testing.T) {
	w := demo(t)
	c := read(t, written(t, capture(t, w, record.Options{Archives: -1, Logs: record.LogPolicy{None: true}})))
	s := c.Strict("default")
	j, err := s.Job(t.Context(), w.Jobs[5].Ref)
	if err != nil || j.Name != w.Jobs[5].Name || j.Ref.Engine != "default" {
		t.Errorf("Job = %+v, %v", j, err)
	}
	_, err = s.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "NEVER_ASKED")})
	if !fault.Is(err, fault.Unsupported) || !strings.Contains(err.Error(), "MOCK_MISS") {
		t.Errorf("a question that was never put = %v", err)
	}
	ports := twstools.CapabilitiesOf(s)
	if x, err := ports.Plans.PlanWindow(t.Context()); err != nil || w.Window == nil || !x.Start.Equal(w.Window.Start) {
		t.Errorf("PlanWindow = %+v, %v", x, err)
	}
	if _, err := ports.Mailbox.MailboxFill(t.Context(), "other.msg"); !errors.Is(err, record.ErrMiss) {
		t.Errorf("a queue that was not asked about = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Info(ctx); !fault.Is(err, fault.Timeout) {
		t.Errorf("Info after the caller has left = %v", err)
	}
}

// A slice holds the roots' streams whole and their neighbours to the depth; what lies beyond is a name.
func TestSlice(t *testing.T) {
	w := demo(t)
	names := func(c *record.Captured) map[string]bool {
		out := map[string]bool{}
		for _, s := range c.World.JobStreams {
			out[s.Name] = true
		}
		return out
	}
	none := names(capture(t, w, record.Options{Depth: -1, Roots: []record.Root{{Selection: "@#CLMREPORT.CRP_LARGE"}}}))
	if len(none) != 1 || !none["CLMREPORT"] {
		t.Errorf("depth 0 of CLMREPORT = %v", none)
	}
	one := capture(t, w, record.Options{Depth: 1, Roots: []record.Root{{Selection: "@#CLMREPORT"}}})
	if n := names(one); !n["CLMEOD"] || n["PENSION"] || len(one.World.Workstations) >= len(w.Workstations) {
		t.Errorf("depth 1 of CLMREPORT = %v with %d workstations", n, len(one.World.Workstations))
	}
	all := map[string]bool{}
	for _, x := range one.World.JobStreams {
		all[x.Ref.ID] = true
	}
	unbound := 0
	for _, j := range one.World.Jobs {
		for _, d := range j.Dependencies {
			if d.Type == twstools.DepExternalJob && d.JobRef.IsZero() && d.Job != "" {
				unbound++
			}
		}
	}
	for _, s := range one.World.JobStreams {
		for _, d := range s.Dependencies {
			if d.Type == twstools.DepExternalJob && d.JobRef.IsZero() && d.Job != "" {
				unbound++
			}
			if !d.StreamRef.IsZero() && !all[d.StreamRef.ID] {
				t.Errorf("%s points at a stream that is not there", s.Name)
			}
		}
	}
	t.Logf("%d streams, %d arrows that lead out are names", len(all), unbound)
	if _, err := record.Capture(t.Context(), world.Engine(w, world.Options{}), record.Options{Roots: []record.Root{{Selection: "@#NOSUCH"}}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a root that fits nothing = %v", err)
	}
}

// A shift by weeks moves every instant and every day that a log names, and keeps weekdays, hours and distances.
func TestWeeksAreMoved(t *testing.T) {
	swept(t)
	w := demo(t)
	c := capture(t, w, record.Options{Redactor: redactor(t, keyA), ShiftWeeks: -30}) // across the change to summer time, where the zone has one
	got := c.World
	if d := w.AsOf.Sub(got.AsOf); d != 30*7*24*time.Hour {
		t.Errorf("AsOf moved by %s", d)
	}
	for i, j := range w.Jobs {
		if o := got.Jobs[i]; !j.SchedTime.IsZero() && (o.SchedTime.Weekday() != j.SchedTime.Weekday() || got.AsOf.Sub(o.SchedTime) != w.AsOf.Sub(j.SchedTime)) {
			t.Errorf("%s became %s", j.SchedTime, o.SchedTime)
		}
	}
	text := unzipped(t, written(t, c))
	for _, day := range []string{"2026-03-17", "2026-03-16", "20260316", "03/16/26", "Mar 16 ", "16/03/2026"} {
		if strings.Contains(text, day) {
			at := strings.Index(text, day)
			t.Errorf("%s stayed: …%s…", day, text[max(0, at-60):min(len(text), at+40)])
		}
	}
	if c.Manifest.CapturedAt != nil {
		t.Error("the manifest tells when it was")
	}
}
