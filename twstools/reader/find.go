package reader

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

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
	if found, err := f.otherCase(ctx, e, kind); err == nil && found.Len() > 0 {
		return found, nil
	}
	if e.Type == twstools.EntityName && kind != "" && kind != "job" {
		// "the stream of PAY_LOAD", "the prompt of PAY_LOAD": what belongs to an object is asked by its name
		if found, err := f.byName(ctx, strings.TrimSpace(target), ""); err == nil && found.Len() > 0 {
			return found, nil
		}
	}
	if e.Type == twstools.EntityJobNumber {
		return Found{}, fault.New(fault.NotFound, "No job in the plan has the number %s.", target).WithHint("Job numbers recur and leave with their run; use WORKSTATION#STREAM.JOB.")
	}
	return f.nearest(ctx, target, e, kind, hint)
}

// StreamIDs gives the 16-character ids of the jobs' job streams, by the streams' refs: one read for all. What cannot be read is left out.
func (f *Finder) StreamIDs(ctx context.Context, jobs []twstools.Job) map[twstools.Ref]string {
	out := map[twstools.Ref]string{}
	var ids []query.Value
	for _, j := range jobs {
		if _, seen := out[j.StreamRef]; !seen && !j.StreamRef.IsZero() && j.JobStreamID == "" {
			out[j.StreamRef] = ""
			ids = append(ids, j.StreamRef.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	page, err := f.engine.JobStreams(ctx, twstools.ListQuery{Where: query.AnyOf("id", ids...), Limit: len(ids)})
	if err != nil {
		return nil // the stream's own id stands in
	}
	for _, s := range page.Items {
		out[s.Ref] = s.InternalID
	}
	return out
}

// ofStream keeps the jobs of the typed 16-character id. Lists of jobs do not carry it, so it is looked up in the job streams; where
// none shows it, the schedule time decides.
func (f *Finder) ofStream(ctx context.Context, e twstools.Entity, jobs []twstools.Job) []twstools.Job {
	if e.JobStreamID == "" || len(jobs) == 0 {
		return jobs
	}
	ids := f.StreamIDs(ctx, jobs)
	var same, open []twstools.Job
	for _, j := range jobs {
		switch id := cmp.Or(j.JobStreamID, ids[j.StreamRef]); {
		case strings.EqualFold(id, e.JobStreamID) || j.StreamRef.ID == e.JobStreamID:
			same = append(same, j)
		case id == "" && (e.Sched.IsZero() || j.SchedTime.IsZero() || sameMinute(j.SchedTime, e.Sched)):
			open = append(open, j)
		}
	}
	if len(same) > 0 {
		return same
	}
	return open
}

func (f *Finder) exact(ctx context.Context, e twstools.Entity, kind string) (Found, error) {
	switch e.Type {
	case twstools.EntityJobNumber:
		return f.jobs(ctx, "job_number", query.Is("jobruns.jobNumber", e.JobNumber), func(j twstools.Job) bool { return hasRun(j, e) })
	case twstools.EntityJob:
		found, err := f.jobs(ctx, "entity", query.And{anyCase("name", e.Job), streamTerm("jobStreamName", e)}, func(j twstools.Job) bool { return fitsJob(j, e) })
		found.Jobs = f.ofStream(ctx, e, found.Jobs)
		return found, err
	case twstools.EntityJobStream:
		found, err := f.streams(ctx, "entity", streamTerm("name", e), func(s twstools.JobStream) bool { return fitsStream(s, e) })
		if err != nil || found.Len() > 0 || e.Stream == "" {
			return found, err
		}
		// WS#NAME is also how people write a job by its workstation
		return f.jobs(ctx, "entity", anyCase("name", e.Stream), func(j twstools.Job) bool {
			return e.Workstation == "" || sameName(j.Workstation, e.Workstation) || sameName(j.StreamWorkstation, e.Workstation)
		})
	case twstools.EntityFile:
		if named, ok := inFolder(e); ok {
			return f.exact(ctx, named, kind)
		}
	case twstools.EntityWorkstation:
		return f.byName(ctx, e.Workstation, "workstation")
	case twstools.EntityName:
		return f.byName(ctx, e.Name, kind)
	}
	return Found{}, nil
}

// otherCase looks through the name index for the typed name whatever the case of its letters: engines mind case, people do not.
func (f *Finder) otherCase(ctx context.Context, e twstools.Entity, kind string) (Found, error) {
	if named, ok := inFolder(e); ok && e.Type == twstools.EntityFile {
		e = named
	}
	name := e.Type == twstools.EntityName
	if !name && e.Type != twstools.EntityJob && e.Type != twstools.EntityJobStream {
		return Found{}, nil
	}
	idx, err := f.names(ctx)
	if err != nil {
		return Found{}, err
	}
	found := idx.otherCase(e, kind)
	found.Jobs = f.ofStream(ctx, e, found.Jobs)
	return f.refresh(ctx, found)
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

// anyCase matches a name as typed, in capitals, since the plan's names are capitals as a rule and OQL minds case, and in small letters;
// wildcards become LIKE.
func anyCase(field, name string) query.Expr {
	upper := strings.ToUpper(name)
	if strings.ContainsAny(name, "@?") {
		return query.Matches(field, upper)
	}
	values := []query.Value{name}
	for _, v := range []string{upper, strings.ToLower(name)} {
		if !slices.Contains(values, query.Value(v)) {
			values = append(values, v)
		}
	}
	if len(values) == 1 {
		return query.Is(field, name)
	}
	return query.AnyOf(field, values...)
}

// nearest answers for a name that nothing bears: the one it is a slip of, where only one is near, else the nearest names, none of them assumed.
func (f *Finder) nearest(ctx context.Context, target string, e twstools.Entity, kind, hint string) (Found, error) {
	idx, err := f.names(ctx)
	if err != nil {
		return Found{}, err
	}
	if e.Type == twstools.EntityName && !looksLikeName(target) && idx.holds(target) {
		if found := idx.search(target, kind, hint); found.Len() > 0 {
			return f.refresh(ctx, found)
		}
	}
	if found := idx.slipOfAny(e, kind, hint); found.Len() > 0 {
		return f.refresh(ctx, found)
	}
	if e.Type == twstools.EntityName && !looksLikeName(target) {
		if found := idx.search(target, kind, hint); found.Len() > 0 {
			return f.refresh(ctx, found)
		}
	}
	miss := fault.New(fault.NotFound, "Nothing in the plan is called %s.", strings.TrimSpace(target)).
		WithHint("The plan holds what this account may list; ask with WORKSTATION#STREAM.JOB, or with words of its description.")
	return Found{}, unfinished(idx, miss).WithCandidates(idx.near(e, f.zone(ctx))...)
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
	if n := len(strings.Fields(text)); n == 2 || n == 3 { // "pay load" for PAY_LOAD
		if found := idx.slip(twstools.Entity{Type: twstools.EntityName, Name: text}, kind, ""); found.Len() > 0 {
			return f.refresh(ctx, found)
		}
	}
	f.describe(ctx, idx)
	found := idx.search(text, kind, hint)
	if found.Len() == 0 {
		found = idx.lone(text, kind, hint)
	}
	if found.Len() == 0 {
		miss := fault.New(fault.NotFound, "Nothing in the plan fits “%s”.", strings.TrimSpace(text)).WithHint("Use the name, or other words of its description.")
		return Found{}, unfinished(idx, miss).WithCandidates(idx.likely(text, hint, f.zone(ctx))...)
	}
	return f.refresh(ctx, found)
}

// unfinished says of an index that is still being read, or was cut, that it has not looked through the whole plan.
func unfinished(idx *index, miss *fault.Error) *fault.Error {
	rows, complete := idx.size()
	if complete {
		return miss
	}
	return miss.WithHint("Only the first %d names of this large plan were looked through so far; an exact WORKSTATION#STREAM.JOB is found at once, words a little later.", rows)
}

// refresh reads what was found in the index, which keeps names only. An object that cannot be read now is given with its name alone: what is
// diagnosed is read whole again anyway.
func (f *Finder) refresh(ctx context.Context, found Found) (Found, error) {
	var err error
	if found.Jobs, err = reread(ctx, found.Jobs, f.engine.Jobs, func(j *twstools.Job) string { return j.Ref.ID }); err == nil {
		found.Streams, err = reread(ctx, found.Streams, f.engine.JobStreams, func(s *twstools.JobStream) string { return s.Ref.ID })
	}
	return found, err
}

// maxReread bounds the objects that are read again by id.
const maxReread = 100

func reread[T any](ctx context.Context, items []T, list func(context.Context, twstools.ListQuery) (twstools.List[T], error), id func(*T) string) ([]T, error) {
	if len(items) == 0 {
		return items, nil
	}
	ids := make([]query.Value, 0, len(items))
	for i := range items[:min(maxReread, len(items))] { // nobody looks at more, and a request has its length
		ids = append(ids, id(&items[i]))
	}
	page, err := list(ctx, twstools.ListQuery{Where: query.AnyOf("id", ids...), Limit: len(ids)})
	if err != nil {
		if ctx.Err() != nil {
			return items, errors.Join(ctx.Err(), err)
		}
		return items, nil
	}
	fresh := map[string]T{}
	for i := range page.Items {
		fresh[id(&page.Items[i])] = page.Items[i]
	}
	for i := range items {
		if now, ok := fresh[id(&items[i])]; ok {
			items[i] = now
		}
	}
	return items, nil
}
