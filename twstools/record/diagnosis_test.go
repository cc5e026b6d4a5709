package record_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/record"
	"github.com/resync-hwa/resync/twstools/world"
)

func diagnoser(w *world.World) *diagnose.Diagnoser {
	e := world.Engine(w, world.Options{})
	loc, _ := time.LoadLocation(w.Info.TimeZone)
	zone := func(context.Context) *time.Location { return loc }
	return diagnose.New(diagnose.Options{Engine: e, Finder: reader.NewFinder(e, zone, func() time.Time { return w.AsOf }), Name: "default", Zone: zone,
		PlanNow: func() (time.Time, bool) { return w.AsOf, false }})
}

// found is what a diagnosis says, without names.
func found(d *answer.Diagnosis) string {
	out := []string{string(d.Verdict)}
	for _, c := range d.Causes {
		out = append(out, c.Kind)
	}
	slices.Sort(out[1:])
	return strings.Join(out, " ")
}

// Redaction keeps diagnosis: whatever is bad or waits in the demo has the same verdict and the same kinds of cause under its new names.
func TestRedactionKeepsDiagnosis(t *testing.T) {
	swept(t)
	w := demo(t)
	after := capture(t, w, record.Options{Redactor: redactor(t, keyA), ShiftWeeks: -8}).World
	before, then := diagnoser(w), diagnoser(after)
	loc, _ := time.LoadLocation(w.Info.TimeZone)
	asked, problems := 0, 0
	same := func(a, b, kind string) {
		t.Helper()
		x, errX := before.Diagnose(t.Context(), diagnose.Request{Target: a, Kind: kind, Language: "en"})
		y, errY := then.Diagnose(t.Context(), diagnose.Request{Target: b, Kind: kind, Language: "en"})
		if errX != nil || errY != nil {
			t.Errorf("Diagnose(%s) = %v, then %v", a, errX, errY)
			return
		}
		asked++
		if p, q := found(x.Diagnosis), found(y.Diagnosis); p != q {
			t.Errorf("%s is %s\n%s is %s", a, p, b, q)
		}
		if len(x.Diagnosis.Causes) > 0 {
			problems++
		}
	}
	for i, j := range w.Jobs {
		if j.Status.Common == "ERROR" || j.Status.Common == "WAITING" || j.Status.Common == "HELD" || j.Status.Common == "BLOCKED" || j.Status.Common == "RUNNING" {
			same(j.Entity().String(loc), after.Jobs[i].Entity().String(loc), "job")
		}
	}
	for i, s := range w.JobStreams {
		if s.Status.Common != "SUCCESSFUL" {
			same(s.Entity().String(loc), after.JobStreams[i].Entity().String(loc), "job_stream")
		}
	}
	if asked < 40 || problems < 10 {
		t.Errorf("%d objects were asked about, %d had causes: the test holds over too little", asked, problems)
	}
	t.Logf("%d objects, %d with causes", asked, problems)
}

// Every word that a signature of a failure looks for stays in running text: else an error would be renamed into something unknown.
func TestSignaturesSurvive(t *testing.T) {
	files, err := filepath.Glob("../joblog/signatures/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range files {
		raw, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw...)
	}
	p := record.Policy{}
	words := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:match|unless): '((?:[^']|'')*)'`).FindAllSubmatch(all, -1) {
		pattern := regexp.MustCompile(`\\[a-zA-Z]|\(\?i\)`).ReplaceAllString(string(m[1]), " ")
		for _, w := range regexp.MustCompile(`[A-Za-z]{3,}`).FindAllString(pattern, -1) {
			words[strings.ToLower(w)] = true
		}
	}
	if len(words) < 400 {
		t.Fatalf("only %d words were found in the signatures", len(words))
	}
	for w := range words {
		p.Names = append(p.Names, "X_"+strings.ToUpper(w)) // names of a plant that say all of them
	}
	r, err := record.NewRedactor(keyA, p)
	if err != nil {
		t.Fatal(err)
	}
	for w := range words {
		if got := r.Text(w + " happened"); got != w+" happened" {
			t.Errorf("%q became %q: it belongs into keep.yaml", w, got)
		}
	}
}
