package world

import (
	"github.com/resync-hwa/resync/twstools"
)

// plant builds workstations, resources without their holders, and prompts without whom they belong to.
func (b *builder) plant() {
	b.w.Workstations = make([]twstools.Workstation, 0, len(b.doc.Workstations))
	for _, f := range b.doc.Workstations {
		name := displayName(f.Folder, f.Name)
		if f.Name == "" || b.workstations[name] != nil {
			b.fail("workstation %q has no name or is there twice", name)
			continue
		}
		b.w.Workstations = append(b.w.Workstations, twstools.Workstation{
			Ref: ref(nameUUID("workstation", name)), Name: name, Folder: orElse(f.Folder, "/"), Type: orElse(f.Type, "FTA"), Domain: f.Domain,
			Host: f.Host, Node: f.Node, OS: f.OS, TimeZone: orElse(f.TimeZone, b.w.Info.TimeZone), Limit: f.Limit, Fence: f.Fence, Ignored: f.Ignored,
			ActiveStates: f.States, ActiveFlags: f.Flags, StatesKnown: f.States != nil, Version: f.Version,
			TimeStarted: b.instant(f.Started, "workstation "+name), RunNumber: f.RunNumber, Description: f.Description,
		})
		b.workstations[name] = &b.w.Workstations[len(b.w.Workstations)-1]
		b.members[name] = f.Members
	}
	for _, f := range b.doc.Workstations {
		for _, m := range f.Members {
			b.known(m, "pool "+f.Name)
		}
	}
	for _, f := range b.doc.Resources {
		b.known(f.Workstation, "resource "+f.Name)
		name := f.Workstation + "#" + displayName(f.Folder, f.Name)
		if _, twice := b.resources[name]; twice || f.Name == "" {
			b.fail("resource %q has no name or is there twice", name)
			continue
		}
		q := f.Quantity
		b.resources[name] = len(b.w.Resources)
		b.w.Resources = append(b.w.Resources, twstools.Resource{Ref: ref(nameUUID("resource", name)), Name: f.Name, Folder: orElse(f.Folder, "/"),
			Workstation: f.Workstation, Quantity: &q, Status: "AVAILABLE", Description: f.Description})
	}
	for i, f := range b.doc.Prompts {
		if _, twice := b.prompts[f.Name]; twice || f.Name == "" {
			b.fail("prompt %q has no name or is there twice", f.Name)
			continue
		}
		n := i + 1
		if f.Number != nil {
			n = *f.Number
		}
		b.prompts[f.Name] = len(b.w.Prompts)
		b.w.Prompts = append(b.w.Prompts, twstools.Prompt{Ref: ref(nameUUID("prompt", displayName(f.Folder, f.Name))), Name: f.Name, Folder: orElse(f.Folder, "/"),
			Text: f.Text, Status: orElse(f.Status, "NOT_ASKED"), Type: orElse(f.Type, "Predefined Prompt"), Number: &n, Workstation: f.Workstation,
			AskedAt: b.instant(f.Asked, "prompt "+f.Name), AnsweredAt: b.instant(f.Answered, "prompt "+f.Name)})
	}
}

// bindings ties holders and prompts to jobs and streams, once those exist.
func (b *builder) bindings() {
	for _, f := range b.doc.Resources {
		r := &b.w.Resources[b.resources[f.Workstation+"#"+displayName(f.Folder, f.Name)]]
		used := 0
		for _, h := range f.Holders {
			q := max(h.Quantity, 1)
			used += q
			r.Holders = append(r.Holders, b.holder(h, q, "resource "+f.Name))
		}
		left := *r.Quantity - used
		r.InUse, r.Available = &used, &left
		if left < 0 {
			b.fail("resource %s: %d units are held of %d", f.Name, used, *r.Quantity)
		}
		if left <= 0 {
			r.Status = "NOT_AVAILABLE"
		}
	}
	for _, f := range b.doc.Prompts {
		p := &b.w.Prompts[b.prompts[f.Name]]
		if f.Job != "" {
			if i, ok := b.job(f.Job, "prompt "+f.Name); ok {
				j := b.w.Jobs[i]
				p.JobRef, p.JobStreamRef, p.JobKey, p.Workstation = j.Ref, j.StreamRef, j.StreamWorkstation+"#"+j.Stream+"."+j.Name, orElse(p.Workstation, j.StreamWorkstation)
			}
		}
		if f.Stream != "" {
			if i, ok := b.stream(f.Stream, "prompt "+f.Name); ok {
				s := b.w.JobStreams[i]
				p.JobStreamRef, p.JobStreamKey, p.Workstation = s.Ref, s.Workstation+"#"+s.Name, orElse(p.Workstation, s.Workstation)
			}
		}
	}
}

func (b *builder) holder(h fileHolder, quantity int, what string) twstools.Holder {
	out := twstools.Holder{Quantity: &quantity}
	if h.Job != "" {
		if i, ok := b.job(h.Job, what); ok {
			j := b.w.Jobs[i]
			out.Job, out.JobRef, out.JobStream, out.JobStreamRef = j.Name, j.Ref, j.Stream, j.StreamRef
			out.JobKey = j.StreamWorkstation + "#" + j.Stream + "." + j.Name
		}
		return out
	}
	if i, ok := b.stream(h.Stream, what); ok {
		s := b.w.JobStreams[i]
		out.JobStream, out.JobStreamRef = s.Name, s.Ref
	}
	return out
}

// displayName is the operator's form of a name: with its folder only where that is not the root.
func displayName(folder, name string) string {
	if folder == "" || folder == "/" {
		return name
	}
	return folder + "/" + name
}

// known reports whether the workstation exists, and complains where it does not.
func (b *builder) known(workstation, what string) bool {
	if b.workstations[workstation] == nil {
		b.fail("%s: there is no workstation %q", what, workstation)
		return false
	}
	return true
}

func (b *builder) job(name, what string) (int, bool) {
	i, ok := b.jobs[name]
	if !ok {
		b.fail("%s: there is no job %q", what, name)
	}
	return i, ok
}

func (b *builder) stream(key, what string) (int, bool) {
	i, ok := b.streams[key]
	if !ok {
		b.fail("%s: there is no job stream %q", what, key)
	}
	return i, ok
}
