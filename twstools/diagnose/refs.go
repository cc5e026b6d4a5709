package diagnose

import (
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// Ref makes an answer's ref of an entity. Where the engine gave no 16-character id of the job stream, stream stands in for it.
func Ref(engine string, e twstools.Entity, stream twstools.Ref) answer.Ref {
	r := answer.Ref{Engine: engine, Type: string(e.Type)}
	switch e.Type {
	case twstools.EntityJob, twstools.EntityJobStream:
		r.JobStreamID = e.JobStreamID
		if r.JobStreamID == "" {
			r.JobStreamID = stream.ID
		}
		r.Job = e.Job
	case twstools.EntityWorkstation:
		r.Name, r.Folder = e.Workstation, orRoot(e.Folder)
	default:
		r.Name, r.Folder, r.Workstation = e.Name, orRoot(e.Folder), e.Workstation
	}
	return r
}

func orRoot(folder string) string {
	if folder == "" {
		return "/"
	}
	return folder
}

// JobRef makes the ref of a job; id is its job stream's 16-character id where known.
func JobRef(engine string, j twstools.Job) answer.Ref { return Ref(engine, j.Entity(), j.StreamRef) }

// StreamRef makes the ref of a job stream.
func StreamRef(engine string, s twstools.JobStream) answer.Ref { return Ref(engine, s.Entity(), s.Ref) }

// ref makes the ref of a node; a job takes its stream's id from the graph where its own payload had none.
func (c *kase) ref(n *plan.Node) answer.Ref {
	if n.Stream != nil {
		return StreamRef(c.d.o.Name, *n.Stream)
	}
	r := JobRef(c.d.o.Name, *n.Job)
	if n.Job.JobStreamID == "" && c.graph != nil {
		if sn, ok := c.graph.Node(plan.StreamID(n.Job.StreamRef)); ok && sn.Stream.InternalID != "" {
			r.JobStreamID = sn.Stream.InternalID
		}
	}
	return r
}

// name writes an entity in the plan's zone. Names come from outside like all else: what a terminal would obey goes.
func (c *kase) name(e twstools.Entity) string { return untrusted.Normalize(e.String(c.zone)) }
