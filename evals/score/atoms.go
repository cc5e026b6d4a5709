package score

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools/answer"
)

// hasLine reports whether a line of a log is one that the answer quotes or was asked about, or at least is there in a log of what is spoken of.
func (g *grounds) hasLine(n string) bool {
	if slices.ContainsFunc(g.logs(), func(l *plant.Log) bool { return atoi(n) >= 1 && atoi(n) <= len(l.Lines) }) {
		return true
	}
	return g.asked(n) || slices.ContainsFunc(g.all(), func(e answer.Evidence) bool { return strconv.Itoa(e.Line) == n })
}

// logs are those of all runs of what is spoken of.
func (g *grounds) logs() []*plant.Log {
	var out []*plant.Log
	for _, t := range g.things {
		if t.Job == nil {
			continue
		}
		for _, r := range t.Job.Runs {
			if log, ok := g.Plant.RunLog(r.ID); ok {
				out = append(out, log)
			}
		}
	}
	return out
}

// shows reports whether a log of what is spoken of has the text in the line.
func (g *grounds) shows(line int, text string) bool {
	return line > 0 && slices.ContainsFunc(g.logs(), func(l *plant.Log) bool { return l.Holds(text, line) })
}

// hasRun reports whether a job number is that of a run of the world.
func (g *grounds) hasRun(n string) bool {
	want, err := strconv.ParseInt(n, 10, 64)
	if err != nil {
		return false
	}
	for i := range g.Plant.World.Jobs {
		for _, r := range g.Plant.World.Jobs[i].Runs {
			if r.JobNumber == want {
				return true
			}
		}
	}
	return g.asked(n)
}

func (g *grounds) asked(text string) bool { return hasWord(g.Question.Text, text) }

// hasCode reports whether a return code is one of the things that are spoken of.
func (g *grounds) hasCode(code string) bool {
	for _, t := range g.things {
		if t.Job == nil {
			continue
		}
		for _, r := range t.Job.Runs {
			if r.ReturnCode != nil && strconv.Itoa(*r.ReturnCode) == code {
				return true
			}
			if log, ok := g.Plant.RunLog(r.ID); ok && log.Finds(regexp.MustCompile(`(?i)(rc|code|status|exit)\W{0,16}`+code+`\b`)) {
				return true
			}
		}
	}
	return g.asked(code)
}

func (g *grounds) zones() []*time.Location {
	out := []*time.Location{g.Plant.Zone}
	for _, t := range g.things {
		name := ""
		if t.Job != nil {
			name = t.Job.TimeZone
		}
		if z, err := time.LoadLocation(name); name != "" && err == nil {
			out = append(out, z)
		}
	}
	return out
}

var zoneForm = regexp.MustCompile(`^(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?$`)

// zoneOf is the zone that is written behind a time of day: UTC, or how far from it.
func zoneOf(text string) (*time.Location, bool) {
	if text == "UTC" || text == "Z" || text == "GMT" {
		return time.UTC, true
	}
	m := zoneForm.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	east := atoi(m[2]) * 3600
	if m[3] != "" {
		east += atoi(m[3]) * 60
	}
	if m[1] == "-" {
		east = -east
	}
	return time.FixedZone(text, east), true
}

// offset is how far a zone is from UTC at an instant, in seconds.
func offset(z *time.Location, at time.Time) int {
	_, east := at.In(z).Zone()
	return east
}

