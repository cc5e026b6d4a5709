package plant

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// facts are all values of an object, however its fields are called: a product may name them as it likes, their values are the engine's.
type facts struct {
	words   map[string]bool
	times   []time.Time
	spans   []time.Duration
	related []string // how jobs and job streams are written that the object points at
}

// gather walks through values and collects what stands in them.
func (p *Plant) gather(values ...any) *facts {
	f := &facts{words: map[string]bool{}}
	for _, v := range values {
		if v != nil {
			p.walk(f, reflect.ValueOf(v))
		}
	}
	return f
}

func (p *Plant) walk(f *facts, v reflect.Value) {
	switch x := v.Interface().(type) {
	case time.Time:
		if !x.IsZero() {
			f.times = append(f.times, x)
		}
		return
	case time.Duration:
		f.spans = append(f.spans, x)
		return
	case twstools.Ref:
		if t, ok := p.byRef[x.ID]; ok {
			f.related = append(f.related, p.Text(t))
		}
		return
	case []string:
		f.words[Fold(strings.Join(x, ","))] = true
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			p.walk(f, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				p.walk(f, v.Field(i))
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			p.walk(f, k)
			p.walk(f, v.MapIndex(k))
		}
	case reflect.Slice:
		for i := range v.Len() {
			p.walk(f, v.Index(i))
		}
	case reflect.String:
		f.words[Fold(v.String())] = true
	case reflect.Int, reflect.Int64:
		f.words[strconv.FormatInt(v.Int(), 10)] = true
	case reflect.Bool:
		f.words[strconv.FormatBool(v.Bool())] = true
	}
}

// figure gives what follows from a job's last run and stands in no field as it is told.
func (p *Plant) figure(t Thing, is string) (time.Duration, time.Time, bool) {
	if t.Job == nil || len(t.Job.Runs) == 0 {
		return 0, time.Time{}, false
	}
	run := t.Job.Runs[len(t.Job.Runs)-1]
	switch is {
	case "elapsed":
		end := run.End
		if end.IsZero() {
			end = p.World.AsOf
		}
		return end.Sub(run.Start), time.Time{}, true
	case "estimate":
		if run.Estimated > 0 {
			return run.Estimated, time.Time{}, true
		}
		return t.Job.Definition.EstimatedDuration, time.Time{}, t.Job.Definition.EstimatedDuration > 0
	case "start":
		return 0, run.Start, !run.Start.IsZero()
	}
	return 0, time.Time{}, false
}

// Quote is a quote of a field for the figure or the value, for those who write answers from gold.
func (p *Plant) Quote(t Thing, value, is string) (string, bool) {
	if is == "" {
		f := p.gather(append([]any{t.Object}, t.More...)...)
		for _, w := range append(slices.Sorted(maps.Keys(f.words)), f.related...) {
			if strings.Contains(w, value) && p.Shows(t, w, value, "") { // 143 also stands in many an id
				return "value=" + w, true
			}
		}
		return "", false
	}
	span, at, ok := p.figure(t, is)
	if !at.IsZero() {
		return is + "=" + at.In(p.Zone).Format(time.RFC3339), ok
	}
	return is + "=" + span.Truncate(time.Second).String(), ok
}

// Shows reports whether a quoted value is the figure, or holds the value, that the gold asks for.
func (p *Plant) Shows(t Thing, quoted, value, is string) bool {
	if is == "" {
		for _, part := range append([]string{quoted}, strings.FieldsFunc(quoted, func(r rune) bool { return !wordRune(r) })...) {
			if part == value {
				return true
			}
		}
		return false
	}
	span, at, ok := p.figure(t, is)
	if !ok {
		return false
	}
	if !at.IsZero() {
		x, isTime := Instant(quoted, p.Zone)
		return isTime && near(x.Sub(at), time.Second)
	}
	x, isSpan := Duration(quoted)
	return isSpan && near(x-span, slack)
}

func wordRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// slack is how far a figure that counts until now may be off: a question takes its time.
const slack = 90 * time.Second

func near(d, by time.Duration) bool { return d <= by && -d <= by }

var parts = regexp.MustCompile(`[\s,;()|]+`)

