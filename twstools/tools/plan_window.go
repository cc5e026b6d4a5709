package tools

import (
	"context"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// PlanRow is the production plan's own state: what the first lines of conman and planman say of it.
type PlanRow struct {
	Found         *bool  `json:"found,omitempty"`
	RunNumber     *int   `json:"run_number,omitempty"`
	ScheduledDate string `json:"scheduled_date,omitempty"`
	Start         string `json:"start,omitempty"`
	End           string `json:"end,omitempty"`
	Batchman      string `json:"batchman,omitempty" doc:"as the engine says it: LIVES, DOWN …"`
	TimeZone      string `json:"timezone,omitempty"`
	// Problem is what a person should know at once; empty when all is well.
	Problem string `json:"problem,omitempty"`
	// Unread is why nothing is known, where the engine does not say it.
	Unread string `json:"unread,omitempty"`
}

// windowAge is how long the plan's window is believed: it changes once a day, and the page of the plan is read every few seconds. windowWait is what
// the page may be held up by it.
const (
	windowAge  = time.Minute
	windowWait = 3 * time.Second
)

// planWindow reads from when to when the plan runs, at most once a minute.
func (t *Tools) planWindow(ctx context.Context) (twstools.PlanWindow, error) {
	t.window.Lock()
	defer t.window.Unlock()
	if at := t.window.at; !at.IsZero() && t.o.Clock().Sub(at) < windowAge {
		return t.window.plan, t.window.err
	}
	asked, cancel := context.WithTimeout(ctx, windowWait)
	defer cancel()
	w, err := twstools.CapabilitiesOf(t.o.Engine).Plans.PlanWindow(asked)
	if ctx.Err() != nil {
		return w, err // the caller left: that says nothing of the engine
	}
	t.window.plan, t.window.err, t.window.at = w, err, t.o.Clock()
	return w, err
}

// planRow shows the plan's window with what is wrong with it.
func (c *call) planRow(ctx context.Context) *PlanRow {
	w, err := c.t.planWindow(ctx)
	if err != nil {
		return &PlanRow{Unread: fault.Public(err).Message}
	}
	r := &PlanRow{Found: w.Found, RunNumber: w.RunNumber, Start: c.instant(w.Start), End: c.instant(w.End), Batchman: untrusted.Normalize(w.Batchman), TimeZone: untrusted.Normalize(w.TimeZone)}
	if !w.ScheduledDate.IsZero() {
		r.ScheduledDate = w.ScheduledDate.In(c.zone).Format(time.DateOnly)
	}
	switch {
	case w.Found != nil && !*w.Found:
		r.Problem = "there is no plan"
	case batchmanDown(w.Batchman):
		r.Problem = "batchman is down: nothing starts"
	case !w.End.IsZero() && w.End.Before(c.now):
		r.Problem = "the plan ended " + c.instant(w.End) + " and was not extended"
	}
	return r
}

// batchmanDown reads the engine's word for the process that runs the plan: conman says "Batchman down" for one that does not.
func batchmanDown(word string) bool { return strings.Contains(strings.ToUpper(word), "DOWN") }
