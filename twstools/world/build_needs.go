package world

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// needs builds the dependencies of every stream and job. Whether they are met is settled later, when all runs are known.
func (b *builder) needs() {
	for i, f := range b.streamFiles {
		s := &b.w.JobStreams[i]
		for n, need := range f.Needs {
			s.Dependencies = append(s.Dependencies, b.need(need, s.Ref.ID, n, "job stream "+s.Name))
		}
	}
	for i, src := range b.jobFiles {
		j := &b.w.Jobs[i]
		what := "job " + src.key + "." + j.Name
		for _, before := range b.follows(i) {
			if p, ok := b.job(src.key+"."+before, what); ok {
				d := b.onJob(p, twstools.DepInternal)
				d.StreamRef = twstools.Ref{}
				d.ID = nameUUID("dependency", j.Ref.ID, before)
				j.Dependencies = append(j.Dependencies, d)
			}
		}
		for n, need := range src.file.Needs {
			j.Dependencies = append(j.Dependencies, b.need(need, j.Ref.ID, n, what))
		}
	}
}

// follows lists the jobs of the same stream that job i follows: those told, else the one before it.
func (b *builder) follows(i int) []string {
	src := b.jobFiles[i]
	if src.file.After != nil {
		return *src.file.After
	}
	siblings := b.streamJobs[src.stream]
	at := slices.Index(siblings, i)
	if at == 0 || b.streamFiles[src.stream].Unchained {
		return nil
	}
	return []string{b.w.Jobs[siblings[at-1]].Name}
}

func (b *builder) onJob(p int, kind twstools.DependencyType) twstools.Dependency {
	j := b.w.Jobs[p]
	return twstools.Dependency{Type: kind, JobRef: j.Ref, Job: j.Name, StreamRef: j.StreamRef, Stream: j.Stream, StreamFolder: j.StreamFolder,
		StreamWorkstation: j.StreamWorkstation, StreamSched: j.SchedTime, PredecessorStatus: j.Status}
}

func (b *builder) need(f fileNeed, owner string, n int, what string) twstools.Dependency {
	kinds := 0
	for _, s := range []string{f.Job, f.Stream, f.File, f.Resource, f.Prompt, f.Remote, f.Join} {
		if s != "" {
			kinds++
		}
	}
	if kinds != 1 {
		b.fail("%s: need %d must name exactly one of job, stream, file, resource, prompt, remote and join", what, n+1)
		return twstools.Dependency{}
	}
	var d twstools.Dependency
	switch {
	case f.Job != "":
		if p, ok := b.job(f.Job, what); ok {
			d = b.onJob(p, twstools.DepExternalJob)
		}
	case f.Stream != "":
		if p, ok := b.stream(f.Stream, what); ok {
			s := b.w.JobStreams[p]
			d = twstools.Dependency{Type: twstools.DepExternalJobStream, StreamRef: s.Ref, Stream: s.Name, StreamFolder: s.Folder,
				StreamWorkstation: s.Workstation, StreamSched: s.SchedTime, PredecessorStatus: s.Status}
		}
	case f.File != "":
		b.known(f.On, what)
		d = twstools.Dependency{Type: twstools.DepFile, File: f.File, FileQualifier: f.Qualifier, FileState: f.FileState, Workstation: f.On, LastChecked: b.instant(f.Checked, what)}
	case f.Resource != "":
		d = b.onResource(f, what)
	case f.Prompt != "":
		d = b.onPrompt(f, what)
	case f.Remote != "":
		b.known(f.On, what)
		d = twstools.Dependency{Type: twstools.DepInternetwork, Remote: f.Remote, NetworkAgent: f.On, RemoteStatus: b.status(orElse(f.RemoteState, "EXTRN"), "", what)}
	case f.Join != "":
		d = twstools.Dependency{Type: twstools.DepJoin, JoinName: f.Join, JoinQuantity: f.Quantity}
		for m, of := range f.Of {
			d.Members = append(d.Members, b.need(of, owner+f.Join, m, what))
		}
	}
	d.ID = nameUUID("dependency", owner, nth(n), f.Job+f.Stream+f.File+f.Resource+f.Prompt+f.Remote+f.Join)
	d.State, d.Pending, d.Orphan = f.State, f.Pending, f.Orphan
	d.StatusConditions, d.OutputConditions = f.If, f.Conditions
	d.Conditional = len(f.If)+len(f.Conditions) > 0
	return d
}

func (b *builder) onResource(f fileNeed, what string) twstools.Dependency {
	i, ok := b.resources[f.Resource]
	if !ok {
		b.fail("%s: there is no resource %q", what, f.Resource)
		return twstools.Dependency{}
	}
	r := b.w.Resources[i]
	return twstools.Dependency{Type: twstools.DepResource, Resource: r.Name, ResourceFolder: r.Folder, Workstation: r.Workstation, Units: max(f.Quantity, 1),
		UnitsAvailable: r.Available, UnitsTotal: r.Quantity}
}

