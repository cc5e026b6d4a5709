package twsmock

import (
	"net/http"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// counted is what an object is grouped by.
type counted struct{ status, workstation, folder string }

func (c call) jobCount() answer {
	return c.grouped(query.Jobs, func(where query.Expr) []counted {
		return pick(c.w.Jobs, where, twstools.JobRow, func(j twstools.Job) counted { return counted{j.Status.Common, onWire(j.Workstation), j.Folder} })
	})
}

func (c call) streamCount() answer {
	return c.grouped(query.JobStreams, func(where query.Expr) []counted {
		return pick(c.w.JobStreams, where, twstools.JobStreamRow, func(s twstools.JobStream) counted { return counted{s.Status.Common, onWire(s.Workstation), s.Folder} })
	})
}

func pick[T any](all []T, where query.Expr, row func(T) query.Row, of func(T) counted) []counted {
	var out []counted
	for _, x := range all {
		if query.Eval(where, row(x)) {
			out = append(out, of(x))
		}
	}
	return out
}

func (c call) grouped(of query.Object, all func(query.Expr) []counted) answer {
	filter := c.query.Get("plan_filter")
	if filter == "" {
		return refuse(http.StatusBadRequest, "The parameter plan_filter is required.")
	}
	where, err := query.ParseSelection(filter, of, c.loc)
	if err != nil {
		return failed(err)
	}
	var groups []string
	if g := c.query.Get("grouping_filters"); g != "" {
		groups = strings.Split(g, ",")
	}
	out := wireCounts{Grouped: map[string]int{}}
	for _, g := range groups {
		if !slices.Contains([]string{"status", "workstation", "folder"}, g) {
			return failed(fault.New(fault.Invalid, "The grouping %q is none of workstation, status, folder.", g))
		}
	}
	for _, x := range all(where) {
		out.Count++
		if len(groups) == 0 {
			continue
		}
		parts := make([]string, len(groups))
		for i, g := range groups {
			parts[i] = map[string]string{"status": x.status, "workstation": x.workstation, "folder": x.folder}[g]
		}
		out.Grouped[strings.Join(parts, "/")]++
	}
	return inJSON(http.StatusOK, out)
}

type wireFolderCount struct {
	Folder   string         `json:"folder"`
	FolderID string         `json:"folderId"`
	Total    int            `json:"totalCount"`
	Common   map[string]int `json:"commonStatus"`
	States   map[string]int `json:"activeStates"`
}

// folderCount counts objects by folder, for dashboards.
func (c call) folderCount() answer {
	if !c.query.Has("oql") {
		return refuse(http.StatusBadRequest, "The parameter oql is required.")
	}
	q, err := query.ParseOQL(c.query.Get("oql"))
	if err == nil {
		err = query.CheckFields(q, []string{"folder", "folderId", "parent", "parentId"})
	}
	if err != nil {
		return failed(err)
	}
	by := map[string]*wireFolderCount{}
	add := func(folder, common string, states []string) {
		if !query.Eval(q.Where, folderRow(folder)) {
			return
		}
		f := by[folder]
		if f == nil {
			f = &wireFolderCount{Folder: folder, FolderID: world.FolderID(folder), Common: map[string]int{}, States: map[string]int{}}
			by[folder] = f
		}
		f.Total++
		if common != "" {
			f.Common[common]++
		}
		for _, s := range states {
			f.States[s]++
		}
	}
	if !c.walk(c.query.Get("object_type"), add) {
		return refuse(http.StatusBadRequest, "The object_type is none of the plan's.")
	}
	out := []*wireFolderCount{}
	for _, f := range by {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *wireFolderCount) int { return strings.Compare(a.Folder, b.Folder) })
	return inJSON(http.StatusOK, out)
}

func (c call) walk(kind string, add func(folder, common string, states []string)) bool {
	switch kind {
	case "JOB_IN_PLAN":
		for _, j := range c.w.Jobs {
			add(j.Folder, j.Status.Common, nil)
		}
	case "", "JOBSTREAM_IN_PLAN":
		for _, s := range c.w.JobStreams {
			add(s.Folder, s.Status.Common, nil)
		}
	case "WORKSTATION_IN_PLAN":
		for _, w := range c.w.Workstations {
			add(w.Folder, "", w.ActiveStates)
		}
	case "RESOURCE_IN_PLAN":
		for _, r := range c.w.Resources {
			add(r.Folder, "", nil)
		}
	case "PROMPT_IN_PLAN":
		for _, p := range c.w.Prompts {
			add(p.Folder, "", nil)
		}
	default:
		return false
	}
	return true
}

// folderRow is a folder as a filter sees it.
type folderRow string

func (f folderRow) Values(field string) ([]query.Value, bool) {
	parent := "/"
	if i := strings.LastIndexByte(string(f), '/'); i > 0 {
		parent = string(f)[:i]
	}
	switch field {
	case "folder":
		return []query.Value{string(f)}, true
	case "folderId":
		return []query.Value{world.FolderID(string(f))}, true
	case "parent":
		return []query.Value{parent}, true
	case "parentId":
		return []query.Value{world.FolderID(parent)}, true
	}
	return nil, false
}
