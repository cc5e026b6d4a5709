package twsmock

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// wireModel is a definition as the database's part of the interface wraps it.
type wireModel struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
	Def  any    `json:"def"`

	row modelRow
}

// wireModelHead is what all definitions share.
type wireModelHead struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Folder        string `json:"folder,omitempty"`
	FolderID      string `json:"folderId,omitempty"`
	Workstation   string `json:"workstation,omitempty"`
	WorkstationID string `json:"workstationId,omitempty"`
	Description   string `json:"description,omitempty"`
}

type wireModelStream struct {
	wireModelHead
	Priority  *int                `json:"priority,omitempty"`
	Limit     *int                `json:"limit,omitempty"`
	ValidFrom string              `json:"validFrom,omitempty"`
	ValidTo   string              `json:"validTo,omitempty"`
	Options   []string            `json:"options,omitempty"`
	RunCycles []wireModelRunCycle `json:"runCycles,omitempty"`
	Jobs      []wireModelJobName  `json:"jobs,omitempty"`
}

type wireModelRunCycle struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Expression string `json:"expression"`
}

type wireModelJobName struct {
	Name string `json:"name"`
}

type wireModelJob struct {
	wireModelHead
	Type       string            `json:"type"`
	Task       map[string]string `json:"task"`
	UserLogins []string          `json:"userLogins,omitempty"`
}

type wireModelWorkstation struct {
	wireModelHead
	Type     string `json:"type,omitempty"`
	OS       string `json:"os,omitempty"`
	Node     string `json:"nodeName,omitempty"`
	TimeZone string `json:"timeZone,omitempty"`
	Domain   string `json:"domain,omitempty"`
	Host     string `json:"hostWorkstation,omitempty"`
}

type wireModelResource struct {
	wireModelHead
	Quantity *int `json:"quantity,omitempty"`
}

type wireModelPrompt struct {
	wireModelHead
	Text string `json:"text,omitempty"`
}

// wireModelFolder's and a domain's own name stand without the folder that they lie in.
type wireModelFolder struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Folder   string `json:"folder"`
	ParentID string `json:"parentId,omitempty"`
}

type wireModelDomain struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Manager string `json:"managerWorkstation,omitempty"`
	Master  bool   `json:"master"`
}

// modelRow is a definition as a filter sees it.
type modelRow struct{ id, name, folder, workstation string }

var modelFields = []string{"folder", "id", "name", "workstation"}

// Values implements query.Row.
func (r modelRow) Values(field string) ([]query.Value, bool) {
	v, known := map[string]string{"id": r.id, "name": r.name, "folder": r.folder, "workstation": r.workstation}[field]
	switch {
	case !known || v == "":
		return nil, known
	case field == "workstation" || field == "name" && strings.HasPrefix(v, "/"):
		return []query.Value{query.Spellings{onWire(v), strings.TrimPrefix(v, "/")}}, true
	}
	return []query.Value{v}, true
}

// models are the definitions of a view by kind as the path spells it, made when they are first asked for.
type models struct {
	mu  sync.Mutex
	all map[string][]wireModel
}

// modelKinds are the paths below /model that list definitions; those that a world says nothing of are empty.
var modelKinds = map[string]func(*view) ([]wireModel, error){
	"jobstream": (*view).modelStreams, "jobdefinition": (*view).modelJobs, "workstation": (*view).modelWorkstations, "resource": (*view).modelResources,
	"prompt": (*view).modelPrompts, "folder": (*view).modelFolders, "domain": (*view).modelDomains,
	"calendar": nil, "credentials": nil, "runcyclegroup": nil, "service": nil, "variable": nil, "variabletable": nil, "workloadapplicationtemplate": nil, "workstationclass": nil,
}

func (v *view) model(kind string) ([]wireModel, error) {
	make, known := modelKinds[kind]
	if !known {
		return nil, fault.New(fault.NotFound, "There is nothing at this address.")
	}
	if make == nil {
		return nil, nil
	}
	v.models.mu.Lock()
	defer v.models.mu.Unlock()
	if all, ok := v.models.all[kind]; ok {
		return all, nil
	}
	all, err := make(v)
	if err != nil {
		return nil, err
	}
	if v.models.all == nil {
		v.models.all = map[string][]wireModel{}
	}
	v.models.all[kind] = all
	return all, nil
}

