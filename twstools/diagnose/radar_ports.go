package diagnose

import (
	"context"
	"maps"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// What only some engines can be asked: each port that is absent becomes a line in missing.

func (s *sweeper) window(ctx context.Context) {
	if !s.afford(1) {
		return
	}
	w, err := twstools.CapabilitiesOf(s.d.o.Engine).Plans.PlanWindow(ctx)
	if err != nil {
		s.unread(err, "plan:current", "window")
		return
	}
	s.sweep.Window = &w
	if _, known := plan.BatchmanLives(w.Batchman); !known {
		s.miss("plan:current", s.unchecked("batchman"))
	}
}

func (s *sweeper) mailbox(ctx context.Context) {
	if !s.afford(1) {
		return
	}
	fill, err := twstools.CapabilitiesOf(s.d.o.Engine).Mailbox.MailboxFill(ctx, "")
	if err != nil {
		s.unread(err, "engine:"+s.d.o.Name, "mailbox")
		return
	}
	s.sweep.Queues = map[string]float64{"Mailbox.msg": float64(fill)}
}

func (s *sweeper) metrics(ctx context.Context) {
	if !s.afford(1) {
		return
	}
	m, err := twstools.CapabilitiesOf(s.d.o.Engine).Metrics.Metrics(ctx)
	if err != nil {
		s.unread(err, "engine:"+s.d.o.Name, "metrics")
		return
	}
	s.sweep.Database, s.sweep.Linked = m.DatabaseConnected, m.Linked
	queues := maps.Clone(m.QueueFill)
	for name, fill := range s.sweep.Queues {
		if queues == nil {
			queues = map[string]float64{}
		}
		queues[name] = fill
	}
	s.sweep.Queues = queues
}
