package incident

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// hole is a place in a family's texts:
//
//	{name}            a drawn value, or the short name of a pick
//	{name.field}      path (STREAM.JOB, WS#NAME), ref (type:path, as gold names things), stream, ws, user, file (last part of a path), does, service,
//	                  contact, says (what people call it, in the question's language), estimate (minutes), number (#J of the last run),
//	                  near (a name like its own that nothing bears), before (path of its instance of the day before), asks (the prompt that it has
//	                  asked in the world that is told, as gold names it)
//	{name~}           the name as somebody types it at night
//	{tod: INSTANT}    a time of day for definitions, counted from the plan's date: 02:10+1
//	{clock: INSTANT}  a time of day as people say it: 02:10
//	{iso: INSTANT}    an instant in the plan's zone
//	{date: INSTANT}   a day as people say it: 14 March, 14/03
//
// A brace after a dollar sign belongs to the simulator's log patterns and is left alone, and so is what names nothing.
var hole = regexp.MustCompile(`(\$?)\{(?:(tod|clock|iso|date): ([^{}]+)|([a-z][a-z0-9_]*)(\.[a-z]+|~)?)\}`)

// fill puts values into the holes of a text. Unknown holes stay as they are where lax is set, and are errors else.
func (s *stage) fill(text, lang string, lax bool) (string, error) {
	var failed error
	out := hole.ReplaceAllStringFunc(text, func(m string) string {
		g := hole.FindStringSubmatch(m)
		if g[1] != "" {
			return m
		}
		v, err := s.value(g, lang)
		if err != nil {
			if !lax && failed == nil {
				failed = err
			}
			return m
		}
		return v
	})
	return out, failed
}

func (s *stage) value(g []string, lang string) (string, error) {
	if g[2] != "" {
		at, err := s.instant(g[3])
		return s.told(g[2], lang, at), err
	}
	name, field := g[4], g[5]
	if v, ok := s.drawn[name]; ok && field == "" {
		return v, nil
	}
	t, ok := s.picked[name]
	if !ok {
		return "", fmt.Errorf("nothing is called %s", name)
	}
	if field == "~" {
		return s.typed(t.short()), nil
	}
	return s.field(t, strings.TrimPrefix(field, "."), lang)
}

// told writes an instant: as a time of day from the plan's date on, on the clock, or whole.
func (s *stage) told(form, lang string, at time.Time) string {
	local := at.In(s.day.zone)
	switch form {
	case "clock":
		return local.Format("15:04")
	case "iso":
		return local.Format(time.RFC3339)
	case "date":
		if lang == "pt" {
			return local.Format("02/01")
		}
		return local.Format("2 January")
	}
	first := s.day.start.In(s.day.zone)
	midnight := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, s.day.zone)
	days := 0
	for next := midnight.AddDate(0, 0, 1); !local.Before(next); next = next.AddDate(0, 0, 1) {
		days++
	}
	out := local.Format("15:04")
	if days > 0 {
		out += "+" + strconv.Itoa(days)
	}
	return out
}