// kindAsked is the kind in the path, which is the part behind /model.
func (c call) kindAsked() string {
	rest := strings.TrimPrefix(c.r.URL.EscapedPath(), Base+"/model/")
	kind, _, _ := strings.Cut(rest, "/")
	return kind
}

// definitions answers a page of definitions. model_filter is read as the plan's filters are, without their qualifiers.
func (c call) definitions() answer {
	kind := c.kindAsked()
	all, err := c.model(kind)
	if err != nil {
		return failed(err)
	}
	of := map[string]query.Object{"workstation": query.Workstations, "folder": query.Prompts, "domain": query.Prompts, "prompt": query.Prompts}
	object, ok := of[kind]
	if !ok {
		object = query.Resources // WORKSTATION#NAME with folders, as job streams and job definitions are written, too
	}
	return list(c, object, func(_ context.Context, q twstools.ListQuery) (twstools.List[wireModel], error) {
		return pageOfModels(all, q)
	}, func(m wireModel) wireModel { return m })
}

func pageOfModels(all []wireModel, q twstools.ListQuery) (twstools.List[wireModel], error) {
	var out twstools.List[wireModel]
	if err := query.CheckFields(query.Query{Where: q.Where, Order: q.Order}, modelFields); err != nil {
		return out, err
	}
	found := []wireModel{}
	for _, m := range all {
		if query.Eval(q.Where, m.row) {
			found = append(found, m)
		}
	}
	query.Sort(found, func(m wireModel) query.Row { return m.row }, q.Order)
	out.Total = len(found)
	found = found[min(q.Offset, len(found)):]
	out.Items = found[:min(q.Limit, len(found))]
	return out, nil
}

// definition answers one definition by its id.
func (c call) definitionByID() answer {
	all, err := c.model(c.kindAsked())
	if err != nil {
		return failed(err)
	}
	at := slices.IndexFunc(all, func(m wireModel) bool { return m.row.id == c.id })
	if at < 0 {
		return c.noSuch()
	}
	return inJSON(http.StatusOK, all[at])
}

// wrapped puts a definition into its wrapper. Keys are written as everywhere: /WORKSTATION#/FOLDER/NAME.
func wrapped(kind string, row modelRow, def any) wireModel {
	key := strings.TrimSuffix(row.folder, "/") + "/" + row.name
	if row.workstation != "" {
		key = onWire(row.workstation) + "#" + key
	}
	return wireModel{Kind: kind, Key: key, Def: def, row: row}
}

func (v *view) head(row modelRow, description string) wireModelHead {
	h := wireModelHead{ID: row.id, Name: row.name, Folder: row.folder, FolderID: world.FolderID(row.folder), Description: description}
	if row.workstation != "" {
		h.Workstation, h.WorkstationID = onWire(row.workstation), v.ws[row.workstation]
	}
	return h
}

// everything is a bound that no world's definitions reach.
const everything = 1 << 30

func (v *view) modelStreams() ([]wireModel, error) {
	all, err := twstools.CapabilitiesOf(v.e).Definitions.JobStreamDefinitions(noCancel, "", everything)
	var out []wireModel
	for _, d := range all {
		row := modelRow{d.ID, d.Name, d.Folder, d.Workstation}
		def := wireModelStream{wireModelHead: v.head(row, d.Description), Priority: d.Priority, Limit: d.Limit, ValidFrom: instant(d.ValidFrom), ValidTo: instant(d.ValidTo)}
		if d.Draft != nil && *d.Draft {
			def.Options = []string{"draft"}
		}
		for i, rule := range d.RunCycles {
			def.RunCycles = append(def.RunCycles, wireModelRunCycle{fmt.Sprintf("RULE%d", i+1), "rrule", rule})
		}
		for _, name := range d.Jobs {
			def.Jobs = append(def.Jobs, wireModelJobName{name})
		}
		out = append(out, wrapped("JobStream", row, def))
	}
	return out, err
}

