package incident

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var instantForm = regexp.MustCompile(`^(turn|close|freeze|(start|end|due) ([a-z][a-z0-9_]*))((?: [+-] ?[0-9hms]+)*)$`)

// instant reads when something happens, relative to how the day would have gone without any incident: "turn" (the plan begins), "close" (it
// ends), "freeze" (the world is told), "start X" and "end X" (X runs), "due X" (X is planned for), each with "+ 20m" or "- 1h5m" after it. Of a
// stream, workstation, resource or prompt the first start and the last end of its jobs are meant, of a file those of what waits for it.
func (s *stage) instant(text string) (time.Time, error) {
	g := instantForm.FindStringSubmatch(strings.TrimSpace(text))
	if g == nil {
		return time.Time{}, fmt.Errorf("%q is no instant: write start X, end X, due X, turn, close or freeze, and + 20m after it", text)
	}
	at, err := s.moment(g[1], g[2], g[3])
	if err != nil {
		return at, err
	}
	sign := time.Duration(1)
	for _, part := range strings.Fields(strings.NewReplacer("+", " + ", "-", " - ").Replace(g[4])) {
		switch part {
		case "+":
			sign = 1
		case "-":
			sign = -1
		default:
			d, err := time.ParseDuration(part)
			if err != nil {
				return at, fmt.Errorf("%q holds no duration like 1h20m", text)
			}
			at = at.Add(sign * d)
		}
	}
	return at, nil
}

func (s *stage) moment(word, which, name string) (time.Time, error) {
	switch word {
	case "turn":
		return s.day.start, nil
	case "close":
		return s.day.start.Add(24 * time.Hour), nil
	case "freeze":
		if s.frozen.IsZero() {
			return s.frozen, fmt.Errorf("freeze is not known yet where the definitions are changed")
		}
		return s.frozen, nil
	}
	t, ok := s.picked[name]
	if !ok {
		return time.Time{}, fmt.Errorf("nothing is called %s", name)
	}
	var first, last, due time.Time
	for _, id := range s.jobsOf(t) {
		j := s.day.job(id)
		b, e, d := began(j), ended(j), j.SchedTime
		if j.Times.EarliestStart.After(d) {
			d = j.Times.EarliestStart
		}
		if !b.IsZero() && (first.IsZero() || b.Before(first)) {
			first = b
		}
		if e.After(last) {
			last = e
		}
		if due.IsZero() || d.Before(due) {
			due = d
		}
	}
	at := map[string]time.Time{"start": first, "end": last, "due": due}[which]
	if at.IsZero() {
		return at, fmt.Errorf("%s has no %s in the healthy plan", name, which)
	}
	return at, nil
}
