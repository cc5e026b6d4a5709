package twsmock

import (
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// v1Needs are the dependencies of a job or job stream, each kind in a list of its own; a stream has none within itself.
type v1Needs struct {
	Internal     []v1Need       `json:"internalDependencyInPlan,omitempty"`
	External     []v1Need       `json:"externalDependencyInPlan,omitempty"`
	Internetwork []v1RemoteNeed `json:"internetworkDependenciesInPlan,omitempty"`
	File         []v1FileNeed   `json:"fileDependencyInPlan,omitempty"`
	Prompt       []v1PromptNeed `json:"promptDependencyInPlan,omitempty"`
	Resource     []v1UnitsNeed  `json:"resourceDependencyInPlan,omitempty"`
}

// v1Need is a dependency on a job or job stream, internal or external.
type v1Need struct {
	JobID        string       `json:"jobId,omitempty"`
	InternalKey  *v1JobKey    `json:"jobInPlanKey,omitempty"`
	StreamID     string       `json:"jobStreamId,omitempty"`
	StreamKey    *v1StreamKey `json:"jobStreamKey,omitempty"`
	JobKey       *v1JobKey    `json:"jobKey,omitempty"`
	JobOn        string       `json:"jobWorkstationName,omitempty"`
	Sequence     int          `json:"depSequence"`
	Status       *v1Depends   `json:"status,omitempty"`
	Satisfied    *bool        `json:"satisfied,omitempty"`
	Conditional  bool         `json:"conditional"`
	Pending      *bool        `json:"pending,omitempty"`
	Zombie       *bool        `json:"zombie,omitempty"`
	JoinName     string       `json:"joinName,omitempty"`
	JoinQuantity *int         `json:"joinQuantity,omitempty"`
	Outputs      string       `json:"outputConditionList,omitempty"`
	Statuses     []string     `json:"statusConditions,omitempty"`
}

type v1RemoteNeed struct {
	AgentID     string            `json:"networkAgentId,omitempty"`
	Workstation *v1WorkstationKey `json:"workstationInPlanKey,omitempty"`
	Dependency  string            `json:"dependency"`
	Status      *v1Depends        `json:"status,omitempty"`
	Sequence    int               `json:"depSequence"`
	Satisfied   *bool             `json:"satisfied,omitempty"`
}

type v1FileNeed struct {
	File      v1File `json:"fileInPlan"`
	Satisfied *bool  `json:"satisfied,omitempty"`
	Status    string `json:"status,omitempty"`
	Sequence  int    `json:"depSequence"`
	Checked   string `json:"timeLastCheck,omitempty"`
}

type v1PromptNeed struct {
	ID          string            `json:"promptId,omitempty"`
	Key         *v1ThingKey       `json:"promptKey,omitempty"`
	Text        string            `json:"text,omitempty"`
	Workstation *v1WorkstationKey `json:"workstationInPlanKey,omitempty"`
	Status      string            `json:"promptStatus,omitempty"`
	Type        string            `json:"promptType,omitempty"`
	Number      *int              `json:"promptNumber,omitempty"`
	Satisfied   *bool             `json:"satisfied,omitempty"`
	Sequence    int               `json:"depSequence"`
}

type v1UnitsNeed struct {
	ID        string      `json:"resourceId,omitempty"`
	Key       *v1ThingKey `json:"resourceKey,omitempty"`
	Quantity  int         `json:"quantity"`
	Held      *int        `json:"quantityHeld,omitempty"`
	Available *int        `json:"available,omitempty"`
	Satisfied *bool       `json:"satisfied,omitempty"`
	Sequence  int         `json:"depSequence"`
}

func (c v1Call) needs(ds []twstools.Dependency) *v1Needs {
	out := &v1Needs{}
	sequence := 0
	for d := range flat(ds) {
		sequence++
		c.addNeed(out, d, sequence)
	}
	for _, d := range ds {
		if d.Type == twstools.DepJoin {
			joined(out, c, d)
		}
	}
	return out
}

// joined marks the members of a join with its name and quantity, the only sign of a join that this interface has.
func joined(out *v1Needs, c v1Call, join twstools.Dependency) {
	n := join.JoinQuantity
	for _, m := range join.Members {
		want := c.need(m, 0)
		for i := range out.External {
			if e := &out.External[i]; e.JobID == want.JobID && e.StreamID == want.StreamID {
				e.JoinName, e.JoinQuantity = join.JoinName, &n
			}
		}
		for i := range out.Internal {
			if e := &out.Internal[i]; e.JobID == want.JobID {
				e.JoinName, e.JoinQuantity = join.JoinName, &n
			}
		}
	}
}

func (c v1Call) addNeed(out *v1Needs, d twstools.Dependency, sequence int) {
	switch d.Type {
	case twstools.DepInternal:
		out.Internal = append(out.Internal, c.need(d, sequence))
	case twstools.DepExternalJob, twstools.DepExternalJobStream:
		out.External = append(out.External, c.need(d, sequence))
	case twstools.DepInternetwork:
		out.Internetwork = append(out.Internetwork, v1RemoteNeed{AgentID: c.ids.write(d.NetworkAgent), Workstation: c.workstationKey(d.NetworkAgent), Dependency: d.Remote,
			Status: dependsStatus(d.RemoteStatus), Sequence: sequence, Satisfied: d.Satisfied})
	case twstools.DepFile:
		out.File = append(out.File, v1FileNeed{File: c.writeFile(d), Satisfied: d.Satisfied, Status: d.FileState, Sequence: sequence, Checked: c.instant(d.LastChecked)})
	case twstools.DepPrompt:
		p := twstools.Prompt{Name: d.Prompt, Number: d.PromptNumber}
		out.Prompt = append(out.Prompt, v1PromptNeed{ID: c.ids.write(v1PromptID(p)), Key: promptKey(p), Text: d.PromptText, Workstation: c.workstationKey(d.Workstation),
			Status: d.PromptStatus, Type: d.PromptType, Number: d.PromptNumber, Satisfied: d.Satisfied, Sequence: sequence})
	case twstools.DepResource:
		r := twstools.Resource{Name: d.Resource, Folder: d.ResourceFolder, Workstation: d.Workstation}
		out.Resource = append(out.Resource, v1UnitsNeed{ID: c.ids.write(v1ResourceID(r)), Key: c.resourceKey(r), Quantity: d.Units, Held: d.UnitsHeld, Available: d.UnitsAvailable,
			Satisfied: d.Satisfied, Sequence: sequence})
	}
}

// need writes a dependency on a job or job stream. What the plan does not hold is named, but has no id.
func (c v1Call) need(d twstools.Dependency, sequence int) v1Need {
	out := v1Need{Sequence: sequence, Status: dependsStatus(d.PredecessorStatus), Satisfied: d.Satisfied, Conditional: d.Conditional, Outputs: strings.Join(d.OutputConditions, ",")}
	for _, s := range d.StatusConditions {
		out.Statuses = append(out.Statuses, conditionWord(s))
	}
	stream := twstools.JobStream{Name: d.Stream, Folder: d.StreamFolder, Workstation: d.StreamWorkstation, SchedTime: d.StreamSched}
	if i, ok := c.streamAt(d); ok {
		stream = c.plan.streams[i]
	}
	key := c.streamKey(stream)
	if stream.InternalID == "" {
		key.ID = ""
	}
	if d.Type != twstools.DepExternalJobStream {
		if i, ok := c.jobAt(d.JobRef); ok {
			out.JobID = c.ids.write(v1JobID(c.plan.jobs[i], len(c.plan.jobs[i].Runs)-1))
			out.JobOn = c.workstationKey(c.plan.jobs[i].Workstation).Name
		}
		job := &v1JobKey{ID: out.JobID, Name: d.Job, Stream: key}
		if d.Type == twstools.DepInternal {
			out.InternalKey, out.JobOn = job, ""
			return out
		}
		out.JobKey = job
	}
	pending, zombie := d.Pending, d.Orphan
	out.StreamID, out.StreamKey, out.Pending, out.Zombie = key.ID, key, &pending, &zombie
	return out
}

// conditionWord is this interface's word for a status that a conditional dependency waits for.
func conditionWord(s string) string {
	if s == "EXEC" {
		return "STARTED"
	}
	if s == "SUPPR" {
		return "SUPPRESS"
	}
	return s
}

// jobAt and streamAt find what a dependency points at in the plan that is asked about.
func (c v1Call) jobAt(ref twstools.Ref) (int, bool) {
	if ref.IsZero() {
		return 0, false
	}
	i, ok := c.plan.byRef()[ref.ID]
	return i, ok && i >= 0
}

func (c v1Call) streamAt(d twstools.Dependency) (int, bool) {
	if i, ok := c.jobAt(d.JobRef); ok {
		at, ok := c.plan.streamAt[c.plan.jobs[i].StreamWorkstation+";"+c.plan.jobs[i].JobStreamID]
		return at, ok
	}
	if d.StreamRef.IsZero() {
		return 0, false
	}
	i, ok := c.plan.byRef()[d.StreamRef.ID]
	return -i - 1, ok && i < 0
}
