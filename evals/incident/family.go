// Package incident makes scenarios: it takes a healthy plant, lets time pass in the simulator, and lets one thing go wrong there that is known
// because it was brought about. What can go wrong stands in files, one family of incidents each, in the field's own words; nothing of them is
// built into the program. A seed decides where, when, with which words and under which names, so that any number of scenarios can be made, and
// the same seed makes the same scenario everywhere.
//
// A family never sets a status: it kills, unlinks, withholds a file, lets a run end badly, and the simulated scheduler derives what follows, so
// that who suffers is computed and not typed. Start at Load and Make.
package incident

import (
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/evals/suite"
)

// Family is one kind of incident with its twins, as a file families/NAME.yaml holds it. Texts have holes, {name} or {name.field}; see Text.
type Family struct {
	ID    string   `yaml:"id"` // the file's name
	Title string   `yaml:"title"`
	Slice string   `yaml:"slice"` // application, scheduler, plan, several, healthy, planned, unknown, ambiguous, hostile, lists, refused
	Bases []string `yaml:"bases"` // plants in which it can happen; all when empty

	// Sources say for every state that the worlds show where it is described: a heading of a manual, an operation of the interface, a recording.
	Sources []Source `yaml:"sources"`
	// Proof is how the truth can be seen through the interface.
	Proof Proof `yaml:"proof"`

	Pick   []Pick               `yaml:"pick"` // in order; each may use those before it
	Draw   map[string]Draw      `yaml:"draw"`
	Define []Define             `yaml:"define"` // before the plan is made
	Happen []Event              `yaml:"happens"`
	Logs   map[string]yaml.Node `yaml:"logs"`   // log patterns (world.LogPattern or a text) that events name; a list is a choice of wordings
	Freeze Freeze               `yaml:"freeze"` // when the world is told
	Expect []string             `yaml:"expect"` // what must then be so: "{target} is ABEND", "{target} is not READY", "{ws} is unlinked"
	Noise  string               `yaml:"noise"`  // "none" where an unrelated irregularity would change the right answer
	Always bool                 `yaml:"always"` // of a noise: it is heard wherever there may be one

	Gold     yaml.Node  `yaml:"gold"` // a suite.Gold with holes
	Ask      []Question `yaml:"ask"`
	Variants []Variant  `yaml:"variants"`
}

// Source is where a state of the world is described.
type Source struct {
	State string `yaml:"state"`
	Cite  string `yaml:"cite"`
}

// Proof is the operation that shows the truth, and what it shows.
type Proof struct {
	Path  string `yaml:"path"`  // an operation of the interface, like "GET /plan/job/{job_id}/joblog"; "none" where nothing shows it
	Shows string `yaml:"shows"` // in plain words
	// Under is what poorer engines leave of it, by the run's variant (v1-only, dropped-fields, no-audit, late-copy, restricted); what is not named
	// leaves everything.
	Under map[string]suite.Left `yaml:"under"`
}

// Variant is one scenario of a family. What it sets replaces what the family says; keys of Gold replace the family's keys one by one. Values of
// More are added to the family's instead.
type Variant struct {
	Name string `yaml:"name"`
	// Kind is what the twin is for: cause (the incident itself), swapped (the same symptom, another cause), removed (the evidence is not there),
	// harmless (a plausible harmless line stands in the evidence's place), healthy (the same question, and nothing is wrong).
	Kind   string               `yaml:"kind"`
	Slice  string               `yaml:"slice"`
	Define []Define             `yaml:"define"`
	Happen []Event              `yaml:"happens"`
	Logs   map[string]yaml.Node `yaml:"logs"` // by name, beside the family's
	Freeze *Freeze              `yaml:"freeze"`
	Expect []string             `yaml:"expect"`
	Noise  string               `yaml:"noise"`
	Gold   yaml.Node            `yaml:"gold"`
	Ask    []Question           `yaml:"ask"`
	Proof  *Proof               `yaml:"proof"`
	// Nothing says that no event of the family happens here; without it an empty Happen means the family's.
	Nothing bool `yaml:"nothing"`
}

// Pick chooses an object of the plant by the seed, among those that fit. Exactly one of Job, Stream, Workstation, Resource, File and Prompt is set.
type Pick struct {
	Name        string  `yaml:"name"`
	Job         *Filter `yaml:"job"`
	Stream      *Filter `yaml:"stream"`
	Workstation *Filter `yaml:"workstation"`
	Resource    *Filter `yaml:"resource"`
	File        *Filter `yaml:"file"`
	Prompt      *Filter `yaml:"prompt"`
}

