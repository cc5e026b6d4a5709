package tools_test

import (
	"context"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// blind is an engine whose account may list no job and no job stream: it gives empty lists, without an error.
type blind struct{ twstools.Engine }

func (blind) Jobs(context.Context, twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return twstools.List[twstools.Job]{}, nil
}

func (blind) JobStreams(context.Context, twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return twstools.List[twstools.JobStream]{}, nil
}

// Where nothing can be seen, no deadline and no change is no finding: that nothing is late, or nothing differs, is not said without it.
func TestNothingSeenIsToldAsThat(t *testing.T) {
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	s := set(t, blind{world.Engine(w, world.Options{})})
	late, r := call[tools.LateOut](t, s, "late_risk", `{}`)
	if r.Error != nil || late.Complete || !strings.Contains(strings.Join(late.Missing, "\n"), "can be seen") {
		t.Errorf("late_risk: %+v, complete %v, missing %q", r.Error, late.Complete, late.Missing)
	}
	changed, r := call[tools.WhatChangedOut](t, s, "what_changed", `{}`)
	if r.Error != nil || !strings.Contains(strings.Join(changed.Missing, "\n"), "can be seen") {
		t.Errorf("what_changed: %+v, missing %q", r.Error, changed.Missing)
	}
	shut, r := call[tools.RadarOut](t, s, "radar", `{}`)
	if r.Error != nil || shut.Clear {
		t.Errorf("radar: %+v, clear %v", r.Error, shut.Clear)
	}
}
