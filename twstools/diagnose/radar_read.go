package diagnose

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// Bounds of one scan.
const (
	radarCalls   = 25     // engine calls
	radarStreams = 10_000 // rows of one list of streams; the engine's own bound
	radarJobs    = 5_000  // jobs of one list
	maxCandidate = 4      // ready jobs whose predecessors are looked at
	maxStanding  = 3      // standing streams that are followed to their dependencies
	soonWindow   = time.Hour
)

// sweeper reads what one scan needs, the most telling first.
type sweeper struct {
	*kase
	r      *Radar
	spent  func() int64
	reads  int64
	sweep  *plan.Sweep
	capped bool
	// longest good runs in the archived plans that were read, by jobKey
	longest map[string]time.Duration
}

// left is how many calls the bound still allows.
func (s *sweeper) left() int64 {
	if s.spent != nil {
		return radarCalls - s.spent()
	}
	return radarCalls - s.reads
}

// afford reports whether n more calls stay within the bound, and takes them for made.
func (s *sweeper) afford(n int64) bool {
	if n > s.left() {
		if !s.capped {
			s.capped = true
			s.miss("engine:"+s.d.o.Name, s.unchecked("calls"))
		}
		return false
	}
	s.reads += n
	return true
}

// unread notes that a part could not be looked at.
func (s *sweeper) unread(err error, source, key string) {
	if err != nil && !fault.Is(err, fault.Unsupported) {
		s.failures = append(s.failures, err)
	}
	s.miss(source, s.unchecked(key))
}

// whole reports whether a list holds all matches, and notes it when it does not.
func whole[T any](s *sweeper, list twstools.List[T], source string) bool {
	if list.Incomplete || list.Total > len(list.Items) {
		s.miss(source, s.unchecked("partly"))
		return false
	}
	return true
}

// read fills the sweep. Its error is that of an engine of which nothing could be read.
func (s *sweeper) read(ctx context.Context) error {
	first := s.plant(ctx)
	second := s.streams(ctx)
	third := s.going(ctx)
	if first != nil && second != nil && third != nil {
		return third
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.prompts(ctx)
	s.resources(ctx)
	s.window(ctx)
	s.turn(ctx)
	s.atTroubled(ctx)
	// Held, or with a latest start that has passed or is near.
	s.jobs(ctx, "held", "plan:current", query.And{query.AnyOf("jobruns.commonStatus", "WAITING", "READY", "HELD"), query.Or{query.Is("priority", int64(0)),
		query.Term{Field: "timeRestrictions.untilTime", Op: query.Le, Values: []query.Value{s.now.Add(soonWindow)}}}})
	s.clock(ctx)
	s.mailbox(ctx)
	s.metrics(ctx)
	s.expected(ctx)
	s.owners(ctx)
	s.sweep.Now = s.now
	s.measure(ctx)
	s.ready(ctx)
	s.standing(ctx)
	return ctx.Err()
}

func (s *sweeper) plant(ctx context.Context) error {
	if !s.afford(1) {
		return nil
	}
	list, err := s.d.o.Engine.Workstations(ctx, twstools.ListQuery{Limit: 10_000})
	if err != nil {
		s.unread(err, "workstation:@", "workstations")
		return err
	}
	whole(s, list, "workstation:@")
	s.sweep.Workstations = list.Items
	return nil
}

// streams reads all streams of the plan; of a plan with more than one list holds, those that are not over besides.
func (s *sweeper) streams(ctx context.Context) error {
	if !s.afford(1) {
		return nil
	}
	list, err := s.d.o.Engine.JobStreams(ctx, twstools.ListQuery{Limit: radarStreams})
	if err != nil {
		s.unread(err, "plan:current", "streams")
		return err
	}
	s.sweep.Streams = list.Items
	if s.sweep.StreamsWhole = !list.Incomplete && list.Total <= len(list.Items); !s.sweep.StreamsWhole && s.afford(1) {
		open, err := s.d.o.Engine.JobStreams(ctx, twstools.ListQuery{Limit: radarStreams, Where: query.AnyOf("commonStatus", "WAITING", "READY", "HELD", "BLOCKED", "RUNNING", "ERROR", "UNDECIDED")})
		if err != nil {
			s.unread(err, "plan:current", "streams")
			return nil
		}
		whole(s, open, "plan:current")
		have := map[string]bool{}
		for _, x := range list.Items {
			have[x.Ref.ID] = true
		}
		for _, x := range open.Items {
			if !have[x.Ref.ID] {
				s.sweep.Streams = append(s.sweep.Streams, x)
			}
		}
	}
	if !slices.ContainsFunc(s.sweep.Streams, func(x twstools.JobStream) bool { return x.Name == "FINAL" }) {
		s.miss("plan:current", s.unchecked("no_final"))
	}
	return nil
}

// going reads what runs and what is ready.
func (s *sweeper) going(ctx context.Context) error {
	if !s.afford(1) {
		return nil
	}
	list, err := s.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: radarJobs, Where: query.AnyOf("jobruns.commonStatus", "RUNNING", "READY", "UNDECIDED")})
	if err != nil {
		s.unread(err, "plan:current", "going")
		return err
	}
	s.sweep.RunningWhole = whole(s, list, "plan:current")
	s.keep(list.Items)
	return nil
}

