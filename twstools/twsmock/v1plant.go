package twsmock

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

type v1Workstation struct {
	Key         *v1WorkstationKey `json:"key"`
	PlanKey     *v1WorkstationKey `json:"workstationInPlanKey"`
	ID          string            `json:"id"`
	TimeZone    string            `json:"timeZone,omitempty"`
	Type        string            `json:"type"`
	FolderName  string            `json:"folderName"`
	HostKey     *v1WorkstationKey `json:"hostWorkstationKey,omitempty"`
	Domain      *v1NameKey        `json:"domainInPlanKey,omitempty"`
	PlanID      string            `json:"planId"`
	Node        string            `json:"nodeName,omitempty"`
	Version     string            `json:"version,omitempty"`
	OS          string            `json:"os,omitempty"`
	LinkStatus  string            `json:"linkStatus,omitempty"`
	Server      string            `json:"applicationServerStatus,omitempty"`
	Limit       *int              `json:"limit,omitempty"`
	Fence       *int              `json:"fence,omitempty"`
	RunNumber   *int              `json:"symRunNumber,omitempty"`
	Requested   *int              `json:"requestedJobs,omitempty"`
	Started     string            `json:"timeStarted,omitempty"`
	License     string            `json:"licenseType,omitempty"`
	Description string            `json:"description,omitempty"`
	FullStatus  bool              `json:"fullStatus"`
	AutoLink    bool              `json:"autoLink"`
	Firewall    bool              `json:"behindFirewall"`
	*v1Process
}

// v1Process is what runs on a workstation and how it is reached; nothing of it is sent where the world does not know the states.
type v1Process struct {
	JobmanUp     bool `json:"jobmanUp"`
	TCPLink      bool `json:"tcpLink"`
	WriterUp     bool `json:"writerUp"`
	SymDownload  bool `json:"symDwnld"`
	Initialized  bool `json:"initialized"`
	MailReceived bool `json:"mailReceived"`
	EventProc    bool `json:"evtProcRunning"`
	MonitorUp    bool `json:"ssmRunning"`
	Config       bool `json:"configUpdated"`
	NoLaunches   bool `json:"jobLauncherDisabled"`
}

// v1Types are this interface's words for a workstation's type.
var v1Types = map[string]string{"MASTER": "MANAGER", "DOMAIN_MANAGER": "MANAGER", "X-AGENT": "XA", "S-AGENT": "SA", "WORKLOAD_BROKER": "BROKER", "D-POOL": "DYNAMIC_POOL", "REM-ENG": "REMOTE_ENGINE"}

func (c v1Call) writeWorkstation(w twstools.Workstation) v1Workstation {
	key := c.workstationKey(w.Name)
	out := v1Workstation{Key: key, PlanKey: key, ID: c.ids.write(w.Name), TimeZone: w.TimeZone, Type: w.Type, FolderName: w.Folder, HostKey: c.workstationKey(w.Host),
		PlanID: c.planID(), Node: w.Node, Version: w.Version, OS: w.OS, Limit: w.Limit, Fence: w.Fence, RunNumber: w.RunNumber, Requested: w.Requested,
		Started: c.instant(w.TimeStarted), License: map[string]string{"PERSERVER": "PerServer", "PERJOB": "PerJob"}[strings.ToUpper(c.w.Info.License)], Description: w.Description,
		FullStatus: stateOf(w, "FULL_STATUS"), AutoLink: stateOf(w, "AUTO_LINK"), Firewall: stateOf(w, "BEHIND_FIREWALL")}
	if t, ok := v1Types[w.Type]; ok {
		out.Type = t
	}
	if w.Domain != "" {
		out.Domain = &v1NameKey{w.Domain}
	}
	if w.StatesKnown {
		out.LinkStatus, out.Server, out.v1Process = linkStatus(w), serverStatus(w), processes(w)
	}
	return out
}

// stateOf reports whether one of the words is among the workstation's states or flags.
func stateOf(w twstools.Workstation, words ...string) bool {
	in := func(s string) bool { return slices.Contains(words, s) }
	return slices.ContainsFunc(w.ActiveStates, in) || slices.ContainsFunc(w.ActiveFlags, in)
}

func linkStatus(w twstools.Workstation) string {
	switch {
	case stateOf(w, "NOT_APPLICABLE"):
		return "NOT_APPLICABLE"
	case stateOf(w, "FULLY_LINKED"):
		return "FULLY_LINKED"
	case stateOf(w, "LINKED", "DIRECTLY_LINKED", "HOST_LINKED", "EXTENDED_LINKED", "BROKER", "TCP_IP_LINKED"):
		return "LINKED"
	}
	return "UNLINKED"
}

func serverStatus(w twstools.Workstation) string {
	switch {
	case stateOf(w, "SERVER_STARTED"):
		return "RUNNING"
	case stateOf(w, "SERVER_RESTARTING"):
		return "RESTARTING"
	}
	return "NOT_RUNNING"
}