// short is the name alone, as people say it.
func (t thing) short() string {
	switch t.kind {
	case "job":
		return t.job
	case "stream":
		return t.stream
	case "file":
		return t.name[strings.LastIndexAny(t.name, `/\`)+1:]
	}
	return t.name
}

// path is the name as the gold writes it. An instance is named where its stream has several.
func (t thing) path(zone *time.Location) string {
	stream := t.stream
	if t.twins {
		stream += "(" + t.sched.In(zone).Format("1504 01/02/06") + ")"
	}
	switch t.kind {
	case "job":
		return stream + "." + t.job
	case "stream":
		return stream
	case "resource", "file":
		return t.ws + "#" + t.name
	}
	return t.name
}

// operator is the name by which the simulator finds it.
func (t thing) operator(zone *time.Location) string { return t.path(zone) }

func (s *stage) field(t thing, field, lang string) (string, error) {
	switch field {
	case "":
		return t.short(), nil
	case "path":
		return t.path(s.day.zone), nil
	case "before":
		t.sched, t.twins = t.sched.In(s.day.zone).AddDate(0, 0, -1), true
		return t.path(s.day.zone), nil
	case "ref":
		return t.kind + ":" + t.path(s.day.zone), nil
	case "stream":
		return t.stream, nil
	case "ws":
		return t.ws, nil
	case "file":
		return t.short(), nil
	case "near":
		return s.near(t.short())
	case "says":
		return s.says(t, lang)
	}
	return s.defined(t, field)
}

// defined gives what stands in the definition of a job or stream.
func (s *stage) defined(t thing, field string) (string, error) {
	st, job := definition(&s.day.defs, t.stream, t.job)
	if st == nil {
		return "", fmt.Errorf("a %s has no %s", t.kind, field)
	}
	switch {
	case field == "service":
		return st.Service, nil
	case field == "contact":
		return st.Contact, nil
	case field == "does" && job != nil:
		return job.Does, nil
	case field == "does":
		return st.Description, nil
	case field == "user" && job != nil:
		return cmp.Or(job.User, st.User), nil
	case field == "number" && job != nil:
		return s.number(t)
	case field == "asks" && job != nil:
		return s.asks(t)
	case field == "estimate" && job != nil:
		j := s.day.job(t.id)
		return strconv.Itoa(int(ended(j).Sub(began(j)).Minutes())), nil
	}
	return "", fmt.Errorf("a %s has no %s", t.kind, field)
}

// number is the job number of the last run in the world that is told.
func (s *stage) number(t thing) (string, error) {
	if s.world != nil {
		for _, j := range s.world.Jobs {
			if j.Name == t.job && j.Stream == t.stream && j.SchedTime.Equal(t.sched) && len(j.Runs) > 0 {
				return strconv.FormatInt(j.Runs[len(j.Runs)-1].JobNumber, 10), nil
			}
		}
	}
	return "", fmt.Errorf("%s has not run", t.short())
}

// asks is the prompt that a job has asked in the world that is told.
func (s *stage) asks(t thing) (string, error) {
	if s.world != nil {
		for _, p := range s.world.Prompts {
			if _, job, ok := strings.Cut(p.JobKey, "."); ok && job == t.job && strings.Contains(p.JobKey, "#"+t.stream+".") {
				return "prompt:" + p.Name, nil
			}
		}
	}
	return "", fmt.Errorf("%s asks nothing", t.short())
}

// says is what people call it: the base's own phrase.
func (s *stage) says(t thing, lang string) (string, error) {
	key := s.names.old[t.stream]
	if t.kind == "job" {
		key += "." + s.names.old[t.job]
	}
	p, ok := s.base.phrases[key]
	if !ok {
		return "", fmt.Errorf("the base has no phrase for %s", key)
	}
	if lang == "pt" {
		return p.PT, nil
	}
	return p.EN, nil
}

// near is a name like another one that nothing in the plant bears.
func (s *stage) near(name string) (string, error) {
	taken := map[string]bool{}
	for _, st := range s.day.defs.Streams {
		taken[st.Name] = true
		for _, j := range st.Jobs {
			taken[j.Name] = true
		}
	}
	endings := []string{"_OLD", "7", "_BR", "_NEW", "9"}
	r := s.luck("near " + name)
	for _, i := range r.Perm(len(endings)) {
		if other := name + endings[i]; !taken[other] {
			return other, nil
		}
	}
	return "", fmt.Errorf("every name like %s is taken", name)
}

// typed is a name as a tired person types it: small letters, an underscore lost or two letters swapped.
func (s *stage) typed(name string) string {
	r := s.luck("typed " + name)
	out := []rune(strings.ToLower(name))
	if strings.Contains(name, "_") && r.IntN(2) == 0 {
		return strings.ReplaceAll(string(out), "_", [...]string{"", " "}[r.IntN(2)])
	}
	if len(out) > 5 {
		i := 1 + r.IntN(len(out)-3)
		out[i], out[i+1] = out[i+1], out[i]
	}
	return string(out)
}
