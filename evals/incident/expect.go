package incident

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

var waitsForm = regexp.MustCompile(`^([a-z][a-z0-9_]*) waits for nothing but ([a-z][a-z0-9_]*)$`)

var expectForm = regexp.MustCompile(`^(nothing else|nothing|[a-z][a-z0-9_]*) (is not|is|has no log|has a log|has runs|waits for a file) ?([A-Z_|]*|unlinked|linked|late|\d*)$`)

// expect checks what a family says must be so in its world: "X is ABEND|FAIL", "X is not READY", "X is unlinked", "X has no log", "X has a log",
// "X has runs 2", "nothing is ABEND|FAIL|STUCK", "nothing else is ABEND" (beside the picks),
// "nothing waits for a file" (that is being looked for, so that only its usual hour tells whether that is as planned),
// "X waits for nothing but Y" (of X and its stream no other dependency is open).
func (s *stage) expect(all []string) error {
	for _, text := range all {
		if g := waitsForm.FindStringSubmatch(text); g != nil {
			if err := s.waitsOnly(g[1], g[2]); err != nil {
				return fmt.Errorf("expected that %s: %w", text, err)
			}
			continue
		}
		g := expectForm.FindStringSubmatch(strings.Join(strings.Fields(text), " "))
		if g == nil {
			return fmt.Errorf("%q is no expectation", text)
		}
		if err := s.holds(g[1], g[2], g[3]); err != nil {
			return fmt.Errorf("expected that %s: %w", text, err)
		}
	}
	return nil
}

func (s *stage) holds(subject, verb, what string) error {
	states := strings.Split(what, "|")
	if strings.HasPrefix(subject, "nothing") {
		if verb == "waits for a file" {
			return s.fileless()
		}
		for _, j := range s.world.Jobs {
			if slices.Contains(states, j.Status.Internal) && (subject == "nothing" || !s.isPick(j)) {
				return fmt.Errorf("%s.%s is %s", j.Stream, j.Name, j.Status.Internal)
			}
		}
		return nil
	}
	t, ok := s.picked[subject]
	if !ok {
		return fmt.Errorf("nothing is called %s", subject)
	}
	if t.kind == "workstation" {
		return s.linked(t, verb, what)
	}
	j, state, ok := s.now(t)
	if !ok {
		return fmt.Errorf("%s is not in the plan", t.short())
	}
	logged := len(j.Runs) > 0 && s.world.Logs[lastRun(j)].Text() != ""
	switch {
	case verb == "has no log" && logged, verb == "has a log" && !logged:
		return fmt.Errorf("the log is there: %v", logged)
	case verb == "has runs" && fmt.Sprint(len(j.Runs)) != what:
		return fmt.Errorf("it has %d runs", len(j.Runs))
	case verb == "is" && !slices.Contains(states, state), verb == "is not" && slices.Contains(states, state):
		return fmt.Errorf("it is %s", state)
	}
	return nil
}

// fileless reports a file that is being looked for.
func (s *stage) fileless() error {
	var open []twstools.Dependency
	for _, j := range s.world.Jobs {
		open = append(open, j.Dependencies...)
	}
	for _, st := range s.world.JobStreams {
		open = append(open, st.Dependencies...)
	}
	for _, d := range open {
		if d.FileState == "Unavailable" {
			return fmt.Errorf("%s is being looked for", d.File)
		}
	}
	return nil
}

// waitsOnly reports what a job and its stream wait for beside one thing.
func (s *stage) waitsOnly(name, only string) error {
	j, _, ok := s.now(s.picked[name])
	y, known := s.picked[only]
	if !ok || !known {
		return fmt.Errorf("one of them is no pick in the plan")
	}
	open := slices.Clone(j.Dependencies)
	for _, st := range s.world.JobStreams {
		if st.Ref == j.StreamRef {
			open = append(open, st.Dependencies...)
		}
	}
	found := false
	for _, d := range open {
		if d.Satisfied != nil && *d.Satisfied || d.State == "SATISFIED" {
			continue
		}
		if !s.isOn(d, y) {
			return fmt.Errorf("it also waits for %s", cmp.Or(d.Job, d.Stream, d.File, d.Resource, d.Prompt, d.JoinName))
		}
		found = true
	}
	if !found {
		return fmt.Errorf("it does not wait for it")
	}
	return nil
}

// isOn reports whether a dependency is on a thing.
func (s *stage) isOn(d twstools.Dependency, t thing) bool {
	switch t.kind {
	case "job":
		return d.Stream == t.stream && (d.Job == t.job || d.Job == "")
	case "stream":
		return d.Stream == t.stream
	case "resource":
		return d.Resource == t.name && d.Workstation == t.ws
	case "file":
		return d.File == t.name && d.Workstation == t.ws
	case "prompt":
		return d.Prompt == t.name
	}
	return false
}

func lastRun(j twstools.Job) string { return j.Runs[len(j.Runs)-1].ID }

func (s *stage) isPick(j twstools.Job) bool {
	for _, t := range s.picked {
		if t.kind == "job" && t.job == j.Name && t.stream == j.Stream || t.kind == "stream" && t.stream == j.Stream {
			return true
		}
	}
	return false
}

// now finds a job, stream, prompt or resource in the world that is told, with its state.
func (s *stage) now(t thing) (twstools.Job, string, bool) {
	for _, j := range s.world.Jobs {
		if t.kind == "job" && j.Name == t.job && j.Stream == t.stream && (j.SchedTime.Equal(t.sched) || !t.twins) {
			return j, j.Status.Internal, true
		}
	}
	for _, st := range s.world.JobStreams {
		if t.kind == "stream" && st.Name == t.stream && (st.SchedTime.Equal(t.sched) || !t.twins) {
			return twstools.Job{}, st.Status.Internal, true
		}
	}
	for _, p := range s.world.Prompts {
		if t.kind == "prompt" && p.Name == t.name {
			return twstools.Job{}, p.Status, true
		}
	}
	return twstools.Job{}, "", false
}

func (s *stage) linked(t thing, verb, what string) error {
	for _, w := range s.world.Workstations {
		if w.Name == t.ws {
			up := slices.Contains(w.ActiveStates, "LINKED")
			if (what == "linked") != up && verb == "is" {
				return fmt.Errorf("its states are %v", w.ActiveStates)
			}
			return nil
		}
	}
	return fmt.Errorf("%s is not in the plan", t.ws)
}
