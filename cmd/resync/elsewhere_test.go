package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// TestElsewhere holds the product against itself: at a plant where every workstation, stream, job, resource, user, host and path has another name it finds
// the same, and where moreover every program writes in other words it still finds the same objects, and calls no cause by another wrong kind.
func TestElsewhere(t *testing.T) {
	if raced {
		t.Skip("Nothing here happens at the same time, and under the race detector it takes minutes.")
	}
	files := os.DirFS("../../evals")
	d, err := suite.Define(files, "core")
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		d.Families = []string{"abends", "chain", "swallowed", "input"}
	}
	all, _, err := evals.From(files, d, evals.Dev)
	if err != nil {
		t.Fatal(err)
	}
	r := loadRewording(t)
	var names, renamed, said, kinds, kept int
	for i, p := range all {
		t.Run(p.Scenario.ID, func(t *testing.T) {
			n := newRenamer(uint64(i), p.Plant.World)
			here := diagnoses(t, p.Plant.World, targets(p, n))
			n.outside(here)
			there := n.world(p.Plant.World)
			asked := make([]string, 0, len(here))
			for _, h := range here {
				asked = append(asked, n.text(h.target))
			}
			for k, e := range diagnoses(t, there, asked) {
				if want := here[k].renamed(n); want.exact() != e.exact() {
					t.Errorf("renamed, %q (%s):\nhere  %s\nthere %s", here[k].target, e.target, want.exact(), e.exact())
				}
			}
			known, other := n.known()
			names, renamed = names+known, renamed+other
			for k, e := range diagnoses(t, r.world(there), asked) {
				for i, c := range here[k].d.Causes {
					kinds++
					if i < len(e.d.Causes) && e.d.Causes[i].Kind == c.Kind {
						kept++
					}
				}
				if wrong := here[k].renamed(n).unlike(e); wrong != "" {
					t.Errorf("reworded, %q (%s): %s\nhere  %s %s\nthere %s %s", here[k].target, e.target, wrong, here[k].renamed(n).exact(), here[k].quotes(), e.exact(), e.quotes())
				}
			}
			said += len(here)
		})
	}
	t.Logf("%d diagnoses of %d worlds, %d of %d names other, %d of %d lines reworded, %d of %d kinds kept", said, len(all), renamed, names, r.reworded, r.lines, kept, kinds)
	if renamed*100 < names*95 {
		t.Errorf("Of %d names only %d became others.", names, renamed)
	}
	if r.lines < 100 || r.reworded*10 < r.lines*9 {
		t.Errorf("Of %d lines of output of runs that failed %d were reworded: less than nine of ten.", r.lines, r.reworded)
	}
}

// found is what was made of a target, or of the whole plan where that is empty.
type found struct {
	target string
	fault  string
	d      answer.Diagnosis
}

// diagnoses asks for each target.
func diagnoses(t *testing.T, w *world.World, targets []string) []found {
	t.Helper()
	d := tools.New(tools.Options{Engine: world.Engine(w, world.Options{}), Name: "default", Mode: "mock", API: "v2", Clock: func() time.Time { return w.AsOf }})
	out := make([]found, 0, len(targets))
	for _, target := range targets {
		f := found{target: target}
		rep, err := d.DiagnoseJob(context.Background(), tools.DiagnoseIn{Target: target})
		if err != nil {
			f.fault = string(fault.CodeOf(err))
		} else {
			f.d = *rep.Data.Diagnosis
		}
		out = append(out, f)
	}
	return out
}

// targets are the whole plan, what the gold finds guilty, and whatever of the world is named in anchored questions.
func targets(p evals.Prepared, n *renamer) []string {
	out := []string{""}
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, c := range p.Scenario.Gold.Causes {
		if kind, name, _ := strings.Cut(c.Entity, ":"); kind == "job" || kind == "stream" || kind == "workstation" || kind == "resource" || kind == "prompt" {
			add(name)
		}
	}
	for _, q := range p.Scenario.Ask {
		if q.Style != "anchored" {
			continue
		}
		for _, name := range n.names(q.Text) {
			if len(p.Plant.Meant(name)) > 0 {
				add(name)
			}
		}
	}
	return out
}

