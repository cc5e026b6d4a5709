package twsmock

import (
	"net/http"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// v1Header is what a list of the database's objects tells of one. Of its fields, id, name and type are seen in the vendor's samples.
type v1Header struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Type        string            `json:"type,omitempty"`
	Description string            `json:"description,omitempty"`
	Folder      string            `json:"folderName,omitempty"`
	Workstation *v1WorkstationKey `json:"workstationKey,omitempty"`
	OnName      string            `json:"workstationName,omitempty"`
	ValidFrom   string            `json:"validFrom,omitempty"`
	ValidTo     string            `json:"validTo,omitempty"`
	Draft       *bool             `json:"draft,omitempty"`
	on          string
	from, to    time.Time
}

var v1HeaderFields = v1Fields[v1Header]{
	"name":        func(h v1Header) []query.Value { return eitherName(h.Name) },
	"workstation": func(h v1Header) []query.Value { return eitherName(h.on) },
	"validFrom":   func(h v1Header) []query.Value { return when(h.from) },
	"validTo":     func(h v1Header) []query.Value { return when(h.to) },
}

// headers lists what is defined in the database. Kinds that a world does not hold are empty.
func (c v1Call) headers() answer {
	return smallList(c, headerFilters[c.vars[0]], "model/"+c.vars[0], c.defined(c.vars[0]), v1HeaderFields, func(h v1Header) string { return h.ID }, itself)
}

func (c v1Call) header() answer {
	all := c.defined(c.vars[0])
	i := slices.IndexFunc(all, func(h v1Header) bool { return h.ID == c.vars[1] })
	if i < 0 {
		return failedV1(noSuchV1(c.vars[1]))
	}
	return inJSON(http.StatusOK, all[i])
}

func (c v1Call) defined(kind string) []v1Header {
	var out []v1Header
	add := func(h v1Header) {
		if h.ID == "" {
			h.ID = world.FolderID("model/" + kind + "/" + h.on + "/" + h.Folder + "/" + h.Name)
		}
		if h.on != "" {
			h.Workstation = c.workstationKey(h.on)
			h.OnName = h.Workstation.Name
		}
		if !slices.ContainsFunc(out, func(o v1Header) bool { return o.ID == h.ID }) {
			out = append(out, h)
		}
	}
	switch kind {
	case "workstation":
		for _, w := range c.w.Workstations {
			folder, name := unfolded(w.Name)
			add(v1Header{Name: name, Type: c.writeWorkstation(w).Type, Description: w.Description, Folder: folder})
		}
	case "jobdefinition":
		for _, d := range c.jobDefinitions() {
			add(v1Header{Name: d.Name, Type: taskType, Description: d.Description, on: d.Workstation})
		}
	case "jobstream":
		for _, s := range c.w.StreamDefinitions {
			add(v1Header{ID: s.ID, Name: s.Name, Description: s.Description, Folder: s.Folder, on: s.Workstation, ValidFrom: c.instant(s.ValidFrom), ValidTo: c.instant(s.ValidTo),
				Draft: s.Draft, from: s.ValidFrom, to: s.ValidTo})
		}
	}
	return out
}

// jobDefinitions are those of the database, or of the jobs in the plan where the world does not tell them.
func (c v1Call) jobDefinitions() []twstools.JobDefinition {
	if c.w.JobDefinitions != nil {
		return c.w.JobDefinitions
	}
	var out []twstools.JobDefinition
	seen := map[[2]string]bool{}
	for _, j := range c.w.Jobs {
		if k := [2]string{j.Definition.Workstation, j.Definition.Name}; !seen[k] {
			seen[k] = true
			out = append(out, j.Definition)
		}
	}
	return out
}