// hasClock reports whether a time of day is one of what is spoken of: in the zone that is written behind it, else in the plan's or a job's own.
func (g *grounds) hasClock(h, m, zone string) bool {
	hour, min := atoi(h), atoi(m)
	zones := g.zones()
	if z, ok := zoneOf(zone); ok {
		here := slices.ContainsFunc(zones, func(o *time.Location) bool { return offset(o, g.Plant.World.AsOf) == offset(z, g.Plant.World.AsOf) })
		if zones = []*time.Location{z}; !here {
			return slices.ContainsFunc(append(slices.Clone(g.facts.Times), g.foreseen()...), func(t time.Time) bool {
				x := t.In(z)
				return x.Hour() == hour && x.Minute() == min
			})
		}
	}
	if g.facts.HasClock(hour, min, zones...) || strings.Contains(g.Question.Text, h+":"+m) {
		return true
	}
	for _, t := range g.foreseen() {
		for _, z := range zones {
			if x := t.In(z); x.Hour() == hour && x.Minute() == min {
				return true
			}
		}
	}
	return false
}

func (g *grounds) hasStamp(m []string) bool {
	at, ok := plant.Instant(strings.Replace(m[0], "T", " ", 1), g.Plant.Zone)
	if !ok {
		at, ok = plant.Instant(m[0], g.Plant.Zone)
	}
	if !ok {
		return g.known(m[0])
	}
	same := func(t time.Time) bool { return t.Sub(at).Abs() <= time.Minute }
	return slices.ContainsFunc(g.facts.Times, same) || slices.ContainsFunc(g.foreseen(), same) || g.known(m[0])
}

// hasDay reports whether a date is one on which something lies that is spoken of. Of a date with slashes either order is taken.
func (g *grounds) hasDay(text string) bool {
	for _, t := range append(slices.Clone(g.facts.Times), g.foreseen()...) {
		for _, z := range g.zones() {
			for _, layout := range []string{"2006-01-02", "01/02/06", "02/01/06", "01/02/2006", "02/01/2006", "1/2", "2/1", "01/02", "02/01"} {
				if t.In(z).Format(layout) == text {
					return true
				}
			}
		}
	}
	return g.known(text)
}

// hasSpan reports whether a spoken duration is so; what is said in hours may be rounded to them.
func (g *grounds) hasSpan(m []string) bool {
	d, by := spoken(m[0])
	if d == 0 {
		return true
	}
	if g.facts.HasSpan(d, by) || g.known(strings.TrimSpace(m[0])) {
		return true
	}
	now := g.Plant.World.AsOf
	return slices.ContainsFunc(g.foreseen(), func(t time.Time) bool { return (t.Sub(now).Abs() - d).Abs() <= max(by, time.Minute) })
}

// spoken reads a duration as prose says it, and how coarsely it is said.
func spoken(text string) (d, by time.Duration) {
	for _, m := range spanPart.FindAllStringSubmatch(text, -1) {
		n := time.Duration(atoi(m[1]))
		switch unit := strings.ToLower(m[2]); {
		case strings.HasPrefix(unit, "d"):
			d, by = d+n*24*time.Hour, 12*time.Hour
		case strings.HasPrefix(unit, "h"):
			d, by = d+n*time.Hour, 30*time.Minute
		case strings.HasPrefix(unit, "m"):
			d, by = d+n*time.Minute, time.Minute
		default:
			d, by = d+n*time.Second, time.Second
		}
	}
	if m := clockH.FindStringSubmatch(text); m != nil {
		return time.Duration(atoi(m[1]))*time.Hour + time.Duration(atoi(m[2]))*time.Minute, time.Minute
	}
	return d, by
}

// hasNumber reports whether a number is one of the things spoken of, counts something, or was asked.
func (g *grounds) hasNumber(text string) bool {
	return g.facts.Numbers[strconv.Itoa(atoi(text))] || g.counts(text) || g.ofLog(atoi(text))
}

// ofLog reports whether a number is that of a line which the answer quotes and which stands there, or how many lines a log has.
func (g *grounds) ofLog(n int) bool {
	return slices.ContainsFunc(g.logs(), func(l *plant.Log) bool { return len(l.Lines) == n }) ||
		slices.ContainsFunc(g.all(), func(e answer.Evidence) bool { return e.Line == n && g.stands(e) == nil })
}

