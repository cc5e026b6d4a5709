package reader

import (
	"context"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/twstools"
)

// A view is what somebody makes of a list and of nothing else: the rows of a page, what of it needs a person. It is made once for each reading of the
// list, however many ask for it, kept beside the list, and gone with it; no copy of the list is made for it.
//
// form names the view among all that are made of lists, with whatever it depends on beside the list (a zone, say); it is compared with ==. A view
// with form nil is made at each call, and not kept. look must neither change the list nor read the engine, and whoever gets the view must not change
// it: others get the same one. It may point into the list.

// ViewJobs gives the view of Engine.Jobs. Errors are those of the reading. Over an engine that is no Reader it is made at each call.
func ViewJobs[V any](ctx context.Context, e twstools.Engine, q twstools.ListQuery, form any, look func(twstools.List[twstools.Job]) V) (V, error) {
	if r, ok := e.(*Reader); ok {
		return view(ctx, r, r.askJobs(q), q, form, look)
	}
	return made(look)(e.Jobs(ctx, q))
}

// ViewJobStreams is ViewJobs of Engine.JobStreams.
func ViewJobStreams[V any](ctx context.Context, e twstools.Engine, q twstools.ListQuery, form any, look func(twstools.List[twstools.JobStream]) V) (V, error) {
	if r, ok := e.(*Reader); ok {
		return view(ctx, r, listAsk(kindStreams, q, r.o.Engine.JobStreams, cloneStream), q, form, look)
	}
	return made(look)(e.JobStreams(ctx, q))
}

// ViewWorkstations is ViewJobs of Engine.Workstations.
func ViewWorkstations[V any](ctx context.Context, e twstools.Engine, q twstools.ListQuery, form any, look func(twstools.List[twstools.Workstation]) V) (V, error) {
	if r, ok := e.(*Reader); ok {
		return view(ctx, r, listAsk(kindWorkstations, q, r.o.Engine.Workstations, cloneWorkstation), q, form, look)
	}
	return made(look)(e.Workstations(ctx, q))
}

// ViewPrompts is ViewJobs of Engine.Prompts.
func ViewPrompts[V any](ctx context.Context, e twstools.Engine, q twstools.ListQuery, form any, look func(twstools.List[twstools.Prompt]) V) (V, error) {
	if r, ok := e.(*Reader); ok {
		return view(ctx, r, listAsk(kindPrompts, q, r.o.Engine.Prompts, clonePrompt), q, form, look)
	}
	return made(look)(e.Prompts(ctx, q))
}

// made looks at what a reading gave, unless that is an error.
func made[T, V any](look func(twstools.List[T]) V) func(twstools.List[T], error) (V, error) {
	return func(l twstools.List[T], err error) (v V, _ error) {
		if err == nil {
			v = look(l)
		}
		return v, err
	}
}

// mostViews bounds the views that are kept of one answer. Each holds at most a row for each of the answer's; further ones are made at each call.
const mostViews = 8

// views are what was made of one answer.
type views struct {
	mu   sync.Mutex
	made map[formed]any
}

// formed is a view's name: of a whole list each page has its own.
type formed struct {
	form          any
	offset, limit int
}

// of gives the view of that name, made if it is not there yet. Whoever wants it meanwhile waits.
func (s *views) of(name formed, make func() any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.made[name]
	if !ok {
		if v = make(); len(s.made) < mostViews {
			s.keep(name, v)
		}
	}
	return v
}

func (s *views) keep(name formed, v any) {
	if s.made == nil {
		s.made = map[formed]any{}
	}
	s.made[name] = v
}

// view serves a list as a view of it.
func view[T, V any](ctx context.Context, r *Reader, a ask[twstools.List[T]], q twstools.ListQuery, form any, look func(twstools.List[T]) V) (V, error) {
	if len(a.keys) == 0 {
		return made(look)(serve(ctx, r, a))
	}
	var out V
	a.look = func(e *entry) {
		make := func() any {
			l, _ := e.value.(twstools.List[T])
			if e.whole {
				l = page(l, q)
			}
			l.Items = slices.Clip(l.Items) // who appends must not write into what others see
			return look(l)
		}
		if form == nil {
			out, _ = make().(V)
			return
		}
		out, _ = e.views.of(formed{form, q.Offset, q.Limit}, make).(V)
	}
	_, err := serve(ctx, r, a)
	return out, err
}
