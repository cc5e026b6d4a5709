package sim

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // a plant names its zones, and a bare container has no zone files
)

// Bounds of the product (UG "needs > Comments", "priority", "limit cpu").
const (
	maxHolders    = 32
	maxUnits      = 1024 // of one needs
	unitsOfHolder = 32
	highest       = 101
	hi            = 100
	usual         = 10
	longest       = 41 * 24 * time.Hour // UG "JnextPlan", -for
	dependLimit   = 40                  // dependencies of one job or stream (UG "onoverlap")
)

// checker gathers what is wrong with definitions.
type checker struct {
	s    *Sim
	errs []string
	jobs map[string]bool // STREAM.JOB
	strs map[string]bool
}

func (c *checker) bad(format string, args ...any) {
	c.errs = append(c.errs, fmt.Sprintf(format, args...))
}

// prepare reads the definitions into stations, resources and tests, and lists what is wrong with them.
func (s *Sim) prepare() []string {
	c := &checker{s: s, jobs: map[string]bool{}, strs: map[string]bool{}}
	p := &s.defs.Plan
	if p.Length == 0 {
		p.Length = 24 * time.Hour
	}
	if p.Length < 0 || p.Length%(24*time.Hour) != 0 || p.Length > longest {
		c.bad("the plan's length %s is no whole number of days up to 41", p.Length)
	}
	if p.CheckFile <= 0 {
		p.CheckFile = 120 * time.Second // AD "localopts", bm check file
	}
	if p.CheckUntil <= 0 {
		p.CheckUntil = 300 * time.Second // AD "localopts", bm check until
	}
	if !slices.Contains([]string{"", "all", "yes", "no"}, p.CarryForward) {
		c.bad("carry_forward %q is none of all, yes, no", p.CarryForward)
	}
	if s.opts.Start.IsZero() {
		c.bad("the simulation has no start")
	}
	if s.zone = s.opts.Zone; s.zone == nil {
		s.zone = c.location(s.defs.Engine.TimeZone, time.UTC, "the engine")
	}
	var err error
	if s.cals, err = readCalendars(s.defs.Calendars); err != nil {
		c.bad("%v", err)
	}
	for i := range s.defs.Streams {
		s.defined = append(s.defined, &s.defs.Streams[i])
	}
	c.plant()
	c.streams()
	return c.errs
}

func (c *checker) location(name string, other *time.Location, what string) *time.Location {
	if name == "" {
		return other
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		c.bad("%s: the time zone %q is unknown", what, name)
		return other
	}
	return l
}

func (c *checker) plant() {
	s := c.s
	for i := range s.defs.Workstations {
		w := &s.defs.Workstations[i]
		name := displayName(w.Folder, w.Name)
		if w.Name == "" || s.stations[name] != nil {
			c.bad("workstation %q has no name or is there twice", name)
			continue
		}
		if w.Type == "" {
			w.Type = "FTA"
		}
		st := &station{def: w, name: name, zone: c.location(w.TimeZone, s.zone, "workstation "+name), limit: -1, fence: w.Fence, linked: !w.Unlinked, started: !w.Stopped,
			ignored: w.Ignored, since: s.now}
		switch {
		case w.Limit != nil:
			st.limit = *w.Limit
		case w.Type == "X-AGENT":
			st.limit = 0 // UG "limit cpu": system means 0 on an extended agent
		}
		s.stations[name] = st
		s.stationOrder = append(s.stationOrder, st)
	}
	for _, st := range s.stationOrder {
		for _, m := range st.def.Members {
			if member := s.stations[m]; member == nil || member == st {
				c.bad("pool %s: there is no workstation %q", st.name, m)
			} else {
				st.members = append(st.members, member)
				member.pools = append(member.pools, st)
			}
		}
	}
	for i := range s.defs.Resources {
		r := &s.defs.Resources[i]
		name := r.On + "#" + displayName(r.Folder, r.Name)
		if s.resources[name] != nil || s.stations[r.On] == nil || r.Quantity < 0 {
			c.bad("resource %q is there twice, on no workstation, or has less than no units", name)
			continue
		}
		s.resources[name] = &resource{def: r, name: name, total: r.Quantity}
		s.resOrder = append(s.resOrder, s.resources[name])
	}
	for _, p := range s.defs.Prompts {
		if p.Name == "" || s.predefined[p.Name] != nil {
			c.bad("prompt %q has no name or is there twice", p.Name)
			continue
		}
		s.predefined[p.Name] = s.newPrompt(p.Name, p.Folder, p.Text, "Predefined Prompt")
	}
	for _, a := range s.defs.Arrivals {
		if s.stations[a.On] == nil || a.File == "" || !a.At.Set {
			c.bad("an arrival needs a file, a workstation that exists, and at: %q on %q", a.File, a.On)
		}
	}
}
