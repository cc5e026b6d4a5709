package sim

import (
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// waits is what jobs and job streams have in common: dependencies, times, priority.
type waits struct {
	asJob              *job // one of the two is the owner
	asStream           *stream
	deps               []*dep
	followers          []*dep // those of others that wait for this one
	at, until          time.Time
	deadline           time.Time
	onUntil, onLate    string
	priority, original int
	released           bool // all dependencies were met, or an operator released it
	undecided          bool // a conditional predecessor ended without any condition being true
	cancelled          bool
	cancelPend         bool
	expired            bool // its until has passed
	suppressed         bool // … and onuntil is suppr
	deadlinePassed     bool
	late               bool
	gone               bool // has left the plan
	cachedAt           uint64
	queued             bool // stands in the work list
}

// stream is an instance of a job stream in the plan.
type stream struct {
	waits
	def           *Stream
	name          string
	ws            *station
	zone          *time.Location
	id, ref       string
	sched         time.Time
	startUntil    time.Time
	order         int
	limit         int // -1: none
	running       int
	jobs          []*job
	state         string
	conditionally bool // SUPPR: its conditional dependencies came out false
	carried       bool
	start, end    time.Time
	tallied       bool // stands in the list of streams whose status is to be worked out
	cached        *twstools.JobStream
}

// job is an instance of a job in the plan.
type job struct {
	waits
	def      *Job
	s        *stream
	ws       *station
	ref      string
	order    int
	state    string
	estimate time.Duration
	spread   time.Duration
	maxdur   time.Duration
	next     string // type of the run to come; "" for an ordinary one
	ready    bool   // stands in its workstation's queue
	busy     bool   // INTRO or EXEC: counts against limits
	on       *station
	runs     []*run
	outcomes []Outcome // put in by hand, before those of the definition
	tries    int       // ordinary runs and reruns so far
	retries  int       // automatic reruns so far
	recover  recovery
	forgiven bool // ended badly, yet successors may go (recovery)
	restart  *prompt
	again    time.Time // next repetition of an every job
	monitor  *StartWhen
	moved    bool // into USERJOBS
	cached   *twstools.Job
}

// recovery says how far the recovery of an abended job has come.
type recovery uint8

const (
	noRecovery   recovery = iota
	asking                // the abend prompt or restart prompt is out
	repairing             // the recovery job runs, or waits to
	rerunning             // the job is to run again
	recoveryOver          // nothing more happens by itself
)

// run is one attempt.
type run struct {
	j          *job
	id         string
	number     int64
	on         *station
	state      string
	rc         *int
	kind       string
	name       string
	attempt    int
	start, end time.Time
	estimate   time.Duration
	outcome    Outcome
	confirm    string // SUCC or ABEND said by an operator while it ran
	confirmed  bool
	overMax    bool
	underMin   bool
	killed     bool
	lost       bool      // the news of its end gets lost
	unseenEnd  time.Time // ended while its agent could not tell
	conditions []twstools.OutputCondition
	takes      time.Duration // as decided at its start
	log        *world.JobLog // as it will be once the run has ended as decided
	written    bool          // log is that of the ended run
}

// dep is one dependency of a job or a job stream.
type dep struct {
	need        *Need
	id          string
	of          *waits // its owner
	kind        twstools.DependencyType
	onJob       *job
	onStream    *stream
	resource    *resource
	file        *file
	prompt      *prompt
	members     []*dep
	join        *dep // the join that it is a member of
	conditional bool
	met         bool // once met, a dependency stays so
	waived      bool // an operator released it
	pending     time.Time
	orphan      bool
	polledFrom  time.Time // of a file: when it was looked for first
	remote      string    // status of the remote job
}

// station is a workstation at work.
type station struct {
	def             *Workstation
	name            string
	zone            *time.Location
	limit           int // -1: system
	fence           int
	linked, started bool
	ignored         bool
	running         int
	queue           []*job // READY and FENCE jobs, in the order of launching
	members         []*station
	pools           []*station
	unseen          []*run // runs that have ended there while nobody could tell
	since           time.Time
	marked          bool // launching is to be tried
}

// reachable reports whether jobs can be sent there and news comes back.
func (w *station) reachable() bool { return w.linked && w.started && !w.ignored }

func (w *station) dynamic() bool {
	return w.def.Type == "AGENT" || w.def.Type == "POOL" || w.def.Type == "D-POOL"
}

// resource is a resource with its holders.
type resource struct {
	def     *Resource
	name    string // WORKSTATION#NAME
	total   int
	used    int
	holders []*dep
	waiting []*dep
	changed uint64
}

// file is a file on a workstation, as far as somebody waits for it or it was put there.
type file struct {
	path   string
	on     *station
	exists bool
	deps   []*dep
	jobs   []*job // monitors of start conditions
}

// prompt is a prompt in the plan.
type prompt struct {
	ref      string
	name     string
	folder   string
	text     string
	kind     string
	number   int
	state    string // NOT_ASKED, ASKED, ANSWERED_YES, ANSWERED_NO
	asked    time.Time
	answered time.Time
	job      *job
	stream   *stream
	deps     []*dep
}
