package twsmock

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

func (c call) jobCount() answer    { return c.grouped(query.Jobs, c.n.TallyJobs) }
func (c call) streamCount() answer { return c.grouped(query.JobStreams, c.n.TallyJobStreams) }

// tallies counts what a filter matches.
type tallies func(ctx context.Context, where query.Expr, groups ...string) ([]world.Tally, error)

// grouped counts what plan_filter chooses: everything where it is left out, as the parameter's default says.
func (c call) grouped(of query.Object, count tallies) answer {
	where, err := query.ParseSelectionOn(c.query.Get("plan_filter"), of, c.w.AsOf.In(c.loc))
	if err != nil {
		return failed(parameterError{err})
	}
	var groups []string
	if g := c.query.Get("grouping_filters"); g != "" {
		groups = strings.Split(g, ",")
	}
	for _, g := range groups {
		if !slices.Contains([]string{"status", "workstation", "folder"}, g) {
			return failed(badParameter("The grouping %q is none of workstation, status, folder.", g))
		}
	}
	all, err := count(c.r.Context(), where, groups...)
	if err != nil {
		return failed(err)
	}
	out := wireCounts{Grouped: map[string]int{}}
	for _, t := range all {
		out.Count += t.N
		if len(groups) == 0 {
			continue
		}
		for i, g := range groups {
			if g == "workstation" {
				t.Keys[i] = onWire(t.Keys[i])
			}
		}
		out.Grouped[strings.Join(t.Keys, "/")] += t.N
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
	add := func(folder, common string, states []string, n int) {
		if !query.Eval(q.Where, folderRow(folder)) {
			return
		}
		f := by[folder]
		if f == nil {
			f = &wireFolderCount{Folder: folder, FolderID: world.FolderID(folder), Common: map[string]int{}, States: map[string]int{}}
			by[folder] = f
		}
		f.Total += n
		if common != "" {
			f.Common[common] += n
		}
		for _, s := range states {
			f.States[s] += n
		}
	}
	known, err := c.walk(c.query.Get("object_type"), add)
	if err != nil {
		return failed(err)
	}
	if !known {
		return refuse(http.StatusBadRequest, "The object_type is none of the plan's.")
	}
	out := []*wireFolderCount{}
	for _, f := range by {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *wireFolderCount) int { return strings.Compare(a.Folder, b.Folder) })
	return inJSON(http.StatusOK, out)
}

// walk adds every kind of object's folders; known is false for a kind that is none of the plan's.
func (c call) walk(kind string, add func(folder, common string, states []string, n int)) (known bool, err error) {
	switch kind {
	case "JOB_IN_PLAN":
		return true, c.walkTallies(c.n.TallyJobs, add)
	case "", "JOBSTREAM_IN_PLAN":
		return true, c.walkTallies(c.n.TallyJobStreams, add)
	case "WORKSTATION_IN_PLAN":
		for _, w := range c.w.Workstations {
			add(w.Folder, "", w.ActiveStates, 1)
		}
	case "RESOURCE_IN_PLAN":
		for _, r := range c.w.Resources {
			add(r.Folder, "", nil, 1)
		}
	case "PROMPT_IN_PLAN":
		for _, p := range c.w.Prompts {
			add(p.Folder, "", nil, 1)
		}
	default:
		return false, nil
	}
	return true, nil
}

func (c call) walkTallies(count tallies, add func(folder, common string, states []string, n int)) error {
	all, err := count(c.r.Context(), nil, "folder", "status")
	for _, t := range all {
		add(t.Keys[0], t.Keys[1], nil, t.N)
	}
	return err
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