func (b *builder) onPrompt(f fileNeed, what string) twstools.Dependency {
	i, ok := b.prompts[f.Prompt]
	if !ok {
		b.fail("%s: there is no prompt %q", what, f.Prompt)
		return twstools.Dependency{}
	}
	p := b.w.Prompts[i]
	return twstools.Dependency{Type: twstools.DepPrompt, Prompt: p.Name, PromptNumber: p.Number, PromptText: p.Text, PromptStatus: p.Status, PromptType: p.Type, Workstation: p.Workstation}
}

// settle says of every dependency whether it is met, where its file does not, and counts.
func (b *builder) settle() {
	for i := range b.w.JobStreams {
		s := &b.w.JobStreams[i]
		s.UnresolvedCount = b.settleAll(s.Dependencies, s.Ref, s.Status)
	}
	for i := range b.w.Jobs {
		j := &b.w.Jobs[i]
		j.UnresolvedCount = b.settleAll(j.Dependencies, j.Ref, j.Status)
		n := len(j.Dependencies)
		j.DependencyCount = &n
	}
}

func (b *builder) settleAll(ds []twstools.Dependency, owner twstools.Ref, status twstools.Status) *int {
	open := 0
	for i := range ds {
		b.settleOne(&ds[i], owner, status)
		if still, _ := ds[i].Open(); still {
			open++
		}
	}
	return &open
}

func (b *builder) settleOne(d *twstools.Dependency, owner twstools.Ref, status twstools.Status) {
	met := false
	started := status.Internal != "HOLD" && status.Internal != "READY"
	switch d.Type {
	case twstools.DepInternal, twstools.DepExternalJob, twstools.DepExternalJobStream:
		met = releases(*d)
	case twstools.DepFile:
		if d.FileState == "" {
			d.FileState = map[bool]string{true: "Exists", false: "Not Checked"}[started]
		}
		met = d.FileState == "Exists"
	case twstools.DepResource:
		held := b.heldBy(owner, *d)
		d.UnitsHeld = &held
		met = started || held >= d.Units
	case twstools.DepPrompt:
		met = d.PromptStatus == "ANSWERED_YES"
	case twstools.DepInternetwork:
		met = d.RemoteStatus.Common == "SUCCESSFUL"
	case twstools.DepJoin:
		good := 0
		for i := range d.Members {
			b.settleOne(&d.Members[i], owner, status)
			if open, _ := d.Members[i].Open(); !open {
				good++
			}
		}
		met = good == len(d.Members) || d.JoinQuantity > 0 && good >= d.JoinQuantity
	}
	if d.State == "" {
		d.State = map[bool]string{true: "SATISFIED", false: "UNSATISFIED"}[met]
	}
	met = d.State == "SATISFIED"
	d.Satisfied = &met
}

// releases reports whether a predecessor in its present state lets its successor go: it succeeded, was cancelled, or ended as the condition asks.
func releases(d twstools.Dependency) bool {
	p := d.PredecessorStatus
	if len(d.StatusConditions) > 0 {
		return slices.Contains(d.StatusConditions, p.Internal)
	}
	return len(d.OutputConditions) == 0 && (p.Common == "SUCCESSFUL" || p.Common == "CANCELED" || p.Common == "SUPPRESS")
}

func (b *builder) heldBy(owner twstools.Ref, d twstools.Dependency) int {
	for _, r := range b.w.Resources {
		if r.Name != d.Resource || r.Workstation != d.Workstation {
			continue
		}
		for _, h := range r.Holders {
			if (h.JobRef == owner || h.JobRef.IsZero() && h.JobStreamRef == owner) && h.Quantity != nil {
				return *h.Quantity
			}
		}
	}
	return 0
}

// tally counts each stream's jobs as the engine does.
func (b *builder) tally() {
	for i := range b.w.JobStreams {
		counts := map[string]int{}
		for _, j := range b.streamJobs[i] {
			counts[b.w.Jobs[j].Status.Internal]++
		}
		total := len(b.streamJobs[i])
		st := &b.w.JobStreams[i].Stats
		st.Total = &total
		rest := total
		for _, c := range []struct {
			to     **int
			states string
		}{{&st.Successful, "SUCC SUCCP"}, {&st.Abended, "ABEND ABENP"}, {&st.Failed, "FAIL"}, {&st.Executing, "EXEC"}, {&st.Undecided, "PEND END EXTRN"}} {
			n := 0
			for s := range strings.FieldsSeq(c.states) {
				n += counts[s]
			}
			*c.to = &n
			rest -= n
		}
		st.NotRunning = &rest
	}
}
