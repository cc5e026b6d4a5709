package sim

import (
	"slices"
	"strings"
)

func (c *checker) streams() {
	for _, d := range c.s.defined {
		if d.Name == "" || c.strs[d.Name] {
			c.bad("job stream %q has no name or is there twice", d.Name)
		}
		c.strs[d.Name] = true
		for k := range d.Jobs {
			name := d.Name + "." + d.Jobs[k].Name
			if d.Jobs[k].Name == "" || c.jobs[name] {
				c.bad("job %q has no name or is there twice", name)
			}
			c.jobs[name] = true
		}
	}
	for _, d := range c.s.defined {
		c.stream(d)
	}
}

func (c *checker) stream(d *Stream) {
	what := "job stream " + d.Name
	c.on(what, d.On)
	c.on(what, d.JobsOn)
	c.location(d.TimeZone, nil, what)
	if d.On == "" {
		c.bad("%s is on no workstation", what)
	}
	if d.Until.Set && d.StartUntil.Set {
		c.bad("%s has until and jsuntil, of which only one may be told", what) // UG "jsuntil"
	}
	c.oneOf(what+", onoverlap", d.Overlap, "", "parallel", "enqueue", "donotstart")
	c.times(what, d.Times)
	c.number(what, d.Priority, 0, highest)
	c.number(what, d.Limit, 0, 1024)
	for _, r := range append(slices.Clone(d.Run), d.Except...) {
		if msg := r.check(c.s.cals); msg != "" {
			c.bad("%s: %s", what, msg)
		}
	}
	c.needs(what, d, d.Needs, false)
	if needsUnits(d.Needs) && slices.ContainsFunc(d.Jobs, func(j Job) bool { return needsUnits(j.Needs) }) {
		c.bad("%s needs resources, and so do its jobs: only one of the two may", what) // UG "needs"
	}
	if w := d.StartWhen; w != nil {
		c.on(what, w.On)
		if w.File == "" || w.On == "" {
			c.bad("%s: a start condition needs a file and the workstation it is on", what)
		}
	}
	for k := range d.Jobs {
		c.job(d, &d.Jobs[k])
	}
	c.circles(d)
}

func (c *checker) job(d *Stream, j *Job) {
	what := "job " + d.Name + "." + j.Name
	c.on(what, j.On)
	c.times(what, j.Times)
	c.number(what, j.Priority, 0, highest)
	c.oneOf(what+", recovery", j.Recovery, "", "stop", "continue", "rerun")
	c.oneOf(what+", effect", j.Effect, "", "makeplan", "switchplan", "checksync", "updatestats")
	c.oneOf(what+", on_maxdur", j.OnMax, "", "kill", "continue")
	c.oneOf(what+", on_mindur", j.OnMin, "", "abend", "confirm", "continue")
	c.test(what, j.Success)
	for _, x := range j.Conditions {
		c.test(what, x.When)
		if x.Name == "" || x.When == "" {
			c.bad("%s: an output condition has a name and tells when", what)
		}
	}
	for _, log := range []string{j.Log, d.Log, j.FailLog} {
		if _, ok := c.s.defs.Logs[log]; log != "" && !ok {
			c.bad("%s: there is no log pattern %q", what, log)
		}
	}
	if j.After != nil {
		for _, before := range *j.After {
			if !c.jobs[d.Name+"."+before] {
				c.bad("%s follows %q, which is not there", what, before)
			}
		}
	}
	c.needs(what, d, j.Needs, false)
}

func needsUnits(needs []Need) bool {
	return slices.ContainsFunc(needs, func(n Need) bool { return n.Resource != "" })
}