// counts reports whether a number counts something of the world or of the answer, or was asked.
func (g *grounds) counts(text string) bool {
	n := atoi(text)
	if g.asked(text) || g.Plant.Counts(n) {
		return true
	}
	counted := []int{len(g.d.Affected), g.d.AffectedTotal, len(g.d.Candidates), len(g.Gold.Items), len(g.Gold.Affected)}
	for _, t := range g.things {
		behind := g.Plant.Behind(t)
		jobs := 0
		for _, w := range behind {
			if w.Thing.Job != nil {
				jobs++
			}
		}
		counted = append(counted, len(behind), jobs, len(behind)-jobs)
	}
	return slices.Contains(counted, n) || slices.Contains(g.Gold.Figures, n)
}

// hasFigure reports whether a measured number is one of the things spoken of, as it is written or rounded to a whole.
func (g *grounds) hasFigure(text string) bool {
	whole, _, decimal := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
	return decimal && g.known(text) || !decimal && (g.facts.Numbers[strings.TrimLeft(whole, "0")] || g.asked(whole))
}

// foreseen are instants of the structure that follow from others: until when must be acted, and when what suffers will end. They are taken where
// they can be so: an end lies ahead, and one must act before a deadline of what waits, by no more than all of it takes.
func (g *grounds) foreseen() []time.Time {
	var out []time.Time
	now := g.Plant.World.AsOf
	var work time.Duration
	var deadlines []time.Time
	for _, x := range g.d.Impact {
		for _, t := range g.Plant.Meant(x.Entity) {
			work += estimate(t)
			if at := deadline(t); !at.IsZero() {
				deadlines = append(deadlines, at)
			}
		}
		if end, ok := plant.Instant(x.PredictedEnd, g.Plant.Zone); ok && !end.Before(now.Add(-time.Minute)) && end.Before(now.Add(36*time.Hour)) {
			out = append(out, end)
		}
	}
	for _, t := range append(g.suffering(), g.things...) {
		work += estimate(t)
		if at := deadline(t); !at.IsZero() {
			deadlines = append(deadlines, at)
		}
	}
	if u := g.d.Urgency; u != nil {
		if at, ok := plant.Instant(u.ActBy, g.Plant.Zone); ok && slices.ContainsFunc(deadlines, func(d time.Time) bool { return !at.After(d) && d.Sub(at) <= work }) {
			out = append(out, at)
		}
	}
	return append(out, deadlines...)
}

// suffering is all that can suffer from what the answer is about.
func (g *grounds) suffering() []plant.Thing {
	if g.behind != nil {
		return g.behind
	}
	from := g.sources()
	for _, x := range g.d.Causes {
		from = append(from, g.Plant.Meant(x.Entity)...)
	}
	g.behind = []plant.Thing{}
	for _, f := range from {
		for _, w := range g.Plant.After(f) {
			g.behind = append(g.behind, w.Thing)
		}
	}
	return g.behind
}

func estimate(t plant.Thing) time.Duration {
	switch {
	case t.Job != nil:
		return t.Job.Definition.EstimatedDuration
	case t.JobStream != nil:
		return t.JobStream.Estimated
	}
	return 0
}

// deadline is a thing's own, or its job stream's.
func deadline(t plant.Thing) time.Time {
	switch {
	case t.Job != nil:
		return t.Job.Times.Deadline
	case t.JobStream != nil:
		return t.JobStream.Times.Deadline
	}
	return time.Time{}
}

// agrees checks figures of the structure against the world: deadlines that are none.
func (g *grounds) agrees(x answer.Impact) string {
	at, ok := plant.Instant(x.Deadline, g.Plant.Zone)
	if !ok {
		return ""
	}
	things := g.Plant.Meant(x.Entity)
	if f := g.Plant.Told(things...); !slices.ContainsFunc(f.Times, func(t time.Time) bool { return t.Sub(at).Abs() <= time.Minute }) {
		return fmt.Sprintf("the deadline %s of %s is none in the world", x.Deadline, x.Entity)
	}
	return ""
}
