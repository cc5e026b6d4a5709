package reader

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// Find looks for what a person typed: an operator's form, a job number, a bare name, or words. kind narrows it to one type of object
// ("job", "job_stream", "workstation", "resource", "prompt"; empty for any). Nothing fits: fault.NotFound with the nearest names.
// hint may hold further words of the question; they help where the target is words and fits several objects.
// An engine that cannot be read: its own coded error.
func (f *Finder) Find(ctx context.Context, target, kind, hint string) (Found, error) {
	e, err := twstools.ParseEntity(target, f.zone(ctx))
	if err != nil {
		return f.byWords(ctx, target, kind, hint)
	}
	found, err := f.exact(ctx, e, kind)
	if err != nil {
		return Found{}, err
	}
	if found.Len() > 0 {
		return found, nil
	}
	if e.Type == twstools.EntityJob && e.Workstation == "" {
		// a dot may belong to the name
		if found, err := f.byName(ctx, strings.TrimSpace(target), kind); err == nil && found.Len() > 0 {
			return found, nil
		}
	}
	if e.Type == twstools.EntityJobNumber {
		return Found{}, fault.New(fault.NotFound, "No job in the plan has the number %s.", target).WithHint("Job numbers recur and leave with their run; use WORKSTATION#STREAM.JOB.")
	}
	return f.nearest(ctx, target, e, kind, hint)
}

func (f *Finder) exact(ctx context.Context, e twstools.Entity, kind string) (Found, error) {
	switch e.Type {
	case twstools.EntityJobNumber:
		return f.jobs(ctx, "job_number", query.Is("jobruns.jobNumber", e.JobNumber), func(j twstools.Job) bool { return hasRun(j, e) })
	case twstools.EntityJob:
		return f.jobs(ctx, "entity", query.And{anyCase("name", e.Job), streamTerm("jobStreamName", e)}, func(j twstools.Job) bool { return fitsJob(j, e) })
	case twstools.EntityJobStream:
		found, err := f.streams(ctx, "entity", streamTerm("name", e), func(s twstools.JobStream) bool { return fitsStream(s, e) })
		if err != nil || found.Len() > 0 || e.Stream == "" {
			return found, err
		}
		// WS#NAME is also how people write a job by its workstation
		return f.jobs(ctx, "entity", anyCase("name", e.Stream), func(j twstools.Job) bool {
			return e.Workstation == "" || sameName(j.Workstation, e.Workstation) || sameName(j.StreamWorkstation, e.Workstation)
		})
	case twstools.EntityWorkstation:
		return f.byName(ctx, e.Workstation, "workstation")
	case twstools.EntityName:
		return f.byName(ctx, e.Name, kind)
	}
	return Found{}, nil
}

func streamTerm(field string, e twstools.Entity) query.Expr {
	if e.Stream == "" {
		return query.And{}
	}
	return anyCase(field, e.Stream)
}

// byName looks for a bare name among the kinds that were asked for, jobs and job streams first.
func (f *Finder) byName(ctx context.Context, name, kind string) (Found, error) {
	out := Found{By: "name"}
	var first error
	note := func(err error) {
		if err == nil {
			return
		}
		if first == nil {
			first = err
		}
		if !fault.Is(err, fault.Unsupported) {
			out.Missing = append(out.Missing, err)
		}
	}
	where := anyCase("name", name)
	if kind == "" || kind == "job" {
		found, err := f.jobs(ctx, "name", where, func(j twstools.Job) bool { return matches(j.Name, name) })
		note(err)
		out.Jobs = found.Jobs
	}
	if kind == "" || kind == "job_stream" {
		found, err := f.streams(ctx, "name", where, func(s twstools.JobStream) bool { return matches(s.Name, name) || matches(s.Alias, name) })
		note(err)
		out.Streams = found.Streams
	}
	if kind == "workstation" || kind == "" && out.Len() == 0 {
		page, err := f.engine.Workstations(ctx, twstools.ListQuery{Limit: 10000})
		note(err)
		for _, w := range page.Items {
			if matches(w.Name, name) || strings.HasSuffix(strings.ToUpper(w.Name), "/"+strings.ToUpper(name)) {
				out.Workstations = append(out.Workstations, w)
			}
		}
	}
	if kind == "resource" || kind == "" && out.Len() == 0 {
		page, err := f.engine.Resources(ctx, twstools.ListQuery{Where: where, Limit: 100})
		note(err)
		out.Resources = page.Items
	}
	if kind == "prompt" || kind == "" && out.Len() == 0 {
		page, err := f.engine.Prompts(ctx, twstools.ListQuery{Where: where, Limit: 100})
		note(err)
		out.Prompts = page.Items
	}
	if out.Len() == 0 && first != nil && !fault.Is(first, fault.Unsupported) {
		return out, first
	}
	return out, nil
}

func (f *Finder) jobs(ctx context.Context, by string, where query.Expr, keep func(twstools.Job) bool) (Found, error) {
	page, err := f.engine.Jobs(ctx, twstools.ListQuery{Where: where, Limit: 200})
	if err != nil {
		return Found{}, err
	}
	out := Found{By: by}
	for _, j := range page.Items {
		if keep(j) {
			out.Jobs = append(out.Jobs, j)
		}
	}
	return out, nil
}

