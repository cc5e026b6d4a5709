package record

import (
	"context"
	"sort"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// Root is what a capture begins at: the jobs or job streams that a conman selection or an expression chooses.
type Root struct {
	Selection string       // conman's: WS#STREAM, WS#STREAM.JOB+state=abend; read when Where is nil
	Where     query.Expr   // over the fields of Of
	Of        query.Object // jobs or job streams, for Where
}

// LogPolicy says which job logs are read.
type LogPolicy struct {
	None     bool
	Max      int // most logs; 0 means 2,000. Those of runs that went wrong come first
	MaxBytes int // most of one log; 0 means 256 KiB
}

// Options for Capture.
type Options struct {
	Roots   []Root    // none: the whole plan
	Depth   int       // how many hops of dependencies from the roots' streams, both ways; 0 means 2, negative none
	MaxJobs int       // 0 means 5,000
	Logs    LogPolicy //
	// Archives is how many archived plans are read, the newest; 0 means 3, negative none.
	Archives int
	Since    time.Duration // how far back logs, events and audit records are read; 0: all logs, a day of records
	Now      func() time.Time
	// Redactor renames on the way; nil leaves names as they are. Secrets are masked in any case.
	Redactor *Redactor
	// ShiftWeeks moves all dates by so many weeks, negative ones into the past; it needs a Redactor.
	ShiftWeeks int
	// Also may ask further questions through the recording engine, so that Strict can answer them; nil for none.
	Also func(context.Context, twstools.Engine) error
	// Progress is told what is being read and how far it is; nil for nobody. It is called from several goroutines, one at a time.
	Progress func(what string, done, of int)
	// Product names the version that captures, for the manifest.
	Product string
}

// Failure is something that could not be read, and so is missing.
type Failure struct {
	What    string     `json:"what"`
	Code    fault.Code `json:"code"`
	Message string     `json:"message"`
}

// Captured is a capture before it is written.
type Captured struct {
	World      *world.World
	Transcript Transcript
	Manifest   Manifest
	redactor   *Redactor
}

// capturer is the work on one capture.
type capturer struct {
	o     Options
	t     *tap
	asOf  time.Time
	w     *world.World
	fails []Failure

	streams   map[string]int // by id, place in w.JobStreams
	jobs      map[string]int
	full      bool        // MaxJobs is reached
	part      map[Op]bool // answers of which only a part is kept
	elsewhere []string    // names of the plan outside of the slice, which texts of the slice may hold
}

// Capture reads a slice of the plan through the port. It fails only when the engine cannot be read at all, when the caller leaves, or when a
// secret is left after masking; single reads that fail are listed in the manifest.
func Capture(ctx context.Context, e twstools.Engine, o Options) (*Captured, error) {
	o = o.withDefaults()
	c := &capturer{o: o, t: newTap(e, o.Logs.MaxBytes), streams: map[string]int{}, jobs: map[string]int{}, part: map[Op]bool{},
		w: &world.World{Logs: map[string]world.JobLog{}}}
	if err := c.read(ctx); err != nil {
		return nil, err
	}
	return c.finish()
}

func (o Options) withDefaults() Options {
	if o.Depth == 0 {
		o.Depth = 2
	}
	if o.MaxJobs <= 0 {
		o.MaxJobs = 5000
	}
	if o.Logs.Max <= 0 {
		o.Logs.Max = 2000
	}
	if o.Logs.MaxBytes <= 0 {
		o.Logs.MaxBytes = 256 << 10
	}
	if o.Archives == 0 {
		o.Archives = 3
	}
	o.Archives = max(o.Archives, 0)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	return o
}

func (c *capturer) read(ctx context.Context) error {
	info, err := c.t.Info(ctx)
	if err != nil {
		return err
	}
	info.Engine = ""
	c.w.Info = info
	now, ours := c.t.PlanNow()
	if ours || now.IsZero() {
		now = c.o.Now()
	}
	c.asOf = now.UTC().Round(0)
	c.w.AsOf = c.asOf
	steps := []func(context.Context) error{c.nodes, c.plant, c.logs, c.ports, c.neighbourhood}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fault.Wrap(fault.Timeout, err, "The capture was ended before it was complete.")
		}
	}
	if c.o.Also != nil {
		if err := c.o.Also(ctx, c.t); err != nil {
			c.failed("further questions", err)
		}
	}
	return nil
}

// failed lists what could not be read.
func (c *capturer) failed(what string, err error) {
	f := fault.Public(err)
	c.fails = append(c.fails, Failure{What: what, Code: f.Code, Message: f.Message})
}

// leftOut lists what was not even asked for.
func (c *capturer) leftOut(what, why string) {
	c.fails = append(c.fails, Failure{What: what, Code: fault.Limited, Message: why})
}

// order puts jobs behind each other stream by stream, as a world has them.
func (c *capturer) order() {
	at := map[string]int{}
	for i, s := range c.w.JobStreams {
		at[s.Ref.ID] = i
	}
	place := func(j twstools.Job) int {
		if i, ok := at[j.StreamRef.ID]; ok {
			return i
		}
		return len(at)
	}
	sort.SliceStable(c.w.Jobs, func(i, j int) bool { return place(c.w.Jobs[i]) < place(c.w.Jobs[j]) })
	for i, j := range c.w.Jobs {
		c.jobs[j.Ref.ID] = i
	}
}
