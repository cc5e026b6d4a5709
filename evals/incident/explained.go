package incident

import (
	"fmt"
	"slices"
	"time"
)

// leeway is how much later than on a healthy day a job may start without being held up by anything but its neighbours' small delays.
const leeway = 40 * time.Minute

// explained holds that whatever is not as on a healthy day follows from what was brought about: jobs that ended badly were picked, and jobs that
// have not started although they should have wait behind what was picked. Else the gold would be silent about something that is wrong.
func (s *stage) explained(loud []*stage) error {
	now, err := look(s.day.defs, s.world, s.day.start)
	if err != nil {
		return err
	}
	var touched []string
	for _, x := range append([]*stage{s}, loud...) {
		for _, t := range x.picked {
			at := stage{day: now}
			touched = append(touched, at.jobsOf(at.found(t))...)
			touched = append(touched, now.carried(t)...)
		}
	}
	reach := now.behind(touched...)
	for _, id := range touched {
		reach[id] = 0
	}
	healthy := map[string]time.Time{}
	for _, j := range s.day.w.Jobs {
		healthy[j.Stream+"."+j.Name+j.SchedTime.String()] = began(j)
	}
	for _, j := range s.world.Jobs {
		if _, ok := reach[j.Ref.ID]; ok || fixed.MatchString(j.Stream) {
			continue
		}
		if slices.Contains([]string{"ABEND", "FAIL", "ERROR", "SUPPR", "CANCL"}, j.Status.Internal) {
			return fmt.Errorf("%s.%s is %s, and nothing of the incident explains it", j.Stream, j.Name, j.Status.Internal)
		}
		due := healthy[j.Stream+"."+j.Name+j.SchedTime.String()]
		if len(j.Runs) == 0 && !due.IsZero() && due.Add(leeway).Before(s.frozen) {
			return fmt.Errorf("%s.%s has not started, and nothing of the incident explains it", j.Stream, j.Name)
		}
	}
	return nil
}

// carried are the jobs that a thing has in instances of an earlier plan.
func (d *day) carried(t thing) []string {
	var out []string
	for _, j := range d.w.Jobs {
		if j.Stream == t.stream && (t.kind == "stream" || j.Name == t.job) && j.SchedTime.Before(d.start) {
			out = append(out, j.Ref.ID)
		}
	}
	return out
}
