package diagnose

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// Moment is the time that an asker names: an instant, a day, or a time of day. The zero Moment names none.
type Moment struct {
	from, to time.Time // an instant's minute, or a day; UTC
	clock    int       // minutes since midnight in the plan's zone, where only a time of day was named
	kind     momentKind
	zone     *time.Location
}

type momentKind int

const (
	noMoment momentKind = iota
	atInstant
	onDay
	atClock
)

// ParseMoment reads RFC 3339, "2006-01-02 15:04" or "2006-01-02T15:04", with seconds or without, "2006-01-02", or "15:04", the last three in the plan's zone, and what
// Absolute reads, by now, the engine's; empty text gives the zero Moment. Anything else is fault.Invalid.
func ParseMoment(text string, zone *time.Location, now time.Time) (Moment, error) {
	text = strings.TrimSpace(Absolute(text, zone, now))
	if text == "" {
		return Moment{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return Moment{kind: atInstant, from: t.UTC().Truncate(time.Minute), to: t.UTC().Truncate(time.Minute).Add(time.Minute), zone: zone}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			t = t.UTC().Truncate(time.Minute)
			return Moment{kind: atInstant, from: t, to: t.Add(time.Minute), zone: zone}, nil
		}
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return Moment{kind: onDay, from: t.UTC(), to: t.AddDate(0, 0, 1).UTC(), zone: zone}, nil
	}
	if t, err := time.Parse("15:04", text); err == nil {
		return Moment{kind: atClock, clock: t.Hour()*60 + t.Minute(), zone: zone}, nil
	}
	return Moment{}, fault.New(fault.Invalid, "%q is no time.", text).WithHint("Use RFC 3339, a date such as 2006-01-02, a day such as yesterday or monday, or a time of day such as 02:25.")
}

// none reports whether no time was named.
func (m Moment) none() bool { return m.kind == noMoment }

// past reports whether the whole Moment lies before t; a time of day never does.
func (m Moment) past(t time.Time) bool { return m.kind != atClock && !m.none() && !m.to.After(t) }

// hit tells how well an instant fits: it lies in the named minute or day.
func (m Moment) hit(t time.Time) bool {
	if t.IsZero() {
		return false
	}
	if m.kind == atClock {
		local := t.In(m.zone)
		return local.Hour()*60+local.Minute() == m.clock
	}
	return !t.Before(m.from) && t.Before(m.to)
}

// Ranks of fitting, best first: planned for then, started or ended then, running then.
const (
	fitsNot = iota
	ranThrough
	beganOrEnded
	plannedFor
)

// fits ranks an instance with its planned time and its runs.
func (m Moment) fits(planned time.Time, runs []twstools.Run) int {
	best := fitsNot
	if m.hit(planned) {
		return plannedFor
	}
	for _, r := range runs {
		switch {
		case m.hit(r.Start) || m.hit(r.End):
			best = beganOrEnded
		case best == fitsNot && m.kind != atClock && !r.Start.IsZero() && r.Start.Before(m.to) && !r.End.IsZero() && r.End.After(m.from):
			best = ranThrough
		}
	}
	return best
}

func (m Moment) fitsPick(p pick) int {
	switch {
	case p.job != nil:
		return m.fits(p.job.SchedTime, p.job.Runs)
	case p.stream != nil:
		return m.fits(p.stream.SchedTime, []twstools.Run{{Start: p.stream.Start, End: p.stream.End}})
	}
	return fitsNot
}

// narrow keeps the instances that fit best; none fits: it gives ps as they are, and false.
func (m Moment) narrow(ps []pick) ([]pick, bool) {
	best := fitsNot
	for _, p := range ps {
		best = max(best, m.fitsPick(p))
	}
	if m.none() || best == fitsNot {
		return ps, m.none()
	}
	var out []pick
	for _, p := range ps {
		if m.fitsPick(p) == best {
			out = append(out, p)
		}
	}
	return out, true
}

// of keeps the instances that a question about facts means: those that fit best, else those that had been planned and were still open then.
// None, where a day or an instant was named: false. A time of day is often said roughly, so one that fits none narrows nothing.
func (m Moment) of(ps []pick, now time.Time) ([]pick, bool) {
	if out, fits := m.narrow(ps); fits || m.kind == atClock {
		return out, true
	}
	var standing []pick
	for _, p := range ps {
		if p.job == nil && p.stream == nil {
			return ps, true // workstations and the like have no instances
		}
		if due := dueAt(p); !due.IsZero() && due.Before(m.to) && !m.from.After(now) && openPhase(p.phase()) {
			standing = append(standing, p)
		}
	}
	return standing, len(standing) > 0 || len(ps) == 0
}

func openPhase(p plan.Phase) bool {
	return p == plan.Waiting || p == plan.Ready || p == plan.Running
}

// Without is what to say where the plan holds no instance for the time that was named: fault.NotFound, with the instances there are.
func Without(target, at string, instances []string) error {
	return fault.New(fault.NotFound, "No instance of %s in the plan was planned for, or ran at, %s.", target, at).
		WithHint("Leave the time out, or name one of those that the plan holds.").WithCandidates(instances...)
}
