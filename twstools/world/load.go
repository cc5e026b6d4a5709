package world

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a world names its zone, and a bare container has no zone files

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Load reads every *.yaml file at the top of files as one world, told relative to now. Unknown keys, unreadable
// times and references to what is not there are errors (fault.Invalid); all that are found are reported together.
func Load(files fs.FS, now time.Time) (*World, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The folder of the world cannot be listed.")
	}
	if len(names) == 0 {
		return nil, fault.New(fault.Invalid, "The folder holds no world: no *.yaml file is in it.")
	}
	var doc fileDoc
	for _, name := range names {
		if err := readInto(&doc, files, name); err != nil {
			return nil, err
		}
	}
	return build(doc, now)
}

func readInto(doc *fileDoc, files fs.FS, name string) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The world's file %s cannot be read.", name)
	}
	var part fileDoc
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&part); err != nil && !errors.Is(err, io.EOF) {
		return fault.Wrap(fault.Invalid, err, "The world's file %s is not in the form of a world: %s", name, oneLine(err.Error()))
	}
	return doc.merge(part, name)
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

// merge adds what another file says. What can be said only once is an error when it is said twice.
func (d *fileDoc) merge(p fileDoc, name string) error {
	if p.Engine != nil && d.Engine != nil || p.Clock != "" && d.Clock != "" || p.DayStarts != "" && d.DayStarts != "" {
		return fault.New(fault.Invalid, "The world's file %s repeats engine, clock or day_starts of another file.", name)
	}
	if p.Engine != nil {
		d.Engine = p.Engine
	}
	d.Clock += p.Clock
	d.DayStarts += p.DayStarts
	d.Workstations = append(d.Workstations, p.Workstations...)
	d.Resources = append(d.Resources, p.Resources...)
	d.Prompts = append(d.Prompts, p.Prompts...)
	d.Streams = append(d.Streams, p.Streams...)
	if err := d.mergePorts(p, name); err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(p.Logs)) {
		if _, twice := d.Logs[k]; twice {
			return fault.New(fault.Invalid, "The world's file %s describes the log %q a second time.", name, k)
		}
		if d.Logs == nil {
			d.Logs = map[string]fileLog{}
		}
		d.Logs[k] = p.Logs[k]
	}
	return nil
}

// builder turns the files' form into a World. It gathers errors, so that an author sees all of them at once.
type builder struct {
	doc   fileDoc
	clock clock
	until time.Time // no run starts or ends after it
	loc   *time.Location
	w     *World
	errs  []string

	workstations map[string]*twstools.Workstation
	members      map[string][]string // of pools
	resources    map[string]int      // WORKSTATION#NAME
	prompts      map[string]int
	streams      map[string]int // by key
	jobs         map[string]int // KEY.JOB
	jobByID      map[string]int // by Ref.ID
	streamByID   map[string]int
	streamFiles  []fileStream // beside w.JobStreams
	streamJobs   [][]int      // the same: which jobs
	jobFiles     []jobSource  // beside w.Jobs
	timing       []int8       // beside w.Jobs: 0 not yet, 1 being timed, 2 timed
}

// jobSource is where a job came from.
type jobSource struct {
	file   fileJob
	stream int
	key    string
}

func (b *builder) fail(format string, args ...any) {
	if len(b.errs) < 30 {
		b.errs = append(b.errs, fmt.Sprintf(format, args...))
	}
}

func newBuilder(doc fileDoc, c clock) *builder {
	return &builder{doc: doc, clock: c, until: c.now, w: &World{AsOf: c.now, Logs: map[string]JobLog{}},
		workstations: map[string]*twstools.Workstation{}, resources: map[string]int{}, prompts: map[string]int{}, streams: map[string]int{}, jobs: map[string]int{},
		jobByID: map[string]int{}, streamByID: map[string]int{}, members: map[string][]string{}}
}

func build(doc fileDoc, now time.Time) (*World, error) {
	c, err := newClock(now, doc.Clock, doc.DayStarts)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The world's clock is wrong: %s.", err)
	}
	b := newBuilder(doc, c)
	for _, step := range []func(){b.engine, b.plant, b.streamsAndJobs, b.bindings, b.needs, b.times, b.settle, b.tally, b.logs, b.ports} {
		if step(); len(b.errs) > 0 {
			return nil, fault.New(fault.Invalid, "The world is wrong: %s.", strings.Join(b.errs, "; "))
		}
	}
	if err := b.w.Validate(); err != nil {
		return nil, err
	}
	return b.w, nil
}

func (b *builder) engine() {
	e := fileEngine{}
	if b.doc.Engine != nil {
		e = *b.doc.Engine
	}
	b.w.Info = twstools.Info{Mode: "mock", Dialect: Dialect, Version: orElse(e.Version, "10.2.5.00"), TimeZone: orElse(e.TimeZone, "UTC"),
		Locale: orElse(e.Locale, "en_US"), License: orElse(e.License, "PERSERVER")}
	loc, err := time.LoadLocation(b.w.Info.TimeZone)
	if err != nil {
		b.fail("the engine's time zone %q is unknown", b.w.Info.TimeZone)
		return
	}
	b.loc = loc
	b.w.PlanID = nameUUID("plan", b.clock.base.In(loc).Format(time.DateOnly))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// instant reads a time; what says where it stands, for the error.
func (b *builder) instant(s, what string) time.Time {
	t, err := b.clock.parse(s)
	if err != nil {
		b.fail("%s: %v", what, err)
	}
	return t.UTC()
}

func (b *builder) span(s, what string) time.Duration {
	if s == "" {
		return 0
	}
	d, err := distance(s)
	if err != nil || d < 0 {
		b.fail("%s: %q is no duration", what, s)
		return 0
	}
	return d
}