// outside learns the names of what is not in the plan and was found in texts: databases, hosts, services, users.
func (n *renamer) outside(all []found) {
	for _, f := range all {
		for _, c := range f.d.Causes {
			if kind, name, _ := strings.Cut(c.Entity, ":"); slices.Contains([]string{"db", "host", "user"}, kind) {
				n.know(name)
			}
		}
	}
	clear(n.said)
}

// renamed is what must be found in the world with other names.
func (f found) renamed(n *renamer) found {
	d := f.d
	d.Causes = slices.Clone(d.Causes)
	for i := range d.Causes {
		d.Causes[i].Entity = n.entity(d.Causes[i].Entity)
	}
	d.Explanations = slices.Clone(d.Explanations)
	for i := range d.Explanations {
		d.Explanations[i].Entity = n.entity(d.Explanations[i].Entity)
	}
	return found{target: n.text(f.target), fault: f.fault, d: d}
}

// entity renames what stands behind the type.
func (n *renamer) entity(e string) string {
	kind, name, ok := strings.Cut(e, ":")
	if !ok {
		return n.text(e)
	}
	return kind + ":" + n.text(name)
}

// exact is everything that names have no part in.
func (f found) exact() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s %s", f.fault, f.d.Verdict, f.d.ConfidenceClass)
	for _, c := range f.d.Causes {
		fmt.Fprintf(&b, "; %s %s %s", c.Entity, c.Kind, c.Class)
	}
	for _, e := range f.d.Explanations {
		fmt.Fprintf(&b, "; %s %s", e.Entity, e.Kind)
	}
	return b.String()
}

// quotes are the decisive lines, for whoever looks for what went wrong.
func (f found) quotes() string {
	var b strings.Builder
	for _, c := range f.d.Causes {
		for _, e := range c.Evidence {
			fmt.Fprintf(&b, "\n    %s: %s", e.Source, e.Quote)
		}
	}
	return b.String()
}

// unlike tells what other words must not have changed and did.
func (f found) unlike(e found) string {
	switch {
	case f.fault != e.fault, f.d.Verdict != e.d.Verdict:
		return "another verdict"
	case len(f.d.Causes) != len(e.d.Causes):
		return "more or fewer causes"
	case rank(f.d.ConfidenceClass) < rank(e.d.ConfidenceClass):
		return "surer than before"
	}
	for i, c := range f.d.Causes {
		o := e.d.Causes[i]
		switch {
		case c.Entity != o.Entity:
			return "another entity"
		case rank(c.Class) < rank(o.Class):
			return "a cause is surer than before"
		case c.Kind == o.Kind:
		case coded(c):
			return "another kind, though its code stands there still"
		case o.Kind != "app.error" && !strings.HasPrefix(c.Kind, o.Kind+".") && !proven(o):
			return "another kind"
		}
	}
	return ""
}

// proven reports whether a cause that words no longer tell is called by what is left of the proof: by a code, by the signal that the return code tells,
// or by a run that goes on for far too long.
func proven(o answer.Cause) bool {
	return coded(o) || o.Kind == "app.killed.unknown" && says(o, bySignal) || o.Kind == "app.hang" && says(o, goesOn)
}

var (
	bySignal = regexp.MustCompile(`^return_code=(1[3-9]\d|129)$`)
	goesOn   = regexp.MustCompile(`^status=EXEC$`)
)

func says(o answer.Cause, what *regexp.Regexp) bool {
	return slices.ContainsFunc(o.Evidence, func(e answer.Evidence) bool { return what.MatchString(e.Quote) })
}

func rank(c answer.Class) int {
	return slices.Index([]answer.Class{answer.Inconclusive, answer.Likely, answer.Confirmed}, c)
}

// code is what says the same in every shop: a message id, the name or number of an error of the system, a state of HTTP.
var code = regexp.MustCompile(`\bERROR \d+ \(\w{5}\)|\b[A-Z]{2,6}-?\d{3,6}[A-Z]?\b|\bE[A-Z]{4,}\b|(?i:errno)[ =:]+\d+|HTTP/[\d.]+ [45]\d\d|curl: \(\d+\)|\b[\w.]+(Error|Exception)\b`)

// coded reports whether what proves a cause holds a code.
func coded(c answer.Cause) bool {
	return slices.ContainsFunc(c.Evidence, func(e answer.Evidence) bool {
		return strings.HasPrefix(e.Source, "joblog:") && code.MatchString(e.Quote)
	})
}
