package tools

import (
	"context"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// ListPromptsIn selects prompts. All conditions must hold.
type ListPromptsIn struct {
	Name     string   `json:"name,omitempty" doc:"prompt name; @ stands for any characters, ? for one" example:"CONFIRM@"`
	Status   []string `json:"status,omitempty" doc:"all when absent; ASKED (waits for a person) and ANSWERED_NO hold something back" example:"ASKED" enum:"NOT_ASKED,ASKED,ANSWERED_YES,ANSWERED_NO"`
	PageSize int      `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor   string   `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// ListPromptsOut is a page of prompts.
type ListPromptsOut struct {
	Prompts []PromptUse `json:"prompts"`
	Paged
	Missing []string `json:"missing,omitempty"`
}

// PromptUse is a prompt with what it belongs to and who waits for it.
type PromptUse struct {
	PromptRow
	Waiters []WaiterRow `json:"waiting,omitempty"`
	Waiting int         `json:"waiting_total,omitempty"`
}

// ListPrompts lists prompts: what is asked since when, and who waits for the reply.
func (t *Tools) ListPrompts(ctx context.Context, in ListPromptsIn) (toolkit.Reply[ListPromptsOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[ListPromptsOut]{}, err
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	w, err := c.slot("list_prompts", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[ListPromptsOut]{}, err
	}
	var f conditions
	f.pattern("name", in.Name)
	if len(in.Status) > 0 {
		f.statuses("status", "status", in.Status)
	}
	where, err := f.expr()
	if err != nil {
		return toolkit.Reply[ListPromptsOut]{}, err
	}
	m, err := listing[twstools.Prompt]{read: t.o.Engine.Prompts, where: where}.from(ctx, w)
	if err != nil {
		return toolkit.Reply[ListPromptsOut]{}, err
	}
	if err := c.unread(ctx); err != nil && len(m.items) == 0 {
		return toolkit.Reply[ListPromptsOut]{}, err
	}
	out := ListPromptsOut{Missing: partly(m.partial, "prompt:@", "prompts")}
	var needs needsOf
	if len(m.items) > 0 {
		needs = c.needs(ctx, twstools.DepPrompt)
		out.Missing = append(out.Missing, needs.missing...)
	}
	rows, sources, p := pageRows(m, w, func(q twstools.Prompt) (PromptUse, toolkit.Source) {
		row := PromptUse{PromptRow: c.promptRow(q)}
		row.Waiters, row.Waiting = needs.on(func(d twstools.Dependency) bool { return asks(d, q) })
		return row, promptSource(row)
	})
	out.Prompts, out.Paged = rows, p
	rep := reply(c, out, append(sources, absence("list_prompts", m)), noTime)
	rep.Text = promptsText(out)
	return rep, nil
}

// asks reports whether a dependency waits for a prompt: by number where both have one, else by name.
func asks(d twstools.Dependency, p twstools.Prompt) bool {
	if d.PromptNumber != nil && p.Number != nil {
		return *d.PromptNumber == *p.Number
	}
	return d.Prompt != "" && strings.EqualFold(d.Prompt, p.Name)
}

// owner names the job or job stream that a prompt belongs to, as the engine writes it; "" for a prompt of its own.
func owner(p twstools.Prompt) string {
	if p.JobKey != "" {
		return untrusted.Normalize(p.JobKey)
	}
	return untrusted.Normalize(p.JobStreamKey)
}

func promptSource(r PromptUse) toolkit.Source {
	s := toolkit.Source{Source: "prompt:" + r.Entity, Fields: []toolkit.Field{{Name: "status", Value: r.Status}, {Name: "text", Value: r.Text}, {Name: "waiting", Value: strconv.Itoa(r.Waiting)}}}
	if r.AskedAt != "" {
		s.Fields = append(s.Fields, toolkit.Field{Name: "asked_at", Value: r.AskedAt})
	}
	return s
}

func promptsText(o ListPromptsOut) string {
	var rows [][]string
	for _, p := range o.Prompts {
		var waiters []string
		for _, w := range p.Waiters {
			waiters = append(waiters, w.Entity+" ("+w.Status+")")
		}
		if more := p.Waiting - len(p.Waiters); more > 0 {
			waiters = append(waiters, strconv.Itoa(more)+" more")
		}
		note := ""
		if p.Informs {
			note = "informs only"
		}
		rows = append(rows, []string{p.Entity, p.Status, p.AskedAt, p.Text, p.Of, note, strings.Join(waiters, ", ")})
	}
	return listText("prompts", len(o.Prompts), o.Paged, o.Missing, []string{"prompt", "status", "asked", "text", "of", "note", "waiting"}, rows)
}
