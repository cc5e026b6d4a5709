package incident_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// waiting gives for each job, as STREAM.JOB, those that wait for it directly, by the definitions alone.
func waiting(d sim.Definitions) map[string][]string {
	jobs := map[string][]string{} // of a stream
	for _, st := range d.Streams {
		for _, j := range st.Jobs {
			jobs[st.Name] = append(jobs[st.Name], st.Name+"."+j.Name)
		}
	}
	out := map[string][]string{}
	var needs func(owners []string, stream string, list []sim.Need)
	needs = func(owners []string, stream string, list []sim.Need) {
		for _, n := range list {
			before := jobs[n.Stream]
			if n.Job != "" {
				if before = []string{n.Job}; !strings.Contains(n.Job, ".") {
					before = []string{stream + "." + n.Job}
				}
			}
			for _, b := range before {
				out[b] = append(out[b], owners...)
			}
			needs(owners, stream, n.Of)
		}
	}
	for _, st := range d.Streams {
		needs(jobs[st.Name], st.Name, st.Needs)
		for k, j := range st.Jobs {
			me := []string{st.Name + "." + j.Name}
			needs(me, st.Name, j.Needs)
			switch {
			case j.After != nil:
				for _, b := range *j.After {
					out[st.Name+"."+b] = append(out[st.Name+"."+b], me...)
				}
			case k > 0 && !st.Unchained:
				b := st.Name + "." + st.Jobs[k-1].Name
				out[b] = append(out[b], me...)
			}
		}
	}
	return out
}

// victims are all that wait behind a job, directly or not, and how many other streams they are in.
func victims(after map[string][]string, job string) (jobs, streams int) {
	seen, in := map[string]bool{job: true}, map[string]bool{}
	mine, _, _ := strings.Cut(job, ".")
	for list := after[job]; len(list) > 0; {
		next := list[0]
		list = list[1:]
		if seen[next] {
			continue
		}
		seen[next] = true
		if stream, _, _ := strings.Cut(next, "."); stream != mine {
			in[stream] = true
		}
		list = append(list, after[next]...)
	}
	return len(seen) - 1, len(in)
}

// TestFailuresHaveVictims holds that there are places where an incident hurts many, and places where it hurts nobody.
func TestFailuresHaveVictims(t *testing.T) {
	bases(t, func(t *testing.T, name string) {
		d := load(t, name)
		after := waiting(d)
		far, near, most := 0, 0, 0
		for _, st := range d.Streams {
			for _, j := range st.Jobs {
				jobs, streams := victims(after, st.Name+"."+j.Name)
				if jobs >= 15 && streams >= 3 {
					far++
				}
				if jobs == 0 {
					near++
				}
				most = max(most, jobs)
			}
		}
		t.Logf("%d jobs have fifteen victims or more in three streams or more, %d have none, the most is %d", far, near, most)
		if far < 15 || near < 15 || most < 40 {
			t.Error("the plant is too flat")
		}
	})
}

// TestSomeAgentsAreIdleAtNight holds that an agent can be away without hurting anybody.
func TestSomeAgentsAreIdleAtNight(t *testing.T) {
	bases(t, func(t *testing.T, name string) {
		s, from := since(t, name, days[0], 1)
		s.Advance(from.Add(24*time.Hour - 4*time.Minute))
		w, night := s.World(), nights[name]
		busy := map[string]bool{}
		for _, j := range w.Jobs {
			for _, r := range j.Runs {
				if r.End.After(from.Add(time.Duration(night[0])*time.Hour)) && r.Start.Before(from.Add(time.Duration(night[1])*time.Hour)) {
					busy[r.ActualWorkstation] = true
				}
			}
		}
		idle := 0
		for _, x := range w.Workstations {
			if x.Type != "POOL" && x.Type != "MANAGER" && !busy[x.Name] {
				idle++
				t.Logf("%s is idle", x.Name)
			}
		}
		if idle < 2 {
			t.Errorf("%d agents are idle at night", idle)
		}
	})
}

// Names of workstations and job streams have 16 characters at most, those of resources and prompts 8 (User's Guide, the syntax of each object's
// definition). Jobs might have 40; plants that are as old as these keep to 16.
var schedulerName, shortName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,15}$`), regexp.MustCompile(`^[A-Z][A-Z0-9]{2,7}$`)

// TestNamesAreTheSchedulersOwn holds that the names could be in a database, and that some are easy to take for one another.
func TestNamesAreTheSchedulersOwn(t *testing.T) {
	bases(t, func(t *testing.T, name string) {
		d := load(t, name)
		all, pairs := names(d), 0
		for _, r := range d.Resources {
			if !shortName.MatchString(r.Name) {
				t.Errorf("%q is no name of a resource", r.Name)
			}
		}
		for _, p := range d.Prompts {
			if !shortName.MatchString(p.Name) {
				t.Errorf("%q is no name of a prompt", p.Name)
			}
		}
		for _, n := range all {
			if !schedulerName.MatchString(n) && !slices.Contains(products, n) {
				t.Errorf("%q is no name of an object", n)
			}
			if slices.Contains(all, n+"2") {
				pairs++
			}
		}
		if pairs < 3 {
			t.Errorf("%d pairs of similar names", pairs)
		}
	})
}
