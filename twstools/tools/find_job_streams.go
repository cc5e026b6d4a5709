package tools

import (
	"cmp"
	"context"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// FindJobStreamsIn selects job streams. All conditions must hold.
type FindJobStreamsIn struct {
	Text        string   `json:"text,omitempty" doc:"words of names and of their jobs' descriptions, in English or Portuguese, matched loosely" example:"payroll"`
	Name        string   `json:"name,omitempty" doc:"job stream name; @ stands for any characters, ? for one" example:"PAY@"`
	Workstation string   `json:"workstation,omitempty" doc:"workstation that it is planned on; @ and ? allowed" example:"LXPAY01"`
	Status      []string `json:"status,omitempty" doc:"any of these. Internal: STUCK (nothing in it can go on), ABEND, HOLD (waits), READY, EXEC (runs), SUCC, CANCL …; or coarse: BLOCKED, ERROR, WAITING, RUNNING, SUCCESSFUL …" example:"STUCK"`
	Since       string   `json:"since,omitempty" doc:"ran at or after this: RFC 3339, a date, yesterday, 02:00 (the last one, in the plan's zone), or how long ago: 90m, 2h, 3d" example:"2h"`
	Until       string   `json:"until,omitempty" doc:"started before this; written as since" example:"06:00"`
	DueFrom     string   `json:"starts_from,omitempty" doc:"has not started, and is planned to from this on; as since, but 02:00 is the next one and 2h is from now" example:"22:00"`
	DueTo       string   `json:"starts_before,omitempty" doc:"has not started, and is planned to before this; written as starts_from" example:"6h"`
	Late        bool     `json:"late,omitempty" doc:"only what is past its deadline or latest start"`
	OQL         string   `json:"oql,omitempty" doc:"further filter in the engine's own query language; may end in ORDER BY" example:"jobStreamName LIKE 'PAY@' ORDER BY jobStreamName"`
	PageSize    int      `json:"page_size,omitempty" doc:"rows a page" default:"20" min:"1" max:"100"`
	Cursor      string   `json:"cursor,omitempty" doc:"next_cursor of the page before, all else alike"`
}

// FindJobStreamsOut is a page of job streams.
type FindJobStreamsOut struct {
	JobStreams []JobStreamRow `json:"job_streams"`
	Paged
	ByStatus map[string]int `json:"by_status,omitempty" doc:"matches by internal status, where all were seen"`
	Missing  []string       `json:"missing,omitempty"`
}

// FindJobStreams lists job streams.
func (t *Tools) FindJobStreams(ctx context.Context, in FindJobStreamsIn) (toolkit.Reply[FindJobStreamsOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[FindJobStreamsOut]{}, err
	}
	filter := in
	filter.Cursor, filter.PageSize = "", 0
	w, err := c.slot("find_job_streams", in.PageSize, in.Cursor, filter)
	if err != nil {
		return toolkit.Reply[FindJobStreamsOut]{}, err
	}
	l, err := c.streamListing(ctx, in)
	if err != nil {
		return toolkit.Reply[FindJobStreamsOut]{}, err
	}
	m, err := l.from(ctx, w)
	if err != nil {
		return toolkit.Reply[FindJobStreamsOut]{}, err
	}
	if err := c.unread(ctx); err != nil && len(m.items) == 0 {
		return toolkit.Reply[FindJobStreamsOut]{}, err
	}
	out := FindJobStreamsOut{Missing: partly(m.partial, "plan:current", "job streams")}
	if m.seen != nil {
		out.ByStatus = map[string]int{}
		for _, s := range m.seen {
			out.ByStatus[untrusted.Normalize(s.Status.Display())]++
		}
	}
	rows, sources, p := pageRows(m, w, func(s twstools.JobStream) (JobStreamRow, toolkit.Source) {
		row := c.streamRow(s)
		return row, streamSource(row)
	})
	out.JobStreams, out.Paged = rows, p
	rep := reply(c, out, append(sources, absence("find_job_streams", m)), noTime)
	rep.Text = streamsText(out)
	if m.total == 0 {
		at, name := split(in.Name)
		rep.Text += c.unheld(ctx, askedName{"job_stream", name}, askedName{"workstation", cmp.Or(at, in.Workstation)})
	}
	return rep, nil
}

// streamListing says how the job streams of a question are read.
func (c *call) streamListing(ctx context.Context, in FindJobStreamsIn) (listing[twstools.JobStream], error) {
	var f conditions
	if in.Status, f.err = statusWords(in.Status); f.err != nil {
		return listing[twstools.JobStream]{}, f.err
	}
	at, name := split(in.Name)
	f.pattern("name", name)
	f.workstation("workstation", at)
	f.workstation("workstation", in.Workstation)
	f.statuses("compositeStatus.status", "commonStatus", in.Status)
	f.ran(c.begun(&f, c.instants(&f, moment, in.Since, in.Until)), "timeInfo.actualStartTime", "timeInfo.actualEndTime", query.Is("commonStatus", "RUNNING"))
	due := c.instants(&f, coming, in.DueFrom, in.DueTo)
	f.planned(due, waitingAs("commonStatus"))
	if in.Late {
		f.late(c.now)
	}
	order := f.typed(in.OQL, query.JobStreams)
	where, err := f.expr()
	if err != nil {
		return listing[twstools.JobStream]{}, err
	}
	l := listing[twstools.JobStream]{read: c.streamsToShow, where: where, order: order}
	if !due.isZero() || in.Late {
		l.keep = func(s *twstools.JobStream) bool {
			return (due.isZero() || s.Start.IsZero() && due.holds(plannedStart(plan.PhaseOf(s.Status), s.SchedTime, s.Times))) && (!in.Late || c.lateWhy(streamTiming(s)) != "")
		}
	}
	if strings.TrimSpace(in.Text) == "" {
		return l, nil
	}
	found, err := c.byWords(ctx, in.Text, "job_stream")
	if err != nil {
		return l, err
	}
	l.here = true
	for _, s := range found.Streams {
		if where == nil || query.Eval(where, twstools.JobStreamRow(s)) {
			l.all = append(l.all, s)
		}
	}
	return l, nil
}

// streamSource is the evidence of a row: the fields that a sentence about it quotes.
func streamSource(r JobStreamRow) toolkit.Source {
	s := toolkit.Source{Source: "plan:" + r.Entity, Fields: []toolkit.Field{{Name: "status", Value: r.Status}}}
	if r.Start != "" {
		s.Fields = append(s.Fields, toolkit.Field{Name: "start", Value: r.Start})
	}
	if r.Late != "" {
		s.Fields = append(s.Fields, toolkit.Field{Name: "late", Value: r.Late})
	}
	return s
}

func streamsText(o FindJobStreamsOut) string {
	var rows [][]string
	for _, s := range o.JobStreams {
		rows = append(rows, []string{s.Entity, s.Status, figure(s.Priority), s.Start, s.End, s.Due, figure(s.Jobs), figure(s.Successful), figure(s.Limit), s.Late, s.ID})
	}
	text := listText("job streams", len(o.JobStreams), o.Paged, o.Missing, []string{"stream", "status", "pr", "start", "end", "due", "jobs", "ok", "limit", "late", "id"}, rows)
	if len(o.ByStatus) > 1 {
		text = "by status: " + counted(o.ByStatus) + "\n" + text
	}
	return text
}
