package world

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// commonOf says which common status goes with an internal one where a file tells only the latter. The User's Guide has a table for job
// streams; for jobs it follows the meaning of the states. It serves authors of worlds only: what a real engine sends is never derived.
var commonOf = map[string]string{
	"HOLD": "WAITING", "READY": "READY", "FENCE": "READY", "INTRO": "RUNNING", "WAIT": "RUNNING", "EXEC": "RUNNING", "SUCC": "SUCCESSFUL",
	"ABEND": "ERROR", "FAIL": "ERROR", "ERROR": "ERROR", "ABENP": "ERROR", "SUCCP": "SUCCESSFUL", "PEND": "UNDECIDED", "EXTRN": "UNDECIDED", "END": "UNDECIDED",
	"CANCL": "CANCELED", "CANCLP": "CANCELED", "SUPPR": "SUPPRESS", "STUCK": "BLOCKED", "SUSP": "WAITING",
}

func (b *builder) status(internal, common, what string) twstools.Status {
	if common == "" {
		common = commonOf[internal]
	}
	if common == "" {
		b.fail("%s: the state %q is unknown", what, internal)
	}
	return twstools.Status{Internal: internal, Common: common, Canceled: internal == "CANCL"}
}

// streamsAndJobs builds every stream and its jobs, without what points from one to another.
func (b *builder) streamsAndJobs() {
	for _, f := range b.doc.Streams {
		b.addStream(f)
		for _, c := range f.Copies {
			b.addStream(copyOf(f, c))
		}
	}
	b.timing = make([]int8, len(b.w.Jobs))
}

// copyOf is the stream once more, all in one state, with nothing that ties it to others.
func copyOf(f fileStream, c fileCopy) fileStream {
	out := fileStream{Name: f.Name, Key: c.Key, Folder: f.Folder, Workstation: f.Workstation, Sched: c.Sched, State: orElse(c.State, "SUCC"),
		Priority: f.Priority, Limit: f.Limit, Takes: f.Takes, TimeZone: f.TimeZone, Service: f.Service, Contact: f.Contact, On: f.On, User: f.User, Log: f.Log,
		Recovery: f.Recovery, Unchained: f.Unchained}
	for _, j := range f.Jobs {
		out.Jobs = append(out.Jobs, fileJob{Name: j.Name, Does: j.Does, Task: j.Task, On: j.On, User: j.User, Takes: j.Takes, Critical: j.Critical,
			Recovery: j.Recovery, After: j.After})
	}
	return out
}

func (b *builder) addStream(f fileStream) {
	key := orElse(f.Key, f.Name)
	what := "job stream " + key
	if _, twice := b.streams[key]; twice || f.Name == "" {
		b.fail("%s has no name or is there twice: give each instance its own key", what)
		return
	}
	b.known(f.Workstation, what)
	sched := b.instant(f.Sched, what)
	if f.Sched == "" {
		b.fail("%s has no sched", what)
	}
	priority := 10
	if f.Priority != nil {
		priority = *f.Priority
	}
	id := orElse(f.ID, streamID(key))
	if len(id) != 16 {
		b.fail("%s: the id %q has not 16 characters", what, id)
	}
	s := twstools.JobStream{
		Ref: ref(nameUUID("jobstream", f.Workstation, displayName(f.Folder, f.Name), id)), Name: f.Name, OriginalName: f.Name, Alias: f.Alias, Folder: orElse(f.Folder, "/"),
		Workstation: f.Workstation, InternalID: id, SchedTime: sched, TimeZone: orElse(f.TimeZone, b.w.Info.TimeZone), Status: b.status(f.State, f.Common, what),
		Priority: &priority, Limit: f.Limit, CarriedForward: f.CarriedForward, PendingPredecessor: f.Pending, Late: f.Late,
		Start: b.instant(f.Start, what), End: b.instant(f.End, what), Estimated: b.span(f.Takes, what), Times: b.restrictions(f.fileTimes, what),
		DependenciesKnown: true, ServiceName: f.Service, ServiceContact: f.Contact, Submitter: f.Submitter,
	}
	if f.Alias != "" {
		s.Name = f.Alias
	}
	s.Status.Canceled = s.Status.Canceled || f.Cancelled
	at := len(b.w.JobStreams)
	b.streams[key], b.streamByID[s.Ref.ID] = at, at
	b.w.JobStreams = append(b.w.JobStreams, s)
	b.streamFiles = append(b.streamFiles, f)
	b.streamJobs = append(b.streamJobs, nil)
	for n, j := range f.Jobs {
		if n < f.Done && j.State == "" {
			j.State = "SUCC"
		}
		b.addJob(at, key, f, j)
	}
}