func (c *checker) needs(what string, d *Stream, needs []Need, member bool) {
	if len(needs) > dependLimit {
		c.bad("%s has %d dependencies; %d are the most", what, len(needs), dependLimit)
	}
	for _, n := range needs {
		kinds := 0
		for _, x := range []string{n.Job, n.Stream, n.File, n.Resource, n.Prompt, n.Ask, n.Remote, n.Join} {
			if x != "" {
				kinds++
			}
		}
		if kinds != 1 {
			c.bad("%s: a need names exactly one of job, stream, file, resource, prompt, ask, remote and join", what)
		}
		c.oneOf(what+", match", n.Match, "", "previous", "sameday", "interval")
		switch {
		case n.Job != "" && !c.jobs[fullName(d, n.Job)]:
			c.bad("%s needs the job %q, which is not there", what, n.Job)
		case n.Stream != "" && !c.strs[n.Stream]:
			c.bad("%s needs the job stream %q, which is not there", what, n.Stream)
		case n.Resource != "" && c.s.resources[n.Resource] == nil:
			c.bad("%s needs the resource %q, which is not there", what, n.Resource)
		case n.Resource != "" && (n.Quantity < 0 || n.Quantity > maxUnits || member):
			c.bad("%s: a need of a resource is 1 to %d units and no member of a join", what, maxUnits)
		case n.Prompt != "" && c.s.predefined[n.Prompt] == nil:
			c.bad("%s needs the prompt %q, which is not there", what, n.Prompt)
		case n.File != "" || n.Remote != "":
			if n.On == "" {
				c.bad("%s: a file or a remote job is on a workstation", what)
			}
			c.on(what, n.On)
		}
		if n.Join != "" {
			if member || len(n.Of) == 0 {
				c.bad("%s: a join has members, which are no joins", what)
			}
			c.needs(what, d, n.Of, true)
		}
		for _, state := range n.If {
			c.oneOf(what+", if", state, "SUCC", "ABEND", "FAIL", "EXEC", "SUPPR")
		}
	}
}

func (c *checker) times(what string, t Times) {
	c.oneOf(what+", on_until", t.OnUntil, "", "suppr", "cont", "canc")
	c.oneOf(what+", on_late", t.OnLate, "", "kill")
}

func (c *checker) oneOf(what, got string, valid ...string) {
	if !slices.Contains(valid, got) {
		c.bad("%s %q is none of %s", what, got, strings.Join(slices.DeleteFunc(valid, func(v string) bool { return v == "" }), ", "))
	}
}

func (c *checker) number(what string, n *int, low, high int) {
	if n != nil && (*n < low || *n > high) {
		c.bad("%s: %d is not between %d and %d", what, *n, low, high)
	}
}

func (c *checker) on(what, name string) {
	if name != "" && c.s.stations[name] == nil {
		c.bad("%s is on the workstation %q, which is not there", what, name)
	}
}

func (c *checker) test(what, text string) {
	if text == "" || c.s.tests[text] != nil {
		return
	}
	t, err := parseRC(text)
	if err != nil {
		c.bad("%s: %v", what, err)
		return
	}
	c.s.tests[text] = t
}

// circles finds jobs of a stream that wait for themselves.
func (c *checker) circles(d *Stream) {
	mark := map[string]int{} // 1 on the way, 2 done
	var visit func(i int) bool
	at := map[string]int{}
	for i := range d.Jobs {
		at[d.Jobs[i].Name] = i
	}
	visit = func(i int) bool {
		name := d.Jobs[i].Name
		if mark[name] > 0 {
			return mark[name] == 1
		}
		mark[name] = 1
		for _, before := range predecessors(d, i) {
			if k, ok := at[before]; ok && visit(k) {
				return true
			}
		}
		mark[name] = 2
		return false
	}
	for i := range d.Jobs {
		if visit(i) {
			c.bad("job %s.%s follows itself in a circle", d.Name, d.Jobs[i].Name)
			return
		}
	}
}

// predecessors lists the jobs of the same stream that job i follows: those told, else the one before it; and those it needs.
func predecessors(d *Stream, i int) []string {
	out := follows(d, i)
	var add func([]Need)
	add = func(needs []Need) {
		for _, n := range needs {
			if stream, name, _ := strings.Cut(fullName(d, n.Job), "."); n.Job != "" && stream == d.Name {
				out = append(out, name)
			}
			add(n.Of)
		}
	}
	add(d.Jobs[i].Needs)
	return out
}

// follows lists what job i follows in the ordinary way within its stream.
func follows(d *Stream, i int) []string {
	j := d.Jobs[i]
	switch {
	case j.After != nil:
		return slices.Clone(*j.After)
	case i == 0 || d.Unchained:
		return nil
	}
	return []string{d.Jobs[i-1].Name}
}

// fullName gives STREAM.JOB for a job that may be named without its stream.
func fullName(d *Stream, name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return d.Name + "." + name
}

func displayName(folder, name string) string {
	if folder == "" || folder == "/" {
		return name
	}
	return folder + "/" + name
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