func (v *view) modelJobs() ([]wireModel, error) {
	all, err := twstools.CapabilitiesOf(v.e).Definitions.JobDefinitions(noCancel, "", everything)
	var out []wireModel
	for _, d := range all {
		row := modelRow{definitionID(d), d.Name, "/", d.Workstation}
		def := wireModelJob{wireModelHead: v.head(row, d.Description), Type: "executable", Task: map[string]string{}, UserLogins: d.UserLogins}
		if d.Task != "" {
			def.Task["script"] = d.Task
		}
		out = append(out, wrapped("JobDefinition", row, def))
	}
	return out, err
}

// definitionID is the same for a job's definition in the plan and in the database.
func definitionID(d twstools.JobDefinition) string {
	return world.FolderID("definition/" + d.Workstation + "/" + d.Name)
}

func (v *view) modelWorkstations() ([]wireModel, error) {
	var out []wireModel
	for _, w := range v.w.Workstations {
		row := modelRow{id: w.Ref.ID, name: w.Name[strings.LastIndexByte(w.Name, '/')+1:], folder: w.Folder}
		def := wireModelWorkstation{wireModelHead: v.head(row, w.Description), Type: w.Type, OS: w.OS, Node: w.Node, TimeZone: w.TimeZone, Domain: w.Domain, Host: onWire(w.Host)}
		out = append(out, wrapped("Workstation", row, def))
	}
	return out, nil
}

func (v *view) modelResources() ([]wireModel, error) {
	var out []wireModel
	for _, r := range v.w.Resources {
		row := modelRow{r.Ref.ID, r.Name, r.Folder, r.Workstation}
		out = append(out, wrapped("Resource", row, wireModelResource{v.head(row, r.Description), r.Quantity}))
	}
	return out, nil
}

// modelPrompts gives the predefined ones: the others exist in the plan only.
func (v *view) modelPrompts() ([]wireModel, error) {
	var out []wireModel
	for _, p := range v.w.Prompts {
		if p.Type == "Predefined Prompt" {
			row := modelRow{id: p.Ref.ID, name: p.Name, folder: p.Folder}
			out = append(out, wrapped("Prompt", row, wireModelPrompt{v.head(row, ""), p.Text}))
		}
	}
	return out, nil
}

// modelFolders gives the folders that something of the plan lies in.
func (v *view) modelFolders() ([]wireModel, error) {
	names := []string{}
	for _, w := range v.w.Workstations {
		names = append(names, w.Folder)
	}
	for _, s := range v.w.JobStreams {
		if len(names) == 0 || names[len(names)-1] != s.Folder {
			names = append(names, s.Folder)
		}
	}
	slices.Sort(names)
	var out []wireModel
	for _, f := range slices.Compact(names) {
		if f == "" || f == "/" {
			continue
		}
		parent := "/"
		if i := strings.LastIndexByte(f, '/'); i > 0 {
			parent = f[:i]
		}
		row := modelRow{id: world.FolderID(f), name: f[strings.LastIndexByte(f, '/')+1:], folder: parent}
		out = append(out, wrapped("Folder", row, wireModelFolder{row.id, row.name, parent, world.FolderID(parent)}))
	}
	return out, nil
}

func (v *view) modelDomains() ([]wireModel, error) {
	at := map[string]int{}
	var out []wireModel
	for _, w := range v.w.Workstations {
		if w.Domain == "" {
			continue
		}
		i, known := at[w.Domain]
		if !known {
			i = len(out)
			at[w.Domain] = i
			out = append(out, wireModel{Kind: "Domain", Key: w.Domain, Def: wireModelDomain{ID: world.FolderID("domain/" + w.Domain), Name: w.Domain},
				row: modelRow{id: world.FolderID("domain/" + w.Domain), name: w.Domain}})
		}
		if slices.Contains(w.ActiveStates, "MASTER") {
			def, _ := out[i].Def.(wireModelDomain)
			def.Manager, def.Master = onWire(w.Name), true
			out[i].Def = def
		}
	}
	return out, nil
}