func (f *Finder) streams(ctx context.Context, by string, where query.Expr, keep func(twstools.JobStream) bool) (Found, error) {
	page, err := f.engine.JobStreams(ctx, twstools.ListQuery{Where: where, Limit: 200})
	if err != nil {
		return Found{}, err
	}
	out := Found{By: by}
	for _, s := range page.Items {
		if keep(s) {
			out.Streams = append(out.Streams, s)
		}
	}
	return out, nil
}

// anyCase matches a name as typed and in capitals, since the plan's names are capitals as a rule and OQL minds case; wildcards
// become LIKE.
func anyCase(field, name string) query.Expr {
	upper := strings.ToUpper(name)
	if strings.ContainsAny(name, "@?") {
		return query.Matches(field, upper)
	}
	if upper == name {
		return query.Is(field, name)
	}
	return query.AnyOf(field, name, upper)
}

func matches(have, want string) bool {
	if strings.ContainsAny(want, "@?") {
		return true // the filter judged it
	}
	return strings.EqualFold(have, want)
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimPrefix(a, "/"), strings.TrimPrefix(b, "/"))
}

func hasRun(j twstools.Job, e twstools.Entity) bool {
	for _, r := range j.Runs {
		if r.JobNumber == e.JobNumber && (e.Workstation == "" || sameName(r.ActualWorkstation, e.Workstation) || sameName(j.Workstation, e.Workstation)) {
			return true
		}
	}
	return false
}

// fitsJob tells whether the typed form means this job. The workstation before # is the stream's; a job's own is accepted. The
// schedule time is compared when written, yet it is not stable on a real engine, so a stream id decides where there is one.
func fitsJob(j twstools.Job, e twstools.Entity) bool {
	if !matches(j.Name, e.Job) || e.Stream != "" && !matches(j.Stream, e.Stream) {
		return false
	}
	if e.Workstation != "" && !sameName(j.StreamWorkstation, e.Workstation) && !sameName(j.Workstation, e.Workstation) {
		return false
	}
	if e.JobStreamID != "" && (j.JobStreamID != "" || j.StreamRef.ID == e.JobStreamID) {
		return strings.EqualFold(j.JobStreamID, e.JobStreamID) || j.StreamRef.ID == e.JobStreamID
	}
	return e.Sched.IsZero() || j.SchedTime.IsZero() || sameMinute(j.SchedTime, e.Sched)
}

func fitsStream(s twstools.JobStream, e twstools.Entity) bool {
	if e.Stream != "" && !matches(s.Name, e.Stream) {
		return false
	}
	if e.Workstation != "" && !sameName(s.Workstation, e.Workstation) {
		return false
	}
	if e.JobStreamID != "" {
		return strings.EqualFold(s.InternalID, e.JobStreamID)
	}
	return e.Sched.IsZero() || s.SchedTime.IsZero() || sameMinute(s.SchedTime, e.Sched)
}

func sameMinute(a, b time.Time) bool { return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) }

// nearest answers for a name that nothing bears: the nearest names, never one of them assumed.
func (f *Finder) nearest(ctx context.Context, target string, e twstools.Entity, kind, hint string) (Found, error) {
	idx, err := f.names(ctx)
	if err != nil {
		return Found{}, err
	}
	if e.Type == twstools.EntityName && !looksLikeName(target) {
		if found := idx.search(target, kind, hint); found.Len() > 0 {
			return found, nil
		}
	}
	miss := fault.New(fault.NotFound, "Nothing in the plan is called %s.", strings.TrimSpace(target)).
		WithHint("The plan holds what this account may list; ask with WORKSTATION#STREAM.JOB, or with words of its description.")
	return Found{}, miss.WithCandidates(idx.near(e, f.zone(ctx))...)
}

// looksLikeName tells an identifier from a plain word: digits, capitals, underscores, separators.
func looksLikeName(s string) bool {
	s = strings.TrimSpace(s)
	return strings.ContainsAny(s, "_#.0123456789@/") || s == strings.ToUpper(s)
}

// byWords looks for objects by what their names and descriptions say.
func (f *Finder) byWords(ctx context.Context, text, kind, hint string) (Found, error) {
	idx, err := f.names(ctx)
	if err != nil {
		return Found{}, err
	}
	found := idx.search(text, kind, hint)
	if found.Len() == 0 {
		return Found{}, fault.New(fault.NotFound, "Nothing in the plan fits “%s”.", strings.TrimSpace(text)).
			WithHint("Use the name, or other words of its description.").WithCandidates(idx.likely(text, hint, f.zone(ctx))...)
	}
	return f.refresh(ctx, found)
}

// refresh reads the found jobs again: the index may be a minute old, and its statuses with it.
func (f *Finder) refresh(ctx context.Context, found Found) (Found, error) {
	if len(found.Jobs) == 0 {
		return found, nil
	}
	ids := make([]query.Value, 0, len(found.Jobs))
	for _, j := range found.Jobs {
		ids = append(ids, j.Ref.ID)
	}
	page, err := f.engine.Jobs(ctx, twstools.ListQuery{Where: query.AnyOf("id", ids...), Limit: len(ids)})
	if err != nil {
		if ctx.Err() != nil {
			return found, errors.Join(ctx.Err(), err)
		}
		return found, nil // a minute-old status beats none; what is diagnosed is read whole again anyway
	}
	fresh := map[string]twstools.Job{}
	for _, j := range page.Items {
		fresh[j.Ref.ID] = j
	}
	for i, j := range found.Jobs {
		if now, ok := fresh[j.Ref.ID]; ok {
			found.Jobs[i] = now
		}
	}
	return found, nil
}
