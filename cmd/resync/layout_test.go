package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

var update = flag.Bool("update", false, "rewrite the golden files of the layouts")

var night = time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC)

// plant is the demo plant at a fixed instant, read without a wire.
func plant(t *testing.T, wrap func(twstools.Engine) twstools.Engine) engine {
	t.Helper()
	w, err := world.Demo(night)
	if err != nil {
		t.Fatal(err)
	}
	e := world.Engine(w, world.Options{})
	if wrap != nil {
		e = wrap(e)
	}
	return engine{name: "default", tools: tools.New(tools.Options{Engine: e, Name: "default", Mode: "mock", API: "v2", Clock: func() time.Time { return night }})}
}

// shows gives what a listing command writes as text.
func shows(t *testing.T, e engine, command, typed string) (string, error) {
	t.Helper()
	commands := map[string]struct {
		known []string
		view  func(options) listing
	}{
		"sj": {jobOptions, jobListing}, "ss": {streamOptions, streamListing},
		"sc": {workstationOptions, func(options) listing {
			return listed((*tools.Tools).ShowWorkstations, workstationTable, workstationsText)
		}},
		"sr": {resourceOptions, func(options) listing {
			return listed((*tools.Tools).ShowResources, resourceTable, resourcesText)
		}},
		"sp": {promptOptions, func(options) listing { return listed((*tools.Tools).ShowPrompts, promptTable, promptsText) }},
		"sf": {fileOptions, func(options) listing { return listed((*tools.Tools).ShowFiles, fileTable, filesText) }},
	}
	c := commands[command]
	selection, o, err := cutOptions(command, typed, c.known)
	if err != nil {
		return "", err
	}
	w := &screen{}
	said, err := c.view(o)(t.Context(), e, tools.Selection{Conman: selection, Limit: 40}, o, "text", w)
	for _, line := range said {
		w.WriteString("! " + line + "\n")
	}
	return w.String(), err
}

