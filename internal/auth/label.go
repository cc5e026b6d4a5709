package auth

import "context"

// Labels gives the access labels of documents that the caller may see, besides documents without one; all means every label. A label
// that is the name of a role opens to whoever has at least this role, any other one to admins alone: a slip of the pen in a
// label shuts a document and opens none.
func (c Caller) Labels() (labels []string, all bool) {
	if c.Role == Admin {
		return nil, true
	}
	for _, r := range []Role{Viewer, Operator} {
		if c.Role.Allows(r) {
			labels = append(labels, string(r))
		}
	}
	return labels, false
}

// Labels gives the access labels that whoever the context names may see. A context that names nobody is the program's own work: what
// serves others names its caller.
func Labels(ctx context.Context) (labels []string, all bool) {
	c, ok := CallerFrom(ctx)
	if !ok {
		return nil, true
	}
	return c.Labels()
}
