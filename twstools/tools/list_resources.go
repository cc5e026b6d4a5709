package tools

import (
	"context"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
)

// ListResourcesIn selects resources. All conditions must hold.
type ListResourcesIn struct {
	Name        string `json:"name,omitempty" doc:"resource name; @ stands for any characters, ? for one" example:"TAPE@"`
	Workstation string `json:"workstation,omitempty" doc:"workstation that it belongs to; @ and ? allowed" example:"LXPAY01"`
	InUse       bool   `json:"in_use,omitempty" doc:"only those that somebody holds or that have no free units"`
	PageSize    int    `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor      string `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// ListResourcesOut is a page of resources.
type ListResourcesOut struct {
	Resources []ResourceUse `json:"resources"`
	Paged
	Missing []string `json:"missing,omitempty"`
}

// ResourceUse is a resource with who holds it and who waits for it.
type ResourceUse struct {
	ResourceRow
	Waiters []WaiterRow `json:"waiting,omitempty" doc:"who waits for units, and for how many"`
	Waiting int         `json:"waiting_total,omitempty"`
}

// ListResources lists resources with their holders and with who waits for them.
func (t *Tools) ListResources(ctx context.Context, in ListResourcesIn) (toolkit.Reply[ListResourcesOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[ListResourcesOut]{}, err
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	w, err := c.slot("list_resources", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[ListResourcesOut]{}, err
	}
	var f conditions
	f.pattern("name", in.Name)
	f.workstation("workstation", in.Workstation)
	where, err := f.expr()
	if err != nil {
		return toolkit.Reply[ListResourcesOut]{}, err
	}
	l := listing[twstools.Resource]{read: t.o.Engine.Resources, where: where}
	if in.InUse {
		l.keep = func(r *twstools.Resource) bool { return len(r.Holders) > 0 || above(r.InUse, 0) || none(r.Available) }
	}
	m, err := l.from(ctx, w)
	if err != nil {
		return toolkit.Reply[ListResourcesOut]{}, err
	}
	if err := c.unread(ctx); err != nil && len(m.items) == 0 {
		return toolkit.Reply[ListResourcesOut]{}, err
	}
	out := ListResourcesOut{Missing: partly(m.partial, "resource:@", "resources")}
	var needs needsOf
	if len(m.items) > 0 {
		needs = c.needs(ctx, twstools.DepResource)
		out.Missing = append(out.Missing, needs.missing...)
	}
	rows, sources, p := pageRows(m, w, func(r twstools.Resource) (ResourceUse, toolkit.Source) {
		row := ResourceUse{ResourceRow: c.resourceRow(r)}
		row.Waiters, row.Waiting = needs.on(func(d twstools.Dependency) bool {
			return strings.EqualFold(d.Resource, r.Name) && samePlace(d.Workstation, r.Workstation)
		})
		return row, resourceSource(row)
	})
	out.Resources, out.Paged = rows, p
	rep := reply(c, out, append(sources, absence("list_resources", m)), noTime)
	rep.Text = resourcesText(out)
	return rep, nil
}

func above(n *int, than int) bool { return n != nil && *n > than }

func none(n *int) bool { return n != nil && *n <= 0 }

func resourceSource(r ResourceUse) toolkit.Source {
	s := toolkit.Source{Source: "resource:" + r.Entity, Fields: []toolkit.Field{{Name: "waiting", Value: strconv.Itoa(r.Waiting)}}}
	for _, f := range []struct {
		name string
		n    *int
	}{{"total", r.Total}, {"available", r.Available}, {"in_use", r.InUse}} {
		if f.n != nil {
			s.Fields = append(s.Fields, toolkit.Field{Name: f.name, Value: strconv.Itoa(*f.n)})
		}
	}
	for _, h := range r.Holders {
		s.Fields = append(s.Fields, toolkit.Field{Name: "holder", Value: strings.TrimSpace(h.Entity + " " + figure(h.Units))})
	}
	return s
}

func resourcesText(o ListResourcesOut) string {
	var rows [][]string
	for _, r := range o.Resources {
		var holders, waiters []string
		for _, h := range r.Holders {
			holders = append(holders, strings.TrimSpace(figure(h.Units)+" "+h.Entity))
		}
		for _, w := range r.Waiters {
			waiters = append(waiters, strings.TrimPrefix(strconv.Itoa(w.Units)+" ", "0 ")+w.Entity+" ("+w.Status+")")
		}
		if more := r.Waiting - len(r.Waiters); more > 0 {
			waiters = append(waiters, strconv.Itoa(more)+" more")
		}
		rows = append(rows, []string{r.Entity, figure(r.Total), figure(r.Available), figure(r.InUse), strings.Join(holders, ", "), strings.Join(waiters, ", ")})
	}
	return listText("resources", len(o.Resources), o.Paged, o.Missing, []string{"resource", "total", "available", "in use", "held by", "waiting"}, rows)
}