// Stands reports whether what evidence quotes of an object is so in the world: field=value, where the value is one of the object's own, or
// is put together from such values and from names of what the object points at.
func (p *Plant) Stands(source, quote string) error {
	kind, name, ok := strings.Cut(source, ":")
	if !ok {
		return fmt.Errorf("%q names no source", source)
	}
	if kind == "audit" || kind == "event" {
		return p.recorded(kind, quote)
	}
	t, found := p.find(kind, name)
	if !found {
		return fmt.Errorf("there is no %s in the world", source)
	}
	_, value, isField := strings.Cut(quote, "=")
	if !isField || strings.TrimSpace(value) == "" {
		return fmt.Errorf("%q is not of the form field=value", quote)
	}
	f := p.gather(append([]any{t.Object}, t.More...)...)
	rest := Fold(value)
	if p.holds(f, rest) {
		return nil
	}
	for _, r := range longest(append(f.related, p.Text(t))) {
		rest = strings.ReplaceAll(rest, r, " ")
		if _, short, ok := strings.Cut(r, "#"); ok {
			rest = strings.ReplaceAll(rest, short, " ") // the newer interface lists holders without the workstation
		}
	}
	rest = p.pointed(f, rest)
	for _, part := range parts.Split(rest, -1) {
		if part != "" && !p.holds(f, part) {
			return fmt.Errorf("%s has no value %q", source, part)
		}
	}
	return nil
}

// longest sorts names so that a job goes before its job stream.
func longest(names []string) []string {
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return names
}

var pointedAt = regexp.MustCompile(`(?:([\w/.-]+)#)?([\w-]+)\[?\((\d{4} \d{2}/\d{2}/\d{2})\)\]?(?:\.(\w+))?`)

// pointed takes out the instances that an object points at and that are not in this plan, as a predecessor in the next one: all that such a name is
// made of must be the object's own.
func (p *Plant) pointed(f *facts, text string) string {
	for _, m := range pointedAt.FindAllStringSubmatch(text, -1) {
		at, err := time.ParseInLocation("1504 01/02/06", m[3], p.Zone)
		own := err == nil && slices.ContainsFunc(f.times, func(t time.Time) bool { return near(t.Sub(at), minute) })
		for _, part := range []string{m[1], m[2], m[4]} {
			own = own && (part == "" || f.words[part])
		}
		if own {
			text = strings.ReplaceAll(text, m[0], " ")
		}
	}
	return text
}

// Points reports whether a name is that of an instance which a thing points at, whether or not the plan holds it.
func (p *Plant) Points(t Thing, name string) bool {
	return t.Object != nil && strings.TrimSpace(p.pointed(p.gather(append([]any{t.Object}, t.More...)...), name)) == ""
}

// holds reports whether one value is the object's own.
func (p *Plant) holds(f *facts, value string) bool {
	value = strings.TrimPrefix(value, "#J")
	if _, after, ok := strings.Cut(value, "satisfied="); ok {
		value = after
	}
	if f.words[value] || slices.Contains(f.related, value) {
		return true
	}
	if x, ok := Instant(value, p.Zone); ok {
		return slices.ContainsFunc(f.times, func(t time.Time) bool { return near(x.Sub(t), time.Second) })
	}
	if x, ok := Duration(value); ok {
		return p.spans(f, x)
	}
	return false
}

// spans reports whether a duration is the object's own, or lies between two of its instants or one of them and now.
func (p *Plant) spans(f *facts, x time.Duration) bool {
	if slices.ContainsFunc(f.spans, func(d time.Duration) bool { return near(d-x, time.Second) }) {
		return true
	}
	ends := append(slices.Clone(f.times), p.World.AsOf)
	for _, a := range f.times {
		for _, b := range ends {
			if !a.Equal(b) && near(b.Sub(a)-x, slack) {
				return true
			}
		}
	}
	return false
}

// Instant reads an instant as answers and tools write it; without a zone it is in the given one.
func Instant(s string, zone *time.Location) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

var iso = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$`)

// Duration reads a duration as answers and tools write it: 1h2m3s, 40 min, PT2H23M. A bare number is none.
func Duration(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[len(s)-1] >= '0' && s[len(s)-1] <= '9' {
		return 0, false // a bare number has no unit
	}
	if d, err := time.ParseDuration(strings.NewReplacer(" ", "", "min", "m", "sec", "s").Replace(s)); err == nil {
		return d, true
	}
	m := iso.FindStringSubmatch(s)
	if m == nil || len(s) < 3 {
		return 0, false
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // what is not there counts nothing
		d += time.Duration(n) * unit
	}
	return d, true
}

// recorded reports whether one record of the audit or of the events holds all that is quoted: a piece of it, or values of it.
func (p *Plant) recorded(kind, quote string) error {
	_, value, isField := strings.Cut(quote, "=")
	var records []any
	for _, r := range p.World.Audit {
		if kind == "audit" {
			records = append(records, r)
		}
	}
	for _, r := range p.World.Events {
		if kind == "event" {
			records = append(records, r)
		}
	}
	for _, r := range records {
		f := p.gather(r)
		for w := range f.words {
			if q := Fold(quote); q != "" && strings.Contains(w, q) {
				return nil
			}
		}
		if isField && strings.TrimSpace(value) != "" && p.holds(f, Fold(value)) {
			return nil
		}
	}
	return fmt.Errorf("no record of the %s holds %q", kind, quote)
}