// keep adds jobs that the sweep does not have yet.
func (s *sweeper) keep(jobs []twstools.Job) {
	have := map[string]bool{}
	for i := range s.sweep.Jobs {
		have[s.sweep.Jobs[i].Ref.ID] = true
	}
	for _, j := range jobs {
		if !have[j.Ref.ID] {
			have[j.Ref.ID] = true
			s.sweep.Jobs = append(s.sweep.Jobs, j)
		}
	}
}

// jobs reads further jobs of interest.
func (s *sweeper) jobs(ctx context.Context, key, source string, where query.Expr) bool {
	if !s.afford(1) {
		return false
	}
	list, err := s.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: radarJobs, Where: where})
	if err != nil {
		s.unread(err, source, key)
		return false
	}
	s.keep(list.Items)
	return whole(s, list, source)
}

// atTroubled reads what waits or runs on the workstations that look as if they kept it from going on.
func (s *sweeper) atTroubled(ctx context.Context) {
	var names []query.Value
	untold := 0
	for _, w := range s.sweep.Workstations {
		link, _ := plan.LinkState(w)
		if link == plan.LinkUnknown && !w.StatesKnown {
			untold++
		}
		limited := w.Limit != nil && *w.Limit == 0 && !strings.EqualFold(w.Type, "X-AGENT")
		if link == plan.LinkUp && !limited && (w.Fence == nil || *w.Fence <= 0) {
			continue
		}
		if short := strings.TrimPrefix(w.Name, "/"); link != plan.LinkUnknown || limited || w.Fence != nil && *w.Fence > 0 {
			names = append(names, short, "/"+short)
		}
	}
	if untold > 0 {
		s.miss("workstation:@", s.unchecked("states", untold))
	}
	if len(names) == 0 {
		return
	}
	s.jobs(ctx, "agents", "plan:current", query.And{query.AnyOf("workstation", names...), query.AnyOf("jobruns.commonStatus", "WAITING", "READY", "HELD", "RUNNING")})
}

func (s *sweeper) prompts(ctx context.Context) {
	if !s.afford(1) {
		return
	}
	list, err := s.d.o.Engine.Prompts(ctx, twstools.ListQuery{Limit: radarJobs, Where: query.AnyOf("status", "ASKED", "ANSWERED_NO")})
	if err != nil {
		s.unread(err, "prompt:@", "prompts")
		return
	}
	whole(s, list, "prompt:@")
	s.sweep.Prompts = list.Items
}

func (s *sweeper) resources(ctx context.Context) {
	if !s.afford(1) {
		return
	}
	list, err := s.d.o.Engine.Resources(ctx, twstools.ListQuery{Limit: radarJobs})
	if err != nil {
		s.unread(err, "resource:@", "resources")
		return
	}
	whole(s, list, "resource:@")
	s.sweep.Resources = list.Items
}

// turn reads the jobs that turn the plan, and with them what started within the last minutes: both tell of the plan's copy.
func (s *sweeper) turn(ctx context.Context) {
	if !s.afford(1) {
		return
	}
	list, err := s.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: radarJobs, Where: query.Or{
		query.AnyOf("name", "STARTAPPSERVER", "MAKEPLAN", "SWITCHPLAN", "CHECKSYNC", "CREATEPOSTREPORTS", "UPDATESTATS"),
		query.Term{Field: "jobruns.timeInfo.actualStartTime", Op: query.Ge, Values: []query.Value{s.now.Add(-freshWindow)}}}})
	if err != nil {
		s.unread(err, "plan:current", "final")
		return
	}
	whole(s, list, "plan:current")
	s.keep(list.Items)
	s.fresh.asked = true
	for i := range list.Items {
		s.fresh.see(&list.Items[i], s.now)
	}
}

// clock doubts the engine's clock when nothing has moved for longer than a plan lasts: that is a finding of its own.
func (s *sweeper) clock(ctx context.Context) {
	if !s.fresh.asked || s.fresh.proven || !s.afford(2) {
		return
	}
	before := s.now
	if s.settleClock(ctx); !s.now.Equal(before) {
		s.sweep.StoodSince = s.now
	}
}

// owners reads the jobs that hold resources or were asked, as far as no list has shown them.
func (s *sweeper) owners(ctx context.Context) {
	have := map[string]bool{}
	for i := range s.sweep.Jobs {
		have[s.sweep.Jobs[i].Ref.ID] = true
	}
	var ids []query.Value
	need := func(ref twstools.Ref) {
		if !ref.IsZero() && !have[ref.ID] {
			have[ref.ID] = true
			ids = append(ids, ref.ID)
		}
	}
	for _, r := range s.sweep.Resources {
		for _, h := range r.Holders {
			need(h.JobRef)
		}
	}
	for _, p := range s.sweep.Prompts {
		need(p.JobRef)
	}
	if len(ids) > 0 {
		s.jobs(ctx, "owners", "resource:@", query.AnyOf("id", ids[:min(len(ids), 200)]...))
	}
}