// Filter says what fits. An empty filter fits everything that runs in the night of the plan.
type Filter struct {
	Of    string   `yaml:"of"`    // belongs to this pick: job's stream or workstation, stream's file or prompt, job's resource; a stream's job
	Next  string   `yaml:"next"`  // job: a direct successor of this pick, in the same or another stream
	Prior string   `yaml:"prior"` // job: a direct predecessor of this pick
	Far   string   `yaml:"far"`   // job: waits behind this pick, but not directly
	Apart []string `yaml:"apart"` // neither before nor behind these picks, and on other workstations

	Beside    []string `yaml:"beside"`    // neither before nor behind these picks, wherever it runs
	Elsewhere string   `yaml:"elsewhere"` // job: of another stream than this pick's
	Soon      string   `yaml:"soon"`      // job: on a good day it starts within the hour after this pick has started, and has ended half an hour after that

	Behind    int      `yaml:"behind"`   // jobs that wait for it, directly or not: at least so many
	Outside   bool     `yaml:"outside"`  // some of them in other streams
	Follows   *bool    `yaml:"follows"`  // job: it follows another job of its stream
	Logs      []string `yaml:"logs"`     // job: its log pattern is one of these
	Agent     []string `yaml:"agent"`    // fta, dynamic, pool, windows, unix: all must fit where the job runs, or the workstation
	Jobs      int      `yaml:"jobs"`     // stream or workstation: at least so many jobs
	Idle      bool     `yaml:"idle"`     // workstation: nothing of the plan runs there
	Needs     []string `yaml:"needs"`    // job or stream: file, resource, prompt, job, stream: all among its needs
	Free      []string `yaml:"free"`     // none of these is among its needs
	Takes     string   `yaml:"takes"`    // job: at least so long, "10m"
	Once      bool     `yaml:"once"`     // stream: one instance in the plan; job: its stream has one
	Often     bool     `yaml:"often"`    // stream: several instances in the plan; job: its stream has several
	Service   bool     `yaml:"service"`  // a business service and a contact are named
	Recovery  bool     `yaml:"recovery"` // job: it has recovery options; without it only jobs that have none fit
	Critical  *bool    `yaml:"critical"`
	Same      string   `yaml:"same"`       // job: runs on the workstation of this pick
	Not       []string `yaml:"not"`        // other picks that it must not be
	Member    string   `yaml:"member"`     // workstation: it is in this pool
	Spare     bool     `yaml:"spare"`      // prompt: it asks, and nothing of the plan waits for it
	Over      bool     `yaml:"over"`       // job: on a good day it has ended when the world is told
	StartsFor string   `yaml:"starts_for"` // stream: this pick is its first job
	Namesake  string   `yaml:"namesake"`   // job: this pick in another instance of its stream
	Named     string   `yaml:"named"`      // job: one of the product's own, FINAL.MAKEPLAN; the latest instance, which has not run when the day is over
	Every     bool     `yaml:"every"`      // job: it repeats itself; without it only jobs that do not fit
}

// Draw is a value that the seed chooses: one of a list, or a number of a range.
type Draw struct {
	OneOf []string `yaml:"one_of"`
	From  int      `yaml:"from"`
	To    int      `yaml:"to"`
}

// Define changes the definition of a job or a stream before the plan is made. With is YAML in the form of the plant's files: what it names is
// replaced, and the lists under More are appended to.
type Define struct {
	Of   string    `yaml:"of"` // a pick: job, stream, resource, prompt; or plan
	With yaml.Node `yaml:"with"`
	More yaml.Node `yaml:"more"`
	Drop bool      `yaml:"drop"` // a file's daily arrival: it does not come
	// Today says that the change was made since the plan before: the days before went by as they always do. Without it the change is as old as the
	// plant, which is right for what does no harm. Only jobs, streams and arrivals of files can be changed so.
	Today bool `yaml:"today"`
}

// Event is something that happens in the plant.
type Event struct {
	At string `yaml:"at"` // see instant; up to two days before the turn, when it happens in the plan before
	Do string `yaml:"do"` // outcome, unlink, link, stop, start, ignore, heed, limit, fence, priority, units, file, reply, cancel, confirm, rerun, kill, release, submit, lose, mailbox, remote, batchman, redefine
	Of string `yaml:"of"` // a pick

	Value int    `yaml:"value"` // limit, fence, priority, units, percent
	On    bool   `yaml:"on"`    // file: it is there; reply: yes; confirm: good; batchman: alive
	Path  string `yaml:"path"`  // file, where the pick is a workstation; the queue; the remote job
	Text  string `yaml:"text"`  // remote: the status

	RC     int           `yaml:"rc"`
	Fail   bool          `yaml:"fail"`
	Takes  time.Duration `yaml:"takes"`
	Log    string        `yaml:"log"` // of Logs, or a pattern of the plant
	NoLog  bool          `yaml:"no_log"`
	Always bool          `yaml:"always"`
	Then   []Event       `yaml:"then"` // outcome: of the runs after it
	With   yaml.Node     `yaml:"with"` // redefine
}

// Freeze is the instant at which the world is told: At, and between Plus[0] and Plus[1] later.
type Freeze struct {
	At   string          `yaml:"at"`
	Plus []time.Duration `yaml:"plus"`
}

// Question is one way of asking, with holes.
type Question struct {
	Lang  string   `yaml:"lang"`
	Style string   `yaml:"style"`
	Turns []string `yaml:"turns"`
	Text  string   `yaml:"text"`
	OneOf []string `yaml:"one_of"` // wordings, instead of Text
}
