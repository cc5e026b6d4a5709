package tools

import (
	"context"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// namedBelow is how few workstations may match for their running and waiting jobs to be named, not only counted.
const namedBelow = 5

// mostNamed bounds the jobs that are named of one workstation.
const mostNamed = 10

// ListWorkstationsIn selects workstations. All conditions must hold.
type ListWorkstationsIn struct {
	Name     string `json:"name,omitempty" doc:"workstation name; @ stands for any characters, ? for one" example:"LX@"`
	Status   string `json:"status,omitempty" doc:"only those whose link stands so" enum:"linked,unlinked,stopped,ignored,unknown"`
	Problem  bool   `json:"problem,omitempty" doc:"only those that cannot run jobs: unlinked, stopped, limit 0 …"`
	PageSize int    `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor   string `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// ListWorkstationsOut is a page of workstations.
type ListWorkstationsOut struct {
	Workstations []WorkstationDetail `json:"workstations"`
	Paged
	Missing []string `json:"missing,omitempty"`
}

// WorkstationDetail is a workstation with what the plan's copy says about it, and what runs and waits there.
type WorkstationDetail struct {
	WorkstationRow
	Domain    string   `json:"domain,omitempty"`
	Host      string   `json:"host,omitempty"`
	Node      string   `json:"node,omitempty"`
	OS        string   `json:"os,omitempty"`
	Version   string   `json:"version,omitempty"`
	TimeZone  string   `json:"timezone,omitempty"`
	RunNumber *int     `json:"run_number,omitempty" doc:"of the plan that the workstation has; another than the master's means an old one"`
	Started   string   `json:"started,omitempty"`
	States    []string `json:"active_states,omitempty" doc:"as the engine sends them"`
	Flags     []string `json:"active_flags,omitempty"`
	Running   *int     `json:"running,omitempty" doc:"jobs"`
	Waiting   *int     `json:"waiting,omitempty" doc:"jobs ready or waiting there"`
	Now       []string `json:"running_jobs,omitempty" doc:"named when few workstations are listed"`
	Next      []string `json:"waiting_jobs,omitempty" doc:"those that are ready first"`
}

// ListWorkstations lists workstations with what runs and waits there.
func (t *Tools) ListWorkstations(ctx context.Context, in ListWorkstationsIn) (toolkit.Reply[ListWorkstationsOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[ListWorkstationsOut]{}, err
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	w, err := c.slot("list_workstations", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[ListWorkstationsOut]{}, err
	}
	l := listing[twstools.Workstation]{read: c.workstationsToShow, keep: func(ws *twstools.Workstation) bool {
		row := c.workstationRow(*ws)
		return (in.Name == "" || namedWorkstation(in.Name, ws.Name)) && (in.Status == "" || row.Status == in.Status) && (!in.Problem || row.Problem != "")
	}}
	m, err := l.from(ctx, w)
	if err != nil {
		return toolkit.Reply[ListWorkstationsOut]{}, err
	}
	if err := c.unread(ctx); err != nil && len(m.items) == 0 {
		return toolkit.Reply[ListWorkstationsOut]{}, err
	}
	out := ListWorkstationsOut{Missing: partly(m.partial, "workstation:@", "workstations")}
	load, err := c.load(ctx)
	if err != nil {
		out.Missing = append(out.Missing, "plan:current: "+fault.Public(err).Message)
	}
	few := len(m.items) <= namedBelow
	rows, sources, p := pageRows(m, w, func(ws twstools.Workstation) (WorkstationDetail, toolkit.Source) {
		row := c.workstationDetail(ws)
		if load != nil {
			n := load[strings.ToUpper(twstools.DisplayName(ws.Name))]
			row.Running, row.Waiting = &n.running, &n.waiting
			if few && n.running+n.waiting > 0 {
				row.Now, row.Next = c.jobsAt(ctx, ws.Name)
			}
		}
		return row, workstationSource(row)
	})
	out.Workstations, out.Paged = rows, p
	rep := reply(c, out, append(sources, absence("list_workstations", m)), noTime)
	rep.Text = workstationsText(out)
	if m.total == 0 {
		rep.Text += c.unheld(ctx, askedName{"workstation", in.Name})
	}
	return rep, nil
}

// namedWorkstation matches a pattern with a name as people write either: without the slash of the root folder, in any case.
func namedWorkstation(pattern, name string) bool {
	return query.Match(twstools.DisplayName(wild(pattern)), strings.ToUpper(twstools.DisplayName(name)))
}

// workstationDetail shows a workstation with all that the engine says about it.
func (c *call) workstationDetail(w twstools.Workstation) WorkstationDetail {
	d := WorkstationDetail{WorkstationRow: c.workstationRow(w), Domain: untrusted.Normalize(w.Domain), Host: untrusted.Normalize(w.Host), Node: untrusted.Normalize(w.Node), OS: untrusted.Normalize(w.OS),
		Version: untrusted.Normalize(w.Version), TimeZone: untrusted.Normalize(w.TimeZone), RunNumber: w.RunNumber, Started: c.instant(w.TimeStarted)}
	for _, s := range w.ActiveStates {
		d.States = append(d.States, untrusted.Normalize(s))
	}
	for _, s := range w.ActiveFlags {
		d.Flags = append(d.Flags, untrusted.Normalize(s))
	}
	return d
}

// busy counts the jobs of one workstation.
type busy struct{ running, waiting int }

// load counts running and waiting jobs by workstation, with one request.
func (c *call) load(ctx context.Context) (map[string]busy, error) {
	n, err := c.t.o.Engine.Counts(ctx, twstools.CountQuery{GroupBy: []string{"workstation", "status"}})
	if err != nil {
		return nil, err
	}
	out := map[string]busy{}
	for key, count := range n.Groups {
		cut := strings.LastIndexByte(key, '/') // a status has none, a workstation may
		if cut < 0 {
			continue
		}
		name := strings.ToUpper(twstools.DisplayName(key[:cut]))
		b := out[name]
		switch plan.PhaseOf(twstools.Status{Internal: key[cut+1:], Common: key[cut+1:]}) {
		case plan.Running:
			b.running += count
		case plan.Waiting, plan.Ready:
			b.waiting += count
		}
		out[name] = b
	}
	return out, nil
}

// jobsAt names the jobs that run and wait on a workstation, those that are ready first.
func (c *call) jobsAt(ctx context.Context, name string) (running, waiting []string) {
	list, err := c.t.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: 200, Where: query.And{query.AnyOf("jobruns.commonStatus", "RUNNING", "READY", "WAITING", "HELD"),
		query.Or{twstools.AtWorkstation("workstation", twstools.DisplayName(name)), twstools.AtWorkstation("jobruns.actualWorkstation", twstools.DisplayName(name))}}})
	if err != nil {
		return nil, nil // they are counted; the names are an extra
	}
	var held []string
	for _, j := range list.Items {
		line := untrusted.Normalize(j.Entity().String(c.zone)) + " " + untrusted.Normalize(j.Status.Display())
		switch plan.PhaseOf(j.Status) {
		case plan.Running:
			running = append(running, line)
		case plan.Ready:
			waiting = append(waiting, line)
		case plan.Waiting:
			held = append(held, line)
		}
	}
	waiting = append(waiting, held...)
	return running[:min(mostNamed, len(running))], waiting[:min(mostNamed, len(waiting))]
}

func workstationSource(r WorkstationDetail) toolkit.Source {
	s := toolkit.Source{Source: "workstation:" + r.Entity, Fields: []toolkit.Field{{Name: "status", Value: r.Status}}}
	for _, f := range []struct {
		name string
		n    *int
	}{{"limit", r.Limit}, {"fence", r.Fence}, {"running", r.Running}, {"waiting", r.Waiting}} {
		if f.n != nil {
			s.Fields = append(s.Fields, toolkit.Field{Name: f.name, Value: strconv.Itoa(*f.n)})
		}
	}
	if len(r.States) > 0 {
		s.Fields = append(s.Fields, toolkit.Field{Name: "active_states", Value: strings.Join(r.States, ",")})
	}
	return s
}

func workstationsText(o ListWorkstationsOut) string {
	var rows [][]string
	for _, w := range o.Workstations {
		rows = append(rows, []string{w.Entity, w.Type, w.Status, figure(w.Limit), figure(w.Fence), figure(w.Running), figure(w.Waiting), w.Domain, w.Version, w.Problem})
	}
	text := listText("workstations", len(o.Workstations), o.Paged, o.Missing, []string{"workstation", "type", "status", "limit", "fence", "running", "waiting", "domain", "version", "problem"}, rows)
	for _, w := range o.Workstations {
		for _, j := range w.Now {
			text += "runs on " + w.Entity + ": " + j + "\n"
		}
		for _, j := range w.Next {
			text += "waits on " + w.Entity + ": " + j + "\n"
		}
	}
	return text
}