// processes spells the states out as this interface's booleans. The pairing follows conman's letters ("showcpus" of the User's Guide):
// I initialized, J jobman, W writer, M monman, E event processor, D its configuration.
func processes(w twstools.Workstation) *v1Process {
	return &v1Process{JobmanUp: stateOf(w, "JOBMAN_UP", "RUNNING"), TCPLink: stateOf(w, "TCP_IP_LINKED", "TCP_IP_LINK"), WriterUp: stateOf(w, "WRITER_UP", "WRITER_RUNNING"),
		SymDownload: stateOf(w, "IS_INITED", "START"), Initialized: stateOf(w, "IS_INITED", "START"), MailReceived: linkStatus(w) != "UNLINKED",
		EventProc: stateOf(w, "EVT_PROC_RUNNING", "INSTALLED_AND_RUNNING"), MonitorUp: stateOf(w, "SSM_RUNNING", "MONMAN"), Config: stateOf(w, "CONFIG_UPDATED", "UPDATE"),
		NoLaunches: stateOf(w, "DISABLED_DEACTIVE_JOB_LAUNCHING_FLAG")}
}

type v1Resource struct {
	OldKey      *v1ThingKey `json:"resourceKey"`
	Key         *v1ThingKey `json:"resourceInPlanKey"`
	ID          string      `json:"id"`
	PlanID      string      `json:"planId"`
	Defined     *int        `json:"quantityDefined,omitempty"`
	Available   *int        `json:"quantityAvailable,omitempty"`
	InUse       *int        `json:"quantityInUse,omitempty"`
	Status      string      `json:"status,omitempty"`
	Holders     []v1Holder  `json:"holders"`
	Description string      `json:"description,omitempty"`
}

type v1Holder struct {
	StreamID  string       `json:"jobStreamId,omitempty"`
	StreamKey *v1StreamKey `json:"jobStreamKey,omitempty"`
	JobID     string       `json:"jobId,omitempty"`
	JobKey    *v1JobKey    `json:"jobKey,omitempty"`
	Quantity  *int         `json:"quantity,omitempty"`
	Internal  string       `json:"jobStreamInternalName,omitempty"`
}

func (c v1Call) resourceKey(r twstools.Resource) *v1ThingKey {
	return &v1ThingKey{Name: r.Name, Original: r.Name, Workstation: c.workstationKey(r.Workstation), Folder: folderKey(r.Folder), SymID: symID("resource", v1ResourceID(r))}
}

func (c v1Call) writeResource(r twstools.Resource) v1Resource {
	key := c.resourceKey(r)
	out := v1Resource{OldKey: key, Key: key, ID: c.ids.write(v1ResourceID(r)), PlanID: c.planID(), Defined: r.Quantity, Available: r.Available, InUse: r.InUse, Status: r.Status,
		Holders: []v1Holder{}, Description: r.Description}
	for _, h := range r.Holders {
		w := v1Holder{Quantity: h.Quantity}
		if i, ok := c.jobAt(h.JobRef); ok {
			w.JobKey = c.jobKey(c.plan.jobs[i], len(c.plan.jobs[i].Runs)-1)
			w.JobID = w.JobKey.ID
		}
		if i, ok := c.streamAt(twstools.Dependency{JobRef: h.JobRef, StreamRef: h.JobStreamRef}); ok {
			s := c.plan.streams[i]
			w.StreamKey, w.Internal = c.streamKey(s), s.InternalID
			w.StreamID = w.StreamKey.ID
		}
		out.Holders = append(out.Holders, w)
	}
	return out
}

type v1Prompt struct {
	ID          string            `json:"id"`
	Key         *v1ThingKey       `json:"promptInPlanKey"`
	PlanID      string            `json:"planId"`
	JobID       string            `json:"jobId,omitempty"`
	StreamID    string            `json:"jobStreamId,omitempty"`
	Text        string            `json:"text"`
	Status      string            `json:"status"`
	Type        string            `json:"type,omitempty"`
	Number      *int              `json:"number,omitempty"`
	Workstation *v1WorkstationKey `json:"workstationInPlanKey,omitempty"`
	JobKey      *v1JobKey         `json:"jobInPlanKey,omitempty"`
	StreamKey   *v1StreamKey      `json:"jobStreamInPlanKey,omitempty"`
	Asked       string            `json:"timeAsked,omitempty"`
	Responded   string            `json:"timeRespond,omitempty"`
}

func promptKey(p twstools.Prompt) *v1ThingKey {
	return &v1ThingKey{Name: p.Name, Original: p.Name, Folder: folderKey(p.Folder), SymID: symID("prompt", v1PromptID(p))}
}