func (b *builder) addJob(stream int, key string, sf fileStream, f fileJob) {
	s := b.w.JobStreams[stream]
	name := key + "." + f.Name
	what := "job " + name
	if _, twice := b.jobs[name]; twice || f.Name == "" {
		b.fail("%s has no name or is there twice", what)
		return
	}
	on := orElse(orElse(f.On, sf.On), s.Workstation)
	b.known(on, what)
	user := orElse(f.User, sf.User)
	state := orElse(f.State, orElse(sf.JobsState, jobsStateOf(sf.State)))
	if f.Every != "" {
		b.span(f.Every, what)
	}
	priority := *s.Priority
	if f.Priority != nil {
		priority = *f.Priority
	}
	command := true
	task := orElse(f.Task, b.usualTask(on, f.Name))
	j := twstools.Job{
		Ref: ref(nameUUID("job", s.Ref.ID, f.Name)), Name: f.Name, Folder: s.Folder, Workstation: on, StreamRef: s.Ref, Stream: s.Name, StreamFolder: s.Folder,
		StreamWorkstation: s.Workstation, JobStreamID: s.InternalID, SchedTime: s.SchedTime, TimeZone: s.TimeZone, Status: b.status(state, f.Common, what),
		Priority: &priority, Late: f.Late, UntilPassed: f.UntilPassed, DeadlinePassed: f.DeadlineOver, StreamCancelled: sf.Cancelled, NeedsMessage: f.NeedsMessage,
		NoOperation: f.Nop, Critical: f.Critical, RequiresConfirmation: f.Confirm, Every: f.Every != "",
		Definition: twstools.JobDefinition{Name: f.Name, Description: f.Does, Task: task, Workstation: on, IsCommand: &command, EstimatedDuration: b.span(orElse(f.Takes, "3m"), what),
			RecoveryOption: orElse(f.Recovery, orElse(sf.Recovery, "STOP")), RecoveryJob: f.RecoveryJob, AbendPrompt: f.AbendPrompt},
		Times: b.restrictions(f.fileTimes, what), DependenciesKnown: true, CriticalStart: b.instant(f.CritStart, what), EstimatedEnd: b.instant(f.Ends, what),
		ConfidenceInterval: f.Confidence,
	}
	if user != "" {
		j.Definition.UserLogins = []string{user}
	}
	j.Status.Substatus = f.Substatus
	j.Status.Canceled = j.Status.Canceled || f.Cancelled
	j.Status.CancelPending = f.CancelPend
	at := len(b.w.Jobs)
	b.jobs[name], b.jobByID[j.Ref.ID] = at, at
	b.w.Jobs = append(b.w.Jobs, j)
	b.jobFiles = append(b.jobFiles, jobSource{f, stream, key})
	b.streamJobs[stream] = append(b.streamJobs[stream], at)
}

// usualTask is the script of a job that tells none.
func (b *builder) usualTask(on, name string) string {
	if w := b.workstations[on]; w != nil && w.OS == "WINDOWS" {
		return `D:\batch\bin\` + strings.ToLower(name) + ".cmd"
	}
	return "/opt/batch/bin/" + strings.ToLower(name) + ".sh"
}

// jobsStateOf is the state of a stream's jobs that tell none of their own.
func jobsStateOf(stream string) string {
	switch stream {
	case "SUCC", "CANCL", "SUPPR":
		return stream
	}
	return "HOLD"
}

func (b *builder) restrictions(f fileTimes, what string) twstools.TimeRestrictions {
	t := twstools.TimeRestrictions{
		EarliestStart: b.instant(f.At, what), LatestStart: b.instant(f.Until, what), LatestStartAction: f.UntilAction,
		Deadline: b.instant(f.Deadline, what), DeadlineAction: f.DeadlineAction, MaxDuration: b.span(f.MaxDuration, what), MaxDurationAction: f.MaxAction,
		MinDuration: b.span(f.MinDuration, what),
	}
	if !t.EarliestStart.IsZero() {
		reached := !t.EarliestStart.After(b.clock.now)
		t.EarliestStartSatisfied = &reached
	}
	if !t.LatestStart.IsZero() {
		open := t.LatestStart.After(b.clock.now)
		t.LatestStartSatisfied = &open
		t.LatestStartAction = orElse(t.LatestStartAction, "doNotRun")
	}
	return t
}

// streamID makes a 16-character id in the engine's manner: a counter behind 0AAAAAAAAAAA.
func streamID(key string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	h := hash("stream", key)
	id := "0AAAAAAAAAAA"
	for range 4 {
		id += string(letters[h%32])
		h /= 32
	}
	return id
}

// hash gives a number that depends on the names alone, so that a world comes out the same each time.
func hash(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = fmt.Fprint(h, p, "\x00") // a hash takes every write
	}
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

// jobNumber makes a process id as the kind of agent would have it.
func jobNumber(dynamic bool, runID string) int64 {
	n := int64(hash("number", runID) % 800_000)
	if dynamic {
		return 1_083_000_000 + n
	}
	return 104_000 + n
}

func nth(n int) string { return strconv.Itoa(n) }