// Each listing looks as its golden file has it. go test -update writes them: read what changed as an operator who knows conman would.
func TestLayouts(t *testing.T) {
	e := plant(t, nil)
	for name, typed := range map[string]string{
		"sj-stream": "sj FRLCLM01#CLMEOD", "sj-abend": "sj @#@.@+state=abend;deps", "sj-hold": "sj FRLBIL01#BANKCOLL+state=hold;showid", "sj-info": "sj FRLCLM01#CLMEOD;info",
		"sj-logon": "sj FRLCLM01#CLMEOD;logon", "sj-crit": "sj @#@.@+critical;crit", "sj-keys": "sj FRLCLM01#CLMEOD;keys;retcod", "sj-props": "sj FRLCLM01#@.CLM_RESERVE+state=abend;props",
		"sj-stdlist": "sj FRLCLM01#@.CLM_RESERVE+state=abend;stdlist", "sj-every": "sj FRLFIN01#ARCHLOGS", "sj-number": "sj #J373007", "sj-bare": "sj CLM_RESERVE", "sj-pool": "sj FRLETLP#DWHLOAD", "ss": "ss FRLCLM01#@", "ss-deps": "ss FRLCLM01#@+state=stuck,hold;deps", "ss-props": "ss FRLBIL01#BANKCOLL+state=hold;props",
		"ss-keys": "ss FRLCLM01#@;keys", "sc": "sc", "sc-info": "sc @;info", "sc-link": "sc ;link", "sr": "sr", "sr-deps": "sr FRLETLP#@;deps", "sp": "sp", "sp-deps": "sp PAY@;deps;info", "sf": "sf", "sf-deps": "sf ;deps",
	} {
		t.Run(name, func(t *testing.T) {
			command, rest, _ := strings.Cut(typed, " ")
			got, err := shows(t, e, command, rest)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, "$ "+typed+"\n"+got)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "layout", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s is not as its golden file has it (%v); it is:\n%s", name, err, got)
	}
}

// Pages of one object, and of the plan.
func TestPages(t *testing.T) {
	e := plant(t, nil)
	for name, draw := range map[string]func(*screen) error{
		"job":        func(s *screen) error { return oneJob(t.Context(), e, "CLM_RESERVE", "text", s) },
		"job-stream": func(s *screen) error { return oneJob(t.Context(), e, "FRLBIL01#BANKCOLL", "text", s) },
		"job-csv":    func(s *screen) error { return oneJob(t.Context(), e, "CLM_RESERVE", "csv", s) },
		"status": func(s *screen) error {
			r, err := e.tools.PlanStatus(t.Context(), tools.PlanStatusIn{})
			statusPage(s, r.Data)
			return err
		},
	} {
		s := &screen{}
		if err := draw(s); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		golden(t, name, s.String())
	}
}

// Each qualifier and each option of conman works, or is answered with the list of those that do.
func TestEveryQualifierAnswers(t *testing.T) {
	e := plant(t, nil)
	// UG "Selecting jobs in commands", "Selecting job streams in commands"; the values are such as conman takes.
	qualifiers := []string{"arrived=0200", "at", "at=0200", "carriedforward", "carryforward", "confirmed", "critical", "critnet", "deadline", "deadline=0500", "every", "every=0100", "finished", "finished=0200,0400",
		"follows=CLM_FRAUD", "follows=FRLCLM01#CLMEOD.@", "limit=0,9", "logon=clm@", "needs", "needs=FRLETLP#DWHWRITE", "opens", "opens=/interface/@", "priority=0", "priority=10,go", "prompt", "prompt=PAYLIMIT", "recovery=stop",
		"scriptname=@clm@", "started=0100,", "state=abend,fail", "state=#Waiting", "until", "until=0600", "bogus"}
	options := []string{"deps", "props", "stdlist", "showid", "info", "link", "logon", "crit", "keys", "retcod", "short", "single", "step", "schedid", "bogus"}
	for command, all := range map[string]string{"sj": "@#@.@", "ss": "@#@", "sc": "@", "sr": "@#@", "sp": "@", "sf": "@#@"} {
		works := 0
		for _, q := range qualifiers {
			for _, sign := range []string{"+", "~"} {
				_, err := shows(t, e, command, all+sign+q)
				works += answered(t, command+" "+all+sign+q, err)
			}
		}
		if wants := command == "sj" || command == "ss" || command == "sp"; wants != (works > 0) {
			t.Errorf("%s: %d qualifiers work", command, works)
		}
		for _, o := range options {
			if o == "schedid" { // part of a selection by identifier
				continue
			}
			_, err := shows(t, e, command, all+";"+o)
			answered(t, command+" "+all+";"+o, err)
		}
	}
}

// answered counts a line that works, and holds one that does not to a coded error with a hint.
func answered(t *testing.T, line string, err error) int {
	t.Helper()
	if err == nil {
		return 1
	}
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.Invalid {
		t.Errorf("%s: %v, want an error of usage", line, err)
		return 0
	}
	valued := strings.Contains(e.Message, "takes no value") || strings.Contains(e.Message, "needs a value")
	if e.Hint == "" && !valued {
		t.Errorf("%s: %s: it does not say what works", line, e.Message)
	}
	return 0
}

// An engine that lists no files is asked for what waits; what it then does not show is said.
func TestFilesOfAnEngineThatListsNone(t *testing.T) {
	out, err := shows(t, plant(t, func(e twstools.Engine) twstools.Engine { return portless{e} }), "sf", ";deps")
	if err != nil || !strings.Contains(out, "RETURN_D1.ok") || !strings.Contains(out, "waits: FRLBIL01#BANKCOLL") || !strings.Contains(out, "! engine:default") {
		t.Errorf("%v\n%s", err, out)
	}
	w := &screen{}
	r, err := plant(t, func(e twstools.Engine) twstools.Engine { return portless{e} }).tools.PlanStatus(t.Context(), tools.PlanStatusIn{})
	statusPage(w, r.Data)
	if err != nil || !strings.Contains(w.String(), "? Window, run number and batchman") {
		t.Errorf("%v\n%s", err, w)
	}
}

// portless is an engine without optional ports.
type portless struct{ twstools.Engine }

// Capabilities implements twstools.Capable.
func (portless) Capabilities() twstools.Capabilities { return twstools.Capabilities{} }

func TestOptionsAreCutWhereTheyBegin(t *testing.T) {
	for typed, want := range map[string]string{
		"A#B.C;deps;PROPS":             "A#B.C|deps,props",
		"A#0AAAAAAAAAAAABQM.C;schedid": "A#0AAAAAAAAAAAABQM.C;schedid|",
		"A#0AAAA.C;schedid;stdlist":    "A#0AAAA.C;schedid|stdlist",
		`A#B.C+opens="/in/a;b";deps`:   `A#B.C+opens="/in/a;b"|deps`,
		`A#B\;X.C`:                     `A#B\;X.C|`,
		"":                             "|",
		" ;deps":                       "|deps",
	} {
		selection, o, err := cutOptions("sj", typed, jobOptions)
		if got := selection + "|" + strings.Join(o, ","); err != nil || got != want {
			t.Errorf("%q = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestWatch(t *testing.T) {
	pages := []string{"one\n", "one\n", "", "two\n"}
	for name, tc := range map[string]struct {
		redraw bool
		want   string
	}{
		"terminal": {true, home + "sj  every 5s, read at 06:10:00, Ctrl-C ends\n\none\n" + home + "sj  every 5s, read at 06:10:00, Ctrl-C ends\n\none\n" + home + "sj  every 5s, read at 06:10:00, Ctrl-C ends\n\ntwo\n"},
		"file":     {false, "one\n\ntwo\n"},
	} {
		var out, errs strings.Builder
		p := &program{out: &out, err: &errs, clock: func() time.Time { return night }}
		ctx, cancel := context.WithCancel(t.Context())
		ticks := make(chan time.Time, len(pages))
		n := 0
		err := p.watch(ctx, watched{title: "sj", every: 5 * time.Second, ticks: ticks, redraw: tc.redraw, draw: func(context.Context) (string, []string, error) {
			if n == len(pages) {
				cancel() // Ctrl-C
				return "", nil, nil
			}
			n++
			ticks <- night
			if pages[n-1] == "" {
				return "", nil, fault.New(fault.UpstreamUnavailable, "The engine does not answer.")
			}
			return pages[n-1], nil, nil
		}})
		cancel()
		if err != nil || out.String() != tc.want || !strings.Contains(errs.String(), "does not answer") {
			t.Errorf("%s: %v, %q, %q; want %q", name, err, out.String(), errs.String(), tc.want)
		}
	}
}