func (c v1Call) writePrompt(p twstools.Prompt) v1Prompt {
	out := v1Prompt{ID: c.ids.write(v1PromptID(p)), Key: promptKey(p), PlanID: c.planID(), Text: p.Text, Status: p.Status, Type: p.Type, Number: p.Number,
		Workstation: c.workstationKey(p.Workstation), Asked: c.instant(p.AskedAt), Responded: c.instant(p.AnsweredAt)}
	if i, ok := c.jobAt(p.JobRef); ok {
		out.JobKey = c.jobKey(c.plan.jobs[i], len(c.plan.jobs[i].Runs)-1)
		out.JobID = out.JobKey.ID
	}
	if i, ok := c.streamAt(twstools.Dependency{JobRef: p.JobRef, StreamRef: p.JobStreamRef}); ok {
		out.StreamKey = c.streamKey(c.plan.streams[i])
		out.StreamID = out.StreamKey.ID
	}
	return out
}

type v1File struct {
	ID        string     `json:"id"`
	Key       *v1FileKey `json:"fileInPlanKey"`
	PlanID    string     `json:"planId"`
	Qualifier string     `json:"qualifier,omitempty"`
	Status    string     `json:"status,omitempty"`
}

func (c v1Call) writeFile(d twstools.Dependency) v1File {
	id := c.ids.write(v1FileID(d))
	return v1File{ID: id, Key: &v1FileKey{ID: id, Name: d.File, Workstation: c.workstationKey(d.Workstation), Qualifier: d.FileQualifier}, PlanID: c.planID(),
		Qualifier: d.FileQualifier, Status: d.FileState}
}

// allFiles are the files that jobs and job streams wait for, each once.
func (c v1Call) allFiles() []twstools.Dependency {
	var out []twstools.Dependency
	seen := map[string]bool{}
	add := func(ds []twstools.Dependency) {
		for d := range flat(ds) {
			if id := v1FileID(d); d.Type == twstools.DepFile && !seen[id] {
				seen[id] = true
				out = append(out, d)
			}
		}
	}
	for _, s := range c.plan.streams {
		add(s.Dependencies)
	}
	for _, j := range c.plan.jobs {
		add(j.Dependencies)
	}
	return out
}

type v1Domain struct {
	ID      string            `json:"id"`
	Key     v1NameKey         `json:"domainInPlanKey"`
	PlanID  string            `json:"planId"`
	Parent  *v1NameKey        `json:"parentDomainKey,omitempty"`
	Manager *v1WorkstationKey `json:"managerWorkstationKey,omitempty"`
	manager string
}

// allDomains are the domains that workstations say they belong to; all but the first are below the master's.
func (c v1Call) allDomains() []v1Domain {
	var out []v1Domain
	for _, w := range c.live(c.w).Workstations {
		name := strings.TrimPrefix(w.Domain, "/")
		if name == "" {
			continue
		}
		at := slices.IndexFunc(out, func(d v1Domain) bool { return d.Key.Name == name })
		if at < 0 {
			at = len(out)
			out = append(out, v1Domain{ID: c.ids.write(name), Key: v1NameKey{name}, PlanID: c.planID()})
			if at > 0 {
				out[at].Parent = &out[0].Key
			}
		}
		if w.Type == "MANAGER" && out[at].Manager == nil {
			out[at].Manager, out[at].manager = c.workstationKey(w.Name), w.Name
		}
	}
	return out
}

var v1DomainFields = v1Fields[v1Domain]{
	"id":      func(d v1Domain) []query.Value { return eitherID(d.Key.Name) },
	"name":    func(d v1Domain) []query.Value { return []query.Value{d.Key.Name} },
	"manager": func(d v1Domain) []query.Value { return eitherName(d.manager) },
	"parent": func(d v1Domain) []query.Value {
		if d.Parent == nil {
			return nil
		}
		return []query.Value{d.Parent.Name}
	},
}

type v1User struct {
	ID        string    `json:"id"`
	PlanID    string    `json:"planId"`
	Key       v1UserKey `json:"windowsUserInPlanKey"`
	Encrypted bool      `json:"isPasswordEncrypted"`
	on        string
}

type v1UserKey struct {
	Name        string            `json:"name"`
	Workstation *v1WorkstationKey `json:"workstationKey,omitempty"`
}

// allUsers are the Windows users under which jobs of the plan log on, each once for a workstation. A password is never sent.
func (c v1Call) allUsers() []v1User {
	windows := map[string]bool{}
	for _, w := range c.live(c.w).Workstations {
		windows[w.Name] = strings.HasPrefix(strings.ToUpper(w.OS), "WIN")
	}
	var out []v1User
	seen := map[string]bool{}
	for _, j := range c.plan.jobs {
		for _, login := range j.Definition.UserLogins {
			if id := j.Workstation + ";" + login; windows[j.Workstation] && !seen[id] {
				seen[id] = true
				out = append(out, v1User{ID: c.ids.write(id), PlanID: c.planID(), Key: v1UserKey{login, c.workstationKey(j.Workstation)}, Encrypted: true, on: j.Workstation})
			}
		}
	}
	return out
}

var v1UserFields = v1Fields[v1User]{
	"id":          func(u v1User) []query.Value { return eitherID(u.on + ";" + u.Key.Name) },
	"name":        func(u v1User) []query.Value { return []query.Value{query.Spellings{u.Key.Name}} },
	"workstation": func(u v1User) []query.Value { return eitherName(u.on) },
}
